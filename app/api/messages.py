"""Messages between clients, the service and VM processes: one schema, one version.

A message is a msgpack map with a ``type`` tag, framed by :mod:`multiprocessing.connection`.
Parameters, results and event data travel as raw msgpack inside it, so that the service routes
console calls between a client and a VM process without knowing their types.

Conversation: the client sends :class:`Hello`, the service answers :class:`Welcome` or
:class:`Failure` (and hangs up). After that both sides may send a :class:`Call`; each is answered
by exactly one :class:`Reply` or :class:`Failure` with the same ``id``, after any number of
:class:`Progress`. :class:`Cancel` asks to end a call early; the call then fails with ``E_ABORT``
unless it finished first. ``id`` is chosen by the side that calls and means nothing to the other.
"""

from __future__ import annotations

from typing import Final

import msgspec

from app.api.errors import ApiError, ErrorCode

PROTOCOL_VERSION: Final = 1
"""Raised when a message changes its meaning; new optional fields do not raise it."""

MAX_MESSAGE_BYTES: Final = 16 << 20
"""Longest message that is sent or accepted: a screenshot of the largest guest screen fits."""


class Hello(msgspec.Struct, tag="hello", frozen=True, kw_only=True):
    """First message of a client.

    Attributes:
        protocol: :data:`PROTOCOL_VERSION` of the client.
        token: Secret from the service's address file; proves that the peer may read it.
        client_name: For the log and for "who holds the machine".
        pid: Process of the client.
        environment: Display and session variables that VM processes started for this client get.
    """

    protocol: int
    token: str
    client_name: str
    pid: int
    environment: dict[str, str] = {}


class Welcome(msgspec.Struct, tag="welcome", frozen=True, kw_only=True):
    """The service's answer to :class:`Hello`."""

    protocol: int
    pid: int


class Call(msgspec.Struct, tag="call", frozen=True, kw_only=True):
    """Call of a method such as ``machine.launch``; ``params`` is a msgpack map."""

    id: int
    method: str
    params: msgspec.Raw = msgspec.Raw(b"\x80")


class Reply(msgspec.Struct, tag="reply", frozen=True, kw_only=True):
    """Result of a call."""

    id: int
    result: msgspec.Raw = msgspec.Raw(b"\xc0")


class Failure(msgspec.Struct, tag="error", frozen=True, kw_only=True):
    """A call failed; ``code`` is a number of :class:`app.api.errors.ErrorCode`."""

    id: int
    code: int
    message: str
    component: str = ""

    @classmethod
    def from_error(cls, call_id: int, error: ApiError) -> Failure:
        """The message that carries ``error``."""
        return cls(
            id=call_id, code=int(error.code), message=error.message, component=error.component
        )

    def to_error(self) -> ApiError:
        """The error that this message carries."""
        return ApiError(ErrorCode.from_wire(self.code), self.message, self.component)


class EventMessage(msgspec.Struct, tag="event", frozen=True, kw_only=True):
    """An event: name of its class in :mod:`app.api.events` and its fields."""

    name: str
    data: msgspec.Raw


class Progress(msgspec.Struct, tag="progress", frozen=True, kw_only=True):
    """A call goes on: ``percent`` from 0 to 100 and what it is doing.

    Attributes:
        progress_id: Names the operation to other clients; see :mod:`app.api.interfaces.progress`.
    """

    id: int
    percent: int
    description: str = ""
    progress_id: str = ""


class Cancel(msgspec.Struct, tag="cancel", frozen=True, kw_only=True):
    """The caller no longer wants the result of call ``id``."""

    id: int


Message = Hello | Welcome | Call | Reply | Failure | EventMessage | Progress | Cancel

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def encode(message: Message) -> bytes:
    """Bytes of ``message``.

    Raises:
        ApiError: It is longer than :data:`MAX_MESSAGE_BYTES`.
    """
    data = _encoder.encode(message)
    if len(data) > MAX_MESSAGE_BYTES:
        raise ApiError(
            ErrorCode.E_INVALIDARG,
            f"A message of {len(data)} bytes is longer than the limit of {MAX_MESSAGE_BYTES}.",
            "transport",
        )
    return data


def decode(data: bytes) -> Message:
    """Message in ``data``, which may come from a hostile peer.

    Raises:
        ApiError: ``E_INVALIDARG``: not a message of this schema.
    """
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ApiError(
            ErrorCode.E_INVALIDARG, f"Not a message of the Main API: {error}.", "transport"
        ) from error


def pack(value: object) -> msgspec.Raw:
    """Parameters, a result or event data, ready to be put into a message."""
    return msgspec.Raw(_encoder.encode(value))
