"""Sessions of the web service: bearer tokens, their expiry, and a client of the API for each.

Each session has a connection of its own to the service, so that locks of machines belong to the
session and end with it, as those of a vboxwebsrv session do.

Threading: the loop's thread; connecting and hanging up are done on threads of the loop's pool.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from app.api.client import Client, connect
from app.api.errors import ApiError
from app.web.calls import Operations
from app.web.problems import WebError

if TYPE_CHECKING:
    from app.web.soap.context import Context

CLIENT_NAME: Final = "vitrine-web"
MAX_LIFETIME: Final = 12 * 3600.0
"""Seconds after which a token ends although it is used."""

Connect = Callable[[], Client]
Clock = Callable[[], float]

_log = logging.getLogger(__name__)


def connect_to_service() -> Client:
    """Connect as this program."""
    return connect(client_name=CLIENT_NAME)


class Session:
    """One user who has logged on.

    Attributes:
        user: Name.
        operations: Long calls of the session.
        streams: Event streams and consoles that are open; the session does not end before them.
        soap: What a client that speaks SOAP holds references to; None before its first call.
    """

    def __init__(self, user: str, opened: float, connect_client: Connect) -> None:
        self.user = user
        self.opened = opened
        self.used = opened
        self.operations = Operations()
        self.streams = 0
        self.soap: Context | None = None
        self._connect = connect_client
        self._client: Client | None = None
        self._connecting = asyncio.Lock()
        self._closed = False
        self._ended = asyncio.Event()

    async def client(self) -> Client:
        """The connection of the session; a lost one is replaced.

        Raises:
            ApiError: There is no service.
            WebError: The session has ended.
        """
        async with self._connecting:
            if self._closed:
                raise unknown_session()
            if self._client is None or not self._client.connected:
                self._client = await asyncio.to_thread(self._connect)
            return self._client

    async def wait_end(self) -> None:
        """Return when the session ends."""
        await self._ended.wait()

    async def close(self) -> None:
        """Hang up."""
        self._closed = True
        self._ended.set()
        async with self._connecting:
            if self._client is not None:
                await asyncio.to_thread(self._client.close)
                self._client = None


def unknown_session() -> WebError:
    """The error for a token that is missing, wrong or expired; it does not tell which."""
    return WebError(
        401, "Log on first: the token is missing, wrong or expired.", {"WWW-Authenticate": "Bearer"}
    )


class Sessions:
    """All sessions.

    Args:
        timeout: Seconds after its last request that a session ends.
        maximum: Sessions at one time.
        connect_client: Connects to the service.
        clock: Seconds.
    """

    def __init__(
        self,
        timeout: float,
        maximum: int,
        connect_client: Connect = connect_to_service,
        clock: Clock = time.monotonic,
    ) -> None:
        self.timeout = timeout
        self._maximum = maximum
        self._connect = connect_client
        self._clock = clock
        # Digests instead of tokens: looking one up tells nothing by the time it takes.
        self._sessions: dict[bytes, Session] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    async def open(self, user: str) -> str:
        """Begin a session, and return its token.

        Raises:
            ApiError: There is no service.
            WebError: There are too many sessions.
        """
        await self.expire()
        if len(self._sessions) >= self._maximum:
            raise WebError(503, f"There are {self._maximum} sessions already.")
        token = secrets.token_urlsafe(32)
        session = Session(user, self._clock(), self._connect)
        self._sessions[_digest(token)] = session
        try:
            await session.client()
        except ApiError:
            self._sessions.pop(_digest(token), None)
            raise
        _log.info("Session of %s began; %d are open", user, len(self._sessions))
        return token

    def find(self, token: str) -> Session:
        """The session of a token; it counts as used now.

        Raises:
            WebError: There is none.
        """
        session = self._sessions.get(_digest(token))
        if session is None or self._expired(session):
            raise unknown_session()
        session.used = self._clock()
        return session

    async def close(self, token: str) -> None:
        """End a session.

        Raises:
            WebError: There is none.
        """
        session = self.find(token)
        del self._sessions[_digest(token)]
        await session.close()

    async def expire(self) -> None:
        """End the sessions whose time is over."""
        for key, session in list(self._sessions.items()):
            if self._expired(session):
                self._sessions.pop(key, None)
                await session.close()
                _log.info("Session of %s expired", session.user)

    async def close_all(self) -> None:
        """End all sessions."""
        sessions = list(self._sessions.values())
        self._sessions.clear()
        for session in sessions:
            await session.close()

    def _expired(self, session: Session) -> bool:
        now = self._clock()
        if now - session.opened > MAX_LIFETIME:
            return True
        return session.streams == 0 and now - session.used > self.timeout


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
