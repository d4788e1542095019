"""``showvminfo``: everything about one machine, or one of its logs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError
from app.cli.commands import command
from app.cli.errors import CommandError, UsageError
from app.cli.options import Option
from app.cli.vminfo import Subject
from app.cli.vminfo.devices import (
    print_devices,
    print_remote_display,
    print_running_display,
    print_usb,
)
from app.cli.vminfo.general import (
    print_firmware,
    print_identity,
    print_processor,
    print_state,
)
from app.cli.vminfo.network import print_network
from app.cli.vminfo.sharing import (
    print_guest,
    print_recording,
    print_shared_folders,
    print_snapshots,
)
from app.cli.vminfo.storage import print_storage
from app.cli.vminfo.writer import InfoWriter

if TYPE_CHECKING:
    from app.api.hoststructs import HostUsbDevice
    from app.api.structs import MachineInfo, OsType, ScreenInfo, VrdeServerInfo
    from app.cli.context import Context
    from app.cli.options import Arguments
    from app.settings.model import MachineSettings

PASSWORD_OPTIONS: Final = (
    Option(("--password-id",), "id", "Identifier of the password of an encrypted machine."),
    Option(("--password",), "file", "File with the password of an encrypted machine; - to ask."),
)
"""Accepted wherever VirtualBox takes them; no machine is encrypted, so nothing asks for them."""

_LOG_PIECE: Final = 1 << 20

_PARTS: Final = (
    print_identity,
    print_processor,
    print_firmware,
    print_state,
    print_storage,
    print_network,
    print_devices,
    print_running_display,
    print_remote_display,
    print_usb,
    print_shared_folders,
    print_recording,
    print_guest,
    print_snapshots,
)
"""In the order in which VirtualBox prints them."""


@command(
    "showvminfo",
    "Show the settings and the state of a machine, or one of its logs.",
    usage=(
        (
            "showvminfo <uuid | vmname> [--details] [--machinereadable] [--password-id <id>] "
            "[--password <file>]"
        ),
        "showvminfo <uuid | vmname> --log=<index> [--password-id <id>] [--password <file>]",
    ),
    options=(
        Option(
            ("--details", "-details", "-D"),
            help="Show also all settings by the options of modifyvm.",
        ),
        Option(
            ("--machinereadable", "-machinereadable", "-M"),
            help="Print key=value lines that programs can take apart.",
        ),
        Option(
            ("--log", "-log", "-l"), "index",
            "Print a log: 0 for the latest start of the machine, 1 for the one before it.",
        ),
        *PASSWORD_OPTIONS,
    ),
)  # fmt: skip
def showvminfo(context: Context, arguments: Arguments) -> None:
    """Print what is known of a machine."""
    name = arguments.word(0, "virtual machine name or UUID")
    arguments.at_most(1)
    log = arguments.get("log")
    if log is not None:
        if arguments.has("machinereadable") or arguments.has("details"):
            raise UsageError("--log cannot be used together with --details or --machinereadable")
        _print_log(context, name, _log_index(log))
        return
    info = context.machine(name)
    out = InfoWriter(machine_readable=arguments.has("machinereadable"))
    print_machine(context, info, out, details=arguments.has("details"))


def print_machine(
    context: Context, info: MachineInfo, out: InfoWriter, *, details: bool = False
) -> None:
    """Print what VirtualBox prints of a machine; ``details``: and all other settings."""
    if not info.accessible:
        _print_inaccessible(info, out)
        return
    settings = context.client.machine(info.id).get_settings()
    print_settings(context, info, settings, out, details=details)


def print_settings(
    context: Context,
    info: MachineInfo,
    settings: MachineSettings,
    out: InfoWriter,
    *,
    details: bool = False,
) -> None:
    """Print settings of a machine, those of now or those that a snapshot remembers."""
    subject = describe(context, info, settings)
    for print_part in _PARTS:
        print_part(out, subject)
    if details:
        from app.cli.vminfo.details import print_details

        print_details(out, subject)


def describe(context: Context, info: MachineInfo, settings: MachineSettings) -> Subject:
    """Gather what the parts of the description need."""
    os_type = _os_type(context, settings.os_type_id)
    subject = Subject(
        info=info,
        settings=settings,
        media={},
        os_description=os_type.description if os_type is not None else settings.os_type_id,
        os_family=os_type.family_id if os_type is not None else "",
        screen=_screen(context, info) if info.state.is_online else None,
        vrde=_vrde(context, info) if info.state.is_online else None,
        usb=_usb(context, info) if info.state.is_online else (),
    )
    for controller in settings.hardware.storage_controllers:
        for drive in controller.attachments:
            if drive.medium:
                subject.media[drive.medium] = _medium_path(context, subject, drive.medium)
    return subject


def _medium_path(context: Context, subject: Subject, medium_id: str) -> str:
    """Where a medium is; that of another registry than the machine's own is asked for."""
    from app.settings.storage import is_file_format

    medium = subject.settings.media.find(medium_id)
    if medium is not None:
        if is_file_format(medium.format):
            return subject.place(medium.location)
        return medium.location
    try:
        return context.client.virtualbox.find_medium(medium_id).path
    except ApiError:
        # It is in a drive, but nobody knows where it is any more: its UUID has to do.
        return medium_id


def _os_type(context: Context, os_type_id: str) -> OsType | None:
    wanted = os_type_id.lower()
    known = context.client.virtualbox.list_os_types()
    return next((each for each in known if each.id.lower() == wanted), None)


def _screen(context: Context, info: MachineInfo) -> ScreenInfo | None:
    """The resolution of the guest; None from a VM that is going or does not answer."""
    try:
        return context.client.console(info.id).get_screen_resolution()
    except ApiError:
        return None


def _vrde(context: Context, info: MachineInfo) -> VrdeServerInfo | None:
    """The remote display server; None from a VM that is going or does not know what it is."""
    try:
        return context.client.console(info.id).get_vrde_server_info()
    except ApiError:
        return None


def _usb(context: Context, info: MachineInfo) -> tuple[HostUsbDevice, ...]:
    """USB devices of the host that the guest has; none from a VM that does not answer."""
    try:
        return tuple(context.client.console(info.id).list_usb_devices())
    except ApiError:
        return ()


def _print_inaccessible(info: MachineInfo, out: InfoWriter) -> None:
    out.script("name", "<inaccessible>")
    out.caption("Name", "<inaccessible!>")
    out.text("UUID", "UUID", info.id)
    out.text("CfgFile", "Config file", info.settings_path)
    out.script("VMState", "inaccessible")
    out.human("Access error details:")
    out.human(info.access_error)


def _log_index(text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"Invalid log index: '{text}'")
    return int(text)


def _print_log(context: Context, name: str, index: int) -> None:
    machine = context.client.machine(context.machine(name).id)
    if not machine.query_log_filename(index):
        raise CommandError(f"There is no log file with the index {index}")
    offset = 0
    # Bytes as they are: a log may hold names that are not valid in the terminal's encoding.
    while piece := machine.read_log(index, offset, _LOG_PIECE):
        sys.stdout.buffer.write(piece)
        offset += len(piece)
    sys.stdout.buffer.flush()
