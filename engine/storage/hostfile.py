"""A host file that holds an image: positional input and output with typed errors.

Nothing is buffered in this process. Data of a write that has returned is the kernel's, so that
``kill -9`` of the process loses none of it; ``sync`` makes it survive a crash of the host.

A file may be used without the host's cache (``bypass_cache``, VirtualBox's ``useHostIOCache``):
aligned requests then go between this process and the disk; others still pass through the cache.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from engine.storage.errors import (
    MediumFormatError,
    MediumIOError,
    MediumLocked,
    host_error,
)
from engine.storage.hostlock import LockMode, lock_file
from engine.storage.vectors import fill, split, total

Buffer = bytes | bytearray | memoryview

FALLOC_FL_KEEP_SIZE: Final = 0x01
FALLOC_FL_PUNCH_HOLE: Final = 0x02
SYNC_FILE_RANGE_WRITE: Final = 0x02
HASTE_STEP: Final = 8 << 20
"""How many bytes are added to a file before the host is asked to begin to write them."""
STAT_BLOCK_SIZE: Final = 512
"""Unit of ``st_blocks`` (POSIX leaves it open; every system in use has this one)."""
DIRECT_ALIGNMENT: Final = 4096
"""Of offset, length and memory of requests past the cache; no file system in use wants more."""
MOST_VIEWS: Final = 1024
"""Parts of memory in one call of the host (IOV_MAX of Linux)."""
DIRECT_PIECE: Final = 1 << 20
"""Longest single transfer past the cache, in bytes."""


class WouldWait(Exception):  # noqa: N818 - no error: the same read succeeds on another thread
    """A read that must not wait would have to."""


class _Patience(threading.local):
    """Whether reads of this thread may wait for a disk or a lock; where such reads are put."""

    may_wait = True

    def __init__(self) -> None:
        self.buffer = bytearray()


_patience = _Patience()


class forbid_waiting:  # noqa: N801 - reads as the statement that it is
    """Context: reads of this thread raise :class:`WouldWait` instead of waiting."""

    __slots__ = ()

    def __enter__(self) -> None:
        _patience.may_wait = False

    def __exit__(self, *_exception: object) -> None:
        _patience.may_wait = True


def may_wait() -> bool:
    """Tell whether this thread may wait for a disk or a lock."""
    return _patience.may_wait


def seek_and_read(fd: int, length: int, offset: int) -> bytes:
    """``pread`` for systems without it (Windows). Moves the file position."""
    os.lseek(fd, offset, os.SEEK_SET)
    return os.read(fd, length)


def seek_and_write(fd: int, data: Buffer, offset: int) -> int:
    """``pwrite`` for systems without it (Windows). Moves the file position."""
    os.lseek(fd, offset, os.SEEK_SET)
    return os.write(fd, data)


pread: Callable[[int, int, int], bytes] = getattr(os, "pread", seek_and_read)
pwrite: Callable[[int, Buffer, int], int] = getattr(os, "pwrite", seek_and_write)


if sys.platform == "darwin":
    import fcntl

    def sync_data(fd: int) -> None:
        """Write through the drive's own cache as well; plain fsync does not on macOS."""
        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)

elif sys.platform == "win32":
    sync_data = os.fsync

else:
    sync_data = os.fdatasync


_fallocate: Callable[[int, int, int, int], int] | None = None
_sync_file_range: Callable[[int, int, int, int], int] | None = None
if sys.platform == "linux":
    _libc = ctypes.CDLL(None)
    # musl has dropped the 64-bit name; its plain one takes 64 bits everywhere.
    _symbol = next((name for name in ("fallocate64", "fallocate") if hasattr(_libc, name)), None)
    if _symbol is not None:
        _prototype = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64
        )
        _fallocate = _prototype((_symbol, _libc))
    if hasattr(_libc, "sync_file_range"):
        _prototype = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint
        )
        _sync_file_range = _prototype(("sync_file_range", _libc))


