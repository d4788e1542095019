"""A PCnet on a bench, programmed as drivers do it, and a cable that records frames."""

from __future__ import annotations

import struct

from engine.devices.pcnet import registers as r
from engine.devices.pcnet import rings
from tests.engine.bench import Bench, tree
from tests.engine.devices.e1000.rig import FakeLink
from tests.engine.devices.pciports import ConfigSpace

SLOT, IRQ = 3, 11
IO, BAR = 0xC000, 0xE0000000
MAC = bytes.fromhex("080027123456")
BLOCK, TX_RING, RX_RING = 0x200000, 0x201000, 0x202000
TX_BUFFERS, RX_BUFFERS = 0x210000, 0x220000
BUFFER = 1600
RING = 8  # descriptors
OWN, STP, ENP = rings.OWN, rings.STP, rings.ENP


class Rig:
    """One adapter in slot 3; ``style`` is the software style that it is used in."""

    def __init__(self, *, link=True, style=2, **config):
        self.link = FakeLink()
        self.style = style
        self.bench = Bench(
            tree(
                i440fx={"pci": (0, 0)},
                piix3={"pci": (1, 0)},
                pcnet={"pci": (SLOT, 0), "mac": MAC.hex(), **config},
            ),
            attachments={("pcnet/0", 0): self.link} if link else {},
        )
        self.nic = self.bench.device("pcnet")
        self.config = ConfigSpace(self.bench, SLOT)
        bridge = ConfigSpace(self.bench, 1)
        for n in range(4):
            bridge.write(0x60 + n, IRQ, 1)
        self.config.write(0x10, IO)
        self.config.write(0x14, BAR)
        self.config.write(0x04, 7, 2)

    # -- registers, through words

    def inw(self, offset):
        return self.bench.ports.read(IO + offset, 2)

    def outw(self, offset, value):
        self.bench.ports.write(IO + offset, value, 2)

    def csr(self, number, value=None):
        self.outw(r.WORD_RAP, number)
        if value is None:
            return self.inw(r.RDP)
        return self.outw(r.RDP, value)

    def bcr(self, number, value=None):
        self.outw(r.WORD_RAP, number)
        if value is None:
            return self.inw(r.WORD_BDP)
        return self.outw(r.WORD_BDP, value)

    def mii(self, register, value=None, address=0x1E):
        self.bcr(r.MII_ADDRESS, address << 5 | register)
        return self.bcr(r.MII_DATA, value)

    @property
    def irq(self):
        return self.bench.pic.levels[IRQ]

    # -- memory

    def put(self, address, data):
        self.bench.memory.write(address, data)

    def get(self, address, size):
        return self.bench.memory.read(address, size)

    def block(self, *, mode=0, log=3, filter_=bytes(8), rx=RX_RING, tx=TX_RING):
        if self.style in (2, 3):
            lengths = log << 12 | log << 4
            data = struct.pack("<HH6s2x8sII", mode, lengths, MAC, filter_, rx, tx)
        else:
            top = log << 29
            data = struct.pack("<H6s8sII", mode, MAC, filter_, rx | top, tx | top)
        self.put(BLOCK, data)

    def descriptor(self, ring, index, buffer, length, status, detail=0):
        count = -length & 0xFFFF
        if self.style == 3:
            data = struct.pack("<4I", detail, status << 16 | count, buffer, 0)
        elif self.style == 2:
            data = struct.pack("<4I", buffer, status << 16 | count, detail, 0)
        else:
            data = struct.pack("<IHH", buffer | status << 16, count, detail & 0xFFFF)
        self.put(ring + index * len(data), data)

    def told(self, ring, index):
        """Return status and detail of a descriptor."""
        if self.style == 3:
            detail, status, _, _ = struct.unpack("<4I", self.get(ring + 16 * index, 16))
            return status >> 16, detail
        if self.style == 2:
            _, status, detail, _ = struct.unpack("<4I", self.get(ring + 16 * index, 16))
            return status >> 16, detail
        address, _, detail = struct.unpack("<IHH", self.get(ring + 8 * index, 8))
        return address >> 16 & 0xFF00, detail

    # -- what a driver does

    def initialize(self, **block):
        self.bcr(r.SOFTWARE_STYLE, self.style)
        self.block(**block)
        self.csr(r.IADR_LOW, BLOCK & 0xFFFF)
        self.csr(r.IADR_HIGH, BLOCK >> 16)
        self.csr(r.STATUS, r.INIT)
        return self

    def start(self, **block):
        self.initialize(**block)
        for n in range(RING):
            self.descriptor(RX_RING, n, RX_BUFFERS + n * BUFFER, BUFFER, OWN)
            self.descriptor(TX_RING, n, 0, 0, 0)
        self.csr(r.FEATURES, 0x0915)  # pads short frames
        self.csr(r.STATUS, r.IDON | r.STRT | r.IENA)
        return self

    def give(self, index, data, status=OWN | STP | ENP):
        """Put data into a transmit buffer and its descriptor."""
        buffer = TX_BUFFERS + index * BUFFER
        self.put(buffer, data)
        self.descriptor(TX_RING, index, buffer, len(data), status)

    def send(self, index, data, status=OWN | STP | ENP):
        self.give(index, data, status)
        self.csr(r.STATUS, r.IENA | r.TDMD)

    def arrive(self, *frames):
        for frame in frames:
            self.link.receiver(frame)
        self.bench.advance(0)

    def received(self, index):
        return self.get(RX_BUFFERS + index * BUFFER, self.told(RX_RING, index)[1] & 0xFFF)
