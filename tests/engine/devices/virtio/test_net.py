"""virtio-net: frames both ways, offloads, commands, link, and drivers that lie."""

from __future__ import annotations

import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.virtio import net
from engine.devices.virtio import registers as r
from tests.engine.devices.virtio.rig import BUFFERS, INDIRECT, IO, NEXT, Rig

MAC = bytes.fromhex("080027123456")
FRAME = MAC + bytes.fromhex("525400000001") + b"\x88\xb5" + bytes(range(100))
HEADER = bytes(12)


class FakeLink:
    def __init__(self):
        self.frames = []
        self.receiver = None

    def transmit(self, frame):
        self.frames.append(frame)

    def set_receiver(self, receiver):
        self.receiver = receiver


def make(link=None):
    link = link or FakeLink()
    rig = Rig("virtio-net", {0: link}, config={"mac": MAC.hex()})
    rig.link = link
    return rig


@pytest.fixture
def rig():
    return make().start(net.F_MRG_RXBUF | net.F_CTRL_VQ)


def arrive(rig, *frames):
    for frame in frames:
        rig.link.receiver(frame)
    rig.bench.advance(0)


def test_identity_and_capabilities():
    rig = make()
    assert rig.config.read(0x00) == 0x10001AF4
    assert rig.config.read(0x2C) == 0x00011AF4
    kinds, place = [], rig.config.read(0x34, 1)
    while place:
        assert rig.config.read(place, 1) == r.CAP_VENDOR_SPECIFIC
        kinds.append(rig.config.read(place + 3, 1))
        last, place = place, rig.config.read(place + 1, 1)
    assert sorted(kinds) == [1, 2, 3, 4, 5]
    # The window of the last one shows the number of queues.
    rig.config.write(last + 4, r.BAR, 1)
    rig.config.write(last + 8, r.NUM_QUEUES)
    rig.config.write(last + 12, 2)
    assert rig.config.read(last + 16, 2) == 3


def test_features_without_version_1_are_refused():
    rig = make()
    rig.write(r.DEVICE_STATUS, 3, 1)
    rig.write(r.DEVICE_STATUS, 11, 1)
    assert rig.status == 3


def test_device_configuration_has_address_and_link(rig):
    config = bytes(rig.read(r.DEVICE + n, 1) for n in range(8))
    assert config == MAC + b"\1\0"
    rig.device.set_cable(False)
    assert rig.irq
    assert rig.read(r.ISR, 1) == r.ISR_CONFIG
    assert not rig.irq
    assert rig.read(r.DEVICE + 6, 2) == 0


def test_a_frame_is_sent(rig):
    head = rig.add(1, (BUFFERS, HEADER), (BUFFERS + 64, FRAME))
    assert rig.link.frames == [FRAME]
    assert rig.used(1) == [(head, 0)]
    assert rig.irq
    assert rig.device.traffic().frames_transmitted == 1


def test_checksum_offload(rig):
    header = struct.pack("<BBHHHHH", 1, 0, 0, 0, 14, 6, 0)
    frame = bytearray(FRAME[:14] + bytes(6) + b"\x12\x34" + bytes(range(30)))
    rig.add(1, (BUFFERS, header), (BUFFERS + 64, bytes(frame)))
    (sent,) = rig.link.frames
    words = struct.unpack(f">{(len(sent) - 14) // 2}H", sent[14:])
    # The field held the sum of the pseudo header, and now the complement of all.
    assert (sum(words) + 0x1234) % 0xFFFF == 0


def tcp_sum(frame):
    pseudo = frame[26:34] + b"\0\6" + (len(frame) - 34).to_bytes(2)
    data = pseudo + frame[34:]
    data += b"\0" * (len(data) & 1)
    return sum(struct.unpack(f">{len(data) // 2}H", data)) % 0xFFFF


def test_tcp_is_cut_into_segments(rig):
    payload = bytes(n % 251 for n in range(3001))
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 7, 0, 64, 6, 0, b"\n\0\2\x0f", b"\n\0\2\2")
    pseudo = ip[12:20] + b"\0\6" + (20 + len(payload)).to_bytes(2)
    seed = sum(struct.unpack(">6H", pseudo)) % 0xFFFF
    tcp = struct.pack(">HHIIBBHHH", 1, 2, 1000, 0, 0x50, 0x19, 100, seed, 0)
    packet = FRAME[:12] + b"\x08\0" + ip + tcp + payload
    header = struct.pack("<BBHHHHH", 1, 1, 54, 1400, 34, 16, 0)
    rig.add(1, (BUFFERS, header), (BUFFERS + 64, packet))
    frames = rig.link.frames
    assert b"".join(frame[54:] for frame in frames) == payload
    assert [int.from_bytes(f[38:42]) for f in frames] == [1000, 2400, 3800]
    assert [f[47] for f in frames] == [0x10, 0x10, 0x19]
    for number, frame in enumerate(frames):
        assert tcp_sum(frame) == 0
        assert sum(struct.unpack(">10H", frame[14:34])) % 0xFFFF == 0
        assert int.from_bytes(frame[16:18]) == len(frame) - 14
        assert int.from_bytes(frame[18:20]) == 7 + number


