"""Advisory locks on image files, so that no two writers share one.

POSIX: ``flock``, which belongs to the open file, so that a second opening by the same process
conflicts too and the kernel frees it when the process dies. Windows: one byte far behind the data;
only the writer takes it, because ``msvcrt`` knows no shared locks.
"""

from __future__ import annotations

import enum
import errno
import logging
import os
import sys
import time

log = logging.getLogger("storage")

LOCK_WAIT_SECONDS = 0.25
"""How long to retry: another program may only be looking at the image (``medium info``)."""

_LOCK_POLL_SECONDS = 0.02
_HELD_BY_OTHER = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}


class LockMode(enum.Enum):
    """Who may have the file open at the same time."""

    NONE = "none"
    SHARED = "shared"
    EXCLUSIVE = "exclusive"


if sys.platform == "win32":
    import msvcrt

    _LOCK_OFFSET = 0x7FFF_FFFF_0000_0000

    def _try_lock(fd: int, mode: LockMode) -> None:
        if mode is LockMode.EXCLUSIVE:
            os.lseek(fd, _LOCK_OFFSET, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(fd: int, mode: LockMode) -> None:
        operation = fcntl.LOCK_EX if mode is LockMode.EXCLUSIVE else fcntl.LOCK_SH
        fcntl.flock(fd, operation | fcntl.LOCK_NB)


def lock_file(fd: int, mode: LockMode, path: os.PathLike[str]) -> bool:
    """Lock an open file until it is closed.

    Returns:
        False when somebody else holds a lock that excludes this one.

    A file system without locks (some network shares) is used unlocked, with a warning in the log.
    """
    if mode is LockMode.NONE:
        return True
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            _try_lock(fd, mode)
        except OSError as error:
            if error.errno not in _HELD_BY_OTHER:
                log.warning("'%s' cannot be locked on this file system: %s", path, error)
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(_LOCK_POLL_SECONDS)
        else:
            return True
