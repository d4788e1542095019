"""Transmit descriptors: legacy, checksum offload, segmentation, VLAN tags, hostile rings."""

import struct

import pytest

from engine.devices.e1000 import registers as r
from engine.devices.e1000 import statistics as s
from engine.devices.e1000 import transmit
from engine.devices.e1000.checksums import total, verify_ipv4
from tests.engine.devices.e1000.rig import (
    BAR,
    DEXT,
    EOP,
    IFCS,
    MAC,
    RING,
    RS,
    TSE,
    TX_BUFFERS,
    VLE,
    Rig,
    frame_to,
)

OTHER = bytes.fromhex("525400000002")
DATA, TCP, IP = 1 << 20, 1 << 24, 1 << 25
CONTEXT_TSE = 1 << 26
IXSM, TXSM = 1 << 8, 2 << 8


@pytest.fixture
def rig():
    return Rig().link_up().start_transmitter()


def ipv4_header(length, protocol):
    return struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, length, 100, 0x4000, 64, protocol, 0xDEAD,
        bytes([10, 0, 2, 15]), bytes([10, 0, 2, 2]),
    )  # fmt: skip


def pseudo(head, length):
    """What drivers leave in the checksum field: the sum of the pseudo header."""
    return total(head[-8:] + bytes([0, head[9]]) + length.to_bytes(2))


def tcp_packet(payload, *, segmented):
    ip = ipv4_header(40 + len(payload), 6)
    field = pseudo(ip, 0 if segmented else 20 + len(payload))
    tcp = struct.pack(">HHIIBBHHH", 1000, 80, 0xFFFFFF00, 7, 0x50, 0x19, 8192, field, 0)
    return OTHER + MAC + b"\x08\0" + ip + tcp + payload


def context(rig, index, *, mss=0, header=0, payload=0, tucmd=TCP | IP, offset=50):
    first = 14 | 24 << 8 | 33 << 16 | 34 << 32 | offset << 40
    command = payload | tucmd | DEXT | RS | (CONTEXT_TSE if mss else 0)
    rig.descriptor(index, first, command, header << 8 | mss << 16)


def test_a_legacy_descriptor_sends_a_frame_and_reports(rig):
    rig[r.IMS] = r.INT_TXDW
    frame = frame_to(OTHER, 100)
    rig.send(frame)
    assert rig.link.frames == [frame]
    assert rig.status_of(0) & 1
    assert rig[r.TDH] == 1
    assert rig.irq
    assert rig[r.ICR] == r.INT_TXDW | r.INT_TXQE


def test_a_descriptor_that_does_not_ask_is_not_written_back(rig):
    rig.send(frame_to(OTHER), command=EOP | IFCS)
    assert rig.status_of(0) == 0
    assert rig[r.ICR] == r.INT_TXQE


def test_short_frames_are_padded_when_asked(rig):
    rig.send(frame_to(OTHER, 20))
    assert len(rig.link.frames[0]) == 60
    rig[r.TCTL] = r.TCTL_EN
    rig.send(frame_to(OTHER, 20))
    assert len(rig.link.frames[1]) == 20


def test_a_frame_from_several_descriptors_around_the_end_of_the_ring(rig):
    frame = frame_to(OTHER, 90)
    rig[r.TDH] = rig[r.TDT] = RING - 1
    for n, (start, end, command) in enumerate(((0, 30, 0), (30, 60, 0), (60, 90, EOP | RS))):
        rig.put(TX_BUFFERS + 0x100 * n, frame[start:end])
        index = (RING - 1 + n) % RING
        rig.descriptor(index, TX_BUFFERS + 0x100 * n, end - start | command)
    rig[r.TDT] = 2
    assert rig.link.frames == [frame]
    assert rig[r.TDH] == 2


def test_the_legacy_checksum_is_inserted(rig):
    frame = frame_to(OTHER, 80)
    rig.send(frame, command=EOP | RS | 1 << 26 | 50 << 16, extra=14 << 8)
    (sent,) = rig.link.frames
    assert sent[:50] == frame[:50]
    assert sent[52:] == frame[52:]
    # The old content of the field is part of the sum.
    assert total(frame[14:]) + int.from_bytes(sent[50:52]) == 0xFFFF


