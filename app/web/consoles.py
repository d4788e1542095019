"""The way from a browser to the remote display of a machine: WebSocket to RFB.

The web service is the RFB client that identifies itself at the server of the machine
(:mod:`app.web.rfbclient`); the browser, whose session has been checked, gets an RFB stream
without authentication over the WebSocket, which is as safe as the connection to this service. Where
the display wants a user, the browser is asked for name and password (VeNCrypt, Plain).
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import struct
from pathlib import Path
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app.api.client import Client
from app.api.errors import ApiError, ErrorCode
from app.vrde.certificate import SELF_SIGNED_NAME
from app.vrde.protocol import PLAIN_LIMIT, VENCRYPT_VERSION, VERSION, Security, VeNCrypt
from app.web.calls import call
from app.web.problems import WebError
from app.web.rfbclient import CONNECT_SECONDS, DisplayPlace, no_display, open_display
from app.web.sessions import Session, Sessions

SUBPROTOCOL: Final = "vitrine.rfb"
TOKEN_PREFIX: Final = "vitrine.token."  # noqa: S105 - what stands before a token
"""A browser cannot send headers with a WebSocket: its token comes as a subprotocol."""

CLOSE_NO_DISPLAY: Final = 4004
CLOSE_SESSION_OVER: Final = 4001
CLOSE_WRONG_USER: Final = 4003
_NORMAL: Final = 1000
_MAX_REASON: Final = 120  # bytes; RFC 6455 allows 123
_PART_BYTES: Final = 64 << 10
_ANSWER_SECONDS: Final = CONNECT_SECONDS / 2
_LENGTHS: Final = struct.Struct(">II")

_log = logging.getLogger(__name__)


async def _place_of(client: Client, machine_id: str) -> DisplayPlace:
    """Where a machine's RFB server is.

    Raises:
        ApiError: It has none.
    """
    info = await call(client, "console.get_vrde_server_info", id=machine_id)
    if info.port <= 0:
        raise no_display("The remote display of this machine is not switched on.")
    settings = await call(client, "machine.get_settings", id=machine_id)
    machine = await call(client, "virtualbox.find_machine", name_or_id=machine_id)
    properties = settings.hardware.remote_display.properties
    address = info.address or "127.0.0.1"
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(address).is_unspecified:
            address = "::1" if ":" in address else "127.0.0.1"
    certificate = properties.get("Security/CACertificate") or properties.get(
        "Security/ServerCertificate", SELF_SIGNED_NAME
    )
    return DisplayPlace(
        address, info.port, properties.get("VNCPassword", ""),
        Path(machine.settings_path).parent / certificate,
    )  # fmt: skip


class Consoles:
    """Serves the WebSockets of consoles."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def serve(self, socket: WebSocket) -> None:
        """Join a WebSocket with the machine of its path."""
        try:
            session = self._session_of(socket)
            client = await session.client()
        except (ApiError, WebError):
            await socket.close()  # before it is accepted: status 403
            return
        await socket.accept(SUBPROTOCOL)
        machine_id = socket.path_params["id"]
        try:
            reader, writer = await _open(socket, client, machine_id)
        except ApiError as error:
            wrong = error.code == ErrorCode.VBOX_E_PASSWORD_INCORRECT
            await _close(socket, CLOSE_WRONG_USER if wrong else CLOSE_NO_DISPLAY, error.message)
            return
        except (ValueError, KeyError, TimeoutError, WebSocketDisconnect) as error:
            _log.info("A console was left in its handshake: %s", str(error) or type(error).__name__)
            await _close(socket, _NORMAL)
            return
        session.streams += 1
        _log.info("%s opened the console of %s", session.user, machine_id)
        try:
            await _join(socket, session, reader, writer)
        finally:
            session.streams -= 1
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _session_of(self, socket: WebSocket) -> Session:
        for name in socket.scope.get("subprotocols", []):
            if name.startswith(TOKEN_PREFIX):
                return self._sessions.find(name.removeprefix(TOKEN_PREFIX))
        return self._sessions.find("")


async def _open(
    socket: WebSocket, client: Client, machine_id: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Lead a browser through both handshakes, up to its ClientInit.

    Raises:
        ApiError: The machine's display is not to be had, or not for this user.
        ValueError, KeyError, TimeoutError, WebSocketDisconnect: The browser is not an RFB client,
            or does not answer, or has gone.
    """
    greeting = _Greeting(socket)
    reader, writer = await open_display(await _place_of(client, machine_id), greeting.ask_user)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await greeting.finish()
    except BaseException:
        writer.close()
        raise
    return reader, writer


class _Greeting:
    """The handshake of RFB 3.8 as a server; each answer of the browser is one message.

    The methods raise ValueError: it is no such RFB client.
    """

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._asked = False

    async def ask_user(self) -> tuple[str, str]:
        """Return the name and the password that the browser sends by VeNCrypt Plain."""
        self._asked = True
        try:
            # A person types before the page connects again: nothing is held open meanwhile.
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await self._plain()
        except TimeoutError as error:
            raise ValueError("the client sent no name and password in time") from error

    async def finish(self) -> None:
        """Tell the browser that it is in."""
        if not self._asked:
            await self._begin(Security.NONE)
        await self._socket.send_bytes(bytes(4))

    async def _begin(self, security: Security) -> None:
        await self._exchange(VERSION, VERSION)
        await self._exchange(bytes([1, security]), bytes([security]))

    async def _plain(self) -> tuple[str, str]:
        await self._begin(Security.VENCRYPT)
        await self._exchange(VENCRYPT_VERSION, VENCRYPT_VERSION)
        plain = struct.pack(">I", VeNCrypt.PLAIN)
        await self._exchange(b"\0\1" + plain, plain)
        data = await self._socket.receive_bytes()
        if len(data) < _LENGTHS.size:
            raise ValueError("the client sent no name and password")
        lengths = _LENGTHS.unpack_from(data)
        texts = data[_LENGTHS.size :]
        if max(lengths) > PLAIN_LIMIT or sum(lengths) != len(texts):
            raise ValueError("the client sent a name and a password of impossible lengths")
        return texts[: lengths[0]].decode(), texts[lengths[0] :].decode()

    async def _exchange(self, offer: bytes, answer: bytes) -> None:
        await self._socket.send_bytes(offer)
        if await self._socket.receive_bytes() != answer:
            raise ValueError("the client is none of RFB 3.8, or did not choose what was offered")


async def _join(
    socket: WebSocket, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Copy both ways until one side or the session ends."""

    async def to_browser() -> None:
        while part := await reader.read(_PART_BYTES):
            await socket.send_bytes(part)

    async def to_machine() -> None:
        while True:
            writer.write(await socket.receive_bytes())
            await writer.drain()

    tasks = [asyncio.ensure_future(it) for it in (to_browser(), to_machine(), session.wait_end())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        over = tasks[2].done()
    finally:
        for task in tasks:
            task.cancel()
        # What a side says when the other has gone (a disconnect, a broken pipe) is the end.
        await asyncio.gather(*tasks, return_exceptions=True)
    await _close(socket, CLOSE_SESSION_OVER if over else _NORMAL)


async def _close(socket: WebSocket, code: int, reason: str = "") -> None:
    """Close a WebSocket, if the browser has not."""
    if socket.client_state is WebSocketState.CONNECTED:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(code, _short(reason))


def _short(reason: str) -> str:
    return reason.encode()[:_MAX_REASON].decode("utf-8", "ignore")
