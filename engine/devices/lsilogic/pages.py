"""Configuration pages.

Reference: MPI 1.2, "Configuration Messages". There is no bus behind the chip, so that the speeds
which drivers agree on with devices are accepted, and mean nothing.
"""

from __future__ import annotations

import struct
from typing import Final

from engine.devices.lsilogic import registers as r

# SCSI port page 0: wide, offset 0x7F, period factor 8 (Ultra320), QAS, DT, IU; LVD.
_CAPABILITIES: Final = 1 << 29 | 0x7F << 16 | 0x08 << 8 | 0x07
_LOW_VOLTAGE: Final = 0x03
_DEVICE_SETTINGS: Final = struct.pack("<BBH", 0x0A, 0x08, 0x0F)  # time-out, factor, flags
_WIDTH: Final = 16  # devices on the bus
_NAME: Final = b"VITRINE"


def page(kind: int, number: int, vendor: int, device: int) -> bytes | None:
    """Return a page with its header, or None for one that there is not.

    ``vendor`` and ``device`` are the PCI identity of the controller.
    """
    found = _PAGES.get((kind, number))
    if found is None:
        return None
    version, attribute, body = found
    if (kind, number) == (r.IOC, 0):
        body = struct.pack("<IIHHB3xIHH", 0, 0, vendor, device, 0, 0x01_0000, vendor, device)
    header = struct.pack("<BBBB", version, 1 + len(body) // 4, number, kind | attribute)
    return header + body


def changeable(header: bytes) -> bool:
    """Whether the page with this header may be written."""
    return header[3] & 0xF0 == r.CHANGEABLE


def _manufacturing(*texts: tuple[bytes, int]) -> bytes:
    return b"".join(text.ljust(size, b"\0") for text, size in texts)


_PAGES: Final[dict[tuple[int, int], tuple[int, int, bytes]]] = {
    # Version, attribute, body.
    (r.IO_UNIT, 0): (0, r.READ_ONLY, bytes(8)),
    (r.IO_UNIT, 1): (1, r.CHANGEABLE, struct.pack("<I", 1)),  # a single function
    (r.IO_UNIT, 2): (0, r.READ_ONLY, bytes(24)),
    (r.IOC, 0): (1, r.READ_ONLY, bytes(24)),
    (r.IOC, 1): (1, r.CHANGEABLE, bytes(12)),
    (r.IOC, 2): (1, r.READ_ONLY, bytes(8)),
    (r.IOC, 3): (0, r.READ_ONLY, bytes(4)),
    (r.IOC, 4): (0, r.READ_ONLY, bytes(4)),
    (r.SCSI_PORT, 0): (2, r.READ_ONLY, struct.pack("<II", _CAPABILITIES, _LOW_VOLTAGE)),
    (r.SCSI_PORT, 1): (3, r.CHANGEABLE, bytes(12)),
    (r.SCSI_PORT, 2): (2, r.READ_ONLY, bytes(8) + _WIDTH * _DEVICE_SETTINGS),
    (r.SCSI_DEVICE, 0): (3, r.READ_ONLY, bytes(8)),
    (r.SCSI_DEVICE, 1): (4, r.CHANGEABLE, bytes(12)),
    (r.SCSI_DEVICE, 2): (1, r.CHANGEABLE, bytes(12)),
    (r.SCSI_DEVICE, 3): (0, r.READ_ONLY, bytes(8)),
    (r.MANUFACTURING, 0): (
        0, r.READ_ONLY,
        _manufacturing((b"LSI53C1030", 16), (b"A0", 8), (_NAME, 16), (_NAME, 16), (b"0", 16)),
    ),
}  # fmt: skip
