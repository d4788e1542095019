"""TM: virtual time and timers.

Virtual time is nanoseconds of guest life: it starts at 0 when the VM is powered on, follows the
host's monotonic clock while the VM runs and stands still while it is paused. Devices compute
counters from it when they are read; a timer is one-shot, and its callback re-arms it.
"""

from __future__ import annotations

import heapq
import itertools
import time
from typing import TYPE_CHECKING

from engine.errors import InvalidStateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NANOSECONDS = 1_000_000_000
FIRST_SWEEP = 64  # entries in the queue before it is searched for stale ones


class Timer:
    """A one-shot timer in virtual time.

    Attributes:
        name: for the debugger and statistics.
        deadline: virtual time in ns at which it fires, or None while it is not armed.
    """

    __slots__ = ("_manager", "callback", "deadline", "entry", "name")

    def __init__(self, manager: TimeManager, name: str, callback: Callable[[], None]) -> None:
        self._manager = manager
        self.name = name
        self.callback = callback
        self.deadline: int | None = None
        self.entry = 0  # number of its entry in the queue; earlier ones are stale

    def arm(self, deadline: int) -> None:
        """Fire at virtual time ``deadline`` (ns); replaces an earlier deadline."""
        self.deadline = deadline
        self._manager.schedule(self)

    def arm_in(self, delay: int) -> None:
        """Fire ``delay`` ns from now."""
        self.arm(self._manager.now() + delay)

    def cancel(self) -> None:
        """Do not fire."""
        self.deadline = None
        self.entry = 0


class TimeManager:
    """The virtual clock and the queue of armed timers. EMT only, except :meth:`now`.

    Args:
        source: monotonic host clock in ns; tests pass their own.
        utc: host wall clock in ns since 1970.

    Attributes:
        timers: every timer of the machine, for the debugger.
    """

    def __init__(
        self,
        source: Callable[[], int] = time.perf_counter_ns,
        utc: Callable[[], int] = time.time_ns,
    ) -> None:
        self._source = source
        self._utc = utc
        self._stopped_at: int | None = 0
        self._origin = 0
        self._queue: list[tuple[int, int, Timer]] = []
        self._order = itertools.count(1)
        self._sweep_at = FIRST_SWEEP
        self.timers: list[Timer] = []
        # Called with the new earliest deadline when it moves forward: wakes the ticker.
        self.on_earlier_deadline: Callable[[int], None] | None = None

    def now(self) -> int:
        """Return virtual time in ns. Any thread may ask."""
        stopped = self._stopped_at
        return self._source() - self._origin if stopped is None else stopped

    def statistics(self) -> Iterator[tuple[str, int, str]]:
        """Yield the row for STAM. Any thread may ask."""
        yield "/TM/VirtualTime", self.now(), "ns"

    def utc_now(self) -> int:
        """Return the guest's wall clock: ns since 1970-01-01T00:00:00Z.

        It is the host's clock; a pause does not hold it, as on a real PC whose clock has a
        battery.
        """
        return self._utc()

    @property
    def running(self) -> bool:
        """Whether virtual time advances."""
        return self._stopped_at is None

    def resume(self) -> None:
        """Let virtual time advance from where it stands."""
        if self._stopped_at is not None:
            self._origin = self._source() - self._stopped_at
            self._stopped_at = None

    def pause(self) -> None:
        """Hold virtual time."""
        if self._stopped_at is None:
            self._stopped_at = self.now()

    def set(self, now: int) -> None:
        """Go to a virtual time (ns) while the clock stands still: that of a saved state.

        Raises:
            InvalidStateError: the clock runs.
        """
        if self._stopped_at is None:
            raise InvalidStateError("Virtual time can be set only while it stands still.")
        self._stopped_at = now

    def create_timer(self, name: str, callback: Callable[[], None]) -> Timer:
        """Return a new timer that is not armed; ``callback`` runs on the EMT."""
        timer = Timer(self, name, callback)
        self.timers.append(timer)
        return timer

    def schedule(self, timer: Timer) -> None:
        """Queue an armed timer (used by :class:`Timer`)."""
        deadline = timer.deadline
        if deadline is None:
            return
        queue = self._queue
        timer.entry = next(self._order)
        if len(queue) >= self._sweep_at:
            self._sweep()
        heapq.heappush(queue, (deadline, timer.entry, timer))
        if queue[0][2] is timer and self.on_earlier_deadline:
            self.on_earlier_deadline(deadline)

    def _sweep(self) -> None:
        """Drop stale entries: timers that are armed anew much more often than they fire."""
        queue = self._queue
        queue[:] = [item for item in queue if item[2].entry == item[1]]
        heapq.heapify(queue)
        self._sweep_at = max(FIRST_SWEEP, 2 * len(queue))

    def next_deadline(self) -> int | None:
        """Return the earliest deadline in ns of virtual time, or None."""
        queue = self._queue
        while queue:
            deadline, entry, timer = queue[0]
            if timer.entry == entry:
                return deadline
            heapq.heappop(queue)  # cancelled, or armed anew
        return None

    def run_due(self) -> bool:
        """Fire every timer whose deadline has passed; tell whether one fired.

        A callback that re-arms its timer in the past fires once more at the next call, so that a
        device which lags behind cannot keep the EMT here for ever. A callback may cancel or move
        a timer that is due too.
        """
        now = self.now()
        queue = self._queue
        due: list[tuple[int, Timer]] = []
        while queue and queue[0][0] <= now:
            _, entry, timer = heapq.heappop(queue)
            due.append((entry, timer))
        fired = False
        for entry, timer in due:
            if timer.entry == entry:
                timer.cancel()
                timer.callback()
                fired = True
        return fired
