"""Keyboard and mouse of a console: what a person does, on its way to the guest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.console.errors import api_error, invalid_state
from app.console.pacing import type_as_read

if TYPE_CHECKING:
    from engine.vm import VM

_TYPING_SECONDS: Final = 1.5


class ConsoleInput:
    """The part of :class:`app.console.console.Console` that takes input; any thread may call.

    Attributes:
        machine: its UUID or name.
    """

    machine: str
    _vm: VM | None = None

    def _running(self) -> VM:
        if self._vm is None:
            raise invalid_state(f"The machine '{self.machine}' has not started yet.")
        return self._vm

    @property
    def keyboard_leds(self) -> int:
        """Lock LEDs of the guest's keyboard: bit 0 scroll, 1 num, 2 caps; 0 before the start."""
        return self._vm.keyboard_leds() if self._vm is not None else 0

    @property
    def takes_absolute(self) -> bool:
        """Whether the guest takes absolute positions of the pointer now.

        ``events.PointingChanged`` tells when that changes.
        """
        return self._vm is not None and self._vm.takes_absolute

    def put_scancodes(self, codes: bytes) -> None:
        """Send bytes of scan code set 1 to the keyboard; dropped while the VM does not run."""
        if self._vm is not None:
            self._vm.put_scancodes(codes)

    def type_scancodes(self, codes: bytes) -> int:
        """Type as the guest reads; for long texts.

        Returns:
            How many bytes the keyboard took within ``_TYPING_SECONDS``; the guest has not read the
            others. Blocks meanwhile.

        Raises:
            ApiError: the machine is not on.
        """
        try:
            return type_as_read(self._running(), codes, _TYPING_SECONDS)
        except Exception as error:
            raise api_error(error) from error

    def put_mouse(self, dx: int, dy: int, dz: int, dw: int, buttons: int) -> None:
        """Send motion, wheels and buttons to the mouse; see ``engine.pdm.interfaces.MousePort``."""
        if self._vm is not None:
            self._vm.put_mouse(dx, dy, dz, dw, buttons)

    def put_mouse_absolute(self, x: int, y: int, dz: int, dw: int, buttons: int) -> None:
        """Put the guest's pointer to a position; dropped while it takes none (`takes_absolute`).

        Args:
            x: 0 at the left edge of the guest's screen to 32767 at its right edge.
            y: 0 at the upper edge to 32767 at the lower one.
            dz: vertical wheel, positive towards the user.
            dw: horizontal wheel, positive right.
            buttons: as for :meth:`put_mouse`.
        """
        if self._vm is not None:
            self._vm.put_mouse_absolute(x, y, dz, dw, buttons)
