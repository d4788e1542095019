"""Scatter-gather lists: where the data of a message lie.

Reference: MPI 1.2, "Scatter Gather Lists". A list begins in the frame of its message and may go on
in chained segments.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.pdm import Piece

# Flags, in bits 31:24 of an element.
_LAST, _TYPE, _WIDE, _END_OF_LIST = 0x80, 0x30, 0x02, 0x01
_SIMPLE, _CHAIN = 0x10, 0x30
_MOST_ELEMENTS: Final = 1024


class GatherError(Exception):
    """A list that makes no sense."""


def pieces(frame: bytes, start: int, chain: int, read: Callable[[int, int], bytes]) -> list[Piece]:
    """Return the parts of memory that the list in a frame names.

    Args:
        frame: the message.
        start: where its list begins, in bytes.
        chain: where its chain element is, in bytes; 0: it has none.
        read: fetches from the guest's memory.

    Raises:
        GatherError: the list is too long, or has elements that there are not.
    """
    found: list[Piece] = []
    segment, place = frame, start
    for _ in range(_MOST_ELEMENTS):
        try:
            (word,) = struct.unpack_from("<I", segment, place)
            flags = word >> 24
            layout = "<Q" if flags & _WIDE else "<I"
            (address,) = struct.unpack_from(layout, segment, place + 4)
        except struct.error as error:
            raise GatherError("a list that goes past its segment") from error
        if flags & _TYPE == _CHAIN:
            segment, place = read(address, word & 0xFFFF), 0
            chain = (word >> 16 & 0xFF) * 4
        elif flags & _TYPE == _SIMPLE:
            if word & 0xFF_FFFF:
                found.append((address, word & 0xFF_FFFF))
            place += 4 + struct.calcsize(layout)
            if flags & _END_OF_LIST or (flags & _LAST and not chain):
                return found
            if flags & _LAST:
                place = chain
        else:
            raise GatherError(f"an element with flags {flags:#04x}")
    raise GatherError(f"more than {_MOST_ELEMENTS} elements")
