"""The copy of a machine's settings that the dialog edits."""

import copy
from typing import Any, Final

import msgspec
from PySide6.QtCore import QObject, Signal

from app.manager.settings_dialog import setting_path
from app.settings.changes import Change, changes
from app.settings.model import MachineSettings

# What only the service changes: it differs after every start of the machine.
_STATE: Final = (
    "aborted",
    "last_state_change",
    "state_file",
    "current_snapshot",
    "current_state_modified",
    "snapshots",
)


class Draft(QObject):
    """Settings as they were fetched, and as they are edited.

    Signals:
        loaded(): other settings are edited from now on.
        edited(str): the setting of this path has another value.
    """

    loaded = Signal()
    edited = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._base: MachineSettings | None = None
        self._settings: MachineSettings | None = None

    @property
    def is_loaded(self) -> bool:
        """True as soon as there is something to edit."""
        return self._settings is not None

    @property
    def base(self) -> MachineSettings:
        """The settings as they were fetched; changing them is an error."""
        if self._base is None:
            raise LookupError("No settings have been loaded.")
        return self._base

    @property
    def settings(self) -> MachineSettings:
        """The edited settings; whoever changes them calls :meth:`touch`."""
        if self._settings is None:
            raise LookupError("No settings have been loaded.")
        return self._settings

    @property
    def is_modified(self) -> bool:
        """True when there is something to save."""
        return self._settings != self._base

    def load(self, settings: MachineSettings) -> None:
        """Edit a copy of SETTINGS; edits that were not saved are dropped."""
        self._base = settings
        self._settings = copy.deepcopy(settings)
        self.loaded.emit()

    def get(self, path: str) -> Any:
        """Return the edited value of the setting PATH."""
        return setting_path.read(self.settings, path)

    def set(self, path: str, value: Any) -> None:
        """Give the setting PATH another value."""
        setting_path.write(self.settings, path, copy.deepcopy(value))
        setting_path.forget_usual_items(self.settings, self.base, path)
        self.touch(path)

    def touch(self, path: str) -> None:
        """Tell that the setting PATH was changed in place."""
        self.edited.emit(path)

    def original(self, path: str) -> Any:
        """Return the value of the setting PATH as it was fetched."""
        return setting_path.read(self.base, path)

    def is_changed(self, path: str) -> bool:
        """Tell whether the setting PATH was edited."""
        return bool(self.get(path) != self.original(path))

    def revert(self, path: str) -> None:
        """Give the setting PATH the value back that was fetched."""
        self.set(path, self.original(path))

    def cold_changes(self) -> list[Change]:
        """Return the edits that only a machine that does not run can follow."""
        found = [change for change in changes(self.base, self.settings) if not change.hot]
        # Registering a medium changes nothing for the guest; putting it into a drive does.
        return [change for change in found if not change.path.startswith("media.")]

    def differs(self, settings: MachineSettings) -> bool:
        """Tell whether SETTINGS are other ones than those that were fetched.

        What only the service changes does not count, and is taken over.
        """
        truth = {name: getattr(settings, name) for name in _STATE}
        if self._base is not None and self._settings is not None:
            self._base = msgspec.structs.replace(self._base, **truth)
            self._settings = msgspec.structs.replace(self._settings, **copy.deepcopy(truth))
        return settings != self._base
