"""Requests to a medium on a thread of its own, so that the emulation thread never waits for it.

One thread serves one medium, because an image format is for one thread at a time: requests are
carried out in the order in which they were submitted, so that those which overlap keep their order
and a flush is a barrier. What is in the host's cache is read at once, without the thread, and
straight into the guest's memory.
"""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from engine.pdm.block import BlockOperation
from engine.pdm.interfaces import ScatteringMedium
from engine.storage.hostfile import WouldWait, forbid_waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.pdm.block import BlockRequest
    from engine.pdm.interfaces import BlockMedium

AT_ONCE: Final = 2 << 20
"""Longest read in bytes that is tried without the thread: a guest that waits for more feels it."""
GRACE: Final = 0.000_2
"""Seconds for which the EMT waits for a request when there is no other: to be interrupted by its
end later costs more."""
GRACE_PER_BYTE: Final = 0.000_3 / (1 << 20)
"""The same for each byte: what copying takes."""
AWAITED: Final = 1 << 20
"""Longest request in bytes that is waited for."""
GRACES_SPARED: Final = 15
"""Requests that are not waited for after one for which the EMT has waited in vain: such a disk is
slow, and the guest has better things to do."""

_Waiting = tuple["BlockRequest", "Callable[[BlockRequest], None]"]


class MediumQueue:
    """A :class:`~engine.pdm.block.BlockQueue` with a thread.

    Args:
        medium: used by the thread while requests are under way, otherwise by the EMT.
        post: runs a function on the EMT.
    """

    def __init__(self, medium: BlockMedium, post: Callable[[Callable[[], object]], None]) -> None:
        self._medium = medium
        self._post = post
        self._read_into: Callable[[int, list[memoryview]], None] | None = (
            medium.read_into if isinstance(medium, ScatteringMedium) else None
        )
        self._todo: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._done: SimpleQueue[_Waiting] = SimpleQueue()
        # Submitted and not yet told; the thread touches the medium only while there are some.
        self._outstanding = 0
        self._told = False  # a call of _deliver is on its way to the EMT
        self._awaited: BlockRequest | None = None  # the EMT is waiting for its end
        self._spared = 0  # requests that are not waited for
        self._thread: threading.Thread | None = None

    # -- EMT -------------------------------------------------------------------------------------

    def submit(self, request: BlockRequest, done: Callable[[BlockRequest], None]) -> bool:
        """See :meth:`engine.pdm.block.BlockQueue.submit`."""
        operation, alone = request.operation, not self._outstanding
        if (
            alone
            and operation is BlockOperation.READ
            and request.length <= AT_ONCE
            and self._read_at_once(request)
        ):
            return True
        is_flush = operation is BlockOperation.FLUSH
        awaited = alone and not is_flush and request.length <= AWAITED and not self._spared
        self._spared = max(0, self._spared - 1)
        self._outstanding += 1
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="medium", daemon=True)
            self._thread.start()
        if awaited:
            self._awaited = request
        self._todo.put((request, done))
        return awaited and self._ends_soon(GRACE + request.length * GRACE_PER_BYTE)

    def _ends_soon(self, grace: float) -> bool:
        """Wait a moment for the only request; tell whether it has ended."""
        # When it has, ``_awaited`` stays: the thread may look at it only now.
        try:
            self._done.get(timeout=grace)
        except Empty:
            self._awaited = None
            try:  # it may have ended before the thread could know that nobody waits any more
                self._done.get_nowait()
            except Empty:
                self._spared = GRACES_SPARED
                return False
        self._outstanding -= 1
        return True

    def _read_at_once(self, request: BlockRequest) -> bool:
        read_into, into = self._read_into, request.into
        views = None if read_into is None or into is None else into.views(request.length)
        with forbid_waiting():
            if read_into is None or into is None or views is None:
                request.carry_out(self._medium)
            else:
                try:
                    read_into(request.offset, views)
                except Exception as error:  # raised where the command goes on
                    request.error = error
                else:
                    into.filled(request.length)
                    request.landed = True
        if isinstance(request.error, WouldWait):
            request.error = None
            return False
        return True

    def _deliver(self) -> None:
        self._told = False
        while True:
            try:
                request, done = self._done.get_nowait()
            except Empty:
                return
            self._tell(request, done)

    def _tell(self, request: BlockRequest, done: Callable[[BlockRequest], None]) -> None:
        self._outstanding -= 1
        if not request.cancelled:
            done(request)

    def drain(self) -> bool:
        """See :meth:`engine.pdm.block.BlockQueue.drain`."""
        waited = bool(self._outstanding)
        while self._outstanding:
            self._tell(*self._done.get())
        return waited

    def close(self) -> None:
        """See :meth:`engine.pdm.block.BlockQueue.close`."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._todo.put(None)
            thread.join()

    # -- the medium's thread ---------------------------------------------------------------------

    def _run(self) -> None:
        while (waiting := self._todo.get()) is not None:
            request = waiting[0]
            if not request.cancelled:
                request.carry_out(self._medium)
            self._done.put(waiting)
            if not self._told and self._awaited is not request:
                self._told = True
                self._post(self._deliver)