class HostFile:
    """One open and locked image file. Not for use by two threads at once.

    Attributes:
        path: absolute path, as it stands in every error.
        writable: opened for reading and writing.
        size: length of the file in bytes, kept up to date by ``write`` and ``truncate``.
        lock: the lock that is held until ``close``.
        final_path: the path that a new file gets when it is complete; else ``path``.
        companions: further files that were made for a new one, removed if it is not completed.
        opened_for: identities of the images whose chain has led to this one.
    """

    def __init__(self, path: Path, fd: int, *, writable: bool, lock: LockMode) -> None:
        self.path = path
        self.writable = writable
        self.lock = lock
        self.final_path = path
        self.companions: list[Path] = []
        self.opened_for: tuple[tuple[int, int], ...] = ()
        self.size = 0
        self._fd = fd
        self._unsynced = False
        self._lost: MediumIOError | None = None
        self._hastened = -1
        # Whether the file system can tell that a read would wait; found out by the first one.
        self._tells_waiting = hasattr(os, "RWF_NOWAIT")
        self._direct = _DirectAccess()

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        writable: bool,
        lock: LockMode | None = None,
    ) -> HostFile:
        """Open and lock an existing regular file.

        Args:
            path: the file.
            writable: open for writing as well.
            lock: None takes an exclusive lock for a writer, a shared one for a reader.

        Raises:
            MediumNotFound: there is no such file.
            MediumFormatError: it is a folder, a pipe or a device.
            MediumReadOnly: writing was asked for and is not permitted.
            MediumLocked: another opening excludes this one.
            MediumIOError: the host could not open it for another reason.
        """
        where = Path(os.path.abspath(path))
        if lock is None:
            lock = LockMode.EXCLUSIVE if writable else LockMode.SHARED
        try:
            # Before opening: the opening of a pipe would wait for its other end.
            if not stat.S_ISREG(os.stat(where).st_mode):
                raise MediumFormatError(f"'{where}' is not a regular file, so it holds no image.")
            flags = os.O_RDWR if writable else os.O_RDONLY
            fd = os.open(where, flags | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
        except OSError as error:
            purpose = "opened for writing" if writable else "opened"
            raise host_error(where, purpose, error, writing=writable) from error
        file = cls._adopt(where, fd, writable=writable, lock=lock)
        if file._was_replaced():
            # The holder of the lock has put a new file in its place (compacting does that).
            file.close()
            return cls.open(path, writable=writable, lock=lock)
        return file

    @classmethod
    def create(cls, path: str | os.PathLike[str]) -> HostFile:
        """Make a new, empty file that only its owner may read and write, and lock it.

        Raises:
            MediumReadOnly: the folder must not be written.
            MediumNotFound: the folder does not exist.
            MediumFull: there is no room for it.
            MediumIOError: the host refused for another reason.
        """
        where = Path(os.path.abspath(path))
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        try:
            fd = os.open(
                where,
                flags | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0),
                0o600,
            )
        except FileNotFoundError as error:
            raise MediumIOError(
                f"The image '{where}' could not be created: the folder does not exist.",
            ) from error
        except OSError as error:
            raise host_error(where, "created", error, writing=True) from error
        return cls._adopt(where, fd, writable=True, lock=LockMode.EXCLUSIVE)

    @classmethod
    def _adopt(cls, path: Path, fd: int, *, writable: bool, lock: LockMode) -> HostFile:
        file = cls(path, fd, writable=writable, lock=lock)
        try:
            if lock_file(fd, lock, path):
                file.refresh_size()
                return file
        except BaseException:
            file.close()
            raise
        file.close()
        user = "writing to it" if lock is LockMode.SHARED else "using it"
        raise MediumLocked(f"The image '{path}' is locked: another program is {user}.")

    def _was_replaced(self) -> bool:
        try:
            return not os.path.samestat(os.stat(self.path), self._status())
        except OSError:
            return False

    def take_lock(self, mode: LockMode) -> bool:
        """Change the lock; tells whether nobody else stood in the way (else it is as before)."""
        taken = lock_file(self._fd, mode, self.path)
        if taken:
            self.lock = mode
        return taken

    def refresh_size(self) -> int:
        """Ask the host for the length of the file again; another process may have grown it."""
        self.size = self._status().st_size
        return self.size

    def identity(self) -> tuple[int, int]:
        """Return what two openings of one file have in common, whatever the path."""
        status = self._status()
        return status.st_dev, status.st_ino

    def allocated_bytes(self) -> int:
        """Bytes that the file occupies on the host's disk; holes do not count where known."""
        status = self._status()
        blocks: int | None = getattr(status, "st_blocks", None)
        return status.st_size if blocks is None else blocks * STAT_BLOCK_SIZE

    def _status(self) -> os.stat_result:
        try:
            return os.fstat(self._fd)
        except OSError as error:
            raise host_error(self.path, "examined", error) from error

    def read(self, offset: int, length: int) -> bytes:
        """Read bytes; fewer than ``length`` only where the file ends.

        Raises:
            MediumIOError: the host could not read, or somebody else has cut the file.
        """
        if not _patience.may_wait:
            return self._read_cached(offset, length)
        try:
            if self._direct.fits(offset, length) and offset + length <= self.size:
                return self._direct.read(offset, length)
            data = pread(self._fd, length, offset)
            if len(data) == length:
                return data
            parts = [data]
            missing = length - len(data)
            while data and missing:
                data = pread(self._fd, missing, offset + length - missing)
                parts.append(data)
                missing -= len(data)
        except OSError as error:
            raise host_error(
                self.path, f"read at offset {offset}", error, is_open=True
            ) from error
        end = offset + length - missing
        if missing and end < self.size:
            raise MediumIOError(
                f"The image '{self.path}' has become shorter while it was in use: no data at "
                f"offset {end} of {self.size}.",
            )
        return b"".join(parts)

    def read_into(self, offset: int, views: list[memoryview]) -> None:
        """Fill parts of memory, in order; with zeros where the file ends.

        Raises:
            MediumIOError: as :meth:`read`; the memory then holds anything.
        """
        length = total(views)
        if (
            _patience.may_wait
            or not self._tells_waiting
            or self._direct.fits(offset, length)
            or len(views) > MOST_VIEWS
        ):
            fill(views, self.read(offset, length).ljust(length, b"\0"))
            return
        try:
            count = os.preadv(self._fd, views, offset, os.RWF_NOWAIT)
        except OSError as error:
            self._tells_waiting = error.errno == errno.EAGAIN
            raise WouldWait from error
        if count < length:
            if offset + count < self.size:
                raise WouldWait
            fill(split(views, count)[1], bytes(length - count))

    def _read_cached(self, offset: int, length: int) -> bytes:
        """Read what the host has in memory.

        Raises:
            WouldWait: something of it has to come from the disk, or the host cannot tell.
        """
        if not self._tells_waiting or self._direct.fits(offset, length):
            raise WouldWait
        buffer = _patience.buffer
        if len(buffer) < length:
            buffer.extend(bytes(length - len(buffer)))
        with memoryview(buffer)[:length] as view:
            try:
                count = os.preadv(self._fd, (view,), offset, os.RWF_NOWAIT)
            except OSError as error:
                # Whatever it is, the thread that may wait will meet it too.
                self._tells_waiting = error.errno == errno.EAGAIN
                raise WouldWait from error
            if count < length and offset + count < self.size:
                raise WouldWait
            return bytes(view[:count])

    def bypass_cache(self) -> bool:
        """Go past the host's cache from now on; tells whether the file system can do that."""
        return self._direct.open(self._fd)

    def has_data(self, offset: int, length: int) -> bool:
        """Tell whether a range may hold anything but zeros; True where the host cannot tell."""
        seek_data: int | None = getattr(os, "SEEK_DATA", None)
        if seek_data is None:
            return True
        try:
            return os.lseek(self._fd, offset, seek_data) < offset + length
        except OSError as error:
            # ENXIO: no data up to the end of the file. Others: the file system knows no holes.
            return error.errno != errno.ENXIO

    def write(self, offset: int, data: Buffer) -> None:
        """Write all of ``data``; the file grows as needed.

        Raises:
            MediumFull: no room; a part of the data may have been written.
            MediumIOError: the host could not write.
        """
        self._unsynced = True
        length = len(data)
        try:
            written = self._write_some(offset, data)
            while written < length:
                written += self._write_some(offset + written, memoryview(data)[written:])
        except OSError as error:
            raise host_error(
                self.path,
                f"written at offset {offset}",
                error,
                writing=True,
                is_open=True,
            ) from error
        self.size = max(self.size, offset + length)

    def _write_some(self, offset: int, data: Buffer) -> int:
        if self._direct.fits(offset, len(data)):
            return self._direct.write(offset, data)
        return pwrite(self._fd, data, offset)

    def truncate(self, size: int) -> None:
        """Cut the file, or make it longer with bytes that read as zeros and occupy nothing.

        Raises:
            MediumFull: the host does not allow a file of that size.
            MediumIOError: the host refused for another reason.
        """
        self._unsynced = True
        try:
            os.ftruncate(self._fd, size)
        except OSError as error:
            raise host_error(
                self.path,
                f"resized to {size} bytes",
                error,
                writing=True,
            ) from error
        self.size = size

    def reserve(self, offset: int, length: int) -> None:
        """Occupy room on the host's disk for a range that was never written; it reads as zeros.

        Raises:
            MediumFull: there is no room.
            MediumIOError: the host could not write.
        """
        allocate: Callable[[int, int, int], None] | None = getattr(os, "posix_fallocate", None)
        self._unsynced = True
        try:
            if allocate is None:
                self.write(offset, bytes(length))
            else:
                allocate(self._fd, offset, length)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.EOPNOTSUPP}:
                raise host_error(self.path, "allocated in full", error, writing=True) from error
            self.write(offset, bytes(length))
        self.size = max(self.size, offset + length)

    def punch_hole(self, offset: int, length: int) -> bool:
        """Give the room of a range back to the host; it then reads as zeros.

        Returns:
            False, with the data unchanged, where the host or its file system cannot do that.
        """
        if _fallocate is None or length <= 0:
            return False
        self._unsynced = True
        mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
        return _fallocate(self._fd, mode, offset, length) == 0

    def hasten(self, end: int) -> None:
        """Let the host begin to write what was added up to ``end`` while more is added.

        The next ``sync`` then has less to wait for. Nothing happens where the host has no such
        call, and its errors are told by ``sync`` as well.
        """
        start = self._hastened
        if start < 0 or end < start:
            self._hastened = end
        elif end - start >= HASTE_STEP and _sync_file_range is not None:
            self._hastened = end
            _sync_file_range(self._fd, start, end - start, SYNC_FILE_RANGE_WRITE)

    def sync(self) -> None:
        """Return when everything written so far would survive a crash of the host.

        Raises:
            MediumIOError: data that the host had accepted could not be written. That stays so: the
                host forgets such data, and would call the next attempt a success.
        """
        if not self._unsynced:
            return
        if self._lost is not None:
            raise self._lost
        try:
            sync_data(self._fd)
        except OSError as error:
            self._lost = MediumIOError(
                f"The host has lost data that were written to the image '{self.path}': "
                f"{error.strerror or error}.",
            )
            raise self._lost from error
        self._unsynced = False

    def close(self) -> None:
        """Close the file and free its lock; a second call does nothing.

        Raises:
            MediumFull, MediumIOError: data that the host had accepted could not be written.
        """
        fd, self._fd = self._fd, -1
        self._direct.close()
        if fd < 0:
            return
        try:
            os.close(fd)
        except OSError as error:
            raise host_error(self.path, "closed", error, writing=True) from error


