"""ATAPI optical drive: packets, data by PIO and DMA, sense data, tray and disc changes."""

from __future__ import annotations

import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.ide.state import IdeState
from engine.pdm import TrayObserver
from tests.engine.devices.ide.rig import BUFFER, DRQ, MemoryMedium, Rig, pattern

BLOCKS = 400
LUN = 2


def disc(blocks=BLOCKS):
    medium = MemoryMedium(blocks * 2048, read_only=True)
    medium.data[:] = pattern(blocks * 2048)
    return medium


@pytest.fixture
def medium():
    return disc()


@pytest.fixture
def rig(medium):
    rig = Rig(None, None, medium)
    rig.select(LUN)
    return rig


@pytest.fixture
def empty():
    rig = Rig(None, None, None)
    rig.select(LUN)
    return rig


def swap(rig, medium):
    rig.bench.set.attach(rig.name, LUN, medium)


def read_10(lba, count):
    return (0x28, 0, *struct.pack(">I", lba), 0, *struct.pack(">H", count), 0)


def sectors(medium, lba, count):
    return medium.data[lba * 2048 : (lba + count) * 2048]


# ------------------------------------------------------------------ ATA side


def test_signature_after_reset(rig):
    rig.bench.outb(rig.control, 4)
    rig.bench.outb(rig.control, 0)
    assert [rig.get(n) for n in (1, 2, 3, 4, 5)] == [1, 1, 1, 0x14, 0xEB]
    assert rig.alternate_status == 0


@pytest.mark.parametrize("code", [0xEC, 0x20])
def test_disk_commands_abort_with_the_signature(rig, code):
    rig.command(code, 0, 1)
    assert rig.outcome() == (0x51, 0x04)
    assert (rig.get(4), rig.get(5)) == (0x14, 0xEB)


def test_identify_packet_device(rig):
    rig.command(0xA1)
    rig.outcome()
    data = rig.block(512)
    identity = struct.unpack("<256H", data)
    assert identity[0] == 0x85C0
    assert struct.pack(">20H", *identity[27:47]).decode().strip() == "VITRINE CD-ROM"
    assert identity[49] & 0x100
    assert sum(data) & 0xFF == 0
    assert rig.alternate_status == 0x50
    assert not rig.interrupt


def test_device_reset(rig):
    rig.packet(*read_10(0, 4))
    rig.outcome()
    rig.out(7, 0x08)
    assert rig.alternate_status == 0
    assert not rig.interrupt
    assert (rig.get(4), rig.get(5)) == (0x14, 0xEB)


def test_overlapped_packets_are_refused(rig):
    rig.out(1, 2)
    rig.out(7, 0xA0)
    assert rig.outcome() == (0x51, 0x04)


# ------------------------------------------------------------------ reading


def test_read_in_blocks_of_a_sector(rig, medium):
    assert rig.packet_in(*read_10(16, 3), limit=2048) == (sectors(medium, 16, 3), 0)


@pytest.mark.parametrize("limit", [0xFFFE, 0xFFFF, 4096, 5000, 512, 2])
def test_byte_limits(rig, medium, limit):
    count = 1 if limit < 100 else 40
    assert rig.packet_in(*read_10(7, count), limit=limit) == (sectors(medium, 7, count), 0)


def test_a_limit_of_zero_is_the_largest(rig, medium):
    rig.packet(*read_10(0, 1), limit=0)
    rig.outcome()
    assert rig.string_in(1024) == sectors(medium, 0, 1)


def test_read_12(rig, medium):
    cdb = (0xA8, 0, *struct.pack(">II", 20, 5))
    assert rig.packet_in(*cdb) == (sectors(medium, 20, 5), 0)


def test_read_nothing(rig):
    assert rig.packet_in(*read_10(5, 0)) == (b"", 0)


def test_read_by_dma(rig, medium):
    rig.table((BUFFER, 0x10000), (BUFFER + 0x20000, 0x10000))
    rig.packet(*read_10(100, 64), dma=True)
    assert rig.alternate_status & DRQ
    rig.start(to_memory=True)
    assert rig.outcome() == (0x50, 0)
    assert rig.stop() == 4
    assert rig.memory(0x10000) == sectors(medium, 100, 32)
    assert rig.memory(0x10000, BUFFER + 0x20000) == sectors(medium, 132, 32)


def test_short_reply_by_dma(rig):
    rig.table((BUFFER, 4096))
    rig.packet(0x25, dma=True)
    rig.start(to_memory=True)
    assert rig.outcome() == (0x50, 0)
    assert rig.stop() == 5
    assert struct.unpack(">II", rig.memory(8)) == (BLOCKS - 1, 2048)


