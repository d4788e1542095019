"""The way from a browser to the remote display of a machine: WebSocket to RFB.

The web service is the RFB client that identifies itself at the server of the machine (with the
VNC password of its settings); the browser, whose session has been checked, gets an RFB stream
without authentication over the WebSocket, which is as safe as the connection to this service.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app.api.client import Client
from app.api.errors import ApiError, ErrorCode
from app.vrde.des import vnc_response
from app.web.calls import call
from app.web.problems import WebError
from app.web.sessions import Session, Sessions

SUBPROTOCOL: Final = "vitrine.rfb"
TOKEN_PREFIX: Final = "vitrine.token."  # noqa: S105 - what stands before a token
"""A browser cannot send headers with a WebSocket: its token comes as a subprotocol."""

CLOSE_NO_DISPLAY: Final = 4004
CLOSE_SESSION_OVER: Final = 4001
_NORMAL: Final = 1000
_MAX_REASON: Final = 120  # bytes; RFC 6455 allows 123
_CONNECT_SECONDS: Final = 10.0
_PART_BYTES: Final = 64 << 10
_VERSION: Final = b"RFB 003.008\n"
_NONE: Final = 1
_VNC: Final = 2

_log = logging.getLogger(__name__)


def _no_display(sentence: str) -> ApiError:
    return ApiError(ErrorCode.VBOX_E_NOT_SUPPORTED, sentence, "web")


async def _place_of(client: Client, machine_id: str) -> tuple[str, int, str]:
    """Address, port and password of a machine's RFB server.

    Raises:
        ApiError: It has none.
    """
    info = await call(client, "console.get_vrde_server_info", id=machine_id)
    if info.port <= 0:
        raise _no_display("The remote display of this machine is not switched on.")
    settings = await call(client, "machine.get_settings", id=machine_id)
    properties = settings.hardware.remote_display.properties
    address = info.address or "127.0.0.1"
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(address).is_unspecified:
            address = "::1" if ":" in address else "127.0.0.1"
    return address, info.port, properties.get("VNCPassword", "")


async def open_display(
    address: str, port: int, password: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to an RFB server and pass its authentication; ClientInit comes next.

    Raises:
        ApiError: It cannot be reached, refuses, or wants what this bridge does not speak.
    """
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(address, port)
            try:
                await _authenticate(reader, writer, password)
            except BaseException:
                writer.close()
                raise
    except (OSError, EOFError, TimeoutError) as error:
        raise ApiError(
            ErrorCode.VBOX_E_HOST_ERROR,
            f"The remote display at {address}:{port} does not answer: "
            f"{str(error) or type(error).__name__}.",
            "web",
        ) from error
    return reader, writer


async def _authenticate(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, password: str
) -> None:
    """The handshake of RFB 3.8 as a client (RFC 6143, 7.1)."""
    if not (await reader.readexactly(len(_VERSION))).startswith(b"RFB 003."):
        raise _no_display("The remote display does not speak RFB 3.8.")
    writer.write(_VERSION)
    (count,) = await reader.readexactly(1)
    if count == 0:
        raise _no_display(f"The remote display refuses: {await _reason(reader)}")
    kinds = await reader.readexactly(count)
    if _NONE in kinds:
        writer.write(bytes([_NONE]))
    elif _VNC in kinds:
        writer.write(bytes([_VNC]))
        writer.write(vnc_response(password, await reader.readexactly(16)))
    else:
        raise _no_display(
            "The remote display lets encrypted connections in only, which the console in the"
            " browser has not; set its property Security/Method to Negotiate or empty."
        )
    if int.from_bytes(await reader.readexactly(4), "big"):
        raise _no_display(f"The remote display refuses: {await _reason(reader)}")


async def _reason(reader: asyncio.StreamReader) -> str:
    length = int.from_bytes(await reader.readexactly(4), "big")
    return (await reader.readexactly(min(length, 1000))).decode("utf-8", "replace")


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
            reader, writer = await open_display(*await _place_of(client, machine_id))
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
    await socket.send_bytes(_VERSION)
    if await socket.receive_bytes() != _VERSION:
        raise ValueError("not an RFB 3.8 client")
    await socket.send_bytes(bytes([1, _NONE]))
    if await socket.receive_bytes() != bytes([_NONE]):
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
        async with asyncio.timeout(_CONNECT_SECONDS):
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
