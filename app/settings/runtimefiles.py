"""Names of files that machines make for themselves."""

from __future__ import annotations

import time
from typing import Final

SAVED_STATE_SUFFIX: Final = ".sav"


def state_file_name() -> str:
    """Return a new name for a saved state: the time in UTC with nanoseconds, as VirtualBox does."""
    now = time.time_ns()
    seconds, nanoseconds = divmod(now, 1_000_000_000)
    moment = time.strftime("%Y-%m-%dT%H-%M-%S", time.gmtime(seconds))
    return f"{moment}-{nanoseconds:09d}Z{SAVED_STATE_SUFFIX}"
