"""The settings file of the installation: saved without losing what other programs changed in it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from app.api.errors import ApiError, ErrorCode
from app.service.errors import from_settings_error
from app.service.merging import merge
from app.settings.errors import SettingsError
from app.settings.files import signature
from app.settings.global_file import GlobalFile

if TYPE_CHECKING:
    from app.settings.files import Signature
    from app.settings.installation import GlobalSettings

_logger = logging.getLogger(__name__)


class InstallationStore:
    """``VirtualBox.xml`` in memory and on disk; guarded by ``Registry.lock``.

    Attributes:
        path: The file.
        seen: Signature of the file as it was known last.
    """

    _file: GlobalFile

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: Signature | None = None

    def open(self) -> None:
        """Read the file, or write one when there is none.

        Raises:
            ApiError: It cannot be used; nothing was written.
        """
        try:
            self._take(GlobalFile.load(str(self.path)))
            if not self.path.exists():
                self._file.save()
                self.seen = self._file.signature
        except SettingsError as error:
            raise from_settings_error(error, "virtualbox") from error

    @property
    def settings(self) -> GlobalSettings:
        """The settings; not to be changed by the caller."""
        return self._file.settings

    @property
    def machine_folder(self) -> str:
        """Folder for new machines."""
        return self._file.machine_folder

    def changed_on_disk(self) -> bool:
        """Whether another program changed, removed or brought back the file."""
        return signature(str(self.path)) != self.seen

    def reload(self) -> None:
        """Take over what another program wrote; what is no use is logged and left alone."""
        found = signature(str(self.path))
        try:
            file = GlobalFile.load(str(self.path))
        except SettingsError as error:
            self._ignore(found, str(error))
            return
        if file.warnings or found is None:
            # The copy of the save before, or nothing at all: what is in memory is newer.
            self._ignore(found, "; ".join(file.warnings) or "it is gone")
            return
        self._take(file)

    def save(self, settings: GlobalSettings, base: GlobalSettings) -> None:
        """Write the file.

        Args:
            settings: What is to be stored.
            base: The settings of which they are a changed copy.

        Raises:
            ApiError: Nothing was written; tells why. ``VBOX_E_INVALID_OBJECT_STATE``: another
                program changed the same settings.
        """
        before = self._file.settings
        if base is not before:
            settings, conflicts = merge(base, before, settings)
            if conflicts:
                raise ApiError(
                    ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
                    f"Another program changed '{self.path}' meanwhile, and in it the same as you: "
                    f"{', '.join(conflicts)}. Nothing was saved; look at its changes and try "
                    "again.",
                    "virtualbox",
                )
        self._file.settings = settings
        try:
            self._file.save()
        except SettingsError as error:
            self._file.settings = before
            raise from_settings_error(error, "virtualbox") from error
        self.seen = self._file.signature

    def _take(self, file: GlobalFile) -> None:
        for warning in file.warnings:
            _logger.warning("%s", warning)
        self._file = file
        self.seen = file.signature

    def _ignore(self, found: Signature | None, why: str) -> None:
        self.seen = found
        _logger.warning(
            "What another program made of '%s' is ignored (%s). The settings known so far are "
            "used and written with the next change.", self.path, why,
        )  # fmt: skip
