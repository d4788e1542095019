"""The REST interface: logon, methods of the Main API, long operations, events.

A method is ``POST /api/v1/INTERFACE/METHOD`` with its parameters as a JSON object; one that only
reads may also be asked with GET and a query string. ``Prefer: respond-async`` begins a long
operation instead of waiting for it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from app.api.events import Event
from app.web import bodies
from app.web.bodies import body_of
from app.web.calls import AsyncCall
from app.web.exposure import exposed_method, is_reader, params_from_body, params_from_query
from app.web.logons import Logons
from app.web.openapi import PREFIX, openapi_document
from app.web.pictures import picture_of
from app.web.problems import WebError
from app.web.sessions import Session, Sessions, unknown_session

KEEP_ALIVE_SECONDS: Final = 15.0
"""An event stream that is quiet so long gets a comment."""
MAX_WAITING_EVENTS: Final = 1000

_READING: Final = ("GET", "HEAD")
_EVERY_METHOD: Final = (*_READING, "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_BINARY_TYPES: Final = ("image/png", "application/octet-stream")


def token_of(request: Request) -> str:
    """The bearer token of a request.

    Raises:
        WebError: There is none.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unknown_session()
    return token.strip()


class Rest:
    """Answers the requests of the interface.

    Args:
        sessions: Of this service.
        logons: Begin them.
        calls: Calls of the Main API at one time.
    """

    def __init__(self, sessions: Sessions, logons: Logons, calls: asyncio.Semaphore) -> None:
        self._sessions = sessions
        self._logons = logons
        self._calls = calls

    def routes(self) -> list[Route]:
        """Routes below the prefix; own ones come before those of the schema."""
        return [
            Route("/openapi.json", self._openapi),
            Route("/logon", self._logon, methods=["POST"]),
            Route("/logoff", self._logoff, methods=["POST"]),
            Route("/session", self._session),
            Route("/events", self._events),
            Route("/operations", self._operations),
            Route("/operations/{id}", self._operation, methods=["GET", "DELETE"]),
            Route("/machines/{id}/picture", self._picture),
            Route("/{interface}/{function}", self._method, methods=_EVERY_METHOD),
        ]

    async def _openapi(self, _request: Request) -> Response:
        return Response(openapi_document(), media_type="application/json")

    async def _logon(self, request: Request) -> Response:
        host = request.client.host if request.client else ""
        self._logons.check_limit(host)
        try:
            logon = msgspec.json.decode(await body_of(request), type=bodies.Logon)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise WebError(400, f"Not a logon: {error}.") from error
        token = await self._logons.log_on(host, logon.user, logon.password)
        return _json(
            bodies.LoggedOn(token=token, user=logon.user, timeout=self._sessions.timeout)
        )

    async def _logoff(self, request: Request) -> Response:
        await self._sessions.close(token_of(request))
        return Response(status_code=204)

    async def _session(self, request: Request) -> Response:
        session = self._sessions.find(token_of(request))
        return _json(bodies.SessionInfo(user=session.user, timeout=self._sessions.timeout))

    async def _operations(self, request: Request) -> Response:
        return _json(self._sessions.find(token_of(request)).operations.list())

    async def _operation(self, request: Request) -> Response:
        operations = self._sessions.find(token_of(request)).operations
        operation_id = request.path_params["id"]
        if request.method == "DELETE":
            operations.end(operation_id)
            return Response(status_code=204)
        return _json(operations.get(operation_id))

    async def _method(self, request: Request) -> Response:
        session = self._sessions.find(token_of(request))
        method = exposed_method(request.path_params["interface"], request.path_params["function"])
        readable = is_reader(method)
        if request.method == "POST":
            params = params_from_body(method, await body_of(request))
        elif readable and request.method in _READING:
            params = params_from_query(method, request.query_params.multi_items())
        else:
            allowed = ", ".join([*_READING, "POST"] if readable else ["POST"])
            raise WebError(405, f"Call {method.name} with {allowed}.", {"Allow": allowed})
        client = await session.client()
        if "respond-async" in request.headers.get("prefer", ""):
            info = session.operations.begin(client, method.name, params)
            headers = {"Location": f"{PREFIX}/operations/{info.id}"}
            return _json(info, 202, headers)
        async with self._calls:
            result = await AsyncCall(client, method.name, params).result
        accepted = request.headers.get("accept", "").partition(",")[0].strip()
        if isinstance(result, bytes) and accepted in _BINARY_TYPES:
            return Response(result, media_type=accepted)
        return _json(result)

    async def _picture(self, request: Request) -> Response:
        client = await self._sessions.find(token_of(request)).client()
        async with self._calls:
            picture = await picture_of(client, request.path_params["id"])
        if picture is None:
            return Response(status_code=204)
        return Response(picture, media_type="image/png")

    async def _events(self, request: Request) -> Response:
        session = self._sessions.find(token_of(request))
        await session.client()
        return StreamingResponse(_event_stream(session), media_type="text/event-stream")


async def _event_stream(session: Session) -> AsyncIterator[bytes]:
    """Events as the standard of HTML writes them, until the session or the connection ends."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[Event] = asyncio.Queue(MAX_WAITING_EVENTS)
    missed = asyncio.Event()

    def put(event: Event) -> None:
        try:
            queue.put_nowait(event)
        except asyncio.QueueFull:
            missed.set()

    def receive(event: Event) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(put, event)

    client = await session.client()
    unsubscribe = client.subscribe(receive)
    ended = asyncio.ensure_future(session.wait_end())
    getting = asyncio.ensure_future(queue.get())
    try:
        yield b": events of the Main API\n\n"
        # A reader that is too slow begins anew, and asks for what it shows.
        while client.connected and not missed.is_set():
            await asyncio.wait(
                {getting, ended}, timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if ended.done():
                return
            if getting.done():
                event = getting.result()
                getting = asyncio.ensure_future(queue.get())
                name, data = type(event).__name__, msgspec.json.encode(event).decode()
                yield f"event: {name}\ndata: {data}\n\n".encode()
            else:
                yield b": still there\n\n"
    finally:
        unsubscribe()
        for task in (getting, ended):
            task.cancel()


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(value), status, headers, "application/json")