def test_past_the_end(rig):
    assert rig.packet_in(*read_10(BLOCKS - 1, 2))[1] == 5
    assert rig.sense() == (5, 0x21, 0)
    assert rig.sense() == (0, 0, 0)


@pytest.mark.parametrize("dma", [False, True])
def test_unreadable_sector(rig, medium, dma):
    medium.broken = {200 * 4}
    rig.table((BUFFER, 0x10000))
    rig.packet(*read_10(198, 8), dma=dma)
    if dma:
        rig.start(to_memory=True)
    assert rig.outcome() == (0x51, 0x34)
    assert rig.sense() == (3, 0x11, 0)


def test_read_cd_user_data(rig, medium):
    assert rig.packet_in(0xBE, 0, 0, 0, 0, 9, 0, 0, 2, 0x10) == (sectors(medium, 9, 2), 0)


def test_read_cd_raw(rig, medium):
    data, key = rig.packet_in(0xBE, 0, 0, 0, 0, 75, 0, 0, 1, 0xF8)
    assert key == 0
    assert len(data) == 2352
    assert data[:12] == b"\0" + b"\xff" * 10 + b"\0"
    assert data[12:16] == bytes([0, 3, 0, 1])
    assert data[16:2064] == sectors(medium, 75, 1)


@pytest.mark.parametrize(
    ("cdb", "code"),
    [
        ((0xBE, 4, 0, 0, 0, 0, 0, 0, 1, 0x10), 0x64),
        ((0xBE, 0, 0, 0, 0, 0, 0, 0, 1, 0x12), 0x24),
        ((0xBE, 0, 0, 0, 0, 0, 0, 0, 1, 0x10, 1), 0x24),
        ((0x12, 1), 0x24),
        ((0x5A, 0, 0xC1, 0, 0, 0, 0, 0, 64), 0x39),
        ((0x5A, 0, 0x08, 0, 0, 0, 0, 0, 64), 0x24),
        ((0x43, 0, 5, 0, 0, 0, 0, 0, 64), 0x24),
        ((0x43, 0, 0, 0, 0, 0, 2, 0, 64), 0x24),
        ((0x4A, 0, 0, 0, 16, 0, 0, 0, 64), 0x24),
        ((0x52, 1, 0, 0, 0, 9, 0, 0, 64), 0x24),
        ((0x52, 3, 0, 0, 0, 1, 0, 0, 64), 0x24),
        ((0x2B, 0, 0, 0, 0xFF, 0, 0, 0), 0x21),
        ((0x2A,), 0x20),
        ((0x55, 1), 0x24),
    ],
)
def test_refused(rig, cdb, code):
    assert rig.packet_in(*cdb)[1] == 5
    assert rig.sense() == (5, code, 0)


# ------------------------------------------------------------------ information


def test_inquiry(rig):
    data, _ = rig.packet_in(0x12, 0, 0, 0, 96)
    assert data[0] == 5
    assert data[1] == 0x80
    assert len(data) == data[4] + 5 == 36
    assert data[8:32] == b"VITRINE CD-ROM          "


def test_allocation_length_cuts(rig):
    data, _ = rig.packet_in(0x12, 0, 0, 0, 5)
    assert len(data) == 5
    assert rig.packet_in(0x12, 0, 0, 0, 0) == (b"", 0)


def test_capacity(rig):
    assert rig.packet_in(0x25) == (struct.pack(">II", BLOCKS - 1, 2048), 0)


def test_toc_of_tracks(rig):
    data, _ = rig.packet_in(0x43, 0, 0, 0, 0, 0, 0, 0, 64)
    assert data == bytes([0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0, 0, 0x14, 0xAA, 0]) + struct.pack(
        ">I", BLOCKS
    )
    data, _ = rig.packet_in(0x43, 2, 0, 0, 0, 0, 0xAA, 0, 64)
    assert data == bytes([0, 10, 1, 1, 0, 0x14, 0xAA, 0, 0, 0, 7, 25])


def test_toc_of_sessions_in_both_places_of_the_format(rig):
    data, _ = rig.packet_in(0x43, 0, 1, 0, 0, 0, 0, 0, 64)
    assert data == bytes([0, 10, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0])
    assert rig.packet_in(0x43, 0, 0, 0, 0, 0, 0, 0, 64, 0x40)[0] == data


def test_full_toc(rig):
    data, _ = rig.packet_in(0x43, 2, 2, 0, 0, 0, 0, 0, 64)
    assert struct.unpack(">H", data[:2])[0] == len(data) - 2 == 46
    assert [data[4 + 11 * n + 3] for n in range(4)] == [0xA0, 0xA1, 0xA2, 1]
    assert data[4 + 11 * 3 + 8 :] == bytes([0, 2, 0])


