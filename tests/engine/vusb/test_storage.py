"""USB mass storage: bulk-only transport, the commands of disk and optical drive, bad hosts."""

from __future__ import annotations

import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ata import mmc
from engine.pdm import MediumError
from engine.pdm.block import ImmediateQueue
from engine.scsi import disk as s
from engine.scsi import unit as u
from engine.vusb import storage as t
from engine.vusb.descriptors import Speed
from engine.vusb.device import Handshake
from tests.engine.slowmedia import SlowQueues

SIZE = 1 << 20
IN, OUT = 0x80, 0x00


class Medium:
    def __init__(self, size=SIZE):
        self.size = size
        self.read_only = False
        self.data = bytearray(n // 512 & 0xFF for n in range(size))
        self.flushes = 0
        self.error = None

    def read(self, offset, length):
        self._check()
        assert 0 <= offset <= offset + length <= self.size
        return bytes(self.data[offset : offset + length])

    def write(self, offset, data):
        self._check()
        assert 0 <= offset <= offset + len(data) <= self.size
        self.data[offset : offset + len(data)] = data

    def flush(self):
        self._check()
        self.flushes += 1

    def _check(self):
        if self.error:
            raise self.error


class Host:
    """What a controller is to a drive, with one medium."""

    def __init__(self, medium, make_queue=ImmediateQueue):
        self.medium_here = medium
        self.queue = make_queue(medium, lambda function: function())
        self.stalls = []
        self.errors = 0

    def medium(self, lun):
        return self.medium_here

    def block_queue(self, lun):
        return self.queue

    def suspend_on_error(self, error, retry):
        self.stalls.append(retry)

    def tray_moved(self, lun, *, open_):
        pass

    def guest_error(self, message):
        self.errors += 1


class Rig:
    """A configured device and a host that speaks the transport."""

    def __init__(self, *, optical=False, make_queue=ImmediateQueue, medium=None):
        self.medium = medium or Medium()
        self.host = Host(self.medium, make_queue)
        self.device = t.UsbStorage(3, self.host, optical=optical, speed=Speed.HIGH)
        self.news = 0
        self.device.connect(self._ready, lambda: None, lambda: 0)
        self.control(0, 9, 1)
        self.tag = 0

    def _ready(self):
        self.news += 1

    def control(self, kind, request, value=0, index=0, length=0):
        self.device.setup(struct.pack("<BBHHH", kind, request, value, index, length))
        data = self.device.data_in(0, length) if length else b""
        done = self.device.data_out(0, b"") if length else self.device.data_in(0, 0)
        return data if done is not Handshake.STALL else None

    def send_block(self, block, length=0, direction=OUT, lun=0, size=None):
        self.tag += 1
        size = len(block) if size is None else size
        head = struct.pack("<4sIIBBB", b"USBC", self.tag, length, direction, lun, size)
        return self.device.data_out(2, head + bytes(block).ljust(16, b"\0"))

    def status(self):
        """Return outcome and residue."""
        answer = self.device.data_in(1, 13)
        if not isinstance(answer, bytes):
            return answer
        signature, tag, residue, outcome = struct.unpack("<4sIIB", answer)
        assert (signature, tag) == (b"USBS", self.tag)
        return outcome, residue

    def read(self, block, length):
        assert self.send_block(block, length, IN) is Handshake.ACK
        data = b""
        while len(data) < length:
            data += self.device.data_in(1, min(8192, length - len(data)))
        return data, self.status()

    def write(self, block, data=b"", packet=8192):
        assert self.send_block(block, len(data)) is Handshake.ACK
        for at in range(0, len(data), packet):
            assert self.device.data_out(2, data[at : at + packet]) is Handshake.ACK
        return self.status()

    def sense(self):
        """Return key and code with its qualifier."""
        data, status = self.read(bytes([u.REQUEST_SENSE, 0, 0, 0, 18, 0]), 18)
        assert status == (t.PASSED, 0)
        return data[2], int.from_bytes(data[12:14])


def rw10(code, lba, count, flags=0):
    return struct.pack(">BBIBHB", code, flags, lba, 0, count, 0)


def test_descriptors_name_a_bulk_only_device():
    rig = Rig()
    whole = rig.control(0x80, 6, 0x0200, 0, 64)
    assert whole[9 + 5 : 9 + 8] == bytes([0x08, 0x06, 0x50])
    assert [whole[20], whole[27]] == [t.BULK_IN, t.BULK_OUT]
    assert whole[22:24] == b"\0\2"
    assert rig.control(0xA1, 0xFE, 0, 0, 1) == b"\0"


def test_disk_reads_writes_and_flushes():
    rig = Rig()
    data, status = rig.read(rw10(s.READ_10, 3, 300), 300 * 512)
    assert (data, status) == (bytes(rig.medium.data[3 * 512 : 303 * 512]), (t.PASSED, 0))
    new = bytes(range(256)) * 2 * 200
    assert rig.write(rw10(s.WRITE_10, 7, 200), new) == (t.PASSED, 0)
    assert rig.medium.data[7 * 512 : 207 * 512] == new
    assert rig.medium.flushes == 0
    assert rig.write(rw10(s.WRITE_10, 7, 1, s.FORCE_UNIT_ACCESS), bytes(512)) == (t.PASSED, 0)
    assert rig.medium.flushes == 1
    assert rig.write(rw10(s.SYNCHRONIZE_CACHE_10, 0, 0)) == (t.PASSED, 0)
    assert rig.medium.flushes == 2
    assert rig.device.activity.written == 201 * 512


def test_every_length_of_block_addresses_the_same_sectors():
    rig = Rig()
    blocks = [
        bytes([s.READ_6, 0, 0, 5, 2, 0]),
        rw10(s.READ_10, 5, 2),
        struct.pack(">BBIIBB", s.READ_12, 0, 5, 2, 0, 0),
        struct.pack(">BBQIBB", s.READ_16, 0, 5, 2, 0, 0),
    ]
    for block in blocks:
        assert rig.read(block, 1024) == (bytes(rig.medium.data[2560:3584]), (t.PASSED, 0))


def test_identity_and_capacity():
    rig = Rig()
    data, status = rig.read(bytes([u.INQUIRY, 0, 0, 0, 36, 0]), 36)
    assert (data[0], data[8:16], status) == (0, b"VITRINE ", (t.PASSED, 0))
    data, _ = rig.read(rw10(s.READ_CAPACITY_10, 0, 0), 8)
    assert struct.unpack(">II", data) == (SIZE // 512 - 1, 512)
    data, status = rig.read(bytes([s.SERVICE_ACTION_IN_16, 0x10, *[0] * 11, 32, 0, 0]), 32)
    assert struct.unpack(">QI", data[:12]) == (SIZE // 512 - 1, 512)
    data, status = rig.read(bytes([s.MODE_SENSE_6, 0, s.ALL_PAGES, 0, 192, 0]), 192)
    assert data[4:7] == bytes([s.CACHING_PAGE, 18, s.WRITE_CACHE_ENABLED])
    assert status == (t.PASSED, 192 - 36)  # the rest is zeros that do not count
    rig.medium.read_only = True
    data, _ = rig.read(bytes([s.MODE_SENSE_6, 0, s.ALL_PAGES, 0, 4, 0]), 4)
    assert data[2] == s.DPOFUA | s.WRITE_PROTECT


@pytest.mark.parametrize(
    ("block", "length", "sense"),
    [
        (rw10(s.READ_10, SIZE // 512 - 1, 2), 1024, u.OUT_OF_RANGE),
        (rw10(0xEE, 0, 0), 0, u.INVALID_COMMAND),
        (rw10(s.VERIFY_10, 0, 1, 2), 0, u.INVALID_FIELD),
        (bytes([u.INQUIRY, 1, 0x55, 0, 36, 0]), 36, u.INVALID_FIELD),
        (bytes([s.MODE_SENSE_6, 0, 0xC0 | s.ALL_PAGES, 0, 36, 0]), 36, u.SAVING_NOT_SUPPORTED),
        (bytes([s.SERVICE_ACTION_IN_16, 0x12, *[0] * 11, 32, 0, 0]), 32, u.INVALID_FIELD),
        (rw10(s.SEEK_10, SIZE // 512, 0), 0, u.OUT_OF_RANGE),
    ],
)
def test_refusals_tell_why(block, length, sense):
    rig = Rig()
    data, status = rig.read(block, length)
    assert (data, status) == (bytes(length), (t.FAILED, length))
    assert rig.sense() == (u.ILLEGAL_REQUEST, sense)
    assert rig.sense() == (0, 0)


def test_a_protected_disk_is_not_written():
    rig = Rig()
    rig.medium.read_only = True
    before = bytes(rig.medium.data)
    assert rig.write(rw10(s.WRITE_10, 0, 1), bytes([7]) * 512) == (t.FAILED, 512)
    assert rig.sense() == (u.DATA_PROTECT, u.WRITE_PROTECTED)
    assert rig.medium.data == before


def test_a_bad_sector_is_a_medium_error():
    rig = Rig()
    rig.medium.error = MediumError("The disk is scratched.")
    assert rig.read(rw10(s.READ_10, 0, 8), 4096)[1] == (t.FAILED, 4096)
    assert rig.sense() == (u.MEDIUM_ERROR, u.UNRECOVERED_READ)


@pytest.mark.parametrize(
    ("block", "length", "direction"),
    [
        (rw10(s.READ_10, 0, 2), 512, IN),  # Hi < Di
        (rw10(s.READ_10, 0, 2), 0, IN),  # Hn < Di
        (rw10(s.READ_10, 0, 2), 1024, OUT),  # Ho <> Di
        (rw10(s.WRITE_10, 0, 2), 1024, IN),  # Hi <> Do
        (rw10(s.WRITE_10, 0, 2), 512, OUT),  # Ho < Do
        (rw10(s.WRITE_10, 0, 2), 0, OUT),  # Hn < Do
    ],
)
def test_a_host_that_expects_something_else_learns_it(block, length, direction):
    rig = Rig()
    before = bytes(rig.medium.data)
    assert rig.send_block(block, length, direction) is Handshake.ACK
    if length:
        move = rig.device.data_in if direction else rig.device.data_out
        answer = move(1, length) if direction else move(2, bytes(length))
        assert answer is Handshake.ACK or len(answer) == length
    assert rig.status()[0] == t.PHASE_ERROR
    assert rig.medium.data == before
    assert rig.read(rw10(s.READ_10, 1, 1), 512)[1] == (t.PASSED, 0)


def test_a_senseless_command_block_halts_until_the_reset():
    rig = Rig()
    assert rig.device.data_out(2, bytes(31)) is Handshake.STALL
    assert rig.control(0x02, 1, 0, t.BULK_OUT) is not None
    assert rig.send_block(bytes(6)) is Handshake.STALL
    rig.control(0x21, 0xFF)
    for address in (t.BULK_IN, t.BULK_OUT):
        rig.control(0x02, 1, 0, address)
    assert rig.write(bytes(6)) == (t.PASSED, 0)
    assert rig.send_block(bytes(6), lun=1) is Handshake.STALL


@pytest.mark.parametrize("optical", [False, True])
def test_the_host_is_told_when_the_medium_has_answered(optical):
    queues = SlowQueues()
    rig = Rig(optical=optical, make_queue=queues)
    rig.device.bridge.cancel()
    size = 2048 if optical else 512
    rig.send_block(rw10(s.READ_10, 1, 4), 4 * size, IN)
    assert rig.device.data_in(1, 4 * size) is Handshake.NAK
    assert (len(queues), rig.news) == (1, 0)
    queues.finish()
    assert rig.news > 0
    assert rig.device.data_in(1, 4 * size) == rig.medium.data[size : 5 * size]
    assert rig.status() == (t.PASSED, 0)


@pytest.mark.parametrize("optical", [False, True])
def test_a_saved_read_goes_on(optical):
    rig = Rig(optical=optical)
    size = 2048 if optical else 512
    count = SIZE // size
    rig.send_block(rw10(s.READ_10, 0, count), SIZE, IN)
    first = rig.device.data_in(1, 4096)
    saved = msgspec.json.encode(rig.device.state)
    other = Rig(optical=optical)
    other.tag = rig.tag
    other.device.load(msgspec.json.decode(saved, type=t.StorageState))
    rest = b""
    while len(first + rest) < SIZE:
        rest += other.device.data_in(1, 65536)
    assert first + rest == rig.medium.data
    assert other.status() == (t.PASSED, 0)


def test_a_full_host_disk_pauses_the_machine_and_the_write_is_repeated():
    rig = Rig()
    rig.medium.error = MediumError("There is no room.")
    rig.medium.error.suspends = "DISKFULL"
    rig.send_block(rw10(s.WRITE_10, 4, 1), 512)
    rig.device.data_out(2, b"\xaa" * 512)
    assert rig.status() is Handshake.NAK
    saved = msgspec.json.encode(rig.device.state)
    (retry,) = rig.host.stalls
    rig.medium.error = None
    retry()
    assert rig.status() == (t.PASSED, 0)
    assert rig.medium.data[2048:2560] == b"\xaa" * 512
    other = Rig()  # the same from a saved state: no error, and nobody retries
    other.tag = rig.tag
    other.device.load(msgspec.json.decode(saved, type=t.StorageState))
    assert other.status() == (t.PASSED, 0)
    assert other.medium.data[2048:2560] == b"\xaa" * 512


def test_optical_drive_obeys_its_commands():
    rig = Rig(optical=True)
    assert rig.read(bytes([u.INQUIRY, 0, 0, 0, 36, 0]), 36)[0][0] == 5
    data, _ = rig.read(rw10(s.READ_CAPACITY_10, 0, 0), 8)
    assert struct.unpack(">II", data) == (SIZE // 2048 - 1, 2048)
    assert rig.read(rw10(s.READ_10, 2, 100), 100 * 2048)[1] == (t.PASSED, 0)
    assert rig.write(bytes([mmc.MODE_SELECT_10, 0, 0, 0, 0, 0, 0, 0, 8, 0]), bytes(8))[0] == 0
    rig.host.medium_here = None
    rig.device.bridge.medium_changed()
    assert rig.write(bytes(6))[0] == t.FAILED
    assert rig.sense() == (u.NOT_READY, u.NO_MEDIUM | mmc.TRAY_CLOSED)


def test_a_disc_that_is_changed_ends_what_is_being_read():
    queues = SlowQueues()
    rig = Rig(optical=True, make_queue=queues)
    rig.send_block(rw10(s.READ_10, 0, 64), 64 * 2048, IN)
    assert rig.device.data_in(1, 512) is Handshake.NAK
    rig.device.bridge.medium_changed()
    assert rig.news == 1
    for _ in range(64 * 4):
        assert rig.device.data_in(1, 512) == bytes(512)
    assert rig.status() == (t.FAILED, 64 * 2048)
    assert rig.sense() == (u.UNIT_ATTENTION, u.MEDIUM_CHANGED)


def test_a_write_of_several_steps_repeats_only_the_one_without_room():
    rig = Rig()
    new = bytes(n % 251 for n in range(3 << 16))
    rig.send_block(rw10(s.WRITE_10, 0, 3 << 7, s.FORCE_UNIT_ACCESS), len(new))
    for at in range(0, len(new), 512):
        if at == 2 << 16:
            rig.medium.error = MediumError("There is no room.")
            rig.medium.error.suspends = "DISKFULL"
        assert rig.device.data_out(2, new[at : at + 512]) is Handshake.ACK
    assert rig.status() is Handshake.NAK
    assert rig.device.activity.written == 2 << 16
    (retry,) = rig.host.stalls
    rig.medium.error = None
    retry()
    assert (rig.status(), rig.medium.flushes) == ((t.PASSED, 0), 1)
    assert rig.medium.data[: len(new)] == new


@settings(max_examples=30, deadline=None)
@given(
    optical=st.booleans(),
    steps=st.lists(
        st.tuples(st.sampled_from(["block", "in", "out", "reset"]), st.binary(max_size=16),
                  st.integers(0, 0x8000), st.sampled_from([IN, OUT])),
        max_size=25,
    ),
)  # fmt: skip
def test_hostile_hosts_get_answers(optical, steps):
    rig = Rig(optical=optical)
    for what, block, length, direction in steps:
        if what == "block":
            rig.send_block(block or b"\0", length, direction)
        elif what == "in":
            answer = rig.device.data_in(1, length)
            assert isinstance(answer, Handshake) or len(answer) <= max(length, 13)
        elif what == "out":
            rig.device.data_out(2, bytes(length))
        else:
            rig.control(0x21, 0xFF)
            rig.control(0x02, 1, 0, t.BULK_OUT)
        bridge = rig.device.state.bridge
        assert len(bridge.outgoing) <= 1 << 20
        assert len(bridge.incoming) <= 1 << 20
