"""The settings file of one machine: read when it is needed, saved without losing others' edits.

Between two saves other programs may change the file: people with an editor, tools, VirtualBox
itself. Whoever saves therefore looks first whether the file is still the one that was read. If it
is not, both changes are merged; a save that would undo what another program changed is refused.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from app.api.errors import ApiError, ErrorCode
from app.service.errors import from_settings_error
from app.service.merging import merge
from app.settings.errors import SettingsError, SettingsErrorCode
from app.settings.files import signature
from app.settings.machine_file import MachineFile

if TYPE_CHECKING:
    from app.settings.files import Signature
    from app.settings.model import MachineSettings

_logger = logging.getLogger(__name__)


class SettingsStore:
    """Settings of a machine in memory and on disk; guarded by the machine's lock.

    Attributes:
        machine_id: UUID that the file must have.
        path: The settings file.
        error: Why the file cannot be read; empty when it can or nobody has tried yet.
        warning: What people should know about the file, such as that the one before was used.
    """

    def __init__(self, machine_id: str, path: Path) -> None:
        self.machine_id = machine_id
        self.path = path
        self.error = ""
        self.warning = ""
        self._file: MachineFile | None = None
        self._seen: Signature | None = None

    @property
    def settings(self) -> MachineSettings | None:
        """The settings, if they have been read and could be."""
        return self._file.settings if self._file is not None else None

    @property
    def deferred(self) -> bool:
        """Nobody has needed the settings yet."""
        return self._file is None and not self.error

    @property
    def seen(self) -> Signature | None:
        """Signature of the file as it was known last; None: there was none."""
        return self._seen

    def defer(self, known: Signature) -> None:
        """What matters of the file with this signature is known; read it when it is needed."""
        self._seen = known

    def changed_on_disk(self) -> bool:
        """Whether another program changed, removed or brought back the file."""
        return signature(str(self.path)) != self._seen

    def load(self, *, obey: bool = True) -> None:
        """Read the file; when that fails, ``error`` says why.

        Settings that are in memory are not given up for those of an older file.

        Args:
            obey: Somebody wants to know what the file says. Otherwise settings in memory are not
                given up for a damaged file either.
        """
        before = self._file
        self._seen = signature(str(self.path))
        try:
            file = MachineFile.load(str(self.path))
            self._check_owner(file)
        except (SettingsError, ApiError) as error:
            damaged = error.code is SettingsErrorCode.XML_ERROR
            if before is not None and damaged and not obey:
                self._keep([str(error)])
                return
            self._file = None
            self.error = str(error)
            _logger.warning("The machine %s is inaccessible: %s", self.machine_id, error)
            return
        if before is not None and file.warnings and not before.warnings:
            self._keep(file.warnings)
        else:
            self._take(file)

    def adopt(self, file: MachineFile) -> None:
        """Take over a file that was just read or written.

        Raises:
            ApiError: ``VBOX_E_XML_ERROR``: it holds another machine.
        """
        self._check_owner(file)
        self._take(file)

    def save(self, settings: MachineSettings, *, force: bool = False) -> None:
        """Write the file and keep what other programs changed in it meanwhile.

        Args:
            settings: Changed copy of ``settings``.
            force: What another program changed in the same settings does not count.

        Raises:
            ApiError: Nothing was written; tells why. ``VBOX_E_INVALID_OBJECT_STATE``: another
                program changed the same settings.
        """
        file = self._file
        assert file is not None
        if self.changed_on_disk():
            file, settings = self._merged(file, settings, force=force)
        before = file.settings
        file.settings = settings
        try:
            file.save()
        except SettingsError as error:
            file.settings = before
            raise from_settings_error(error, "machine") from error
        self._file = file
        self._seen = file.signature
        self.warning = ""

    def _merged(
        self, file: MachineFile, settings: MachineSettings, *, force: bool
    ) -> tuple[MachineFile, MachineSettings]:
        """What is on disk now, and its settings together with ours."""
        try:
            theirs = MachineFile.load(str(self.path))
        except SettingsError as error:
            _logger.warning("What another program made of '%s' is replaced: %s", self.path, error)
            return file, settings
        if theirs.warnings or theirs.settings.uuid != self.machine_id:
            why = "; ".join(theirs.warnings) or f"it is the machine {theirs.settings.uuid}"
            _logger.warning("What another program made of '%s' is replaced: %s", self.path, why)
            return file, settings
        merged, conflicts = merge(file.settings, theirs.settings, settings)
        if conflicts and not force:
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
                f"Another program changed the settings file '{self.path}' meanwhile, and in it "
                f"the same as you: {', '.join(conflicts)}. Nothing was saved; look at its changes "
                "and try again.",
                "machine",
            )
        _logger.info("Changes of another program to '%s' were kept", self.path)
        return theirs, merged

    def _take(self, file: MachineFile) -> None:
        for warning in file.warnings:
            _logger.warning("%s", warning)
        self.warning = "\n".join(file.warnings)
        self.error = ""
        self._file = file
        self._seen = file.signature

    def _keep(self, warnings: list[str]) -> None:
        """The file became unusable under us; what is in memory is newer than its predecessor."""
        self.warning = (
            f"The settings file '{self.path}' was damaged or removed by another program. The "
            "settings known so far are used and written with the next change."
        )
        _logger.warning("%s (%s)", self.warning, "; ".join(warnings))

    def _check_owner(self, file: MachineFile) -> None:
        found = file.settings.uuid
        if found != self.machine_id:
            raise ApiError(
                ErrorCode.VBOX_E_XML_ERROR,
                f"'{self.path}' holds the machine {found}, not {self.machine_id}.",
                "machine",
            )
