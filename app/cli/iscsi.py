"""Hard disks on iSCSI targets, as the options of ``storageattach`` describe them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode
from app.cli.errors import CommandError
from app.cli.options import Option
from app.settings.devicetype import DeviceType
from app.settings.storage import ISCSI, HardDisk

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments

OPTIONS: Final = tuple(
    Option((f"--{key}", *short), value, text, hidden=True)
    for key, short, value, text in (
        ("server", ("-S",), "address", "For --medium=iscsi: host of the target."),
        ("target", ("-T",), "name", "For --medium=iscsi: name of the target."),
        ("tport", ("-P",), "number", "For --medium=iscsi: TCP port of the target."),
        ("lun", ("-L",), "number", "For --medium=iscsi: logical unit."),
        ("encodedlun", ("-E",), "number", "For --medium=iscsi: logical unit in hexadecimal form."),
        ("username", ("-U",), "name", "For --medium=iscsi: user name for the target."),
        ("password", ("-W",), "text", "For --medium=iscsi: password for the target."),
        ("passwordfile", (), "file", "For --medium=iscsi: file with the password."),
        ("initiator", ("-N",), "name", "For --medium=iscsi: name of the initiator."),
        ("intnet", ("-I",), "", "For --medium=iscsi: the target is in an internal network."),
    )
)

_FIRST_UNITS: Final = ("", "0", "enc0")
"""Logical units that the location of a target does not name."""


def target_disk(context: Context, arguments: Arguments) -> HardDisk:
    """What settings say of a new hard disk on a target, in VirtualBox's form.

    Raises:
        ApiError: ``VBOX_E_OBJECT_IN_USE``: a hard disk on this target is known.
        CommandError: The target is not described, or there is a password.
    """
    server, target = arguments.get("server", ""), arguments.get("target", "")
    if not server or not target:
        raise CommandError("Parameters --server and --target are required for iSCSI media")
    if arguments.has("password") or arguments.has("passwordfile"):
        raise CommandError(
            "The password of an iSCSI target cannot be stored: the settings are not encrypted"
        )
    unit = arguments.get("lun", "")
    if arguments.has("encodedlun"):
        unit = f"enc{arguments.require('encodedlun')}"
    location = "|".join((server, target, *([] if unit in _FIRST_UNITS else [unit])))
    _require_new(context, location)
    port = arguments.get("tport", "")
    properties = {
        "TargetAddress": f"{server}:{port}" if port else server,
        "TargetName": target,
        "LUN": unit,
        "InitiatorUsername": arguments.get("username", ""),
        "InitiatorName": arguments.get("initiator", ""),
        "HostIPStack": "0" if arguments.has("intnet") else "",
    }
    return HardDisk(
        uuid=str(uuid.uuid4()),
        location=location,
        format=ISCSI,
        properties={name: value for name, value in properties.items() if value},
    )


def _require_new(context: Context, location: str) -> None:
    for known in context.client.virtualbox.list_media(DeviceType.HARD_DISK):
        if known.path == location:
            raise ApiError(
                ErrorCode.VBOX_E_OBJECT_IN_USE,
                f"Cannot register the hard disk '{location}' because a hard disk '{known.path}' "
                f"with UUID {{{known.id}}} already exists",
                "virtualbox",
            )
