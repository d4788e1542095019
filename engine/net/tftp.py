"""A TFTP server that only reads (RFC 1350, options RFC 2347 to 2349), for booting by PXE.

The client repeats what has got no answer, and each of its acknowledgements is answered with the
block after it; so the server keeps no timers.
"""

from __future__ import annotations

import logging
import os
import stat
from dataclasses import dataclass
from typing import BinaryIO, Final

log = logging.getLogger("engine.net")

PORT: Final = 69
_RRQ, _WRQ, _DATA, _ACK, _ERROR, _OACK = range(1, 7)
_NOT_FOUND, _ACCESS, _ILLEGAL, _UNKNOWN_ID = 1, 2, 4, 5
_BLOCK: Final = 512
_LARGEST_BLOCK: Final = 1468  # fits into a frame
_SESSIONS: Final = 16
_IDLE: Final = 60.0

Client = tuple[bytes, int]


@dataclass
class _Session:
    file: BinaryIO
    size: int
    block: int
    used_at: float
    base: int = 0  # blocks before the last time that their number has wrapped
    last: int = 0


class TftpServer:
    """Offers the files below a folder.

    Args:
        folder: what stands there, and nothing that links lead to outside, can be read.
    """

    def __init__(self, folder: str) -> None:
        self._folder = os.path.realpath(folder)
        self._sessions: dict[Client, _Session] = {}

    def answer(self, client: Client, payload: bytes, now: float) -> bytes | None:
        """Return the answer to a datagram, None when it deserves none."""
        if len(payload) < 4:
            return None
        operation = int.from_bytes(payload[:2], "big")
        if operation == _RRQ:
            return self._on_read(client, payload[2:], now)
        if operation == _WRQ:
            return _error(_ACCESS, "Only reading is possible")
        if operation == _ACK:
            return self._on_ack(client, int.from_bytes(payload[2:4], "big"), now)
        if operation == _ERROR:
            self._end(client)
        return None

    def _on_read(self, client: Client, data: bytes, now: float) -> bytes:
        fields = [field.decode("utf-8", "replace") for field in data.split(b"\0")[:-1]]
        if len(fields) < 2:
            return _error(_ILLEGAL, "Not a request")
        self._end(client)
        self._expire(now)
        if len(self._sessions) >= _SESSIONS:
            return _error(_ACCESS, "Too many transfers")
        try:
            file, size = self._open(fields[0])
        except (OSError, ValueError) as error:
            log.info("TFTP: the guest cannot have '%s': %s", fields[0], error)
            return _error(_NOT_FOUND, "There is no such file")
        names = [name.lower() for name in fields[2::2]]
        options = dict(zip(names, fields[3::2], strict=False))
        session = self._sessions[client] = _Session(file, size, _BLOCK, now)
        accepted = _negotiate(session, options)
        log.info("TFTP: the guest reads '%s', %d bytes", fields[0], size)
        if accepted:
            return _OACK.to_bytes(2, "big") + accepted
        return self._data(session, 1)

    def _open(self, name: str) -> tuple[BinaryIO, int]:
        path = os.path.realpath(os.path.join(self._folder, name.replace("\\", "/").lstrip("/")))
        if os.path.commonpath((path, self._folder)) != self._folder:
            raise ValueError("it is outside the folder")
        # A FIFO would block, and must not even be opened otherwise.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise ValueError("it is no file")
        return os.fdopen(descriptor, "rb"), status.st_size

    def _on_ack(self, client: Client, number: int, now: float) -> bytes | None:
        session = self._sessions.get(client)
        if session is None:
            return _error(_UNKNOWN_ID, "There is no such transfer")
        session.used_at = now
        block = session.base + number
        if number == 0 and session.last and session.last & 0xFFFF == 0xFFFF:
            block = session.base = session.base + 0x10000
        if block > session.last:
            return None
        if block * session.block > session.size:
            self._end(client)
            return None
        return self._data(session, block + 1)

    @staticmethod
    def _data(session: _Session, block: int) -> bytes:
        session.last = max(session.last, block)
        try:
            session.file.seek((block - 1) * session.block)
            data = session.file.read(session.block)
        except OSError as error:
            return _error(_ACCESS, error.strerror or "The file cannot be read")
        return _DATA.to_bytes(2, "big") + (block & 0xFFFF).to_bytes(2, "big") + data

    def _end(self, client: Client) -> None:
        session = self._sessions.pop(client, None)
        if session:
            session.file.close()

    def _expire(self, now: float) -> None:
        for client, session in list(self._sessions.items()):
            if now - session.used_at > _IDLE:
                self._end(client)

    def close(self) -> None:
        """End all transfers."""
        for client in list(self._sessions):
            self._end(client)


def _negotiate(session: _Session, options: dict[str, str]) -> bytes:
    """Set what the client asks for; return the options that are accepted, as they are sent."""
    accepted: list[str] = []
    block = options.get("blksize", "")
    if block.isascii() and block.isdigit() and len(block) < 8 and int(block) >= 8:
        session.block = min(int(block), _LARGEST_BLOCK)
        accepted += ["blksize", str(session.block)]
    if "tsize" in options:
        accepted += ["tsize", str(session.size)]
    return b"".join(text.encode() + b"\0" for text in accepted)


def _error(code: int, text: str) -> bytes:
    return _ERROR.to_bytes(2, "big") + code.to_bytes(2, "big") + text.encode() + b"\0"
