"""A place at the switch of a network; see ``hub`` for the process that holds it."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.net.errors import NetworkDriverError
from engine.net.membership import Hello
from engine.net.streamlink import StreamLink

if TYPE_CHECKING:
    from engine.net.framing import FrameStream
    from engine.net.switch import Promiscuity

log = logging.getLogger("engine.net")

_PROGRAM_ROOT: Final = Path(__file__).resolve().parents[2]
PATH_BYTES: Final = 100
"""Longest path of a Unix socket: ``sun_path`` holds 104 bytes on macOS, 108 on Linux."""


class InternalNetwork(StreamLink):
    """A cable to a network's switch; a NetworkLink.

    When the network's process cannot be reached, this starts it; when it dies, this plugs itself
    in again.

    Args:
        path: socket of the network.
        mac: address of the adapter; zeros when it is not known.
        policy: which frames of others the guest may see.

    Raises:
        NetworkDriverError: this host cannot have such a network.
    """

    def __init__(self, path: str, mac: bytes, policy: Promiscuity) -> None:
        if sys.platform == "win32":
            raise NetworkDriverError(
                "Internal networks need Unix sockets, which this host does not have."
            )
        if not path or len(path.encode()) > PATH_BYTES:
            raise NetworkDriverError(f"'{path}' is no usable path of a network's socket.")
        self._path = path
        self._hello = Hello(mac, policy)
        self._process: subprocess.Popen[bytes] | None = None
        super().__init__(socket.AF_UNIX, path)

    def set_policy(self, policy: Promiscuity) -> None:
        """Change which frames of others the guest may see; the link stays up. Any thread."""

        def change() -> None:
            self._hello = self._hello._replace(policy=policy)
            if self._stream is not None:
                self._stream.send(self._hello.pack())

        self._loop.post(change)

    def on_connected(self, stream: FrameStream) -> None:
        """Say who is plugged in."""
        stream.send(self._hello.pack())

    def on_unreachable(self) -> None:
        """Start the process of the network, unless it is on its way."""
        if self._process is None or self._process.poll() is not None:
            self._start_process()

    def _start_process(self) -> None:
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
