"""Ends the CPU's run when the next timer is due.

One thread sleeps until the deadline that the EMT has set before its run, and kicks the execution
engine. A kick that falls between two runs may be lost, so it is repeated until the EMT answers.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NEVER = 1 << 62
REPEAT_KICK = 500_000  # ns


class Ticker:
    """Kicks at a deadline in virtual time.

    Args:
        kick: makes the execution engine come back; called on the ticker's thread.
        now: virtual time in ns.
    """

    def __init__(self, kick: Callable[[], None], now: Callable[[], int]) -> None:
        self._kick = kick
        self._now = now
        self._deadline = NEVER
        self._sleeping_until = NEVER
        self._changed = threading.Condition()
        self._quit = False
        self._thread = threading.Thread(target=self._run, name="EMT ticker", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, if it has been started."""
        with self._changed:
            self._quit = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def arm(self, deadline: int | None) -> None:
        """Kick at ``deadline`` (ns of virtual time), or not at all with None.

        Any thread may ask for 0, which is now; the EMT looks for requests after it has armed.
        """
        self._deadline = NEVER if deadline is None else deadline
        # Waking the thread costs more than a guest timer; it looks up a later deadline itself.
        if self._deadline < self._sleeping_until:
            with self._changed:
                self._changed.notify()

    def disarm(self) -> None:
        """Do not kick: the CPU does not run."""
        self._deadline = NEVER

    def _run(self) -> None:
        changed = self._changed
        with changed:
            while not self._quit:
                deadline = self._deadline
                if deadline == NEVER:
                    self._sleeping_until = NEVER
                    # The deadline may have come between the two lines above.
                    if self._deadline == NEVER:
                        changed.wait()
                    continue
                delay = deadline - self._now()
                if delay <= 0:
                    self._kick()
                    delay = REPEAT_KICK
                self._sleeping_until = self._now() + delay
                if self._deadline >= deadline:
                    changed.wait(delay / 1e9)
