"""Frames through the rings in each software style; loopback, errors, hostile rings, states."""

import zlib

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.pcnet import controller, rings, transmit
from engine.devices.pcnet import registers as r
from engine.pdm.networkhost import WAITING_FRAMES
from tests.engine.devices.e1000.rig import frame_to
from tests.engine.devices.pcnet.rig import (
    BAR,
    BLOCK,
    BUFFER,
    ENP,
    MAC,
    OWN,
    RING,
    RX_BUFFERS,
    RX_RING,
    STP,
    TX_BUFFERS,
    TX_RING,
    Rig,
)

OTHER, BROADCAST = bytes.fromhex("525400000002"), b"\xff" * 6
MULTICAST = bytes.fromhex("01005e000001")
STYLES = [0, 2, 3]


@pytest.fixture(params=STYLES)
def rig(request):
    return Rig(style=request.param).start()


def with_fcs(frame):
    return frame + zlib.crc32(frame).to_bytes(4, "little")


# -- transmission


def test_a_frame_is_sent(rig):
    frame = frame_to(OTHER, 200)
    rig.send(0, frame)
    assert rig.link.frames == [frame]
    assert rig.told(TX_RING, 0)[0] & (OWN | rings.ERROR) == 0
    assert rig.csr(r.STATUS) & r.TINT
    assert rig.irq
    rig.csr(r.STATUS, r.TINT | r.IENA)
    assert not rig.irq
    assert rig.nic.traffic().frames_transmitted == 1


def test_a_frame_in_three_buffers(rig):
    frame = frame_to(OTHER, 300)
    rig.give(0, frame[:100], OWN | STP)
    rig.give(1, frame[100:250], OWN)
    rig.send(2, frame[250:], OWN | ENP)
    assert rig.link.frames == [frame]
    assert [rig.told(TX_RING, n)[0] & OWN for n in range(3)] == [0, 0, 0]
    assert rig.csr(r.TX_COUNTER) == RING - 3


def test_the_rest_of_a_frame_may_come_later(rig):
    frame = frame_to(OTHER, 300)
    rig.send(0, frame[:100], OWN | STP)
    assert rig.link.frames == []
    rig.send(1, frame[100:], OWN | ENP)
    assert rig.link.frames == [frame]


def test_short_frames_are_padded_where_software_says_so(rig):
    frame = frame_to(OTHER, 20)
    rig.send(0, frame)
    rig.csr(r.FEATURES, r.FEATURES_DEFAULT)
    rig.send(1, frame)
    assert rig.link.frames == [frame.ljust(60, b"\0"), frame]


def test_software_may_append_the_checksum():
    rig = Rig().start(mode=r.DXMTFCS)
    frame = frame_to(OTHER, 100)
    rig.send(0, with_fcs(frame))
    rig.send(1, frame, OWN | STP | ENP | rings.TX_ADD_FCS)
    assert rig.link.frames == [frame, frame]


def test_the_ring_goes_round(rig):
    for n in range(3 * RING):
        rig.send(n % RING, frame_to(OTHER, 60 + n))
    assert [len(frame) for frame in rig.link.frames] == [60 + n for n in range(3 * RING)]


def test_the_ring_is_polled(rig):
    rig.bench.advance(controller.LAST_POLL_NS)
    rig.give(0, frame_to(OTHER))
    rig.bench.advance(controller.LAST_POLL_NS)
    assert len(rig.link.frames) == 1
    rig.csr(r.FEATURES, r.TXDPOLL)
    rig.bench.advance(controller.LAST_POLL_NS)
    rig.give(1, frame_to(OTHER))
    rig.bench.advance(4 * controller.LAST_POLL_NS)
    assert len(rig.link.frames) == 1


def test_without_a_link_the_carrier_is_lost(rig):
    rig.nic.set_cable(False)
    rig.send(0, frame_to(OTHER))
    status, detail = rig.told(TX_RING, 0)
    assert status & (OWN | rings.ERROR) == rings.ERROR
    assert (detail >> 16 | detail) & rings.TX_LCAR
    assert rig.link.frames == []


def test_interrupts_can_be_left_to_the_last_frame(rig):
    rig.csr(r.EXTENDED, r.LTINTEN)
    rig.send(0, frame_to(OTHER))
    assert not rig.csr(r.STATUS) & r.TINT
    rig.send(1, frame_to(OTHER), OWN | STP | ENP | rings.TX_LTINT)
    assert rig.csr(r.STATUS) & r.TINT


def test_a_frame_that_is_too_long_babbles(rig):
    rig.send(0, frame_to(OTHER, 1600))
    assert rig.csr(r.STATUS) & (r.BABL | r.ERR) == r.BABL | r.ERR


