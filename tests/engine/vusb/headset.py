"""A headset for the tests of isochronous transfers: a speaker and a microphone, 48 kHz, 16 bits.

Reference: USB Device Class Definition for Audio Devices, 1.0.
"""

from __future__ import annotations

import struct

import numpy as np

from engine.vusb import descriptors as d
from engine.vusb.descriptors import Description, Endpoint, Interface, Speed
from engine.vusb.device import DeviceState, Handshake, UsbDevice

RATE = 48_000  # Hz
SPEAKER, MICROPHONE = 1, 2
"""Interfaces, and numbers of their endpoints."""
PACKET = {SPEAKER: RATE // 1000 * 4, MICROPHONE: RATE // 1000 * 2}
"""Bytes in a millisecond: stereo, mono."""
VOICE = 440  # Hz, on the microphone
ADAPTIVE, SYNCHRONOUS = 0x08, 0x0C
CONTROL_CLASS, STREAMING_CLASS = (1, 1, 0), (1, 2, 0)


def _part(subtype: int, form: str, *values: int, kind: int = 0x24) -> bytes:
    body = struct.pack("<" + form, *values)
    return struct.pack("<BBB", 3 + len(body), kind, subtype) + body


def _terminals() -> bytes:
    """Speaker: from the bus (1) to itself (2); microphone: from itself (3) to the bus (4)."""
    parts = (
        _part(2, "BHBBHBB", 1, 0x0101, 0, 2, 3, 0, 0) + _part(3, "BHBBB", 2, 0x0301, 0, 1, 0)
        + _part(2, "BHBBHBB", 3, 0x0201, 0, 1, 0, 0, 0) + _part(3, "BHBBB", 4, 0x0101, 0, 3, 0)
    )  # fmt: skip
    return _part(1, "HHBBB", 0x0100, 10 + len(parts), 2, SPEAKER, MICROPHONE) + parts


def _stream(terminal: int, channels: int, endpoint: Endpoint) -> Interface:
    kind = _part(1, "BBH", terminal, 1, 1)
    rate = RATE.to_bytes(3, "little")
    layout = _part(2, "BBBBB3B", 1, channels, 2, 16, 1, *rate)
    setting = Interface(code=STREAMING_CLASS, endpoints=(endpoint,), extra=kind + layout)
    return Interface(code=STREAMING_CLASS, alternates=(setting,))


class HeadsetState(DeviceState, kw_only=True, tag="headset"):
    """State of a headset."""


class Headset(UsbDevice[HeadsetState]):
    """The headset.

    Attributes:
        heard: what the speaker has got. packets: sizes of its packets.
        spoken: frames that the microphone has sent.
    """

    def __init__(self, speed: Speed = Speed.FULL) -> None:
        interval = 4 if speed is Speed.HIGH else 1
        general = _part(1, "BBH", 0, 0, 0, kind=0x25)
        streams = [
            _stream(terminal, channels, Endpoint(
                address=address, kind=d.ISOCHRONOUS | synchronization, interval=interval,
                max_packet=PACKET[address & 0xF], extra=general,
            ))
            for terminal, channels, address, synchronization in (
                (1, 2, SPEAKER, ADAPTIVE), (4, 1, MICROPHONE | d.DIRECTION_IN, SYNCHRONOUS)
            )
        ]  # fmt: skip
        description = Description(
            usb_version=0x0200 if speed is Speed.HIGH else 0x0110,
            product_id=0x00FE,
            product=f"Headset {speed.name}",
            max_packet=64 if speed is Speed.HIGH else 8,
            interfaces=(Interface(code=CONTROL_CLASS, extra=_terminals()), *streams),
        )
        super().__init__(description, HeadsetState(), speed=speed)
        self.heard = bytearray()
        self.packets: list[int] = []
        self.spoken = 0

    def endpoint_out(self, number: int, data: bytes) -> Handshake:
        self.heard += data
        self.packets.append(len(data))
        return Handshake.ACK

    def endpoint_in(self, number: int, room: int) -> bytes:
        times = self.spoken + np.arange(RATE // 1000)
        self.spoken += len(times)
        return (np.sin(2 * np.pi * VOICE * times / RATE) * 20_000).astype("<i2").tobytes()

    def class_request(self, setup, data):
        return b""  # the sampling frequency of an endpoint is what it is
