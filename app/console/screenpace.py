"""How often it is worth to look at the guest's screen."""

from __future__ import annotations

from typing import Final

ACTIVE_SECONDS: Final = 1 / 60
PROBE_SECONDS: Final = 1 / 20
IDLE_SECONDS: Final = 1 / 10
_PROBE_AFTER: Final = 0.5
_IDLE_AFTER: Final = 5.0
_MAX_SHARE: Final = 0.25


class Pace:
    """Decides when to look next. Times are seconds of a monotonic clock.

    Args:
        max_share: part of one host processor's time that looking may take.
    """

    def __init__(self, max_share: float = _MAX_SHARE) -> None:
        self._max_share = max_share
        self._last_change = -_IDLE_AFTER
        self._streak = 0

    def delay(self, now: float, cost: float, *, changed: bool) -> float:
        """Return how long to wait after a look.

        Args:
            now: the time.
            cost: how long the look took.
            changed: whether it found something. One change alone is a blinking cursor; the
                second in a row is motion.
        """
        self._streak = self._streak + 1 if changed else 0
        if self._streak > 1:
            self._last_change = now
        quiet = now - self._last_change
        if quiet < _PROBE_AFTER:
            wanted = ACTIVE_SECONDS
        else:
            wanted = PROBE_SECONDS if quiet < _IDLE_AFTER else IDLE_SECONDS
        return max(wanted - cost, cost / self._max_share - cost, 0.0)

    def expect_change(self, now: float) -> None:
        """Something will change soon."""
        self._last_change = now
