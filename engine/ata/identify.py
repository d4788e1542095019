"""Contents of IDENTIFY DEVICE and IDENTIFY PACKET DEVICE.

Reference: ATA/ATAPI-6 (T13 1410D), 8.15 and 8.16. Word numbers are those of the tables there.
"""

from __future__ import annotations

import struct
from typing import Final

from engine.ata.drive import MODE_MULTIWORD_DMA, MODE_ULTRA_DMA

WORDS: Final = 256
MAX_LBA28: Final = 0x0FFF_FFFF
MAX_CYLINDERS: Final = 16383
HEADS, SECTORS_PER_TRACK = 16, 63
MAX_MULTIPLE: Final = 16

VALID: Final = 0x4000  # bits 15:14 = 01: the word holds what it should
CYCLE_TIME: Final = 120  # ns
ATA_4_TO_6: Final = 0x0070
ATAPI_4_TO_6: Final = 0x0070

# Words 82 to 84: what is there, and 85 to 87: what is enabled.
POWER_MANAGEMENT, PACKET_SET, WRITE_CACHE, LOOK_AHEAD, DEVICE_RESET, NOP = (
    1 << n for n in (3, 4, 5, 6, 9, 14)
)
LBA48, FLUSH, FLUSH_EXT = (1 << n for n in (10, 12, 13))


class _Identity:
    def __init__(self) -> None:
        self.words = [0] * WORDS

    def text(self, first: int, count: int, text: str) -> None:
        """Store a text, padded with spaces, with the first character in the upper byte."""
        data = text.encode("ascii", "replace").ljust(2 * count)[: 2 * count]
        self.words[first : first + count] = struct.unpack(f">{count}H", data)

    def dma_modes(self, selected: int, max_ultra: int) -> None:
        """Store words 63 and 88: modes that are there, and the selected one."""
        kind, number = selected & 0xF8, selected & 7
        self.words[63] = 0x0007 | (0x100 << number if kind == MODE_MULTIWORD_DMA else 0)
        self.words[88] = (1 << max_ultra + 1) - 1
        if kind == MODE_ULTRA_DMA:
            self.words[88] |= 0x100 << number

    def timing(self) -> None:
        """Store words 64 to 68: PIO modes 3 and 4, cycle times."""
        self.words[64] = 0x0003
        self.words[65:69] = [CYCLE_TIME] * 4

    def encode(self) -> bytes:
        """Return the 512 bytes with the integrity word."""
        self.words[255] = 0xA5
        data = bytearray(struct.pack(f"<{WORDS}H", *self.words))
        data[511] = -sum(data) & 0xFF
        return bytes(data)


def default_geometry(sectors: int) -> tuple[int, int, int]:
    """Return cylinders, heads and sectors per track of the default translation."""
    cylinders = min(MAX_CYLINDERS, sectors // (HEADS * SECTORS_PER_TRACK))
    return max(1, cylinders), HEADS, SECTORS_PER_TRACK


def identify_disk(
    *,
    sectors: int,
    model: str,
    serial: str,
    firmware: str,
    translation: tuple[int, int],
    multiple: int,
    transfer_mode: int,
    max_ultra: int,
    write_cache: bool,
    look_ahead: bool,
) -> bytes:
    """Return IDENTIFY DEVICE data.

    Args:
        sectors: capacity in sectors of 512 bytes.
        model: up to 40 characters.
        serial: up to 20 characters.
        firmware: up to 8 characters.
        translation: current heads and sectors per track.
        multiple: sectors per block of READ/WRITE MULTIPLE, 0 while disabled.
        transfer_mode: as SET FEATURES codes it.
        max_ultra: highest Ultra DMA mode.
        write_cache: the write cache is on.
        look_ahead: look-ahead is on.
    """
    identity = _Identity()
    w = identity.words
    cylinders, heads, per_track = default_geometry(sectors)
    w[0] = 0x0040  # fixed, not removable
    w[1], w[3], w[6] = cylinders, heads, per_track
    identity.text(10, 10, serial)
    identity.text(23, 4, firmware)
    identity.text(27, 20, model)
    w[47] = 0x8000 | MAX_MULTIPLE
    w[49] = 0x0F00  # IORDY, LBA, DMA
    w[50] = VALID
    w[53] = 0x0007
    current_heads, current_sectors = translation
    current_cylinders = min(0xFFFF, sectors // (current_heads * current_sectors))
    current = min(current_cylinders * current_heads * current_sectors, MAX_LBA28)
    w[54:59] = [
        current_cylinders, current_heads, current_sectors, current & 0xFFFF, current >> 16,
    ]  # fmt: skip
    w[59] = 0x0100 | multiple if multiple else 0
    w[60], w[61] = min(sectors, MAX_LBA28) & 0xFFFF, min(sectors, MAX_LBA28) >> 16
    identity.dma_modes(transfer_mode, max_ultra)
    identity.timing()
    w[80] = ATA_4_TO_6
    w[82] = POWER_MANAGEMENT | WRITE_CACHE | LOOK_AHEAD
    w[83] = VALID | LBA48 | FLUSH | FLUSH_EXT
    w[84] = VALID
    w[85] = POWER_MANAGEMENT | WRITE_CACHE * write_cache | LOOK_AHEAD * look_ahead
    w[86] = LBA48 | FLUSH | FLUSH_EXT
    w[87] = VALID
    w[93] = 0x6001 | VALID  # reset passed, 80-conductor cable
    for n in range(4):
        w[100 + n] = sectors >> 16 * n & 0xFFFF
    return identity.encode()


def identify_optical(
    *, model: str, serial: str, firmware: str, transfer_mode: int, max_ultra: int
) -> bytes:
    """Return IDENTIFY PACKET DEVICE data; arguments as for :func:`identify_disk`."""
    identity = _Identity()
    w = identity.words
    w[0] = 0x85C0  # packet device, CD-ROM, removable, DRQ within 50 us, packets of 12 bytes
    identity.text(10, 10, serial)
    identity.text(23, 4, firmware)
    identity.text(27, 20, model)
    w[49] = 0x0F00
    w[50] = VALID
    w[53] = 0x0006
    identity.dma_modes(transfer_mode, max_ultra)
    identity.timing()
    w[80] = ATAPI_4_TO_6
    w[82] = w[85] = POWER_MANAGEMENT | PACKET_SET | DEVICE_RESET | NOP
    w[83] = w[84] = w[87] = VALID
    w[93] = 0x6001 | VALID
    return identity.encode()
