"""What was begun and is not over, one file for each machine: read again by the next service."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import msgspec

from app.service.filecopy import sync_folder

_logger = logging.getLogger(__name__)


class Entry(Protocol):
    """What can be kept."""

    @property
    def machine_id(self) -> str:
        """UUID of the machine with which something was begun."""


T = TypeVar("T", bound=Entry)


class Journal(Generic[T]):
    """A directory of unfinished work. May be used from any thread.

    Args:
        directory: Where the entries are; made when it is needed.
        kind: Structure of an entry.
    """

    def __init__(self, directory: Path, kind: type[T]) -> None:
        self._directory = directory
        self._kind = kind
        self._lock = threading.Lock()

    def read(self, machine_id: str) -> T | None:
        """What is unfinished with a machine; a damaged entry is reported and kept aside."""
        path = self._path(machine_id)
        try:
            return msgspec.json.decode(path.read_bytes(), type=self._kind)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            _logger.error("The journal '%s' is damaged and put aside: %s", path, error)
            with contextlib.suppress(OSError):  # It is met again, and nothing worse.
                os.replace(path, path.with_suffix(".damaged"))
            return None

    def machines(self) -> list[str]:
        """UUIDs of the machines with which something is unfinished."""
        if not self._directory.is_dir():
            return []
        return sorted(path.stem for path in self._directory.glob("*.json"))

    def write(self, entry: T) -> None:
        """Remember something; it survives a crash of the host when this returns.

        Raises:
            OSError: It cannot be written; then nothing may be begun.
        """
        with self._lock:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            path = self._path(entry.machine_id)
            temporary = path.with_suffix(".tmp")
            with temporary.open("wb") as file:
                file.write(msgspec.json.encode(entry))
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
            sync_folder(self._directory)

    def remove(self, machine_id: str) -> None:
        """It is finished."""
        with self._lock:
            self._path(machine_id).unlink(missing_ok=True)

    def _path(self, machine_id: str) -> Path:
        return self._directory / f"{machine_id}.json"