class FakePacketLink(FakeLink):
    def __init__(self):
        super().__init__()
        self.packets = []
        self.wanted = None

    def transmit_packet(self, packet):
        self.packets.append(packet)

    def offer_packets(self, wanted):
        self.wanted = wanted


def test_packets_of_tcp_go_whole_where_the_cable_takes_them():
    rig = make(FakePacketLink()).start(net.F_MRG_RXBUF)
    assert not rig.link.wanted()
    rig.start(net.F_MRG_RXBUF | net.F_GUEST_TSO4)
    assert rig.link.wanted()
    head = FRAME[:12] + b"\x08\0\x45" + bytes(8) + b"\6" + bytes(22) + b"\x50" + bytes(7)
    packet = head + bytes(3000)
    rig.add(1, (BUFFERS, struct.pack("<BBHHHHH", 1, 1, 54, 1400, 34, 16, 0)), (BUFFERS + 64, packet))
    assert rig.link.packets == [packet]
    assert rig.link.frames == []
    rig.add(0, (BUFFERS, 2048))
    rig.add(0, (BUFFERS + 0x1000, 2048))
    arrive(rig, packet)
    assert [length for _, length in rig.used(0)] == [2048, 12 + len(packet) - 2048]
    told = struct.unpack("<BBHHHHH", rig.bench.memory.read(BUFFERS, 12))
    assert told == (1, 1, 54, 1460, 34, 16, 2)
    rig.add(0, (BUFFERS, 2048))
    arrive(rig, FRAME)
    assert rig.bench.memory.read(BUFFERS, 12) == bytes(10) + b"\1\0"


def test_a_frame_is_received(rig):
    head = rig.add(0, (BUFFERS, 2048))
    arrive(rig, FRAME)
    assert rig.used(0) == [(head, 12 + len(FRAME))]
    data = rig.bench.memory.read(BUFFERS, 12 + len(FRAME))
    assert data == bytes(10) + b"\1\0" + FRAME


def test_a_frame_over_several_buffers_waits_until_they_are_there(rig):
    rig.add(0, (BUFFERS, 64))
    arrive(rig, FRAME)
    assert rig.used(0) == []
    rig.add(0, (BUFFERS + 0x1000, 2048))
    assert [length for _, length in rig.used(0)] == [64, 12 + len(FRAME) - 64]
    first = rig.bench.memory.read(BUFFERS, 64)
    assert first[10:12] == b"\2\0"
    assert first[12:] + rig.bench.memory.read(BUFFERS + 0x1000, len(FRAME) - 52) == FRAME


def test_frames_that_wait_are_saved(rig):
    arrive(rig, FRAME)
    saved = msgspec.msgpack.encode(rig.device.state_to_save())
    other = make()
    other.device.load_pci_state(rig.device.pci_state())
    other.bench.memory.write(0, rig.bench.memory.read(0, 0x500000))
    other.device.state = msgspec.msgpack.decode(saved, type=net.VirtioNetState)
    other.device.state_loaded(1)
    other.bench.advance(0)
    for name in ("size", "next_free", "available", "seen"):
        setattr(other, name, getattr(rig, name))
    other.add(0, (BUFFERS, 2048))
    assert len(other.used(0)) == 1
    assert other.bench.memory.read(BUFFERS + 12, len(FRAME)) == FRAME


def test_filters(rig):
    def command(code, data):
        rig.add(2, (BUFFERS, code), (BUFFERS + 64, data), (BUFFERS + 0x800, 1))
        assert len(rig.used(2)) == 1
        return rig.bench.memory.read(BUFFERS + 0x800, 1)[0]

    multicast = bytes.fromhex("01005e000001")
    assert command(b"\0\0", b"\0") == 0  # not promiscuous
    assert not rig.device._accepts(multicast)
    table = struct.pack("<I", 0) + struct.pack("<I", 1) + multicast
    assert command(b"\1\0", table) == 0
    assert rig.device._accepts(multicast)
    assert not rig.device._accepts(b"\2" * 6)
    assert command(b"\1\1", b"\2" * 6) == 0
    assert rig.device._accepts(b"\2" * 6)
    assert command(b"\1\0", struct.pack("<I", 1 << 31)) == 1
    assert command(b"\x77\0", b"") == 1


def test_event_index_suppresses_interrupts(rig):
    rig.start(net.F_MRG_RXBUF | r.F_EVENT_IDX)
    ring = 0x200000 + 0x10000
    rig.bench.memory.write(ring + 0x4000 + 4 + 2 * 16, struct.pack("<H", 1))  # after the second
    rig.add(1, (BUFFERS, HEADER + FRAME))
    assert not rig.irq
    rig.add(1, (BUFFERS, HEADER + FRAME))
    assert rig.irq
    # The device asks for a notification of the next one.
    assert rig.bench.memory.read(ring + 0x8000 + 4 + 8 * 16, 2) == b"\2\0"


