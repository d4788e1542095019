"""``bandwidthctl``: limits that several drives or network adapters of a machine share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from app.api.basics import LockType
from app.api.errors import ApiError, ErrorCode
from app.cli.changing import changed_settings
from app.cli.commands import command
from app.cli.errors import UsageError
from app.cli.options import Option
from app.settings.enums import BandwidthGroupType
from app.settings.hardware import BandwidthGroup

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments
    from app.settings.model import MachineSettings

_LIMIT: Final = re.compile(r"(\d+)([kmgKMG]?)")
_BITS_PER_BYTE: Final = 8
_UNITS: Final = {
    "": 1 << 20,
    "K": 1 << 10, "M": 1 << 20, "G": 1 << 30,
    "k": 1000 // _BITS_PER_BYTE, "m": 1000**2 // _BITS_PER_BYTE, "g": 1000**3 // _BITS_PER_BYTE,
}  # fmt: skip
"""Bytes per second in a unit: small letters are bits, capital ones bytes, none is megabytes."""


@command(
    "bandwidthctl",
    "Limit what drives or network adapters of a machine transfer together.",
    usage=(
        ("bandwidthctl <uuid | vmname> add <group> --limit=<limit>[k|m|g|K|M|G] --type=disk | "
        "network"),
        "bandwidthctl <uuid | vmname> set <group> --limit=<limit>[k|m|g|K|M|G]",
        "bandwidthctl <uuid | vmname> remove <group>",
        "bandwidthctl <uuid | vmname> list [--machinereadable]",
    ),
    options=(
        Option(("--type", "-t"), "type", "What the group limits: disk or network."),
        Option(("--limit", "-l"), "limit", "Limit; 0 means none."),
        Option(("--machinereadable", "-M"), help="Print the list for programs."),
    ),
)
def bandwidthctl(context: Context, arguments: Arguments) -> None:
    """Work on the groups of one machine."""
    name = arguments.word(0, "virtual machine name")
    action = arguments.word(1, "action")
    info = context.machine(name)
    if action == "list":
        arguments.at_most(2)
        groups = context.client.machine(info.id).get_settings().hardware.bandwidth_groups
        _print_groups(groups, for_programs=arguments.has("machinereadable"))
        return
    if action not in ("add", "set", "remove"):
        raise UsageError(f"Invalid parameter '{action}'")
    group = arguments.word(2, "bandwidth group name")
    arguments.at_most(3)
    # The limit of a group may change while the machine runs.
    lock_type = LockType.SHARED if action == "set" else LockType.WRITE
    with changed_settings(context, info.id, lock_type) as settings:
        _change(settings, action, group, arguments)


def _change(settings: MachineSettings, action: str, name: str, arguments: Arguments) -> None:
    groups = settings.hardware.bandwidth_groups
    found = next((group for group in groups if group.name == name), None)
    if action == "add":
        if found is not None:
            raise ApiError(
                ErrorCode.VBOX_E_OBJECT_IN_USE,
                f"Bandwidth group named '{name}' already exists",
                "machine",
            )
        kind = arguments.require("type").lower()
        types = {each.lower(): each for each in BandwidthGroupType}
        if kind not in types:
            raise UsageError(f"Invalid --type argument '{arguments.get('type')}'")
        limit = _limit(arguments.require("limit"))
        groups.append(BandwidthGroup(name=name, type=types[kind], max_bytes_per_sec=limit))
        return
    if found is None:
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
            f"Could not find a bandwidth group named '{name}'",
            "machine",
        )
    if action == "set":
        found.max_bytes_per_sec = _limit(arguments.require("limit"))
        return
    members = _members(settings, name)
    if members:
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_IN_USE,
            f"The bandwidth group '{name}' is still in use by {', '.join(members)}",
            "machine",
        )
    groups.remove(found)


def _members(settings: MachineSettings, name: str) -> list[str]:
    drives = [
        f"{controller.name} {drive.port}:{drive.device}"
        for controller in settings.hardware.storage_controllers
        for drive in controller.attachments
        if drive.bandwidth_group == name
    ]
    adapters = [
        f"network adapter {adapter.slot + 1}"
        for adapter in settings.hardware.network_adapters
        if adapter.bandwidth_group == name
    ]
    return drives + adapters


def _limit(text: str) -> int:
    match = _LIMIT.fullmatch(text)
    if match is None:
        raise UsageError(f"Invalid --limit argument '{text}'")
    return int(match[1]) * _UNITS[match[2]]


def _print_groups(groups: list[BandwidthGroup], *, for_programs: bool) -> None:
    for number, group in enumerate(groups):
        kind = group.type.lower()
        if for_programs:
            print(f"BandwidthGroup{number}={group.name},{kind},{group.max_bytes_per_sec}")
        else:
            limit = _described(group)
            print(f"#{number}: Name: '{group.name}', Type: {kind}, Limit: {limit}")


def _described(group: BandwidthGroup) -> str:
    if not group.max_bytes_per_sec:
        return "none (disabled)"
    size = _in_units(group.max_bytes_per_sec, 1024, ("B/s", "KiB/s", "MiB/s", "GiB/s"))
    if group.type != BandwidthGroupType.NETWORK:
        return size
    bits = group.max_bytes_per_sec * _BITS_PER_BYTE
    return f"{_in_units(bits, 1000, ('bps', 'Kbps', 'Mbps', 'Gbps'))} ({size})"


def _in_units(value: int, factor: int, units: tuple[str, ...]) -> str:
    position = 0
    while position < len(units) - 1 and value % factor == 0:
        value //= factor
        position += 1
    return f"{value} {units[position]}"