def test_what_is_no_frame_is_dropped(rig):
    rig.send(0, bytes(10))
    rig.send(1, frame_to(OTHER), OWN | ENP)  # starts nothing
    for n in range(2, RING):
        rig.give(n, bytes(BUFFER), OWN | (STP if n == 2 else 0))
    rig.csr(r.STATUS, r.IENA | r.TDMD)
    for n in range(RING):
        rig.send(n, bytes(BUFFER), OWN | (ENP if n == RING - 1 else 0))
    assert rig.link.frames == []
    assert rig.nic.guest_errors == 3
    rig.send(0, frame_to(OTHER))
    assert len(rig.link.frames) == 1


# -- reception


def test_a_frame_arrives(rig):
    frame = frame_to(MAC, 300)
    rig.arrive(frame)
    assert rig.received(0) == with_fcs(frame)
    assert rig.told(RX_RING, 0)[0] & 0xFF00 == STP | ENP
    assert rig.csr(r.STATUS) & r.RINT
    assert rig.irq
    assert rig.csr(r.RX_COUNTER) == RING - 1
    rig.csr(r.MASKS, r.RINT)
    assert not rig.irq
    assert rig.nic.traffic().bytes_received == 300


def test_short_frames_are_padded(rig):
    rig.arrive(frame_to(MAC, 20), b"runt")
    assert rig.received(0) == with_fcs(frame_to(MAC, 20).ljust(60, b"\0"))
    assert rig.told(RX_RING, 1)[0] & OWN


def test_padding_is_stripped_from_frames_with_a_length(rig):
    rig.csr(r.FEATURES, r.ASTRP_RCV)
    frame = frame_to(MAC, 60, kind=10)
    rig.arrive(frame)
    assert rig.received(0) == frame[:24]


def test_a_frame_in_several_buffers(rig):
    for n in range(3):
        rig.descriptor(RX_RING, n, RX_BUFFERS + n * BUFFER, 128, OWN)
    frame = frame_to(MAC, 300)
    rig.arrive(frame)
    assert [rig.told(RX_RING, n)[0] & 0xFF00 for n in range(3)] == [STP, 0, ENP]
    assert rig.told(RX_RING, 2)[1] & 0xFFF == 304
    pieces = [rig.get(RX_BUFFERS + n * BUFFER, 128) for n in range(3)]
    assert b"".join(pieces)[:304] == with_fcs(frame)


def test_a_frame_larger_than_its_buffers_is_an_error(rig):
    rig.descriptor(RX_RING, 0, RX_BUFFERS, 128, OWN)
    rig.descriptor(RX_RING, 1, 0, 128, 0)
    rig.arrive(frame_to(MAC, 300))
    status = rig.told(RX_RING, 0)[0]
    assert status & 0xFF00 == rings.ERROR | rings.RX_OFLO | rings.RX_BUFF | STP


def test_frames_without_buffers_are_missed(rig):
    rig.arrive(*(frame_to(MAC) for _ in range(RING + 2)))
    assert rig.csr(r.STATUS) & (r.MISS | r.ERR) == r.MISS | r.ERR
    assert rig.csr(r.MISSED) == 2
    rig.nic.state.csr[r.MISSED] = 0xFFFF
    rig.csr(r.FEATURES, 0)
    rig.arrive(frame_to(MAC))
    assert rig.csr(r.FEATURES) & r.MFCO


@pytest.mark.parametrize(
    ("mode", "address", "match"),
    [
        (0, MAC, rings.RX_PAM),
        (r.DRCVPA, MAC, None),
        (0, OTHER, None),
        (r.PROM, OTHER, 0),
        (0, BROADCAST, rings.RX_BAM),
        (r.DRCVBC, BROADCAST, None),
        (r.DRCVBC | r.PROM, BROADCAST, 0),
        (0, MULTICAST, rings.RX_LAFM),
        (0, bytes.fromhex("01005e000002"), None),
        (r.DRX, MAC, None),
    ],
)
def test_who_is_listened_to(mode, address, match):
    # Linux computes the same place from the checksum of the address.
    bit = (zlib.crc32(MULTICAST) ^ 0xFFFFFFFF) >> 26
    rig = Rig().start(mode=mode, filter_=(1 << bit).to_bytes(8, "little"))
    rig.arrive(frame_to(address))
    status = rig.told(RX_RING, 0)[0]
    assert status == (OWN if match is None else STP | ENP | match)


def test_a_suspended_or_deaf_adapter_takes_nothing(rig):
    rig.csr(r.EXTENDED, r.SPND)
    rig.arrive(frame_to(MAC))
    rig.send(0, frame_to(OTHER))
    assert rig.told(RX_RING, 0)[0] & OWN
    assert rig.link.frames == []
    rig.csr(r.EXTENDED, 0)
    assert len(rig.link.frames) == 1
    rig.nic.set_cable(False)
    rig.arrive(frame_to(MAC))
    assert rig.told(RX_RING, 0)[0] & OWN


