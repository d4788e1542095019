"""IDE drives whose host takes its time: what the guest sees meanwhile, and what may come between."""

from __future__ import annotations

import msgspec
import pytest

from engine.devices.ide.state import IdeState
from engine.pdm import MediumStale, ResetKind
from tests.engine.devices.ide.rig import BSY, BUFFER, DRDY, DRQ, MemoryMedium, Rig, pattern
from tests.engine.slowmedia import SlowQueues


@pytest.fixture
def queues():
    return SlowQueues()


@pytest.fixture
def rig(medium, queues):
    return Rig(medium, make_queue=queues)


def test_a_pio_read_is_busy_until_the_data_are_there(rig, medium, queues):
    rig.command(0x20, 5, 2)
    assert rig.alternate_status == BSY
    assert not rig.interrupt
    assert rig.bench.inw(0x1F0) == 0
    rig.out(7, 0xEC)  # a busy drive takes no command
    queues.finish()
    for lba in (5, 6):
        assert rig.outcome()[0] & DRQ
        assert rig.string_in(256) == medium.data[lba * 512 : (lba + 1) * 512]
    assert rig.alternate_status & (BSY | DRQ) == 0
    assert not len(queues)


def test_a_pio_write_is_busy_after_each_block(rig, medium, queues):
    rig.command(0x30, 5, 2)
    for fill in (1, 2):
        assert rig.alternate_status & DRQ
        rig.string_out(bytes((fill,)) * 512)
        assert rig.alternate_status == BSY
        assert not rig.interrupt
        rig.string_out(b"\xff" * 512)  # goes nowhere
        queues.finish()
        rig.outcome()
    assert medium.data[5 * 512 : 7 * 512] == b"\x01" * 512 + b"\x02" * 512


def test_dma_reaches_memory_when_the_medium_has_answered(rig, medium, queues):
    rig.table((BUFFER, 4096))
    rig.command(0xC8, 8, 8)
    rig.start(to_memory=True)
    assert rig.alternate_status == BSY
    assert rig.memory(4096) == bytes(4096)
    queues.finish()
    assert rig.outcome() == (0x50, 0)
    assert rig.memory(4096) == medium.data[4096:8192]
    assert rig.stop() == 4


@pytest.mark.parametrize("reset", ["software", "machine"])
def test_a_reset_cancels_what_is_under_way(rig, queues, reset):
    rig.table((BUFFER, 4096))
    rig.command(0xC8, 8, 8)
    rig.start(to_memory=True)
    if reset == "software":
        rig.bench.outb(rig.control, 0x04)
        rig.bench.outb(rig.control, 0x00)
    else:
        rig.bench.set.reset(ResetKind.HARD)
    assert not len(queues)
    assert rig.memory(4096) == bytes(4096)
    if reset == "software":
        assert rig.alternate_status & BSY == 0
        rig.command(0x20, 1, 1)
        queues.finish()
        assert rig.outcome()[0] & DRQ


def test_a_stopped_bus_master_gets_nothing(rig, medium, queues):
    rig.table((BUFFER, 4096))
    rig.command(0xC8, 8, 8)
    rig.start(to_memory=True)
    rig.stop()
    queues.finish()
    assert rig.memory(4096) == bytes(4096)
    assert rig.alternate_status == DRDY | 0x10 | DRQ
    rig.table((BUFFER, 4096))
    rig.start(to_memory=True)
    assert rig.memory(4096) == medium.data[4096:8192]


def test_without_a_write_cache_the_flush_follows_the_data(rig, medium, queues):
    rig.command(0xEF, 0, 0, features=0x82)
    queues.finish_all()
    rig.outcome()
    flushes = medium.flushes
    rig.command(0x30, 3, 1)
    rig.string_out(bytes(512))
    queues.finish()
    assert rig.alternate_status == BSY
    assert medium.flushes == flushes
    queues.finish()
    assert rig.outcome() == (0x50, 0)
    assert medium.flushes == flushes + 1


READS = {"pio": 0x20, "dma": 0xC8, "verify": 0x40}


