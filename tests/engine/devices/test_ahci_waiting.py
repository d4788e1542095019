"""AHCI while the host takes its time: queued commands side by side, resets, errors, hot unplug."""

from __future__ import annotations

import msgspec
import pytest

from engine.devices.ahci import registers as r
from engine.pdm import MediumError, MediumFull, MediumStale
from tests.engine.devices.ahcirig import DATA, SECTORS, Rig
from tests.engine.slowmedia import SlowQueues

READ, WRITE = r.READ_FPDMA_QUEUED, r.WRITE_FPDMA_QUEUED
TFD_BUSY = 0x80


@pytest.fixture
def queues():
    return SlowQueues()


@pytest.fixture
def rig(queues):
    machine = Rig(queues)
    machine.disk.data[:] = b"".join(n.to_bytes(2, "little") * 256 for n in range(SECTORS))
    machine.start()
    return machine


def queue(rig, commands, *, command=READ):
    """Issue queued commands of a sector at once: slot -> LBA."""
    for slot, lba in commands.items():
        rig.prepare(command, slot=slot, lba=lba, feature=1, count=slot << 3, size=512,
                    write=command == WRITE)  # fmt: skip
        # Each has its sector at a place of its own.
        table = 0x12_0000 + slot * 0x1000 + 0x80
        rig.memory.ram.view[table : table + 8] = (DATA + slot * 512).to_bytes(8, "little")
    mask = sum(1 << slot for slot in commands)
    rig.put(rig.port(0, r.SACT), mask)
    rig.put(rig.port(0, r.CI), mask)


def sector_at(rig, slot):
    return int.from_bytes(rig.bytes_at(DATA + slot * 512, 2), "little")


def active(rig):
    return rig.get(rig.port(0, r.SACT))


def test_queued_commands_end_in_the_order_of_the_host(rig, queues):
    queue(rig, {0: 100, 3: 200, 7: 300})
    assert len(queues) == 3
    assert rig.get(rig.port(0, r.TFD)) & TFD_BUSY == 0
    queues.finish(1)
    assert active(rig) == 1 << 0 | 1 << 7
    assert sector_at(rig, 3) == 200
    assert rig.ahci.intx.level
    queues.finish(1)
    queues.finish(0)
    assert active(rig) == rig.get(rig.port(0, r.CI)) == 0
    assert (sector_at(rig, 0), sector_at(rig, 7)) == (100, 300)


def test_a_command_that_is_not_queued_waits_for_those_that_are(rig, queues):
    queue(rig, {1: 10})
    rig.issue(0xEA, slot=2)
    assert len(queues) == 1
    queues.finish()
    assert rig.get(rig.port(0, r.CI)) == 1 << 2
    assert rig.get(rig.port(0, r.TFD)) & TFD_BUSY
    queues.finish()
    assert rig.disk.flushes == 1
    assert rig.get(rig.port(0, r.CI)) == 0


def test_forced_unit_access_is_flushed_before_it_ends(rig, queues):
    rig.prepare(WRITE, slot=0, lba=1, feature=1, size=512, write=True)
    rig.memory.ram.view[0x12_0000 + 7] = 0xC0
    rig.put(rig.port(0, r.SACT), 1)
    rig.put(rig.port(0, r.CI), 1)
    queues.finish()
    assert active(rig) == 1
    queues.finish()
    assert (active(rig), rig.disk.flushes) == (0, 1)


def test_an_error_ends_all_and_is_in_the_log(rig, queues):
    queue(rig, {0: 0x123, 3: 200, 7: 300})
    rig.disk.failure = MediumError("bad")
    queues.finish(0)
    assert not len(queues)
    assert active(rig) == 1 << 0 | 1 << 3 | 1 << 7
    assert rig.get(rig.port(0, r.TFD)) == 0x40 << 8 | 0x51
    assert rig.get(rig.port(0, r.PXIS)) & r.TFES
    rig.disk.failure = None
    rig.put(rig.port(0, r.CMD), r.FRE)
    rig.start()
    assert active(rig) == 0
    rig.issue(r.READ_LOG_EXT, lba=0x10, count=1, size=512)
    page = rig.bytes_at(DATA, 512)
    assert (page[0], page[3]) == (0, 0x40)
    assert page[4:7] == bytes((0x23, 1, 0))
    assert sum(page) & 0xFF == 0


