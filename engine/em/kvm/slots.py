"""Memory slots: which host memory the guest sees where, and which pages of it were written.

The log of a slot is read with KVM_GET_DIRTY_LOG alone, which forgets what it returns: a slot is a
display's memory, read some 60 times a second as a whole. KVM_CLEAR_DIRTY_LOG is for memories so
large that protecting them again takes long. Reference: Linux, Documentation/virt/kvm/api.rst, 4.8.
"""

from __future__ import annotations

import ctypes as c
from typing import TYPE_CHECKING, Final

from engine.em.kvm import api
from engine.errors import ExecutionEngineError

if TYPE_CHECKING:
    from collections.abc import Iterator


PAGE_SIZE: Final = 4096
_BITS: Final = 64  # the kernel writes whole longs


class MemorySlots:
    """The slots of one virtual machine. EMT only, but for :meth:`written`.

    Args:
        vm: file of the machine.
    """

    def __init__(self, vm: int) -> None:
        self._vm = vm
        self._limit = api.ioctl(vm, api.CHECK_EXTENSION, api.CAP_NR_MEMSLOTS)
        self._read_only = bool(api.ioctl(vm, api.CHECK_EXTENSION, api.CAP_READONLY_MEM))
        self._free: list[int] = []
        self._used: dict[int, int] = {}
        self._sizes: dict[int, int] = {}

    def add(
        self,
        base: int,
        size: int,
        host_address: int,
        *,
        read_only: bool = False,
        logged: bool = False,
    ) -> None:
        """Show host memory at a guest-physical address; ``logged`` is for :meth:`written`.

        Raises:
            ExecutionEngineError: the kernel refused.
        """
        slot = self._free.pop() if self._free else len(self._used)
        if slot >= self._limit:
            raise ExecutionEngineError(f"KVM allows {self._limit} pieces of memory; one more came.")
        # A kernel without read-only memory shows ROM as RAM, as its own hosts did.
        flags = api.MEM_READONLY if read_only and self._read_only else 0
        if logged:
            flags |= api.MEM_LOG_DIRTY_PAGES
        self._set(slot, flags, base, size, host_address)
        self._used[base] = slot
        self._sizes[base] = size

    def remove(self, base: int) -> None:
        """Take away what :meth:`add` has shown at an address."""
        slot = self._used.pop(base)
        self._set(slot, 0, base, 0, 0)
        self._free.append(slot)

    def written(self, base: int) -> int:
        """Return which pages of a logged slot were written since the last call. Any thread.

        Returns:
            Bit n for the page at ``base + 4096 * n``.

        Raises:
            OSError: the kernel has no log.
        """
        longs = -(-self._sizes[base] // PAGE_SIZE // _BITS)
        bitmap = (c.c_uint64 * longs)()
        log = api.DirtyLog(slot=self._used[base], dirty_bitmap=c.addressof(bitmap))
        api.ioctl(self._vm, api.GET_DIRTY_LOG, c.byref(log))
        return int.from_bytes(bytes(bitmap), "little")

    def _set(self, slot: int, flags: int, base: int, size: int, host_address: int) -> None:
        region = api.MemoryRegion(slot, flags, base, size, host_address)
        try:
            api.ioctl(self._vm, api.SET_USER_MEMORY_REGION, c.byref(region))
        except OSError as error:
            raise ExecutionEngineError(
                f"KVM cannot map {size:#x} bytes at {base:#x}: {error.strerror}."
            ) from error

    def __iter__(self) -> Iterator[int]:
        """Yield the guest-physical addresses of what is shown."""
        return iter(self._used)
