"""A place at the switch of a network; see ``hub`` for the process that holds it."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.net.errors import NetworkDriverError
from engine.net.framing import FrameStream
from engine.net.loop import Loop
from engine.net.membership import Hello, is_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.net.switch import Promiscuity

log = logging.getLogger("engine.net")

_PROGRAM_ROOT: Final = Path(__file__).resolve().parents[2]
_QUEUED_FRAMES: Final = 2048
_WAIT_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = 0.05
_RETRY_AT_MOST: Final = 1.0
_PATH_BYTES: Final = 100  # sun_path holds 104 bytes on macOS, 108 on Linux


class InternalNetwork:
    """A cable to a network's switch; a NetworkLink.

    When the network's process cannot be reached, this starts it; when it dies, this plugs itself
    in again. Frames of the meantime are lost, as on a cable that is out.

    Args:
        path: socket of the network.
        mac: address of the adapter.
        policy: which frames of others the guest may see.

    Raises:
        NetworkDriverError: this host cannot have such a network.
    """

    def __init__(self, path: str, mac: bytes, policy: Promiscuity) -> None:
        if sys.platform == "win32":
            raise NetworkDriverError(
                "Internal networks need Unix sockets, which this host does not have."
            )
        if not path or len(path.encode()) > _PATH_BYTES:
            raise NetworkDriverError(f"'{path}' is no usable path of a network's socket.")
        self._path = path
        self._hello = Hello(mac, policy)
        self._receiver: Callable[[bytes], None] | None = None
        self._frames: deque[bytes] = deque()
        self._stream: FrameStream | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._delay = _RETRY_SECONDS
        self._closed = False
        self.lost = 0
        self._loop = Loop("intnet", self._work)
        self._loop.post(self._connect)
        self._loop.start()

    # ------------------------------------------------------------------ any thread

    def transmit(self, frame: bytes) -> None:
        """Take a frame of the guest; dropped and counted when too many are waiting."""
        if len(self._frames) >= _QUEUED_FRAMES:
            self.lost += 1
            return
        self._frames.append(frame)
        self._loop.wake()

    def set_receiver(self, receiver: Callable[[bytes], None] | None) -> None:
        """Have frames for the guest given to ``receiver``, on this link's thread."""
        self._receiver = receiver

    def set_policy(self, policy: Promiscuity) -> None:
        """Change which frames of others the guest may see; the link stays up."""
        def change() -> None:
            self._hello = self._hello._replace(policy=policy)
            if self._stream is not None:
                self._stream.send(self._hello.pack())

        self._loop.post(change)

    def close(self) -> None:
        """Leave the network."""
        if self._closed:
            return
        self._closed = True
        done = threading.Event()

        def close() -> None:
            if self._stream is not None:
                self._stream.close()
                self._stream = None
            done.set()

        self._loop.post(close)
        done.wait(_WAIT_SECONDS)
        self._loop.stop()

    # ------------------------------------------------------------------ the link's thread

    def _connect(self) -> None:
        if self._closed:
            return
        end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            end.connect(self._path)
        except OSError:
            end.close()
            self._start_process()
            self._retry()
            return
        self._delay = _RETRY_SECONDS
        self._stream = FrameStream(self._loop, end, self._on_frame, self._on_end)
        self._stream.send(self._hello.pack())

    def _start_process(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return  # it is on its way
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "engine.net.hub", self._path],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=_PROGRAM_ROOT,
                start_new_session=True,
            )
        except OSError as error:
            log.warning("The process of the network cannot be started: %s", error.strerror)

    def _retry(self) -> None:
        self._loop.at(self._loop.now() + self._delay, self._connect)
        self._delay = min(self._delay * 2, _RETRY_AT_MOST)

    def _on_end(self) -> None:
        self._stream = None
        self._retry()

    def _on_frame(self, frame: bytes) -> None:
        receiver = self._receiver
        if receiver is not None and not is_record(frame):
            receiver(frame)

    def _work(self) -> None:
        stream = self._stream
        while self._frames:
            frame = self._frames.popleft()
            if stream is None or is_record(frame):
                self.lost += 1
            else:
                stream.send(frame)
        if stream is not None:
            stream.flush()
