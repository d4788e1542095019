"""``storageattach``: drives and media of a machine, running or not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from app.api.basics import LockType
from app.cli import iscsi
from app.cli.changing import changed_settings
from app.cli.commands import command
from app.cli.errors import CommandError, UsageError
from app.cli.options import Option
from app.cli.slots import Slot, attach, detach, find_slot, set_flags
from app.settings.hotplug import is_hot_pluggable, takes_hot_plug

if TYPE_CHECKING:
    from app.api.basics import MachineInfo
    from app.api.interfaces import Machine
    from app.cli.context import Context
    from app.cli.options import Arguments
    from app.settings.model import MachineSettings

_FLAGS: Final = (
    ("passthrough", "Hand raw commands to the host's drive."),
    ("tempeject", "What the guest ejects is back after the next start."),
    ("nonrotational", "The guest sees a solid-state drive."),
    ("discard", "Give trimmed blocks back to the host."),
    ("hotpluggable", "It can be attached and detached while the machine runs."),
)


@command(
    "storageattach",
    "Attach, change and detach drives and media.",
    usage=(
        ("storageattach <uuid | vmname> --storagectl=<name> [--port=<number>] [--device=<number>] "
        "[--type=dvddrive | fdd | hdd] [--medium=none | emptydrive | additions | <uuid> | "
        "<filename> | host:<drive> | iscsi] [--mtype=normal | writethrough | immutable | shareable "
        "| readonly | multiattach] [--bandwidthgroup=<name> | none] [--comment=<text>] "
        "[--discard=on | off] [--forceunmount] [--forceunplug] [--hotpluggable=on | off] "
        "[--nonrotational=on | off] [--passthrough=on | off] [--setparentuuid=<uuid>] "
        "[--setuuid=<uuid>] [--tempeject=on | off]"),
    ),
    options=(
        Option(("--storagectl", "-storagectl", "-s"), "name", "Name of the controller."),
        Option(("--port", "-port", "-p"), "number", "Port of the controller, from 0."),
        Option(("--device", "-device", "-d"), "number", "Device on the port, from 0."),
        Option(("--type", "-type", "-t"), "type", "Kind of drive: dvddrive, fdd or hdd."),
        Option(("--medium", "-medium", "-m"), "medium", "What is put into the drive."),
        Option(("--mtype", "-mtype", "-M"), "type", "Behaviour of the medium."),
        Option(("--comment", "-C"), "text", "Description of the medium."),
        Option(("--setuuid", "-q"), "uuid", "New UUID of the image; empty: a random one."),
        Option(("--setparentuuid", "-Q"), "uuid", "New UUID of the parent of the image."),
        Option(("--bandwidthgroup", "-b"), "name", "Group that limits it; none: no group."),
        Option(("--forceunmount", "-f"), help="Also when the guest has locked the drive."),
        Option(("--forceunplug",), help="Also when the guest does not give the drive up."),
        *(Option((f"--{key}",), "on | off", text) for key, text in _FLAGS),
        *iscsi.OPTIONS,
    ),
)
def storageattach(context: Context, arguments: Arguments) -> None:
    """Change one slot: all that was asked for, or nothing."""
    name = arguments.word(0, "virtual machine name")
    arguments.at_most(1)
    if not arguments.get("storagectl"):
        raise UsageError("Storage controller name not specified")
    flags = {key: _on_off(arguments, key) for key, _ in _FLAGS if arguments.has(key)}
    info = context.machine(name)
    force = arguments.has("forceunplug")
    with changed_settings(context, info.id, LockType.SHARED, force_unplug=force) as settings:
        _change(context, info, settings, arguments, flags)


def _change(
    context: Context,
    info: MachineInfo,
    settings: MachineSettings,
    arguments: Arguments,
    flags: dict[str, bool],
) -> None:
    slot = find_slot(context, settings, os.path.dirname(info.settings_path), arguments)
    medium = arguments.get("medium")
    running = info.state.is_online
    if medium is None and slot.drive is None:
        raise CommandError(
            f"No drive attached to device slot {slot.device} on port {slot.port} of controller "
            f"'{slot.controller.name}'"
        )
    plugged = medium == "none" and _may_go(slot)
    if medium is not None and running and slot.holds_removable(arguments) and not plugged:
        _mount(context.client.machine(info.id), slot, medium, arguments)
    elif medium == "none":
        detach(slot)
    elif medium is not None:
        is_new = slot.drive is None
        attach(slot, medium, arguments)
        if running and is_new and slot.drive is not None:
            # What has come while the machine runs may go then, too, as in VirtualBox.
            slot.drive.hotpluggable = takes_hot_plug(slot.controller)
    set_flags(slot, flags, arguments.get("bandwidthgroup"))


def _may_go(slot: Slot) -> bool:
    return slot.drive is not None and is_hot_pluggable(slot.controller, slot.drive)


def _mount(machine: Machine, slot: Slot, medium: str, arguments: Arguments) -> None:
    """Change what is in a removable drive of a running machine."""
    if medium == "none":
        raise CommandError(
            "The drive cannot be detached while the machine runs; --medium=emptydrive ejects what "
            "is in it"
        )
    if medium.startswith("host:"):
        raise CommandError("A drive of the host cannot be connected while the machine runs")
    path = None if medium == "emptydrive" else slot.image(medium, arguments).path
    machine.mount_medium(
        slot.controller.name, slot.port, slot.device, path, force=arguments.has("forceunmount")
    )


def _on_off(arguments: Arguments, key: str) -> bool:
    text = arguments.require(key).lower()
    if text not in ("on", "off"):
        raise UsageError(f"Invalid --{key} argument '{arguments.get(key)}'")
    return text == "on"
