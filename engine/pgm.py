"""PGM: the physical memory map.

Guest-physical space is made of regions with priorities (RAM below, windows of devices and shadowed
ROM above). From them PGM computes a flat list of sections; the execution engine is told only what
changed. Devices reach guest memory through :meth:`PhysicalMemory.read` and ``write``, which is
also where stale translated code is dropped (U12).
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from engine.errors import ConfigurationError
from engine.iom import Range, read_range, write_range
from engine.pdm.memory import PAGE_SIZE, HostMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from engine.pdm.buffers import Piece
    from engine.pdm.memory import DeviceMemory

# RAM above this would collide with the PCI hole of the i440FX board; the rest goes above 4 GiB.
PCI_HOLE_START = 0xE000_0000
LOW_RAM_LIMIT = 0xC000_0000
FOUR_GIB = 1 << 32
VIDEO_START, MEGABYTE = 0xA0000, 0x100000
# 40 physical address bits, as the CPU profile announces.
ADDRESS_SPACE_END = 1 << 40
# Sections never grow across these edges, so that a change (PAM, a BAR) does not touch the large
# sections beside it: shadow RAM switches in 16 KiB pieces, holes are cut at 16 MiB.
_FIXED_EDGES = (0xA0000, *range(0xC0000, 0x100000, 0x4000), 0x100000)
_HOLE_PIECE = 16 << 20


class RegionKind(Enum):
    """How a region answers."""

    RAM = "ram"
    ROM = "rom"  # readable and executable; writes are dropped
    MMIO = "mmio"
    HOLE = "hole"


# Higher wins where regions overlap. DRAM answers first wherever there is some, but for the adapter
# and ROM space below 1 MiB (440FX data sheet, 4.1): no BAR hides memory.
PRIORITY_RAM, PRIORITY_DEVICE, PRIORITY_DRAM, PRIORITY_SHADOW = 0, 10, 15, 20


@dataclass(eq=False, slots=True)
class Region:
    """A piece of guest-physical space.

    Attributes:
        memory: host memory behind RAM and ROM, shown from ``offset``.
        block: handlers behind MMIO.
    """

    name: str
    kind: RegionKind
    base: int
    size: int
    priority: int = PRIORITY_RAM
    memory: HostMemory | None = None
    offset: int = 0
    block: Range | None = None

    @property
    def end(self) -> int:
        """First address after the region."""
        return self.base + self.size


@dataclass(frozen=True, slots=True)
class Section:
    """A run of addresses that one region answers."""

    base: int
    end: int
    region: Region = field(compare=False)
    identity: int = 0

    @property
    def offset(self) -> int:
        """Place of the first byte in the memory behind it (RAM and ROM)."""
        return self.region.offset + self.base - self.region.base

    @property
    def host_address(self) -> int:
        """Host address of the first byte (RAM and ROM)."""
        memory = self.region.memory
        assert memory is not None
        return memory.address + self.offset


class MemoryHost(Protocol):
    """The part of an execution engine that PGM talks to."""

    def map_section(self, section: Section) -> None:
        """Show a section to the guest."""

    def unmap_section(self, section: Section) -> None:
        """Take a section away."""

    def invalidate_code(self, base: int, size: int) -> None:
        """Forget translated code of guest-physical bytes that the host has changed."""


class PhysicalMemory:
    """The memory map of one VM.

    Args:
        ram_size: bytes of guest RAM, a multiple of 1 MiB.

    Attributes:
        ram: the guest's RAM, one host mapping; guest-physical 0 is its first byte.
        low_ram: bytes of RAM below 4 GiB; the rest starts at 4 GiB.
    """

    def __init__(self, ram_size: int) -> None:
        if ram_size < 1 << 20 or ram_size % (1 << 20):
            raise ConfigurationError(f"RAM size {ram_size} is not a whole number of megabytes.")
        self.ram = HostMemory(ram_size)
        self._view = self.ram.view
        self.ram_size = ram_size
        self.low_ram = ram_size if ram_size <= PCI_HOLE_START else LOW_RAM_LIMIT
        self._regions: list[Region] = []
        self._order = itertools.count(1)
        self._identities: dict[int, int] = {}
        self._sections: list[Section] = []
        self._starts: list[int] = []
        self._engine: MemoryHost | None = None
        hole = Region("unassigned", RegionKind.HOLE, 0, ADDRESS_SPACE_END, priority=-1)
        self._insert(hole)
        self._insert_ram("ram", 0, VIDEO_START, 0, PRIORITY_DRAM)
        self._insert_ram("ram-shadowed", VIDEO_START, MEGABYTE, VIDEO_START, PRIORITY_RAM)
        self._insert_ram("ram-extended", MEGABYTE, self.low_ram, MEGABYTE, PRIORITY_DRAM)
        high = ram_size - self.low_ram
        self._insert_ram(
            "ram-above-4g", FOUR_GIB, FOUR_GIB + high, self.low_ram, PRIORITY_DRAM
        )
        self._update(0, ADDRESS_SPACE_END)

    def _insert_ram(self, name: str, base: int, end: int, offset: int, priority: int) -> None:
        if end > base:
            self._insert(
                Region(name, RegionKind.RAM, base, end - base, priority, self.ram, offset)
            )

    # ------------------------------------------------------------------ the map

    def attach_engine(self, engine: MemoryHost) -> None:
        """Give the map to an execution engine and keep it informed."""
        self._engine = engine
        for section in self._sections:
            engine.map_section(section)

    def add(self, region: Region) -> None:
        """Put a region into the map.

        Raises:
            ConfigurationError: it is not page-aligned or leaves the address space.
        """
        self.replace([], [region])

    def remove(self, region: Region) -> None:
        """Take a region out of the map; does nothing when it is not there."""
        self.replace([region], [])

    def replace(self, old: list[Region], new: list[Region]) -> None:
        """Exchange regions in one step, without a moment in which neither is there."""
        for region in new:
            self._check(region)
        gone = [region for region in old if region in self._regions]
        for region in gone:
            self._regions.remove(region)
            self._identities.pop(id(region), None)
        for region in new:
            self._insert(region)
        changed = gone + new
        if changed:
            self._update(min(r.base for r in changed), max(r.end for r in changed))

    @staticmethod
    def _check(region: Region) -> None:
        if region.base % PAGE_SIZE or region.size % PAGE_SIZE or region.size <= 0:
            raise ConfigurationError(
                f"Region {region.name} at {region.base:#x}, size {region.size:#x}, "
                f"is not made of whole 4 KiB pages."
            )
        if region.base < 0 or region.end > ADDRESS_SPACE_END:
            raise ConfigurationError(f"Region {region.name} at {region.base:#x} is out of range.")

    def _insert(self, region: Region) -> None:
        self._check(region)
        self._regions.append(region)
        self._identities[id(region)] = next(self._order)

    def _flatten(self, low: int, high: int) -> list[Section]:
        """Return the sections of a stretch of addresses."""
        present = [r for r in self._regions if r.base < high and r.end > low]
        first_piece = -(-low // _HOLE_PIECE) * _HOLE_PIECE
        edges = {low, high, *range(first_piece, min(high, FOUR_GIB + 1), _HOLE_PIECE)}
        edges.update(edge for r in present for edge in (r.base, r.end) if low < edge < high)
        edges.update(edge for edge in _FIXED_EDGES if low < edge < high)
        # Later regions win over earlier ones of the same priority.
        ranked = sorted(present, key=lambda r: (r.priority, self._identities[id(r)]), reverse=True)
        sections: list[Section] = []
        for start, end in itertools.pairwise(sorted(edges)):
            owner = next((r for r in ranked if r.base <= start and end <= r.end), None)
            if owner is None:
                continue
            cut = start in _FIXED_EDGES or (
                owner.kind is RegionKind.HOLE and start <= FOUR_GIB and start % _HOLE_PIECE == 0
            )
            base = start
            joins = sections and sections[-1].region is owner and sections[-1].end == start
            if joins and not cut:
                base = sections.pop().base  # grows to the right
            sections.append(Section(base, end, owner, self._identities[id(owner)]))
        return sections

    def _update(self, low: int, high: int) -> None:
        """Compute the sections around a change anew and tell the engine what differs.

        Only the sections that the change touches and their neighbours, with which it may have
        parted or joined them: a guest that switches video banks changes the map all the time.
        """
        first = max(0, bisect_right(self._starts, low) - 2)
        last = min(len(self._sections), bisect_left(self._starts, high) + 1)
        before = self._sections[first:last]
        if before:
            low, high = min(low, before[0].base), max(high, before[-1].end)
        after = self._flatten(low, high)
        self._sections[first:last] = after
        self._starts[first:last] = [section.base for section in after]
        if self._engine is None or before == after:
            return
        old, new = set(before), set(after)
        for section in before:
            if section not in new:
                self._engine.unmap_section(section)
        for section in after:
            if section not in old:
                self._engine.map_section(section)

    def sections(self) -> Iterator[Section]:
        """Yield the flat map in address order (debugger, engines)."""
        yield from self._sections

    def section_at(self, address: int) -> Section:
        """Return the section that answers an address."""
        return self._sections[max(0, bisect_right(self._starts, address) - 1)]

    # ------------------------------------------------------------------ access by bus masters

    def read(self, address: int, size: int) -> bytes:
        """Return ``size`` bytes of guest-physical memory, whatever answers there."""
        end = address + size
        if end <= self.low_ram and (address >= MEGABYTE or end <= VIDEO_START):
            return bytes(self._view[address:end])
        return b"".join(self._read_piece(a, n) for a, n in self._pieces(address, size))

    def _read_piece(self, address: int, size: int) -> bytes:
        region = self.section_at(address).region
        if region.memory is not None:
            start = address - region.base + region.offset
            return bytes(region.memory.view[start : start + size])
        if region.block is not None:
            return b"".join(
                read_range(region.block, address - region.block.base + i, 1).to_bytes(1, "little")
                for i in range(size)
            )
        return b"\xff" * size

    def write(self, address: int, data: bytes) -> None:
        """Write bytes to guest-physical memory as a bus master does."""
        end = address + len(data)
        if end <= self.low_ram and (address >= MEGABYTE or end <= VIDEO_START):
            # Plain RAM whatever windows there are: nothing overlays it on this board.
            self._view[address:end] = data
            if self._engine:
                self._engine.invalidate_code(address, len(data))
            return
        done = 0
        for start, length in self._pieces(address, len(data)):
            self._write_piece(start, data[done : done + length])
            done += length

    def _write_piece(self, address: int, data: bytes) -> None:
        region = self.section_at(address).region
        if region.kind is RegionKind.RAM and region.memory is not None:
            start = address - region.base + region.offset
            region.memory.view[start : start + len(data)] = data
            region.memory.written(start, len(data))
            if self._engine:
                self._engine.invalidate_code(address, len(data))
        elif region.block is not None:
            for i, value in enumerate(data):
                write_range(region.block, address - region.block.base + i, value, 1)

    def gather(self, pieces: Iterable[Piece]) -> bytes:
        """Return what a bus master reads from consecutive parts of guest-physical memory."""
        view, low_ram = self._view, self.low_ram
        found: list[bytes | memoryview] = []
        for address, length in pieces:
            end = address + length
            if end <= low_ram and (address >= MEGABYTE or end <= VIDEO_START):
                found.append(view[address:end])
            else:
                found.append(self.read(address, length))
        return b"".join(found)

    def scatter(self, pieces: Iterable[Piece], data: bytes | memoryview) -> None:
        """Write bytes to consecutive parts of guest-physical memory as a bus master does."""
        view, low_ram, engine = self._view, self.low_ram, self._engine
        data, done = memoryview(data), 0
        for address, length in pieces:
            end, part = address + length, data[done : done + length]
            if end <= low_ram and (address >= MEGABYTE or end <= VIDEO_START):
                view[address:end] = part
                if engine:
                    engine.invalidate_code(address, length)
            else:
                self.write(address, bytes(part))
            done += length

    def views(self, pieces: Sequence[Piece]) -> list[memoryview] | None:
        """Return consecutive parts of RAM for a bus master to fill; None: some are not RAM.

        Whoever has filled them calls :meth:`filled`.
        """
        view, low_ram = self._view, self.low_ram
        found = []
        for address, length in pieces:
            end = address + length
            if end > low_ram or (address < MEGABYTE and end > VIDEO_START):
                return None
            found.append(view[address:end])
        return found

    def filled(self, pieces: Sequence[Piece]) -> None:
        """Take note that the parts of RAM that :meth:`views` has returned have changed."""
        if self._engine:
            invalidate = self._engine.invalidate_code
            for address, length in pieces:
                invalidate(address, length)

    def is_memory(self, address: int, size: int) -> bool:
        """Tell whether nothing but memory answers a range of addresses: no register, no hole."""
        end = address + size
        if end <= self.low_ram and (address >= MEGABYTE or end <= VIDEO_START):
            return True
        if not 0 <= address < end <= ADDRESS_SPACE_END:
            return False
        while address < end:
            section = self.section_at(address)
            if section.region.memory is None or section.end <= address:
                return False
            address = section.end
        return True

    def _pieces(self, address: int, size: int) -> Iterator[tuple[int, int]]:
        while size > 0:
            section = self.section_at(address)
            length = min(size, section.end - address) if section.end > address else size
            yield address, length
            address += length
            size -= length

    def changed_by_host(self, base: int, size: int) -> None:
        """Say that memory was changed without :meth:`write`."""
        if self._engine:
            self._engine.invalidate_code(base, size)

    def give_back(self, address: int, size: int) -> bool:
        """Return whole pages of RAM to the host; the guest reads zeros there, and may go on.

        Returns:
            Whether nothing but RAM is there; else nothing has changed.
        """
        end = address + size
        if address % PAGE_SIZE or size % PAGE_SIZE or not 0 <= address < end:
            return False
        if end <= VIDEO_START or (address >= MEGABYTE and end <= self.low_ram):
            offset = address
        elif address >= FOUR_GIB and end - FOUR_GIB <= self.ram_size - self.low_ram:
            offset = address - FOUR_GIB + self.low_ram
        else:
            return False
        self.ram.give_back(offset, size)
        self.changed_by_host(address, size)
        return True

    # ------------------------------------------------------------------ for the device builder

    def map_mmio(self, block: Range) -> Callable[[], None]:
        """Map a register block; return what undoes it."""
        size = -(-block.count // PAGE_SIZE) * PAGE_SIZE
        name = f"{block.owner}/{block.name}"
        region = Region(name, RegionKind.MMIO, block.base, size, PRIORITY_DEVICE, block=block)
        self.add(region)
        return lambda: self.remove(region)

    def map_memory(
        self, memory: DeviceMemory, base: int, offset: int, size: int
    ) -> Callable[[], None]:
        """Map a window of a device's memory; return what undoes it."""
        kind = RegionKind.RAM if memory.writable else RegionKind.ROM
        region = Region(
            memory.name, kind, base, size, PRIORITY_DEVICE, memory=memory, offset=offset
        )
        self.add(region)
        return lambda: self.remove(region)
