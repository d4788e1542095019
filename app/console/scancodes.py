"""Turns presses and releases of keys into the bytes that a PC keyboard sends (set 1)."""

from __future__ import annotations

from app.console.pckeys import (
    ALT_KEYS,
    BREAK,
    CTRL_KEYS,
    MAKE_ONLY_KEYS,
    SHIFT_KEYS,
    PcKey,
)

_PRINT_SCREEN_MAKE = b"\xe0\x2a\xe0\x37"
_PRINT_SCREEN_BREAK = b"\xe0\xb7\xe0\xaa"
_SYS_RQ_MAKE = b"\x54"
_PAUSE_MAKE = b"\xe1\x1d\x45\xe1\x9d\xc5"
_CTRL_BREAK_MAKE = b"\xe0\x46\xe0\xc6"


def plain_make(key: PcKey) -> bytes:
    """Return the make code of a key whose code does not depend on the modifiers."""
    code = key.value
    return bytes((code,)) if code <= 0xFF else bytes((code >> 8, code & 0xFF))


def _break_of(make: bytes) -> bytes:
    if make == _PRINT_SCREEN_MAKE:
        return _PRINT_SCREEN_BREAK
    return make[:-1] + bytes((make[-1] | BREAK,))


class KeyboardEncoder:
    """Which keys the guest believes to be down, and the bytes that change it.

    Each method returns the bytes to send, empty when there are none.
    """

    def __init__(self) -> None:
        self._down: dict[PcKey, bytes] = {}

    @property
    def down(self) -> frozenset[PcKey]:
        """Keys that the guest believes to be down."""
        return frozenset(self._down)

    def press(self, key: PcKey, *, repeat: bool = False) -> bytes:
        """A key went down, or repeats; a repeat of a key that is not down is swallowed."""
        if key in MAKE_ONLY_KEYS:
            return b"" if repeat else self._make(key)
        if repeat:
            return self._down.get(key, b"")
        make = self._make(key)
        # A key that goes down twice lost its release on the way: the guest sees a repeat.
        return self._down.setdefault(key, make)

    def release(self, key: PcKey) -> bytes:
        """A key went up; swallowed when the guest never saw it go down."""
        make = self._down.pop(key, None)
        return b"" if make is None else _break_of(make)

    def release_all(self) -> bytes:
        """Let go of everything, the key pressed last first."""
        codes = b"".join(_break_of(make) for make in reversed(self._down.values()))
        self._down.clear()
        return codes

    def _make(self, key: PcKey) -> bytes:
        """Return the make code under the modifiers that are down.

        Print Screen and Pause send other codes with Ctrl, Shift or Alt, which are the only keys
        of the enhanced keyboard whose other codes programs depend on.
        """
        held = self._down.keys()
        if key is PcKey.PRINT_SCREEN:
            if held & ALT_KEYS:
                return _SYS_RQ_MAKE
            return plain_make(key) if held & (CTRL_KEYS | SHIFT_KEYS) else _PRINT_SCREEN_MAKE
        if key is PcKey.PAUSE:
            return _CTRL_BREAK_MAKE if held & CTRL_KEYS else _PAUSE_MAKE
        return plain_make(key)


def stroke(*keys: PcKey) -> bytes:
    """Return the codes of keys pressed in this order and let go in the reverse one."""
    encoder = KeyboardEncoder()
    return b"".join(encoder.press(key) for key in keys) + encoder.release_all()
