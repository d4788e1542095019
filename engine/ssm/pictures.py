"""The pictures in a saved state, for other processes.

``python -m engine.ssm.pictures FILE UNIT`` prints one JSON object to a line, as
:mod:`engine.storage.tool` does: ``{"result": "<PNG in base64>"}`` (empty without such a unit) and
exit status 0, or ``{"error": {"code": ..., "message": ...}}`` and exit status 1.
"""

from __future__ import annotations

import base64
import sys
from typing import TYPE_CHECKING

import msgspec

from engine.errors import SavedStateError
from engine.ssm.file import StateReader

if TYPE_CHECKING:
    from collections.abc import Sequence

_MEMORY = "ram"  # pictures come before the memory, see engine.ssm.machine


def read_picture(path: str, unit: str) -> bytes:
    """Return a picture of a saved state; empty when it has none of that name.

    Raises:
        SavedStateError: it is no saved state, or a damaged one.
        OSError: the file cannot be read.
    """
    with StateReader(path) as reader:
        for found in reader.units():
            if found.name == unit:
                return found.data
            if found.name == _MEMORY:
                break
    return b""


def main(argv: Sequence[str]) -> int:
    """Print a picture; see the module."""
    answer: dict[str, object]
    try:
        path, unit = argv
        answer = {"result": base64.b64encode(read_picture(path, unit)).decode("ascii")}
    except SavedStateError as error:
        answer = {"error": {"code": "VERR_SSM", "message": str(error)}}
    except OSError as error:
        sentence = f"The saved state '{path}' cannot be read: {error.strerror}."
        answer = {"error": {"code": "VERR_OPEN_FAILED", "message": sentence}}
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    return 0 if "result" in answer else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
