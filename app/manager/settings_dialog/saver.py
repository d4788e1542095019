"""Hands edited settings to the service.

A machine that is off gets everything at once. A running one gets its removable media changed drive
by drive (the guest sees the change at once), then what else may change while it runs.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.api.errors import ApiError
from app.manager.service_link import ServiceLink
from app.manager.settings_dialog.page import MediumChange
from app.settings.model import MachineSettings


class SettingsSaver(QObject):
    """One attempt to save; ends with ``saved`` or ``failed``.

    Signals:
        saved(): all is stored.
        failed(str): why not.
    """

    saved = Signal()
    failed = Signal(str)

    def __init__(self, link: ServiceLink, machine_id: str, parent: QObject) -> None:
        super().__init__(parent)
        self._link = link
        self._id = machine_id
        self._changes: deque[MediumChange] = deque()

    def save(self, settings: MachineSettings) -> None:
        """Store SETTINGS of a machine that is off."""
        self._call("machine.save_settings", {"settings": settings}, self._done)

    def save_live(
        self, changes: Sequence[MediumChange], edit: Callable[[MachineSettings], None]
    ) -> None:
        """Change media of a running machine, then apply EDIT to its settings and store them."""
        self._changes.extend(changes)
        self._next_change(edit)

    def _next_change(self, edit: Callable[[MachineSettings], None]) -> None:
        if not self._changes:
            self._call("machine.get_settings", {}, lambda settings: self._edit(settings, edit))
            return
        change = self._changes.popleft()
        self._call(
            "machine.mount_medium",
            {
                "controller": change.controller,
                "port": change.port,
                "device": change.device,
                "path": change.path,
            },
            lambda _none: self._next_change(edit),
        )

    def _edit(self, settings: MachineSettings, edit: Callable[[MachineSettings], None]) -> None:
        edit(settings)
        self.save(settings)

    def _call(self, method: str, params: dict[str, Any], done: Callable[[Any], None]) -> None:
        self._link.call(self, method, {"id": self._id, **params}, done, self._fail)

    def _done(self, _none: object) -> None:
        self.saved.emit()

    def _fail(self, error: ApiError) -> None:
        self.failed.emit(error.message)
