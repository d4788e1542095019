"""The web service as an RFB client: how it gets into the remote display of a machine.

Unencrypted displays are entered with the VNC password of the settings; those that let TLS in only,
with VeNCrypt (rfbproto.rst, "VeNCrypt"), and then nothing but the certificate that the settings
name is trusted: machine and web service run on one host, so the file can be read. Names and
passwords of users come from who wants in.
"""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.api.errors import ApiError, ErrorCode
from app.vrde.des import vnc_response
from app.vrde.protocol import VENCRYPT_VERSION, VERSION, Security, VeNCrypt

CONNECT_SECONDS: Final = 10.0
_MAX_REASON: Final = 1000

AskUser = Callable[[], Awaitable[tuple[str, str]]]
"""Returns a name and a password."""


@dataclass(frozen=True)
class DisplayPlace:
    """Where the RFB server of a machine is, and what proves both sides to each other.

    Attributes:
        address: to connect to.
        port: TCP.
        password: of VNC authentication; may be empty.
        trusted: file with the certificate of the server or of who issued it, for TLS.
    """

    address: str
    port: int
    password: str
    trusted: Path


def no_display(sentence: str) -> ApiError:
    """The error of a machine that has no remote display for us."""
    return ApiError(ErrorCode.VBOX_E_NOT_SUPPORTED, sentence, "web")


async def open_display(
    place: DisplayPlace, ask_user: AskUser
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to an RFB server and pass its authentication; ClientInit comes next.

    Args:
        place: where it is.
        ask_user: asked when the display wants a user; what it raises ends the connection.

    Raises:
        ApiError: It cannot be reached, refuses, or wants what this client does not speak;
            ``VBOX_E_PASSWORD_INCORRECT``: the user's name or password is wrong.
    """
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(place.address, place.port)
            try:
                await _Handshake(reader, writer, place, ask_user).run()
            except BaseException:
                writer.close()
                raise
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or str(error)
        raise no_display(
            f"The remote display's certificate is not the machine's ({reason})."
        ) from error
    except (OSError, EOFError, TimeoutError) as error:
        raise ApiError(
            ErrorCode.VBOX_E_HOST_ERROR,
            f"The remote display at {place.address}:{place.port} does not answer: "
            f"{str(error) or type(error).__name__}.",
            "web",
        ) from error
    return reader, writer


class _Handshake:
    """The handshake of RFB 3.8 as a client (RFC 6143, 7.1)."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        place: DisplayPlace,
        ask_user: AskUser,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._place = place
        self._ask_user = ask_user

    async def run(self) -> None:
        """Get in; see :func:`open_display`."""
        if not (await self._reader.readexactly(len(VERSION))).startswith(b"RFB 003."):
            raise no_display("The remote display does not speak RFB 3.8.")
        self._writer.write(VERSION)
        (count,) = await self._reader.readexactly(1)
        if count == 0:
            raise no_display(f"The remote display refuses: {await self._reason()}")
        offers = await self._reader.readexactly(count)
        known = (Security.NONE, Security.VNC, Security.VENCRYPT)
        chosen = next((kind for kind in known if kind in offers), None)
        if chosen is None:
            raise no_display("The remote display has no authentication that the console knows.")
        self._writer.write(bytes([chosen]))
        method = await self._begin_tls() if chosen is Security.VENCRYPT else chosen
        if method in (Security.VNC, VeNCrypt.X509_VNC):
            challenge = await self._reader.readexactly(16)
            self._writer.write(vnc_response(self._place.password, challenge))
        elif method is VeNCrypt.X509_PLAIN:
            await self._send_user()
        if int.from_bytes(await self._reader.readexactly(4), "big"):
            refusal = no_display(f"The remote display refuses: {await self._reason()}")
            if method is VeNCrypt.X509_PLAIN:
                refusal.code = ErrorCode.VBOX_E_PASSWORD_INCORRECT
            raise refusal

    async def _send_user(self) -> None:
        user, password = (text.encode() for text in await self._ask_user())
        self._writer.write(struct.pack(">II", len(user), len(password)) + user + password)

    async def _begin_tls(self) -> VeNCrypt:
        await self._reader.readexactly(len(VENCRYPT_VERSION))
        self._writer.write(VENCRYPT_VERSION)
        accepted, count = await self._reader.readexactly(2)
        if accepted:
            raise no_display("The remote display does not speak VeNCrypt 0.2.")
        offers = struct.unpack(f">{count}I", await self._reader.readexactly(4 * count))
        known = (VeNCrypt.X509_NONE, VeNCrypt.X509_VNC, VeNCrypt.X509_PLAIN)
        chosen = next((kind for kind in known if kind in offers), None)
        if chosen is None:
            raise no_display("The remote display has no authentication that the console knows.")
        self._writer.write(struct.pack(">I", chosen))
        if await self._reader.readexactly(1) != b"\1":
            raise no_display("The remote display has withdrawn its offer of TLS.")
        await self._writer.start_tls(_context(self._place.trusted))
        return chosen

    async def _reason(self) -> str:
        length = int.from_bytes(await self._reader.readexactly(4), "big")
        data = await self._reader.readexactly(min(length, _MAX_REASON))
        return data.decode("utf-8", "replace")


def _context(trusted: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # What is trusted is one certificate, whatever names are in it.
    context.check_hostname = False
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(trusted)
    except OSError as error:
        raise no_display(
            f"The certificate {trusted} of the remote display cannot be read: "
            f"{error.strerror or error}."
        ) from error
    return context
