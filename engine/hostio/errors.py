"""What can go wrong with the host side of a character device."""

from __future__ import annotations

from engine.errors import EngineError


class CharacterDriverError(EngineError):
    """A file or device of the host could not be opened for a port of the guest."""

    code = "VERR_OPEN_FAILED"
    component = "CHAR"
