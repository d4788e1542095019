"""Errors on the wire: problem details (RFC 9457) with the result code of the Main API."""

from __future__ import annotations

import http
import math
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.api.errors import ApiError, ErrorCode
from app.web.exposure import MalformedError

MEDIA_TYPE: Final = "application/problem+json"

_STATUS: Final = {
    ErrorCode.E_UNEXPECTED: 500,
    ErrorCode.E_NOTIMPL: 404,
    ErrorCode.E_ABORT: 409,
    ErrorCode.E_ACCESSDENIED: 403,
    ErrorCode.NS_ERROR_CALL_FAILED: 503,
    ErrorCode.VBOX_E_OBJECT_NOT_FOUND: 404,
    ErrorCode.VBOX_E_INVALID_VM_STATE: 409,
    ErrorCode.VBOX_E_INVALID_OBJECT_STATE: 409,
    ErrorCode.VBOX_E_INVALID_SESSION_STATE: 409,
    ErrorCode.VBOX_E_OBJECT_IN_USE: 409,
    ErrorCode.VBOX_E_PASSWORD_INCORRECT: 403,
    ErrorCode.VBOX_E_MAXIMUM_REACHED: 409,
    ErrorCode.VBOX_E_TIMEOUT: 504,
}
_OTHER_STATUS: Final = 422
"""The request is understood, and what it asks for cannot be done."""
_MALFORMED_STATUS: Final = 400


class Problem(msgspec.Struct, kw_only=True):
    """Why a request failed.

    Attributes:
        type: Names the kind of problem.
        title: Name of the result code, or the phrase of the status.
        status: Status of the response.
        detail: Sentences for people.
        code: Result code of the Main API by name; empty when the request did not get so far.
        number: The same as a number; 0 for none.
        component: Part that noticed.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str = ""
    number: int = 0
    component: str = ""


class WebError(Exception):
    """A request is refused before it reaches the Main API.

    Attributes:
        status: Status of the response.
        detail: A sentence for people.
        headers: Of the response.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


def too_many(what: str, seconds: float) -> WebError:
    """The error that asks a peer to wait."""
    wait = max(1, math.ceil(seconds))
    sentence = f"Too many {what}; try again in {wait} s."
    return WebError(429, sentence, {"Retry-After": str(wait)})


def problem_of(error: ApiError) -> Problem:
    """What the wire says of an error of the Main API."""
    return Problem(
        type=f"urn:vitrine:error:{error.code.name}",
        title=error.code.name,
        status=_status_of(error),
        detail=error.message,
        code=error.code.name,
        number=int(error.code),
        component=error.component,
    )


def _status_of(error: ApiError) -> int:
    if isinstance(error, MalformedError):
        return _MALFORMED_STATUS
    return _STATUS.get(error.code, _OTHER_STATUS)


def _refusal(error: WebError) -> Problem:
    return Problem(
        title=http.HTTPStatus(error.status).phrase, status=error.status, detail=error.detail
    )


def response_of(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The response that carries a problem."""
    return Response(msgspec.json.encode(problem), problem.status, headers, MEDIA_TYPE)


def refuse(error: WebError) -> Response:
    """The response to a request that is refused."""
    return response_of(_refusal(error), error.headers)


async def on_api_error(_request: Request, error: Exception) -> Response:
    """Answer what the Main API refused."""
    assert isinstance(error, ApiError)
    return response_of(problem_of(error))


async def on_web_error(_request: Request, error: Exception) -> Response:
    """Answer what this service refused."""
    assert isinstance(error, WebError)
    return refuse(error)


async def on_http_error(_request: Request, error: Exception) -> Response:
    """Answer a request for a path or with a method that there is not."""
    assert isinstance(error, HTTPException)
    return refuse(WebError(error.status_code, f"{error.detail}.", error.headers))


EXCEPTION_HANDLERS: Final[dict[Any, Any]] = {
    ApiError: on_api_error,
    WebError: on_web_error,
    HTTPException: on_http_error,
}
