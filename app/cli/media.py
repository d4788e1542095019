"""What the commands about media share: finding a medium, and the words of formats and variants."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from app.api.basics import MediumVariant
from app.api.errors import ApiError, ErrorCode
from app.cli.errors import CommandError, UsageError
from app.settings.devicetype import DeviceType

if TYPE_CHECKING:
    from app.api.structs import MediumInfo
    from app.cli.context import Context
    from app.cli.options import Arguments

KINDS: Final = {
    "disk": DeviceType.HARD_DISK,
    "dvd": DeviceType.DVD,
    "floppy": DeviceType.FLOPPY,
}
"""Words that stand in front of a medium."""

_OTHER_VARIANTS: Final = frozenset({"esx", "formatted", "rawdisk", "diff"})
_VARIANTS: Final = {
    "standard": MediumVariant.STANDARD,
    "default": MediumVariant.STANDARD,
    "fixed": MediumVariant.FIXED,
    "static": MediumVariant.FIXED,
    "split2g": MediumVariant.SPLIT_2G,
    "stream": MediumVariant.STREAM,
}
_TOGETHER: Final = {MediumVariant.FIXED, MediumVariant.SPLIT_2G}
"""Variants that may be combined."""


def take_kind(arguments: Arguments) -> DeviceType | None:
    """The kind of medium that the first word names, which is taken away; None: it names none."""
    if arguments.words and arguments.words[0] in KINDS:
        return KINDS[arguments.words.pop(0)]
    return None


def absolute(path: str) -> str:
    """``path`` as an absolute one: the service has no working folder."""
    return os.path.abspath(path)


def variant_of(text: str) -> MediumVariant:
    """The value of ``--variant``: words with commas between them.

    Raises:
        UsageError: There is no such word.
        CommandError: Images of this variant cannot be created.
    """
    asked: set[MediumVariant] = set()
    for word in text.split(","):
        found = _VARIANTS.get(word.strip().lower())
        if found is None and word.strip().lower() not in _OTHER_VARIANTS:
            raise UsageError(f"Invalid --variant argument '{text}'")
        if found is None:
            raise CommandError(
                f"Images of the variant '{word.strip()}' cannot be created: only Standard, Fixed, "
                "Split2G and Stream can, and floppy images can be Formatted"
            )
        asked.add(found)
    asked.discard(MediumVariant.STANDARD)
    if asked == _TOGETHER:
        return MediumVariant.FIXED_SPLIT_2G
    if len(asked) > 1:
        raise UsageError(f"Invalid --variant argument '{text}'")
    return asked.pop() if asked else MediumVariant.STANDARD


def take_formatted(text: str) -> tuple[str, bool]:
    """The value of ``--variant`` without the word ``Formatted``, and whether it was there."""
    words = text.split(",")
    rest = [word for word in words if word.strip().lower() != "formatted"]
    return ",".join(rest) or "Standard", len(rest) < len(words)


def medium_type_of(text: str) -> str:
    """The value of ``--type`` in the spelling of settings.

    Raises:
        UsageError: There is no such type.
    """
    from app.settings.enums import MediumType

    found = next((each.value for each in MediumType if each.lower() == text.lower()), None)
    if found is None:
        raise UsageError(f"Invalid medium type '{text}'")
    return found


def size_of(arguments: Arguments, megabytes: str, in_bytes: str) -> int | None:
    """A size in bytes, given in megabytes or in bytes; None: neither was given.

    Raises:
        UsageError: It is no number.
    """
    for key, factor in ((in_bytes, 1), (megabytes, 1 << 20)):
        text = arguments.get(key)
        if text is not None:
            try:
                return int(text, 0) * factor
            except ValueError as error:
                raise UsageError(f"Invalid value for option '--{key}': {text}") from error
    return None


def property_of(text: str) -> tuple[str, str]:
    """Name and value of ``--property name=value``.

    Raises:
        UsageError: There is no ``=``.
    """
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"Invalid key value pair: '{text}'")
    return name, value


def find_known(context: Context, text: str, kind: DeviceType | None) -> MediumInfo | None:
    """The known medium with this UUID or path, or None."""
    location = text if is_uuid(text) else absolute(text)
    try:
        return context.client.virtualbox.find_medium(location, kind)
    except ApiError as error:
        if error.code is not ErrorCode.VBOX_E_OBJECT_NOT_FOUND:
            raise
        return None


def find_or_open(context: Context, text: str, kind: DeviceType) -> MediumInfo:
    """The known medium with this UUID or path, or else what is in the file.

    Raises:
        ApiError: There is neither.
    """
    found = find_known(context, text, kind)
    if found is None:
        return context.client.virtualbox.open_medium(absolute(text), kind)
    return found


@contextmanager
def known_meanwhile(context: Context, text: str, kind: DeviceType) -> Iterator[MediumInfo]:
    """A medium that the service knows while the block runs, and afterwards if it did before."""
    found = find_known(context, text, kind)
    if found is not None:
        yield found
        return
    opened = context.client.virtualbox.open_medium(absolute(text), kind, register=True)
    try:
        yield opened
    finally:
        context.client.medium(opened.id).close()


def is_uuid(text: str) -> bool:
    """Whether ``text`` is a UUID, with or without braces."""
    digits = text.strip("{}").replace("-", "")
    return len(digits) == 32 and all(digit in "0123456789abcdefABCDEF" for digit in digits)
