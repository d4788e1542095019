"""virtio-blk: requests, both interfaces, saved states, drivers that lie, slots that come and go."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices import pcihotplug, piix4pm
from engine.devices.virtio import block as b
from engine.devices.virtio import registers as r
from engine.errors import ConfigurationError
from engine.pdm import ResetKind
from engine.storage.errors import MediumFull
from tests.engine.devices.pciports import ConfigSpace
from tests.engine.devices.virtio.media import Image, LateQueue
from tests.engine.devices.virtio.rig import BUFFERS, INDIRECT, IO, SLOT, WRITE, Rig

HEAD, STATUS, DATA = BUFFERS, BUFFERS + 0x200, BUFFERS + 0x1000
SIZE = 1 << 20
HOT = {"piix4pm": {"pci": (7, 0)}, "pcihotplug": {}}
SLOT_BIT = 1 << SLOT
PM = 0x600


def make(disk=None, *, features=b.F_FLUSH, **options):
    rig = Rig("virtio-blk", {0: disk or Image(SIZE)}, **options)
    return rig.start(features, queues=(0,))


def submit(rig, kind, sector=0, *, out=b"", room=0):
    parts = [(HEAD, struct.pack("<IIQ", kind, 0, sector))] + ([(DATA, out)] if out else [])
    return rig.add(0, *parts, *([(DATA, room)] if room else []), (STATUS, 1))


def status(rig):
    assert len(rig.used(0)) == 1
    return rig.bench.memory.read(STATUS, 1)[0]


def request(rig, kind, sector=0, **data):
    rig.bench.memory.write(STATUS, b"\xff")
    submit(rig, kind, sector, **data)
    return status(rig)


# ------------------------------------------------------------------ requests


def test_identity_and_configuration():
    rig = make(Image(SIZE))
    assert rig.config.read(0x00) == 0x10011AF4
    assert rig.config.read(0x2C) == 0x00021AF4
    assert rig.config.read(0x08) >> 8 == 0x010000
    assert rig.read(r.DEVICE) == SIZE // 512
    assert [rig.read(r.DEVICE + n) for n in (8, 12, 20)] == [4 << 20, 254, 512]
    assert rig.read(r.DEVICE + 26, 2) == 8
    assert [rig.read(r.DEVICE + n) for n in (48, 52)] == [0x4000, 1]
    assert [(d.kind, d.path) for d in rig.device.boot_devices()] == [
        ("c", "/pci@i0cf8/scsi@3/disk@0,0")
    ]


def test_write_read_flush_and_serial_number():
    disk = Image(SIZE)
    rig = make(disk)
    content = bytes(n % 251 for n in range(2048))
    assert request(rig, b.OUT, 5, out=content) == b.OK
    assert disk.data[5 * 512 : 9 * 512] == content
    assert disk.flushes == 0
    assert request(rig, b.FLUSH) == b.OK
    assert disk.flushes == 1
    assert request(rig, b.IN, 5, room=2048) == b.OK
    assert rig.bench.memory.read(DATA, 2048) == content
    assert rig.irq
    assert request(rig, b.GET_ID, room=20) == b.OK
    assert rig.bench.memory.read(DATA, 20) == b"VB00000000-00000000\0"
    moved = rig.device.activity()[0]
    assert (moved.read, moved.written) == (2048, 2048)


def test_writes_of_a_driver_without_flushes_are_durable():
    disk = Image(SIZE)
    assert request(make(disk, features=0), b.OUT, out=bytes(512)) == b.OK
    assert disk.flushes == 1


def test_zeroes():
    disk = Image(SIZE)
    disk.data[:] = b"\xff" * SIZE
    rig = make(disk, features=b.F_FLUSH | b.F_WRITE_ZEROES)
    assert request(rig, b.WRITE_ZEROES, out=struct.pack("<QII", 2, 3, 1)) == b.OK
    assert disk.data[1024:2560] == bytes(1536)
    assert disk.data.count(0) == 1536
    assert request(rig, b.WRITE_ZEROES, out=struct.pack("<QII", 0, 1, 2)) == b.UNSUPPORTED
    for range_ in ((SIZE // 512, 1, 0), (0, 0xFFFFFFFF, 0)):
        assert request(rig, b.WRITE_ZEROES, out=struct.pack("<QII", *range_)) == b.IO_ERROR
    assert request(rig, b.WRITE_ZEROES, out=bytes(32)) == b.IO_ERROR
    assert disk.data.count(0) == 1536


@pytest.mark.parametrize(
    ("kind", "sector", "data", "expected"),
    [
        (b.IN, SIZE // 512, {"room": 512}, b.IO_ERROR),
        (b.IN, SIZE // 512 - 1, {"room": 1024}, b.IO_ERROR),
        (b.IN, 1 << 63, {"room": 512}, b.IO_ERROR),
        (b.IN, 0, {"room": 511}, b.IO_ERROR),
        (b.OUT, SIZE // 512, {"out": bytes(512)}, b.IO_ERROR),
        (b.OUT, 0, {"out": bytes(100)}, b.IO_ERROR),
        (11, 0, {"out": bytes(16)}, b.UNSUPPORTED),
        (99, 0, {}, b.UNSUPPORTED),
    ],
)
def test_requests_that_cannot_be(kind, sector, data, expected):
    disk = Image(SIZE)
    assert request(make(disk), kind, sector, **data) == expected
    assert disk.data == bytes(SIZE)


def test_a_read_only_disk():
    disk = Image(SIZE)
    disk.read_only = True
    rig = make(disk)
    rig.write(r.DEVICE_FEATURE_SELECT, 0)
    offered = rig.read(r.DEVICE_FEATURE)
    assert offered & b.F_RO
    assert not offered & b.F_WRITE_ZEROES
    assert request(rig, b.OUT, out=bytes(512)) == b.IO_ERROR
    assert request(rig, b.FLUSH) == b.OK
    assert request(rig, b.IN, room=512) == b.OK
    assert disk.flushes == 0


def test_an_indirect_table():
    rig = make(features=b.F_FLUSH | r.F_INDIRECT_DESC)
    rig.bench.memory.write(HEAD, struct.pack("<IIQ", b.IN, 0, 0))
    entries = ((HEAD, 16, 1, 1), (DATA, 512, 1 | WRITE, 2), (STATUS, 1, WRITE, 0))
    rig.bench.memory.write(DATA + 0x800, b"".join(struct.pack("<QIHH", *each) for each in entries))
    rig.descriptor(0, 0, DATA + 0x800, 48, INDIRECT)
    rig.make_available(0, 0)
    assert status(rig) == b.OK


def test_an_old_driver_uses_the_ports():
    disk = Image(SIZE)
    disk.data[512:1024] = b"\x5a" * 512
    rig = Rig("virtio-blk", {0: disk})
    bench, memory = rig.bench, rig.bench.memory
    assert bench.inl(IO + r.OLD_DEVICE) == SIZE // 512
    bench.outb(IO + r.OLD_STATUS, 3)
    bench.outw(IO + r.OLD_QUEUE_SELECT, 0)
    assert bench.inw(IO + r.OLD_QUEUE_SIZE) == 256
    ring = 0x200000
    bench.outl(IO + r.OLD_QUEUE_ADDRESS, ring // r.OLD_PAGE)
    bench.outb(IO + r.OLD_STATUS, 7)
    memory.write(HEAD, struct.pack("<IIQ", b.IN, 0, 1))
    entries = ((HEAD, 16, 1, 1), (DATA, 512, 1 | WRITE, 2), (STATUS, 1, WRITE, 0))
    memory.write(ring, b"".join(struct.pack("<QIHH", *each) for each in entries))
    memory.write(ring + 16 * 256, struct.pack("<HHH", 0, 1, 0))
    memory.write(STATUS, b"\xff")
    bench.outw(IO + r.OLD_QUEUE_NOTIFY, 0)
    assert memory.read(STATUS, 1) == b"\0"
    assert memory.read(DATA, 512) == b"\x5a" * 512


# ------------------------------------------------------------------ life


def test_requests_that_are_under_way_are_saved():
    rig = make(make_queue=LateQueue)
    content = bytes(range(256)) * 2
    submit(rig, b.OUT, 3, out=content)
    assert rig.used(0) == []
    disk = Image(SIZE)
    other = rig.restored(attachments={0: disk}, make_queue=LateQueue)
    other.bench.advance(0)
    LateQueue.last.go()
    assert disk.data[3 * 512 : 4 * 512] == content
    assert status(other) == b.OK


def test_a_full_host_pauses_the_machine():
    disk = Image(SIZE, MediumFull("The disk of the host is full."))
    rig = make(disk)
    submit(rig, b.OUT, 3, out=b"\x11" * 512)
    ((error, _, retry),) = rig.bench.machine.errors
    assert error == "DrvVD_DISKFULL"
    assert rig.used(0) == []
    disk.error = None
    retry()
    rig.bench.advance(0)
    assert status(rig) == b.OK
    assert disk.data[3 * 512] == 0x11


def test_a_reset_forgets_what_is_under_way():
    rig = make(make_queue=LateQueue)
    submit(rig, b.IN, room=512)
    rig.write(r.DEVICE_STATUS, 0, 1)
    LateQueue.last.go()
    assert rig.used(0) == []
    assert rig.device.state.queues[0].in_flight == []


@pytest.mark.parametrize(
    "parts",
    [
        [(HEAD, b"short"), (STATUS, 1)],
        [(HEAD, bytes(16))],
        [(STATUS, 1)],
    ],
)
def test_requests_that_make_no_sense_stop_the_device(parts):
    rig = make()
    rig.add(0, *parts)
    assert rig.status & r.NEEDS_RESET


def test_the_same_descriptor_twice_stops_the_device():
    rig = make(make_queue=LateQueue)
    head = submit(rig, b.IN, room=512)
    rig.make_available(0, head)
    assert rig.status & r.NEEDS_RESET
    LateQueue.last.go()
    assert rig.used(0) == []


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 1, 4, 8, 11, 13, 77]), st.integers(0, 3000),
            st.binary(max_size=64), st.integers(0, 2048),
        ),
        max_size=8,
    )
)  # fmt: skip
def test_random_requests(requests):
    rig = make()
    for kind, sector, out, room in requests:
        submit(rig, kind, sector, out=out, room=room)
        assert not rig.status & r.NEEDS_RESET
        assert rig.bench.memory.read(STATUS, 1)[0] in (b.OK, b.IO_ERROR, b.UNSUPPORTED)
        assert len(rig.used(0)) == 1


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 20), st.integers(0, 1 << 33), st.integers(0, 1 << 32 - 1),
            st.integers(0, 7), st.integers(0, 20),
        ),
        max_size=16,
    ),
    st.lists(st.integers(0, 0xFFFF), max_size=8),
)  # fmt: skip
def test_random_rings(descriptors, heads):
    rig = make(features=r.F_INDIRECT_DESC | r.F_EVENT_IDX)
    for index, address, length, flags, following in descriptors:
        rig.descriptor(0, index % rig.size, address, length, flags, following)
    for head in heads:
        rig.make_available(0, head)
    rig.bench.advance(10)


# ------------------------------------------------------------------ slots


class HotRig(Rig):
    """A slot that disks come to, on a board whose guest listens to ACPI events."""

    def __init__(self, disk=None, *, listens=True):
        media = {0: disk} if disk else {}
        super().__init__("virtio-blk", media, config={"hot_plug": True}, others=HOT)
        if listens:
            self.listen()

    def listen(self):
        power = ConfigSpace(self.bench, 7)
        power.write(piix4pm.PMBA, PM)
        power.write(piix4pm.PMREGMISC, 1, 1)
        power.write(0x04, 1, 2)
        self.bench.outw(PM + piix4pm.PMCNTRL, piix4pm.SCI_EN)
        self.bench.outw(PM + piix4pm.GPEN, 1 << pcihotplug.EVENT)

    def plug(self, disk):
        self.bench.set.attach("virtio-blk/0", 0, disk)
        self.device.plug_drive(0, "disk")

    def event(self):
        """Take the event, as ACPI does; return which slots have come and which shall go."""
        pending = self.bench.inw(PM + piix4pm.GPSTS)
        assert bool(pending) == self.bench.pic.levels[9]
        self.bench.outw(PM + piix4pm.GPSTS, pending)
        base = pcihotplug.BASE
        return self.bench.inl(base + pcihotplug.UP), self.bench.inl(base + pcihotplug.DOWN)

    def eject(self):
        self.bench.outl(pcihotplug.BASE + pcihotplug.EJECT, SLOT_BIT)

    @property
    def there(self):
        return self.config.read(0) == 0x10011AF4


def test_without_a_disk_the_slot_is_empty_and_nothing_is_mapped():
    rig = HotRig()
    assert rig.config.read(0) == 0xFFFFFFFF
    rig.decode()
    assert rig.device.io_ports.base is None
    assert rig.device.boot_devices() == []
    assert rig.bench.inl(pcihotplug.BASE + pcihotplug.REMOVABLE) == SLOT_BIT
    with pytest.raises(ConfigurationError, match="nothing can be plugged in"):
        Rig("virtio-blk").device.plug_drive(0, "disk")
    with pytest.raises(ConfigurationError, match="nothing can be plugged in"):
        rig.device.plug_drive(0, "cdrom")


def test_a_disk_comes_and_is_given_back():
    rig, disk = HotRig(), Image(SIZE)
    rig.plug(disk)
    assert rig.event() == (SLOT_BIT, 0)
    assert rig.event() == (0, 0)
    assert rig.there
    rig.decode()
    rig.start(b.F_FLUSH, queues=(0,))
    assert request(rig, b.OUT, out=b"\x77" * 512) == b.OK
    assert disk.data[0] == 0x77
    released = []
    assert rig.device.ask_for_drive(0, lambda: released.append(1))
    assert (rig.there, released) == (True, [])
    assert rig.event() == (0, SLOT_BIT)
    rig.eject()
    assert (rig.there, released) == (False, [1])
    assert rig.device.io_ports.base is None
    rig.device.unplug_drive(0)
    rig.bench.set.attach("virtio-blk/0", 0, None)
    assert rig.event() == (0, 0)
    rig.plug(disk)
    assert rig.there


def test_what_a_guest_has_given_up_does_not_come_back_with_a_reset():
    rig = HotRig(Image(SIZE))
    assert rig.device.ask_for_drive(0, lambda: None)
    rig.bench.set.reset(ResetKind.HARD)
    assert not rig.there
    rig.bench.set.attach("virtio-blk/0", 0, None)
    rig.device.unplug_drive(0)
    rig.bench.set.reset(ResetKind.HARD)
    assert not rig.there


def test_a_guest_without_acpi_keeps_its_disk():
    rig = HotRig(Image(SIZE), listens=False)
    assert not rig.device.ask_for_drive(0, pytest.fail)
    rig.bench.set.reset(ResetKind.HARD)
    assert rig.there


def test_a_guest_that_answers_too_late_gets_its_disk_back():
    rig = HotRig(Image(SIZE))
    assert rig.device.ask_for_drive(0, pytest.fail)
    assert rig.event() == (0, SLOT_BIT)
    rig.device.leave_drive(0)
    rig.eject()
    assert rig.there
    assert rig.event() == (SLOT_BIT, 0)


def test_the_host_may_change_its_mind_when_the_guest_has_just_answered():
    rig = HotRig(Image(SIZE))
    assert rig.device.ask_for_drive(0, lambda: None)
    rig.eject()
    rig.device.leave_drive(0)
    assert rig.there
    assert rig.event()[0] == SLOT_BIT


def test_an_ejection_that_nobody_asked_for_changes_nothing():
    rig = HotRig(Image(SIZE))
    rig.eject()
    assert rig.there
    assert rig.bench.device("pcihotplug").guest_errors == 1


def test_by_force_the_medium_goes_first_and_the_slot_when_the_guest_likes():
    disk = Image(SIZE)
    rig = HotRig(disk)
    rig.start(b.F_FLUSH, queues=(0,))
    rig.device.unplug_drive(0)
    rig.bench.set.attach("virtio-blk/0", 0, None)
    assert rig.there
    assert rig.read(r.DEVICE) == 0
    assert request(rig, b.IN, room=512) == b.IO_ERROR
    rig.bench.set.attach("virtio-blk/0", 0, disk)
    with pytest.raises(ConfigurationError, match="has not yet given up"):
        rig.device.plug_drive(0, "disk")
    rig.bench.set.attach("virtio-blk/0", 0, None)
    assert rig.event() == (0, SLOT_BIT)
    rig.eject()
    assert not rig.there


def test_a_slot_is_saved_as_it_is():
    rig = HotRig()
    rig.plug(Image(SIZE))
    pending = rig.bench.device("pcihotplug").state
    other = HotRig(Image(SIZE))
    other.device.load_pci_state(rig.device.pci_state())
    assert (other.there, pending.up) == (True, SLOT_BIT)
    gone = HotRig(Image(SIZE))
    assert gone.device.ask_for_drive(0, lambda: None)
    gone.eject()
    other.device.load_pci_state(gone.device.pci_state())
    assert not other.there


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 15), st.integers(0, (1 << 32) - 1)), max_size=16),
    st.booleans(),
)
def test_random_hot_plug_registers(writes, asked):
    rig = HotRig(Image(SIZE))
    if asked:
        rig.device.ask_for_drive(0, lambda: None)
    for offset, value in writes:
        rig.bench.outl(pcihotplug.BASE + offset // 4 * 4, value)
        rig.bench.inl(pcihotplug.BASE + offset // 4 * 4)
    assert rig.there or asked
