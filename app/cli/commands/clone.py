"""``clonevm``: make a copy of a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.api.copying import CloneMode, CloneOption
from app.cli.commands import command
from app.cli.commands.machines import absolute_folder, parse_groups, parse_uuid
from app.cli.errors import UsageError
from app.cli.options import Option

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments

_MODES: Final = {
    "machine": CloneMode.MACHINE_STATE,
    "machineandchildren": CloneMode.MACHINE_AND_CHILD_STATES,
    "machinechildren": CloneMode.MACHINE_AND_CHILD_STATES,
    "all": CloneMode.ALL_STATES,
}
_OPTIONS: Final = {option.lower(): option for option in CloneOption}


@command(
    "clonevm",
    "Make a copy of a machine.",
    usage=(
        (
            "clonevm <vmname | uuid> [--basefolder=<folder>] [--groups=<group>[,<group>...]] "
            "[--mode=<machine | machinechildren | all>] [--name=<name>] "
            "[--options=<option>[,<option>...]] [--register] [--snapshot=<uuid | name>] "
            "[--uuid=<uuid>]"
        ),
    ),
    options=(
        Option(("--basefolder", "-p"), "folder", "Folder for the clone's folder."),
        Option(("--groups", "-g"), "group", "Groups of the clone, separated by commas."),
        Option(
            ("--mode", "-m"), "mode",
            "Clone the machine, it and the snapshots after the given one, or all snapshots.",
        ),
        Option(("--name", "-n"), "name", "Name of the clone; default: '<vmname> Clone'."),
        Option(
            ("--options", "-o"), "option",
            "Link, KeepAllMACs, KeepNATMACs, KeepDiskNames, KeepHwUUIDs, separated by commas.",
        ),
        Option(("--register", "-r"), help="Register the clone."),
        Option(("--snapshot", "-s"), "uuid|name", "Clone the machine as this snapshot has it."),
        Option(("--uuid", "-u"), "uuid", "UUID of the clone instead of a new one."),
    ),
)  # fmt: skip
def clonevm(context: Context, arguments: Arguments) -> None:
    """Copy a machine with its hard disks."""
    source = arguments.word(0, "virtual machine name or UUID")
    arguments.at_most(1)
    mode = arguments.get("mode", "machine")
    if mode.lower() not in _MODES:
        raise UsageError(f"Invalid clone mode '{mode}'")
    options = [
        parse_option(word) for text in arguments.all("options") for word in text.split(",") if word
    ]
    machine = context.machine(source)
    name = arguments.get("name") or f"{machine.name} Clone"
    context.run_long(
        "machine.clone",
        id=machine.id,
        name=name,
        mode=_MODES[mode.lower()],
        options=options,
        groups=parse_groups(arguments.get("groups")),
        base_folder=absolute_folder(arguments.get("basefolder")),
        uuid=parse_uuid(arguments.get("uuid")) or None,
        snapshot=arguments.get("snapshot"),
        register=arguments.has("register"),
    )
    print(f'Machine has been successfully cloned as "{name}"')


def parse_option(word: str) -> CloneOption:
    """One of the words of ``--options``, in any case.

    Raises:
        UsageError: There is no such option.
    """
    option = _OPTIONS.get(word.strip().lower())
    if option is None:
        raise UsageError(f"Invalid clone option '{word}'")
    return option
