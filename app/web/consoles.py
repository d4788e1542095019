"""The way from a browser to the remote display of a machine: WebSocket to RFB.

The web service is the RFB client that identifies itself at the server of the machine
(:mod:`app.web.rfbclient`); the browser, whose session has been checked, gets an RFB stream
without authentication over the WebSocket, which is as safe as the connection to this service.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
from pathlib import Path
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app.api.client import Client
from app.api.errors import ApiError
from app.vrde.certificate import SELF_SIGNED_NAME
from app.vrde.protocol import VERSION, Security
from app.web.calls import call
from app.web.problems import WebError
from app.web.rfbclient import CONNECT_SECONDS, DisplayPlace, no_display, open_display
from app.web.sessions import Session, Sessions

SUBPROTOCOL: Final = "vitrine.rfb"
TOKEN_PREFIX: Final = "vitrine.token."  # noqa: S105 - what stands before a token
"""A browser cannot send headers with a WebSocket: its token comes as a subprotocol."""

CLOSE_NO_DISPLAY: Final = 4004
CLOSE_SESSION_OVER: Final = 4001
_NORMAL: Final = 1000
_MAX_REASON: Final = 120  # bytes; RFC 6455 allows 123
_PART_BYTES: Final = 64 << 10

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
            reader, writer = await open_display(await _place_of(client, machine_id))
        except ApiError as error:
            await _close(socket, CLOSE_NO_DISPLAY, error.message)
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


async def _greet(socket: WebSocket) -> None:
    """The handshake of RFB 3.8 as a server without authentication; a message may hold any part.

    Raises:
        ValueError: It is no RFB client.
    """
    await socket.send_bytes(VERSION)
    if await socket.receive_bytes() != VERSION:
        raise ValueError("not an RFB 3.8 client")
    await socket.send_bytes(bytes([1, Security.NONE]))
    if await socket.receive_bytes() != bytes([Security.NONE]):
        raise ValueError("the client did not choose the authentication that was offered")
    await socket.send_bytes(bytes(4))


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

    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await _greet(socket)
    except (ValueError, KeyError, TimeoutError, WebSocketDisconnect) as error:
        _log.info("A console was left in its handshake: %s", str(error) or type(error).__name__)
        await _close(socket, _NORMAL)
        return
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
