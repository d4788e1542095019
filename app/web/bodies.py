"""Bodies of requests, and those of requests and responses that are not of the Main API."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final

import msgspec
from starlette.requests import ClientDisconnect, Request

from app.web.problems import WebError

BODY_SECONDS: Final = 30.0
"""Time in which the body of a request has to arrive."""

_Text = Annotated[str, msgspec.Meta(max_length=1024)]


class Logon(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Name and password of a user."""

    user: _Text
    password: _Text


class LoggedOn(msgspec.Struct, kw_only=True):
    """A session that has begun.

    Attributes:
        token: To be sent as ``Authorization: Bearer TOKEN``.
        user: Name of the user.
        timeout: Seconds after the last request that the session ends; 12 hours at the latest.
    """

    token: str
    user: str
    timeout: float


class SessionInfo(msgspec.Struct, kw_only=True):
    """The session of a request."""

    user: str
    timeout: float


TYPES: Final[tuple[Any, ...]] = (Logon, LoggedOn, SessionInfo)


async def body_of(request: Request) -> bytes:
    """The whole body of a request; the guard has an eye on its length.

    Raises:
        WebError: It did not arrive.
    """
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.body()
    except TimeoutError as error:
        raise WebError(408, "The body of the request did not arrive in time.") from error
    except ClientDisconnect as error:
        raise WebError(400, "The body of the request is incomplete.") from error
