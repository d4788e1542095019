"""Which keyboard and which mouse get what a person does.

A machine may have devices on the PS/2 ports and on the USB. What is on the USB gets input as soon
as the guest has configured it; until then, and for firmware that knows no USB, the PS/2 devices do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.keys import sequences
from engine.pdm.interfaces import AbsolutePointer, KeyboardPort, MousePort, UsbHost, UsbInput

if TYPE_CHECKING:
    from engine.pdm.builder import DeviceSet


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
        before = self.absolute
        live = [unit for unit in self._usb if unit.configured()]
        self.keyboard = next((u for u in live if isinstance(u, KeyboardPort)), self._ps2_keyboard)
        self.mouse = next((u for u in live if isinstance(u, MousePort)), self._ps2_mouse)
        self.tablet = next((u for u in live if isinstance(u, AbsolutePointer)), None)
        return self.absolute is not before

    def put_scancodes(self, codes: bytes) -> None:
        """Tell the keyboard scan codes of set 1."""
        if self.keyboard is not None:
            self.keyboard.put_scancodes(codes)

    def type_scancodes(self, codes: bytes) -> int:
        """Tell the keyboard whole keys as far as it has room; return how many bytes they are."""
        keyboard = self.keyboard
        taken = 0
        if keyboard is None:
            return taken
        for key in sequences(codes):
            if keyboard.room() < len(key):
                break
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
