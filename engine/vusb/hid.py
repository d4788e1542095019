"""What keyboards, mice and tablets share: the HID class.

Reference: Device Class Definition for Human Interface Devices 1.11.
"""

from __future__ import annotations

import struct
from abc import abstractmethod
from typing import Annotated, ClassVar, Final, TypeVar

import msgspec

from engine.vusb import descriptors as d
from engine.vusb.descriptors import Description, Endpoint, Interface, Speed
from engine.vusb.device import DeviceState, Handshake, Setup, UsbDevice

HID_CLASS: Final = 3
BOOT_SUBCLASS, KEYBOARD_PROTOCOL, MOUSE_PROTOCOL = 1, 1, 2

HID_DESCRIPTOR, REPORT_DESCRIPTOR = 0x21, 0x22
GET_REPORT, GET_IDLE, GET_PROTOCOL = (0xA1, 0x01), (0xA1, 0x02), (0xA1, 0x03)
SET_REPORT, SET_IDLE, SET_PROTOCOL = (0x21, 0x09), (0x21, 0x0A), (0x21, 0x0B)
INPUT_REPORT, OUTPUT_REPORT = 1, 2
BOOT_PROTOCOL, REPORT_PROTOCOL = 0, 1

ENDPOINT: Final = 0x81
POLL_MS: Final = 8
POLL_EXPONENT: Final = 7  # 2^(7-1) microframes: 8 ms at high speed
IDLE_UNIT_NS: Final = 4_000_000


class HidState(DeviceState, kw_only=True):
    """State of every input device.

    Attributes:
        idle: how often a report is repeated that has not changed, in 4 ms; 0 for never.
        protocol: boot or report.
        sent: the report sent last, at virtual time ``sent_at`` (ns).
        polled: the host has asked for a report since it has configured the device.
    """

    idle: Annotated[int, msgspec.Meta(ge=0, le=255)] = 0
    protocol: Annotated[int, msgspec.Meta(ge=0, le=1)] = REPORT_PROTOCOL
    sent: bytes = b""
    sent_at: int = 0
    polled: bool = False


HidStateT = TypeVar("HidStateT", bound=HidState)


class HidDevice(UsbDevice[HidStateT]):
    """A device with one interface and one interrupt endpoint.

    Attributes:
        REPORT: report descriptor (HID 1.11, 6.2.2).
        REPORT_SIZE: largest input report in bytes.
        BOOT: subclass and protocol of the interface.
        PRODUCT_ID, PRODUCT: what it calls itself.
    """

    REPORT: ClassVar[bytes] = b""
    REPORT_SIZE: ClassVar[int] = 8
    BOOT: ClassVar[tuple[int, int]] = (0, 0)
    PRODUCT_ID: ClassVar[int] = 0
    PRODUCT: ClassVar[str] = ""

    def __init__(self, state: HidStateT, *, speed: Speed = Speed.FULL) -> None:
        fast = speed is Speed.HIGH
        self._hid = struct.pack(
            "<BBHBBBH", 9, HID_DESCRIPTOR, 0x0111, 0, 1, REPORT_DESCRIPTOR, len(self.REPORT)
        )
        endpoint = Endpoint(
            address=ENDPOINT,
            kind=d.INTERRUPT,
            max_packet=self.REPORT_SIZE,
            interval=POLL_EXPONENT if fast else POLL_MS,
        )
        description = Description(
            usb_version=0x0200 if fast else 0x0110,
            product_id=self.PRODUCT_ID,
            product=self.PRODUCT,
            interfaces=(
                Interface(code=(HID_CLASS, *self.BOOT), extra=self._hid, endpoints=(endpoint,)),
            ),
            max_packet=64 if fast else 8,
            attributes=d.REMOTE_WAKEUP,
        )
        super().__init__(description, state, speed=speed)

    # -- what a kind of device overrides

    @abstractmethod
    def has_report(self) -> bool:
        """Tell whether there is something new to report."""

    @abstractmethod
    def next_report(self) -> bytes:
        """Return the next new report, or the present state when there is nothing new."""

    def output_report(self, data: bytes) -> None:
        """Take an output report."""
        del data

    # -- the class

    @property
    def needs_polling(self) -> bool:
        """A report is repeated when the host has asked for that (HID 1.11, 7.2.4)."""
        state = self.state
        return bool(state.configuration and state.idle and state.sent)

    def was_reset(self) -> None:
        """Forget what the host has chosen."""
        state = self.state
        state.idle, state.protocol, state.sent = 0, REPORT_PROTOCOL, b""
        state.polled = False

    def listening(self) -> bool:
        """Tell whether the guest has a driver at work; see ``engine.pdm.interfaces.UsbInput``."""
        return self.state.polled

    def endpoint_in(self, number: int, room: int) -> bytes | Handshake:
        """Send a new report, or the last one again when it is time."""
        state = self.state
        if not state.polled:
            state.polled = True
            self.changed()
        if self.has_report():
            state.sent = self.next_report()
        elif not state.idle or self.now() - state.sent_at < state.idle * IDLE_UNIT_NS:
            return Handshake.NAK
        elif not state.sent:
            state.sent = self.next_report()
        state.sent_at = self.now()
        return state.sent

    def class_descriptor(self, setup: Setup) -> bytes | None:
        """Answer for the HID and report descriptors."""
        return {HID_DESCRIPTOR: self._hid, REPORT_DESCRIPTOR: self.REPORT}.get(setup.value >> 8)

    def class_request(self, setup: Setup, data: bytes) -> bytes | None:
        """Answer the requests of HID 1.11, 7.2."""
        state = self.state
        code = setup.code
        kind = setup.value >> 8
        if code == GET_REPORT and kind == INPUT_REPORT:
            return state.sent or self.next_report()
        if code == SET_REPORT and kind == OUTPUT_REPORT:
            self.output_report(data)
            return b""
        if code == GET_IDLE:
            return bytes([state.idle])
        if code == SET_IDLE:
            state.idle = kind
            return b""
        if code == GET_PROTOCOL:
            return bytes([state.protocol])
        if code == SET_PROTOCOL and setup.value <= REPORT_PROTOCOL:
            state.protocol = setup.value
            return b""
        return None
