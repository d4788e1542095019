"""Mouse and tablet on the USB.

References: HID 1.11, appendices B.2 and E.10; HID Usage Tables 1.12, 4 (generic desktop).
"""

from __future__ import annotations

import struct
from typing import Annotated, Final

import msgspec

from engine.pdm.interfaces import ABSOLUTE_RANGE
from engine.vusb.hid import (
    BOOT_PROTOCOL,
    BOOT_SUBCLASS,
    MOUSE_PROTOCOL,
    HidDevice,
    HidState,
)

BUTTONS: Final = 0x1F
BOOT_BUTTONS: Final = 0x07
Buttons = Annotated[int, msgspec.Meta(ge=0, le=BUTTONS)]
Coordinate = Annotated[int, msgspec.Meta(ge=0, le=ABSOLUTE_RANGE)]
LARGEST: Final = 127
# Changes of buttons that may wait; motion between them is joined.
EVENT_LIMIT: Final = 64

# Generic desktop, mouse; collection (application), pointer, collection (physical).
_HEAD: Final = bytes.fromhex("0501 0902 a101 0901 a100")
# Five buttons of a bit each, and three bits to fill the byte.
_BUTTONS: Final = bytes.fromhex("0509 1901 2905 1500 2501 9505 7501 8102 9501 7503 8103")
# Wheel, -127..127, relative; then the same for AC Pan of the consumer page.
_WHEELS: Final = bytes.fromhex("0501 0938 1581 257f 7508 9501 8106 050c 0a3802 9501 8106")
_END: Final = bytes.fromhex("c0 c0")


def _clamp(value: int) -> int:
    return max(-LARGEST, min(value, LARGEST))


def _on_screen(value: int) -> int:
    return max(0, min(value, ABSOLUTE_RANGE))


class Event(msgspec.Struct):
    """What has not been reported yet; x and y are motion of a mouse or position of a tablet."""

    x: int = 0
    y: int = 0
    dz: int = 0
    dw: int = 0
    buttons: Buttons = 0


class PointerState(HidState, kw_only=True):
    """State of both.

    Attributes:
        events: what has not been reported; only a change of buttons starts a new entry.
        x, y: position of a tablet, as reported last.
        buttons: as reported last.
    """

    events: list[Event] = msgspec.field(default_factory=list)
    x: Coordinate = 0
    y: Coordinate = 0
    buttons: Buttons = 0


class MouseState(PointerState, kw_only=True, tag="mouse"):
    """State of the mouse."""


class TabletState(PointerState, kw_only=True, tag="tablet"):
    """State of the tablet."""


class Pointer(HidDevice[PointerState]):
    """What mouse and tablet share: the queue."""

    def was_reset(self) -> None:
        """What was done before the guest listened does not concern it."""
        super().was_reset()
        self.state.events.clear()
        self.state.buttons = 0

    def has_report(self) -> bool:
        """Tell whether something has happened."""
        return bool(self.state.events)

    def _event(self, buttons: int, *, moved: bool) -> Event | None:
        """Return the entry for something new; None when there is nothing to tell."""
        state = self.state
        if not state.configuration:
            return None
        buttons &= BUTTONS
        events = state.events
        before = events[-1].buttons if events else state.buttons
        if buttons == before and not moved:
            return None
        if not events or (buttons != before and len(events) < EVENT_LIMIT):
            events.append(Event())
        events[-1].buttons = buttons
        return events[-1]

class UsbMouse(Pointer):
    """A mouse with five buttons and two wheels."""

    PRODUCT_ID = 0x0020
    PRODUCT = "USB Mouse"
    BOOT = (BOOT_SUBCLASS, MOUSE_PROTOCOL)
    REPORT_SIZE = 5
    # Motion in x and y, -127..127, before the wheels: as in the boot report.
    REPORT = (
        _HEAD + _BUTTONS + bytes.fromhex("0501 0930 0931 1581 257f 7508 9502 8106") + _WHEELS + _END
    )

    def put_event(self, dx: int, dy: int, dz: int, dw: int, buttons: int) -> None:
        """Add motion; see ``engine.pdm.interfaces.MousePort``."""
        event = self._event(buttons, moved=bool(dx or dy or dz or dw))
        if event is not None:
            event.x += dx
            event.y += dy
            event.dz += dz
            event.dw += dw
            self.ready()

    def next_report(self) -> bytes:
        """Report the oldest event; what does not fit stays for the next report."""
        state = self.state
        event = state.events[0] if state.events else Event(buttons=state.buttons)
        dx, dy, dz, dw = (_clamp(value) for value in (event.x, event.y, event.dz, event.dw))
        event.x -= dx
        event.y -= dy
        event.dz -= dz
        event.dw -= dw
        state.buttons = event.buttons
        if state.events and not (event.x or event.y or event.dz or event.dw):
            state.events.pop(0)
        if state.protocol == BOOT_PROTOCOL:
            return struct.pack("<Bbb", event.buttons & BOOT_BUTTONS, dx, dy)
        # HID counts wheel clicks away from the user.
        return struct.pack("<Bbbbb", event.buttons, dx, dy, -dz, dw)


class UsbTablet(Pointer):
    """A tablet that tells positions of 0 to 32767 each way, with five buttons and two wheels."""

    PRODUCT_ID = 0x0021
    PRODUCT = "USB Tablet"
    REPORT_SIZE = 8
    # A byte to align the positions; x and y absolute, 0..32767 both logical and physical.
    REPORT = (
        _HEAD + _BUTTONS + _WHEELS
        + bytes.fromhex("7508 9501 8103 0501 0930 0931 1500 26ff7f 3500 46ff7f 7510 9502 8102")
        + _END
    )  # fmt: skip

    def put_position(self, x: int, y: int, dz: int, dw: int, buttons: int) -> None:
        """Put the pointer somewhere; see ``engine.pdm.interfaces.AbsolutePointer``."""
        x, y = _on_screen(x), _on_screen(y)
        state = self.state
        last = state.events[-1] if state.events else state
        event = self._event(buttons, moved=bool((x, y) != (last.x, last.y) or dz or dw))
        if event is not None:
            event.x, event.y = x, y
            event.dz += dz
            event.dw += dw
            self.ready()

    def next_report(self) -> bytes:
        """Report the oldest event; turns of a wheel that do not fit stay for the next report."""
        state = self.state
        event = state.events[0] if state.events else Event(state.x, state.y, buttons=state.buttons)
        dz, dw = _clamp(event.dz), _clamp(event.dw)
        event.dz -= dz
        event.dw -= dw
        state.x, state.y, state.buttons = _on_screen(event.x), _on_screen(event.y), event.buttons
        if state.events and not (event.dz or event.dw):
            state.events.pop(0)
        return struct.pack("<BbbxHH", event.buttons, -dz, dw, state.x, state.y)
