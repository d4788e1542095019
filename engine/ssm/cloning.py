"""Saved states of clones: the same state, of a machine with another identity.

``python -m engine.ssm.cloning SOURCE TARGET NAME [OLD=NEW...]`` prints one JSON object to a line,
as :mod:`engine.storage.tool` does: ``{"result": true}`` (false: the file is no saved state that is
understood, and was copied as it is) and exit status 0, or ``{"error": ...}`` and exit status 1.

Only the header changes: it tells which machine goes on from the state. The guest itself has read
identities of hardware when it started, and sees the new ones after its next start.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

import msgspec

from engine.errors import SavedStateError
from engine.ssm.file import DeviceRecord, Header, StateReader, copy_file, copy_with_header

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType


def with_identities(header: Header, name: str, identities: Mapping[str, str]) -> Header:
    """Return the header that a clone needs.

    Args:
        header: of the source.
        name: of the clone.
        identities: UUIDs of the machine and of media, and hardware addresses, of the source with
            those of the clone; upper and lower case are the same.
    """
    known = {old.casefold(): new for old, new in identities.items()}

    def changed(value: object) -> object:
        return known.get(value.casefold(), value) if isinstance(value, str) else value

    return msgspec.structs.replace(
        header,
        machine=name,
        devices={
            instance: DeviceRecord(
                version=record.version,
                config={key: changed(value) for key, value in record.config.items()},
            )
            for instance, record in header.devices.items()
        },
        media={
            place: msgspec.structs.replace(
                record, identity=known.get(record.identity.casefold(), record.identity)
            )
            for place, record in header.media.items()
        },
    )


def copy_for_clone(source: str, target: str, name: str, identities: Mapping[str, str]) -> bool:
    """Copy a saved state for a clone; see :func:`with_identities`.

    Returns:
        False when the source is no saved state that is understood; it is copied as it is then, and
        tells so itself when the clone is started.

    Raises:
        OSError: a file cannot be read or written; there is no target then.
    """
    try:
        with StateReader(source) as reader:
            header = with_identities(reader.header, name, identities)
    except SavedStateError:
        copy_file(source, target)
        return False
    copy_with_header(source, target, header)
    return True


def _cancel(_number: int, _frame: FrameType | None) -> NoReturn:
    raise InterruptedError("cancelled")


def main(argv: Sequence[str]) -> int:
    """Copy a saved state; see the module."""
    signal.signal(signal.SIGTERM, _cancel)
    source, target, name, *pairs = argv
    identities = dict(pair.split("=", 1) for pair in pairs)
    answer: dict[str, object]
    try:
        answer = {"result": copy_for_clone(source, target, name, identities)}
    except OSError as error:
        why = error.strerror or error
        sentence = f"The saved state '{source}' cannot be copied to '{target}': {why}."
        answer = {"error": {"code": "VERR_WRITE_ERROR", "message": sentence}}
    os.write(sys.stdout.fileno(), msgspec.json.encode(answer) + b"\n")
    return 0 if "result" in answer else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
