"""Puts a console together with what serves it to other clients."""

from __future__ import annotations

from app.console.console import Console
from app.console.debugger import DebuggerServant
from app.console.servant import ConsoleServant


def open_console(machine: str, *, client_name: str = "GUI/Qt") -> Console:
    """Return the console of a machine, ready to be started.

    Args:
        machine: UUID or name.
        client_name: shown as the holder of the machine.
    """
    return Console(
        machine,
        servants=lambda console: (ConsoleServant(console), DebuggerServant(console)),
        client_name=client_name,
    )
