"""``snapshot``: states of a machine to come back to."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from app.cli.commands import command
from app.cli.errors import CommandError, UsageError
from app.cli.options import Arguments, Option
from app.cli.subcommands import Subcommands

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.settings.model import MachineSettings, Snapshot

_DESCRIPTION: Final = Option(
    ("--description", "-description", "-desc"), "text", "What the snapshot is about."
)
_TAKE: Final = (
    _DESCRIPTION,
    Option(("--live",), help="Let the machine run meanwhile."),
    Option(("--pause",), hidden=True),
    Option(
        ("--uniquename",), "spec",
        "What makes the name unique: Number, Timestamp, Space=<text> or Force.",
    ),
)  # fmt: skip
_EDIT: Final = (
    _DESCRIPTION,
    Option(("--name", "-newname", "--newname"), "name", "New name."),
    Option(("--current", "-current"), help="The current snapshot."),
)
_LIST: Final = (
    Option(("--machinereadable", "-machinereadable", "-M"), help="Print key=value lines."),
    Option(("--details", "-D"), help="Print everything about the snapshots."),
)

_snapshot: Final = Subcommands()


@command(
    "snapshot",
    "Take, list, change, restore and delete snapshots of a machine.",
    usage=(
        ("snapshot <uuid | vmname> take <snapshot-name> [--description=<text>] [--live] "
        "[--uniquename=<Number | Timestamp | Space=<text> | Force>]"),
        "snapshot <uuid | vmname> delete <snapshot-name>",
        "snapshot <uuid | vmname> restore <snapshot-name>",
        "snapshot <uuid | vmname> restorecurrent",
        ("snapshot <uuid | vmname> edit <snapshot-name | --current> [--description=<text>] "
        "[--name=<name>]"),
        "snapshot <uuid | vmname> list [--details | --machinereadable]",
        "snapshot <uuid | vmname> showvminfo <snapshot-name>",
    ),
    options=(*_TAKE, *_EDIT[1:], *_LIST),
    raw=True,
)
def snapshot(context: Context, arguments: Arguments) -> int | None:
    """Carry out a subcommand: the first word is the machine, the second one names it."""
    arguments.word(0, "virtual machine name or UUID")
    return _snapshot.run(context, arguments, position=1)


@_snapshot.add("take", options=_TAKE)
def _take(context: Context, arguments: Arguments) -> None:
    machine_id, settings = _machine(context, arguments)
    name = arguments.word(1, "snapshot name")
    arguments.at_most(2)
    name = _unique(name, settings, arguments.get("uniquename"))
    taken = context.run_long(
        "snapshot.take", id=machine_id, name=name, description=arguments.get("description", "")
    )
    print(f"Snapshot taken. UUID: {taken.uuid}")


@_snapshot.add("delete")
def _delete(context: Context, arguments: Arguments) -> None:
    machine_id, found = _find(context, arguments)
    print(f"Deleting snapshot '{found.name}' ({found.uuid})", flush=True)
    context.run_long("snapshot.delete", id=machine_id, snapshot=found.uuid)


@_snapshot.add("restore")
def _restore(context: Context, arguments: Arguments) -> None:
    machine_id, found = _find(context, arguments)
    print(f"Restoring snapshot '{found.name}' ({found.uuid})", flush=True)
    context.run_long("snapshot.restore", id=machine_id, snapshot=found.uuid)


@_snapshot.add("restorecurrent")
def _restorecurrent(context: Context, arguments: Arguments) -> None:
    arguments.at_most(1)
    machine_id, settings = _machine(context, arguments)
    found = _current(context, machine_id, settings)
    print(f"Restoring snapshot '{found.name}' ({found.uuid})", flush=True)
    context.run_long("snapshot.restore", id=machine_id, snapshot=found.uuid)


@_snapshot.add("edit", options=_EDIT)
def _edit(context: Context, arguments: Arguments) -> None:
    name, description = arguments.get("name"), arguments.get("description")
    if arguments.has("current"):
        arguments.at_most(1)
        machine_id, settings = _machine(context, arguments)
        found = _current(context, machine_id, settings)
    else:
        machine_id, found = _find(context, arguments)
    context.client.snapshots(machine_id).edit(found.uuid, name, description)


@_snapshot.add("list", options=_LIST)
def _list(context: Context, arguments: Arguments) -> None:
    from app.cli.vminfo.sharing import print_snapshot_tree
    from app.cli.vminfo.writer import InfoWriter

    if arguments.has("details") and arguments.has("machinereadable"):
        raise UsageError("--details and --machinereadable are mutually exclusive")
    arguments.at_most(1)
    _machine_id, settings = _machine(context, arguments)
    if not settings.snapshots:
        print("This machine does not have any snapshots")
    elif arguments.has("details"):
        for each in settings.snapshots:
            _show(context, arguments, each)
            print()
    else:
        out = InfoWriter(machine_readable=arguments.has("machinereadable"))
        print_snapshot_tree(out, settings)


@_snapshot.add("showvminfo")
def _showvminfo(context: Context, arguments: Arguments) -> None:
    _machine_id, found = _find(context, arguments)
    _show(context, arguments, found)


def _show(context: Context, arguments: Arguments, found: Snapshot) -> None:
    """Print the machine as the snapshot remembers it."""
    import msgspec

    from app.api.structs import MachineState
    from app.cli.commands.showvminfo import print_settings
    from app.cli.vminfo.writer import InfoWriter

    info = context.machine(arguments.words[0])
    settings = context.client.machine(info.id).get_settings()
    remembered = msgspec.structs.replace(
        settings,
        hardware=found.hardware,
        debugging=found.debugging,
        autostart=found.autostart,
        recording=found.recording,
        description=found.description,
        state_file=found.state_file,
        snapshots=[],
    )
    then = msgspec.structs.replace(
        info,
        state=MachineState.SAVED if found.state_file else MachineState.POWERED_OFF,
        last_state_change=f"{found.time_stamp.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
    )
    print_settings(context, then, remembered, InfoWriter(machine_readable=False))


def _machine(context: Context, arguments: Arguments) -> tuple[str, MachineSettings]:
    info = context.machine(arguments.words[0])
    return info.id, context.client.machine(info.id).get_settings()


def _find(context: Context, arguments: Arguments) -> tuple[str, Snapshot]:
    name = arguments.word(1, "snapshot name")
    arguments.at_most(2)
    machine_id = context.machine(arguments.words[0]).id
    return machine_id, context.client.snapshots(machine_id).find(name)


def _current(context: Context, machine_id: str, settings: MachineSettings) -> Snapshot:
    if not settings.current_snapshot:
        raise CommandError("This machine does not have any snapshots")
    return context.client.snapshots(machine_id).find(settings.current_snapshot)


def _unique(name: str, settings: MachineSettings, spec: str | None) -> str:
    """The name, made different from those that there are as ``spec`` says."""
    taken = {each.name for each in settings.snapshots}
    if spec is None:
        return name
    kind, _equals, text = spec.partition("=")
    if kind == "Force":
        return name
    if kind == "Timestamp":
        return f"{name}{text or ' '}{dt.datetime.now(dt.UTC):%Y-%m-%dT%H-%M-%S-%f}Z"
    if kind not in ("Number", "Space"):
        raise UsageError(f"Invalid value for option '--uniquename': '{spec}'")
    separator = text or " "
    count = 0
    unique = name
    while unique in taken:
        count += 1
        unique = name + (separator * count if kind == "Space" else f"{separator}{count}")
    return unique
