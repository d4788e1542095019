"""One client's connection: reading with limits, writing with back pressure."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import ssl

_HIGH_WATER: Final = 1 << 18
"""Bytes that wait for a client before the next ones are held back."""
_CLOSING_SECONDS: Final = 2.0
_SKIP_BYTES: Final = 1 << 16


class ProtocolError(Exception):
    """A client has sent what makes no sense; its connection ends."""


class Channel:
    """Reads and writes; for the server's thread.

    Args:
        reader: of the connection.
        writer: of the connection.

    Attributes:
        address: of the client.
        name: address and port of the client.
        received: bytes so far.
        sent: bytes so far.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        peer = writer.get_extra_info("peername") or ("unknown", 0)
        self.address = str(peer[0])
        self.name = f"[{peer[0]}]:{peer[1]}" if ":" in self.address else f"{peer[0]}:{peer[1]}"
        self.received = 0
        self.sent = 0
        connection = writer.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # A host that has gone without a word is noticed.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        writer.transport.set_write_buffer_limits(high=_HIGH_WATER)

    async def read(self, count: int) -> bytes:
        """Read exactly so many bytes.

        Raises:
            ConnectionError: the client has gone.
        """
        try:
            data = await self._reader.readexactly(count)
        except asyncio.IncompleteReadError as error:
            raise ConnectionResetError("The client has closed the connection.") from error
        self.received += count
        return data

    async def read_number(self, form: str) -> int:
        """Read a number of a format of :mod:`struct`, most significant byte first."""
        (number,) = struct.unpack(f">{form}", await self.read(struct.calcsize(f">{form}")))
        return int(number)

    async def skip(self, count: int) -> None:
        """Read so many bytes and forget them."""
        while count > 0:
            count -= len(await self.read(min(count, _SKIP_BYTES)))

    async def send(self, *parts: bytes) -> None:
        """Write, and wait until the client has taken most of it."""
        for part in parts:
            self._writer.write(part)
            self.sent += len(part)
            await self._writer.drain()

    async def start_tls(self, context: ssl.SSLContext, seconds: float) -> str:
        """Go on encrypted.

        Returns:
            Name of protocol version and cipher.

        Raises:
            OSError: the client cannot agree on it (``ssl.SSLError`` is one).
            ProtocolError: it has sent something that would count as encrypted.
        """
        if self._reader._buffer:  # type: ignore[attr-defined]
            raise ProtocolError("It sent data before TLS had begun.")
        await self._writer.start_tls(context, ssl_handshake_timeout=seconds)
        self._writer.transport.set_write_buffer_limits(high=_HIGH_WATER)
        cipher = self._writer.get_extra_info("cipher")
        return f"{cipher[1]} {cipher[0]}" if cipher else "TLS"

    async def close(self) -> None:
        """Send what waits, as long as the client takes it at once, and disconnect."""
        with contextlib.suppress(OSError, TimeoutError):
            self._writer.close()
            async with asyncio.timeout(_CLOSING_SECONDS):
                await self._writer.wait_closed()
        self.abort()

    def abort(self) -> None:
        """Disconnect at once."""
        self._writer.transport.abort()
