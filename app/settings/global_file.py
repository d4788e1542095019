"""The settings file of the installation (``VirtualBox.xml``)."""

from __future__ import annotations

import os

from app.settings import files
from app.settings.codec import decode, encode, validated
from app.settings.document import Document
from app.settings.errors import SettingsError, SettingsErrorCode
from app.settings.installation import GlobalSettings
from app.settings.machine_file import load_document, save_document
from app.settings.netservices import default_dhcp_server
from app.settings.paths import default_machine_folder

KIND = "Global"


class GlobalFile:
    """The file ``VirtualBox.xml`` of the configuration folder.

    Attributes:
        path: absolute path of the file.
        settings: what the file holds; change it and call :meth:`save`.
        warnings: sentences that the user should see.
        signature: signature of the file as it was read or saved here last.
    """

    def __init__(
        self,
        path: str,
        document: Document,
        settings: GlobalSettings,
        warnings: list[str],
        signature: files.Signature | None,
        *,
        new: bool,
    ) -> None:
        self.path = path
        self.settings = settings
        self.warnings = warnings
        self.signature = signature
        self._document = document
        self._new = new
        self._stored = not new and not warnings

    @classmethod
    def load(cls, path: str) -> GlobalFile:
        """Read the file; when there is none, start with default settings that are not yet saved.

        Raises:
            SettingsError: the file and the copy of the save before are damaged.
        """
        path = os.path.abspath(path)
        # Taken first: what is written while we read must count as a change.
        signature = files.signature(path)
        try:
            document, warnings = load_document(path, KIND)
        except SettingsError as error:
            if error.code is not SettingsErrorCode.OBJECT_NOT_FOUND:
                raise
            document = Document.new(path, KIND)
            settings = GlobalSettings(dhcp_servers=[default_dhcp_server()])
            return cls(path, document, settings, [], signature, new=True)
        settings = decode(document, GlobalSettings, KIND)
        return cls(path, document, settings, warnings, signature, new=False)

    @property
    def machine_folder(self) -> str:
        """Folder for new machines: the one of the settings, else the default one."""
        return self.settings.default_machine_folder or default_machine_folder()

    def changed_on_disk(self) -> bool:
        """Tell whether somebody else wrote the file since it was read or saved here."""
        return files.signature(self.path) != self.signature

    def save(self) -> bool:
        """Write the settings when they differ from what the file says.

        Returns:
            Whether the file was written.

        Raises:
            SettingsError: the settings are not valid or the host refused; the file is as it was.
        """
        encoded = encode(self._document, validated(self.settings), KIND, new=self._new)
        if not encoded.changed and self._stored:
            return False
        folder = os.path.dirname(self.path)
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        except OSError as error:
            code = SettingsErrorCode.FILE_ERROR
            sentence = f"folder {folder} cannot be created: {error.strerror}"
            raise SettingsError(code, sentence, path=folder) from error
        raised = encoded.raised and not self._new
        self.signature = save_document(
            self.path, self._document, encoded.document, raised=raised
        )
        self._document = Document.parse(self.path, encoded.document.serialize())
        self._new = False
        self._stored = True
        return True
