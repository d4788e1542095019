"""Character sinks: where the bytes of serial and debug ports go.

A sink takes bytes on the emulation thread and never raises: a guest must not stop because a log
file cannot grow. The first failure is an error in the host's log, and the bytes are counted.
"""

from __future__ import annotations

import logging
import os
import stat
import sys

from engine.hostio.errors import CharacterDriverError

log = logging.getLogger("engine.hostio")


class DescriptorSink:
    """Writes to a file descriptor, without a buffer: what the guest has said survives a crash.

    Attributes:
        lost: bytes that could not be written.
    """

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor = descriptor
        self._name = name
        self.lost = 0

    def write(self, data: bytes) -> None:
        """Take bytes; those that the host refuses are dropped and counted."""
        view = memoryview(data)
        while view:
            try:
                done = os.write(self._descriptor, view)
            except OSError as error:
                if not self.lost:
                    log.error("Output of the guest to %s is lost: %s.", self._name, error.strerror)
                self.lost += len(view)
                return
            view = view[done:]

    def close(self) -> None:
        """Nothing to close: the descriptor belongs to somebody else."""


class FileSink(DescriptorSink):
    """Writes to a file.

    Args:
        path: the file; made when it does not exist.
        append: keep what is in it.

    Raises:
        CharacterDriverError: it cannot be opened, or is a pipe, which could block the guest.
    """

    def __init__(self, path: str, *, append: bool = False) -> None:
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
        flags |= os.O_APPEND if append else os.O_TRUNC
        # A FIFO without a reader fails at once instead of waiting for one.
        flags |= getattr(os, "O_NONBLOCK", 0)
        try:
            descriptor = os.open(path, flags, 0o644)
        except OSError as error:
            raise CharacterDriverError(
                f"The file '{path}' for the output of a port cannot be opened: {error.strerror}."
            ) from error
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise CharacterDriverError(f"'{path}' is a pipe, not a file.")
        super().__init__(descriptor, f"the file '{path}'")

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def standard_output() -> DescriptorSink:
    """Return a sink that writes to this process's standard output."""
    sys.stdout.flush()
    return DescriptorSink(1, "standard output")


class CharacterBuffer:
    """Keeps the last bytes in memory, for tests and for whoever shows them.

    Args:
        limit: bytes to keep.
    """

    def __init__(self, limit: int = 1 << 20) -> None:
        self._limit = limit
        self.data = bytearray()

    def write(self, data: bytes) -> None:
        """Take bytes; the oldest go when there are too many."""
        self.data += data
        excess = len(self.data) - self._limit
        if excess > 0:
            del self.data[:excess]
