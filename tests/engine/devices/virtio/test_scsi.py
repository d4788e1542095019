"""virtio-scsi: disks and optical drives, task management, saved states, drivers that lie."""

from __future__ import annotations

import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.virtio import registers as r
from engine.devices.virtio.scsi import VirtioScsiState
from engine.storage.errors import MediumFull
from tests.engine.devices.virtio.media import Image, LateQueue
from tests.engine.devices.virtio.rig import BUFFERS, Rig

DISK, CDROM = b"\1\0\x40\0\0\0\0\0", b"\1\1\x40\0\0\0\0\0"
HEAD, ANSWER, DATA = BUFFERS, BUFFERS + 0x200, BUFFERS + 0x1000
RESPONSE = struct.Struct("<IIHBB")


def make(disk=None, disc=None, **options):
    rig = Rig(
        "virtio-scsi",
        {0: disk or Image(1 << 20), 1: disc or Image(1 << 16)},
        config={"units": "disk,cdrom"},
        **options,
    )
    return rig.start()


def submit(rig, cdb, lun=DISK, out=b"", room=0, tag=1):
    head = lun + struct.pack("<Q3x", tag) + cdb.ljust(32, b"\0")
    parts = [(HEAD, head)] + ([(DATA, out)] if out else []) + [(ANSWER, 108)]
    return rig.add(2, *parts, *([(DATA, room)] if room else []))


def answer(rig):
    """Return (response, status, sense key and code, bytes of data, residue)."""
    ((_, written),) = rig.used(2)
    data = rig.bench.memory.read(ANSWER, 108)
    length, residue, _, status, response = RESPONSE.unpack_from(data)
    sense = data[12 : 12 + length]
    code = (sense[2], int.from_bytes(sense[12:14])) if sense else None
    return response, status, code, rig.bench.memory.read(DATA, written - 108), residue


def command(rig, cdb, **options):
    submit(rig, cdb, **options)
    return answer(rig)


def ready(rig, lun=DISK):
    """Take the unit attention that follows a reset."""
    while command(rig, bytes(6), lun=lun)[1]:
        pass
    return rig


def test_identity():
    rig = make()
    assert rig.config.read(0x00) == 0x10481AF4
    assert rig.config.read(0x08) >> 8 == 0x010000
    assert rig.read(r.DEVICE) == 1
    assert [(d.kind, d.path) for d in rig.device.boot_devices()] == [
        ("c", "/pci@i0cf8/scsi@3/channel@0/disk@0,0"), ("d", "/pci@i0cf8/scsi@3/channel@0/disk@1,0"),
    ]  # fmt: skip


def test_inquiry_and_attention_after_reset():
    rig = make()
    response, status, _, data, residue = command(rig, b"\x12\0\0\0\x60\0", room=0x60)
    assert (response, status, residue) == (0, 0, 0x60 - 36)
    assert data[0] == 0
    assert data[8:16] == b"VITRINE "
    assert command(rig, bytes(6))[2] == (6, 0x2900)
    assert command(rig, bytes(6))[1] == 0
    pages = command(rig, b"\x12\1\0\0\x60\0", room=0x60)[3]
    assert pages == b"\0\0\0\5\0\x80\x83\xb0\xb1"
    assert command(rig, b"\x12\0\0\0\x60\0", room=0x60, lun=CDROM)[3][:2] == b"\x05\x80"


def test_write_read_flush():
    disk = Image(1 << 20)
    rig = ready(make(disk))
    content = bytes(n % 253 for n in range(2048))
    assert command(rig, struct.pack(">BBIBHB", 0x2A, 8, 5, 0, 4, 0), out=content)[:2] == (0, 0)
    assert disk.data[5 * 512 : 9 * 512] == content
    assert disk.flushes == 1
    for cdb in (
        struct.pack(">BBIBHB", 0x28, 0, 5, 0, 4, 0), struct.pack(">BBQIBB", 0x88, 0, 5, 4, 0, 0),
        struct.pack(">BBIIBB", 0xA8, 0, 5, 4, 0, 0), bytes([8, 0, 0, 5, 4, 0]),
    ):  # fmt: skip
        assert command(rig, cdb, room=2048) == (0, 0, None, content, 0)
    command(rig, bytes([0x35]).ljust(10, b"\0"))
    assert disk.flushes == 2
    moved = rig.device.activity()[0]
    assert (moved.read, moved.written) == (4 * 2048, 2048)


def test_capacity_and_limits():
    rig = ready(make())
    assert command(rig, b"\x25".ljust(10, b"\0"), room=8)[3] == struct.pack(">II", 2047, 512)
    long = b"\x9e\x10".ljust(13, b"\0") + b"\x20"
    assert command(rig, long, room=32)[3] == struct.pack(">QI20x", 2047, 512)
    past = struct.pack(">BBIBHB", 0x28, 0, 2047, 0, 2, 0)
    assert command(rig, past, room=1024)[1:3] == (2, (5, 0x2100))
    assert command(rig, b"\xc0")[2] == (5, 0x2000)
    assert command(rig, b"\x1a\0\x3f\0\xff\0", room=255)[3][4] == 0x08
    rig.bench.set.attachments["virtio-scsi/0", 0].read_only = True
    write = struct.pack(">BBIBHB", 0x2A, 0, 0, 0, 1, 0)
    assert command(rig, write, out=bytes(512))[2] == (7, 0x2700)


