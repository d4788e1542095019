"""IN, OUT and their string forms (U11).

REP INS and REP OUTS come item by item. When the device behind the port can move a block, the
first item moves all of it: the rest goes straight between guest memory and the device, and the
count and index registers advance accordingly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unicorn.unicorn_const import UC_HOOK_INSN
from unicorn.x86_const import UC_X86_INS_IN, UC_X86_INS_OUT

from engine.em import x86
from engine.em.unicorn.binding import IN_CB, OUT_CB
from engine.em.unicorn.layout import HF_CS32, HF_CS64
from engine.em.unicorn.mmu import READ, WRITE
from engine.em.x86 import CpuFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.em.unicorn.binding import Unicorn
    from engine.em.unicorn.cpu import Cpu
    from engine.iom import PortSpace, Range
    from engine.pgm import PhysicalMemory
    from engine.stam import Statistics

_PREFIXES = frozenset(b"\xf2\xf3\x66\x67\x2e\x36\x3e\x26\x64\x65")
_SEGMENT_OF = {0x26: x86.ES, 0x2E: x86.CS, 0x36: x86.SS, 0x3E: x86.DS, 0x64: x86.FS, 0x65: x86.GS}
_INS, _OUTS = (0x6C, 0x6D), (0x6E, 0x6F)
MAX_BLOCK = 0x20000  # bytes that one string instruction moves at most before it looks up again


class _StringOperation:
    """A REP INS or REP OUTS that the CPU is about to repeat."""

    __slots__ = ("_cpu", "_mask", "count", "index_register", "linear")

    def __init__(self, cpu: Cpu, index_register: int, mask: int, segment_base: int) -> None:
        state = cpu.state
        self._cpu = cpu
        self._mask = mask
        self.index_register = index_register
        self.count = int(state.regs[x86.RCX]) & mask
        self.linear = segment_base + (int(state.regs[index_register]) & mask)

    def advance(self, items: int, size: int) -> None:
        """Account for items that were moved here instead of by the instruction."""
        regs, mask = self._cpu.state.regs, self._mask
        keep = 0 if mask > 0xFFFF else ~mask
        count, index = int(regs[x86.RCX]), int(regs[self.index_register])
        regs[x86.RCX] = count & keep | (count - items) & mask
        regs[self.index_register] = index & keep | (index + items * size) & mask


class PortHooks:
    """Connects the CPU's I/O instructions to the port space.

    Args:
        failed: called inside an exception handler when a device has raised one.
    """

    def __init__(
        self,
        uc: Unicorn,
        cpu: Cpu,
        ports: PortSpace,
        memory: PhysicalMemory,
        statistics: Statistics,
        failed: Callable[[], None],
    ) -> None:
        self._cpu = cpu
        self._ports = ports
        self._readers = ports.readers
        self._writers = ports.writers
        self._ranges = ports.ranges
        self._memory = memory
        self._failed = failed
        self._reads = statistics.counter("/IOM/Port/Reads")
        self._writes = statistics.counter("/IOM/Port/Writes")
        self._strings = statistics.counter("/IOM/Port/StringBytes", "bytes")
        uc.add_hook(UC_HOOK_INSN, IN_CB(self._on_in), UC_X86_INS_IN)
        uc.add_hook(UC_HOOK_INSN, OUT_CB(self._on_out), UC_X86_INS_OUT)

    # ------------------------------------------------------------------ callbacks

    def _on_in(self, _uc: int, port: int, size: int, _data: int) -> int:
        try:
            self._reads.value += 1
            block = self._ranges[port]
            if block is not None and block.block_read is not None:
                value = self._string_in(block, port, size)
                if value is not None:
                    return value
            reader = self._readers[port]
            if reader is not None and size == 1:
                return reader(1)
            return self._ports.read(port, size)
        except BaseException:  # must not leave through C frames; told by the run loop
            self._failed()
            return (1 << 8 * size) - 1

    def _on_out(self, _uc: int, port: int, size: int, value: int, _data: int) -> None:
        try:
            self._writes.value += 1
            block = self._ranges[port]
            if (
                block is not None
                and block.block_write is not None
                and self._string_out(block, port, size, value)
            ):
                return
            writer = self._writers[port]
            if writer is not None and size == 1:
                writer(value & 0xFF, 1)
            else:
                self._ports.write(port, value & (1 << 8 * size) - 1, size)
        except BaseException:  # must not leave through C frames; told by the run loop
            self._failed()

    # ------------------------------------------------------------------ string instructions

    def _operation(self, opcodes: tuple[int, int]) -> _StringOperation | None:
        """Decode the instruction at CS:RIP; None unless it is a forward REP INS/OUTS."""
        cpu = self._cpu
        state = cpu.state
        if state.df != 1:
            return None
        long_code = state.hflags & HF_CS64
        base = 0 if long_code else int(cpu.segs[x86.CS].base)
        try:
            code = cpu.mmu.read_bytes((base + int(state.eip)) & 0xFFFF_FFFF_FFFF_FFFF, 4)
        except CpuFault:
            return None
        wide = bool(state.hflags & (HF_CS32 | HF_CS64))
        segment = x86.DS
        repeated = False
        for byte in code:
            if byte not in _PREFIXES and not (long_code and 0x40 <= byte <= 0x4F):
                if not repeated or byte not in opcodes:
                    return None
                break
            repeated = repeated or byte in b"\xf2\xf3"
            if byte == 0x67:
                wide = bool(long_code) or not wide
            segment = _SEGMENT_OF.get(byte, segment)
        else:
            return None
        if long_code:
            mask = 0xFFFF_FFFF_FFFF_FFFF if 0x67 not in code else 0xFFFF_FFFF
        else:
            mask = 0xFFFF_FFFF if wide else 0xFFFF
        register = x86.RDI if opcodes is _INS else x86.RSI
        segment = x86.ES if opcodes is _INS else segment
        flat = long_code and segment not in (x86.FS, x86.GS)
        return _StringOperation(
            cpu, register, mask, 0 if flat else int(cpu.segs[segment].base)
        )

    def _pieces(self, linear: int, size: int, access: int) -> list[tuple[int, int]]:
        """Return (physical address, length) of linear memory as far as it is accessible."""
        mmu, user = self._cpu.mmu, self._cpu.cpl == 3
        pieces: list[tuple[int, int]] = []
        while size > 0:
            length = min(size, 0x1000 - (linear & 0xFFF))
            try:
                pieces.append((mmu.translate(linear, access, user=user), length))
            except CpuFault:
                break  # the instruction itself will meet the fault when it gets there
            linear += length
            size -= length
        return pieces

    def _string_in(self, block: Range, port: int, size: int) -> int | None:
        """Move all that is ready; return the first item, which the instruction stores itself."""
        operation = self._operation(_INS)
        if operation is None or operation.count < 2:
            return None
        wanted = min(operation.count, MAX_BLOCK // size)
        pieces = self._pieces(operation.linear + size, (wanted - 1) * size, WRITE)
        items = 1 + sum(length for _, length in pieces) // size
        if items < 2 or block.block_read is None:
            return None
        data = block.block_read(port - block.base, size, items)
        if not data:
            return None
        moved = len(data) // size
        self._scatter(pieces, data[size:])
        operation.advance(moved - 1, size)
        self._strings.value += len(data)
        return int.from_bytes(data[:size], "little")

    def _scatter(self, pieces: list[tuple[int, int]], data: bytes) -> None:
        done = 0
        for physical, length in pieces:
            part = data[done : done + length]
            if part:
                self._memory.write(physical, part)
            done += length

    def _string_out(self, block: Range, port: int, size: int, first: int) -> bool:
        """Offer the rest of the string to the device; tell whether it took at least one item."""
        operation = self._operation(_OUTS)
        if operation is None or operation.count < 2 or block.block_write is None:
            return False
        wanted = min(operation.count, MAX_BLOCK // size)
        pieces = self._pieces(operation.linear + size, (wanted - 1) * size, READ)
        rest = b"".join(self._memory.read(physical, length) for physical, length in pieces)
        rest = rest[: len(rest) // size * size]
        data = (first & (1 << 8 * size) - 1).to_bytes(size, "little") + rest
        taken = block.block_write(port - block.base, size, data)
        if taken < 1:
            return False
        operation.advance(taken - 1, size)
        self._strings.value += taken * size
        return True
