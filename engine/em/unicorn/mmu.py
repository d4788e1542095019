"""Page walks and linear memory, as the CPU does them.

The native TLB does its own walks; these serve the delivery of traps, the virtual-TLB policy (U16)
and the debugger. Reference: SDM 3, chapter 4 (32-bit, PAE and 4-level paging, access rights 4.6,
page-fault error codes 4.7).
"""

from __future__ import annotations

import ctypes as c
import struct
from typing import TYPE_CHECKING

from engine.em import x86
from engine.em.unicorn.layout import HF_LMA
from engine.em.x86 import CpuFault

if TYPE_CHECKING:
    from engine.em.unicorn.layout import CpuState, Layout
    from engine.pgm import PhysicalMemory

READ, WRITE, FETCH = range(3)

_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_Levels = tuple[tuple[int, int], ...]
_LEVELS_LONG: _Levels = ((39, 511), (30, 511), (21, 511), (12, 511))
_LEVELS_PAE: _Levels = ((30, 3), (21, 511), (12, 511))
_LEVELS_32: _Levels = ((22, 1023), (12, 1023))
PF_RESERVED = 8
_BEYOND_MEMORY = 0x000F_FF00_0000_0000  # reserved: addresses have 40 bits
_RESERVED_WITHOUT_NX = _BEYOND_MEMORY | 1 << 63
_FULL_WALK = (-1, 0)
_CANONICAL = (0, 0x1FFFF)  # what bits 47..63 may be
VIDEO_START, MEGABYTE = 0xA0000, 0x100000
# What every entry on the path must have for the short walk.
_READABLE = x86.PTE_P | x86.PTE_A
_WRITABLE = x86.PTE_P | x86.PTE_A | x86.PTE_RW


