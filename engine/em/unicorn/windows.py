"""Where a waiting interrupt can be taken: windows that no stop from outside would hit.

Stops come at any block, and the library tells nothing of STI, POPF and IRET. A guest that opens its
window for an instruction only, or that comes out of one handler while the next interrupt waits
already, would be found with IF clear again and again; and at the rare hit the interrupt of the
highest priority would win each time. A block that has to be translated anew is noticed, though
(UC_HOOK_EDGE_GENERATED). So the translations of a few places where IF is set are dropped: where the
last handler returns to, and, when that was not enough, where windows were found before.

Those others are places that kernels run through all the time, and most waits end by themselves: a
driver has closed the window for some microseconds. How long one has lasted is measured in processor
time, because a guest that the host does not run cannot open its window.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.em.unicorn.code import CodeMap

REMEMBERED: Final = 4
"""Windows that are remembered: loops of firmware and kernels that wait have one or two."""
BRIEFLY: Final = 200_000
"""Processor time (ns) after which a wait is none of those that end by themselves."""


class InterruptWindows:
    """Looks for the next window of one CPU. EMT only.

    Args:
        code: calls us after translations.
        drop: drops the translations that hold a byte of physical memory.
        drop_all: drops all translations.
        is_open: tells whether the CPU can take an interrupt.
        stop: ends the run before the next block.
        clock: processor time of the thread in ns.
    """

    def __init__(
        self,
        code: CodeMap,
        *,
        drop: Callable[[int], None],
        drop_all: Callable[[], None],
        is_open: Callable[[], bool],
        stop: Callable[[], None],
        clock: Callable[[], int] = time.thread_time_ns,
    ) -> None:
        self._code = code
        self._drop = drop
        self._drop_all = drop_all
        self._is_open = is_open
        self._stop = stop
        self._clock = clock
        self._waits_since: int | None = None
        self._found = False
        self._last: int | None = None
        self._known: deque[int] = deque(maxlen=REMEMBERED)

    def delivering(self, place: int | None) -> None:
        """An interrupt is about to be delivered.

        Args:
            place: physical address of the instruction that it interrupts, where IF is set.
        """
        self._code.watch = None
        self._waits_since = None
        if self._found and place is not None and place not in self._known:
            self._known.append(place)
        self._found = False
        self._last = place

    def expect(self) -> None:
        """An interrupt waits with IF clear: do not miss where the handler returns to.

        When it goes on waiting, miss none of the windows that are known.
        """
        now = self._clock()
        if self._waits_since is None:
            self._waits_since = now
            places = {self._last}
        elif now - self._waits_since < BRIEFLY:
            return
        else:
            places = {*self._known, self._last}
        for place in places:
            if place is not None:
                self._drop(place)
        self._code.watch = self._look

    def search(self) -> None:
        """Miss no window at all: everything is translated anew, which costs milliseconds."""
        self._drop_all()
        self._code.watch = self._look

    def forget(self) -> None:
        """The guest has begun another life."""
        self._code.watch = None
        self._waits_since = None
        self._found = False
        self._last = None
        self._known.clear()

    def _look(self) -> None:
        if self._is_open():
            self._code.watch = None
            self._found = True
            self._stop()
