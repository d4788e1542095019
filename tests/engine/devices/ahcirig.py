"""A board with an AHCI controller, and commands for it as a driver puts them into memory."""

from __future__ import annotations

from engine.devices.ahci import registers as r
from engine.pdm.block import ImmediateQueue
from tests.engine.bench import Bench, tree

BAR = 0xF000_0000
LISTS, FRAMES, TABLES, DATA = 0x10_0000, 0x11_0000, 0x12_0000, 0x20_0000
SECTORS = 4096


class Disk:
    """A medium in memory that can be made to fail."""

    read_only = False

    def __init__(self, size):
        self.data = bytearray(size)
        self.size = size
        self.failure = None
        self.flushes = 0

    def read(self, offset, length):
        if self.failure:
            raise self.failure
        return bytes(self.data[offset : offset + length])

    def write(self, offset, data):
        if self.failure:
            raise self.failure
        self.data[offset : offset + len(data)] = data

    def flush(self):
        self.flushes += 1


class Rig(Bench):
    def __init__(self, make_queue=ImmediateQueue):
        self.disk, self.disc = Disk(SECTORS * 512), Disk(300 * 2048)
        self.disc.read_only = True
        super().__init__(
            tree(ahci={"pci": (13, 0), "ports": 3, "units": "disk,cdrom,"}),
            attachments={("ahci/0", 0): self.disk, ("ahci/0", 1): self.disc},
            make_queue=make_queue,
        )
        self.ahci = self.device("ahci")
        self.ahci.config_write(0x24, BAR, 4)
        self.ahci.config_write(0x04, 0x06, 2)

    def get(self, offset):
        return self.ahci.read_register(offset, 4)

    def put(self, offset, value):
        self.ahci.write_register(offset, value, 4)

    def port(self, number, register):
        return r.PORTS + number * r.PORT_STRIDE + register

    def start(self, number=0):
        self.put(self.port(number, r.CLB), LISTS + number * 0x1000)
        self.put(self.port(number, r.FB), FRAMES + number * 0x1000)
        self.put(self.port(number, r.CMD), r.FRE | r.SUD | r.POD)
        self.put(self.port(number, r.SERR), 0xFFFFFFFF)
        self.put(self.port(number, r.PXIE), 0x7DC000FF)
        self.put(self.port(number, r.CMD), r.FRE | r.SUD | r.POD | r.ST)
        self.put(r.GHC, r.GHC_AE | r.GHC_IE)

    def prepare(self, command, *, slot=0, number=0, lba=0, count=0, feature=0, size=0, packet=b"",
                write=False, pieces=1):
        """Put a command into memory; its data lie in ``pieces`` regions from DATA on."""
        table = TABLES + slot * 0x1000
        fis = bytearray(64)
        fis[0], fis[1], fis[2] = r.FIS_H2D, r.FIS_COMMAND, command
        fis[3], fis[11] = feature & 0xFF, feature >> 8
        fis[4:7], fis[8:11] = lba.to_bytes(6, "little")[:3], lba.to_bytes(6, "little")[3:]
        fis[7] = 0x40
        fis[12], fis[13] = count & 0xFF, count >> 8
        ram = self.memory.ram.view
        ram[table : table + 64] = fis
        ram[table + 0x40 : table + 0x40 + len(packet)] = packet
        part = size // pieces
        for piece in range(pieces if size else 0):
            entry = (DATA + piece * part).to_bytes(8, "little") + bytes(4)
            entry += (part - 1).to_bytes(4, "little")
            place = table + 0x80 + 16 * piece
            ram[place : place + 16] = entry
        flags = 5 | (0x20 if packet else 0) | (0x40 if write else 0) | (pieces if size else 0) << 16
        header = LISTS + number * 0x1000 + slot * 32
        ram[header : header + 16] = (
            flags.to_bytes(4, "little") + bytes(4) + table.to_bytes(8, "little")
        )

    def issue(self, command, *, slot=0, number=0, **what):
        self.prepare(command, slot=slot, number=number, **what)
        self.put(self.port(number, r.CI), 1 << slot)

    def bytes_at(self, address, size):
        return bytes(self.memory.ram.view[address : address + size])
