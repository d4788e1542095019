"""The keys of the host key combination, and how settings name them.

``GUI/Input/HostKeyCombination`` lists, separated by commas, what the windowing system calls the
keys: X11 key symbols (``keysymdef.h``) on Linux, virtual key codes on Windows (``winuser.h``) and
macOS (``HIToolbox/Events.h``). ``0`` means that there is no host key. The numbers of the systems do
not overlap, so the settings of another system are understood too.
"""

import sys
from collections.abc import Collection, Mapping
from enum import Enum
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

MOST_KEYS: Final = 3
_NO_KEY: Final = "0"


class ModifierKey(Enum):
    """A modifier key by its place; the value is the key's English name."""

    LEFT_CTRL = str(QT_TRANSLATE_NOOP("HostKeys", "Left Ctrl"))
    RIGHT_CTRL = str(QT_TRANSLATE_NOOP("HostKeys", "Right Ctrl"))
    LEFT_SHIFT = str(QT_TRANSLATE_NOOP("HostKeys", "Left Shift"))
    RIGHT_SHIFT = str(QT_TRANSLATE_NOOP("HostKeys", "Right Shift"))
    LEFT_ALT = str(QT_TRANSLATE_NOOP("HostKeys", "Left Alt"))
    RIGHT_ALT = str(QT_TRANSLATE_NOOP("HostKeys", "Right Alt"))
    LEFT_META = str(QT_TRANSLATE_NOOP("HostKeys", "Left Win"))
    RIGHT_META = str(QT_TRANSLATE_NOOP("HostKeys", "Right Win"))

    @property
    def text(self) -> str:
        """What people call the key, in the language of the user interface."""
        return QCoreApplication.translate("HostKeys", self.value)


_X11: Final[Mapping[int, ModifierKey]] = {
    0xFFE1: ModifierKey.LEFT_SHIFT,
    0xFFE2: ModifierKey.RIGHT_SHIFT,
    0xFFE3: ModifierKey.LEFT_CTRL,
    0xFFE4: ModifierKey.RIGHT_CTRL,
    0xFFE9: ModifierKey.LEFT_ALT,
    0xFFEA: ModifierKey.RIGHT_ALT,
    0xFFEB: ModifierKey.LEFT_META,
    0xFFEC: ModifierKey.RIGHT_META,
    # The same keys under other layouts: ISO_Level3_Shift is AltGr, Meta_L and Meta_R are Alt's.
    0xFE03: ModifierKey.RIGHT_ALT,
    0xFFE7: ModifierKey.LEFT_ALT,
    0xFFE8: ModifierKey.RIGHT_ALT,
}
_WINDOWS: Final[Mapping[int, ModifierKey]] = {
    0x5B: ModifierKey.LEFT_META,
    0x5C: ModifierKey.RIGHT_META,
    0xA0: ModifierKey.LEFT_SHIFT,
    0xA1: ModifierKey.RIGHT_SHIFT,
    0xA2: ModifierKey.LEFT_CTRL,
    0xA3: ModifierKey.RIGHT_CTRL,
    0xA4: ModifierKey.LEFT_ALT,
    0xA5: ModifierKey.RIGHT_ALT,
}
_MACOS: Final[Mapping[int, ModifierKey]] = {
    0x37: ModifierKey.LEFT_META,
    0x36: ModifierKey.RIGHT_META,
    0x38: ModifierKey.LEFT_SHIFT,
    0x3C: ModifierKey.RIGHT_SHIFT,
    0x3A: ModifierKey.LEFT_ALT,
    0x3D: ModifierKey.RIGHT_ALT,
    0x3B: ModifierKey.LEFT_CTRL,
    0x3E: ModifierKey.RIGHT_CTRL,
}
_ALL: Final = {**_X11, **_WINDOWS, **_MACOS}

DEFAULT_HOST_KEYS: Final = frozenset(
    {ModifierKey.LEFT_META if sys.platform == "darwin" else ModifierKey.RIGHT_CTRL}
)


def modifier_of_code(code: int) -> ModifierKey | None:
    """Return the key that the windowing system numbers CODE, or None when it is no modifier."""
    return _ALL.get(code)


def parse_host_keys(text: str) -> frozenset[ModifierKey]:
    """Return the keys of a stored combination; what nobody understands means the default."""
    if not text:
        return DEFAULT_HOST_KEYS
    if text == _NO_KEY:
        return frozenset()
    codes = text.split(",")
    keys = frozenset(
        key for code in codes if code.isdecimal() and (key := _ALL.get(int(code))) is not None
    )
    if len(keys) != len(codes) or len(keys) > MOST_KEYS:
        return DEFAULT_HOST_KEYS
    return keys


def format_host_keys(keys: Collection[ModifierKey], platform: str = sys.platform) -> str:
    """Return KEYS as stored on PLATFORM; empty for the default."""
    if frozenset(keys) == DEFAULT_HOST_KEYS:
        return ""
    table = {"win32": _WINDOWS, "darwin": _MACOS}.get(platform, _X11)
    code_of: dict[ModifierKey, int] = {}
    for code, key in table.items():
        code_of.setdefault(key, code)
    return ",".join(str(code_of[key]) for key in ModifierKey if key in keys) or _NO_KEY


def host_keys_text(keys: Collection[ModifierKey], none: str = "None") -> str:
    """Return what people call the combination, such as ``Right Ctrl``; NONE without keys."""
    return " + ".join(key.text for key in ModifierKey if key in keys) or none
