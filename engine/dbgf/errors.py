"""What can go wrong when the debugger asks for something."""

from __future__ import annotations

from engine.errors import EngineError


class DebuggerError(EngineError):
    """There is no such register, item or processor, or it cannot be changed."""

    code = "VERR_DBGF_NOT_FOUND"
    component = "DBGF"
