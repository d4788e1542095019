"""What image files are, looked up when somebody asks and remembered until they change."""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Sequence
from typing import Final

import msgspec

from app.api.structs import DeviceType, MediumInfo
from app.service.imagework import run_image_tool

_BATCH: Final = 200
"""Images that one worker process looks at."""

TOOL_TYPES: Final = {
    DeviceType.HARD_DISK: "hdd",
    DeviceType.DVD: "dvd",
    DeviceType.FLOPPY: "floppy",
}

Stamp = tuple[tuple[int, int, int], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """What to look at.

    Attributes:
        device_type: Kind of drive that the image is for.
        paths: The images that it builds on, the base first, and itself.
        formats: Names of their formats in the settings.
    """

    device_type: DeviceType
    paths: tuple[str, ...]
    formats: tuple[str, ...]


class _Answer(msgspec.Struct):
    info: MediumInfo | None = None
    error: str = ""


class MediumFacts:
    """Looks at images. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Subject, tuple[Stamp, MediumInfo | str]] = {}

    def look(self, subjects: Sequence[Subject]) -> list[MediumInfo | str]:
        """For each image what it is, or the sentence why it cannot be used."""
        result: dict[Subject, MediumInfo | str] = {}
        stamps: dict[Subject, Stamp] = {}
        for subject in dict.fromkeys(subjects):
            stamp = _stamp(subject)
            if isinstance(stamp, str):
                result[subject] = stamp
                continue
            with self._lock:
                known = self._known.get(subject)
            if known is not None and known[0] == stamp:
                result[subject] = known[1]
            else:
                stamps[subject] = stamp
        unknown = list(stamps)
        for first in range(0, len(unknown), _BATCH):
            batch = unknown[first : first + _BATCH]
            for subject, answer in zip(batch, _ask(batch), strict=True):
                fact = answer.info if answer.info is not None else answer.error
                result[subject] = fact
                with self._lock:
                    self._known[subject] = stamps[subject], fact
        return [result[subject] for subject in subjects]

    def remember(self, subject: Subject, info: MediumInfo) -> None:
        """Take over what a worker that has just made or looked at the image said of it."""
        stamp = _stamp(subject)
        if not isinstance(stamp, str):
            with self._lock:
                self._known[subject] = stamp, info


def _ask(subjects: Sequence[Subject]) -> list[_Answer]:
    questions = [
        {
            "type": TOOL_TYPES[subject.device_type],
            "paths": subject.paths,
            # A guest can write the mark of another format into its raw disk.
            "formats": ["RAW" if each.upper() == "RAW" else None for each in subject.formats],
        }
        for subject in subjects
    ]
    return run_image_tool(["examine"], list[_Answer], question=msgspec.json.encode(questions))


def _stamp(subject: Subject) -> Stamp | str:
    """What tells that the files are still those that were looked at, or why there are none."""
    found = []
    for path in subject.paths:
        try:
            status = os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return f"Could not find file for the medium '{path}' (VERR_FILE_NOT_FOUND)"
        except (OSError, ValueError) as error:
            return f"The medium '{path}' cannot be looked at: {error}"
        found.append((status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(found)
