"""``discardstate`` and ``adoptstate``: the saved state of a machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from app.cli.commands import command

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments


@command(
    "discardstate",
    "Discard the saved state of a machine, as if its plug had been pulled.",
    usage=("discardstate <uuid | vmname>",),
)
def discardstate(context: Context, arguments: Arguments) -> None:
    """Forget the saved state and delete its file."""
    name = arguments.word(0, "virtual machine name or UUID")
    arguments.at_most(1)
    context.client.saved_state(context.machine(name).id).discard()


@command(
    "adoptstate",
    "Make a file the saved state of a machine that is powered off.",
    usage=("adoptstate <uuid | vmname> <state-filename>",),
)
def adoptstate(context: Context, arguments: Arguments) -> None:
    """Adopt a state; a relative name is one in the current folder."""
    name = arguments.word(0, "virtual machine name or UUID")
    path = arguments.word(1, "name of the state file")
    arguments.at_most(2)
    context.client.saved_state(context.machine(name).id).adopt(os.path.abspath(path))
