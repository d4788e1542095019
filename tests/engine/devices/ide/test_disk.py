"""ATA disks: identity, addressing, PIO, multiple, DMA, other commands, interrupts and resets."""

from __future__ import annotations

import struct

import pytest

from engine.pdm import BootDevice, ResetKind
from tests.engine.devices.ide.rig import BSY, BUFFER, DRDY, DRQ, MemoryMedium, Rig, pattern

MIB = 1 << 20


def words(data):
    return struct.unpack("<256H", data)


def text(identity, first, count):
    return struct.pack(f">{count}H", *identity[first : first + count]).decode().strip()


# ------------------------------------------------------------------ what is there


def test_pci_identity():
    assert Rig(MemoryMedium(MIB)).config.read(0) == 0x7010_8086
    rig = Rig(MemoryMedium(MIB), name="piix4ide")
    assert rig.config.read(0) == 0x7111_8086
    assert rig.config.read(8) >> 8 == 0x010180


def test_ports_decode_when_enabled(rig):
    rig.config.write(0x40, 0x8000_0000)
    assert rig.bench.inb(0x1F7) == 0xFF
    assert rig.bench.inb(0x177) == 0x7F
    rig.config.write(0x40, 0x8000)
    assert rig.bench.inb(0x1F7) == 0x50
    assert rig.bench.inb(0x177) == 0xFF


def test_empty_channel_floats(rig):
    rig.select(2)
    assert rig.status() == 0x7F
    assert rig.alternate_status == 0x7F
    rig.out(2, 0x55)
    rig.out(3, 0xAA)
    assert (rig.get(2), rig.get(3)) != (0x55, 0xAA)
    rig.out(7, 0xEC)
    assert not rig.interrupt


def test_absent_slave_behind_a_master(rig):
    rig.select(1)
    assert rig.status() == 0
    assert rig.alternate_status == 0
    rig.out(2, 0x55)
    assert rig.get(2) == 0x55
    rig.out(7, 0xEC)
    assert not rig.interrupt
    assert rig.status() == 0
    rig.select(0)
    assert rig.status() == 0x50


def test_a_slave_alone_does_not_answer_for_the_master(medium):
    rig = Rig(None, medium)
    assert rig.status() == 0x7F
    rig.select(1)
    assert rig.status() == 0x50


def test_disk_without_medium_is_absent():
    rig = Rig(None, unit0="disk")
    assert rig.status() == 0x7F


def test_identify(rig, medium):
    rig.command(0xEC)
    status, _ = rig.outcome()
    assert status == DRDY | 0x10 | DRQ
    data = rig.block(512)
    identity = words(data)
    assert rig.status() == 0x50
    assert not rig.interrupt
    assert text(identity, 27, 20) == "VITRINE HARDDISK"
    assert text(identity, 10, 10) == "VB78563412-44332211"
    sectors = medium.size // 512
    assert identity[60] | identity[61] << 16 == sectors
    assert sum(identity[100 + n] << 16 * n for n in range(4)) == sectors
    assert (identity[3], identity[6]) == (16, 63)
    assert identity[83] & 0x0400
    assert identity[49] & 0x0300 == 0x0300
    assert sum(data) & 0xFF == 0


def test_identify_of_a_large_disk():
    class Large(MemoryMedium):
        def __init__(self):
            super().__init__(0)
            self.size = 3 << 40

    identity = identify(Rig(Large()))
    assert identity[1] == 16383
    assert identity[60] | identity[61] << 16 == 0x0FFFFFFF
    assert sum(identity[100 + n] << 16 * n for n in range(4)) == (3 << 40) // 512


def test_names_from_the_configuration(medium):
    identity = identify(Rig(medium, serial0="MINE", model0="My disk"))
    assert text(identity, 10, 10) == "MINE"
    assert text(identity, 27, 20) == "My disk"


def identify(rig):
    rig.command(0xEC)
    rig.outcome()
    return words(rig.block(512))


# ------------------------------------------------------------------ PIO


