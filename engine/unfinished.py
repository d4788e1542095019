"""Files that are being made: under a name that tells whose they are until they are complete.

A process that is killed cannot remove its own. Whoever makes the next file in that folder does:
the name tells the host and the process, so that nobody's work is taken away, on a share neither.
"""

from __future__ import annotations

import logging
import os
import platform
import re
import secrets
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

log = logging.getLogger("unfinished")

_NAME = re.compile(r"\.vitrine-([0-9a-f]{8})-([0-9]+)-[0-9a-f]{8}\.tmp")


def _host() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"


def unfinished_path(path: Path) -> Path:
    """Return a name for a file that will be renamed to ``path``; sweeps the folder before."""
    remove_leftovers(path.parent)
    return path.with_name(f".vitrine-{_host()}-{os.getpid()}-{secrets.token_hex(4)}.tmp")


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write, which is at ``path`` and on the disk when the block has ended well.

    Raises:
        OSError: it cannot be written; what was at ``path`` is still there.
    """
    temporary = unfinished_path(path)
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename == str(temporary):
            # People know the name that they have given.
            error.filename = str(path)
        raise


def remove_leftovers(folder: Path) -> None:
    """Remove what killed processes of this host have left unfinished in a folder."""
    # A folder that cannot be read or written will be told by the work itself.
    with suppress(OSError):
        for name in os.listdir(folder):
            found = _NAME.fullmatch(name)
            if found and found[1] == _host() and not _lives(int(found[2])):
                os.unlink(folder / name)
                log.info("'%s' was left by a process that was ended, and is removed", folder / name)


def _lives(process: int) -> bool:
    if sys.platform == "win32":
        # Signal 0 would end it there; an open file cannot be removed there in any case.
        return process == os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
