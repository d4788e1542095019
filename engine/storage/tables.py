"""Tables of block numbers in image files, kept in memory as far as they are used."""

from __future__ import annotations

import sys
from array import array
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from engine.storage.hostfile import HostFile

TYPECODES: Final = {4: "I" if array("I").itemsize == 4 else "L", 8: "Q"}
CACHE_BYTES: Final = 32 << 20
"""How much memory the tables of an image may take."""

ByteOrder = Literal["little", "big"]


def unpack_table(data: bytes, width: int, order: ByteOrder) -> array[int]:
    """Decode numbers of ``width`` bytes; what is incomplete at the end is left out."""
    table = array(TYPECODES[width], data[: len(data) // width * width])
    if order != sys.byteorder:
        table.byteswap()
    return table


def pack_table(table: array[int], order: ByteOrder) -> bytes:
    """Encode numbers as they stand in the file."""
    if order == sys.byteorder:
        return table.tobytes()
    swapped = array(table.typecode, table)
    swapped.byteswap()
    return swapped.tobytes()


class TableCache:
    """The tables that were used last; changes go to the file at once."""

    def __init__(self, file: HostFile, entries: int, width: int, order: ByteOrder) -> None:
        """Use tables of a file.

        Args:
            file: where they are.
            entries: in each of them.
            width: bytes of an entry, 4 or 8.
            order: byte order of an entry.
        """
        self._file = file
        self._entries = entries
        self._width = width
        self._order: ByteOrder = order
        self._tables: OrderedDict[int, array[int]] = OrderedDict()
        self._most = max(4, CACHE_BYTES // (entries * width))

    def get(self, offset: int) -> array[int]:
        """Return the table at an offset of the file; where the file ends it holds zeros."""
        table = self._tables.get(offset)
        if table is None:
            length = self._entries * self._width
            data = self._file.read(offset, length).ljust(length, b"\0")
            table = unpack_table(data, self._width, self._order)
            self.put(offset, table)
        else:
            self._tables.move_to_end(offset)
        return table

    def put(self, offset: int, table: array[int]) -> None:
        """Remember a table that was just read or written."""
        self._tables[offset] = table
        if len(self._tables) > self._most:
            self._tables.popitem(last=False)

    def store(self, offset: int, index: int, values: array[int]) -> None:
        """Change entries from ``index`` on, in the file first."""
        table = self.get(offset)
        self._file.write(offset + index * self._width, pack_table(values, self._order))
        table[index : index + len(values)] = values