def test_a_vlan_tag_is_inserted(rig):
    frame = frame_to(OTHER, 70)
    rig.send(frame, command=EOP | RS | VLE, extra=0x2005 << 16)
    assert rig.link.frames == [frame[:12] + bytes.fromhex("81002005") + frame[12:]]


def test_checksum_offload_of_one_packet(rig):
    packet = tcp_packet(b"odd payload", segmented=False)
    rig.put(TX_BUFFERS, packet)
    context(rig, 0)
    rig.descriptor(1, TX_BUFFERS, len(packet) | DATA | DEXT | EOP | RS, IXSM | TXSM)
    rig[r.TDT] = 2
    (sent,) = rig.link.frames
    assert verify_ipv4(sent) == (True, True)
    assert sent[54:] == b"odd payload"
    assert rig.status_of(0) & rig.status_of(1) & 1


def test_tcp_segmentation(rig):
    payload = bytes(n * 7 & 0xFF for n in range(3500))
    packet = tcp_packet(payload, segmented=True)
    rig.put(TX_BUFFERS, packet)
    context(rig, 0, mss=1460, header=54, payload=len(payload))
    rig.descriptor(1, TX_BUFFERS, 54 | DATA | DEXT | TSE, IXSM | TXSM)
    rig.descriptor(
        2, TX_BUFFERS + 54, len(payload) | DATA | DEXT | TSE | EOP | RS, IXSM | TXSM
    )
    rig[r.TDT] = 3
    frames = rig.link.frames
    assert [len(frame) - 54 for frame in frames] == [1460, 1460, 580]
    assert b"".join(frame[54:] for frame in frames) == payload
    assert [verify_ipv4(frame) for frame in frames] == [(True, True)] * 3
    assert [int.from_bytes(frame[18:20]) for frame in frames] == [100, 101, 102]
    sequences = [int.from_bytes(frame[38:42]) for frame in frames]
    assert sequences == [0xFFFFFF00, 0x4B4, 0xA68]
    assert [frame[47] for frame in frames] == [0x10, 0x10, 0x19]  # FIN and PSH come last
    assert rig[s.TSCTC] == 1


def test_a_cable_that_takes_packets_gets_them_whole():
    rig = Rig(packets=True).link_up().start_transmitter()
    payload = bytes(n * 7 & 0xFF for n in range(3500))
    packet = tcp_packet(payload, segmented=True)
    rig.put(TX_BUFFERS, packet)
    context(rig, 0, mss=1460, header=54, payload=len(payload))
    rig.descriptor(1, TX_BUFFERS, len(packet) | DATA | DEXT | TSE | EOP | RS, IXSM | TXSM)
    rig[r.TDT] = 2
    (sent,) = rig.link.packets
    assert rig.link.frames == []
    assert sent[34:] == packet[34:]
    assert verify_ipv4(sent)[0]
    assert int.from_bytes(sent[16:18]) == len(packet) - 14
    # The counters are those of the frames that it stands for.
    assert [rig[place] for place in (s.TSCTC, s.GPTC, s.GOTC)] == [1, 3, 3500 + 3 * 58]
    assert rig[s.PTC64 + 4 * 4] == 1  # the last one
    assert rig[s.PTC64 + 5 * 4] == 2


def test_udp_over_ipv6_segmentation(rig):
    payload = bytes(200)
    addresses = bytes(range(32))
    ip = struct.pack(">IHBB", 0x60000000, 0, 17, 64) + addresses
    field = total(addresses + bytes([0, 17]))
    packet = OTHER + MAC + b"\x86\xdd" + ip + struct.pack(">HHHH", 1, 2, 0, field) + payload
    rig.put(TX_BUFFERS, packet)
    first = 14 | 54 << 32 | 60 << 40
    rig.descriptor(0, first, DEXT | RS | CONTEXT_TSE, 62 << 8 | 128 << 16)
    rig.descriptor(1, TX_BUFFERS, len(packet) | DATA | DEXT | TSE | EOP | RS, TXSM)
    rig[r.TDT] = 2
    assert [len(frame) - 62 for frame in rig.link.frames] == [128, 72]
    for frame in rig.link.frames:
        length = len(frame) - 54
        assert int.from_bytes(frame[18:20]) == length == int.from_bytes(frame[58:60])
        assert total(addresses + bytes([0, 17]) + length.to_bytes(2) + frame[54:]) == 0


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"mss": 1, "header": 54}, "segments of 1 bytes"),
        ({"mss": 1460, "header": 40}, "a header of 40 bytes"),
        ({"mss": 1460, "header": 200}, "shorter than its header"),
    ],
)
def test_segmentation_that_makes_no_sense_sends_nothing(rig, caplog, values, sentence):
    caplog.set_level("INFO", "guest")
    packet = tcp_packet(bytes(50), segmented=True)
    rig.put(TX_BUFFERS, packet)
    context(rig, 0, **values)
    rig.descriptor(1, TX_BUFFERS, len(packet) | DATA | DEXT | TSE | EOP | RS, TXSM)
    rig[r.TDT] = 2
    assert rig.link.frames == []
    assert sentence in caplog.text
    assert rig[r.TDH] == 2


