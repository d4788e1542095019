"""Which keyboard and which mouse get what a person does.

A machine may have devices on the PS/2 ports and on the USB. What is on the USB gets input as soon
as the guest asks it for some; until then, and for firmware that knows no USB, the PS/2 devices do.
To be configured is not enough: a system may do that to a device for which it has no driver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.keys import sequences
from engine.pdm.interfaces import AbsolutePointer, KeyboardPort, MousePort, UsbHost, UsbInput

if TYPE_CHECKING:
    from engine.pdm.builder import DeviceSet


BREAK: Final = 0x80
PAUSE_PREFIX: Final = 0xE1  # of the key that goes up by itself


class InputRouter:
    """Finds the devices that input goes to; EMT only.

    Args:
        devices: of the machine; all have been built.

    Attributes:
        absolute: whether there is a tablet that the guest listens to.
    """

    def __init__(self, devices: DeviceSet) -> None:
        self._ps2_keyboard = devices.find(KeyboardPort)
        self._ps2_mouse = devices.find(MousePort)
        self._usb = [
            unit
            for device in devices.devices.values()
            if isinstance(device, UsbHost)
            for unit in device.usb_devices()
            if isinstance(unit, UsbInput)
        ]
        self._down: set[bytes] = set()
        self.keyboard: KeyboardPort | None = None
        self.mouse: MousePort | None = None
        self.tablet: AbsolutePointer | None = None
        self.refresh()

    @property
    def absolute(self) -> bool:
        """Whether the guest takes positions."""
        return self.tablet is not None

    def refresh(self) -> bool:
        """Choose anew; tell whether the guest takes positions now and did not, or the reverse."""
        before, keyboard = self.absolute, self.keyboard
        live = [unit for unit in self._usb if unit.listening()]
        self.keyboard = next((u for u in live if isinstance(u, KeyboardPort)), self._ps2_keyboard)
        if keyboard is not None and keyboard is not self.keyboard:
            # Whoever holds a key now lets it go on another keyboard.
            keyboard.put_scancodes(b"".join(_break(key) for key in sorted(self._down)))
            self._down.clear()
        self.mouse = next((u for u in live if isinstance(u, MousePort)), self._ps2_mouse)
        self.tablet = next((u for u in live if isinstance(u, AbsolutePointer)), None)
        return self.absolute is not before

    def put_scancodes(self, codes: bytes) -> None:
        """Tell the keyboard scan codes of set 1."""
        if self.keyboard is not None:
            self._note(codes)
            self.keyboard.put_scancodes(codes)

    def _note(self, codes: bytes) -> None:
        """Remember which keys are down."""
        for key in sequences(codes):
            if key[-1] & BREAK:
                self._down.discard(key[:-1] + bytes([key[-1] & ~BREAK]))
            elif key[0] != PAUSE_PREFIX:
                self._down.add(key)

    def type_scancodes(self, codes: bytes) -> int:
        """Tell the keyboard whole keys as far as it has room; return how many bytes they are."""
        keyboard = self.keyboard
        taken = 0
        if keyboard is None:
            return taken
        for key in sequences(codes):
            if keyboard.room() < len(key):
                break
            self._note(key)
            keyboard.put_scancodes(key)
            taken += len(key)
        return taken

    def leds(self) -> int:
        """Return the lock LEDs: bit 0 scroll, 1 num, 2 caps."""
        return self.keyboard.leds() if self.keyboard is not None else 0

    def put_position(self, x: int, y: int, dz: int, dw: int, buttons: int) -> None:
        """Tell the tablet; dropped when the guest has just ceased to listen to it."""
        if self.tablet is not None:
            self.tablet.put_position(x, y, dz, dw, buttons)

    def put_motion(self, dx: int, dy: int, dz: int, dw: int, buttons: int) -> None:
        """Tell the mouse."""
        if self.mouse is not None:
            self.mouse.put_event(dx, dy, dz, dw, buttons)


def _break(key: bytes) -> bytes:
    return key[:-1] + bytes([key[-1] | BREAK])
