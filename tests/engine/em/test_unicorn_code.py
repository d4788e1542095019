"""Regression tests of the facts U17 and U18: translated code must follow its bytes.

The other facts are in test_unicorn_facts.py.
"""

from __future__ import annotations

import struct

import pytest

from tests.engine.em.cpubench import NX

RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI = range(8)


SELF_MODIFYING = """
    mov dword [0x5800], 7
    call 0x5000
    call 0x5100
    mov dword [0x5800], 123
    mov dword [0x5804], 5
    mov byte [0x5101], 2
    call 0x5100
    mov esi, ebx
    mov byte [0x5001], 3
    call 0x5000
    mov edi, eax
    hlt
"""


def _functions(bench):
    for address, source in ((0x5000, "mov eax, 1\nret"), (0x5100, "mov ebx, 1\nret")):
        bench.load(address, source)


@pytest.mark.parametrize("mode", ["protected_mode", "paging32", "long_mode"])
def test_u17_patched_code_takes_effect(bench, mode):
    _functions(bench)
    getattr(bench, mode)(0x1000)
    bench.load(0x1000, SELF_MODIFYING, bits=64 if mode == "long_mode" else 32)
    bench.run_until_halt()
    assert (bench.reg(RSI) & 0xFF, bench.reg(RDI) & 0xFF) == (2, 3)


ALIAS = """
    call 0x5000
    call 0x5100
    mov byte [0x1f0101], 2
    mov byte [0x1f0001], 3
    call 0x5100
    mov esi, ebx
    call 0x5000
    mov edi, eax
    hlt
"""


@pytest.mark.parametrize(
    ("mode", "entry"),
    [("paging32", 4), ("long_mode", 8), ("long_mode_nx", 8)],
)
def test_u18_code_rewritten_through_an_alias_takes_effect(bench, mode, entry):
    _functions(bench)
    if mode == "paging32":
        bench.paging32(0x1000)
        struct.pack_into("<I", bench.ram, 0x101000 + 4 * 0x1F0, 0x5007)
    else:
        bench.long_mode(0x1000, nx=mode.endswith("nx"))
        bench.quad(0x103000 + 8 * 0x1F0, 0x5007 | (NX if mode.endswith("nx") else 0))
    bench.load(0x1000, ALIAS, bits=32 if entry == 4 else 64)
    bench.run_until_halt()
    assert (bench.reg(RSI) & 0xFF, bench.reg(RDI) & 0xFF) == (2, 3)


def test_u18_the_first_block_of_a_run_is_guarded_too(bench):
    """The edge hook does not tell of the first block; a run that starts there must learn it."""
    bench.long_mode(0x5000)
    bench.quad(0x103000 + 8 * 0x1F0, 0x5007 | NX)
    # Runs in one block, halts; then another page rewrites it through the alias.
    bench.load(0x5000, "mov eax, 1\nhlt", bits=64)
    bench.run_until_halt()
    bench.load(0x1000, "mov byte [0x1f0002], 9\nmov byte [0x1f0001], 3\njmp 0x5000", bits=64)
    bench.state.eip = 0x1000
    bench.run_until_halt()
    assert bench.reg(RAX) == 0x903


@pytest.mark.parametrize("mode", ["paging32", "long_mode", "long_mode_nx"])
def test_u18_an_alias_that_was_written_before_the_first_fetch(bench, mode):
    """The data mapping is in the TLB, writable without a check, when its page becomes code."""
    _functions(bench)
    if mode == "paging32":
        bench.paging32(0x1000)
        struct.pack_into("<I", bench.ram, 0x101000 + 4 * 0x1F0, 0x5007)
    else:
        bench.long_mode(0x1000, nx=mode.endswith("nx"))
        bench.quad(0x103000 + 8 * 0x1F0, 0x5007 | (NX if mode.endswith("nx") else 0))
    warm_up = "mov byte [0x1f0800], 1\nmov byte [0x1f0801], 1\njmp a\na:"
    bench.load(0x1000, warm_up + ALIAS, bits=32 if mode == "paging32" else 64)
    bench.run_until_halt()
    assert (bench.reg(RSI) & 0xFF, bench.reg(RDI) & 0xFF) == (2, 3)


def test_u18_the_handler_of_a_trap_in_the_first_block_is_guarded(bench):
    bench.long_mode(0x1000)
    bench.gate(6, 0x5000, size=16, idt=0x3000)
    bench.load(0x1000, "ud2", bits=64)
    bench.load(0x5000, "hlt", bits=64)
    bench.run_until_halt()
    assert 0x5000 in bench.engine._code.pages


def test_u18_guards_merge_and_stay_few(bench):
    code = bench.engine._code
    bench.long_mode(0x1000)
    for page in range(0, 0x200000, 0x4000):
        code._learn(page)
    assert len(code._starts) <= 48
    for page in range(0, 0x200000, 0x4000):
        assert any(a <= page < b for a, b in zip(code._starts, code._ends, strict=True))
    ranges = [(s.value, e.value) for s, e in code._slots]
    assert all(b > a for a, b in ranges if a < 1 << 40)
