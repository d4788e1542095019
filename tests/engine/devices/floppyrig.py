"""A floppy controller with disks in memory and the real DMA controller, and commands for it."""

from engine.pdm.block import ImmediateQueue
from tests.engine.bench import Bench, tree

DOR, TDR, MSR, FIFO, DIR = 0x3F2, 0x3F3, 0x3F4, 0x3F5, 0x3F7
KB = 1024


class Disk:
    """An image in memory that can be made to fail."""

    def __init__(self, size=1440 * KB, *, read_only=False):
        self.size = size
        self.read_only = read_only
        self.data = bytearray(size)
        for lba in range(size // 512):
            self.data[lba * 512 : lba * 512 + 4] = lba.to_bytes(4, "little")
        self.error = None

    def read(self, offset, length):
        if self.error:
            raise self.error
        assert offset + length <= self.size
        return bytes(self.data[offset : offset + length])

    def write(self, offset, data):
        if self.error:
            raise self.error
        assert offset + len(data) <= self.size
        assert not self.read_only
        self.data[offset : offset + len(data)] = data

    def flush(self):
        pass


class Rig(Bench):
    def __init__(
        self, a=None, b=None, *, start=True, rate=0, pio=False, make_queue=ImmediateQueue
    ):
        attachments = {("i82078/0", n): disk for n, disk in enumerate((a, b)) if disk}
        super().__init__(
            tree(i82078={}, i8237a={}), attachments=attachments, make_queue=make_queue
        )
        self.fdc = self.device("i82078")
        if start:
            self.outb(DOR, 0x1C)
            self.drain_reset()
            self.outb(DIR, rate)
            self.command(0x03, 0xDF, 0x02 | pio)

    @property
    def irq(self):
        return self.pic.levels[6]

    def drain_reset(self):
        for drive in range(4):
            assert self.command(0x08) == [0xC0 | drive, 0]

    def command(self, *data):
        """Issue a command; return the result bytes that are there at once."""
        for byte in data:
            assert self.inb(MSR) & 0xC0 == 0x80
            self.outb(FIFO, byte)
        return self.result()

    def result(self):
        got = []
        while self.inb(MSR) & 0xD0 == 0xD0 and not self.inb(MSR) & 0x20:
            got.append(self.inb(FIFO))
        return got

    def wait(self):
        self.advance(1_000_000)
        return self.result()

    def seek(self, track, drive=0):
        self.command(0x0F, drive, track)
        self.advance(200_000)
        assert self.irq
        assert self.command(0x08) == [0x20 | drive, track]

    def dma(self, mode, length, address=0x8000):
        self.outb(0x0A, 6)
        self.outb(0x0C, 0)
        self.outb(0x0B, mode)
        self.outb(0x04, address & 0xFF)
        self.outb(0x04, address >> 8 & 0xFF)
        self.outb(0x81, address >> 16)
        self.outb(0x05, (length - 1) & 0xFF)
        self.outb(0x05, (length - 1) >> 8)
        self.outb(0x0A, 2)

    def read(self, c, h, r, count=1, *, drive=0, opcode=0xE6, eot=18, n=2):
        self.dma(0x46, count * 512)
        assert self.command(opcode, h << 2 | drive, c, h, r, n, eot, 0x1B, 0xFF) == []
        return self.wait()

    def write(self, c, h, r, data, *, drive=0, opcode=0xC5, eot=18):
        self.memory.write(0x8000, data)
        self.dma(0x4A, len(data))
        assert self.command(opcode, h << 2 | drive, c, h, r, 2, eot, 0x1B, 0xFF) == []
        return self.wait()

    def sectors(self, count):
        data = self.memory.read(0x8000, count * 512)
        return [int.from_bytes(data[n * 512 : n * 512 + 4], "little") for n in range(count)]
