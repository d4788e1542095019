"""Memory slots: which host memory the guest sees where."""

from __future__ import annotations

import ctypes as c
from typing import TYPE_CHECKING

from engine.em.kvm import api
from engine.errors import ExecutionEngineError

if TYPE_CHECKING:
    from collections.abc import Iterator


class MemorySlots:
    """The slots of one virtual machine. EMT only, while the CPU does not run.

    Args:
        vm: file of the machine.
    """

    def __init__(self, vm: int) -> None:
        self._vm = vm
        self._limit = api.ioctl(vm, api.CHECK_EXTENSION, api.CAP_NR_MEMSLOTS)
        self._read_only = bool(api.ioctl(vm, api.CHECK_EXTENSION, api.CAP_READONLY_MEM))
        self._free: list[int] = []
        self._used: dict[int, int] = {}

    def add(self, base: int, size: int, host_address: int, *, read_only: bool) -> None:
        """Show host memory at a guest-physical address.

        Raises:
            ExecutionEngineError: the kernel refused.
        """
        slot = self._free.pop() if self._free else len(self._used)
        if slot >= self._limit:
            raise ExecutionEngineError(f"KVM allows {self._limit} pieces of memory; one more came.")
        # A kernel without read-only memory shows ROM as RAM, as its own hosts did.
        flags = api.MEM_READONLY if read_only and self._read_only else 0
        self._set(slot, flags, base, size, host_address)
        self._used[base] = slot

    def remove(self, base: int) -> None:
        """Take away what :meth:`add` has shown at an address."""
        slot = self._used.pop(base)
        self._set(slot, 0, base, 0, 0)
        self._free.append(slot)

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
