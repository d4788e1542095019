"""Packets of a cable that has them whole: the frames that the driver finds, and those that wait."""

import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.e1000 import packets, receive
from engine.devices.e1000 import registers as r
from engine.devices.e1000 import statistics as s
from engine.devices.e1000.checksums import total, verify_ipv4
from engine.devices.virtio import offload
from engine.net.packets import ACK, FIN, PSH, Segment, build_frame, build_tcp_packet
from tests.engine.devices.e1000.rig import MAC, RING, RX_RING, Rig, frame_to

DD, EOP, IXSM, TCPCS, IPCS = 1, 2, 4, 0x20, 0x40
MSS = 1460
OTHER = bytes.fromhex("525400123502")


def packet(payload, *, destination=MAC):
    segment = Segment(80, 5000, 0xFFFFFF00, 7, ACK | PSH | FIN, 9000, payload)
    whole = build_tcp_packet(bytes([10, 0, 2, 2]), bytes([10, 0, 2, 15]), segment)
    return build_frame(destination, OTHER, 0x0800, whole)


def data_of(count):
    return (bytes(n * 7 & 0xFF for n in range(256)) * 256)[:count]


@pytest.fixture
def rig():
    rig = Rig(packets=True).link_up().start_receiver()
    rig[r.RXCSUM] = r.RXCSUM_IPOFL | r.RXCSUM_TUOFL
    return rig


def give_back(rig, count):
    """Have the driver take frames and make their descriptors available again."""
    tail = rig[r.RDT]
    for n in range(count):
        place = RX_RING + 16 * ((tail + n) % RING) + 8
        rig.bench.memory.write(place, bytes(8))
    rig[r.RDT] = (tail + count) % RING


@settings(max_examples=30)
@given(size=st.integers(MSS + 1, 65495), checked=st.booleans())
def test_the_frames_are_those_of_the_slow_way(size, checked):
    whole = packet(data_of(size))
    assert packets.is_packet(whole)
    found = list(packets.Frames(whole, checked=checked))
    slow = offload.frames(offload.packet_header(whole), bytearray(whole))
    assert [frame[:-4] if checked else frame for frame in found] == [
        frame.ljust(60, b"\0") for frame in slow
    ]


def test_a_packet_arrives_as_frames(rig):
    rig[r.IMS] = r.INT_RXT0
    payload = data_of(3 * MSS + 100)
    rig.arrive(packet(payload))
    found = [rig.received(n) for n in range(4)]
    assert b"".join(data[54:-4] for data, *_ in found) == payload
    for data, packet_sum, *rest in found:
        assert verify_ipv4(data[:-4]) == (True, True)
        assert packet_sum == total(data[:-4])
        assert rest == [DD | EOP | TCPCS | IPCS, 0, 0]
    assert rig.irq
    assert rig[r.RDH] == 4
    assert [rig[place] for place in (s.GPRC, s.GORC, s.ROC, s.MPC)] == [4, 4480 + 4 * 58, 0, 0]
    assert rig[s.PRC64 + 4 * 5] == 3


def test_a_driver_that_does_not_want_sums_or_check_sequences(rig):
    rig[r.RXCSUM] = 0
    rig[r.RCTL] = rig[r.RCTL] | r.RCTL_SECRC
    rig.arrive(packet(data_of(2000)))
    data, _, status, _, _ = rig.received(1)
    assert len(data) == 54 + 540
    assert status == DD | EOP | IXSM


def test_what_the_ring_has_no_room_for_is_held_in_order(rig):
    last = frame_to(MAC, 100)
    rig.arrive(packet(data_of(8 * MSS)), packet(data_of(8 * MSS)), last)
    assert rig[r.RDH] == 8  # seven descriptors are not enough
    state = msgspec.msgpack.encode(rig.nic.state)
    rig.nic.state = msgspec.msgpack.decode(state, type=type(rig.nic.state))
    rig.nic.state_loaded(1)
    assert rig[r.RDH] == 8
    give_back(rig, 6)
    assert rig[r.RDH] == 17 % RING  # around its end, and the frame behind it
    assert rig.received(0)[0][:-4] == last
    assert not rig.nic.state.receive.held
    assert (rig[s.MPC], rig[s.GPRC]) == (0, 17)


def test_a_packet_for_which_a_driver_may_never_have_room_comes_by_frames(rig):
    payload = data_of(9 * MSS)
    rig.arrive(packet(data_of(7 * MSS)))
    rig.arrive(packet(payload))
    assert rig[r.RDH] == RING - 1
    give_back(rig, 1)
    assert b"".join(rig.received(n)[0][54:-4] for n in range(7, RING)) == payload


def test_a_packet_that_no_ring_has_room_for_comes_by_frames(rig):
    payload = data_of(20 * MSS)
    rig.arrive(packet(payload))
    got = [rig.received(n)[0] for n in range(RING - 1)]
    give_back(rig, 5)
    got += [rig.received(n % RING)[0] for n in range(RING - 1, 20)]
    assert b"".join(frame[54:-4] for frame in got) == payload


def test_buffers_that_are_smaller_than_a_frame(rig):
    rig[r.RCTL] = rig[r.RCTL] | 2 << 16  # 512 bytes
    rig.arrive(packet(data_of(2 * MSS)))
    assert [rig.received(n)[2] & EOP for n in range(6)] == [0, 0, EOP, 0, 0, EOP]


def test_a_null_pointer_takes_nothing(rig):
    rig.bench.memory.write(RX_RING + 16, struct.pack("<QQ", 0, 0))
    rig.bench.memory.write(0, b"unharmed")
    payload = data_of(3 * MSS)
    rig.arrive(packet(payload))
    assert rig[r.RDH] == 3
    assert rig.received(2)[0][54:-4] == payload[2 * MSS :]
    assert rig.bench.memory.read(0, 8) == b"unharmed"


def test_a_packet_for_somebody_else(rig):
    rig.arrive(packet(data_of(5000), destination=bytes.fromhex("080027123457")))
    assert (rig[r.RDH], rig[s.GPRC]) == (0, 0)


def test_a_flood_has_an_end(rig, monkeypatch):
    monkeypatch.setattr(receive, "HELD_BYTES", 100_000)
    for _ in range(3):
        rig.arrive(packet(data_of(60_000)))
    assert sum(map(len, rig.nic.state.receive.held)) <= 100_000
    assert rig[s.MPC] > 0
    rig[r.RCTL] = 0
    assert not rig.nic.state.receive.held
