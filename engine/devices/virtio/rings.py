"""Split virtqueues: descriptors become chains of buffers, and used ones are given back.

Reference: virtio 1.2, 2.7. Nothing in the guest's memory is believed: what makes no sense raises
:class:`RingError`, and a chain costs at most as much work as its queue is long.
"""

from __future__ import annotations

import struct
from collections import deque
from typing import TYPE_CHECKING, Final, Protocol

from engine.pdm import Buffers, BusMaster, Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.devices.virtio.state import QueueState

_NEXT, _WRITE, _INDIRECT = 1, 2, 4  # flags of a descriptor
_NO_INTERRUPT: Final = 1  # of the available ring
_DESCRIPTOR = struct.Struct("<QIHH")
LONGEST_TABLE: Final = 1024
"""Descriptors of an indirect table."""
MOST_BYTES: Final = 64 << 20
"""Bytes of one chain; larger ones are nothing that a driver of these devices makes."""


class RingError(Exception):
    """The driver has put something senseless into a ring; the device must be reset."""


class GuestMemory(BusMaster, Protocol):
    """What a queue needs of its device."""

    def is_memory(self, address: int, size: int) -> bool:
        """Tell whether nothing but memory is there."""


class Chain:
    """What the driver has made available with one descriptor and those that follow it.

    Attributes:
        head: index of the first descriptor, by which the driver knows the chain.
        readable: what the device reads. writable: what it fills.
    """

    __slots__ = ("head", "readable", "writable")

    def __init__(self, memory: GuestMemory, head: int, pieces: Sequence[Sequence[Piece]]) -> None:
        self.head = head
        self.readable = Buffers(memory, pieces[0])
        self.writable = Buffers(memory, pieces[1])


class Virtqueue:
    """Works on a :class:`QueueState`; ``state`` and ``features`` are set by the device.

    Attributes:
        event_index: ring indices tell when to notify (2.7.10). indirect: tables are allowed.
    """

    def __init__(self, memory: GuestMemory, state: QueueState) -> None:
        self._memory = memory
        self.state = state
        self.event_index = False
        self.indirect = False
        # Taken from the available ring and not yet looked at.
        self._heads: deque[int] = deque()
        self._published = state.used_index

    def check(self) -> None:
        """Look whether the parts of the queue lie in memory.

        Raises:
            RingError: they do not.
        """
        state = self.state
        parts = (
            (state.descriptors, 16 * state.size),
            (state.available, 6 + 2 * state.size),
            (state.used, 6 + 8 * state.size),
        )
        for address, size in parts:
            if not self._memory.is_memory(address, size):
                raise RingError(f"a ring at {address:#x}, where there is no memory")

    # -- available

    def pop(self) -> Chain | None:
        """Take the next chain; None: there is none.

        Raises:
            RingError: the rings make no sense.
        """
        if not self._heads and not self._fetch():
            return None
        chain = self.chain(self._heads.popleft())
        self.state.last_available = (self.state.last_available + 1) & 0xFFFF
        return chain

    def unpop(self, chain: Chain) -> None:
        """Leave the chain that was taken last to the driver, as if it had not been taken."""
        self._heads.appendleft(chain.head)
        self.state.last_available = (self.state.last_available - 1) & 0xFFFF

    def rearm(self) -> bool:
        """Ask for a notification of what comes; tell whether something has come already."""
        state = self.state
        if self.event_index:
            event = struct.pack("<H", state.last_available)
            self._memory.dma_write(state.used + 4 + 8 * state.size, event)
        return bool(self._heads) or self._fetch()

    def _fetch(self) -> bool:
        state, read = self.state, self._memory.dma_read
        index = int.from_bytes(read(state.available + 2, 2), "little")
        count = (index - state.last_available) & 0xFFFF
        if not count:
            return False
        if count > state.size:
            raise RingError(f"an available ring that has gone {count} entries ahead")
        start = state.last_available % state.size
        first = min(count, state.size - start)
        entries = read(state.available + 4 + 2 * start, 2 * first)
        if count > first:
            entries += read(state.available + 4, 2 * (count - first))
        self._heads.extend(struct.unpack(f"<{count}H", entries))
        return True

    def chain(self, head: int) -> Chain:
        """Follow a chain from its first descriptor.

        Raises:
            RingError: it makes no sense.
        """
        place, limit, index = self.state.descriptors, self.state.size, head
        table: list[tuple[int, int, int, int]] = []  # an indirect one; it is fetched at once
        readable: list[Piece] = []
        writable: list[Piece] = []
        steps = 0
        while True:
            if index >= limit or steps >= limit:
                raise RingError(f"a chain that leaves its table at {index}, or has no end")
            steps += 1
            if table:
                address, length, flags, following = table[index]
            else:
                entry = self._memory.dma_read(place + _DESCRIPTOR.size * index, _DESCRIPTOR.size)
                address, length, flags, following = _DESCRIPTOR.unpack(entry)
            if flags & _INDIRECT:
                if table or flags & _NEXT:
                    raise RingError("an indirect table inside another, or with a successor")
                table = self._table(address, length)
                limit, index, steps = len(table), 0, 0
                continue
            if flags & _WRITE:
                writable.append((address, length))
            elif writable:
                raise RingError("a buffer to be read behind one to be filled")
            else:
                readable.append((address, length))
            if not flags & _NEXT:
                self._check_pieces(readable + writable)
                return Chain(self._memory, head, (readable, writable))
            index = following

    def _table(self, address: int, length: int) -> list[tuple[int, int, int, int]]:
        """Return the descriptors of an indirect table."""
        count, rest = divmod(length, _DESCRIPTOR.size)
        if not self.indirect or rest or not 0 < count <= LONGEST_TABLE:
            raise RingError(f"an indirect table of {length} bytes that is not allowed")
        self._check_pieces([(address, length)])
        return list(_DESCRIPTOR.iter_unpack(self._memory.dma_read(address, length)))

    def _check_pieces(self, pieces: list[Piece]) -> None:
        """Refuse buffers that are not in memory, or too large together."""
        if sum([length for _, length in pieces]) > MOST_BYTES:
            raise RingError(f"a chain of more than {MOST_BYTES >> 20} MiB")
        start = min([address for address, _ in pieces])
        end = max([address + length for address, length in pieces])
        is_memory = self._memory.is_memory
        if is_memory(start, end - start):  # as a rule, all lies in one large stretch
            return
        for address, length in pieces:
            if not is_memory(address, length):
                raise RingError(f"{length:#x} bytes at {address:#x}, where there is no memory")

    # -- used

    def push(self, chain: Chain, written: int) -> None:
        """Give a chain back, ``written`` bytes of which have been filled."""
        state = self.state
        place = state.used + 4 + 8 * (state.used_index % state.size)
        self._memory.dma_write(place, struct.pack("<II", chain.head, written))
        state.used_index = (state.used_index + 1) & 0xFFFF

    def publish(self) -> bool:
        """Show the driver what was given back; tell whether it wants an interrupt."""
        state = self.state
        new, old = state.used_index, self._published
        if new == old:
            return False
        self._published = new
        self._memory.dma_write(state.used + 2, struct.pack("<H", new))
        place = state.available + (4 + 2 * state.size if self.event_index else 0)
        word = int.from_bytes(self._memory.dma_read(place, 2), "little")
        if self.event_index:
            return (new - word - 1) & 0xFFFF < (new - old) & 0xFFFF
        return not word & _NO_INTERRUPT