def test_disc_and_track_information(rig):
    data, _ = rig.packet_in(0x51, 0, 0, 0, 0, 0, 0, 0, 64)
    assert len(data) == struct.unpack(">H", data[:2])[0] + 2 == 34
    assert data[2:7] == bytes([0x0E, 1, 1, 1, 1])
    data, _ = rig.packet_in(0x52, 1, 0, 0, 0, 1, 0, 0, 64)
    assert len(data) == struct.unpack(">H", data[:2])[0] + 2 == 36
    assert struct.unpack_from(">I", data, 24)[0] == BLOCKS


@pytest.mark.parametrize(("blocks", "profile"), [(BLOCKS, 8), (360001, 16)])
def test_configuration_tells_the_kind_of_disc(blocks, profile):
    class Sized(MemoryMedium):
        def __init__(self):
            super().__init__(0, read_only=True)
            self.size = blocks * 2048

    rig = Rig(None, None, Sized())
    rig.select(LUN)
    data, _ = rig.packet_in(0x46, 0, 0, 0, 0, 0, 0, 4, 0)
    length, _, current = struct.unpack_from(">IHH", data)
    assert length == len(data) - 4
    assert current == profile
    codes = []
    at = 8
    while at < len(data):
        codes.append(struct.unpack_from(">H", data, at)[0])
        at += 4 + data[at + 3]
    assert codes == sorted(codes)
    assert {0, 1, 3, 0x10, 0x1E, 0x1F} <= set(codes)


def test_configuration_of_one_feature(rig):
    data, _ = rig.packet_in(0x46, 2, 0, 3, 0, 0, 0, 0, 64)
    assert struct.unpack_from(">H", data, 8)[0] == 3
    assert len(data) == 16
    data, _ = rig.packet_in(0x46, 1, 0, 0x1E, 0, 0, 0, 0, 64)
    assert struct.unpack_from(">H", data, 8)[0] == 0x1E
    assert len(data) == 16


def test_mode_sense(rig):
    data, _ = rig.packet_in(0x5A, 0, 0x2A, 0, 0, 0, 0, 0, 64)
    assert struct.unpack(">H", data[:2])[0] == len(data) - 2
    assert data[2] == 1
    assert data[8] == 0x2A
    assert data[9] == len(data) - 10
    assert data[14] & 0x09 == 0x09
    assert data[14] & 0x02 == 0
    rig.packet_in(0x1E, 0, 0, 0, 1)
    assert rig.packet_in(0x5A, 0, 0x2A, 0, 0, 0, 0, 0, 64)[0][14] & 0x02
    changeable, _ = rig.packet_in(0x5A, 0, 0x6A, 0, 0, 0, 0, 0, 64)
    assert not any(changeable[10:])
    short, _ = rig.packet_in(0x1A, 0, 0x3F, 0, 64)
    assert short[0] == len(short) - 1
    assert {short[4], short[4 + 2 + short[5]]} == {0x01, 0x2A}


@pytest.mark.parametrize(
    ("parameters", "key"), [(bytes(8) + bytes([1, 6, 0, 5, 0, 0, 0, 0]), 0), (bytes(8) + b"\1\x20", 5)]
)
def test_mode_select(rig, parameters, key):
    rig.packet(0x55, 0x10, 0, 0, 0, 0, 0, 0, len(parameters))
    status, _ = rig.outcome()
    assert status & DRQ
    assert rig.get(2) & 3 == 0
    assert rig.get(4) == len(parameters)
    rig.write_block(parameters)
    status, error = rig.outcome()
    assert (status & 1, error >> 4) == (bool(key), key)


def test_mode_select_by_dma(rig):
    rig.bench.memory.write(BUFFER, bytes(8) + bytes([1, 6, 0, 5, 0, 0, 0, 0]))
    rig.table((BUFFER, 16))
    rig.packet(0x55, 0x10, 0, 0, 0, 0, 0, 0, 16, dma=True)
    rig.start(to_memory=False)
    assert rig.outcome() == (0x50, 0)


# ------------------------------------------------------------------ disc and tray


def test_no_disc(empty):
    assert empty.packet_in(0x00)[1] == 2
    assert empty.sense() == (2, 0x3A, 1)
    assert empty.packet_in(*read_10(0, 1))[1] == 2
    assert empty.packet_in(0x12, 0, 0, 0, 36)[1] == 0
    assert empty.packet_in(0x5A, 0, 0x2A, 0, 0, 0, 0, 0, 64)[0][2] == 0x70


