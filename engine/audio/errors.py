"""Errors of the host side of sound."""

from __future__ import annotations

from engine.errors import EngineError


class AudioDriverError(EngineError):
    """A file that sound goes to or comes from cannot be used."""

    code = "VERR_OPEN_FAILED"
    component = "AUDIO"
