"""Receive descriptors: filters, buffers, checksums, VLAN, a full ring, floods; saved states."""

import struct
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.devices.e1000 import receive
from engine.devices.e1000 import registers as r
from engine.devices.e1000 import statistics as s
from engine.devices.e1000.checksums import checksum, total
from engine.pdm.networkhost import WAITING_FRAMES
from tests.engine.devices.e1000.rig import BAR, MAC, RING, RX_BUFFERS, RX_RING, Rig, frame_to

DD, EOP, IXSM, VP, TCPCS, IPCS = 1, 2, 4, 8, 0x20, 0x40
BROADCAST, MULTICAST = b"\xff" * 6, bytes.fromhex("01005e123456")


@pytest.fixture
def rig():
    return Rig().link_up().start_receiver()


def with_fcs(frame):
    return frame + zlib.crc32(frame).to_bytes(4, "little")


def test_a_frame_arrives(rig):
    rig[r.IMS] = r.INT_RXT0
    frame = frame_to(MAC, 100)
    rig.arrive(frame)
    data, _, status, errors, special = rig.received(0)
    assert data == with_fcs(frame)
    assert (status, errors, special) == (DD | EOP | IXSM, 0, 0)
    assert rig[r.RDH] == 1
    assert rig.irq
    assert rig[r.ICR] == r.INT_RXT0
    assert rig.nic.traffic().bytes_received == 100


def test_short_frames_are_padded_and_the_checksum_can_be_stripped(rig):
    rig[r.RCTL] = rig[r.RCTL] | r.RCTL_SECRC
    frame = frame_to(MAC, 42)
    rig.arrive(frame)
    assert rig.received(0)[0] == frame.ljust(60, b"\0")


@pytest.mark.parametrize(
    ("control", "destination", "wanted"),
    [
        (0, MAC, True),
        (0, bytes.fromhex("080027123457"), False),
        (r.RCTL_UPE, bytes.fromhex("080027123457"), True),
        (r.RCTL_UPE, MULTICAST, False),
        (r.RCTL_MPE, MULTICAST, True),
        (0, BROADCAST, False),
        (r.RCTL_BAM, BROADCAST, True),
        (r.RCTL_MPE, BROADCAST, True),
        (r.RCTL_BAM, MULTICAST, False),
    ],
)
def test_address_filters(control, destination, wanted):
    rig = Rig().link_up().start_receiver(control=control)
    rig.arrive(frame_to(destination))
    assert bool(rig.received(0)[2] & DD) is wanted


@pytest.mark.parametrize(("offset", "bit"), [(0, 0x563), (1, 0xAC6), (2, 0x58D), (3, 0x634)])
def test_the_multicast_table(offset, bit):
    rig = Rig().link_up().start_receiver(control=offset << 12)
    destination = bytes.fromhex("01005e003456")
    rig.arrive(frame_to(destination))
    assert not rig.received(0)[2] & DD
    rig[r.MTA + 4 * (bit >> 5)] = 1 << (bit & 31)
    rig.arrive(frame_to(destination))
    assert rig.received(0)[2] & DD


def test_a_second_receive_address(rig):
    other = bytes.fromhex("0a0027000001")
    rig[r.RAL0 + 8] = int.from_bytes(other[:4], "little")
    rig[r.RAL0 + 12] = int.from_bytes(other[4:], "little")
    rig.arrive(frame_to(other))
    rig[r.RAL0 + 12] = r.RAH_AV | rig[r.RAL0 + 12]
    rig.arrive(frame_to(other))
    assert rig[r.RDH] == 1


def test_vlan_filter_and_stripping(rig):
    rig[r.CTRL] = rig[r.CTRL] | r.CTRL_VME
    rig[r.RCTL] = rig[r.RCTL] | r.RCTL_VFE
    plain = frame_to(MAC, 80)
    tagged = plain[:12] + bytes.fromhex("81006005") + plain[12:]
    rig.arrive(tagged)
    assert rig[r.RDH] == 0
    rig[r.VFTA] = 1 << 5
    rig.arrive(tagged)
    data, _, status, _, special = rig.received(0)
    assert data == with_fcs(plain)
    assert status & VP
    assert special == 0x6005


