"""Disks that lie in host files as a whole, and disks that are made of several pieces."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from engine.storage.blockstore import READS_ZERO, BlockStore
from engine.storage.errors import MediumReadOnly
from engine.storage.vectors import split, total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.storage.hostfile import HostFile


@runtime_checkable
class MutableStore(Protocol):
    """A store that can be written."""

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Write bytes of the disk."""

    def discard(self, offset: int, length: int) -> None:
        """Give room back to the host."""


class FlatStore(BlockStore):
    """Bytes of a file, one after the other.

    Args:
        file: that holds them.
        size: bytes of the disk.
        start: offset of the first of them.
    """

    def __init__(self, file: HostFile, size: int, start: int = 0) -> None:
        super().__init__(file, size, size)
        self._start = start

    def run_at(self, offset: int, length: int) -> tuple[int, int]:
        """See :meth:`engine.storage.blockstore.BlockStore.run_at`."""
        return self._start + offset, length

    def may_hold_data(self, offset: int, length: int) -> bool:
        """As the host knows about holes in the file."""
        return self.file.has_data(self._start + offset, length)

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Write bytes of the disk."""
        self.file.write(self._start + offset, data)

    def discard(self, offset: int, length: int) -> None:
        """Give the room back to the host where it can take it."""
        self.file.punch_hole(self._start + offset, length)


class ZeroStore(BlockStore):
    """A part of a disk that is stored nowhere and reads as zeros."""

    def run_at(self, offset: int, length: int) -> tuple[int, int]:
        """See :meth:`engine.storage.blockstore.BlockStore.run_at`."""
        del offset
        return READS_ZERO, length

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Refuse.

        Raises:
            MediumReadOnly: always.
        """
        raise MediumReadOnly(
            f"{len(data)} bytes at offset {offset} of an extent of zeros in '{self.file.path}' "
            f"cannot be written.",
        )

    def discard(self, offset: int, length: int) -> None:
        """Do nothing: there is nothing."""


class JoinedStore(BlockStore):
    """Stores one behind the other. ``run_at`` tells a position in the file of the piece."""

    def __init__(self, file: HostFile, pieces: Sequence[BlockStore]) -> None:
        """Join.

        Args:
            file: the one that names the others.
            pieces: in their order on the disk, at least one.
        """
        super().__init__(file, sum(piece.size for piece in pieces), pieces[0].block_size)
        self._pieces = list(pieces)
        self._starts = [0]
        for piece in pieces[:-1]:
            self._starts.append(self._starts[-1] + piece.size)

    def _piece(self, offset: int, length: int) -> tuple[BlockStore, int, int]:
        index = bisect.bisect_right(self._starts, offset) - 1
        piece, within = self._pieces[index], offset - self._starts[index]
        return piece, within, min(length, piece.size - within)

    def run_at(self, offset: int, length: int) -> tuple[int, int]:
        """See :meth:`engine.storage.blockstore.BlockStore.run_at`."""
        piece, within, count = self._piece(offset, length)
        return piece.run_at(within, count)

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly ``length`` bytes of the disk."""
        parts = []
        while length:
            piece, within, count = self._piece(offset, length)
            parts.append(piece.read(within, count))
            offset += count
            length -= count
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_into(self, offset: int, views: list[memoryview]) -> None:
        """Fill parts of memory, in order."""
        length = total(views)
        while length:
            piece, within, count = self._piece(offset, length)
            part, views = split(views, count)
            piece.read_into(within, part)
            offset += count
            length -= count

    def may_hold_data(self, offset: int, length: int) -> bool:
        """Tell whether a range may read as anything but zeros."""
        while length:
            piece, within, count = self._piece(offset, length)
            if piece.may_hold_data(within, count):
                return True
            offset += count
            length -= count
        return False

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Write bytes of the disk.

        Raises:
            MediumReadOnly: one of the pieces can only be read.
        """
        view = memoryview(data)
        while view:
            piece, within, count = self._piece(offset, len(view))
            self._mutable(piece).write(within, view[:count])
            view = view[count:]
            offset += count

    def discard(self, offset: int, length: int) -> None:
        """Give room back to the host."""
        while length:
            piece, within, count = self._piece(offset, length)
            self._mutable(piece).discard(within, count)
            offset += count
            length -= count

    @staticmethod
    def _mutable(piece: BlockStore) -> MutableStore:
        if not isinstance(piece, MutableStore) or not piece.file.writable:
            raise MediumReadOnly(f"The image '{piece.file.path}' can only be read.")
        return piece

    def flush(self) -> None:
        """Make what was written survive a crash of the host."""
        for piece in self._pieces:
            piece.flush()

    def finish(self) -> None:
        """Bring the files into their final shape and flush them."""
        for piece in self._pieces:
            piece.finish()

    def check(self) -> list[str]:
        """Return the irregularities of all pieces."""
        return [sentence for piece in self._pieces for sentence in piece.check()]
