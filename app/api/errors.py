"""Errors of the Main API: result codes of VirtualBox and the exception that carries them.

Every failure that reaches a client is an :class:`ApiError`: a stable code, a sentence with the
facts in it, and the component that noticed. Codes are those of VirtualBox's ``Main`` (COM result
codes ``0x80BB0001``...) so that scripts can compare numbers.
"""

from __future__ import annotations

import enum


class ErrorCode(enum.IntEnum):
    """Result codes, with the names and numbers of VirtualBox's Main API."""

    E_UNEXPECTED = 0x8000FFFF
    E_NOTIMPL = 0x80004001
    E_ABORT = 0x80004004
    E_FAIL = 0x80004005
    E_ACCESSDENIED = 0x80070005
    E_INVALIDARG = 0x80070057
    NS_ERROR_CALL_FAILED = 0x800706BE
    """The service (or the VM process behind it) went away before it had answered."""
    VBOX_E_OBJECT_NOT_FOUND = 0x80BB0001
    VBOX_E_INVALID_VM_STATE = 0x80BB0002
    VBOX_E_VM_ERROR = 0x80BB0003
    VBOX_E_FILE_ERROR = 0x80BB0004
    VBOX_E_IPRT_ERROR = 0x80BB0005
    VBOX_E_PDM_ERROR = 0x80BB0006
    VBOX_E_INVALID_OBJECT_STATE = 0x80BB0007
    VBOX_E_HOST_ERROR = 0x80BB0008
    VBOX_E_NOT_SUPPORTED = 0x80BB0009
    VBOX_E_XML_ERROR = 0x80BB000A
    VBOX_E_INVALID_SESSION_STATE = 0x80BB000B
    VBOX_E_OBJECT_IN_USE = 0x80BB000C
    VBOX_E_PASSWORD_INCORRECT = 0x80BB000D
    VBOX_E_MAXIMUM_REACHED = 0x80BB000E
    VBOX_E_GSTCTL_GUEST_ERROR = 0x80BB000F
    VBOX_E_TIMEOUT = 0x80BB0010
    VBOX_E_DND_ERROR = 0x80BB0011
    VBOX_E_PLATFORM_ARCH_NOT_SUPPORTED = 0x80BB0012
    VBOX_E_RECORDING_ERROR = 0x80BB0013

    @classmethod
    def from_wire(cls, number: int) -> ErrorCode:
        """Code for ``number``; a number that a newer peer invented becomes ``E_FAIL``."""
        try:
            return cls(number)
        except ValueError:
            return cls.E_FAIL


class ApiError(Exception):
    """A call failed.

    Attributes:
        code: Stable result code.
        message: One or more sentences for people, with the facts in them.
        component: Interface or part that noticed, such as ``machine`` or ``transport``.
    """

    def __init__(self, code: ErrorCode, message: str, component: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.component = component

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        return f"ApiError({self.code.name}, {self.message!r}, component={self.component!r})"

    def __reduce__(self) -> tuple[type[ApiError], tuple[ErrorCode, str, str]]:
        return ApiError, (self.code, self.message, self.component)
