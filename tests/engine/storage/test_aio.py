"""Requests on the thread of a medium: order, answers at once, errors, cancelling and the end."""

from __future__ import annotations

import threading
from queue import SimpleQueue

import pytest

from engine.pdm.block import BlockRequest, BlockTask
from engine.storage import aio
from engine.storage.aio import AT_ONCE, MediumQueue
from engine.storage.chain import DiskChain, ImageFile
from engine.storage.create import create_medium
from engine.storage.errors import MediumFull, MediumIOError, MediumStale
from engine.storage.hostfile import WouldWait, may_wait


class SlowMedium:
    """Notes what it is asked for; waits for ``go`` before each request; reads never at once."""

    size = 1 << 20
    read_only = False

    def __init__(self):
        self.log = []
        self.go = threading.Semaphore(0)
        self.failure = None

    def _work(self, what, *details):
        if not may_wait():
            raise WouldWait
        self.go.acquire()
        self.log.append((what, *details))
        if self.failure:
            raise self.failure

    def read(self, offset, length):
        self._work("read", offset)
        return bytes(length)

    def write(self, offset, data):
        self._work("write", offset)

    def flush(self):
        self._work("flush")


class Emt:
    """Takes what is posted; the test runs it."""

    def __init__(self):
        self.posted = SimpleQueue()

    def run_one(self):
        self.posted.get(timeout=10)()


@pytest.fixture(autouse=True)
def _no_grace(monkeypatch):
    monkeypatch.setattr(aio, "GRACE", 0)
    monkeypatch.setattr(aio, "GRACE_PER_BYTE", 0)


@pytest.fixture
def emt():
    return Emt()


@pytest.fixture
def slow(emt):
    medium = SlowMedium()
    medium.queue = MediumQueue(medium, emt.posted.put)
    yield medium
    medium.go.release(100)
    medium.queue.close()


def test_requests_end_in_their_order_on_the_emt(slow, emt):
    ended = []
    requests = [
        BlockRequest.write(0, b"a" * 512),
        BlockRequest.read(0, 512),
        BlockRequest.flush(),
        BlockRequest.write(512, b"b" * 512),
    ]
    for request in requests:
        assert not slow.queue.submit(request, ended.append)
    assert slow.log == []  # nobody has waited
    slow.go.release(4)
    while len(ended) < 4:
        emt.run_one()
    assert [id(r) for r in ended] == [id(r) for r in requests]
    assert slow.log == [("write", 0), ("read", 0), ("flush",), ("write", 512)]
    assert requests[1].data == bytes(512)


def test_errors_come_with_the_answer(slow, emt):
    slow.failure = MediumIOError("bad sector")
    ended = []
    slow.queue.submit(BlockRequest.write(0, b"x"), ended.append)
    slow.go.release()
    emt.run_one()
    assert ended[0].error is slow.failure


def test_drain_waits_and_tells(slow):
    ended = []
    for offset in (0, 512):
        slow.queue.submit(BlockRequest.write(offset, b"x"), ended.append)
    threading.Timer(0.02, slow.go.release, (2,)).start()
    assert slow.queue.drain()
    assert len(ended) == 2
    assert not slow.queue.drain()


def test_what_is_cancelled_is_not_begun_and_not_told(slow, emt):
    ended = []
    running, waiting, last = (BlockRequest.write(n, b"x") for n in (0, 1, 2))
    for request in (running, waiting, last):
        slow.queue.submit(request, ended.append)
    running.cancelled = waiting.cancelled = True
    slow.go.release(3)
    slow.queue.drain()
    assert ended == [last]
    assert ("write", 1) not in slow.log
    assert slow.log[-1] == ("write", 2)


def test_close_finishes_what_was_submitted(slow):
    for offset in range(3):
        slow.queue.submit(BlockRequest.write(offset, b"x"), lambda _: pytest.fail("told"))
    slow.go.release(3)
    slow.queue.close()
    assert [offset for _, offset in slow.log] == [0, 1, 2]


def test_a_request_that_ends_within_the_grace_is_no_event(slow, emt, monkeypatch):
    monkeypatch.setattr(aio, "GRACE", 10)
    slow.go.release(2)
    assert slow.queue.submit(BlockRequest.write(0, b"x"), lambda _: pytest.fail("told"))
    read = BlockRequest.read(0, 100)
    assert slow.queue.submit(read, lambda _: pytest.fail("told"))
    assert read.data == bytes(100)
    assert not slow.queue.drain()


def test_a_flush_is_never_waited_for(slow, emt, monkeypatch):
    monkeypatch.setattr(aio, "GRACE", 10)
    ended = []
    slow.go.release()
    assert not slow.queue.submit(BlockRequest.flush(), ended.append)
    emt.run_one()
    assert len(ended) == 1


