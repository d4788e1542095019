"""Turns what went wrong in the engine into errors of the Main API."""

from __future__ import annotations

from app.api.errors import ApiError, ErrorCode
from engine.errors import (
    ConfigurationError,
    EngineError,
    InvalidStateError,
    ResourceConflictError,
    SavedStateError,
)
from engine.storage.errors import MediumError

_CODES: tuple[tuple[type[Exception], ErrorCode], ...] = (
    (MediumError, ErrorCode.VBOX_E_FILE_ERROR),
    (SavedStateError, ErrorCode.VBOX_E_FILE_ERROR),
    (InvalidStateError, ErrorCode.VBOX_E_INVALID_VM_STATE),
    (ConfigurationError, ErrorCode.VBOX_E_PDM_ERROR),
    (ResourceConflictError, ErrorCode.VBOX_E_PDM_ERROR),
    (EngineError, ErrorCode.VBOX_E_VM_ERROR),
    (MemoryError, ErrorCode.VBOX_E_HOST_ERROR),
    (OSError, ErrorCode.VBOX_E_HOST_ERROR),
)


def api_error(error: Exception) -> ApiError:
    """Return the API error that says what ``error`` says; an API error is returned as it is."""
    if isinstance(error, ApiError):
        return error
    component = error.component if isinstance(error, EngineError) else "console"
    for kind, code in _CODES:
        if isinstance(error, kind):
            return ApiError(code, str(error) or type(error).__name__, component)
    return ApiError(
        ErrorCode.E_UNEXPECTED,
        f"Vitrine has made a mistake ({type(error).__name__}: {error}). "
        "Details are in the machine's log.",
        component,
    )


def invalid_state(sentence: str) -> ApiError:
    """Return the error of a request that makes no sense in the VM's present state."""
    return ApiError(ErrorCode.VBOX_E_INVALID_VM_STATE, sentence, "console")