@pytest.mark.parametrize(
    ("command", "frames"),
    [(0xF << 20 | DEXT | EOP | RS, 0), (5 | EOP | RS, 0), (0xFFFF | EOP | RS, 0)],
)
def test_bad_descriptors_are_passed_over(rig, command, frames):
    rig.descriptor(0, TX_BUFFERS, command)
    rig[r.TDT] = 1
    assert len(rig.link.frames) == frames
    assert rig.nic.guest_errors == 1
    rig.send(frame_to(OTHER))
    assert len(rig.link.frames) == frames + 1


def test_a_packet_without_an_end_does_not_grow_for_ever(rig):
    for n in range(RING):
        rig.descriptor(n, TX_BUFFERS, 0xFFFFF | DATA | DEXT | TSE)
    for n in range(RING - 1):
        rig[r.TDT] = n + 1
    assert len(rig.nic.state.transmit.pending) <= transmit.LONGEST_PACKET


@pytest.mark.parametrize("base", [BAR, BAR + r.TDH, 0xFFFFFFF0, 0xFFFFFFFF00000000, 0xA0000])
def test_rings_that_point_outside_memory(rig, base):
    rig[r.TDBAL], rig[r.TDBAH] = base & 0xFFFFFFFF, base >> 32
    rig[r.TDLEN] = 0xFFFFFFFF
    rig[r.TDT] = 2000
    rig.bench.advance(0)
    assert rig[r.TDH] == 2000
    assert rig.link.frames == []


def test_indices_outside_the_ring_stop_the_unit(rig):
    rig[r.TDT] = 0xFFFF
    assert rig[r.TDH] == 0
    rig[r.TDLEN] = 0
    rig[r.TDT] = 1
    assert rig[r.TDH] == 0


def test_a_long_ring_is_worked_off_in_bursts(rig):
    count = transmit.BURST_DESCRIPTORS + 10
    rig[r.TDLEN] = 512 * 16
    rig.put(TX_BUFFERS, frame_to(OTHER))
    for n in range(count):
        rig.descriptor(n, TX_BUFFERS, 60 | EOP | RS)
    rig[r.TDT] = count
    assert len(rig.link.frames) == transmit.BURST_DESCRIPTORS
    rig.bench.advance(0)
    assert len(rig.link.frames) == count


def test_nothing_is_sent_without_bus_mastering_or_link(rig):
    rig.config.write(0x04, 3, 2)
    rig.send(frame_to(OTHER))
    assert rig[r.TDH] == 0
    rig.config.write(0x04, 7, 2)
    rig.nic.set_cable(False)
    rig.send(frame_to(OTHER))
    assert rig[r.TDH] == 2  # the guest gets its descriptors back
    assert rig.link.frames == []


def test_loopback(rig):
    rig.start_receiver(control=r.RCTL_LBM)
    frame = frame_to(MAC)
    rig.send(frame)
    assert rig.link.frames == []
    assert rig.received(0)[0][:-4] == frame


def test_statistics_count_and_clear(rig):
    rig.send(frame_to(OTHER))
    rig.send(frame_to(b"\xff" * 6, 124))
    assert (rig[s.GPTC], rig[s.TPT], rig[s.BPTC], rig[s.MPTC]) == (2, 2, 1, 0)
    assert rig[s.GPTC] == 0
    assert rig[s.PTC64] == 1
    assert rig[s.PTC64 + 8] == 1
    assert rig[s.GOTC] == 64 + 128  # the checksum counts
    assert rig[s.GOTC] == 192  # only the high half clears
    assert rig[s.GOTC + 4] == 0
    assert rig[s.GOTC] == 0
