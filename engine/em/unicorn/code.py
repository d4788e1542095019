"""Which physical pages hold translated code, and what must happen when their bytes change.

Three facts meet here. U12: what the host writes (DMA, pushed frames) leaves translations of the
old bytes alive until they are dropped explicitly. U18: for no-execute data mappings the library
marks a page clean at its first store even while translations of it remain; a hook record bounded
to the page keeps it from doing so. And ``uc_ctl_remove_cache`` takes *linear* addresses, walks the
guest's page tables for them and overwrites CR2 when there is no mapping; so translations of a
physical page are dropped through the exported function below it, or, where a platform does not
export it, by flushing everything before the next run.
"""

from __future__ import annotations

import bisect
import ctypes as c
import logging
import struct
from typing import TYPE_CHECKING

from unicorn.unicorn_const import UC_HOOK_EDGE_GENERATED, UC_HOOK_MEM_FETCH_UNMAPPED

from engine.em.unicorn.binding import EDGE_CB, TranslationBlock
from engine.errors import ExecutionEngineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.em.unicorn.binding import Unicorn
    from engine.em.unicorn.mmu import Mmu

log = logging.getLogger("engine.em")

PAGE = 4096
# Each slow store walks the list of guards, so there are few; close ranges are merged.
MAX_GUARDS = 48
UNUSED = 0xFFFF_FFFF_FFFF_F000  # a range that no physical address is in


class PhysicalInvalidator:
    """Drops translations by physical address.

    Attributes:
        flush_pending: everything has to be flushed before the next run (fallback).
    """

    def __init__(self, uc: Unicorn) -> None:
        self._handle = c.c_void_p(uc.handle)
        self.flush_pending = False
        try:
            invalidate = uc.lib.tb_invalidate_phys_range_x86_64
            ram_address = uc.lib.qemu_ram_addr_from_host_x86_64
        except AttributeError:
            log.info("libunicorn exports no tb_invalidate_phys_range: flushing everything instead")
            self._invalidate = self._ram_address = None
            return
        invalidate.argtypes = (c.c_void_p, c.c_uint64, c.c_uint64)
        invalidate.restype = None
        ram_address.argtypes = (c.c_void_p, c.c_void_p)
        ram_address.restype = c.c_uint64
        self._invalidate, self._ram_address = invalidate, ram_address

    def drop(self, host_address: int, size: int) -> bool:
        """Drop translations of host memory that is mapped into the guest.

        Returns:
            False when that has to wait for the end of the run (``flush_pending`` is set).
        """
        if self._invalidate is None or self._ram_address is None:
            self.flush_pending = True
            return False
        start = self._ram_address(self._handle, host_address)
        if start != 0xFFFF_FFFF_FFFF_FFFF:
            self._invalidate(self._handle, start, start + size)
        return True


class CodeMap:
    """The set of physical pages with translated code, guarded against U18.

    Args:
        uc: the engine. mmu: to find the physical pages of a new block.
        in_virtual_tlb: tells whether our own hook fills the TLB; it then keeps this map itself.

    Attributes:
        pages: physical addresses of the pages. watch: called after each translation when set.
    """

    def __init__(self, uc: Unicorn, mmu: Mmu, in_virtual_tlb: Callable[[], bool]) -> None:
        self._uc = uc
        self._mmu = mmu
        self._in_virtual_tlb = in_virtual_tlb
        self.pages: set[int] = set()
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._slots: list[tuple[c.c_uint64, c.c_uint64]] = []
        self.watch: Callable[[], None] | None = None
        uc.add_hook(UC_HOOK_EDGE_GENERATED, EDGE_CB(self._translated))

    def clear(self) -> None:
        """Forget all pages; after a flush of all translations."""
        self.pages.clear()
        self._starts.clear()
        self._ends.clear()
        self._write_slots()

    def __len__(self) -> int:
        return len(self.pages)

    # ------------------------------------------------------------------ learning

    def _translated(self, _uc: int, block: int, _previous: int, _data: int) -> None:
        """Edge hook: called after most translations, see :meth:`entering` for the others."""
        if self.watch is not None:
            self.watch()
        if self._in_virtual_tlb():
            return
        current = TranslationBlock.from_address(block)
        first = current.pc & ~0xFFF
        last = current.pc + max(current.size, 1) - 1 & ~0xFFF
        self._learn(first)
        if last != first:
            self._learn(last)

    def entering(self, linear: int) -> None:
        """Learn the page at which the CPU goes on, at the start of a run and after a trap.

        The edge hook is silent until one block of a run has been completed. The same linear page
        may be another physical one each time, so there is nothing to remember.
        """
        if not self._in_virtual_tlb():
            self._learn(linear)
            if linear & 0xFFF > 0xFF0:  # its first instruction may cross into the next page
                self._learn(linear + 15)

    def _learn(self, linear: int) -> None:
        physical = self._mmu.probe(linear)
        if physical is not None and physical & ~0xFFF not in self.pages:
            self.add(physical & ~0xFFF)
            self._guard(physical & ~0xFFF)
            # A data mapping of the page may be in the TLB already as clean-to-write: its stores
            # would slip past the translation.
            self._uc.flush_tlb()

    def add(self, page: int) -> None:
        """Note that a physical page holds translated code."""
        self.pages.add(page)

    # ------------------------------------------------------------------ guards (U18)

    def _guard(self, page: int) -> None:
        starts, ends = self._starts, self._ends
        at = bisect.bisect_right(starts, page)
        if at and ends[at - 1] >= page:  # inside, or adjacent to the range before
            if ends[at - 1] > page:
                return
            ends[at - 1] = page + PAGE
            at -= 1
        else:
            starts.insert(at, page)
            ends.insert(at, page + PAGE)
        if at + 1 < len(starts) and starts[at + 1] <= ends[at]:
            ends[at] = max(ends[at], ends[at + 1])
            del starts[at + 1], ends[at + 1]
        if len(starts) > MAX_GUARDS:
            gaps = [starts[i + 1] - ends[i] for i in range(len(starts) - 1)]
            i = gaps.index(min(gaps))
            ends[i] = ends[i + 1]
            del starts[i + 1], ends[i + 1]
        self._write_slots()

    def _write_slots(self) -> None:
        while len(self._slots) < len(self._starts):
            self._slots.append(self._new_slot())
        for i, (begin, end) in enumerate(self._slots):
            if i < len(self._starts):
                begin.value, end.value = self._starts[i], self._ends[i] - 1
            else:
                begin.value = end.value = UNUSED

    def _new_slot(self) -> tuple[c.c_uint64, c.c_uint64]:
        """Install one more bounded hook and find its bounds in the record.

        The hook never fires (fetches from unmapped memory do not occur); that it exists for an
        address keeps libunicorn from marking the page clean.
        """
        magic = (0xFFFF_0123_4567_8000, 0xFFFF_0123_4567_8FFF)
        record = self._uc.add_hook(
            UC_HOOK_MEM_FETCH_UNMAPPED, self._uc.harmless_callback, begin=magic[0], end=magic[1]
        )
        words = struct.unpack("<8Q", c.string_at(record, 64))
        for i in range(7):
            if words[i : i + 2] == magic:
                return (
                    c.c_uint64.from_address(record + 8 * i),
                    c.c_uint64.from_address(record + 8 * i + 8),
                )
        raise ExecutionEngineError(
            "The bounds of a hook were not found in its record; this build of libunicorn "
            "cannot keep translations of rewritten code out (U18)."
        )
