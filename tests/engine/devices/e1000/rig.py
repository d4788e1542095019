"""An adapter on a bench, its registers through the memory BAR, and a cable that records frames."""

from __future__ import annotations

import struct

from engine.devices.e1000 import registers as r
from engine.devices.e1000.phy import NEGOTIATION_NS
from tests.engine.bench import Bench, tree
from tests.engine.devices.pciports import ConfigSpace

SLOT = 3
BAR = 0xE0000000
IO = 0xC000
IRQ = 11
MAC = bytes.fromhex("080027123456")
TX_RING, TX_BUFFERS, RX_RING, RX_BUFFERS = 0x200000, 0x210000, 0x300000, 0x310000
BUFFER = 2048
RING = 16  # descriptors

EOP, IFCS, RS, DEXT, TSE, VLE = 1 << 24, 1 << 25, 1 << 27, 1 << 29, 1 << 26, 1 << 30


class FakeLink:
    """The other end of the cable."""

    def __init__(self):
        self.frames = []
        self.receiver = None

    def transmit(self, frame):
        self.frames.append(frame)

    def set_receiver(self, receiver):
        self.receiver = receiver


class FakePacketLink(FakeLink):
    """One that takes packets of TCP whole."""

    def __init__(self):
        super().__init__()
        self.packets = []

    def transmit_packet(self, packet):
        self.packets.append(packet)

    def offer_packets(self, wanted):
        assert wanted()


class Rig:
    """One adapter in slot 3, switched on, with the link up."""

    def __init__(self, *, link=True, packets=False, **config):
        self.link = FakePacketLink() if packets else FakeLink()
        attachments = {("e1000/0", 0): self.link} if link else {}
        self.bench = Bench(
            tree(
                i440fx={"pci": (0, 0)},
                piix3={"pci": (1, 0)},
                e1000={"pci": (SLOT, 0), "mac": MAC.hex(), **config},
            ),
            attachments=attachments,
        )
        self.nic = self.bench.device("e1000")
        self.config = ConfigSpace(self.bench, SLOT)
        bridge = ConfigSpace(self.bench, 1)
        for n in range(4):
            bridge.write(0x60 + n, IRQ, 1)
        self.config.write(0x10, BAR)
        self.config.write(0x18, IO)
        self.config.write(0x04, 7, 2)
        self.rx_tail = 0

    def __getitem__(self, register):
        return int.from_bytes(self.read_bytes(register, 4), "little")

    def read_bytes(self, register, size):
        block = self.nic.register_space.range
        assert block.base == BAR
        return block.read(register, size).to_bytes(size, "little")

    def __setitem__(self, register, value):
        self.nic.register_space.range.write(register, value, 4)

    @property
    def irq(self):
        return self.bench.pic.levels[IRQ]

    def link_up(self):
        self.bench.advance(NEGOTIATION_NS)
        assert self[r.STATUS] & r.STATUS_LU
        _ = self[r.ICR]
        return self

    # -- management interface

    def phy_read(self, register):
        self[r.MDIC] = r.MDIC_READ << 26 | 1 << 21 | register << 16
        assert self[r.MDIC] & r.MDIC_READY
        return self[r.MDIC] & 0xFFFF

    def phy_write(self, register, value):
        self[r.MDIC] = r.MDIC_WRITE << 26 | 1 << 21 | register << 16 | value

    # -- transmission

    def start_transmitter(self):
        self[r.TDBAL], self[r.TDBAH], self[r.TDLEN] = TX_RING, 0, RING * 16
        self[r.TDH] = self[r.TDT] = 0
        self[r.TCTL] = r.TCTL_EN | r.TCTL_PSP
        return self

    def descriptor(self, index, address, command, extra=0):
        data = struct.pack("<QII", address, command, extra)
        self.bench.memory.write(TX_RING + 16 * index, data)

    def put(self, address, data):
        self.bench.memory.write(address, data)

    def send(self, frame, command=EOP | IFCS | RS, extra=0):
        """Send a frame with one legacy descriptor."""
        index = self[r.TDT]
        self.put(TX_BUFFERS, frame)
        self.descriptor(index, TX_BUFFERS, len(frame) | command, extra)
        self[r.TDT] = (index + 1) % RING

    def status_of(self, index, ring=TX_RING):
        return self.bench.memory.read(ring + 16 * index + 12, 1)[0]

    # -- reception

    def start_receiver(self, control=r.RCTL_BAM, size=RING):
        for n in range(size):
            self.bench.memory.write(
                RX_RING + 16 * n, struct.pack("<QQ", RX_BUFFERS + n * BUFFER, 0)
            )
        self[r.RDBAL], self[r.RDBAH], self[r.RDLEN] = RX_RING, 0, size * 16
        self[r.RDH], self[r.RDT] = 0, size - 1
        self[r.RCTL] = r.RCTL_EN | control
        return self

    def arrive(self, *frames):
        for frame in frames:
            self.link.receiver(frame)
        self.bench.advance(0)

    def received(self, index):
        """Return (data, checksum, status, errors, special) of a descriptor."""
        _, length, packet_sum, status, errors, special = struct.unpack(
            "<QHHBBH", self.bench.memory.read(RX_RING + 16 * index, 16)
        )
        data = self.bench.memory.read(RX_BUFFERS + index * BUFFER, min(length, BUFFER))
        return data, packet_sum, status, errors, special


def frame_to(destination=MAC, length=60, kind=0x88B5):
    head = destination + bytes.fromhex("525400000001") + kind.to_bytes(2)
    return head + bytes(n & 0xFF for n in range(length - len(head)))
