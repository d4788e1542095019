"""The system BIOS ROM and the shadow RAM of the first megabyte.

The ROM ends at 4 GiB; its last 128 KiB also answer E0000h-FFFFFh wherever the host bridge does not
let DRAM answer reads. Reference: 440FX data sheet, 3.2.18 (PAM) and 3.2.20 (SMRAM).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import FirmwareMissingError
from engine.iom import Range
from engine.pdm.memory import HostMemory
from engine.pgm import FOUR_GIB, PRIORITY_SHADOW, Region, RegionKind

if TYPE_CHECKING:
    from engine.pgm import PhysicalMemory

MEGABYTE = 1 << 20
ALIAS_BASE = 0xE0000
VIDEO_BASE, VIDEO_SIZE = 0xA0000, 0x20000
LARGEST_BIOS = 16 << 20


class ShadowRam:
    """Implements ``ShadowControl`` on the physical memory map.

    Args:
        memory: the map. bios: the PC BIOS image, a multiple of 64 KiB.

    Raises:
        FirmwareMissingError: the image cannot be a PC BIOS by its size.
    """

    def __init__(self, memory: PhysicalMemory, bios: bytes) -> None:
        if not bios or len(bios) % (64 << 10) or len(bios) > LARGEST_BIOS:
            raise FirmwareMissingError(
                f"The PC BIOS image has {len(bios)} bytes; it must be a multiple of 64 KiB "
                f"of at most 16 MiB."
            )
        self._memory = memory
        self._rom = HostMemory(len(bios))
        self._rom.view[: len(bios)] = bios
        self._overlays: dict[int, list[Region]] = {}
        size = len(bios)
        memory.add(
            Region("system-bios", RegionKind.ROM, FOUR_GIB - size, size, PRIORITY_SHADOW,
                   memory=self._rom)
        )  # fmt: skip
        self.reset()

    def reset(self) -> None:
        """Show the ROM, as after power-on."""
        for base in range(0xC0000, 0xF0000, 0x4000):
            self.set_pam(base, 0x4000, read=False, write=False)
        self.set_pam(0xF0000, 0x10000, read=False, write=False)
        self.set_smram(visible=False)

    def set_pam(self, segment_base: int, size: int, read: bool, write: bool) -> None:
        """Say what answers a segment of C0000h-FFFFFh."""
        old = self._overlays.get(segment_base, [])
        new: list[Region] = []
        if read and not write:
            new.append(
                Region("shadow", RegionKind.ROM, segment_base, size, PRIORITY_SHADOW,
                       memory=self._memory.ram, offset=segment_base)
            )  # fmt: skip
        elif not read:
            new.append(self._rom_segment(segment_base, size, write))
        self._memory.replace(old, new)
        self._overlays[segment_base] = new

    def _rom_segment(self, base: int, size: int, write: bool) -> Region:
        """Return what is there while DRAM does not answer reads."""
        offset = self._rom.size - MEGABYTE + base  # in the image, if that is large enough
        if write:
            return self._copy_through(base, size, offset)
        if base < ALIAS_BASE or offset < 0:
            return Region("pci-hole", RegionKind.HOLE, base, size, PRIORITY_SHADOW)
        return Region(
            "bios-alias", RegionKind.ROM, base, size, PRIORITY_SHADOW, memory=self._rom,
            offset=offset,
        )  # fmt: skip

    def _copy_through(self, base: int, size: int, offset: int) -> Region:
        """Reads from ROM, writes to DRAM: how firmware copies itself into shadow RAM."""
        rom, ram = self._rom.view, self._memory.ram.view

        def read(place: int, _size: int) -> int:
            return rom[offset + place] if base >= ALIAS_BASE and offset >= 0 else 0xFF

        def write(place: int, value: int, _size: int) -> None:
            ram[base + place] = value

        block = Range("i440fx/0", "PAM", base, size, (1,), read, write)
        return Region("shadow-fill", RegionKind.MMIO, base, size, PRIORITY_SHADOW, block=block)

    def set_smram(self, visible: bool) -> None:
        """Show DRAM instead of the PCI bus at A0000h-BFFFFh."""
        old = self._overlays.get(VIDEO_BASE, [])
        new: list[Region] = []
        if visible:
            new.append(
                Region("smram", RegionKind.RAM, VIDEO_BASE, VIDEO_SIZE, PRIORITY_SHADOW,
                       memory=self._memory.ram, offset=VIDEO_BASE)
            )  # fmt: skip
        else:
            # Below the adapter's window, above the DRAM that lies behind it.
            new.append(Region("video-hole", RegionKind.HOLE, VIDEO_BASE, VIDEO_SIZE, priority=1))
        self._memory.replace(old, new)
        self._overlays[VIDEO_BASE] = new
