"""Values of options: numbers, switches and choices, with VirtualBox's words for what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from app.cli.errors import UsageError

_T = TypeVar("_T")

ARCHITECTURES: Final = ("x86", "arm")
"""Architectures of machines that VirtualBox has words for."""

_SWITCH = {
    "on": True, "yes": True, "true": True, "1": True, "enable": True, "enabled": True,
    "off": False, "no": False, "false": False, "0": False, "disable": False, "disabled": False,
}  # fmt: skip


def number(name: str, text: str, *, least: int = 0, most: int = 0xFFFFFFFF) -> int:
    """A decimal number, or a hexadecimal one after ``0x``.

    Raises:
        UsageError: It is none, or out of range.
    """
    try:
        value = int(text, 0 if text.lower().startswith("0x") else 10)
    except ValueError:
        raise UsageError(f"Invalid value for '{name}': '{text}' is not a number") from None
    if not least <= value <= most:
        raise UsageError(f"Invalid value for '{name}': {value} is not {least} to {most}")
    return value


def switch(name: str, text: str) -> bool:
    """``on``, ``yes``, ``true``... or their opposites.

    Raises:
        UsageError: It is neither.
    """
    return choice(name, text, _SWITCH)


def choice(name: str, text: str, choices: Mapping[str, _T]) -> _T:
    """What a word stands for, in upper or lower case.

    Raises:
        UsageError: It is none of the words.
    """
    try:
        return choices[text.lower()]
    except KeyError:
        raise UsageError(f"Invalid {name} argument '{text}'") from None


def yes_no(value: bool) -> str:
    """A switch in most lists."""
    return "Yes" if value else "No"


def print_block(pairs: Iterable[tuple[str, object]], width: int) -> None:
    """Print ``Caption: value`` lines; values start in column ``width``."""
    for caption, value in pairs:
        print(f"{caption + ':':{width}}{value}")
