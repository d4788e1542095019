"""Puts a console together with what serves it to other clients."""

from __future__ import annotations

from app.console.console import Console, Servants
from app.console.debugger import DebuggerServant
from app.console.servant import ConsoleServant


def open_console(
    machine: str, *, client_name: str = "GUI/Qt", has_window: bool = True
) -> Console:
    """Return the console of a machine, ready to be started.

    Args:
        machine: UUID or name.
        client_name: shown as the holder of the machine.
        has_window: this process shows a window that can be brought to the front.
    """

    def servants(console: Console) -> Servants:
        return ConsoleServant(console, has_window=has_window), DebuggerServant(console)

    return Console(machine, servants=servants, client_name=client_name)
