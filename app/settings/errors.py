"""Errors of the settings: a stable code and one sentence with the data in it."""

from enum import StrEnum


class SettingsErrorCode(StrEnum):
    """Stable codes, named like the result codes of the Main API that they become."""

    FILE_ERROR = "VBOX_E_FILE_ERROR"
    XML_ERROR = "VBOX_E_XML_ERROR"
    NOT_SUPPORTED = "VBOX_E_NOT_SUPPORTED"
    OBJECT_NOT_FOUND = "VBOX_E_OBJECT_NOT_FOUND"
    OBJECT_IN_USE = "VBOX_E_OBJECT_IN_USE"
    INVALID_ARGUMENT = "E_INVALIDARG"


class SettingsError(Exception):
    """Settings that cannot be read, written or accepted.

    Attributes:
        code: stable code for programs.
        path: file concerned, empty when there is none.
        line: line in the file, 0 when unknown.
    """

    def __init__(
        self, code: SettingsErrorCode, sentence: str, *, path: str = "", line: int = 0
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.path = path
        self.line = line


def xml_error(path: str, line: int, fact: str) -> SettingsError:
    """Return the error for a file whose text is not what it should be."""
    where = f"{path}, line {line}" if line else path
    return SettingsError(
        SettingsErrorCode.XML_ERROR, f"{where}: {fact}", path=path, line=line
    )
