"""Decoders for threads: msgspec describes a type once, and only one thread may be at it.

msgspec 0.22.0 describes a structure when something first needs it, and runs Python code to resolve
its annotations. Another thread that comes meanwhile gets the unfinished description and crashes
the process. A type whose description is complete may be used by any number of threads.
"""

from __future__ import annotations

import threading
from typing import Final, TypeVar

import msgspec

_T = TypeVar("_T")

# An annotation may import a module, which may need a decoder of its own.
_describing: Final = threading.RLock()
_described: Final[set[object]] = set()


def decoder_of(kind: type[_T]) -> msgspec.msgpack.Decoder[_T]:
    """Return a new decoder of a type. Any thread."""
    with _describing:
        return msgspec.msgpack.Decoder(kind)


def describe(kind: type[object]) -> None:
    """Have msgspec describe a type, before ``msgspec.convert`` and the like use it. Any thread."""
    with _describing:
        if kind not in _described:
            msgspec.msgpack.Decoder(kind)
            _described.add(kind)
