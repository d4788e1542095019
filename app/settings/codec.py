"""Documents and settings: the only door between files and the typed model."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import msgspec

from app.decoding import describe
from app.settings import (
    older_drives,  # noqa: F401 (registers the storage of older files)
    shapes,  # noqa: F401 (registers the special places)
)
from app.settings.declare import NEWEST_MINOR
from app.settings.document import Document
from app.settings.errors import SettingsError, SettingsErrorCode
from app.settings.reader import Reader
from app.settings.writer import Writer

T = TypeVar("T", bound=msgspec.Struct)


class Encoded(NamedTuple):
    """A document that says what the settings say.

    Attributes:
        document: the edited copy, or the unchanged document itself.
        changed: whether anything had to be edited.
        raised: whether the version of the format had to be raised.
    """

    document: Document
    changed: bool
    raised: bool


def decode(document: Document, cls: type[T], kind: str) -> T:
    """Read the settings of a document.

    Args:
        document: the document.
        cls: structure of the content.
        kind: name of the content's element: ``Machine`` or ``Global``.

    Raises:
        SettingsError: a value cannot be understood or a required one is missing.
    """
    reader = Reader(document.path, min(document.version.minor, NEWEST_MINOR))
    return reader.struct(cls, document.content(kind))


def encode(document: Document, settings: msgspec.Struct, kind: str, *, new: bool) -> Encoded:
    """Make a document say what settings say, raising its version only when needed.

    Raises:
        SettingsError: a value cannot be stored.
    """
    found = document.version.minor
    minor = found
    while True:
        copy = document.copy()
        writer = Writer(copy, min(minor, NEWEST_MINOR))
        writer.was_minor = min(found, NEWEST_MINOR)
        writer.root(copy.content(kind), settings, created=new)
        if writer.required <= minor:
            break
        minor = writer.required
    if minor > found:
        copy.set_version(minor)
    return Encoded(copy if writer.edits else document, writer.edits > 0, minor > found)


def validated(settings: T) -> T:
    """Check the ranges that the declarations give and return a copy of the settings.

    Raises:
        SettingsError: a value is out of its range or of the wrong type.
    """
    describe(type(settings))
    try:
        return msgspec.convert(msgspec.to_builtins(settings), type(settings), strict=True)
    except msgspec.ValidationError as error:
        code = SettingsErrorCode.INVALID_ARGUMENT
        raise SettingsError(code, f"the settings are not valid: {error}") from error
