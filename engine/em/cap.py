"""The execution cap: how much of a host processor a virtual CPU may use.

As VirtualBox's EM does it, time is cut into slices of 100 ms. A virtual CPU whose thread has used
its share of the slice in processor time gives up the rest; virtual time goes on meanwhile, so that
timers and clocks of the guest stay right and only its work takes longer.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from engine.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

SLICE: Final = 100_000_000
"""Length of a slice in ns of the host's time."""
UNLIMITED: Final = 100


class ExecutionCap:
    """The share of one thread. Used on that thread, except :meth:`change`.

    Args:
        percent: 1 to 100; 100 does not limit.
        used: processor time of the calling thread in ns. clock: the host's time in ns.

    Raises:
        ConfigurationError: there is no such share.
    """

    def __init__(
        self,
        percent: int = UNLIMITED,
        *,
        used: Callable[[], int] = time.thread_time_ns,
        clock: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        self._used = used
        self._clock = clock
        self._slice_begun: int | None = None
        self._used_before = 0
        self.change(percent)

    def change(self, percent: int) -> None:
        """Take another share, from the next look on. Any thread."""
        if not 1 <= percent <= UNLIMITED:
            raise ConfigurationError(f"An execution cap is 1 to 100 per cent, not {percent}.")
        self._percent = percent

    @property
    def percent(self) -> int:
        """The share, 1 to 100."""
        return self._percent

    def budget(self) -> int | None:
        """Return how long the CPU may run now: ns, 0 when it must not, None without a limit."""
        percent = self._percent
        if percent == UNLIMITED:
            self._slice_begun = None
            return None
        now = self._clock()
        if self._slice_begun is None or now - self._slice_begun >= SLICE:
            self._slice_begun = now
            self._used_before = self._used()
        return max(0, SLICE * percent // 100 - (self._used() - self._used_before))

    def rest(self) -> int:
        """Return how long the slice still is in ns, for who has no budget left."""
        begun = self._slice_begun
        return 0 if begun is None else max(0, SLICE - (self._clock() - begun))
