"""Frames of an adapter written into a file, in the format that Wireshark and tcpdump read.

Reference: draft-ietf-opsawg-pcap (version 2.4 of the libpcap format), nanosecond time stamps.
"""

from __future__ import annotations

import logging
import struct
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.net.errors import NetworkDriverError

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.pdm.interfaces import NetworkLink

log = logging.getLogger("engine.net")

_MAGIC_NANOSECONDS: Final = 0xA1B23C4D
_LINK_ETHERNET: Final = 1
_SNAP_LENGTH: Final = 1 << 18
_HEAD: Final = struct.Struct("<IHHiIII")
_RECORD: Final = struct.Struct("<IIII")
_BUFFER_BYTES: Final = 1 << 16
_FLUSH_NS: Final = 1_000_000_000


class CaptureFile:
    """A file that frames are appended to. Any thread may write.

    A file that cannot be written any more is logged and given up; the network goes on.

    Args:
        path: replaced when it exists.

    Raises:
        NetworkDriverError: it cannot be made.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._flushed = time.monotonic_ns()
        try:
            self._file = Path(path).open("wb", buffering=_BUFFER_BYTES)  # noqa: SIM115 - closed with the link
            head = _HEAD.pack(_MAGIC_NANOSECONDS, 2, 4, 0, 0, _SNAP_LENGTH, _LINK_ETHERNET)
            self._file.write(head)
            self._file.flush()
        except OSError as error:
            raise NetworkDriverError(
                f"Frames cannot be written into '{path}': {error.strerror}."
            ) from error

    def write(self, frame: bytes) -> None:
        """Append a frame with the time of now."""
        seconds, rest = divmod(time.time_ns(), 1_000_000_000)
        length = len(frame)
        with self._lock:
            if self._file.closed:
                return
            try:
                self._file.write(_RECORD.pack(seconds & 0xFFFFFFFF, rest, length, length) + frame)
                now = time.monotonic_ns()
                if now - self._flushed > _FLUSH_NS:
                    self._flushed = now
                    self._file.flush()
            except OSError as error:
                self._give_up(error)

    def close(self) -> None:
        """Write what is waiting, and close the file."""
        with self._lock:
            if not self._file.closed:
                try:
                    self._file.close()
                except OSError as error:
                    self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        log.error("The capture '%s' ends here: %s", self._path, error.strerror)
        # Closing writes what is buffered, which fails again, and closes all the same.
        try:
            self._file.close()
        except OSError:
            log.debug("What was buffered for '%s' is lost", self._path)


class CapturedLink:
    """A link whose frames go into a file too; a NetworkLink.

    Args:
        inner: where the cable leads; it belongs to this object from now on.
        capture: the file; it belongs to this object from now on.
    """

    def __init__(self, inner: NetworkLink, capture: CaptureFile) -> None:
        self.inner = inner
        self._capture = capture

    def transmit(self, frame: bytes) -> None:
        """Take a frame of the guest."""
        self._capture.write(frame)
        self.inner.transmit(frame)

    def set_receiver(self, receiver: Callable[[bytes], None] | None) -> None:
        """Have frames for the guest given to ``receiver``, on the inner link's thread."""
        if receiver is None:
            self.inner.set_receiver(None)
            return

        def receive(frame: bytes) -> None:
            self._capture.write(frame)
            receiver(frame)

        self.inner.set_receiver(receive)

    def close(self) -> None:
        """Close the link and the file."""
        close = getattr(self.inner, "close", None)
        if close is not None:
            close()
        self.end_capture()

    def end_capture(self) -> None:
        """Close the file alone; the inner link is then somebody else's."""
        self._capture.close()
