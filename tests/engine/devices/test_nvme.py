"""NVMe: registers, admin commands, I/O with PRPs, errors, saved states, drivers that lie."""

from __future__ import annotations

import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.nvme import registers as r
from engine.devices.nvme.state import NvmeState
from engine.pdm import MediumError, MediumFull
from engine.pdm.interfaces import ResetKind
from tests.engine.devices.nvmerig import BAR, CQS, DATA, ENTRIES, LISTS, SECTORS, SQS, Rig
from tests.engine.slowmedia import SlowQueues

PAGE = r.PAGE


@pytest.fixture
def rig():
    return Rig().start_io()


@pytest.fixture
def queues():
    return SlowQueues()


@pytest.fixture
def slow(queues):
    return Rig(queues).start_io()


def pattern(size):
    return b"".join(n.to_bytes(4, "little") for n in range(size // 4))


def identify(rig, what, nsid=0):
    assert rig.admin(r.IDENTIFY, nsid=nsid, prp1=DATA, words=(what,)) == (0, 0)
    return rig.memory.read(DATA, 4096)


def test_identity():
    rig = Rig()
    assert rig.nvme.config_read(0, 4) == 0x4E5680EE
    assert rig.nvme.config_read(8, 4) >> 8 == 0x010802
    assert rig.get(r.CAP) & 0xFFFF == r.MOST_ENTRIES - 1
    assert rig.get(r.CAP_HIGH) & 1 << 5  # the NVM command set
    assert rig.get(r.VS) == 0x10200
    assert [(d.kind, d.path) for d in rig.nvme.boot_devices()] == [
        ("c", "/pci@i0cf8/pci80ee,4e56@e/namespace@1,0"),
        ("c", "/pci@i0cf8/pci80ee,4e56@e/namespace@3,0"),
    ]


def test_enable_and_disable(rig):
    rig.put(r.CC, 0)
    assert rig.get(r.CSTS) == 0
    assert rig.get(r.ASQ) == SQS
    rig.ring(1)  # a queue that is gone
    assert rig.nvme.guest_errors == 1
    rig.start()
    assert rig.admin(r.GET_FEATURES, words=(r.NUMBER_OF_QUEUES,)) == (0, 0xF000F)


@pytest.mark.parametrize("cc", [1 | 1 << 4, 1 | 1 << 7, 1 | 1 << 11])
def test_settings_that_were_not_offered_are_fatal(cc):
    rig = Rig()
    rig.put(r.AQA, 0x70007)
    rig.put(r.ASQ, SQS)
    rig.put(r.ACQ, CQS)
    rig.put(r.CC, cc)
    assert rig.get(r.CSTS) == r.CSTS_FATAL
    rig.put(r.CC, 0)
    rig.start()


def test_identify(rig):
    controller = identify(rig, 1)
    assert controller[:4] == b"\xee\x80\xee\x80"
    assert controller[24:64].rstrip() == b"VITRINE NVMe DISK"
    assert controller[4:24].rstrip() == b"VB00000000-00000000"
    assert (controller[512], controller[513], controller[516]) == (0x66, 0x44, 3)
    assert struct.unpack_from("<QQQ", identify(rig, 0, 1)) == (SECTORS,) * 3
    assert identify(rig, 0, 2) == bytes(4096)
    assert struct.unpack_from("<3I", identify(rig, 2)) == (1, 3, 0)
    assert struct.unpack_from("<2I", identify(rig, 2, 1)) == (3, 0)
    for nsid in (0, 4, r.BROADCAST):
        assert rig.admin(r.IDENTIFY, nsid=nsid, prp1=DATA)[0] == r.INVALID_NAMESPACE
    assert rig.admin(r.IDENTIFY, prp1=DATA, words=(0x40,))[0] == r.INVALID_FIELD


def test_features_and_logs(rig):
    assert rig.admin(r.SET_FEATURES, words=(r.NUMBER_OF_QUEUES, 0x3F003F))[0] == r.SEQUENCE_ERROR
    assert rig.admin(r.SET_FEATURES, words=(0x8, 0x105)) == (0, 0)
    assert rig.admin(r.GET_FEATURES, words=(0x8,)) == (0, 0x105)
    assert rig.admin(r.GET_FEATURES, words=(r.TEMPERATURE_THRESHOLD,)) == (0, 343)
    assert rig.admin(r.SET_FEATURES, words=(1 << 31 | 8, 1))[0] == r.NOT_SAVEABLE
    assert rig.admin(r.GET_FEATURES, words=(0x7F,))[0] == r.INVALID_FIELD
    rig.status(r.READ, 0, 8)
    assert rig.admin(r.GET_LOG_PAGE, nsid=r.BROADCAST, prp1=DATA, words=(127 << 16 | 2,))[0] == 0
    smart = rig.memory.read(DATA, 512)
    assert int.from_bytes(smart[1:3], "little") == 313
    assert (smart[32], smart[64]) == (1, 1)
    assert rig.admin(r.GET_LOG_PAGE, prp1=DATA, words=(0x3F,))[0] == r.INVALID_LOG_PAGE
    assert rig.admin(0x7F)[0] == r.INVALID_OPCODE


def test_queues_are_made_and_deleted(rig):
    size = (ENTRIES - 1) << 16
    assert rig.admin(r.CREATE_CQ, prp1=CQS, words=(size | 1, 3))[0] == r.INVALID_QUEUE_ID
    assert rig.admin(r.CREATE_CQ, prp1=CQS, words=(size | 17, 3))[0] == r.INVALID_QUEUE_ID
    assert rig.admin(r.CREATE_CQ, prp1=CQS, words=(2, 3))[0] == r.INVALID_QUEUE_SIZE
    assert rig.admin(r.CREATE_CQ, prp1=CQS, words=(size | 2, 2))[0] == r.INVALID_FIELD
    assert rig.admin(r.CREATE_CQ, prp1=CQS, words=(size | 2, 1 << 16 | 3))[0] == r.INVALID_VECTOR
    assert rig.admin(r.CREATE_CQ, prp1=CQS + 8, words=(size | 2, 3))[0] == r.PRP_OFFSET_INVALID
    create = (size | 2, 5 << 16 | 1)
    assert rig.admin(r.CREATE_SQ, prp1=SQS, words=create)[0] == r.COMPLETION_QUEUE_INVALID
    assert rig.admin(r.DELETE_CQ, words=(1,))[0] == r.INVALID_QUEUE_DELETION
    assert rig.admin(r.DELETE_SQ, words=(1,))[0] == 0
    assert rig.admin(r.DELETE_SQ, words=(1,))[0] == r.INVALID_QUEUE_ID
    assert rig.admin(r.DELETE_CQ, words=(1,))[0] == 0


def test_event_requests_wait(rig):
    for _ in range(4):
        rig.submit(0, r.ASYNC_EVENT_REQUEST)
        assert rig.reap(0) == []
    rig.submit(0, r.ASYNC_EVENT_REQUEST)
    assert rig.reap(0)[0][1] == r.TOO_MANY_EVENT_REQUESTS


def test_write_and_read_with_each_form_of_prps(rig):
    content = pattern(20 * PAGE)
    rig.disk.data[: len(content)] = content
    assert rig.status(r.READ, 1, 1, prp1=DATA + 0x200) == 0
    assert rig.memory.read(DATA + 0x200, 512) == content[512:1024]
    # Two pages: the second entry is a page.
    assert rig.status(r.READ, 0, 16, prp1=DATA, prp2=DATA + 0x9000) == 0
    assert rig.memory.read(DATA, PAGE) + rig.memory.read(DATA + 0x9000, PAGE) == content[: 2 * PAGE]
    # More: it is a list, here one that begins at the end of its page and goes on in another.
    pages = [DATA + 0x2000 * n for n in range(1, 20)]
    tail = LISTS + PAGE - 16
    rig.memory.write(tail, struct.pack("<QQ", pages[0], LISTS + PAGE))
    rig.memory.write(LISTS + PAGE, struct.pack(f"<{len(pages) - 1}Q", *pages[1:]))
    assert rig.status(r.READ, 0, 160, prp1=DATA, prp2=tail) == 0
    assert b"".join(rig.memory.read(page, PAGE) for page in [DATA, *pages]) == content
    assert rig.status(r.WRITE, 800, 160, prp1=DATA, prp2=tail) == 0
    assert rig.disk.data[800 * 512 : 960 * 512] == content
    assert rig.disk.flushes == 0
    moved = rig.nvme.activity()[0]
    assert (moved.read, moved.written) == (177 * 512, 160 * 512)


def test_flush_zeroes_and_forced_writes(rig):
    rig.disk.data[:] = b"\xaa" * len(rig.disk.data)
    assert rig.status(r.WRITE_ZEROES, 8, 4096) == 0
    assert rig.disk.data.count(0) == 4096 * 512
    assert rig.status(r.FLUSH) == 0
    assert rig.status(r.FLUSH, nsid=r.BROADCAST) == 0
    assert (rig.disk.flushes, rig.other.flushes) == (2, 1)
    assert rig.status(r.WRITE, flags=r.FORCE_UNIT_ACCESS) == 0
    assert rig.disk.flushes == 3
    rig.admin(r.SET_FEATURES, words=(r.VOLATILE_WRITE_CACHE, 0))
    assert rig.status(r.WRITE, nsid=3) == 0
    assert rig.other.flushes == 2


def test_commands_that_are_refused(rig):
    assert rig.status(r.READ, SECTORS - 1, 2) == r.LBA_OUT_OF_RANGE
    assert rig.status(r.READ, 1 << 63) == r.LBA_OUT_OF_RANGE
    assert rig.status(r.READ, 0, 4096) == r.INVALID_FIELD
    assert rig.status(r.READ, nsid=2) == r.INVALID_FIELD
    assert rig.status(r.READ, nsid=4) == r.INVALID_NAMESPACE
    assert rig.status(r.READ, 0, 9, prp2=8) == r.PRP_OFFSET_INVALID
    assert rig.status(r.READ, 0, 24, prp2=LISTS + 4) == r.PRP_OFFSET_INVALID
    assert rig.status(r.READ, prp1=DATA + 2) == r.PRP_OFFSET_INVALID
    assert rig.status(0x99) == r.INVALID_OPCODE
    rig.submit(1, r.READ, nsid=1, prp1=DATA, flags=0x40)
    assert rig.reap(1)[0][1] == r.INVALID_FIELD
    rig.disk.failure = MediumError("The host cannot.")
    assert rig.status(r.READ) == r.UNRECOVERED_READ
    assert rig.status(r.WRITE) == r.WRITE_FAULT
    rig.disk.read_only = True
    assert rig.status(r.WRITE) == r.WRITE_TO_READ_ONLY
    assert rig.status(r.FLUSH) == 0


def test_the_interrupt_follows_the_completion_queues(rig):
    line = rig.nvme.intx
    assert not line.level
    rig.blocks(r.READ, 0, 1)
    assert line.level
    rig.put(r.INTMS, 1)
    assert not line.level
    rig.put(r.INTMC, 1)
    assert line.level
    rig.reap(1)
    assert not line.level


def test_a_full_completion_queue_holds_commands_back(rig):
    first = [rig.blocks(r.READ, n, 1) for n in range(ENTRIES - 1)]
    more = [rig.blocks(r.READ, n, 1) for n in range(3)]
    found = rig.reap(1)
    assert [each[0] for each in found] == first
    assert [each[0] for each in rig.reap(1)] == more
    assert not rig.nvme.intx.level


def test_doorbells_out_of_place(rig):
    rig.put(r.DOORBELLS + 8, ENTRIES)
    rig.put(r.DOORBELLS + 8 * 9, 0)
    rig.put(r.DOORBELLS + 12, 0xFFFF)
    assert rig.nvme.guest_errors == 3
    assert rig.status(r.READ) == 0


def test_commands_end_in_the_order_of_the_host(slow, queues):
    first, second = (slow.blocks(r.READ, n, 1, prp1=DATA + n * 512) for n in range(2))
    assert slow.reap(1) == []
    queues.finish(1)
    assert slow.reap(1) == [(second, 0, 0)]
    queues.finish()
    assert slow.reap(1) == [(first, 0, 0)]


def test_abort_and_deletion_end_what_is_under_way(slow, queues):
    first, second = (slow.blocks(r.READ, n, 1) for n in range(2))
    assert slow.admin(r.ABORT, words=(first << 16 | 1,)) == (0, 0)
    assert slow.admin(r.ABORT, words=(first << 16 | 1,)) == (0, 1)
    assert slow.reap(1) == [(first, r.ABORTED, 0)]
    assert slow.admin(r.DELETE_SQ, words=(1,))[0] == 0
    assert slow.reap(1) == [(second, r.QUEUE_DELETED, 0)]
    assert queues.finish_all() == 0


def test_a_reset_ends_everything(slow, queues):
    slow.blocks(r.READ, 0, 1)
    slow.put(r.CC, 0)
    assert queues.finish_all() == 0
    slow.start_io()
    slow.blocks(r.READ, 0, 1)
    slow.nvme.reset(ResetKind.HARD)
    assert queues.finish_all() == 0
    assert slow.get(r.CSTS) == 0


def test_a_shutdown_waits_for_the_host(slow, queues):
    slow.put(r.CC, slow.get(r.CC) | 1 << 14)
    assert slow.get(r.CSTS) == r.CSTS_READY | r.CSTS_SHUTTING_DOWN
    assert queues.finish_all() == 2
    assert slow.get(r.CSTS) == r.CSTS_READY | r.CSTS_SHUT_DOWN
    assert (slow.disk.flushes, slow.other.flushes) == (1, 1)


def test_a_full_host_pauses_the_machine(rig):
    rig.disk.failure = MediumFull("The disk of the host is full.")
    identifier = rig.blocks(r.WRITE, 3, 1)
    ((error, _, retry),) = rig.machine.errors
    assert error == "DrvVD_DISKFULL"
    assert rig.reap(1) == []
    rig.disk.failure = None
    retry()
    rig.advance(0)
    assert rig.reap(1) == [(identifier, 0, 0)]


def test_commands_under_way_are_saved(slow, queues):
    content = pattern(512)
    slow.memory.write(DATA, content)
    identifier = slow.blocks(r.WRITE, 7, 1)
    slow.put(r.CC, slow.get(r.CC) | 1 << 14)
    saved = msgspec.msgpack.encode(slow.nvme.state_to_save())
    other = Rig()
    other.memory.write(0, slow.memory.read(0, 0x400000))
    other.nvme.load_pci_state(slow.nvme.pci_state())
    other.nvme.state = msgspec.msgpack.decode(saved, type=NvmeState)
    other.nvme.state_loaded(1)
    other.advance(0)
    assert other.disk.data[7 * 512 : 8 * 512] == content
    assert other.get(r.CSTS) & r.CSTS_SHUTDOWN == r.CSTS_SHUT_DOWN
    other.tails, other.heads, other.phases = slow.tails, slow.heads, slow.phases
    assert other.reap(1) == [(identifier, 0, 0)]
    assert other.status(r.READ, 7) == 0


words = st.lists(st.integers(0, 0xFFFF_FFFF), min_size=6, max_size=6)
addresses = st.sampled_from([0, DATA, DATA + 0x200, LISTS, LISTS + 0xFF8, BAR, 1 << 40, 3]) | (
    st.integers(0, (1 << 64) - 1)
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 1), st.integers(0, 16), st.integers(0, 4), addresses, addresses, words,
            st.sampled_from([0, 0, 0, 0x40, 1]),
        ),
        max_size=8,
    )
)  # fmt: skip
def test_random_commands(commands):
    rig = Rig().start_io()
    for queue, opcode, nsid, prp1, prp2, numbers, flags in commands:
        rig.submit(queue, opcode, nsid=nsid, prp1=prp1, prp2=prp2, words=numbers, flags=flags)
        rig.reap(queue)
    rig.advance(10)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 0x1100), st.integers(0, 0xFFFF_FFFF)), max_size=20))
def test_random_registers(writes):
    rig = Rig().start_io()
    for offset, value in writes:
        rig.put(offset & ~3, value)
        rig.get(offset & ~3)
    rig.advance(10)

