"""What a USB device tells of itself, as data (USB 2.0, 9.5 and 9.6)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DEVICE, CONFIGURATION, STRING, INTERFACE, ENDPOINT = 1, 2, 3, 4, 5
DEVICE_QUALIFIER, OTHER_SPEED_CONFIGURATION = 6, 7

DIRECTION_IN = 0x80
CONTROL, ISOCHRONOUS, BULK, INTERRUPT = 0, 1, 2, 3

ATTRIBUTES_ONE = 0x80  # bit 7 of bmAttributes is always set
SELF_POWERED, REMOTE_WAKEUP = 0x40, 0x20

LANGUAGE_ENGLISH_US = 0x0409
MANUFACTURER, PRODUCT, SERIAL = 1, 2, 3
VENDOR_ID = 0x80EE
"""Vendor of the devices that the machines we run have always had; guests keep their drivers."""


class Speed(IntEnum):
    """Signalling rate of a device; the numbers are those of xHCI 1.1, table 157."""

    FULL = 1  # 12 Mbit/s
    LOW = 2  # 1.5 Mbit/s
    HIGH = 3  # 480 Mbit/s


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint.

    Attributes:
        address: number 1..15, with bit 7 for IN.
        kind: CONTROL, ISOCHRONOUS, BULK or INTERRUPT, with what else bmAttributes tells of an
            isochronous endpoint: how it is synchronized, and what for.
        max_packet: bytes.
        interval: bInterval: frames of 1 ms at full speed, an exponent at high speed.
        extra: descriptors of the class, after this one.
    """

    address: int
    kind: int
    max_packet: int
    interval: int = 0
    extra: bytes = b""

    def encode(self) -> bytes:
        """Return the descriptor with those that belong to it."""
        head = struct.pack(
            "<BBBBHB", 7, ENDPOINT, self.address, self.kind, self.max_packet, self.interval
        )
        return head + self.extra


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """An interface in its setting 0.

    Attributes:
        code: class, subclass and protocol.
        extra: descriptors of the class (HID), before the endpoints.
        alternates: the settings from 1 on. Isochronous endpoints belong there (USB 2.0, 5.6.3).
    """

    code: tuple[int, int, int]
    endpoints: tuple[Endpoint, ...] = ()
    extra: bytes = b""
    alternates: tuple[Interface, ...] = ()

    @property
    def settings(self) -> tuple[Interface, ...]:
        """All settings, by number."""
        return (self, *self.alternates)

    def encode(self, number: int) -> bytes:
        """Return the descriptors of all settings with what belongs to them."""
        return b"".join(
            struct.pack(
                "<BBBBBBBBB", 9, INTERFACE, number, setting, len(each.endpoints), *each.code, 0
            )
            + each.extra
            + b"".join(endpoint.encode() for endpoint in each.endpoints)
            for setting, each in enumerate(self.settings)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A device with one configuration, whose number is 1.

    Attributes:
        usb_version: bcdUSB.
        product_id, release: idProduct, bcdDevice.
        max_packet: of endpoint 0.
        product, serial: texts; an empty one is not there.
        attributes: bmAttributes of the configuration, without bit 7.
        current_ma: what it draws from the bus.
    """

    usb_version: int
    product_id: int
    product: str
    interfaces: tuple[Interface, ...]
    release: int = 0x0100
    serial: str = ""
    manufacturer: str = "Vitrine"
    max_packet: int = 8
    attributes: int = 0
    current_ma: int = 100

    def device(self) -> bytes:
        """Return the device descriptor."""
        return struct.pack(
            "<BBHBBBBHHHBBBB", 18, DEVICE, self.usb_version, 0, 0, 0, self.max_packet,
            VENDOR_ID, self.product_id, self.release,
            MANUFACTURER, PRODUCT, SERIAL if self.serial else 0, 1,
        )  # fmt: skip

    def configuration(self) -> bytes:
        """Return the configuration with everything in it."""
        body = b"".join(each.encode(number) for number, each in enumerate(self.interfaces))
        return struct.pack(
            "<BBHBBBBB", 9, CONFIGURATION, 9 + len(body), len(self.interfaces), 1, 0,
            ATTRIBUTES_ONE | self.attributes, self.current_ma // 2,
        ) + body  # fmt: skip

    def string(self, index: int) -> bytes | None:
        """Return a string descriptor; number 0 lists the languages."""
        if index == 0:
            return struct.pack("<BBH", 4, STRING, LANGUAGE_ENGLISH_US)
        texts = {MANUFACTURER: self.manufacturer, PRODUCT: self.product, SERIAL: self.serial}
        encoded = texts.get(index, "").encode("utf-16-le")
        return struct.pack("<BB", 2 + len(encoded), STRING) + encoded if encoded else None

    def endpoint(self, address: int, settings: Mapping[int, int]) -> Endpoint | None:
        """Return an endpoint by its address; ``settings``: of interfaces that are not in 0."""
        for number, interface in enumerate(self.interfaces):
            for endpoint in interface.settings[settings.get(number, 0)].endpoints:
                if endpoint.address == address:
                    return endpoint
        return None