def test_disc_put_in_is_told_once(empty):
    swap(empty, disc())
    data, _ = empty.packet_in(0x4A, 1, 0, 0, 0x10, 0, 0, 0, 8)
    assert data == bytes([0, 6, 4, 0x10, 2, 2, 0, 0])
    assert empty.packet_in(0x4A, 1, 0, 0, 0x10, 0, 0, 0, 8)[0][4] == 0
    assert empty.packet_in(0x00)[1] == 6
    assert empty.sense() == (6, 0x28, 0)
    assert empty.packet_in(0x00)[1] == 0


def test_request_sense_takes_the_attention(empty):
    swap(empty, disc())
    assert empty.sense() == (6, 0x28, 0)
    assert empty.packet_in(0x00)[1] == 0


def test_disc_taken_out(rig):
    swap(rig, None)
    assert rig.packet_in(0x4A, 1, 0, 0, 0x10, 0, 0, 0, 8)[0][4:6] == bytes([3, 0])
    assert rig.packet_in(0x00)[1] == 2
    assert rig.sense() == (2, 0x3A, 1)


def test_disc_taken_out_in_the_middle_of_a_read(rig, medium):
    rig.packet(*read_10(0, 100), limit=2048)
    rig.outcome()
    rig.string_in(1024)
    swap(rig, None)
    for _ in range(200):
        status, _ = rig.outcome()
        if not status & DRQ:
            break
        rig.string_in(1024)
    assert not status & DRQ


def test_eject_tells_the_host(rig):
    moves = []

    class Observer:
        def tray_moved(self, device, lun, *, open_):
            moves.append((device, lun, open_))

    rig.bench.set.interfaces[TrayObserver] = Observer()
    assert rig.packet_in(0x1B, 0, 0, 0, 2)[1] == 0
    assert moves == [("piix3ide/0", 2, True)]
    assert rig.packet_in(0x00)[1] == 2
    assert rig.sense() == (2, 0x3A, 2)
    assert rig.packet_in(0xBD, 0, 0, 0, 0, 0, 0, 0, 0, 8)[0][1] == 0x10
    assert rig.packet_in(0x4A, 1, 0, 0, 0x10, 0, 0, 0, 8)[0][4:6] == bytes([3, 1])
    assert rig.packet_in(0x1B, 0, 0, 0, 3)[1] == 0
    assert moves[1:] == [("piix3ide/0", 2, False)]
    assert rig.packet_in(0x00)[1] == 6
    assert rig.packet_in(0x00)[1] == 0


def test_a_locked_tray_stays_closed(rig):
    rig.packet_in(0x1E, 0, 0, 0, 1)
    assert rig.device.tray_locked(LUN)
    assert rig.packet_in(0x1B, 0, 0, 0, 2)[1] == 5
    assert rig.sense() == (5, 0x53, 2)
    rig.packet_in(0x1E, 0, 0, 0, 0)
    assert rig.packet_in(0x1B, 0, 0, 0, 2)[1] == 0


def test_no_event_of_other_classes(rig):
    assert rig.packet_in(0x4A, 1, 0, 0, 0x02, 0, 0, 0, 8)[0] == bytes([0, 2, 0x80, 0x10])


def test_saved_state_in_the_middle_of_a_read(rig, medium):
    rig.packet(*read_10(3, 8), limit=4096)
    rig.outcome()
    data = rig.string_in(1000)
    saved = rig.device
    other = Rig(None, None, medium)
    other.device.state = msgspec.msgpack.decode(
        msgspec.msgpack.encode(saved.state), type=IdeState
    )
    other.device.load_pci_state(saved.pci_state())
    other.device.state_loaded(1)
    other.select(LUN)
    data += other.string_in(2048 - 1000)
    for _ in range(3):
        other.outcome()
        data += other.string_in(2048)
    assert other.outcome() == (0x50, 0)
    assert data == sectors(medium, 3, 8)


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=12, max_size=12), st.integers(0, 0xFFFF), st.booleans(), st.booleans())
def test_hostile_packets(cdb, limit, dma, loaded):
    rig = Rig(None, None, disc(4) if loaded else None)
    rig.select(LUN)
    rig.table((BUFFER, 64), (BUFFER, 2048))
    rig.packet(*cdb, limit=limit, dma=dma)
    for _ in range(50):
        if not rig.alternate_status & DRQ:
            break
        rig.start(to_memory=True)
        rig.stop()
        rig.string_in(0x8000)
        rig.string_out(bytes(0x10000))
        rig.status()
    assert rig.alternate_status & 0x80 == 0
