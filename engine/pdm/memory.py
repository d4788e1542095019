"""Memory that belongs to a device: frame buffers, windows, option ROMs.

It is host memory of page granularity which the execution engine maps straight into the guest, so
that the guest's loads and stores cost nothing, and which the device and the display read through
``view`` and ``array``.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
from typing import TYPE_CHECKING, Any, Final

from engine.pdm.writelog import WriteLog

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

PAGE_SIZE = 4096
# Memory that is shared, Python's default, is a file to Linux: large pages are another matter there.
_PRIVATE: Final[dict[str, int]] = (
    {} if sys.platform == "win32" else {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS}
)
# Elsewhere this advice leaves open what the pages hold afterwards, or does not exist; and hosts
# with larger pages drop what is beside ours.
_DROPS_PAGES: Final = sys.platform == "linux" and mmap.PAGESIZE == PAGE_SIZE


class HostMemory:
    """Zero-filled, page-aligned host memory that can be mapped into the guest.

    Attributes:
        size: bytes, a multiple of 4096.
        view: the bytes, for slicing.
        address: host address of the first byte.
    """

    def __init__(self, size: int) -> None:
        self.size = -(-size // PAGE_SIZE) * PAGE_SIZE
        self._map = mmap.mmap(-1, self.size, **_PRIVATE)
        self.view = memoryview(self._map)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self._map))

    def advise_large_pages(self, wanted: bool) -> bool:
        """Ask the host to hold the memory in large pages, or not to.

        Returns:
            Whether the host lets programs ask; it uses large pages where it can, and tells nobody.
        """
        advice = getattr(mmap, "MADV_HUGEPAGE" if wanted else "MADV_NOHUGEPAGE", None)
        if advice is None:
            return False
        try:
            self._map.madvise(advice)
        except OSError:  # a kernel that was built without them
            return False
        return True

    def give_back(self, offset: int, size: int) -> None:
        """Have the host take whole pages back, which read as zeros from now on."""
        if _DROPS_PAGES:
            try:
                self._map.madvise(mmap.MADV_DONTNEED, offset, size)
            except OSError:  # locked in memory
                pass
            else:
                return
        self.view[offset : offset + size] = bytes(size)

    def written(self, offset: int, size: int) -> None:
        """Hear that the host's side has written bytes; nobody wants to know of plain memory."""

    @property
    def array(self) -> NDArray[np.uint8]:
        """The bytes as a numpy array that shares the memory."""
        import numpy as np

        return np.frombuffer(self._map, dtype=np.uint8)

    @property
    def buffer(self) -> mmap.mmap:
        """The mapping itself, for ``struct.unpack_from`` and the like."""
        return self._map


class DeviceMemory(HostMemory):
    """Host memory with up to one window into guest-physical space at a time.

    Args:
        name: owner and name, for the memory map.
        size: bytes; rounded up to pages.
        writable: False for ROM, which the guest cannot change.
        map_window: ``(memory, base, offset, size) -> undo``; provided by the machine.
        logged: have an engine that can log the pages which the guest writes.

    Attributes:
        log: of the pages written, or None.
    """

    def __init__(
        self,
        name: str,
        size: int,
        *,
        writable: bool,
        map_window: Callable[[DeviceMemory, int, int, int], Callable[[], None]],
        drop_code: Callable[[int, int], None],
        logged: bool = False,
    ) -> None:
        super().__init__(size)
        self.name = name
        self.writable = writable
        self._map_window = map_window
        self._drop_code = drop_code
        self.log = WriteLog(self.size) if logged else None
        self._window: tuple[int, int, int] | None = None
        self._undo: Callable[[], None] | None = None

    def map(self, base: int, offset: int = 0, size: int | None = None) -> None:
        """Show ``size`` bytes from ``offset`` at guest-physical ``base`` (all page-aligned)."""
        window = (base, offset, self.size - offset if size is None else size)
        if window == self._window:
            return
        self.unmap()
        self._undo = self._map_window(self, *window)
        self._window = window

    def unmap(self) -> None:
        """Take the window out of guest-physical space."""
        if self._undo:
            self._undo()
        self._undo = self._window = None

    def alias(self, name: str) -> DeviceMemory:
        """Return the same memory under another name, with a window of its own.

        For memory that the guest sees twice, e.g. a linear frame buffer and its banked window.
        """
        other = DeviceMemory.__new__(DeviceMemory)
        other.__dict__.update(self.__dict__, name=name, _window=None, _undo=None)
        return other

    @property
    def base(self) -> int | None:
        """Guest-physical address of the window, or None."""
        return self._window[0] if self._window else None

    def written(self, offset: int, size: int) -> None:
        """Note in the log that the host's side has written bytes."""
        if self.log is not None:
            self.log.mark(offset, size)

    def changed_by_host(self, offset: int, size: int) -> None:
        """Say that the device has changed bytes which the guest may have executed (U12)."""
        self.written(offset, size)
        if self._window:
            base, start, length = self._window
            low, high = max(offset, start), min(offset + size, start + length)
            if low < high:
                self._drop_code(base + low - start, high - low)

    def load(self, data: bytes, offset: int = 0) -> None:
        """Fill memory from the host side (a ROM image)."""
        self.view[offset : offset + len(data)] = data
        self.changed_by_host(offset, len(data))

    def __deepcopy__(self, memo: dict[int, Any]) -> DeviceMemory:
        """Memory is shared with the guest and cannot be copied as an object."""
        raise TypeError(f"{self.name} is guest memory and cannot be copied.")
