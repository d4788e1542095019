"""Fills of the virtual TLB: what is entered ahead is what a walk would have found."""

from __future__ import annotations

import random

import pytest

from engine.em import x86
from engine.em.unicorn.mmu import READ, WRITE
from engine.em.x86 import CpuFault
from tests.engine.em.cpubench import CpuBench

MIB = 1 << 20
PRESENT, USED = 3, 0x60  # present and writable, accessed and dirty
LARGE = 0x80
DIRECTORY, TABLE = 0x102000, 0x103000  # of CpuBench.long_mode

SUM = """
  mov ecx, 1024                     ; pages of the second and third large page
  mov edi, 0x200000
  xor eax, eax
next: add eax, [edi]
  add edi, 0x1000
  dec ecx
  jnz next
  hlt
"""
FILL = """
  mov ecx, 1024
  mov edi, 0x200000
next: mov [edi], ecx
  add edi, 0x1000
  dec ecx
  jnz next
  hlt
"""


@pytest.fixture
def bench():
    made = CpuBench(8 * MIB)
    yield made
    made.close()


def map_swapped(bench, flags):
    """Map the large pages at 2 and 4 MiB to physical 4 and 2 MiB."""
    bench.quad(DIRECTORY + 8, 4 * MIB | PRESENT | LARGE | flags)
    bench.quad(DIRECTORY + 16, 2 * MIB | PRESENT | LARGE | flags)


def test_large_pages_are_entered_ahead(bench):
    bench.load(0x10000, FILL, 64)
    bench.long_mode(0x10000, nx=False)
    map_swapped(bench, USED)
    bench.run_until_halt()
    assert bench.dword(4 * MIB) == 1024
    assert bench.dword(4 * MIB + 511 * 0x1000) == 513
    assert bench.dword(2 * MIB) == 512
    assert bench.dword(2 * MIB + 511 * 0x1000) == 1
    assert bench.engine._tlb.fills < 1024 / 4


def test_pages_read_ahead_are_marked_when_they_are_written(bench):
    bench.load(0x10000, SUM, 64)
    bench.long_mode(0x10000, nx=False)
    map_swapped(bench, 0x20)  # accessed, not dirty
    for page in range(2 * MIB, 6 * MIB, 0x1000):
        bench.quad(page, 1)
    assert bench.run_until_halt().regs[x86.RAX] == 1024
    assert not bench.dword(DIRECTORY + 8) & x86.PTE_D
    bench.load(0x10000, FILL, 64)
    bench.engine.invalidate_code(0x10000, 0x100)
    bench.state.eip = 0x10000
    bench.run_until_halt()
    assert bench.dword(DIRECTORY + 8) & x86.PTE_D
    assert bench.dword(4 * MIB) == 1024


def test_what_is_entered_ahead_obeys_a20(bench):
    bench.load(0x10000, FILL.replace("1024", "600").replace("0x200000", "0x1f0000"))
    bench.protected_mode(0x10000)
    bench.engine.set_a20(enabled=False)
    bench.run_until_halt()
    # Page i of the access holds 600 - i; those of the odd megabytes are in the even ones below.
    assert bench.dword(0xF0000) == 600
    assert bench.dword(0xFF000) == 600 - 15
    assert bench.dword(0x1F0000) == bench.dword(0x300000) == 0
    assert bench.dword(0x200000) == 600 - 16 - 256
    assert bench.dword(0x2FF000) == 600 - 16 - 256 - 255
    assert bench.dword(0x400000) == 600 - 16 - 512


def test_the_short_walk_finds_what_the_full_one_finds(bench):
    bench.load(0x10000, "hlt", 64)
    bench.long_mode(0x10000, nx=False)
    mmu, draw = bench.cpu.mmu, random.Random(4)
    found = 0
    for _ in range(4000):
        levels = [0x100000, 0x101000, DIRECTORY, TABLE]
        for i, place in enumerate(levels):
            entry = levels[i + 1] if i < 3 else draw.randrange(8 * MIB) & ~0xFFF
            if i == 2 and draw.random() < 0.4:
                entry = draw.choice((0, 2, 4, 6)) * MIB | LARGE
            entry |= 0x67  # present, writable, for users, accessed, dirty
            if draw.random() < 0.4:
                entry ^= 1 << draw.choice((0, 1, 2, 5, 6, 7, 8, 12, 13, 45, 63))
            bench.quad(place, entry)
        bench.state.hflags = bench.state.hflags & ~3 | draw.choice((0, 3))
        user = bench.state.hflags & 3 == 3
        access, page = draw.choice((READ, WRITE)), 0
        short, piece = mmu.short_walk_long(page, access)
        if short < 0:
            continue
        found += 1
        physical, writable = mmu.walk(page, access, user=user, mark=False)
        assert physical == short & ~1
        assert writable or not short & 1  # WP is clear: the other walk is told at the store
        assert piece in (0x1000, 2 * MIB)
        if piece > 0x1000:
            last, _ = mmu.walk(piece - 0x1000, access, user=user, mark=False)
            assert last == (short & ~1) + piece - 0x1000
    assert found > 500
    with pytest.raises(CpuFault):
        mmu.walk(1 << 47, READ, user=False)
    assert mmu.short_walk_long(1 << 47, READ)[0] < 0
