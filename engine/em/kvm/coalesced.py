"""Stores that the kernel collects: many stores to a display's window cost one exit.

The kernel puts stores to registered windows into a ring beside the shared page of the CPU, and
goes on with the guest. The ring is emptied before anything else that the guest does is served, so
that the order is kept, and at least every :data:`FLUSH_PERIOD`. Reference: Linux,
Documentation/virt/kvm/api.rst, 4.116; structures from include/uapi/linux/kvm.h.
"""

from __future__ import annotations

import ctypes as c
import struct
from typing import TYPE_CHECKING, Any, ClassVar, Final

from engine.em.kvm import api

if TYPE_CHECKING:
    from collections.abc import Callable

FLUSH_PERIOD: Final = 15_000_000
"""Longest time that a store waits, in ns: less than between two pictures of a window."""
PAGE_SIZE: Final = 4096
_HEAD = struct.Struct("<II")  # first, last
_FIRST = struct.Struct("<I")
_ENTRY = struct.Struct("<QII8s")  # address, length, kind, data
ENTRIES: Final = (PAGE_SIZE - _HEAD.size) // _ENTRY.size


class Zone(c.Structure):
    """``struct kvm_coalesced_mmio_zone``."""

    _fields_: ClassVar[list[Any]] = [
        ("addr", c.c_uint64), ("size", c.c_uint32), ("pad", c.c_uint32),
    ]  # fmt: skip


REGISTER: Final = api.request(api.WRITE, 0x67, c.sizeof(Zone))
UNREGISTER: Final = api.request(api.WRITE, 0x68, c.sizeof(Zone))


class CoalescedStores:
    """The ring and the windows of one machine. EMT only.

    Args:
        vm: file of the machine. page: number of the ring's page behind the shared one.
        run: shared memory of the first CPU. store: performs a store.
    """

    def __init__(
        self, vm: int, page: int, run: memoryview, store: Callable[[int, bytes], None]
    ) -> None:
        self._vm = vm
        self._ring = run[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
        self._store = store
        self._zones: set[tuple[int, int]] = set()

    @property
    def active(self) -> bool:
        """Whether there are windows, so that stores may be waiting."""
        return bool(self._zones)

    def add(self, base: int, size: int) -> None:
        """Collect the stores to a window from now on."""
        api.ioctl(self._vm, REGISTER, c.byref(Zone(base, size)))
        self._zones.add((base, size))

    def remove(self, base: int, size: int) -> None:
        """Do not collect them any more; those that wait are performed."""
        if (base, size) in self._zones:
            self.flush()
            api.ioctl(self._vm, UNREGISTER, c.byref(Zone(base, size)))
            self._zones.remove((base, size))

    def flush(self) -> None:
        """Perform the stores that wait, in their order."""
        if not self._zones:
            return
        ring = self._ring
        first, last = _HEAD.unpack_from(ring)
        while first != last:
            address, length, _, data = _ENTRY.unpack_from(ring, _HEAD.size + first * _ENTRY.size)
            first = (first + 1) % ENTRIES
            # Before the store, which may change the windows and come here again.
            _FIRST.pack_into(ring, 0, first)
            self._store(address, data[:length])
            first, last = _HEAD.unpack_from(ring)

    def close(self) -> None:
        """Let go of the shared memory."""
        self._zones.clear()
        self._ring.release()
