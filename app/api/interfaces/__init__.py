"""Interfaces of the Main API, one file each; :mod:`app.api.schema` tells how to declare them.

Each is imported when it is first used. A new one gets a file that bears its name on the wire, and a
line in each of the three lists here (for type checkers, for readers, and where it is).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.api.interfaces.console import Console
    from app.api.interfaces.machine import Machine
    from app.api.interfaces.progress import Progress
    from app.api.interfaces.session import Session
    from app.api.interfaces.virtualbox import VirtualBox

__all__ = ["Console", "Machine", "Progress", "Session", "VirtualBox"]


_MODULES = {
    "Console": "console",
    "Machine": "machine",
    "Progress": "progress",
    "Session": "session",
    "VirtualBox": "virtualbox",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