def udp_frame(payload, *, broken=False):
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 28 + len(payload), 1, 0, 64, 17, 0)
    ip += bytes([10, 0, 2, 2, 10, 0, 2, 15])
    ip = ip[:10] + checksum(ip).to_bytes(2) + ip[12:]
    head = struct.pack(">HHH", 53, 5353, 8 + len(payload))
    rest = bytes([0, 17]) + (8 + len(payload)).to_bytes(2)
    value = checksum(ip[12:20] + rest + head + b"\0\0" + payload)
    frame = MAC + bytes(6) + b"\x08\0" + ip + head + value.to_bytes(2) + payload
    return frame[:-1] + bytes([frame[-1] ^ broken])


@pytest.mark.parametrize(("broken", "errors"), [(False, 0), (True, 0x20)])
def test_checksums_are_verified(rig, broken, errors):
    rig[r.RXCSUM] = r.RXCSUM_IPOFL | r.RXCSUM_TUOFL
    rig.arrive(udp_frame(b"x" * 41, broken=broken))
    _, _, status, found, _ = rig.received(0)
    assert status & (IXSM | TCPCS | IPCS) == TCPCS | IPCS
    assert found == errors


@pytest.mark.parametrize("change", [(14, 0x44), (16, 0xFF), (14, 0x65), (20, 0x20)])
def test_what_cannot_be_verified_is_not_said_to_be_right(rig, change):
    rig[r.RXCSUM] = r.RXCSUM_TUOFL
    frame = bytearray(udp_frame(b"x" * 41))
    frame[change[0]] = change[1]
    rig.arrive(bytes(frame))
    assert rig.received(0)[2] & (IXSM | TCPCS) == IXSM


@given(st.binary(max_size=200), st.booleans())
def test_the_sum_is_that_of_rfc_1071(data, as_array):
    words = data + b"\0" * (len(data) & 1)
    plain = sum(int.from_bytes(words[n : n + 2]) for n in range(0, len(words), 2))
    while plain >> 16:
        plain = (plain & 0xFFFF) + (plain >> 16)
    assert total(bytearray(data) if as_array else data) == plain % 0xFFFF


def test_a_frame_over_several_buffers(rig):
    rig[r.RCTL] = rig[r.RCTL] | 3 << 16  # 256 bytes
    frame = frame_to(MAC, 600)
    rig.arrive(frame)
    pieces = [rig.received(n) for n in range(3)]
    assert b"".join(piece[0] for piece in pieces) == with_fcs(frame)
    assert [piece[2] & EOP for piece in pieces] == [0, 0, EOP]


def test_long_frames_only_when_allowed(rig):
    rig.arrive(frame_to(MAC, 1514), frame_to(MAC, 1515), frame_to(MAC, 1518, kind=0x8100))
    assert rig[r.RDH] == 2
    assert rig[s.ROC] == 1
    rig[r.RCTL] = rig[r.RCTL] | r.RCTL_LPE | r.RCTL_BSEX | 1 << 16  # 16 KiB
    rig.arrive(frame_to(MAC, 9000))
    assert rig[r.RDH] == 3
    rig.arrive(frame_to(MAC, 20000))
    assert rig[r.RDH] == 3


def test_frames_wait_for_descriptors_and_the_rest_is_lost(rig):
    rig[r.RDT] = 2
    frames = [frame_to(MAC, 1000 + n) for n in range(60)]
    rig.arrive(*frames)
    assert rig[r.RDH] == 2
    assert rig[r.ICR] & r.INT_RXO
    held = rig.nic.state.receive.fifo
    assert sum(map(len, held)) <= receive.FIFO_BYTES
    assert rig[s.MPC] == 60 - 2 - len(held)
    rig[r.RDT] = RING - 1
    assert rig.received(5)[0] == with_fcs(frames[5])
    assert rig[r.RDH] == RING - 1


