"""Bodies of requests and responses that are not of the Main API."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

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
