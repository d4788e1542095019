"""What was begun with images and is not over: read again by the next service.

``snapshots/<uuid>.json`` in the configuration directory exists while images of a machine are being
made, merged or deleted for a snapshot. It is flushed before the first image is touched.
"""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

import msgspec

from app.service.snapshots.tree import MergeStep
from app.settings.storage import HardDisk

_logger = logging.getLogger(__name__)


class Unfinished(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was begun.

    Attributes:
        machine_id: UUID of the machine.
        deleting: UUID of the snapshot that is being deleted; empty: none is.
        step: The merge that is going on for that.
        committing: It was copied, and headers of images may have been changed.
        taking: UUID of the snapshot that is being taken of a running machine; empty: none is.
        images: Its new images: they hold what the machine has written since then, though the
            settings may not know them.
        files: Absolute paths of files to delete, unless the settings need them.
    """

    machine_id: str
    deleting: str = ""
    step: MergeStep | None = None
    committing: bool = False
    taking: str = ""
    images: list[HardDisk] = []
    files: list[str] = []


class Journal:
    """The directory of unfinished work. May be used from any thread."""

    def __init__(self, home: Path) -> None:
        self._directory = home / "snapshots"
        self._lock = threading.Lock()

    def read(self, machine_id: str) -> Unfinished | None:
        """What is unfinished with a machine; a damaged entry is reported and kept aside."""
        path = self._path(machine_id)
        try:
            return msgspec.json.decode(path.read_bytes(), type=Unfinished)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            _logger.error("The journal '%s' is damaged and put aside: %s", path, error)
            os.replace(path, path.with_suffix(".damaged"))
            return None

    def machines(self) -> list[str]:
        """UUIDs of the machines with which something is unfinished."""
        if not self._directory.is_dir():
            return []
        return sorted(path.stem for path in self._directory.glob("*.json"))

    def write(self, unfinished: Unfinished) -> None:
        """Remember something; it survives a crash of the host when this returns.

        Raises:
            OSError: It cannot be written; then nothing may be begun.
        """
        with self._lock:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            path = self._path(unfinished.machine_id)
            temporary = path.with_suffix(".tmp")
            with temporary.open("wb") as file:
                file.write(msgspec.json.encode(unfinished))
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)

    def remove(self, machine_id: str) -> None:
        """It is finished."""
        with self._lock:
            self._path(machine_id).unlink(missing_ok=True)

    def _path(self, machine_id: str) -> Path:
        return self._directory / f"{machine_id}.json"
