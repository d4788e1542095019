"""A board with an IDE controller, driven through its ports as a guest's driver does."""

from __future__ import annotations

import functools
import random
import struct
import uuid

from engine.pdm import MediumError, MediumFull
from engine.pdm.block import ImmediateQueue
from tests.engine.bench import Bench, tree
from tests.engine.devices.pciports import ConfigSpace

BUS_MASTER = 0xC000
TABLE, BUFFER = 0x1000, 0x10000
BSY, DRDY, DF, DRQ, ERR = 0x80, 0x40, 0x20, 0x08, 0x01


class MemoryMedium:
    """A medium in memory whose host can run into trouble."""

    def __init__(self, size, *, read_only=False):
        self.data = bytearray(size)
        self.size = size
        self.read_only = read_only
        self.uuid = uuid.UUID("78563412-3412-7856-9abc-def011223344")
        self.full = False
        self.broken = set()  # sectors of 512 bytes that cannot be read or written
        self.failure = None  # whatever else goes wrong
        self.flushes = 0
        self.reads = 0

    def read(self, offset, length):
        if self.failure:
            raise self.failure
        self.reads += 1
        assert offset >= 0
        assert offset + length <= self.size
        if self.broken & set(range(offset // 512, -(-(offset + length) // 512))):
            raise MediumError("broken sector")
        return bytes(self.data[offset : offset + length])

    def write(self, offset, data):
        assert offset + len(data) <= self.size
        if self.full:
            raise MediumFull("the disk of the host is full")
        if self.broken & set(range(offset // 512, (offset + len(data)) // 512)):
            raise MediumError("broken sector")
        self.data[offset : offset + len(data)] = data

    def flush(self):
        if self.full:
            raise MediumFull("the disk of the host is full")
        self.flushes += 1


@functools.cache
def pattern(size):
    """Bytes of which no sector is like another."""
    return random.Random(size).randbytes(size)


class Rig:
    """``Rig(disk, None, disc)``: media of LUN 0 to 3; ``cdrom`` names units that are optical."""

    def __init__(
        self, *media, cdrom=(2,), name="piix3ide", make_queue=ImmediateQueue, **config
    ):
        units = {}
        for lun, medium in enumerate(media):
            if lun in cdrom:
                units[f"unit{lun}"] = "cdrom"
            elif medium is not None:
                units[f"unit{lun}"] = "disk"
        attachments = {(f"{name}/0", n): m for n, m in enumerate(media) if m is not None}
        self.bench = Bench(
            tree(
                i440fx={"pci": (0, 0)},
                piix3={"pci": (1, 0)},
                **{name: {"pci": (1, 1), **units, **config}},
            ),
            attachments=attachments,
            make_queue=make_queue,
        )
        self.device = self.bench.device(name)
        self.name = f"{name}/0"
        self.config = ConfigSpace(self.bench, 1, 1)
        self.config.write(0x40, 0x8000_8000)
        self.config.write(0x20, BUS_MASTER)
        self.config.write(0x04, 0x0005, 2)
        self.select(0)

    # -- registers

    def select(self, lun):
        self.base = (0x1F0, 0x170)[lun >> 1]
        self.control = self.base + 0x206
        self.irq = 14 + (lun >> 1)
        self.bus_master = BUS_MASTER + 8 * (lun >> 1)
        self.number = lun & 1
        self.out(6, 0xA0 | self.number << 4)

    def out(self, offset, value):
        self.bench.outb(self.base + offset, value)

    def get(self, offset):
        return self.bench.inb(self.base + offset)

    @property
    def alternate_status(self):
        return self.bench.inb(self.control)

    @property
    def interrupt(self):
        return self.bench.pic.levels[self.irq]

    def status(self):
        return self.get(7)

    def outcome(self):
        """Status and error of a command that must have asked for an interrupt."""
        assert self.interrupt
        error = self.get(1)
        status = self.status()
        assert not self.interrupt
        return status, error

    # -- ATA

    def address(self, lba, count, *, extended=False):
        if extended:
            self.out(2, count >> 8 & 0xFF)
            for n in range(3):
                self.out(3 + n, lba >> 24 + 8 * n & 0xFF)
        self.out(2, count & 0xFF)
        for n in range(3):
            self.out(3 + n, lba >> 8 * n & 0xFF)
        head = 0 if extended else lba >> 24 & 0x0F
        self.out(6, 0xE0 | self.number << 4 | head)

    def command(self, code, lba=0, count=0, *, extended=False, features=0):
        self.out(1, features)
        self.address(lba, count, extended=extended)
        self.out(7, code)

    def block(self, size, step=2):
        return b"".join(
            self.bench.ports.read(self.base, step).to_bytes(step, "little")
            for _ in range(size // step)
        )

    def string_in(self, items, size=2):
        return self.bench.ports.ranges[self.base].block_read(0, size, items)

    def string_out(self, data, size=2):
        return self.bench.ports.ranges[self.base].block_write(0, size, data)

    def write_block(self, data):
        for n in range(0, len(data), 2):
            self.bench.outw(self.base, data[n] | data[n + 1] << 8)

    def pio_read(self, code, lba, count, *, extended=False, block=1):
        self.command(code, lba, count, extended=extended)
        data = b""
        sectors = count or (0x10000 if extended else 256)
        while sectors:
            status, _ = self.outcome()
            assert status & DRQ, hex(status)
            size = min(block, sectors)
            data += self.string_in(size * 256)
            sectors -= size
        return data

    def pio_write(self, code, lba, data, *, extended=False, block=1):
        sectors = len(data) // 512
        self.command(code, lba, sectors & 0xFFFF if extended else sectors & 0xFF, extended=extended)
        assert not self.interrupt
        at = 0
        while at < len(data):
            assert self.alternate_status & DRQ
            size = min(block * 512, len(data) - at)
            taken = self.string_out(data[at : at + size])
            assert taken == size // 2
            at += size
            status, error = self.outcome()
        return status, error

    # -- DMA

    def table(self, *regions):
        for n, (address, size) in enumerate(regions):
            last = 0x8000_0000 if n == len(regions) - 1 else 0
            self.bench.memory.write(TABLE + 8 * n, struct.pack("<II", address, size & 0xFFFF | last))
        self.bench.outl(self.bus_master + 4, TABLE)
        self.bench.outb(self.bus_master + 2, 0x06)

    def start(self, *, to_memory):
        self.bench.outb(self.bus_master, 0x08 if to_memory else 0)
        self.bench.outb(self.bus_master, 0x09 if to_memory else 1)

    def stop(self):
        status = self.bench.inb(self.bus_master + 2)
        self.bench.outb(self.bus_master, 0)
        self.bench.outb(self.bus_master + 2, 0x06)
        return status & 7

    def memory(self, size, address=BUFFER):
        return self.bench.memory.read(address, size)

    # -- packets

    def packet(self, *cdb, limit=0xFFFE, dma=False):
        self.out(1, int(dma))
        self.out(4, limit & 0xFF)
        self.out(5, limit >> 8)
        self.out(7, 0xA0)
        assert self.alternate_status & DRQ
        assert self.get(2) & 3 == 1
        self.string_out(bytes(cdb).ljust(12, b"\0"))

    def packet_in(self, *cdb, limit=0xFFFE):
        """Run a command that sends data by PIO; return data and sense key (0: success)."""
        self.packet(*cdb, limit=limit)
        data = b""
        while True:
            status, error = self.outcome()
            if not status & DRQ:
                assert self.get(2) & 3 == 3
                return data, error >> 4 if status & ERR else 0
            assert self.get(2) & 3 == 2
            size = self.get(4) | self.get(5) << 8
            assert 0 < size <= limit
            data += self.string_in(-(-size // 2))[:size]

    def sense(self):
        data, key = self.packet_in(0x03, 0, 0, 0, 18)
        assert key == 0
        return data[2], data[12], data[13]
