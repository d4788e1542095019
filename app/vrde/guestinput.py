"""Keyboard and pointer of one client, on their way to the guest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.console.pckeys import SHIFT_KEYS, PcKey
from app.console.scancodes import KeyboardEncoder, plain_make
from app.vrde.keysyms import key_of_qemu, typed_by

if TYPE_CHECKING:
    from app.vrde.module import DisplayHost

RELATIVE_ORIGIN: Final = 0x7FFF
"""What a pointer that does not move sends to a server that asked for motion."""
_ABSOLUTE_RANGE: Final = 32767
_CAPS_LED: Final = 4
_WHEELS: Final = {3: (-1, 0), 4: (1, 0), 5: (0, -1), 6: (0, 1)}
"""Vertical and horizontal turns by bit of the button mask."""


class GuestInput:
    """What one client has pressed; lets go of it when the client goes.

    Args:
        host: the machine.

    Attributes:
        relative: this client sends motion instead of positions.
    """

    def __init__(self, host: DisplayHost) -> None:
        self._host = host
        self._keys = KeyboardEncoder()
        self._pointer = (0, 0)
        self._mask = 0
        self.relative = False

    def key(self, keysym: int, *, down: bool) -> None:
        """A key was pressed or let go, told by what it types."""
        typed = typed_by(keysym)
        if typed is None:
            return
        if not down:
            self._send(self._keys.release(typed.key))
            return
        codes = self._keys.press(typed.key)
        if typed.shift is not None:
            codes = self._with_shift(codes, typed.shift, letter=typed.letter)
        self._send(codes)

    def _with_shift(self, codes: bytes, shift: bool, *, letter: bool) -> bytes:
        """Bring Shift into the position in which a US keyboard types the character."""
        held = self._keys.down & SHIFT_KEYS
        if letter and self._host.keyboard_leds & _CAPS_LED:
            shift = not shift
        if shift and not held:
            make = plain_make(PcKey.LEFT_SHIFT)
            return make + codes + bytes((make[0] | 0x80,))
        if not shift and held and not letter:
            makes = [plain_make(key)[0] for key in sorted(held, key=lambda key: key.value)]
            breaks = bytes(make | 0x80 for make in makes)
            return breaks + codes + bytes(makes)
        return codes

    def qemu_key(self, keysym: int, keycode: int, *, down: bool) -> None:
        """A key was pressed or let go, told by its scan code."""
        key = key_of_qemu(keycode)
        if key is None:
            self.key(keysym, down=down)
        else:
            self._send(self._keys.press(key) if down else self._keys.release(key))

    def pointer(self, mask: int, x: int, y: int, size: tuple[int, int]) -> None:
        """The pointer has moved, or a button or a wheel has.

        Args:
            mask: bit 0 left, 1 middle, 2 right button, 3 and 4 wheel up and down, 5 and 6 left
                and right.
            x: position, or motion around ``RELATIVE_ORIGIN`` when ``relative``.
            y: as ``x``.
            size: width and height of the screen.
        """
        pressed = mask & ~self._mask
        dz = sum(turn[0] for bit, turn in _WHEELS.items() if pressed >> bit & 1)
        dw = sum(turn[1] for bit, turn in _WHEELS.items() if pressed >> bit & 1)
        buttons = mask & 1 | (mask >> 2 & 1) << 1 | (mask >> 1 & 1) << 2
        self._mask = mask
        if self.relative:
            dx, dy = x - RELATIVE_ORIGIN, y - RELATIVE_ORIGIN
        else:
            dx, dy = x - self._pointer[0], y - self._pointer[1]
            self._pointer = (x, y)
        if self._host.takes_absolute and not self.relative:
            width, height = size
            self._host.put_mouse_absolute(
                _scaled(x, width), _scaled(y, height), dz, dw, buttons
            )
        else:
            self._host.put_mouse(dx, dy, dz, dw, buttons)

    def release_all(self) -> None:
        """Let go of all keys and buttons."""
        self._send(self._keys.release_all())
        if self._mask & 7:
            self._mask = 0
            self._host.put_mouse(0, 0, 0, 0, 0)

    def _send(self, codes: bytes) -> None:
        if codes:
            self._host.put_scancodes(codes)


def _scaled(position: int, size: int) -> int:
    return min(max(position, 0), size - 1) * _ABSOLUTE_RANGE // max(1, size - 1)
