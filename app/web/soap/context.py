"""What operations work with: the session of the web service, and the objects that it knows."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any, Final

from app.api.errors import ApiError, ErrorCode
from app.web.calls import AsyncCall, call

if TYPE_CHECKING:
    from app.web.sessions import Session
    from app.web.soap.managed import Managed

MAX_REFERENCES: Final = 10_000
"""Objects that a session may hold; vboxwebsrv has no bound, and clients that forget to release."""
MAX_ERRORS: Final = 64
"""Objects with the details of errors that are kept; older ones are released."""


class InvalidObjectError(Exception):
    """A reference names no object of the right kind, or its session has ended."""

    def __init__(self, reference: str) -> None:
        super().__init__(f'Invalid managed object reference "{reference}"')
        self.reference = reference


class Context:
    """One session and its objects.

    Args:
        token: of the session; begins every reference, and is all that a client needs to know.
        session: of the web service.
    """

    def __init__(self, token: str, session: Session) -> None:
        self.token = token
        self.session = session
        self._objects: dict[int, Managed] = {}
        self._numbers: dict[tuple[type, object], int] = {}
        self._errors: collections.deque[str] = collections.deque()
        self._last = 0

    async def call(self, method: str, **params: Any) -> Any:
        """Call the Main API.

        Raises:
            ApiError: What it answered.
        """
        return await call(await self.session.client(), method, **params)

    async def begin(self, method: str, **params: Any) -> AsyncCall:
        """Begin a call of the Main API."""
        return AsyncCall(await self.session.client(), method, params)

    def refer(self, target: Managed) -> str:
        """The reference of an object; the same one every time.

        Raises:
            ApiError: ``VBOX_E_MAXIMUM_REACHED``.
        """
        key = (type(target), target.key())
        number = self._numbers.get(key)
        if number is None:
            if len(self._objects) >= MAX_REFERENCES:
                raise ApiError(
                    ErrorCode.VBOX_E_MAXIMUM_REACHED,
                    f"This session holds {MAX_REFERENCES} objects; release some of them.",
                    "web",
                )
            self._last += 1
            number = self._numbers[key] = self._last
            self._objects[number] = target
        return f"{self.token}-{number:016x}"

    def refer_to_error(self, target: Managed) -> str:
        """The reference of the details of an error; the oldest ones give way.

        Raises:
            ApiError: ``VBOX_E_MAXIMUM_REACHED``.
        """
        if len(self._errors) >= MAX_ERRORS:
            self.release(self._errors.popleft())
        reference = self.refer(target)
        self._errors.append(reference)
        return reference

    def find(self, reference: str) -> Managed:
        """The object of a reference.

        Raises:
            InvalidObjectError: There is none.
        """
        target = self._objects.get(_number_of(reference))
        if target is None:
            raise InvalidObjectError(reference)
        return target

    def known(self, kind: type, key: object) -> Managed | None:
        """The object that a reference was given out for, if it still is."""
        number = self._numbers.get((kind, key))
        return None if number is None else self._objects[number]

    def release(self, reference: str) -> None:
        """Forget an object, if it is known."""
        number = _number_of(reference)
        target = self._objects.pop(number, None)
        if target is not None:
            del self._numbers[type(target), target.key()]


def token_of(reference: str) -> str:
    """The part of a reference that names the session."""
    return reference.rpartition("-")[0]


def _number_of(reference: str) -> int:
    try:
        return int(reference.rpartition("-")[2], 16)
    except ValueError:
        return 0