@pytest.mark.parametrize("how", ["stop", "comreset", "controller", "unplug"])
@pytest.mark.parametrize("queued", [True, False])
def test_what_is_cancelled_reaches_neither_memory_nor_registers(rig, queues, how, queued):
    if queued:
        queue(rig, {0: 100, 1: 200})
    else:
        rig.issue(0x25, lba=100, count=1, size=512)
    if how == "stop":
        rig.put(rig.port(0, r.CMD), r.FRE)
    elif how == "comreset":
        rig.put(rig.port(0, r.SCTL), 0x301)
        rig.put(rig.port(0, r.SCTL), 0x300)
    elif how == "controller":
        rig.put(r.GHC, r.GHC_HR)
    else:
        rig.ahci.unplug_drive(0)
    assert not len(queues)
    assert sector_at(rig, 0) == 0
    assert active(rig) == rig.get(rig.port(0, r.CI)) == 0
    if how in ("stop", "comreset"):
        rig.put(rig.port(0, r.CMD), r.FRE)
        rig.start()
        rig.issue(0x25, lba=7, count=1, size=512)
        queues.finish_all()
        assert sector_at(rig, 0) == 7


@pytest.mark.parametrize("error", [MediumFull("full"), MediumStale("gone")])
def test_queued_writes_wait_for_the_host_and_are_repeated(rig, queues, error):
    rig.memory.ram.view[DATA : DATA + 4 * 512] = b"keep" * 512
    queue(rig, {0: 50, 3: 51}, command=WRITE)
    rig.disk.failure = error
    queues.finish_all()
    retries = [retry for _, _, retry in rig.machine.errors]
    assert {error_id for error_id, _, _ in rig.machine.errors} == {f"DrvVD_{error.suspends}"}
    assert active(rig) == 0b1001
    # A saved state has them in PxCI, and begins them anew.
    other = Rig()
    other.memory.ram.view[:] = rig.memory.ram.view
    saved = msgspec.msgpack.encode(rig.ahci.state_to_save())
    other.ahci.state = msgspec.msgpack.decode(saved, type=type(rig.ahci.state))
    other.ahci.state_loaded(1)
    other.advance(1)
    rig.disk.failure = None
    for retry in retries:
        retry()
    queues.finish_all()
    for board in (rig, other):
        assert active(board) == 0
        assert board.disk.data[50 * 512 : 52 * 512] == b"keep" * 256


def test_a_saved_state_knows_how_far_a_command_was(rig, queues):
    """The first step has been written; the second is what is repeated."""
    size = 1 << 20
    rig.memory.ram.view[DATA : DATA + size] = b"step" * (size // 4)
    rig.issue(0x35, lba=0, count=size // 512, size=size, write=True)
    queues.finish()
    rig.disk.failure = MediumFull("full")
    queues.finish()
    other = Rig()
    other.memory.ram.view[:] = rig.memory.ram.view
    saved = msgspec.msgpack.encode(rig.ahci.state_to_save())
    other.ahci.state = msgspec.msgpack.decode(saved, type=type(rig.ahci.state))
    other.ahci.state_loaded(1)
    other.advance(1)
    assert other.disk.data[size // 2 : size] == b"step" * (size // 8)
    assert other.get(other.port(0, r.CI)) == 0
    assert other.bytes_at(0x10_0004, 4) == size.to_bytes(4, "little")


def test_a_queued_command_of_an_older_state_is_begun_anew(rig, queues):
    queue(rig, {2: 400})
    state = rig.ahci.state
    state.ports[0].slot, state.ports[0].queued = 2, True
    other = Rig()
    other.memory.ram.view[:] = rig.memory.ram.view
    other.disk.data[:] = rig.disk.data
    other.ahci.state = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=type(state))
    other.ahci.state_loaded(1)
    other.advance(1)
    assert sector_at(other, 2) == 400
    assert active(other) == 0


def test_packets_and_pio_wait_too(rig, queues):
    rig.start(1)
    rig.disc.data[2048:2052] = b"disc"
    rig.issue(0xA0, number=1, size=64, packet=bytes((3, 0, 0, 0, 18)) + bytes(7))
    rig.start(1)
    rig.issue(0xA0, number=1, size=2048, packet=bytes((0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0)))
    assert rig.get(rig.port(1, r.TFD)) & TFD_BUSY
    queues.finish()
    assert rig.get(rig.port(1, r.TFD)) & TFD_BUSY == 0
    assert rig.bytes_at(DATA, 4) == b"disc"
    rig.issue(0x20, lba=5, count=3, size=1536)
    queues.finish_all()
    assert [sector_at(rig, n) for n in range(3)] == [5, 6, 7]
    rig.issue(0x30, lba=1000, count=3, size=1536, write=True)
    queues.finish_all()
    assert rig.disk.data[1000 * 512 : 1003 * 512] == rig.disk.data[5 * 512 : 8 * 512]
    assert rig.get(rig.port(0, r.CI)) == 0
