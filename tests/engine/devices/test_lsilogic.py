"""LSI Logic Fusion-MPT: doorbell, queues, SCSI requests, saved states, drivers that lie."""

from __future__ import annotations

import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.lsilogic import registers as r
from engine.devices.lsilogic.state import LsiState
from engine.pdm import MediumFull
from engine.pdm.block import ImmediateQueue
from engine.pdm.interfaces import ResetKind
from tests.engine.bench import Bench, tree
from tests.engine.devices.ahcirig import Disk
from tests.engine.slowmedia import SlowQueues

IO = 0xC000
FRAME, REPLIES, SENSE, CHAIN, DATA = 0x10_0000, 0x11_0000, 0x12_0000, 0x13_0000, 0x20_0000
REPLY_SIZE = 80
READ, WRITE, NONE = 2 << 24, 1 << 24, 0
LAST, END_OF_LIST, WIDE = 0x80, 0x01, 0x02
SIMPLE, CHAINED = 0x10, 0x30


class Rig(Bench):
    """A disk at target 0, an optical drive at target 2."""

    def __init__(self, make_queue=ImmediateQueue):
        self.disk, self.disc = Disk(1 << 20), Disk(1 << 16)
        super().__init__(
            tree(lsilogicscsi={"pci": (20, 0), "units": "disk,,cdrom"}),
            attachments={("lsilogicscsi/0", 0): self.disk, ("lsilogicscsi/0", 2): self.disc},
            make_queue=make_queue,
        )
        self.lsi = self.device("lsilogicscsi")
        self.lsi.config_write(0x10, IO, 4)
        self.lsi.config_write(0x04, 0x07, 2)
        self.frame = 0

    def get(self, offset):
        return self.inl(IO + offset)

    def put(self, offset, value):
        self.outl(IO + offset, value)

    def shake(self, message):
        """Send a message through the doorbell and return the reply."""
        self.put(r.INTERRUPT_STATUS, 0)
        self.put(r.DOORBELL, r.HANDSHAKE << 24 | len(message) // 4 << 16)
        assert self.get(r.INTERRUPT_STATUS) & r.DOORBELL_INTERRUPT
        assert self.get(r.DOORBELL) & r.DOORBELL_ACTIVE
        self.put(r.INTERRUPT_STATUS, 0)
        for (word,) in struct.iter_unpack("<I", message):
            self.put(r.DOORBELL, word)
        words = []
        while len(words) < 2 or len(words) < 2 * (words[1] & 0xFF):
            assert self.get(r.INTERRUPT_STATUS) & r.DOORBELL_INTERRUPT
            words.append(self.get(r.DOORBELL) & 0xFFFF)
            self.put(r.INTERRUPT_STATUS, 0)
        self.put(r.INTERRUPT_STATUS, 0)
        assert not self.get(r.DOORBELL) & r.DOORBELL_ACTIVE
        assert not self.get(r.INTERRUPT_STATUS) & r.DOORBELL_INTERRUPT
        return struct.pack(f"<{len(words)}H", *words)

    def start(self, replies=8):
        message = struct.pack("<BBBBBBBBIHHII", 4, 0, 0, r.IOC_INIT, 0, 16, 1, 0, 7, REPLY_SIZE, 0, 0, 0)
        assert self.shake(message)[14:16] == b"\0\0"
        assert self.get(r.DOORBELL) >> 28 == 2
        for n in range(replies):
            self.put(r.REPLY_QUEUE, REPLIES + n * REPLY_SIZE)
        self.put(r.INTERRUPT_MASK, r.DOORBELL_INTERRUPT)
        return self

    def post(self, message):
        place = FRAME + 128 * self.frame
        self.frame = (self.frame + 1) % 64
        self.memory.write(place, message.ljust(128, b"\0"))
        self.put(r.REQUEST_QUEUE, place | 1)

    def scsi(self, cdb, *, target=0, direction=NONE, size=0, tag=0x55, sgl=None, chain=0, lun=0):
        """Post a SCSI request; its data are at DATA unless a list is given."""
        head = struct.pack("<BBBBBBBBI", target, 0, chain, r.SCSI_IO, len(cdb), 18, 0, 0, tag)
        head += bytes([0, lun]).ljust(8, b"\0") + struct.pack("<I", direction) + cdb.ljust(16, b"\0")
        head += struct.pack("<II", size, SENSE)
        self.post(head + (simple(DATA, size) if sgl is None else sgl))

    def fetch(self):
        """Return the next reply: a context, or the bytes of a frame, which is handed back."""
        value = self.get(r.REPLY_QUEUE)
        if value == r.NO_REPLY:
            return None
        if not value & r.ADDRESS_REPLY:
            return value
        place = value << 1 & 0xFFFF_FFFF
        reply = self.memory.read(place, REPLY_SIZE)
        self.put(r.REPLY_QUEUE, place)
        return reply

    def ready(self):
        """Take the unit attention that follows a reset."""
        for target in self.lsi.units:
            self.scsi(bytes(6), target=target)
            assert self.fetch()[12] == 2
        return self


def simple(address, size, flags=LAST | END_OF_LIST):
    return struct.pack("<II", size | (flags | SIMPLE) << 24, address)


def outcome(reply):
    """Return (SCSI status, state, IOC status, bytes moved, bytes of sense data)."""
    status, state, ioc, _, moved, sense = struct.unpack_from("<BBHIII", reply, 12)
    return status, state, ioc, moved, sense


def read_10(lba, count):
    return struct.pack(">BBIBHB", 0x28, 0, lba, 0, count, 0)


def write_10(lba, count):
    return struct.pack(">BBIBHB", 0x2A, 0, lba, 0, count, 0)


@pytest.fixture
def rig():
    return Rig().start().ready()


@pytest.fixture
def queues():
    return SlowQueues()


@pytest.fixture
def slow(queues):
    return Rig(queues).start().ready()


def test_identity():
    rig = Rig()
    assert rig.lsi.config_read(0, 4) == 0x00301000
    assert rig.lsi.config_read(8, 4) >> 8 == 0x010000
    assert [(d.kind, d.path) for d in rig.lsi.boot_devices()] == [
        ("c", "/pci@i0cf8/scsi@14/channel@0/disk@0,0"), ("d", "/pci@i0cf8/scsi@14/channel@0/disk@2,0"),
    ]  # fmt: skip


def test_facts_come_through_the_doorbell():
    rig = Rig()
    assert rig.get(r.DOORBELL) == r.STATE_READY
    facts = rig.shake(struct.pack("<BBBBII", 0, 0, 0, r.IOC_FACTS, 0, 9))
    assert len(facts) == 60
    assert struct.unpack_from("<HBBHBBI", facts) == (0x102, 15, r.IOC_FACTS, 0x102, 0, 0, 9)
    assert struct.unpack_from("<HH", facts, 0x18) == (256, 32)
    assert (facts[0x2E], facts[0x2F]) == (16, 1)
    port = rig.shake(struct.pack("<BBBBII", 0, 0, 0, r.PORT_FACTS, 0, 0))
    assert (port[0x15], *struct.unpack_from("<HHH", port, 0x16)) == (1, 16, 16, 8)
    assert rig.shake(struct.pack("<BBBBII", 0, 0, 0, 0x77, 0, 0))[14] == r.INVALID_FUNCTION


def test_the_diagnostic_register_opens_with_keys():
    rig = Rig()
    rig.put(r.DIAGNOSTIC, r.RESET_ADAPTER)
    assert rig.get(r.DIAGNOSTIC) == 0
    for key in (0xFF, *r.KEYS):
        rig.put(r.WRITE_SEQUENCE, key)
    assert rig.get(r.DIAGNOSTIC) == r.DIAGNOSTIC_OPEN
    rig.start()
    rig.put(r.DIAGNOSTIC, r.RESET_ADAPTER)
    assert rig.get(r.DIAGNOSTIC) == r.RESET_HISTORY
    assert rig.get(r.DOORBELL) == r.STATE_READY
    for key in (0xFF, *r.KEYS):
        rig.put(r.WRITE_SEQUENCE, key)
    rig.put(r.DIAGNOSTIC, 0)
    rig.put(r.WRITE_SEQUENCE, 0xFFFFFFFF)
    assert rig.get(r.DIAGNOSTIC) == 0


def test_write_and_read(rig):
    content = bytes(n % 251 for n in range(2048))
    rig.memory.write(DATA, content)
    rig.scsi(write_10(3, 4), direction=WRITE, size=2048, tag=1)
    assert rig.lsi.intx.level
    assert rig.fetch() == 1
    assert not rig.lsi.intx.level
    assert rig.disk.data[3 * 512 : 7 * 512] == content
    rig.memory.write(DATA, bytes(2048))
    # Two simple elements in the frame, then a segment with a 64-bit one.
    lists = simple(DATA, 512, 0) + simple(DATA + 0x1000, 512, LAST)
    lists += struct.pack("<II", 12 | (CHAINED | END_OF_LIST) << 24, CHAIN)
    wide = (LAST | END_OF_LIST | SIMPLE | WIDE) << 24
    rig.memory.write(CHAIN, struct.pack("<IQ", 1024 | wide, DATA + 0x2000))
    rig.scsi(read_10(3, 4), direction=READ, size=2048, tag=2, sgl=lists, chain=(48 + 16) // 4)
    assert rig.fetch() == 2
    memory = rig.memory
    assert memory.read(DATA, 512) + memory.read(DATA + 0x1000, 512) == content[:1024]
    assert memory.read(DATA + 0x2000, 1024) == content[1024:]
    moved = rig.lsi.activity()[0]
    assert (moved.read, moved.written) == (2048, 2048)


def test_replies_tell_what_went_wrong(rig):
    rig.scsi(b"\x12\0\0\0\xff\0", direction=READ, size=255)
    assert outcome(rig.fetch()) == (0, 0, r.DATA_UNDERRUN, 36, 0)
    rig.scsi(b"\xc0", tag=77)
    reply = rig.fetch()
    assert struct.unpack_from("<I", reply, 8) == (77,)
    assert outcome(reply) == (2, r.SENSE_VALID, r.SUCCESS, 0, 18)
    assert rig.memory.read(SENSE, 18)[2] == 5
    rig.scsi(bytes(6), target=1)
    assert outcome(rig.fetch())[2] == r.NOT_THERE
    rig.scsi(bytes(6), lun=1)
    assert outcome(rig.fetch())[2] == r.NOT_THERE
    rig.scsi(read_10(0, 1), direction=READ, size=512, sgl=simple(DATA, 512, 0x20))
    assert outcome(rig.fetch())[2] == r.INVALID_SGL


def test_configuration_pages(rig):
    def ask(action, kind, number):
        header = struct.pack("<BBBBHBBI8xBBBBI", action, 0, 0, r.CONFIG, 0, 0, 0, 5, 0, 0, number, kind, 0)
        rig.post(header + simple(DATA, 256))
        reply = rig.fetch()
        return reply[14], reply[20:24]

    assert ask(r.PAGE_HEADER, r.SCSI_PORT, 2) == (0, bytes([2, 19, 2, r.SCSI_PORT]))
    assert ask(r.READ_NVRAM, r.SCSI_PORT, 2)[0] == 0
    assert rig.memory.read(DATA, 4) == bytes([2, 19, 2, r.SCSI_PORT])
    assert ask(r.READ_CURRENT, r.MANUFACTURING, 0)[0] == 0
    assert rig.memory.read(DATA + 4, 10) == b"LSI53C1030"
    assert ask(r.WRITE_CURRENT, r.SCSI_DEVICE, 1)[0] == 0
    assert ask(r.WRITE_CURRENT, r.SCSI_PORT, 0)[0] == r.CONFIG_CANNOT_COMMIT
    assert ask(r.PAGE_HEADER, 7, 0)[0] == r.CONFIG_INVALID_PAGE
    assert ask(9, r.IOC, 0)[0] == r.CONFIG_INVALID_ACTION


def test_events_are_acknowledged(rig):
    rig.post(struct.pack("<BBBBII", 1, 0, 0, r.EVENT_NOTIFICATION, 0, 3))
    reply = rig.fetch()
    assert struct.unpack_from("<I", reply, 0x14) == (r.EVENT_CHANGE,)


def test_without_frames_for_replies_the_controller_stops():
    rig = Rig().start(replies=0)
    rig.scsi(bytes(6))
    assert rig.get(r.DOORBELL) == r.STATE_FAULT | 4 << 24 | r.INSUFFICIENT_RESOURCES
    rig.put(r.DOORBELL, r.UNIT_RESET << 24)
    assert rig.get(r.DOORBELL) == r.STATE_READY


def test_requests_end_in_the_order_of_the_host(slow, queues):
    slow.scsi(read_10(0, 1), direction=READ, size=512, tag=1)
    slow.scsi(read_10(1, 1), direction=READ, size=512, tag=2)
    assert slow.fetch() is None
    queues.finish(1)
    assert slow.fetch() == 2
    queues.finish()
    assert slow.fetch() == 1


def manage(rig, function, target=0, tag=0):
    rig.post(struct.pack("<BBBBBBBBI8s28xI", target, 0, 0, r.TASK_MANAGEMENT, 0, function, 0, 0, 99,
                         b"", tag))  # fmt: skip
    return rig.fetch()


def test_tasks_are_ended(slow, queues):
    for tag in (1, 2, 3):
        slow.scsi(read_10(0, 1), direction=READ, size=512, tag=tag)
    terminated = manage(slow, 1, tag=2)
    assert struct.unpack_from("<I", terminated, 8) == (2,)
    assert outcome(terminated)[1:3] == (r.TERMINATED, r.TASK_TERMINATED)
    assert struct.unpack_from("<I", slow.fetch(), 0x14) == (1,)
    manage(slow, 4)
    slow.fetch()
    assert struct.unpack_from("<I", slow.fetch(), 0x14) == (2,)
    assert queues.finish_all() == 0
    assert manage(slow, 3, target=9)[14] == r.INVALID_TARGET
    assert manage(slow, 9)[14] == r.TASK_MANAGEMENT_FAILED


def test_a_reset_ends_everything(slow, queues):
    slow.scsi(read_10(0, 1), direction=READ, size=512)
    slow.put(r.DOORBELL, r.UNIT_RESET << 24)
    assert queues.finish_all() == 0
    slow.start()
    slow.scsi(read_10(0, 1), direction=READ, size=512)
    slow.lsi.reset(ResetKind.HARD)
    assert queues.finish_all() == 0


def test_a_full_host_pauses_the_machine(rig):
    rig.disk.failure = MediumFull("The disk of the host is full.")
    rig.scsi(write_10(0, 1), direction=WRITE, size=512, tag=4)
    ((error, _, retry),) = rig.machine.errors
    assert error == "DrvVD_DISKFULL"
    assert rig.fetch() is None
    rig.disk.failure = None
    retry()
    rig.advance(0)
    assert rig.fetch() == 4


def test_requests_under_way_are_saved(slow):
    slow.memory.write(DATA, b"\x77" * 512)
    slow.scsi(write_10(5, 1), direction=WRITE, size=512, tag=8)
    saved = msgspec.msgpack.encode(slow.lsi.state_to_save())
    other = Rig()
    other.memory.write(0, slow.memory.read(0, 0x400000))
    other.lsi.load_pci_state(slow.lsi.pci_state())
    other.lsi.state = msgspec.msgpack.decode(saved, type=LsiState)
    other.lsi.state_loaded(1)
    other.advance(0)
    assert other.disk.data[5 * 512 : 6 * 512] == b"\x77" * 512
    assert other.fetch() == 8


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=128), max_size=8))
def test_random_messages(contents):
    rig = Rig().start(replies=20)
    for content in contents:
        rig.post(content)
        rig.fetch()
    rig.advance(10)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*range(0, 0x4C, 4), 0xF0]),
            st.integers(0, 0xFFFF_FFFF)
            | st.sampled_from([*r.KEYS, 0x42030000, 0x40000000, 0x42FF0000]),
        ),
        max_size=30,
    )
)  # fmt: skip
def test_random_registers(writes):
    rig = Rig()
    for offset, value in writes:
        rig.put(offset, value)
        rig.get(offset)
    rig.advance(10)
