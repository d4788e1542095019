"""Logging on with a password, however it comes: limits for guessing, the check, a session."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from app.web.limits import LogonLimit
from app.web.problems import WebError, too_many
from app.web.sessions import Sessions
from app.web.users import UserFile

_HASHES_AT_ONCE: Final = 2
"""scrypt takes 32 MiB and a processor each time."""

_log = logging.getLogger(__name__)


class Logons:
    """Lets users in.

    Args:
        sessions: get a new one with each logon.
        users: who may log on.
    """

    def __init__(self, sessions: Sessions, users: UserFile) -> None:
        self._sessions = sessions
        self._users = users
        self._limit = LogonLimit()
        self._hashing = asyncio.Semaphore(_HASHES_AT_ONCE)

    def check_limit(self, host: str) -> None:
        """Look whether a peer may try, before anything is done for it.

        Raises:
            WebError: It has to wait.
        """
        wait = self._limit.wait_seconds(host)
        if wait:
            raise too_many("wrong passwords", wait)

    async def log_on(self, host: str, user: str, password: str) -> str:
        """Begin a session.

        Returns:
            Its token.

        Raises:
            ApiError: There is no service.
            WebError: Name or password are wrong, the peer has to wait, or there are too many
                sessions.
        """
        self.check_limit(host)
        self._limit.begin(host)
        async with self._hashing:
            known = await asyncio.to_thread(self._users.check, user, password)
        if not known:
            _log.warning("Wrong name or password from %s", host)
            headers = {"WWW-Authenticate": "Bearer"}
            raise WebError(401, "The name or the password is wrong.", headers)
        self._limit.succeeded(host)
        return await self._sessions.open(user)
