"""The web application: pages, REST and SOAP interfaces and consoles behind one guard."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.routing import Mount, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles

from app.web.consoles import Consoles
from app.web.guard import Guard
from app.web.limits import RequestLimit
from app.web.logons import Logons
from app.web.openapi import PREFIX
from app.web.problems import EXCEPTION_HANDLERS
from app.web.rest import Rest
from app.web.sessions import Connect, Sessions, connect_to_service
from app.web.soap.server import Soap
from app.web.users import UserFile

PAGES: Final = Path(__file__).with_name("pages")


@dataclass(frozen=True, kw_only=True)
class WebConfig:
    """What the application is told by the options of the program.

    Attributes:
        users: File with the users.
        timeout: Seconds without a request after which a session ends.
        check_interval: Seconds between looks for sessions to end.
        threads: Calls of the Main API at one time.
        max_sessions: Sessions at one time.
        rate: Requests a second of each peer; 0: no limit.
        burst: Requests of a peer at once.
        max_body: Bytes of a request.
        names: Host names under which browsers reach the service.
        secure: TLS is used.
    """

    users: Path
    timeout: float = 300.0
    check_interval: float = 5.0
    threads: int = 100
    max_sessions: int = 100
    rate: float = 50.0
    burst: int = 200
    max_body: int = 1 << 20
    names: frozenset[str] = frozenset()
    secure: bool = False


def web_application(config: WebConfig, connect_client: Connect = connect_to_service) -> Guard:
    """Put the application together; an ASGI server runs it."""
    sessions = Sessions(config.timeout, config.max_sessions, connect_client)

    async def sweep() -> None:
        while True:
            await asyncio.sleep(config.check_interval)
            await sessions.expire()

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        sweeper = asyncio.create_task(sweep())
        try:
            yield
        finally:
            sweeper.cancel()
            await sessions.close_all()

    logons = Logons(sessions, UserFile(config.users))
    calls = asyncio.Semaphore(config.threads)
    rest = Rest(sessions, logons, calls)
    soap = Soap(sessions, logons, calls)
    console = WebSocketRoute("/machines/{id}/rfb", Consoles(sessions).serve)
    # Apart from the pages, so that a wrong method is told with those that are right.
    interface = Router([console, *rest.routes()], redirect_slashes=False)
    pages = StaticFiles(directory=PAGES, html=True)
    inner = Starlette(
        routes=[Mount(PREFIX, interface), *soap.routes(), Mount("/", pages)],
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=lifespan,
    )
    limit = RequestLimit(config.rate, config.burst)
    return Guard(
        inner, names=config.names, limit=limit, max_body=config.max_body, secure=config.secure
    )
