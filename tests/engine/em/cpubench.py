"""A CPU, memory and ports without a board, for tests of the execution engine."""

from __future__ import annotations

import shutil
import struct
import subprocess

import pytest

from engine.em.backend import ExitReason
from engine.em.unicorn.engine import UnicornEngine
from engine.iom import PortSpace, Range
from engine.pdm.interfaces import ResetKind
from engine.pgm import PhysicalMemory
from engine.stam import Statistics

NX = 1 << 63


def assemble(source: str, origin: int = 0, bits: int = 32) -> bytes:
    """Assemble with nasm; the test skips where there is none."""
    if not shutil.which("nasm"):
        pytest.skip("nasm is not installed")
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "a.asm").write_text(f"bits {bits}\norg {origin}\n{source}\n")
        done = subprocess.run(
            ["nasm", "-f", "bin", "-o", str(path / "a.bin"), str(path / "a.asm")],
            capture_output=True, text=True, check=False,
        )
        assert done.returncode == 0, done.stderr
        return (path / "a.bin").read_bytes()


class CpuBench:
    """A machine of CPU, RAM and ports.

    Ports: whatever the test registers with ``on_out`` and ``on_in``.
    """

    def __init__(self, ram_size=8 << 20):
        self.ports = PortSpace()
        self.memory = PhysicalMemory(ram_size)
        self.statistics = Statistics()
        self.engine = UnicornEngine()
        self.engine.attach(self.ports, self.memory, self.statistics)
        self.engine.reset(ResetKind.POWER_ON)
        self.state = self.engine._cpu.state
        self.cpu = self.engine._cpu
        self.ram = self.memory.ram.view

    def close(self):
        self.engine.close()

    def load(self, address, source, bits=32):
        code = assemble(source, address, bits)
        self.ram[address : address + len(code)] = code
        return address + len(code)

    def on_out(self, port, function, count=1, sizes=(1, 2, 4)):
        self.ports.map(Range("test", f"out{port:x}", port, count, sizes, None,
                             lambda offset, value, size: function(value)))

    def on_in(self, port, function, sizes=(1, 2, 4), block_read=None):
        self.ports.map(Range("test", f"in{port:x}", port, 4, sizes,
                             lambda offset, size: function(size), None, block_read))

    def real_mode(self, address, stack=0x7000):
        cpu = self.cpu
        for i in range(6):
            cpu.load_segment(i, 0, 0, 0xFFFF, cpu.state.segs[i].flags)
        self.state.eip = address
        self.state.regs[4] = stack

    def protected_mode(self, address, stack=0x30000, cpl=0):
        """Flat 32-bit protected mode with a GDT at 800h: 8 code, 10 data, 18/20 user, 28 TSS."""
        descriptors = [0, 0x00CF9A000000FFFF, 0x00CF92000000FFFF, 0x00CFFA000000FFFF,
                       0x00CFF2000000FFFF, 0]
        for i, value in enumerate(descriptors):
            struct.pack_into("<Q", self.ram, 0x800 + 8 * i, value)
        state, cpu = self.state, self.cpu
        state.gdt.base, state.gdt.limit = 0x800, 0xFF
        self.engine._uc.set_register(CR0, 0x11)
        code, data = (0x1B, 0x23) if cpl else (0x08, 0x10)
        dpl = cpl << 13
        cpu.load_segment(1, code, 0, 0xFFFFFFFF, 0x00CF9A00 | dpl)
        for i in (0, 2, 3, 4, 5):
            cpu.load_segment(i, data, 0, 0xFFFFFFFF, 0x00CF9200 | dpl)
        state.eip = address
        state.regs[4] = stack

    def long_mode(self, address, stack=0x30000, nx=True):
        """64-bit mode, identity mapping of the first 2 MiB in 4 KiB pages, tables at 100000h."""
        self.protected_mode(address, stack)
        struct.pack_into("<Q", self.ram, 0x808, 0x00AF9A000000FFFF)
        self.quad(0x100000, 0x101007)
        self.quad(0x101000, 0x102007)
        self.quad(0x102000, 0x103007)
        for i in range(512):
            self.quad(0x103000 + 8 * i, i << 12 | 7)
        uc = self.engine._uc
        uc.set_register(CR4, 0x20)
        uc.set_msr(0xC0000080, 0x100 | (0x800 if nx else 0))
        uc.set_register(CR3, 0x100000)
        uc.set_register(CR0, 0x80000011)
        assert self.cpu.efer.value & 0x400, "long mode is not active"
        self.cpu.load_segment(1, 0x08, 0, 0xFFFFFFFF, 0x00AF9A00)

    def paging32(self, address, stack=0x30000):
        """32-bit paging: tables at 100000h, identity for the first 4 MiB."""
        self.protected_mode(address, stack)
        struct.pack_into("<I", self.ram, 0x100000, 0x101007)
        for i in range(1024):
            struct.pack_into("<I", self.ram, 0x101000 + 4 * i, i << 12 | 7)
        uc = self.engine._uc
        uc.set_register(CR3, 0x100000)
        uc.set_register(CR0, 0x80000011)

    def quad(self, address, value):
        struct.pack_into("<Q", self.ram, address, value)

    def dword(self, address):
        return struct.unpack_from("<I", self.ram, address)[0]

    def gate(self, vector, target, *, idt=0x1800, kind=0xE, selector=8, dpl=0, ist=0, size=8):
        """Write an IDT gate."""
        flags = 0x8000 | dpl << 13 | kind << 8
        low = selector << 16 | target & 0xFFFF
        high = target & 0xFFFF0000 | flags | ist
        struct.pack_into("<II", self.ram, idt + vector * size, low, high)
        if size == 16:
            struct.pack_into("<II", self.ram, idt + vector * size + 8, target >> 32, 0)
        self.state.idt.base, self.state.idt.limit = idt, 0xFFF

    def run(self, expect=ExitReason.HALTED):
        reason = self.engine.run()
        assert reason is expect
        return self.state

    def run_until_halt(self, rounds=100_000):
        for _ in range(rounds):
            if self.engine.run() is ExitReason.HALTED:
                return self.state
        raise AssertionError("the guest did not halt")

    def reg(self, n):
        return int(self.state.regs[n])


from unicorn.x86_const import UC_X86_REG_CR0 as CR0  # noqa: E402
from unicorn.x86_const import UC_X86_REG_CR3 as CR3  # noqa: E402
from unicorn.x86_const import UC_X86_REG_CR4 as CR4  # noqa: E402
