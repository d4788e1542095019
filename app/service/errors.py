"""Errors of other layers as errors of the Main API."""

from __future__ import annotations

from app.api.errors import ApiError, ErrorCode
from app.settings.errors import SettingsError


def from_settings_error(error: SettingsError, component: str) -> ApiError:
    """The API's error for a settings error; the codes of both have the same names."""
    code = ErrorCode.__members__.get(str(error.code), ErrorCode.E_FAIL)
    sentence = str(error)
    if not sentence.endswith((".", "!", "?")):
        sentence += "."
    return ApiError(code, sentence[:1].upper() + sentence[1:], component)
