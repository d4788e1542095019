"""What clients list of each machine, kept from one service to the next.

Reading and checking all settings files is what makes the start of a service slow for people with
many machines. Each summary is kept together with the signature of the file that it was made from,
and holds only while the file has that signature. The cache is never needed: one that is damaged,
missing, or written by another version is ignored and made anew.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from app.api.structs import MachineInfo
from app.settings.files import Signature

_logger = logging.getLogger(__name__)

CACHE_NAME: Final = "vitrine-svc.cache"

_FORMAT: Final = 1
"""Raised when summaries are made in another way from the same settings."""


class Summary(msgspec.Struct, frozen=True):
    """What is known of a machine that nobody holds.

    Attributes:
        signature: Of the settings file from which it was made.
        info: What clients list.
    """

    signature: Signature
    info: MachineInfo


class _Content(msgspec.Struct):
    format: int
    fields: tuple[str, ...]
    summaries: dict[str, Summary]


class SummaryCache:
    """The file of summaries, by the path of the settings file."""

    def __init__(self, home: Path) -> None:
        self._path = home / CACHE_NAME
        self._stored: dict[str, Summary] = {}

    def load(self) -> None:
        """Read the file, if it can be used."""
        try:
            content = msgspec.msgpack.decode(self._path.read_bytes(), type=_Content)
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            _logger.warning("'%s' is of no use and will be made anew: %s", self._path, error)
            return
        if (content.format, content.fields) == (_FORMAT, MachineInfo.__struct_fields__):
            self._stored = content.summaries

    def find(self, path: str, signature: Signature | None) -> MachineInfo | None:
        """Summary of the file at ``path``, if it was made from one with this signature."""
        summary = self._stored.get(path)
        if summary is None or signature is None or summary.signature != signature:
            return None
        return summary.info

    def save(self, summaries: Iterable[Summary]) -> None:
        """Replace the file when it would change; a failure is only logged."""
        wanted = {summary.info.settings_path: summary for summary in summaries}
        if wanted != self._stored and self._write(wanted):
            self._stored = wanted

    def _write(self, summaries: Mapping[str, Summary]) -> bool:
        content = _Content(_FORMAT, MachineInfo.__struct_fields__, dict(summaries))
        try:
            fd, name = tempfile.mkstemp(prefix=f".{CACHE_NAME}-", dir=self._path.parent)
        except OSError as error:
            _logger.warning("'%s' cannot be written: %s", self._path, error)
            return False
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(msgspec.msgpack.encode(content))
            Path(name).replace(self._path)
        except OSError as error:
            _logger.warning("'%s' cannot be written: %s", self._path, error)
            Path(name).unlink(missing_ok=True)
            return False
        return True