class _DirectAccess:
    """A second descriptor of a file, whose transfers go past the host's cache (``O_DIRECT``).

    The kernel keeps both views of a file the same as long as no two threads use it at once.
    """

    def __init__(self) -> None:
        self._fd = -1
        self._memory: mmap.mmap | None = None

    def open(self, fd: int) -> bool:
        """Open the file of ``fd`` once more; tells whether its file system can do that."""
        if sys.platform != "linux":
            return False
        if self._fd >= 0:
            return True
        try:
            import fcntl

            access = fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE
            self._fd = os.open(f"/proc/self/fd/{fd}", access | os.O_DIRECT | os.O_CLOEXEC)
        except OSError:
            return False
        self._memory = mmap.mmap(-1, DIRECT_PIECE)
        return True

    def fits(self, offset: int, length: int) -> bool:
        """Tell whether a request can go past the cache."""
        return self._fd >= 0 and length > 0 and not (offset | length) % DIRECT_ALIGNMENT

    def read(self, offset: int, length: int) -> bytes:
        """Read within the file."""
        assert self._memory is not None
        parts: list[bytes] = []
        with memoryview(self._memory) as memory:
            while length:
                count = os.preadv(self._fd, (memory[: min(length, DIRECT_PIECE)],), offset)
                if not count:
                    raise OSError(errno.EIO, "The file has become shorter")
                parts.append(bytes(memory[:count]))
                offset += count
                length -= count
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def write(self, offset: int, data: Buffer) -> int:
        """Write; return how many bytes, which may be fewer."""
        assert self._memory is not None
        with memoryview(data) as source, memoryview(self._memory) as memory:
            count = min(len(source), DIRECT_PIECE)
            memory[:count] = source[:count]
            return os.pwritev(self._fd, (memory[:count],), offset)

    def close(self) -> None:
        """Close the descriptor."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
            self._memory = None