class Mmu:
    """Linear-to-physical translation on the live CPU state.

    Attributes:
        a20_mask: ANDed to every physical address; all-ones while A20 is enabled.
    """

    def __init__(self, state: CpuState, layout: Layout, memory: PhysicalMemory) -> None:
        self._state = state
        self._efer = c.c_uint64.from_address(layout.efer)
        self._memory = memory
        self._ram = memory.ram.buffer
        self._low_ram = memory.low_ram
        self._low = memory.ram.view[: memory.low_ram]
        self._cr = state.cr
        self.a20_mask = -1

    # ------------------------------------------------------------------ translation

    # Length: every miss of the virtual TLB comes through here; calls would cost more than the walk.
    def walk(self, linear: int, access: int, *, user: bool, mark: bool = True) -> tuple[int, bool]:
        """Translate a linear address for one access.

        Args:
            linear: the address; wraps at 4 GiB outside long mode.
            access: READ, WRITE or FETCH.
            user: whether the access has user privilege.
            mark: set accessed and dirty bits as the CPU does.

        Returns:
            The physical page, and whether it may be written without another walk (writable, and
            its dirty bit is set).

        Raises:
            CpuFault: #PF with error code and CR2; #GP for an address that is not canonical.
        """
        state = self._state
        cr = state.cr
        cr0 = cr[0]
        if not cr0 & x86.CR0_PG:
            return linear & 0xFFFFF000 & self.a20_mask, True
        cr4, cr3 = cr[4], cr[3]
        nxe = self._efer.value & x86.EFER_NXE
        error = (x86.PF_WRITE if access == WRITE else 0) | (x86.PF_USER if user else 0)
        if access == FETCH and nxe:
            error |= x86.PF_FETCH
        wide = True
        if state.hflags & HF_LMA:
            if linear >> 47 not in _CANONICAL:
                raise CpuFault(x86.GP)
            table, levels = cr3 & x86.PTE_ADDRESS, _LEVELS_LONG
        elif cr4 & x86.CR4_PAE:
            table, levels = cr3 & 0xFFFFFFE0, _LEVELS_PAE
            linear &= 0xFFFFFFFF
        else:
            table, levels, wide = cr3 & 0xFFFFF000, _LEVELS_32, False
            linear &= 0xFFFFFFFF
        writable = user_page = True
        no_execute = False
        path: list[tuple[int, int]] = []
        entry = shift = 0
        for shift, mask in levels:
            index = linear >> shift & mask
            place = (table + index * (8 if wide else 4)) & self.a20_mask
            entry = self._entry(place, wide)
            if not entry & x86.PTE_P:
                raise CpuFault(x86.PF, error, linear)
            if wide and (entry & _BEYOND_MEMORY or (entry >> 63 and not nxe)):
                raise CpuFault(x86.PF, error | PF_RESERVED | x86.PF_PRESENT, linear)
            if levels is not _LEVELS_PAE or shift != 30:  # PDPTEs carry no rights and no marks
                path.append((place, entry))
                writable = writable and bool(entry & x86.PTE_RW)
                user_page = user_page and bool(entry & x86.PTE_US)
                no_execute = no_execute or bool(wide and entry >> 63)
                large = entry & x86.PTE_PS and shift != 12 and (
                    shift <= 30 if wide else bool(cr4 & x86.CR4_PSE)
                )  # fmt: skip
                if large:
                    break
            table = entry & (x86.PTE_ADDRESS if wide else 0xFFFFF000)
        offset_mask = (1 << shift) - 1
        if wide and entry & offset_mask & ~0x1FFF and shift != 12:
            raise CpuFault(x86.PF, error | PF_RESERVED | x86.PF_PRESENT, linear)
        may_write = writable or not (user or cr0 & x86.CR0_WP)
        if (
            (user and not user_page)
            or (access == WRITE and not may_write)
            or (access == FETCH and no_execute)
        ):
            raise CpuFault(x86.PF, error | x86.PF_PRESENT, linear)
        dirty = bool(entry & x86.PTE_D)
        if mark:
            dirty = self._mark(path, wide, access == WRITE) or dirty
        frame = entry & (x86.PTE_ADDRESS if wide else 0xFFFFFFFF) & ~offset_mask
        if not wide and shift == 22:
            frame |= (entry & 0x1FE000) << 19  # PSE-36: bits 32..39 (SDM 3, table 4-4)
        page = (frame | linear & offset_mask) & x86.PAGE_MASK & self.a20_mask
        return page, may_write and dirty

    def _mark(self, path: list[tuple[int, int]], wide: bool, write: bool) -> bool:
        """Set accessed bits on the path and the dirty bit on the leaf; tell if it is dirty now."""
        last = len(path) - 1
        for i, (place, entry) in enumerate(path):
            marked = entry | x86.PTE_A
            if write and i == last:
                marked |= x86.PTE_D
            if marked != entry:
                self._memory.write(place, marked.to_bytes(8 if wide else 4, "little"))
        return write

    def _entry(self, place: int, wide: bool) -> int:
        if place < self._low_ram:
            return int((_U64 if wide else _U32).unpack_from(self._ram, place)[0])
        return int.from_bytes(self._memory.read(place, 8 if wide else 4), "little")

    def translate(self, linear: int, access: int = READ, *, user: bool = False) -> int:
        """Return the physical address of a linear one; #PF as the access would."""
        page, _ = self.walk(linear, access, user=user)
        return page | linear & 0xFFF

    def probe(self, linear: int) -> int | None:
        """Return the physical address without any side effect, or None where none is mapped."""
        if self._state.hflags & HF_LMA and self._cr[0] & x86.CR0_PG and self.a20_mask == -1:
            physical = self._fast_long(linear, x86.PTE_P)
            if physical >= 0:
                return physical
        try:
            page, _ = self.walk(linear, READ, user=False, mark=False)
        except CpuFault:
            return None
        return page | linear & 0xFFF

    def short_walk_32(self, linear: int, access: int) -> int:
        """Translate in 32-bit paging when nothing has to be set or checked further.

        This is the hot path of guests without NX: millions of TLB fills while Linux boots.

        Returns:
            The physical page, plus 1 when it may be written without another walk; -1 when the
            full walk has to decide.
        """
        cr = self._cr
        try:
            entry = _U32.unpack_from(self._low, (cr[3] & 0xFFFFF000) + (linear >> 20 & 0xFFC))[0]
            rights = entry
            if entry & x86.PTE_PS:
                if not cr[4] & x86.CR4_PSE or entry & 0x1FE000:
                    return -1
                page = entry & 0xFFC00000 | linear & 0x3FF000
            else:
                table = entry & 0xFFFFF000
                entry = _U32.unpack_from(self._low, table + (linear >> 10 & 0xFFC))[0]
                rights &= entry
                page = entry & 0xFFFFF000
        except struct.error:  # a table outside low RAM
            return -1
        if rights & _READABLE != _READABLE or self.a20_mask != -1:
            return -1
        if self._state.hflags & 3 == 3 and not rights & x86.PTE_US:
            return -1
        if rights & x86.PTE_RW and entry & x86.PTE_D:
            return int(page | 1)
        return -1 if access == WRITE else int(page)

    def short_walk_long(self, linear: int, access: int) -> tuple[int, int]:
        """Translate in 4-level paging without NX, when nothing has to be set or checked further.

        Kernels decompress themselves in this mode, in pages of 2 MiB.

        Returns:
            As from :meth:`short_walk_32`, and how many bytes are mapped in one piece from the
            page on: the rest of a large page.
        """
        unpack, table = _U64.unpack_from, self._low
        if linear >> 47 not in _CANONICAL or self.a20_mask != -1:
            return _FULL_WALK
        try:
            first = unpack(table, (self._cr[3] & x86.PTE_ADDRESS) + (linear >> 36 & 0xFF8))[0]
            second = unpack(table, (first & x86.PTE_ADDRESS) + (linear >> 27 & 0xFF8))[0]
            entry = unpack(table, (second & x86.PTE_ADDRESS) + (linear >> 18 & 0xFF8))[0]
            rights, union = first & second & entry, first | second | entry
            if second & x86.PTE_PS:
                return _FULL_WALK
            if entry & x86.PTE_PS:
                if entry & 0x1FE000:
                    return _FULL_WALK
                page = entry & x86.PTE_ADDRESS & ~0x1FFFFF | linear & 0x1FF000
                piece = 0x200000 - (linear & 0x1FF000)
            else:
                entry = unpack(table, (entry & x86.PTE_ADDRESS) + (linear >> 9 & 0xFF8))[0]
                rights, union = rights & entry, union | entry
                page, piece = entry & x86.PTE_ADDRESS, x86.PAGE_SIZE
        except struct.error:  # a table outside low RAM
            return _FULL_WALK
        if union & _RESERVED_WITHOUT_NX or rights & _READABLE != _READABLE:
            return _FULL_WALK
        if self._state.hflags & 3 == 3 and not rights & x86.PTE_US:
            return _FULL_WALK
        if rights & x86.PTE_RW and entry & x86.PTE_D:
            return page | 1, piece
        return _FULL_WALK if access == WRITE else (page, piece)

    # ------------------------------------------------------------------ memory

    def _fast_long(self, linear: int, need: int) -> int:
        """Translate in 4-level paging when nothing has to be set or checked further.

        Args:
            linear: the address.
            need: bits that every entry on the path must have; for writes with PTE_D at the leaf.

        Returns:
            The physical address, or -1 when the full walk has to decide.
        """
        table, unpack = self._low, _U64.unpack_from
        try:
            entry = unpack(table, (self._cr[3] & x86.PTE_ADDRESS) + (linear >> 36 & 0xFF8))[0]
            if entry & need != need:
                return -1
            entry = unpack(table, (entry & x86.PTE_ADDRESS) + (linear >> 27 & 0xFF8))[0]
            if entry & (need | x86.PTE_PS) != need:
                return -1
            entry = unpack(table, (entry & x86.PTE_ADDRESS) + (linear >> 18 & 0xFF8))[0]
            if entry & need != need:
                return -1
            if entry & x86.PTE_PS:
                if need & x86.PTE_RW and not entry & x86.PTE_D:
                    return -1
                return int(entry & x86.PTE_ADDRESS & ~0x1FFFFF | linear & 0x1FFFFF)
            entry = unpack(table, (entry & x86.PTE_ADDRESS) + (linear >> 9 & 0xFF8))[0]
        except struct.error:  # a table outside low RAM
            return -1
        if need & x86.PTE_RW:
            need |= x86.PTE_D
        if entry & need != need:
            return -1
        return int(entry & x86.PTE_ADDRESS | linear & 0xFFF)

    def _supervisor(self, linear: int, access: int, need: int) -> int:
        """Translate an access of the CPU itself, by the shortest way that is right."""
        if not self._cr[0] & x86.CR0_PG:
            return linear & 0xFFFFFFFF & self.a20_mask
        if self._state.hflags & HF_LMA and self.a20_mask == -1:
            physical = self._fast_long(linear, need)
            if physical >= 0:
                return physical
        return self.translate(linear, access)

    def read(self, linear: int, size: int) -> int:
        """Read ``size`` bytes (little endian) with supervisor privilege.

        Raises:
            CpuFault: #PF.
        """
        return int.from_bytes(self.read_bytes(linear, size), "little")

    def read_bytes(self, linear: int, size: int) -> bytes:
        """Read bytes with supervisor privilege, across pages."""
        physical = self._supervisor(linear, READ, _READABLE)
        end = physical + size
        if (linear & 0xFFF) + size <= 0x1000:
            if end <= self._low_ram and (end <= VIDEO_START or physical >= MEGABYTE):
                return self._ram[physical:end]
            return self._memory.read(physical, size)
        room = 0x1000 - (linear & 0xFFF)
        return self._memory.read(physical, room) + self.read_bytes(linear + room, size - room)

    def write(self, linear: int, size: int, value: int, *, user: bool = False) -> None:
        """Write ``size`` bytes (little endian).

        Raises:
            CpuFault: #PF; nothing has been written then.
        """
        data = (value & (1 << 8 * size) - 1).to_bytes(size, "little")
        self.write_bytes(linear, data, user=user)

    def write_bytes(self, linear: int, data: bytes, *, user: bool = False) -> None:
        """Write up to a page of bytes.

        Raises:
            CpuFault: #PF; nothing has been written then.
        """
        if user:
            physical = self.translate(linear, WRITE, user=True)
        else:
            physical = self._supervisor(linear, WRITE, _WRITABLE)
        room = 0x1000 - (linear & 0xFFF)
        size = len(data)
        if size <= room:
            self._memory.write(physical, data)
            return
        second = self.translate(linear + room, WRITE, user=user)
        self._memory.write(physical, data[:room])
        self._memory.write(second, data[room:])