def test_an_optical_disc():
    disc = Image(1 << 16)
    disc.data[2048:4096] = b"\x5a" * 2048
    rig = ready(make(disc=disc), CDROM)
    read = struct.pack(">BBIBHB", 0x28, 0, 1, 0, 1, 0)
    assert command(rig, read, lun=CDROM, room=2048) == (0, 0, None, b"\x5a" * 2048, 0)
    assert command(rig, b"\x25".ljust(10, b"\0"), lun=CDROM, room=8)[3] == struct.pack(">II", 31, 2048)
    rig.bench.set.attach("virtio-scsi/0", 1, None)
    assert command(rig, bytes(6), lun=CDROM)[2] == (2, 0x3A01)
    rig.bench.set.attach("virtio-scsi/0", 1, disc)
    assert command(rig, bytes(6), lun=CDROM)[2] == (6, 0x2800)


def test_targets_that_are_not_there():
    rig = make()
    for lun in (b"\1\2\x40\0\0\0\0\0", b"\1\0\x40\1\0\0\0\0", bytes(8)):
        assert command(rig, bytes(6), lun=lun)[0] == 3


def test_a_reset_of_a_unit_ends_its_requests():
    rig = make(make_queue=LateQueue)
    submit(rig, bytes(6))
    rig.used(2)
    submit(rig, struct.pack(">BBIBHB", 0x28, 0, 0, 0, 1, 0), room=512)
    assert rig.used(2) == []
    rig.add(0, (BUFFERS + 0x800, struct.pack("<II", 0, 5) + DISK + bytes(8)), (BUFFERS + 0x900, 1))
    assert answer(rig)[0] == 4
    assert rig.bench.memory.read(BUFFERS + 0x900, 1) == b"\0"
    LateQueue.last.go()
    assert rig.used(2) == []


def test_requests_that_are_under_way_are_saved():
    rig = make(make_queue=LateQueue)
    submit(rig, bytes(6))
    rig.used(2)
    content = bytes(range(256)) * 2
    submit(rig, struct.pack(">BBIBHB", 0x2A, 0, 3, 0, 1, 0), out=content)
    saved = msgspec.msgpack.encode(rig.device.state_to_save())
    disk = Image(1 << 20)
    other = Rig("virtio-scsi", {0: disk}, config={"units": "disk,cdrom"})
    other.device.load_pci_state(rig.device.pci_state())
    other.bench.memory.write(0, rig.bench.memory.read(0, 0x500000))
    other.device.state = msgspec.msgpack.decode(saved, type=VirtioScsiState)
    other.device.state_loaded(1)
    other.bench.advance(0)
    assert disk.data[3 * 512 : 4 * 512] == content
    other.size, other.seen = rig.size, rig.seen
    assert answer(other)[:2] == (0, 0)


def test_a_full_host_pauses_the_machine():
    disk = Image(1 << 20, MediumFull("The disk of the host is full."))
    rig = ready(make(disk))
    submit(rig, struct.pack(">BBIBHB", 0x2A, 0, 3, 0, 1, 0), out=b"\x11" * 512)
    ((error, _, retry),) = rig.bench.machine.errors
    assert error == "DrvVD_DISKFULL"
    assert rig.used(2) == []
    disk.error = None
    retry()
    rig.bench.advance(0)
    assert answer(rig)[:2] == (0, 0)
    assert disk.data[3 * 512] == 0x11


def test_the_same_descriptor_twice_stops_the_device():
    rig = make(make_queue=LateQueue)
    submit(rig, bytes(6))
    rig.used(2)
    head = submit(rig, struct.pack(">BBIBHB", 0x28, 0, 0, 0, 1, 0), room=512)
    rig.make_available(2, head)
    assert rig.status & r.NEEDS_RESET
    LateQueue.last.go()
    assert rig.used(2) == []


@pytest.mark.parametrize("unit", [DISK, CDROM])
@settings(max_examples=25, deadline=None)
@given(cdbs=st.lists(st.tuples(st.binary(min_size=1, max_size=32), st.integers(0, 4096)), max_size=12))
def test_random_commands(unit, cdbs):
    rig = make()
    for cdb, room in cdbs:
        submit(rig, cdb, lun=unit, room=room)
        assert not rig.status & r.NEEDS_RESET
        assert len(rig.used(2)) == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.binary(max_size=64), st.integers(0, 128)), max_size=8))
def test_random_chains(chains):
    rig = make()
    for queue, readable, room in chains:
        rig.add(queue, (HEAD, readable), (DATA, room))
    rig.bench.advance(10)
