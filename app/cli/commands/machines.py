"""``createvm``, ``registervm``, ``unregistervm`` and ``movevm``: machines come, go and move."""

from __future__ import annotations

import os
import sys
import uuid
from typing import TYPE_CHECKING

from app.cli.commands import command
from app.cli.commands.showvminfo import PASSWORD_OPTIONS
from app.cli.errors import CommandError, UsageError
from app.cli.options import Option
from app.cli.values import ARCHITECTURES

if TYPE_CHECKING:
    from app.api.structs import OsType
    from app.cli.context import Context
    from app.cli.options import Arguments
    from app.settings.model import MachineSettings


@command(
    "createvm",
    "Create a machine.",
    usage=(
        (
            "createvm --name=<name> [--platform-architecture=<x86 | arm>] "
            "[--basefolder=<folder>] [--default] [--groups=<group>[,<group>...]] "
            "[--ostype=<ostype>] [--register] [--uuid=<uuid>]"
        ),
    ),
    options=(
        Option(("--name", "-name", "-n"), "name", "Name of the machine."),
        Option(
            ("--platform-architecture", "--architecture"), "architecture",
            "Processor architecture of the machine: x86.",
        ),
        Option(("--groups", "-g"), "group", "Groups of the machine, separated by commas."),
        Option(
            ("--ostype", "--os-type", "-ostype", "-o"), "ostype",
            "Guest operating system; see 'list ostypes'.",
        ),
        Option(("--uuid", "-uuid", "-u"), "uuid", "UUID of the machine instead of a new one."),
        Option(("--register", "-register", "-r"), help="Register the machine."),
        Option(
            ("--basefolder", "-basefolder", "-p"), "folder",
            "Folder for the machine's folder instead of the default machine folder.",
        ),
        Option(
            ("--default", "-d"),
            help="Give it the hardware that suits its guest operating system.",
        ),
        Option(("--cipher", "-c"), "cipher", "Cipher of an encrypted machine."),
        *PASSWORD_OPTIONS,
    ),
)  # fmt: skip
def createvm(context: Context, arguments: Arguments) -> None:
    """Create a machine and register it if that is wanted."""
    arguments.at_most(0)
    name = arguments.require("name")
    if not name:
        raise UsageError("Parameter --name must not be empty")
    _check_architecture(arguments.get("platform-architecture", "x86"))
    if arguments.has("cipher"):
        raise CommandError("Encrypted machines are not supported")
    os_type = _os_type(context, arguments.get("ostype", "Other"))
    settings = _new_settings(name, os_type, suited=arguments.has("default"))
    settings.uuid = parse_uuid(arguments.get("uuid"))
    settings.groups = parse_groups(arguments.get("groups"))
    register = arguments.has("register")
    machine = context.client.virtualbox.create_machine(
        name,
        os_type.id,
        absolute_folder(arguments.get("basefolder")),
        settings,
        register=register,
    )
    done = "created and registered" if register else "created"
    print(f"Virtual machine '{machine.name}' is {done}.")
    print(f"UUID: {machine.id}")
    print(f"Settings file: '{machine.settings_path}'")


def _check_architecture(word: str) -> None:
    if word.lower() not in ARCHITECTURES:
        raise UsageError(f"Invalid platform architecture: '{word}'")
    if word.lower() == "arm":
        raise CommandError("Machines of the architecture ARM are not supported on this host")


def _os_type(context: Context, os_type_id: str) -> OsType:
    """The type with this id or description, in any case."""
    wanted = os_type_id.lower()
    for known in context.client.virtualbox.list_os_types():
        if wanted in (known.id.lower(), known.description.lower()):
            return known
    raise CommandError(f"Guest OS type '{os_type_id}' is unknown")


def _new_settings(name: str, os_type: OsType, *, suited: bool) -> MachineSettings:
    from app.settings.defaults import bare_settings, default_settings, first_adapter

    if not suited:
        return bare_settings(name, os_type.id)
    settings = default_settings(name, os_type.id)
    if not settings.hardware.network_adapters:
        settings.hardware.network_adapters = [first_adapter(os_type.id)]
    return settings


def parse_uuid(text: str | None) -> str:
    """A UUID in lower case; empty when none was given.

    Raises:
        UsageError: It is not one.
    """
    if text is None:
        return ""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise UsageError(f"Invalid UUID: '{text}'") from None


def parse_groups(text: str | None) -> list[str]:
    """Groups from a list with commas; the root group when none was given."""
    return [group for group in (text or "").split(",") if group] or ["/"]


def absolute_folder(folder: str | None) -> str | None:
    """``folder`` as the service needs it, which does not know our working folder."""
    return os.path.abspath(os.path.expanduser(folder)) if folder else None


@command(
    "registervm",
    "Register a machine that exists on disk.",
    usage=("registervm <filename> [--password=<file>]",),
    options=PASSWORD_OPTIONS,
)
def registervm(context: Context, arguments: Arguments) -> None:
    """Register a machine by its settings file or by its folder."""
    path = arguments.word(0, "filename")
    arguments.at_most(1)
    machine = context.client.virtualbox.open_machine(os.path.abspath(path))
    if machine.last_error:
        print(f"VBoxManage: warning: {machine.last_error}", file=sys.stderr)


@command(
    "unregistervm",
    "Unregister a machine and, if wanted, delete its files.",
    usage=("unregistervm <uuid | vmname> [--delete] [--delete-all]",),
    options=(
        Option(
            ("--delete", "-delete", "-d"),
            help="Delete settings, logs, saved states and hard disk images of this machine only.",
        ),
        Option(
            ("--delete-all", "-delete-all", "-a"),
            help="Delete also the optical and floppy images in the machine's folder.",
        ),
    ),
)  # fmt: skip
def unregistervm(context: Context, arguments: Arguments) -> None:
    """Forget a machine."""
    name = arguments.word(0, "virtual machine name or UUID")
    arguments.at_most(1)
    from app.api.copying import CleanupMode

    machine = context.machine(name)
    if arguments.has("delete-all"):
        mode = CleanupMode.DETACH_ALL_RETURN_HARD_DISKS_AND_VM_REMOVABLE
    elif arguments.has("delete"):
        mode = CleanupMode.DETACH_ALL_RETURN_HARD_DISKS_ONLY
    else:
        context.client.virtualbox.unregister_machine(machine.id)
        return
    context.run_long(
        "virtualbox.unregister_machine", id=machine.id, delete_files=True, cleanup=mode
    )


@command(
    "movevm",
    "Move a machine to another folder.",
    usage=("movevm <uuid | vmname> [--type=basic] [--folder=<folder>]",),
    options=(
        Option(("--type", "-t"), "type", "Kind of the move: basic."),
        Option(
            ("--folder", "-f"), "folder",
            "Folder that gets the machine's folder; default: the one it is in.",
        ),
    ),
)  # fmt: skip
def movevm(context: Context, arguments: Arguments) -> None:
    """Move a machine with all its files."""
    name = arguments.word(0, "virtual machine name or UUID")
    arguments.at_most(1)
    kind = arguments.get("type", "basic")
    if kind != "basic":
        raise UsageError(f"Invalid move type: '{kind}'")
    machine = context.machine(name)
    folder = absolute_folder(arguments.get("folder"))
    context.run_long("machine.move", id=machine.id, folder=folder)
    print(f"Machine has been successfully moved into {folder or 'the same location'}")
