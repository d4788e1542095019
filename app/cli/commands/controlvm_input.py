"""Verbs of ``controlvm`` that type."""

from __future__ import annotations

import re
from typing import Final

from app.api.keystrokes import UntypableError, scancodes_of
from app.cli.commands.controlvm_verbs import Control, verb
from app.cli.errors import CommandError, UsageError

_HEX_BYTE: Final = r"(0x)?[0-9a-f]{1,2}$"
_FILE_LIMIT: Final = 1 << 20
_BATCH: Final = 256  # scan codes that are sent at once


@verb("keyboardputscancode", "<hex> [<hex>...]")
def _scancodes(control: Control) -> None:
    if not control.words:
        raise UsageError("Missing argument to 'keyboardputscancode': hex")
    for word in control.words:
        if re.match(_HEX_BYTE, word, re.IGNORECASE) is None:
            raise CommandError(f"'{word}' is not a hex byte")
    _type(control, [int(word, 16) for word in control.words])


@verb("keyboardputstring", "<string> [<string>...]")
def _string(control: Control) -> None:
    if not control.words:
        raise UsageError("Missing argument to 'keyboardputstring': string")
    _type_text(control, "".join(control.words))


@verb("keyboardputfile", "<file>")
def _file(control: Control) -> None:
    (path,) = control.only("file")
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(_FILE_LIMIT + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"Cannot read file '{path}': {error}") from error
    if len(text) > _FILE_LIMIT:
        raise CommandError(f"The file '{path}' is longer than {_FILE_LIMIT} characters.")
    _type_text(control, text)


def _type_text(control: Control, text: str) -> None:
    try:
        codes = scancodes_of(text)
    except UntypableError as error:
        raise CommandError(str(error)) from error
    _type(control, codes)


def _type(control: Control, codes: list[int]) -> None:
    """Send scan codes as fast as the guest takes them."""
    taken = 0
    while taken < len(codes):
        stored = control.console.put_scancodes(codes[taken : taken + _BATCH])
        if not stored:
            raise CommandError(f"Only {taken} scancodes were stored")
        taken += stored