def test_few_descriptors_are_told(rig):
    for n in range(RING // 2 - 1):
        rig.arrive(frame_to())
        assert bool(rig[r.ICR] & r.INT_RXDMT0) is (n == RING // 2 - 2)


def test_a_flood_is_bounded_and_a_stopped_clock_keeps_memory_as_it_is(rig):
    for _ in range(2 * WAITING_FRAMES):
        rig.link.receiver(frame_to())
    assert rig[r.RDH] == 0  # timers fire when the machine runs
    rig.bench.advance(0)
    assert rig.nic.traffic().frames_received == WAITING_FRAMES


def test_nothing_arrives_without_bus_mastering_receiver_or_link(rig):
    rig.config.write(0x04, 3, 2)
    rig.arrive(frame_to())
    rig.config.write(0x04, 7, 2)
    rig[r.RCTL] = 0
    rig.arrive(frame_to())
    rig[r.RCTL] = r.RCTL_EN
    rig.nic.set_cable(False)
    rig.arrive(frame_to(), b"short")
    assert rig[r.RDH] == 0


@pytest.mark.parametrize("base", [BAR, 0xFFFFFFF0, 0xFFFFFFFF00000000])
def test_rings_that_point_outside_memory(rig, base):
    rig[r.RDBAL], rig[r.RDBAH], rig[r.RDLEN] = base & 0xFFFFFFFF, base >> 32, 0xFFFFFFFF
    rig[r.RDT] = 1000
    rig.arrive(*(frame_to() for _ in range(20)))
    assert rig[r.RDH] == 20


@given(
    writes=st.lists(
        st.tuples(
            st.one_of(
                st.sampled_from([r.CTRL, r.RCTL, r.TCTL, r.RDT, r.TDT, r.RDH, r.TDH, r.RDLEN,
                                 r.TDLEN, r.RDBAL, r.TDBAL, r.MDIC, r.EECD, r.EERD, r.ICS]),
                st.integers(0, r.REGISTER_SPACE // 4 - 1).map(lambda n: 4 * n),
            ),
            st.integers(0, 0xFFFFFFFF),
        ),
        max_size=40,
    )
)  # fmt: skip
def test_any_writes_are_survived(writes):
    rig = Rig().link_up().start_transmitter().start_receiver()
    for register, value in writes:
        rig[register] = value
        assert 0 <= rig[register] <= 0xFFFFFFFF
        rig.arrive(frame_to(), frame_to(BROADCAST, 1500))


# -- saved states


def test_a_saved_state_goes_on(rig):
    rig[r.RDT] = 1
    rig[r.IMS] = r.INT_RXT0
    rig.arrive(*(frame_to(MAC, 100 + n) for n in range(4)))
    packed = msgspec.msgpack.encode(rig.nic.state_to_save())
    other = Rig()
    other.bench.memory.write(RX_RING, rig.bench.memory.read(RX_RING, 16 * RING))
    other.nic.state = msgspec.msgpack.decode(packed, type=type(rig.nic.state))
    other.nic.state_loaded(1)
    assert other.irq
    assert other[r.STATUS] & r.STATUS_LU
    other[r.RDT] = RING - 1
    assert other.bench.memory.read(RX_BUFFERS + 3 * 2048, 103) == frame_to(MAC, 103)
    other.arrive(frame_to(MAC, 77))
    assert other[r.RDH] == 5


@pytest.mark.parametrize("config", [{"cable": False}, {"link": False}])
def test_a_saved_state_meets_another_cable(rig, config):
    other = Rig(**config)
    other.nic.state = rig.nic.state
    other.nic.state_loaded(1)
    assert not other[r.STATUS] & r.STATUS_LU
    assert other[r.ICR] & r.INT_LSC
