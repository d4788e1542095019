"""What every request passes first: host, origin, rate, size, and headers of every response.

Written as plain ASGI, so that WebSockets and streams pass through it too.
"""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.limits import RequestLimit
from app.web.problems import WebError, refuse, too_many

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
SOAP_PATH: Final = "/"
"""Where vboxwebsrv takes its requests."""
_CHANGING: Final = {"POST", "PUT", "PATCH", "DELETE"}
_CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_POLICY_VIOLATION: Final = 1008


class Guard:
    """The outermost application.

    Args:
        app: What is guarded.
        names: Host names under which the service is asked for, apart from loopback's and from IP
            addresses; a page of another name (DNS rebinding) gets nothing.
        limit: Requests of each peer.
        max_body: Bytes.
        secure: TLS is used.
    """

    def __init__(
        self, app: ASGIApp, *, names: frozenset[str], limit: RequestLimit, max_body: int,
        secure: bool,
    ) -> None:  # fmt: skip
        self._app = app
        self._names = LOOPBACK_NAMES | {name.lower() for name in names}
        self._limit = limit
        self._max_body = max_body
        self._headers = dict(_HEADERS)
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection as ASGI says."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        guarded = self._with_headers(scope, send)
        try:
            self._check(scope)
        except WebError as error:
            if scope["type"] == "websocket":
                # The server turns this into a response of status 403 to the handshake.
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            else:
                await refuse(error)(scope, receive, guarded)
            return
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._serve_http(scope, receive, guarded)

    def _check(self, scope: Scope) -> None:
        """Refuse what comes from elsewhere, too often, or with too long a body.

        Raises:
            WebError: Why the request is refused.
        """
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._host_allowed(host):
            raise WebError(421, "This service does not answer under the name in 'Host'.")
        origin = headers.get("origin")
        if origin is not None and not _same_origin(origin, host):
            raise WebError(403, "Requests from pages of other origins are refused.")
        client = scope.get("client")
        wait = self._limit.take(client[0] if client else "")
        if wait:
            raise too_many("requests", wait)
        if scope["type"] != "http":
            return
        length = headers.get("content-length", "0")
        # The server refuses lengths that are no numbers.
        if length.isdigit() and int(length) > self._max_body:
            raise self._too_long()
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        has_body = length != "0" or "transfer-encoding" in headers
        # Both are types that a page of another origin cannot send without asking first.
        wanted = "text/xml" if scope["path"] == SOAP_PATH else "application/json"
        if scope["method"] in _CHANGING and has_body and kind != wanted:
            raise WebError(415, f"The body of a request must be {wanted}.")

    async def _serve_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > self._max_body:
                    raise self._too_long()
            return message

        await self._app(scope, counted, send)

    def _too_long(self) -> WebError:
        return WebError(413, f"The body of a request may have {self._max_body} bytes.")

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
                del headers["server"]
            await send(message)

        return guarded if scope["type"] == "http" else send

    def _host_allowed(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        if name is None:
            return False
        return name in self._names or _is_address(name)


def _is_address(name: str) -> bool:
    """Whether a name is an IP address, which no foreign page can have as its host name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same_origin(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower()
