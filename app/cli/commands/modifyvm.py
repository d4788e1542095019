"""``modifyvm``: change the settings of a machine that is powered off.

Most options are derived from the declarations of the settings
(:mod:`app.cli.commands.modifyvm_derived`); those whose grammar is richer have a function each in
the modules beside this one. All options are applied to a copy of the settings, which is saved
once: an error in any of them leaves the machine as it was.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from app.cli.changing import changed_settings
from app.cli.commands import (
    command,
    modifyvm_display,  # noqa: F401 (declares options)
    modifyvm_general,  # noqa: F401
    modifyvm_network,  # noqa: F401
    modifyvm_ports,  # noqa: F401
    modifyvm_storage,  # noqa: F401
)
from app.cli.commands.modifyvm_derived import declare_options
from app.cli.commands.modifyvm_draft import Draft, modifications
from app.cli.errors import UsageError

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments
    from app.settings.model import MachineSettings

declare_options()


def apply(
    settings: MachineSettings, arguments: Arguments, folder: str, context: Context | None = None
) -> None:
    """Apply options to settings, in the order in which they were given.

    Args:
        settings: They are changed; after an error they are worthless.
        arguments: Parsed words of the command line.
        folder: The machine's folder.
        context: The connection to the service; without it no media can be named.

    Raises:
        UsageError: A value cannot be understood.
        ApiError: A value is refused.
        CommandError: A file that an option names cannot be used.
    """
    draft = Draft(settings, folder, context)
    for given in arguments.given:
        modifications[given.key].handler(draft, given)


@command(
    "modifyvm",
    "Change settings of a machine that is powered off.",
    usage=("modifyvm <uuid | vmname> [<option>...]   (help modifyvm explains the options)",),
    options=[modifications[key].option for key in sorted(modifications)],
)
def modifyvm(context: Context, arguments: Arguments) -> None:
    """Change settings: all that were named, or none."""
    name = arguments.word(0, "virtual machine name")
    arguments.at_most(1)
    if not arguments.given:
        raise UsageError("Not enough parameters")
    info = context.machine(name)
    with changed_settings(context, info.id) as settings:
        apply(settings, arguments, os.path.dirname(info.settings_path), context)
