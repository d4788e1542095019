"""Guest RAM in a saved state: zero and duplicate pages are left out, the others are deflated.

A running guest waits only while its pages are *captured* (classified and copied); they are packed
and written afterwards, while it runs again.
"""

from __future__ import annotations

import struct
import zlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

from engine.errors import SavedStateError
from engine.pdm.memory import PAGE_SIZE
from engine.ssm.file import COMPRESSION_LEVEL

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from engine.ssm.file import StateWriter, Unit

UNIT: Final = "ram"
VERSION: Final = 1
GROUP: Final = 512  # pages to a unit: 2 MiB
_WORDS: Final = PAGE_SIZE // 8
_STRETCH: Final = 1024  # pages looked at at once, so that temporary arrays stay in the cache
_ZERO, _STORED, _DUPLICATE = range(3)
_HEAD = struct.Struct("<QI")  # first page, number of pages
_PACKERS: Final = 2
_SAMPLES: Final = 12  # pages of a group that are tried
_WORTH_PACKING: Final = 0.97
_WAITING: Final = 4  # packed groups that may wait for the disk


class CapturedPages:
    """A copy of guest RAM without the pages of zeros.

    Args:
        ram: all of it, as bytes.

    Attributes:
        total: number of pages. used: pages that were copied.
    """

    def __init__(self, ram: NDArray[np.uint8]) -> None:
        pages = ram.view(np.uint64).reshape(-1, _WORDS)
        self.total = len(pages)
        self._numbers = np.flatnonzero(np.bitwise_or.reduce(pages, axis=1))
        self._copy = pages[self._numbers]
        self.used = len(self._numbers)
        self._kinds = np.zeros(self.total, dtype=np.uint8)
        self._same_as = np.zeros(self.total, dtype=np.uint32)
        self._places = np.zeros(0, dtype=np.int64)  # in the copy, of the pages that are stored

    def _find_duplicates(self) -> None:
        """Decide which of the copied pages are stored."""
        copy, numbers = self._copy, self._numbers
        _, first, inverse = np.unique(_hash(copy), return_index=True, return_inverse=True)
        originals = first[inverse]
        stored = np.ones(self.used, dtype=bool)
        repeated = np.flatnonzero(originals != np.arange(self.used))
        for start in range(0, len(repeated), _STRETCH):
            here = repeated[start : start + _STRETCH]
            there = originals[here]
            same = (copy[here] == copy[there]).all(axis=1)  # a hash alone proves nothing
            stored[here[same]] = False
            self._same_as[numbers[here[same]]] = numbers[there[same]]
        self._kinds[numbers] = np.where(stored, _STORED, _DUPLICATE)
        self._places = np.flatnonzero(stored)

    def write(self, writer: StateWriter, progress: Callable[[float], None]) -> None:
        """Write everything.

        Args:
            writer: takes the units.
            progress: told the share that is done, 0 to 1; what it raises ends the work.
        """
        self._find_duplicates()
        waiting: deque[Future[tuple[int, bytes]]] = deque()
        groups = range(0, self.total, GROUP)
        done = 0

        def write_one() -> None:
            nonlocal done
            length, packed = waiting.popleft().result()
            writer.add_packed(UNIT, VERSION, length, packed)
            done += 1
            progress(done / len(groups))

        with ThreadPoolExecutor(_PACKERS, "ssm-pack") as pool:
            for first in groups:
                waiting.append(pool.submit(self._pack, first))
                if len(waiting) > _WAITING:
                    write_one()
            while waiting:
                write_one()

    def _pack(self, first: int) -> tuple[int, bytes]:
        """Return length and deflated bytes of a group of pages."""
        last = min(first + GROUP, self.total)
        kinds = self._kinds[first:last]
        low, high = np.searchsorted(self._numbers[self._places], (first, last))
        data = b"".join((
            _HEAD.pack(first, last - first),
            kinds.tobytes(),
            self._same_as[first:last][kinds == _DUPLICATE].tobytes(),
            self._copy[self._places[low:high]].tobytes(),
        ))  # fmt: skip
        return len(data), zlib.compress(data, _level(data))


