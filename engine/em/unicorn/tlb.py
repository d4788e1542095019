"""The virtual-TLB policy (U16): data pages without execute rights, so that stores are native.

An executable TLB entry is never marked clean-to-write, and without no-execute rights every page is
executable: each store then takes a slow path. While the guest has no NX (paging off, or EFER.NXE
clear) our hook fills the TLB and gives execute rights only to pages that have been fetched from.
"""

from __future__ import annotations

import ctypes as c
from contextlib import contextmanager
from typing import TYPE_CHECKING

from unicorn.unicorn_const import (
    UC_HOOK_TLB_FILL,
    UC_MEM_FETCH,
    UC_MEM_WRITE,
    UC_PROT_EXEC,
    UC_PROT_READ,
    UC_PROT_WRITE,
    UC_TLB_CPU,
    UC_TLB_VIRTUAL,
)

from engine.em import x86
from engine.em.unicorn.binding import TLB_FILL_CB, TlbEntry
from engine.em.unicorn.layout import HF_LMA
from engine.em.unicorn.mmu import FETCH, READ, WRITE
from engine.em.x86 import CpuFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.em.unicorn.binding import Unicorn
    from engine.em.unicorn.code import CodeMap
    from engine.em.unicorn.cpu import Cpu

FIRST_FLUSH, LAST_FLUSH = 250, 1 << 16
AHEAD = 15  # pages entered ahead of a sequential access
FOUR_GIB, LARGE_PAGE = 1 << 32, 2 << 20
# The library keeps a table for each: user, and supervisor without SMAP.
MMU_USER_INDEX, MMU_KERNEL_INDEX = 1, 2
_READ_EXEC, _ALL = UC_PROT_READ | UC_PROT_EXEC, UC_PROT_READ | UC_PROT_WRITE | UC_PROT_EXEC
_READ_WRITE = UC_PROT_READ | UC_PROT_WRITE
# Opcodes (0Fh xx as 1xx) that load segments, go far, ask for rights or look up the I/O bitmap.
_TABLE_READERS = frozenset({
    0x07, 0x17, 0x1F, 0x6C, 0x6D, 0x6E, 0x6F, 0x8E, 0x9A, 0xC4, 0xC5, 0xCA, 0xCB, 0xCF,
    0xE4, 0xE5, 0xE6, 0xE7, 0xEA, 0xEC, 0xED, 0xEE, 0xEF, 0xFF,
    0x100, 0x102, 0x103, 0x1A1, 0x1A9, 0x1B2, 0x1B4, 0x1B5,
})  # fmt: skip


