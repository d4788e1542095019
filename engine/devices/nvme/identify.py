"""What the controller tells of itself: Identify data and log pages.

Reference: NVM Express 1.2, 5.10 (Get Log Page) and 5.11 (Identify).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from engine.devices.nvme import registers as r

if TYPE_CHECKING:
    from engine.devices.nvme.state import Counters

IDENTIFY_SIZE: Final = 4096
MOST_EVENT_REQUESTS: Final = 4
LARGEST_TRANSFER_LOG: Final = 8
"""Binary logarithm of the pages that one command may move (MDTS)."""
SECTOR_LOG: Final = 9
WARNING_TEMPERATURE, CRITICAL_TEMPERATURE, TEMPERATURE = 343, 373, 313  # kelvin
_MODEL: Final = b"VITRINE NVMe DISK"
_REVISION: Final = b"1.0"
_WRITE_ZEROES: Final = 1 << 3  # ONCS
_ONE_READ_ONLY_SLOT: Final = 0x03  # FRMW
_ERROR_LOG, _SMART_LOG, _FIRMWARE_LOG = 1, 2, 3
_DATA_UNIT: Final = 1000  # sectors
_SPARE, _SPARE_THRESHOLD = 100, 10  # per cent


def controller(vendor: int, subsystem: tuple[int, int], serial: str, namespaces: int) -> bytes:
    """Return the data of Identify Controller (figure 90); ``namespaces``: the largest NSID."""
    data = bytearray(IDENTIFY_SIZE)
    struct.pack_into(
        "<HH20s40s8s", data, 0, vendor, subsystem[0], serial.encode().ljust(20),
        _MODEL.ljust(40), _REVISION.ljust(8),
    )  # fmt: skip
    data[77] = LARGEST_TRANSFER_LOG
    struct.pack_into("<HI", data, 78, 0, r.VERSION)
    data[259] = MOST_EVENT_REQUESTS - 1
    data[260] = _ONE_READ_ONLY_SLOT
    struct.pack_into("<HH", data, 266, WARNING_TEMPERATURE, CRITICAL_TEMPERATURE)
    data[512] = r.SUBMISSION_LOG << 4 | r.SUBMISSION_LOG
    data[513] = r.COMPLETION_LOG << 4 | r.COMPLETION_LOG
    struct.pack_into("<IH", data, 516, namespaces, _WRITE_ZEROES)
    data[525] = 1  # a volatile write cache
    return bytes(data)


def namespace(sectors: int, unique: bytes) -> bytes:
    """Return the data of Identify Namespace (figure 92); ``unique``: 16 bytes, NGUID."""
    data = bytearray(IDENTIFY_SIZE)
    struct.pack_into("<QQQ", data, 0, sectors, sectors, sectors)
    data[104:120] = unique
    data[130] = SECTOR_LOG  # of the one format
    return bytes(data)


def namespace_list(active: list[int], after: int) -> bytes:
    """Return the active namespaces with identifiers above ``after`` (4.9)."""
    listed = [number for number in active if number > after][: IDENTIFY_SIZE // 4]
    return struct.pack(f"<{len(listed)}I", *listed).ljust(IDENTIFY_SIZE, b"\0")


def log_page(number: int, counters: Counters) -> bytes | None:
    """Return a log page (5.10.1), or None for one that there is not."""
    if number == _ERROR_LOG:
        return bytes(64)  # no entry is valid
    if number == _FIRMWARE_LOG:
        return struct.pack("<B7x8s", 1, _REVISION.ljust(8)).ljust(512, b"\0")
    if number != _SMART_LOG:
        return None
    data = bytearray(512)
    struct.pack_into("<BHBBB", data, 0, 0, TEMPERATURE, _SPARE, _SPARE_THRESHOLD, 0)
    for place, count in (
        (32, -(-counters.sectors_read // _DATA_UNIT)),
        (48, -(-counters.sectors_written // _DATA_UNIT)),
        (64, counters.reads),
        (80, counters.writes),
    ):
        data[place : place + 16] = count.to_bytes(16, "little")
    return bytes(data)