@pytest.mark.parametrize("step", [2, 4])
def test_read_sector_by_data_port(rig, medium, step):
    rig.command(0x20, 3, 1)
    rig.outcome()
    assert rig.block(512, step) == medium.data[3 * 512 : 4 * 512]
    assert rig.alternate_status == 0x50


def test_read_sectors_interrupts_for_each(rig, medium):
    assert rig.pio_read(0x20, 5, 4) == medium.data[5 * 512 : 9 * 512]
    assert not rig.interrupt


def test_count_of_zero_is_256(rig, medium):
    assert rig.pio_read(0x20, 0, 0) == medium.data[: 256 * 512]


def test_reads_run_ahead_in_large_pieces(rig, medium):
    medium.reads = 0
    rig.pio_read(0x20, 0, 0)
    assert medium.reads == 2


def test_read_ahead_does_not_outlive_a_write(rig, medium):
    rig.pio_read(0x20, 0, 1)
    rig.pio_write(0x30, 1, b"\x11" * 512)
    assert rig.pio_read(0x20, 1, 1) == b"\x11" * 512


def test_lba48(rig, medium):
    assert rig.pio_read(0x24, 100, 300, extended=True) == medium.data[51200 : 400 * 512]


def test_hob_shows_the_older_bytes(rig):
    rig.address(0x123456789ABC, 0x1234, extended=True)
    assert [rig.get(n) for n in (2, 3, 4, 5)] == [0x34, 0xBC, 0x9A, 0x78]
    rig.bench.outb(rig.control, 0x80)
    assert [rig.get(n) for n in (2, 3, 4, 5)] == [0x12, 0x56, 0x34, 0x12]
    rig.out(3, 0)
    assert rig.get(2) == 0x34


def test_chs(rig, medium):
    rig.out(2, 1)
    rig.out(3, 5)
    rig.out(4, 1)
    rig.out(5, 0)
    rig.out(6, 0xA3)
    rig.out(7, 0x20)
    rig.outcome()
    lba = (1 * 16 + 3) * 63 + 4
    assert rig.string_in(256) == medium.data[lba * 512 : (lba + 1) * 512]


def test_chs_follows_initialize_parameters(rig, medium):
    rig.out(2, 17)
    rig.out(6, 0xA3)
    rig.out(7, 0x91)
    assert rig.outcome() == (0x50, 0)
    rig.out(2, 1)
    rig.out(3, 17)
    rig.out(4, 2)
    rig.out(5, 0)
    rig.out(6, 0xA3)
    rig.out(7, 0x20)
    rig.outcome()
    lba = (2 * 4 + 3) * 17 + 16
    assert rig.string_in(256) == medium.data[lba * 512 : (lba + 1) * 512]
    identity = identify(rig)
    assert identity[55:57] == (4, 17)


@pytest.mark.parametrize("sector", [0, 64])
def test_chs_sector_out_of_range(rig, sector):
    rig.out(2, 1)
    rig.out(3, sector)
    rig.out(4, 0)
    rig.out(5, 0)
    rig.out(6, 0xA0)
    rig.out(7, 0x20)
    assert rig.outcome() == (0x51, 0x10)


def test_write_sectors(rig, medium):
    data = b"\xA5" * 1024
    assert rig.pio_write(0x30, 7, data) == (0x50, 0)
    assert medium.data[7 * 512 : 9 * 512] == data


def test_multiple(rig, medium):
    rig.command(0xC4, 0, 1)
    assert rig.outcome() == (0x51, 0x04)
    rig.command(0xC6, count=8)
    assert rig.outcome() == (0x50, 0)
    assert identify(rig)[59] == 0x0108
    assert rig.pio_read(0xC4, 10, 20, block=8) == medium.data[5120 : 30 * 512]
    data = bytes(reversed(pattern(20 * 512)))
    assert rig.pio_write(0xC5, 40, data, block=8) == (0x50, 0)
    assert medium.data[40 * 512 : 60 * 512] == data
    rig.command(0xC6, count=3)
    assert rig.outcome() == (0x51, 0x04)