def _level(data: bytes) -> int:
    """Return 0 (stored) for what would not become smaller, as samples tell: packing it is slow."""
    step = max(PAGE_SIZE, len(data) // _SAMPLES)
    sample = b"".join(data[at : at + PAGE_SIZE] for at in range(0, len(data), step))
    packed = len(zlib.compress(sample, COMPRESSION_LEVEL))
    return COMPRESSION_LEVEL if packed < _WORTH_PACKING * len(sample) else 0


def _hash(pages: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each page."""
    weights = np.random.default_rng(0x5353_4D31).integers(
        1, 1 << 63, size=_WORDS, dtype=np.uint64
    ) | np.uint64(1)
    result = np.empty(len(pages), dtype=np.uint64)
    for start in range(0, len(pages), _STRETCH):
        mixed = pages[start : start + _STRETCH] * weights
        # The high bits of the products are mixed into the low ones: data differ there too.
        mixed ^= mixed >> np.uint64(29)
        result[start : start + len(mixed)] = mixed.sum(axis=1, dtype=np.uint64)
    return result


def largest_unit() -> int:
    """Return the most bytes that a unit of pages can have."""
    return _HEAD.size + GROUP * (1 + 4 + PAGE_SIZE)


class PageLoader:
    """Puts pages into guest RAM.

    Args:
        ram: all of it, zero-filled.
    """

    def __init__(self, ram: NDArray[np.uint8]) -> None:
        self._pages = ram.view(np.uint64).reshape(-1, _WORDS)
        self._seen = 0
        self._duplicates: list[tuple[NDArray[np.int64], NDArray[np.uint32]]] = []

    def take(self, unit: Unit) -> None:
        """Take a group.

        Raises:
            SavedStateError: it is not what follows the group before it, or does not fit.
        """
        if unit.version != VERSION:
            raise SavedStateError(f"Memory was saved as version {unit.version}, not {VERSION}.")
        data = unit.data
        if len(data) < _HEAD.size:
            raise SavedStateError("A group of saved memory pages is too short.")
        first, count = _HEAD.unpack_from(data)
        end = first + count
        if first != self._seen or not 0 < count <= GROUP or end > len(self._pages):
            raise SavedStateError(
                f"The saved memory pages {first} to {end - 1} do not fit a machine with "
                f"{len(self._pages)} pages after page {self._seen}."
            )
        place = _HEAD.size + count
        if len(data) < place:
            raise SavedStateError(f"The group of saved memory pages at {first} is incomplete.")
        kinds = np.frombuffer(data, np.uint8, count, _HEAD.size)
        duplicates = np.flatnonzero(kinds == _DUPLICATE)
        stored = np.flatnonzero(kinds == _STORED)
        if len(data) != place + 4 * len(duplicates) + PAGE_SIZE * len(stored):
            raise SavedStateError(f"The group of saved memory pages at {first} is incomplete.")
        same_as = np.frombuffer(data, np.uint32, len(duplicates), place)
        if len(same_as) and int(same_as.max()) >= len(self._pages):
            raise SavedStateError(f"A saved memory page after {first} refers to no page.")
        if len(duplicates):
            self._duplicates.append((duplicates + first, same_as))
        place += 4 * len(duplicates)
        words = np.frombuffer(data, np.uint64, len(stored) * _WORDS, place)
        self._pages[stored + first] = words.reshape(-1, _WORDS)
        self._seen = end

    def finish(self) -> None:
        """Fill in the duplicates.

        Raises:
            SavedStateError: not all pages were there.
        """
        if self._seen != len(self._pages):
            raise SavedStateError(
                f"Only {self._seen} of {len(self._pages)} memory pages are in the saved state."
            )
        for pages, same_as in self._duplicates:
            self._pages[pages] = self._pages[same_as]
