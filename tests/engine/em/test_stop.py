"""Stop requests and the library's memory map (U19)."""

from __future__ import annotations

import struct

from engine.em.backend import ExitReason
from engine.em.unicorn.stop import STOPPED_BY_US, BlockStopper
from engine.pdm.memory import HostMemory
from engine.pgm import Region, RegionKind

RCX, RBX = 1, 3


def test_u19_the_memory_map_changes_while_a_stop_is_asked_for(bench):
    """With an error code set the library maps nothing."""
    rom = HostMemory(0x1000)
    rom.view[:4] = b"ROM!"
    region = Region("rom", RegionKind.ROM, 0xC0000, 0x1000, 20, memory=rom)
    moves = []

    def move(value):
        bench.engine.kick()
        (bench.memory.add if value else bench.memory.remove)(region)
        moves.append(value)

    bench.on_out(0x50, move)
    bench.load(0x1000, "mov al, 1\nout 0x50, al\nmov ebx, [0xc0000]\njmp a\na: mov al, 0\n"
                       "out 0x50, al\nmov ecx, [0xc0000]\nhlt")
    bench.protected_mode(0x1000)
    bench.engine.kick()
    bench.memory.add(Region("hole", RegionKind.HOLE, 0xC8000, 0x1000, 20))
    assert bench.engine.run() is ExitReason.STOPPED
    assert bench.engine.run() is ExitReason.STOPPED, "the request inside the callback is lost"
    bench.run_until_halt()
    assert moves == [1, 0]
    assert struct.pack("<I", bench.reg(RBX)) == b"ROM!"
    assert bench.reg(RCX) == 0


def test_requests_before_and_while_others_are_held_back_are_kept(bench):
    stopper = bench.engine._stopper
    error = stopper._invalid_error
    with stopper.held_back():
        assert error.value == 0
        stopper.stop()
    assert error.value == STOPPED_BY_US
    with stopper.held_back():
        assert error.value == 0
    assert error.value == STOPPED_BY_US


def test_the_slow_stopper_needs_no_holding_back(bench):
    with BlockStopper(bench.engine._uc).held_back():
        bench.memory.add(Region("hole", RegionKind.HOLE, 0xC8000, 0x1000, 20))
