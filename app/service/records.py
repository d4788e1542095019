"""Records of VM processes on disk, so that the next service knows those of a killed one.

``sessions/<uuid>.json`` in the configuration directory exists while a VM process holds (or is about
to hold) the machine. A service that starts finds the record, sees whether exactly that process
lives, and either waits for it to attach again or marks the machine Aborted. Records are replaced in
one step but not synced: after a crash of the host the process is gone whatever the record says.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from pathlib import Path
from typing import Final

import msgspec

from app.api.structs import MachineState

_logger = logging.getLogger(__name__)

_NAME: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.json")


class SessionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What the next service must know of a VM process.

    Attributes:
        machine_id: UUID of the machine.
        pid: The process.
        start_time: See :class:`app.service.processes.ProcessIdentity`.
        attached: It took the lock (otherwise it was only started).
        state: State of the machine as last reported.
        captured: What it prints goes to the log folder of the machine.
        frontend: ``gui``...
        name: Name of the session.
    """

    machine_id: str
    pid: int
    start_time: str
    attached: bool
    captured: bool
    state: MachineState
    frontend: str
    name: str


class SessionRecords:
    """The directory of records."""

    def __init__(self, home: Path) -> None:
        self._directory = home / "sessions"
        self._lock = threading.Lock()

    def read_all(self) -> list[SessionRecord]:
        """All readable records; damaged ones are reported in the log and removed."""
        records = []
        if not self._directory.is_dir():
            return []
        for path in sorted(self._directory.iterdir()):
            if not _NAME.fullmatch(path.name):
                continue
            try:
                records.append(msgspec.json.decode(path.read_bytes(), type=SessionRecord))
            except (OSError, msgspec.DecodeError) as error:
                _logger.warning("The session record '%s' is damaged: %s", path, error)
                path.unlink(missing_ok=True)
        return records

    def write(self, record: SessionRecord) -> None:
        """Store ``record``.

        Raises:
            OSError: It cannot be written.
        """
        with self._lock:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            path = self._path(record.machine_id)
            temporary = path.with_suffix(".tmp")
            temporary.write_bytes(msgspec.json.encode(record))
            os.replace(temporary, path)

    def remove(self, machine_id: str) -> None:
        """Forget the record of a machine, if there is one."""
        with self._lock:
            self._path(machine_id).unlink(missing_ok=True)

    def _path(self, machine_id: str) -> Path:
        return self._directory / f"{machine_id}.json"