def test_loopback_as_drivers_test_it():
    """Linux sets up both rings while the chip is stopped and starts it in loopback."""
    rig = Rig().start()
    rig.csr(r.STATUS, r.STOP)
    frames = [frame_to(MAC, 75) for _ in range(4)]
    for n, frame in enumerate(frames):
        rig.give(n, frame)
    rig.bcr(r.MII_CONTROL, r.MII_LOOPBACK)
    rig.csr(r.MODE, r.LOOP | 0x40)
    rig.csr(r.STATUS, r.STRT)
    assert [rig.received(n) for n in range(4)] == [with_fcs(frame) for frame in frames]
    rig.arrive(frame_to(MAC))  # the wire is not heard
    assert rig.told(RX_RING, 4)[0] & OWN
    assert rig.link.frames == []


# -- what a hostile guest or network does


def test_a_flood_is_bounded(rig):
    for _ in range(2 * WAITING_FRAMES):
        rig.link.receiver(frame_to(MAC))
    rig.bench.advance(0)
    assert rig.nic.traffic().frames_received == WAITING_FRAMES
    assert rig.csr(r.MISSED) == WAITING_FRAMES - RING


def test_giants_are_dropped(rig):
    rig.arrive(frame_to(MAC, 5000), frame_to(MAC, 9000))
    assert rig.told(RX_RING, 0)[0] & OWN


@pytest.mark.parametrize("ring", ["rx", "tx"])
@pytest.mark.parametrize("base", [BAR, BAR + 0x10, 0xFFFFFFF0])
def test_rings_outside_memory_stop_their_unit(ring, base):
    rig = Rig().start(**{ring: base})
    rig.send(0, frame_to(OTHER))
    rig.arrive(frame_to(MAC))
    status = rig.csr(r.STATUS)
    assert status & (r.MERR | r.TXON | r.RXON) == r.MERR | (r.RXON if ring == "tx" else r.TXON)


def test_a_long_ring_is_worked_off_in_bursts():
    rig = Rig().start(log=9)
    for n in range(512):
        rig.descriptor(TX_RING, n, TX_BUFFERS, 60, OWN | STP | ENP)
    rig.csr(r.STATUS, r.IENA | r.TDMD)
    assert len(rig.link.frames) == transmit.BURST_DESCRIPTORS
    rig.bench.advance(controller.BURST_PAUSE_NS)
    assert len(rig.link.frames) == 512


@settings(max_examples=60, deadline=None)
@given(
    style=st.integers(0, 4),
    mode=st.integers(0, 0xFFFF),
    log=st.integers(0, 7),
    bases=st.tuples(*[st.sampled_from([TX_RING, RX_RING, BLOCK, BAR, 0xFFFF8, 0xFFFFFFF0])] * 2),
    memory=st.binary(max_size=512),
    lengths=st.lists(st.integers(0, 1800), max_size=4),
    words=st.lists(st.tuples(st.integers(0, 127), st.integers(0, 0xFFFF)), max_size=8),
)
def test_hostile_rings(style, mode, log, bases, memory, lengths, words):
    rig = Rig(style=style)
    rig.put(TX_RING, memory)
    rig.put(RX_RING, memory[::-1])
    rig.initialize(mode=mode, log=log, rx=bases[0] & ~7, tx=bases[1] & ~7)
    rig.csr(r.STATUS, r.STRT | r.IENA)
    for number, value in words:
        rig.csr(number, value)
    rig.arrive(*(frame_to(MAC, length) for length in lengths), b"", bytes(13))
    rig.csr(r.STATUS, r.TDMD)
    rig.bench.advance(controller.LAST_POLL_NS)
    assert len(rig.nic.state.pending) <= transmit.LONGEST_FRAME


# -- saved states


def test_a_saved_state_goes_on(rig):
    frame = frame_to(OTHER, 300)
    rig.send(0, frame[:100], OWN | STP)
    rig.arrive(frame_to(MAC))
    packed = msgspec.msgpack.encode(rig.nic.state_to_save())
    other = Rig(style=rig.style)
    for address in (TX_RING, RX_RING):
        other.put(address, rig.get(address, 0x1000))
    other.nic.state = msgspec.msgpack.decode(packed, type=type(rig.nic.state))
    other.nic.state_loaded(1)
    assert other.irq
    other.send(1, frame[100:], OWN | ENP)
    assert other.link.frames == [frame]
    other.arrive(frame_to(MAC, 77))
    assert other.received(1) == with_fcs(frame_to(MAC, 77))


def test_a_saved_state_that_no_adapter_made_is_refused():
    state = msgspec.to_builtins(Rig().nic.state)
    for name, value in (("csr", [0] * 5), ("bcr", [0x10000] * 64), ("aprom", b"")):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(state | {name: value}, type(Rig().nic.state))
