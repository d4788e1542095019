"""Slows down who guesses passwords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FREE_FAILURES: Final = 5
FIRST_PAUSE_SECONDS: Final = 10.0
LONGEST_PAUSE_SECONDS: Final = 600.0
FAILURE_DELAY_SECONDS: Final = 1.0
"""A wrong password is told as late."""
_MAX_ADDRESSES: Final = 1024


@dataclass
class _Record:
    failures: int = 0
    refused_until: float = 0.0


class FailureLimit:
    """Counts wrong passwords by address: from the fifth on the address has to wait.

    Times are seconds of a monotonic clock.
    """

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}

    def refuses(self, address: str, now: float) -> bool:
        """Tell whether a client at this address may not try now."""
        record = self._records.get(address)
        return record is not None and now < record.refused_until

    def failed(self, address: str, now: float) -> None:
        """Count a wrong password; each after the fifth doubles the pause."""
        record = self._records.pop(address, None) or _Record()
        record.failures += 1
        over = record.failures - FREE_FAILURES
        if over >= 0:
            pause = FIRST_PAUSE_SECONDS * 2 ** min(over, 10)
            record.refused_until = now + min(pause, LONGEST_PAUSE_SECONDS)
        self._records[address] = record
        if len(self._records) > _MAX_ADDRESSES:
            # The one that failed least recently.
            del self._records[next(iter(self._records))]

    def succeeded(self, address: str) -> None:
        """Forget an address: it knows a password."""
        self._records.pop(address, None)
