"""A machine's settings file and the machine folder around it."""

from __future__ import annotations

import os

from app.settings import files
from app.settings.codec import decode, encode, validated
from app.settings.document import Document
from app.settings.errors import SettingsError, SettingsErrorCode
from app.settings.model import MachineSettings
from app.settings.ownmodels import as_files_have_it, as_we_know_it
from app.settings.paths import relative_location, resolve_location

KIND = "Machine"


class MachineFile:
    """The file ``NAME.vbox``.

    Attributes:
        path: absolute path of the file.
        settings: what the file holds; change it and call :meth:`save`.
        warnings: sentences that the user should see, for example that a damaged file was
            replaced by the copy of the save before.
        signature: signature of the file as it was read or saved here last.
    """

    def __init__(
        self,
        path: str,
        document: Document,
        settings: MachineSettings,
        warnings: list[str],
        signature: files.Signature | None,
    ) -> None:
        self.path = path
        self.settings = settings
        self.warnings = warnings
        self._document = document
        self._stored = not warnings
        self.signature = signature

    @classmethod
    def create(cls, path: str, settings: MachineSettings) -> MachineFile:
        """Write a new machine file; its folder is created when it is missing.

        Args:
            path: the file to write, normally from :func:`app.settings.paths.machine_path`.
            settings: settings of the new machine.

        Raises:
            SettingsError: the file exists, the settings are not valid, or the host refused.
        """
        path = os.path.abspath(path)
        if os.path.lexists(path):
            raise SettingsError(
                SettingsErrorCode.OBJECT_IN_USE, f"{path} exists already", path=path
            )
        document = Document.new(path, KIND)
        stored = as_files_have_it(validated(settings))
        content = encode(document, stored, KIND, new=True).document.serialize()
        folder = os.path.dirname(path)
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        except OSError as error:
            code = SettingsErrorCode.FILE_ERROR
            sentence = f"folder {folder} cannot be created: {error.strerror}"
            raise SettingsError(code, sentence, path=folder) from error
        signature = files.store(path, content)
        return cls(path, Document.parse(path, content), settings, [], signature)

    @classmethod
    def load(cls, path: str) -> MachineFile:
        """Read a machine file, or the copy of the save before when the file is damaged.

        Raises:
            SettingsError: there is no usable file, or a value in it cannot be understood.
        """
        path = os.path.abspath(path)
        # Taken first: what is written while we read must count as a change.
        signature = files.signature(path)
        document, warnings = load_document(path, KIND)
        settings = as_we_know_it(decode(document, MachineSettings, KIND))
        return cls(path, document, settings, warnings, signature)

    @property
    def folder(self) -> str:
        """The machine folder."""
        return os.path.dirname(self.path)

    @property
    def version(self) -> str:
        """Version of the file format, for example ``1.12-linux``."""
        return str(self._document.version)

    def resolve(self, location: str) -> str:
        """Return the absolute path of a location in the settings."""
        return resolve_location(self.folder, location)

    def locate(self, path: str) -> str:
        """Return a path as settings hold it: relative when it is inside the machine folder."""
        return relative_location(self.folder, path)

    def changed_on_disk(self) -> bool:
        """Tell whether somebody else wrote the file since it was read or saved here."""
        return files.signature(self.path) != self.signature

    def save(self) -> bool:
        """Write the settings when they differ from what the file says.

        A version is raised only when a setting needs it; the old file is then kept beside it as
        ``NAME-1.NN-platform.vbox``.

        Returns:
            Whether the file was written.

        Raises:
            SettingsError: the settings are not valid or the host refused; the file is as it was.
        """
        stored = as_files_have_it(validated(self.settings))
        encoded = encode(self._document, stored, KIND, new=False)
        if not encoded.changed and self._stored:
            return False
        self.signature = save_document(
            self.path, self._document, encoded.document, raised=encoded.raised
        )
        self._document = Document.parse(self.path, encoded.document.serialize())
        self._stored = True
        return True


def load_document(path: str, kind: str) -> tuple[Document, list[str]]:
    """Read a settings file, falling back to the copy of the save before.

    Returns:
        The document and warnings for the user.

    Raises:
        SettingsError: neither of the two can be used; it tells about the first.
    """
    try:
        return _parse(path, path, kind), []
    except SettingsError as caught:
        error = caught
        missing = not os.path.lexists(path)
        if not missing and error.code is not SettingsErrorCode.XML_ERROR:
            raise
        previous = files.previous_path(path)
        if not os.path.exists(previous):
            if missing:
                code = SettingsErrorCode.OBJECT_NOT_FOUND
                raise SettingsError(code, f"{path} does not exist", path=path) from error
            raise
        try:
            document = _parse(path, previous, kind)
        except SettingsError:
            raise error from None
    reason = "it is missing" if missing else str(error)
    return document, [f"The settings file could not be used ({reason}); {previous} is used."]


def save_document(
    path: str, old: Document, new: Document, *, raised: bool
) -> files.Signature:
    """Store a document; a file whose version was raised is kept under its version's name."""
    if raised:
        stem, extension = os.path.splitext(path)
        files.keep_copy(path, f"{stem}-{old.version}{extension}", old.original)
    return files.store(path, new.serialize())


def _parse(path: str, source: str, kind: str) -> Document:
    document = Document.parse(source, files.read(source))
    document.content(kind)
    document.path = path
    return document
