"""Shortcuts that people have changed, as VirtualBox stores them.

``GUI/Input/SelectorShortcuts`` (manager) and ``GUI/Input/MachineShortcuts`` (VM window) list the
actions whose shortcut differs from the built-in one: ``Pause=P,Reset=None``. A sequence is written
as Qt's portable text, ``None`` takes the shortcut away. In the VM window the sequence is what is
pressed together with the host key.
"""

from collections.abc import Mapping
from typing import Final

NO_SHORTCUT: Final = "None"


def parse_shortcuts(text: str) -> dict[str, str]:
    """Return portable key sequences by action name; an empty sequence for ``None``.

    Entries that are not ``name=sequence`` are skipped. A comma that is the key itself
    (``Ctrl+,``) is told from one that separates by the missing name behind it.
    """
    found: dict[str, str] = {}
    last = ""
    for entry in text.split(","):
        name, equals, sequence = entry.partition("=")
        if name and equals:
            found[name] = "" if sequence.lower() == NO_SHORTCUT.lower() else sequence
            last = name
        elif not entry and last and (not found[last] or found[last].endswith("+")):
            found[last] += ","
    return found


def format_shortcuts(shortcuts: Mapping[str, str]) -> str:
    """Return the text that :func:`parse_shortcuts` reads, in the order of the names."""
    return ",".join(f"{name}={shortcuts[name] or NO_SHORTCUT}" for name in sorted(shortcuts))