class VirtualTlb:
    """Switches between native and own TLB fills and performs the own ones.

    Attributes:
        active: our hook fills the TLB now.
        fault: the #PF that the last failed fill has found; the run loop delivers it.
        fills: number of fills, for statistics.
    """

    def __init__(
        self, uc: Unicorn, cpu: Cpu, request_stop: Callable[[], None], failed: Callable[[], None]
    ) -> None:
        self._uc = uc
        self._cpu = cpu
        self._request_stop = request_stop
        self._failed = failed
        self.code: CodeMap | None = None
        self.active = False
        self.fault: CpuFault | None = None
        self.fills = 0
        self._entered = 0  # pages since the last flush for growth
        self._flush_limit = FIRST_FLUSH
        self._flush_wanted = False
        self._identity = False
        self._entries: dict[int, TlbEntry] = {}
        self._cr = cpu.state.cr
        self._state = cpu.state
        self._mmu = cpu.mmu
        self._expected = -1  # the page after the last one filled
        self._cpu_object = c.c_void_p(cpu.layout.cpu)
        self._set_page = getattr(uc.lib, "tlb_set_page_x86_64", None)
        if self._set_page is not None:
            self._set_page.argtypes = (
                c.c_void_p, c.c_uint64, c.c_uint64, c.c_int, c.c_int, c.c_uint64,
            )  # fmt: skip
            self._set_page.restype = None
        uc.add_hook(UC_HOOK_TLB_FILL, TLB_FILL_CB(self._fill))

    def before_run(self) -> None:
        """Choose the policy for the CPU's mode, and grow the table when it has proved small."""
        native = self._cpu.efer.value & x86.EFER_NXE and self._cr[0] & x86.CR0_PG
        if self.active == bool(native):
            self.activate(not native)
        if self._flush_wanted:
            # libunicorn's table grows only when it is flushed while mostly full.
            self._flush_wanted = False
            self._entered = 0
            self._flush_limit = min(2 * self._flush_limit, LAST_FLUSH)
            self._uc.flush_tlb()

    def activate(self, on: bool) -> None:
        """Switch policy. What was known of code pages is void: translations are dropped."""
        self.active = on
        self._uc.flush_translations()
        if self.code:
            self.code.clear()
        self._uc.set_tlb_type(UC_TLB_VIRTUAL if on else UC_TLB_CPU)
        self._uc.flush_tlb()

    @contextmanager
    def identity(self) -> Iterator[None]:
        """Translate linear addresses to themselves for a moment.

        Unmapping memory makes the library look for translations at the region's *linear*
        address. With the guest's page tables that raises page faults in its name.
        """
        self._uc.flush_tlb()
        self._identity = True
        if not self.active:
            self._uc.set_tlb_type(UC_TLB_VIRTUAL)
        try:
            yield
        finally:
            if not self.active:
                self._uc.set_tlb_type(UC_TLB_CPU)
            self._identity = False
            self._uc.flush_tlb()

    def reset(self) -> None:
        """Start over with a small table, as the CPU does after a reset."""
        self._flush_limit = FIRST_FLUSH
        self.fault = None

    def _fill(self, _uc: int, linear: int, access: int, entry_address: int, _data: int) -> bool:
        try:
            return self._fill_entry(linear, access, entry_address)
        except BaseException:  # must not leave through C frames; told by the run loop
            self._failed()
            return False

    def _fill_entry(self, linear: int, access: int, entry_address: int) -> bool:
        if self._identity:
            entry = TlbEntry.from_address(entry_address)
            entry.paddr, entry.perms = linear, _ALL
            return True
        self.fills += 1
        self._entered += 1
        if self._entered > self._flush_limit:
            self._flush_wanted = True
            self._request_stop()
        kind = WRITE if access == UC_MEM_WRITE else FETCH if access == UC_MEM_FETCH else READ
        if not self._cr[0] & x86.CR0_PG:
            page, writable = linear & 0xFFFFF000 & self._mmu.a20_mask, 1
            self._look_ahead(linear, kind, linear, FOUR_GIB - linear, _READ_WRITE)
        else:
            piece = 0
            if not self._cr[4] & x86.CR4_PAE:
                found = self._mmu.short_walk_32(linear, kind)
            elif self._state.hflags & HF_LMA:
                found, piece = self._mmu.short_walk_long(linear, kind)
            else:
                found = -1
            if found >= 0:
                page, writable = found & ~1, found & 1
                if piece > x86.PAGE_SIZE:
                    rights = _READ_WRITE if writable else UC_PROT_READ
                    self._look_ahead(linear, kind, page, piece, rights)
            else:
                try:
                    page, writable = self._walk(linear, kind, self._state.hflags & 3 == 3)
                except CpuFault as fault:
                    self.fault = fault
                    return False
        code = self.code
        assert code is not None
        if kind == FETCH and page not in code.pages:
            code.add(page)
            # A data-only entry made earlier, perhaps through another address, would let
            # stores slip past the translation that follows.
            self._uc.flush_tlb()
        entry = self._entries.get(entry_address) or self._entry_at(entry_address)
        entry.paddr = page
        if page in code.pages:
            entry.perms = _ALL if writable else _READ_EXEC
        else:
            entry.perms = _READ_WRITE if writable else UC_PROT_READ
        return True

    def _look_ahead(
        self, linear: int, kind: int, physical: int, piece: int, rights: int
    ) -> None:
        """Enter the next pages of a sequential access, which costs a callback each otherwise.

        Only pages of the same piece, in which nothing has to be walked or marked: all of memory
        without paging, a large page with it.

        Args:
            linear: page of the access.
            kind: READ, WRITE or FETCH.
            physical: where the page is, before A20 is applied.
            piece: bytes that are mapped in one piece from there on.
            rights: of the pages that hold no code.
        """
        sequential = linear == self._expected and kind != FETCH
        self._expected = linear + x86.PAGE_SIZE
        if not sequential or self._set_page is None:
            return
        assert self.code is not None
        code_pages, mask = self.code.pages, self._mmu.a20_mask
        user = self._state.hflags & 3 == 3
        index = MMU_USER_INDEX if user else MMU_KERNEL_INDEX
        # With the size of a large page INVLPG drops all of it.
        size = LARGE_PAGE if self._cr[0] & x86.CR0_PG else x86.PAGE_SIZE
        end = min((AHEAD + 1) * x86.PAGE_SIZE, piece)
        for offset in range(x86.PAGE_SIZE, end, x86.PAGE_SIZE):
            page = physical + offset & mask
            given = rights | UC_PROT_EXEC if page in code_pages else rights
            self._set_page(self._cpu_object, linear + offset, page, given, index, size)
            self._entered += 1
        self._expected = linear + end

    def _walk(self, linear: int, kind: int, user: bool) -> tuple[int, bool]:
        """Walk with the rights of the access, which the library does not tell."""
        walk = self._mmu.walk
        try:
            return walk(linear, kind, user=user)
        except CpuFault:
            if not user or kind == FETCH or not self._reads_tables(linear):
                raise
            return walk(linear, kind, user=False)

    def _reads_tables(self, linear: int) -> bool:
        """Tell whether the CPU itself, not the program, accesses a descriptor table or the TSS.

        Such accesses have supervisor rights in ring 3 too (SDM 3, 4.6.1).
        """
        state = self._state
        for table in (state.gdt, state.ldt, state.tr):
            if table.base & ~0xFFF <= linear <= table.base + table.limit:
                return self._cpu.opcode() in _TABLE_READERS
        return False

    def _entry_at(self, address: int) -> TlbEntry:
        """Return the library's answer record, which lies nearly always at the same place."""
        if len(self._entries) > 64:
            self._entries.clear()
        entry = self._entries[address] = TlbEntry.from_address(address)
        return entry