@pytest.mark.parametrize("code", READS.values(), ids=READS)
def test_a_share_that_is_gone_pauses_reads_too(rig, medium, queues, code):
    rig.table((BUFFER, 1024))
    medium.failure = MediumStale("The share is gone.")
    rig.command(code, 8, 2)
    if code == 0xC8:
        rig.start(to_memory=True)
    queues.finish()
    ((error_id, _, retry),) = rig.bench.machine.errors
    assert error_id == "DrvVD_FILESTALE"
    assert rig.alternate_status == BSY
    saved = msgspec.msgpack.encode(rig.device.state)
    other = Rig(medium)
    other.bench.memory.ram.view[:] = rig.bench.memory.ram.view
    other.device.state = msgspec.msgpack.decode(saved, type=IdeState)
    medium.failure = None
    other.device.state_loaded(1)
    other.bench.advance(1)
    retry()
    queues.finish_all()
    for board in (rig, other):
        status, error = board.outcome()
        assert error == 0
        if code == 0x20:
            assert status & DRQ
            assert board.string_in(256) == medium.data[4096:4608]
        if code == 0xC8:
            assert board.memory(1024) == medium.data[4096:5120]


def test_the_request_that_is_repeated_is_the_same(rig, medium, queues):
    """Nothing of what the guest has written is lost, and nothing is written twice elsewhere."""
    data = pattern(1 << 20)
    rig.bench.memory.write(BUFFER, data)
    rig.table(*((BUFFER + n, 0x10000) for n in range(0, 1 << 20, 0x10000)))
    rig.address(0, 2048, extended=True)
    before = bytes(medium.data[1 << 20 :])
    rig.out(7, 0x35)
    rig.start(to_memory=False)
    queues.finish()  # the first half
    medium.full = True
    queues.finish()
    ((_, _, retry),) = rig.bench.machine.errors
    medium.full = False
    retry()
    queues.finish_all()
    assert rig.outcome() == (0x50, 0)
    assert medium.data[: 1 << 20] == data
    assert medium.data[1 << 20 :] == before


def test_a_disc_that_goes_is_waited_for(queues):
    disc = MemoryMedium(64 * 2048, read_only=True)
    disc.data[:] = pattern(64 * 2048)
    rig = Rig(None, None, disc, make_queue=queues)
    rig.select(2)
    rig.packet_in(0x03, 0, 0, 0, 18)
    rig.packet(0x28, 0, 0, 0, 0, 1, 0, 0, 2)
    assert rig.alternate_status == BSY
    assert rig.bench.set.attach(rig.name, 2, None) is disc
    assert not queues.requests
    status, _ = rig.outcome()
    assert status & DRQ
    assert rig.string_in(2048) == disc.data[2048 : 2 * 2048 + 2048]
    assert rig.outcome()[0] & 0x81 == 0


def test_a_disc_that_goes_ends_a_long_read(queues):
    disc = MemoryMedium(256 * 2048, read_only=True)
    rig = Rig(None, None, disc, make_queue=queues)
    rig.select(2)
    rig.packet_in(0x03, 0, 0, 0, 18)
    rig.table(*((BUFFER + n, 0x10000) for n in range(0, 256 * 2048, 0x10000)))
    rig.packet(0x28, 0, 0, 0, 0, 0, 0, 1, 0, dma=True)
    rig.start(to_memory=True)
    rig.bench.set.attach(rig.name, 2, None)
    assert not queues.requests
    assert rig.outcome() == (0x51, 0x24)  # NOT READY


@pytest.mark.parametrize("dma", [False, True])
def test_a_disc_on_a_share_that_is_gone(queues, dma):
    disc = MemoryMedium(64 * 2048, read_only=True)
    disc.data[:] = pattern(64 * 2048)
    rig = Rig(None, None, disc, make_queue=queues)
    rig.select(2)
    rig.packet_in(0x03, 0, 0, 0, 18)
    disc.failure = MediumStale("The share is gone.")
    rig.table((BUFFER, 2048))
    rig.packet(0x28, 0, 0, 0, 0, 3, 0, 0, 1, dma=dma)
    if dma:
        rig.start(to_memory=True)
    queues.finish()
    ((_, _, retry),) = rig.bench.machine.errors
    disc.failure = None
    retry()
    queues.finish()
    status, _ = rig.outcome()
    assert not status & 1
    data = rig.memory(2048) if dma else rig.string_in(1024)
    assert data == disc.data[3 * 2048 : 4 * 2048]


def test_a_full_host_is_told_once_for_one_request(rig, medium, queues):
    medium.full = True
    rig.command(0xE7)
    queues.finish()
    ((error_id, message, retry),) = rig.bench.machine.errors
    assert (error_id, message) == ("DrvVD_DISKFULL", "the disk of the host is full")
    medium.full = False
    retry()
    retry()  # a second time does nothing
    queues.finish()
    assert medium.flushes == 1
    assert rig.outcome() == (0x50, 0)