def test_an_indirect_table(rig):
    rig.start(net.F_MRG_RXBUF | r.F_INDIRECT_DESC)
    rig.bench.memory.write(BUFFERS, HEADER + FRAME)
    entries = struct.pack("<QIHH", BUFFERS, 12, NEXT, 1)
    entries += struct.pack("<QIHH", BUFFERS + 12, len(FRAME), 0, 0)
    rig.bench.memory.write(BUFFERS + 0x1000, entries)
    rig.descriptor(1, 0, BUFFERS + 0x1000, len(entries), INDIRECT)
    rig.make_available(1, 0)
    assert rig.link.frames == [FRAME]


def test_a_legacy_driver():
    rig = make()
    bench = rig.bench
    assert bench.inl(IO + r.OLD_DEVICE_FEATURES) & net.F_MAC
    assert bytes(bench.inb(IO + r.OLD_DEVICE + n) for n in range(6)) == MAC
    bench.outb(IO + r.OLD_STATUS, 3)
    bench.outl(IO + r.OLD_DRIVER_FEATURES, net.F_MAC)
    bench.outw(IO + r.OLD_QUEUE_SELECT, 1)
    size = bench.inw(IO + r.OLD_QUEUE_SIZE)
    assert size == 256
    bench.outl(IO + r.OLD_QUEUE_ADDRESS, 0x300)
    bench.outb(IO + r.OLD_STATUS, 7)
    bench.memory.write(BUFFERS, bytes(10) + FRAME)
    bench.memory.write(0x300000, struct.pack("<QIHH", BUFFERS, 10 + len(FRAME), 0, 0))
    bench.memory.write(0x301000, struct.pack("<HHH", 0, 1, 0))
    bench.outw(IO + r.OLD_QUEUE_NOTIFY, 1)
    assert rig.link.frames == [FRAME]
    assert bench.memory.read(0x302002, 2) == b"\1\0"
    assert rig.irq
    assert bench.inb(IO + r.OLD_ISR) == 1
    assert not rig.irq


@pytest.mark.parametrize(
    "entry",
    [
        (0x7F000000, 64, 0, 0),  # no memory
        (0xE0000000, 64, 0, 0),  # the device's own registers
        (BUFFERS, 64, NEXT, 0),  # a loop
        (BUFFERS, 64, NEXT, 99),  # out of the table
        (BUFFERS, 64, INDIRECT, 0),  # not accepted
        (BUFFERS, 0xFFFFFFFF, 0, 0),
    ],
)
def test_senseless_descriptors_stop_the_device(rig, entry):
    rig.descriptor(1, 0, *entry)
    rig.make_available(1, 0)
    assert rig.status & r.NEEDS_RESET
    assert rig.read(r.ISR, 1) & r.ISR_CONFIG
    rig.add(1, (BUFFERS, HEADER + FRAME))
    assert rig.link.frames == []
    rig.start(net.F_MRG_RXBUF)
    rig.add(1, (BUFFERS, HEADER + FRAME))
    assert rig.link.frames == [FRAME]


def test_an_index_that_jumps_stops_the_device(rig):
    rig.bench.memory.write(0x200000 + 0x10000 + 0x4002, struct.pack("<H", 1000))
    rig.notify(1)
    assert rig.status & r.NEEDS_RESET


_words = st.integers(0, 0xFFFFFFFF)


@settings(max_examples=25, deadline=None)
@given(
    entries=st.lists(
        st.tuples(
            st.sampled_from([BUFFERS, BUFFERS + 0x1000, 0x210000, 0x9FFF0, 0xE0000000, 1 << 63]),
            st.sampled_from([0, 1, 16, 32, 64, 4096, 0x10000, 0xFFFFFFFF]),
            st.integers(0, 7), st.integers(0, 17),
        ), min_size=16, max_size=16,
    ),
    heads=st.lists(st.integers(0, 20), max_size=20),
    buffers=st.binary(max_size=256),
    queue=st.integers(0, 2),
)  # fmt: skip
def test_hostile_rings(entries, heads, buffers, queue):
    rig = make().start(net.F_MRG_RXBUF | r.F_INDIRECT_DESC | r.F_EVENT_IDX)
    rig.bench.memory.write(BUFFERS, buffers)
    for index, entry in enumerate(entries):
        rig.descriptor(queue, index, *entry)
    for head in heads:
        rig.make_available(queue, head, notify=False)
    rig.notify(queue)
    arrive(rig, FRAME)
    rig.bench.advance(10)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 0xFFF), _words, st.sampled_from([1, 2, 4])), max_size=40))
def test_random_register_accesses(accesses):
    rig = make().start()
    for is_write, offset, value, size in accesses:
        offset &= ~(size - 1)
        if is_write:
            rig.write(offset, value & (1 << 8 * size) - 1, size)
            rig.bench.ports.write(IO + offset % 64, value & (1 << 8 * size) - 1, size)
        else:
            rig.read(offset, size)
            rig.bench.ports.read(IO + offset % 64, size)
