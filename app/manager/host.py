"""What the manager asks the host about: memory, and paths that a person typed.

The path questions may block (network folders) and therefore run in the background.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from app.common.background import run_in_background

_FALLBACK_MEMORY_MB = 4096


def memory_mb() -> int:
    """Return the host's RAM in MB; 4096 where the system does not tell."""
    if sys.platform == "win32":
        return _windows_memory_mb()
    try:
        return (os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")) >> 20
    except (ValueError, OSError, AttributeError):
        return _FALLBACK_MEMORY_MB


def _windows_memory_mb() -> int:
    import ctypes

    kilobytes = ctypes.c_ulonglong()
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - exists on Windows only
    if kernel.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes)):
        return kilobytes.value >> 10
    return _FALLBACK_MEMORY_MB


@dataclass(frozen=True)
class PathFacts:
    """What a path is.

    Attributes:
        path: the path that was asked about.
        exists: there is something of that name (a dangling link counts).
        is_folder: it is a folder.
        is_file: it is a regular file.
        readable: the current user may read it.
        creatable: it exists as a writable folder, or could be made below the nearest parent.
    """

    path: str
    exists: bool
    is_folder: bool
    is_file: bool
    readable: bool
    creatable: bool


def path_facts(path: str) -> PathFacts:
    """Look at PATH; may block."""
    place = Path(path)
    nearest = place
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    return PathFacts(
        path=path,
        exists=os.path.lexists(path),
        is_folder=place.is_dir(),
        is_file=place.is_file(),
        readable=os.access(path, os.R_OK),
        creatable=nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK),
    )


def look_at_path(owner: QObject, path: str, done: Callable[[PathFacts], None]) -> None:
    """Hand what PATH is to DONE on the UI thread, unless OWNER is gone by then.

    A path that the system cannot even look at counts as absent.
    """

    def failed(_error: Exception) -> None:
        done(PathFacts(path, False, False, False, False, False))

    run_in_background(owner, lambda: path_facts(path), done, failed)
