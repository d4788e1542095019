"""Entries of submission queues, and where their data lie in memory.

Reference: NVM Express 1.2, 4.2 (submission queue entry) and 4.3 (physical region pages).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from engine.devices.nvme import registers as r
from engine.pdm import Buffers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.pdm import BusMaster, Piece

_FUSED, _LISTS = 0x03, 0xC0  # flags: part of a fused command; scatter-gather lists, not PRPs
_POINTER: Final = 8


class CommandError(Exception):
    """The command ends with a status, which is the argument."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Command:
    """A submission queue entry.

    Attributes:
        identifier: CID. namespace: NSID. words: CDW10 to CDW15.
    """

    __slots__ = ("_first", "_second", "flags", "identifier", "namespace", "opcode", "words")

    def __init__(self, entry: bytes) -> None:
        self.opcode, self.flags, self.identifier, self.namespace = struct.unpack_from(
            "<BBHI", entry
        )
        self._first, self._second, *self.words = struct.unpack_from("<QQ6I", entry, 24)

    def check(self) -> None:
        """Refuse what Identify has not offered.

        Raises:
            CommandError: the command is fused, or its data are not in PRPs.
        """
        if self.flags & (_FUSED | _LISTS):
            raise CommandError(r.INVALID_FIELD)

    @property
    def queue_base(self) -> int:
        """PRP entry 1 as the address of a queue.

        Raises:
            CommandError: it does not begin a page.
        """
        return _page(self._first)

    def data(self, size: int, memory: BusMaster) -> Buffers:
        """Return the pages of ``size`` bytes of data; neighbours are joined.

        Raises:
            CommandError: an address is not aligned.
        """
        if self._first & 3:
            raise CommandError(r.PRP_OFFSET_INVALID)
        part = min(size, r.PAGE - self._first % r.PAGE)
        pieces: list[Piece] = [(self._first, part)]
        size -= part
        if size > r.PAGE:
            pages = _listed(self._second, -(-size // r.PAGE), memory.dma_read)
        else:
            pages = [_page(self._second)] if size else []
        if pages:
            pieces += [(page, r.PAGE) for page in pages]
            pieces[-1] = (pages[-1], (size - 1) % r.PAGE + 1)
        return Buffers(memory, _joined(pieces))


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the same parts of memory with neighbours as one."""
    found: list[Piece] = []
    start = end = -1
    for address, length in pieces:
        if address != end:
            if end > start:
                found.append((start, end - start))
            start = address
        end = address + length
    if end > start:
        found.append((start, end - start))
    return found


def _page(address: int) -> int:
    if address % r.PAGE:
        raise CommandError(r.PRP_OFFSET_INVALID)
    return address


def _pages(addresses: tuple[int, ...]) -> tuple[int, ...]:
    """Return addresses that all begin pages."""
    for address in addresses:
        if address % r.PAGE:
            raise CommandError(r.PRP_OFFSET_INVALID)
    return addresses


def _listed(pointer: int, count: int, read: Callable[[int, int], bytes]) -> list[int]:
    """Return the pages of a PRP list; the last entry of a full page leads to the next."""
    if pointer % _POINTER:
        raise CommandError(r.PRP_OFFSET_INVALID)
    pages: list[int] = []
    while True:
        room = (r.PAGE - pointer % r.PAGE) // _POINTER
        left = count - len(pages)
        last = left <= room
        here = left if last else room
        entries = struct.unpack(f"<{here}Q", read(pointer, here * _POINTER))
        if last:
            return [*pages, *_pages(entries)]
        pages += _pages(entries[:-1])
        pointer = _page(entries[-1])