# ------------------------------------------------------------------ DMA


def test_read_dma(rig, medium):
    rig.table((BUFFER, 4096), (BUFFER + 0x8000, 4096))
    rig.command(0xC8, 16, 16)
    assert rig.alternate_status & DRQ
    rig.start(to_memory=True)
    assert rig.outcome() == (0x50, 0)
    assert rig.stop() == 4
    assert rig.memory(4096) == medium.data[8192:12288]
    assert rig.memory(4096, BUFFER + 0x8000) == medium.data[12288:16384]


def test_start_before_the_command(rig, medium):
    rig.table((BUFFER, 512))
    rig.start(to_memory=True)
    rig.command(0xC8, 9, 1)
    assert rig.outcome() == (0x50, 0)
    assert rig.memory(512) == medium.data[9 * 512 : 10 * 512]


def test_dma_of_a_whole_megabyte(rig, medium):
    rig.table(*((BUFFER + 0x10000 * n, 0x10000) for n in range(16)))
    rig.command(0x25, 100, 2048, extended=True)
    rig.start(to_memory=True)
    assert rig.outcome() == (0x50, 0)
    assert rig.stop() == 4
    assert rig.memory(MIB) == medium.data[51200 : 51200 + MIB]


def test_write_dma(rig, medium):
    data = pattern(8192)
    rig.bench.memory.write(BUFFER, data)
    rig.table((BUFFER, 6), (BUFFER + 6, 8186))
    rig.command(0x35, 1000, 16, extended=True)
    rig.start(to_memory=False)
    assert rig.outcome() == (0x50, 0)
    assert rig.stop() == 4
    assert medium.data[512000 : 512000 + 8192] == data


def test_list_longer_than_the_transfer_leaves_active_set(rig):
    rig.table((BUFFER, 4096))
    rig.command(0xC8, 0, 1)
    rig.start(to_memory=True)
    rig.outcome()
    assert rig.stop() == 5


def test_list_too_short_stops_and_goes_on_with_another(rig, medium):
    rig.table((BUFFER, 700))
    rig.command(0xC8, 0, 2)
    rig.start(to_memory=True)
    assert not rig.interrupt
    assert rig.stop() == 0
    assert rig.alternate_status & DRQ
    rig.table((BUFFER + 700, 324))
    rig.start(to_memory=True)
    assert rig.outcome() == (0x50, 0)
    assert rig.memory(1024) == medium.data[:1024]


def test_bus_master_registers(rig):
    base = rig.bus_master
    rig.bench.outl(base + 4, 0x12345677)
    assert rig.bench.inl(base + 4) == 0x12345674
    assert rig.bench.inb(base + 2) & 0x60 == 0x20
    rig.bench.outb(base + 2, 0x60)
    assert rig.bench.inb(base + 2) == 0x60
    assert rig.bench.inb(base + 1) == 0


# ------------------------------------------------------------------ other commands


@pytest.mark.parametrize("code", [0xE7, 0xEA])
def test_flush_reaches_the_medium(rig, medium, code):
    rig.command(code)
    assert rig.outcome() == (0x50, 0)
    assert medium.flushes == 1


def test_without_write_cache_each_write_is_durable(rig, medium):
    rig.command(0xEF, features=0x82)
    assert rig.outcome() == (0x50, 0)
    flushes = medium.flushes
    assert rig.pio_write(0x30, 0, bytes(1024)) == (0x50, 0)
    assert medium.flushes == flushes + 1
    assert not identify(rig)[85] & 0x20


@pytest.mark.parametrize(
    ("mode", "word", "value"), [(0x22, 63, 0x0407), (0x42, 88, 0x043F), (0x0C, 63, 0x0007)]
)
def test_transfer_mode(rig, mode, word, value):
    rig.command(0xEF, count=mode, features=0x03)
    assert rig.outcome() == (0x50, 0)
    assert identify(rig)[word] == value


