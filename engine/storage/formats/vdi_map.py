"""The block map of a VDI image: where in the data area each block of the disk is stored."""

from __future__ import annotations

import sys
from array import array
from pathlib import Path
from typing import Final

import numpy as np

from engine.storage.errors import MediumFormatError
from engine.storage.formats.vdi_header import BLOCK_FREE, BLOCK_ZERO, MAP_ENTRY_SIZE, VdiHeader

ENTRY_TYPECODE: Final = "I" if array("I").itemsize == MAP_ENTRY_SIZE else "L"


def empty_map(count: int) -> array[int]:
    """Return a map of ``count`` blocks none of which is stored."""
    return array(ENTRY_TYPECODE, b"\xff" * (MAP_ENTRY_SIZE * count))


def pack_map(entries: array[int]) -> bytes:
    """Encode a map as it stands in the file."""
    if sys.byteorder == "little":
        return entries.tobytes()
    swapped = array(ENTRY_TYPECODE, entries)
    swapped.byteswap()
    return swapped.tobytes()


class BlockMap:
    """The entries of an image, and the places in its data area that are still to be had.

    Attributes:
        entries: for each block of the disk its index in the data area, BLOCK_FREE or BLOCK_ZERO.
        holes: indices below ``end`` that no entry uses, the lowest last.
        end: the first index behind all that are in use.
    """

    def __init__(self, data: bytes) -> None:
        self.entries: array[int] = array(ENTRY_TYPECODE, data)
        if sys.byteorder == "big":
            self.entries.byteswap()
        self.holes: array[int] = array(ENTRY_TYPECODE)
        self.end = 0

    @classmethod
    def parse(cls, data: bytes, header: VdiHeader, file_size: int, path: Path) -> BlockMap:
        """Read a map and refuse one that would mix up data.

        Args:
            data: the stored map.
            header: of the same image.
            file_size: length of the file in bytes, not older than ``data``.
            path: for the sentences.

        Raises:
            MediumFormatError: an entry is out of range, used twice, or lies past the end of the
                file.
        """
        result = cls(data)
        stored = np.frombuffer(result.entries, dtype=np.uint32)
        used = stored[stored < BLOCK_ZERO]
        if not used.size:
            return result
        highest = int(used.max())
        last = int(np.flatnonzero(stored == highest)[0])
        if highest >= header.block_count:
            raise MediumFormatError(
                f"The VDI image '{path}' is damaged: its block map places block {last} at "
                f"position {highest} of {header.block_count}.",
            )
        result.end = highest + 1
        in_use = np.zeros(result.end, dtype=np.bool_)
        in_use[used] = True
        if int(np.count_nonzero(in_use)) != used.size:
            twice = int(np.bincount(used).argmax())
            first, second = np.flatnonzero(stored == twice)[:2]
            raise MediumFormatError(
                f"The VDI image '{path}' is damaged: its block map places both block {first} and "
                f"block {second} at position {twice}.",
            )
        result._check_end(last, header, file_size, path)
        holes = np.flatnonzero(~in_use)[::-1].astype(np.uint32)
        result.holes = array(ENTRY_TYPECODE, holes.tobytes())
        return result

    def _check_end(self, last: int, header: VdiHeader, file_size: int, path: Path) -> None:
        # Some tools cut the file where the disk ends, inside its last block.
        length = min(header.block_size, max(0, header.disk_size - last * header.block_size))
        start = header.data_offset + (self.end - 1) * header.block_stride + header.block_extra
        if start + length > file_size:
            raise MediumFormatError(
                f"The VDI image '{path}' is damaged: block {last} of its disk should end at "
                f"offset {start + length}, past the end of the file at {file_size}.",
            )

    @property
    def allocated_count(self) -> int:
        """Number of blocks that are stored."""
        return self.end - len(self.holes)

    def next_index(self) -> int:
        """Return the index that the next new block takes: a hole, or else the end."""
        return self.holes[-1] if self.holes else self.end

    def place(self, block: int, index: int) -> None:
        """Record that a block is stored at an index which ``next_index`` has returned."""
        if self.holes:
            self.holes.pop()
        else:
            self.end = index + 1
        self.entries[block] = index

    def hide(self, block: int) -> None:
        """Record that a block which is not stored reads as zeros."""
        self.entries[block] = BLOCK_ZERO

    def is_stored(self, block: int) -> bool:
        """Tell whether the data area holds the block."""
        return self.entries[block] < BLOCK_ZERO

    def reads_parent(self, block: int) -> bool:
        """Tell whether the block is as the parent has it."""
        return self.entries[block] == BLOCK_FREE
