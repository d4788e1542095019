"""The floppy controller while the host takes its time."""

from __future__ import annotations

import pytest

from engine.pdm import MediumStale
from tests.engine.devices.floppyrig import DOR, FIFO, MSR, Disk, Rig
from tests.engine.slowmedia import SlowQueues

BUSY_ONLY = 0x10


@pytest.fixture
def queues():
    return SlowQueues()


def test_a_read_by_dma_goes_on_from_sector_to_sector(queues):
    rig = Rig(Disk(), make_queue=queues)
    assert rig.read(0, 0, 1, 3) == []
    assert rig.inb(MSR) == BUSY_ONLY
    assert not rig.irq
    assert queues.finish_all() == 3
    assert rig.result() == [0, 0, 0, 0, 0, 4, 2]
    assert rig.sectors(3) == [0, 1, 2]


def test_a_write_ends_when_it_is_on_the_medium(queues):
    disk = Disk()
    rig = Rig(disk, make_queue=queues)
    assert rig.write(0, 0, 1, b"a" * 512 + b"b" * 512) == []
    queues.finish()
    assert disk.data[:512] == b"a" * 512
    assert not rig.irq
    queues.finish()
    assert rig.result() == [0, 0, 0, 0, 0, 3, 2]
    assert disk.data[512:1024] == b"b" * 512


def test_the_cpu_waits_for_bytes(queues):
    rig = Rig(Disk(), pio=True, make_queue=queues)
    rig.command(0xE6, 0, 0, 0, 2, 2, 18, 0x1B, 0xFF)
    rig.advance(1_000_000)
    assert rig.inb(MSR) & 0x80 == 0
    queues.finish()
    assert rig.inb(MSR) & 0x80
    assert int.from_bytes(bytes(rig.inb(FIFO) for _ in range(4)), "little") == 1


def test_a_reset_cancels(queues):
    rig = Rig(Disk(), make_queue=queues)
    rig.memory.write(0x8000, b"untouched")
    rig.read(0, 0, 1)
    rig.outb(DOR, 0)
    rig.outb(DOR, 0x1C)
    assert not len(queues)
    rig.drain_reset()
    assert rig.memory.read(0x8000, 9) == b"untouched"
    rig.command(0x03, 0xDF, 0x02)
    rig.read(0, 0, 2)
    queues.finish_all()
    assert rig.sectors(1) == [1]


def test_a_share_that_is_gone_pauses_a_read(queues):
    disk = Disk()
    rig = Rig(disk, make_queue=queues)
    disk.error = MediumStale("The share is gone.")
    rig.read(0, 0, 3)
    queues.finish()
    ((error_id, _, retry),) = rig.machine.errors
    assert error_id == "DevFDC_FILESTALE"
    assert rig.inb(MSR) == BUSY_ONLY
    disk.error = None
    retry()
    queues.finish()
    assert rig.result()[:2] == [0, 0]
    assert rig.sectors(1) == [2]