@pytest.mark.parametrize("mode", [0x47, 0x25, 0x13])
def test_unknown_transfer_mode(rig, mode):
    rig.command(0xEF, count=mode, features=0x03)
    assert rig.outcome() == (0x51, 0x04)


def test_power_commands(rig):
    for code in (0xE0, 0x94, 0xE6):
        rig.command(code)
        assert rig.outcome() == (0x50, 0)
        rig.command(0xE5)
        rig.outcome()
        assert rig.get(2) == 0
    rig.command(0xE1)
    rig.outcome()
    rig.command(0x98)
    rig.outcome()
    assert rig.get(2) == 0xFF


def test_native_max(rig, medium):
    last = medium.size // 512 - 1
    rig.command(0xF8)
    rig.outcome()
    assert rig.get(3) | rig.get(4) << 8 | rig.get(5) << 16 | (rig.get(6) & 15) << 24 == last
    rig.command(0x27, extended=True)
    rig.outcome()
    assert rig.get(3) | rig.get(4) << 8 | rig.get(5) << 16 == last


@pytest.mark.parametrize("code", [0x00, 0xA1, 0xA0, 0xB0, 0xF5, 0x22])
def test_unknown_commands_abort(rig, code):
    rig.command(code)
    assert rig.outcome() == (0x51, 0x04)


@pytest.mark.parametrize("code", [0x10, 0x1F, 0x70, 0x40])
def test_commands_that_move_nothing(rig, code):
    rig.command(code, 5, 1)
    assert rig.outcome() == (0x50, 0)


def test_diagnostic(medium):
    rig = Rig(medium, MemoryMedium(MIB))
    rig.select(1)
    rig.out(7, 0x90)
    assert rig.get(6) & 0x10 == 0
    assert rig.outcome() == (0x50, 0x01)
    rig.select(1)
    assert not rig.interrupt
    assert [rig.get(n) for n in (2, 3, 4, 5)] == [1, 1, 0, 0]


# ------------------------------------------------------------------ interrupts and resets


def test_nien_holds_the_interrupt_back(rig):
    rig.bench.outb(rig.control, 0x02)
    rig.command(0x10)
    assert not rig.interrupt
    rig.bench.outb(rig.control, 0)
    assert rig.interrupt
    assert rig.alternate_status == 0x50
    assert rig.interrupt
    rig.status()
    assert not rig.interrupt


def test_interrupt_belongs_to_the_selected_drive(medium):
    rig = Rig(medium, MemoryMedium(MIB))
    rig.command(0x10)
    assert rig.interrupt
    rig.select(1)
    assert not rig.interrupt
    rig.select(0)
    assert rig.interrupt


def test_soft_reset(rig):
    rig.command(0x20, 0, 4)
    rig.bench.outb(rig.control, 0x04)
    assert rig.alternate_status & BSY
    assert not rig.interrupt
    rig.bench.outb(rig.control, 0x00)
    assert rig.alternate_status == 0x50
    assert [rig.get(n) for n in (1, 2, 3, 4, 5)] == [1, 1, 1, 0, 0]
    assert not rig.interrupt


def test_processor_reset_leaves_the_drives_alone(rig, medium):
    rig.command(0x20, 3, 1)
    rig.bench.set.reset(ResetKind.SOFT)
    rig.outcome()
    assert rig.string_in(256) == medium.data[3 * 512 : 4 * 512]


def test_boot_devices_and_activity(medium):
    rig = Rig(medium, None, None)
    assert rig.device.boot_devices() == [
        BootDevice("c", "/pci@i0cf8/ide@1,1/drive@0/disk@0"),
        BootDevice("d", "/pci@i0cf8/ide@1,1/drive@1/disk@0"),
    ]
    rig.pio_write(0x30, 0, bytes(1024))
    rig.pio_read(0x24, 0, 1, extended=True)
    activity = rig.device.activity()
    assert activity[0].written == 1024
    assert activity[0].read >= 512
    assert activity[2].read == 0