@pytest.fixture
def chain(tmp_path):
    path = tmp_path / "disk.vdi"
    create_medium(path, format_name="VDI", variant="Standard", size=4 << 20)
    with DiskChain([ImageFile(path)]) as disk:
        disk.write(0, b"cached" * 1000)
        yield disk


def test_what_the_host_has_in_memory_is_read_at_once(chain, emt):
    queue = MediumQueue(chain, emt.posted.put)
    request = BlockRequest.read(6, 6)
    if not queue.submit(request, lambda _: None):
        queue.drain()
        queue.close()
        pytest.skip("this file system cannot tell what is in memory")
    assert request.data == b"cached"
    assert queue._thread is None
    large = BlockRequest.read(0, AT_ONCE + 1)
    assert not queue.submit(large, lambda _: None)
    queue.drain()
    assert large.data[:6] == b"cached"
    queue.close()


class Memory:
    """Where a read goes; ``plain`` tells whether it can be filled in place."""

    def __init__(self, *sizes, plain=True):
        self.parts = [bytearray(size) for size in sizes]
        self.plain = plain
        self.moved = 0

    def views(self, count):
        assert count == sum(map(len, self.parts))
        return [memoryview(part) for part in self.parts] if self.plain else None

    def filled(self, count):
        self.moved += count

    def scatter(self, data):
        assert not self.plain
        assert len(data) == sum(map(len, self.parts))
        self.parts = [bytearray(data)]
        self.moved += len(data)
        return len(data)


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("cached", [True, False])
def test_a_read_lands_in_memory(chain, emt, plain, cached, monkeypatch):
    if not cached:
        monkeypatch.setattr(aio, "AT_ONCE", 0)
    queue = MediumQueue(chain, emt.posted.put)
    memory, answers = Memory(4, 2, plain=plain and cached), []

    def command():
        answers.append((yield BlockRequest.read(6, 6, memory)))

    task = BlockTask(lambda: queue, pytest.fail)
    task.start(command())
    if task.waiting:
        if cached:
            memory.plain = False  # this file system cannot tell what is in memory
        queue.drain()
    assert answers == [b""]
    assert b"".join(memory.parts) == b"cached"
    assert memory.moved == 6
    queue.close()


def test_the_emt_does_not_wait_in_vain_again_and_again(slow, emt, monkeypatch):
    monkeypatch.setattr(aio, "GRACE", 0.001)
    waits = []
    ends_soon = slow.queue._ends_soon
    monkeypatch.setattr(slow.queue, "_ends_soon", lambda grace: waits.append(1) or ends_soon(grace))
    for _ in range(aio.GRACES_SPARED + 2):
        assert not slow.queue.submit(BlockRequest.write(0, b"x"), lambda _: None)
        slow.go.release()
        slow.queue.drain()
    assert len(waits) == 2


def test_a_chain_that_is_being_merged_is_not_waited_for(chain, emt):
    queue = MediumQueue(chain, emt.posted.put)
    request = BlockRequest.read(0, 6)
    taken, let_go = threading.Event(), threading.Event()

    def hold():
        with chain.lock:
            taken.set()
            let_go.wait(10)

    merge = threading.Thread(target=hold)
    merge.start()
    taken.wait(10)
    assert not queue.submit(request, lambda _: None)
    let_go.set()
    queue.drain()
    assert request.data == b"cached"
    merge.join()
    queue.close()


@pytest.mark.parametrize("error", [MediumFull("full"), MediumStale("gone")])
def test_a_task_gives_up_where_the_host_needs_help(slow, emt, error):
    slow.failure = error
    stalls, steps_seen = [], []

    def command():
        steps_seen.append("begun")
        yield BlockRequest.write(0, b"x")
        steps_seen.append("ended")

    task = BlockTask(lambda: slow.queue, stalls.append)
    task.start(command())
    assert task.waiting
    slow.go.release()
    emt.run_one()
    assert (stalls, steps_seen, task.waiting) == ([error], ["begun"], False)
    slow.failure = None
    task.start(command())
    slow.go.release()
    emt.run_one()
    assert steps_seen == ["begun", "begun", "ended"]


def test_a_program_error_is_raised_on_the_emt(slow, emt):
    slow.failure = ZeroDivisionError("a mistake in a format")

    def command():
        yield BlockRequest.flush()

    BlockTask(lambda: slow.queue, lambda _: None).start(command())
    slow.go.release()
    with pytest.raises(ZeroDivisionError):
        emt.run_one()
