"""Answers envelopes.

Errors are faults as vboxwebsrv sends them: ``InvalidObjectFault`` for references that name nothing
(any more), ``RuntimeFault`` with the result code for what the Main API refuses, and plain ones for
what is no request of the WSDL.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.errors import ApiError
from app.web.bodies import body_of
from app.web.guard import SOAP_PATH
from app.web.logons import Logons
from app.web.problems import WebError
from app.web.sessions import Sessions
from app.web.soap.context import Context, InvalidObjectError, token_of
from app.web.soap.envelope import (
    BadRequestError,
    Elements,
    add_text,
    new_element,
    read_envelope,
    write_envelope,
    write_fault,
)
from app.web.soap.logon import ManagedObjectRef, WebsessionManager
from app.web.soap.managed import OPERATIONS, Managed, Operation, load_interfaces
from app.web.soap.progress import VirtualBoxErrorInfo, result_code
from app.web.soap.values import decode_arguments, encode_answer
from app.web.soap.wsdl import write_wsdl

MEDIA_TYPE: Final = "text/xml"
WSDL_PATH: Final = "/vboxwebService.wsdl"
_LOGON: Final = "IWebsessionManager_logon"
_LOGOFF: Final = "IWebsessionManager_logoff"
_FAULT_STATUS: Final = 500  # SOAP 1.1, 6.2
_TOO_MANY: Final = 429


class Soap:
    """The SOAP interface.

    Args:
        sessions: of this service.
        logons: begin them.
        calls: operations at one time.
    """

    def __init__(self, sessions: Sessions, logons: Logons, calls: asyncio.Semaphore) -> None:
        load_interfaces()
        self._sessions = sessions
        self._logons = logons
        self._calls = calls

    def routes(self) -> list[Route]:
        """Where vboxwebsrv answers, and the description."""
        return [Route(SOAP_PATH, self._serve, methods=["POST"]), Route(WSDL_PATH, self._describe)]

    async def _describe(self, request: Request) -> Response:
        return Response(write_wsdl(str(request.base_url)), media_type=MEDIA_TYPE)

    async def _serve(self, request: Request) -> Response:
        host = request.client.host if request.client else ""
        try:
            name, elements = read_envelope(await body_of(request))
            operation = _find(name)
            context, target = await self._target_of(operation, elements, host)
            answer = await self._carry_out(operation, target, elements, context)
        except WebError as error:
            if error.status == _TOO_MANY:
                raise
            fault = write_fault("Client", f"VirtualBox error: {error.detail}")
        except InvalidObjectError as error:
            detail = new_element("InvalidObjectFault")
            add_text(detail, "badObjectID", error.reference)
            fault = write_fault("Client", f"VirtualBox error: {error}", detail)
        except BadRequestError as error:
            fault = write_fault(error.code, str(error))
        except ApiError as error:
            fault = _runtime_fault(error, None)
        else:
            return answer
        return Response(fault, _FAULT_STATUS, media_type=MEDIA_TYPE)

    async def _target_of(
        self, operation: Operation, elements: Elements, host: str
    ) -> tuple[Context, Managed]:
        """The session and the object that an operation is asked of."""
        if operation.name == _LOGON:
            user, password = elements.text("username"), elements.text("password")
            context = self._context(await self._logons.log_on(host, user, password))
            return context, WebsessionManager(context)
        about_session = operation.owner is WebsessionManager
        reference = elements.text("refIVirtualBox" if about_session else "_this")
        try:
            context = self._context(token_of(reference))
        except WebError:
            raise InvalidObjectError(reference) from None
        if about_session:
            return context, WebsessionManager(context)
        target = context.find(reference)
        if operation.owner is not ManagedObjectRef and not isinstance(target, operation.owner):
            raise InvalidObjectError(reference)
        return context, target

    def _context(self, token: str) -> Context:
        session = self._sessions.find(token)
        if session.soap is None:
            session.soap = Context(token, session)
        return session.soap

    async def _carry_out(
        self, operation: Operation, target: Managed, elements: Elements, context: Context
    ) -> Response:
        arguments = decode_arguments(operation, elements, context)
        # The session does not end before its operations, however long they take.
        context.session.streams += 1
        try:
            async with self._calls:
                value = await operation.function(target, **arguments)
            answer = write_envelope(encode_answer(operation, value, context))
        except ApiError as error:
            fault = _runtime_fault(error, context)
            return Response(fault, _FAULT_STATUS, media_type=MEDIA_TYPE)
        finally:
            context.session.streams -= 1
        if operation.name == _LOGOFF:
            await self._sessions.close(context.token)
        return Response(answer, media_type=MEDIA_TYPE)


def _find(name: str) -> Operation:
    operation = OPERATIONS.get(name)
    if operation is None:
        raise BadRequestError(f"There is no operation '{name}' here; see {WSDL_PATH}.")
    return operation


def _runtime_fault(error: ApiError, context: Context | None) -> bytes:
    """The fault for what the Main API refused; its details are an object of the session."""
    detail = new_element("RuntimeFault")
    add_text(detail, "resultCode", str(result_code(error)))
    info = "" if context is None else context.refer_to_error(VirtualBoxErrorInfo(context, error))
    add_text(detail, "returnval", info)
    sentence = f"VirtualBox error: rc={int(error.code):#010x} {error.message}"
    return write_fault("Client", sentence, detail)
