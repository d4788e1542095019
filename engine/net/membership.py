"""What a member of a network says to the network's process about itself.

Both sides speak frames behind their length (``framing``). A record that is too short to be an
Ethernet frame is one of these: the member's address and policy, first of all and again whenever the
policy changes. Who is no machine may ask for the network's services instead, and gets an answer.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from engine.net.packets import ETHERNET_HEADER
from engine.net.switch import Promiscuity

_HELLO: Final = struct.Struct(">2sBB6s")
_MAGIC: Final = b"VN"
_VERSION: Final = 1

START: Final = b"VS"
"""Have the services run as the file beside the socket tells.

The answer is a sentence about what is wrong, empty when all is well.
"""

STOP: Final = b"VE"
"""End the services until the next `START`; the answer is empty."""


class Hello(NamedTuple):
    """Who is plugged in: the adapter's address and which frames of others it may see."""

    mac: bytes
    policy: Promiscuity

    def pack(self) -> bytes:
        """Return the record."""
        return _HELLO.pack(_MAGIC, _VERSION, self.policy, self.mac)

    @classmethod
    def parse(cls, record: bytes) -> Hello | None:
        """Read a record; None when it is none."""
        if len(record) != _HELLO.size:
            return None
        magic, version, policy, mac = _HELLO.unpack(record)
        if magic != _MAGIC or version != _VERSION or policy not in list(Promiscuity):
            return None
        return cls(mac, Promiscuity(policy))


def is_record(data: bytes) -> bool:
    """Tell whether data is a record about a member, and not a frame."""
    return len(data) < ETHERNET_HEADER
