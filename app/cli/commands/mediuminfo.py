"""``showmediuminfo``, and the lists of media, formats and drives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli.commands import command
from app.cli.commands.listing import ListOptions, listing
from app.cli.media import find_or_open, take_kind
from app.settings.devicetype import DeviceType

if TYPE_CHECKING:
    from app.api.structs import MediumFormatInfo, MediumInfo, MediumUse
    from app.cli.context import Context
    from app.cli.options import Arguments

_STATES: Final = {
    "NotCreated": "not created",
    "Created": "created",
    "LockedRead": "locked read",
    "LockedWrite": "locked write",
    "Inaccessible": "inaccessible",
    "Creating": "creating",
    "Deleting": "deleting",
}
_VARIANTS: Final = {
    "Standard": "dynamic default",
    "Fixed": "fixed default",
    "Diff": "differencing default",
    "Split2G": "dynamic split2G",
    "FixedSplit2G": "fixed split2G",
    "Stream": "dynamic streamOptimized",
}
_TYPES: Final = {"MultiAttach": "multiattach"}
_INDENT: Final = " " * 16

_UUID: Final = 0x01
_CREATE_FIXED: Final = 0x02
_CREATE_DYNAMIC: Final = 0x04
_CREATE_SPLIT_2G: Final = 0x08
_DIFFERENCING: Final = 0x10
_FILE: Final = 0x40
_DISCARD: Final = 0x400
"""Bits of ``MediumFormatCapabilities``."""


@command(
    "showmediuminfo",
    "Show what is known about a medium.",
    usage=("showmediuminfo [disk | dvd | floppy] <uuid | filename>",),
)
def showmediuminfo(context: Context, arguments: Arguments) -> None:
    """Print one medium, known or not."""
    kind = take_kind(arguments) or DeviceType.HARD_DISK
    name = arguments.word(0, "medium name or UUID")
    arguments.at_most(1)
    info = find_or_open(context, name, kind)
    print_medium(info, info.parent_id or "base", details=True)


@listing("hdds")
def _hdds(context: Context, options: ListOptions) -> None:
    _print_media(context, DeviceType.HARD_DISK, options)


@listing("dvds")
def _dvds(context: Context, options: ListOptions) -> None:
    _print_media(context, DeviceType.DVD, options)


@listing("floppies")
def _floppies(context: Context, options: ListOptions) -> None:
    _print_media(context, DeviceType.FLOPPY, options)


def _print_media(context: Context, kind: DeviceType, options: ListOptions) -> None:
    for info in context.client.virtualbox.list_media(kind):
        parent = (info.parent_id or "base") if kind is DeviceType.HARD_DISK else ""
        print_medium(info, parent, details=options.long)
        print()


def print_medium(info: MediumInfo, parent: str, *, details: bool) -> None:
    """Print the block of one medium.

    Args:
        info: The medium.
        parent: UUID of its parent, ``base``, or empty to leave the line out.
        details: Everything, instead of what short lists show.
    """
    lines: list[tuple[str, str]] = [("UUID", info.id)]
    if parent:
        lines.append(("Parent UUID", parent))
    lines.append(("State", _STATES.get(info.state, info.state)))
    if details and info.access_error:
        lines.append(("Access Error", info.access_error))
    if details and info.description:
        lines.append(("Description", info.description))
    lines.append(("Type", _type_of(info)))
    if details and info.parent_id:
        lines.append(("Auto-Reset", "on" if info.auto_reset else "off"))
    lines.append(("Location", info.path))
    lines.append(("Storage format", info.format))
    if details:
        lines.append(("Format variant", _VARIANTS[info.variant]))
    lines.append(("Capacity", f"{info.logical_size >> 20} MBytes"))
    if details:
        lines.append(("Size on disk", f"{info.actual_size >> 20} MBytes"))
    lines.append(("Encryption", "disabled"))
    for caption, value in lines:
        print(f"{caption + ':':16}{value}")
    if details:
        _print_several("Property", [f"{k}={v}" for k, v in sorted(info.properties.items())])
        _print_several("In use by VMs", [_use(use) for use in info.uses])
        _print_several("Child UUIDs", list(info.children))


def _type_of(info: MediumInfo) -> str:
    if info.type != "Normal":
        return _TYPES.get(info.type, info.type.lower())
    return "normal (differencing)" if info.parent_id else "normal (base)"


def _use(use: MediumUse) -> str:
    snapshots = "".join(f" [{name} (UUID: {uuid})]" for uuid, name in use.snapshots)
    return f"{use.machine_name} (UUID: {use.machine_id}){snapshots}"


def _print_several(caption: str, values: list[str]) -> None:
    for number, value in enumerate(values):
        print(f"{caption + ':':16}{value}" if not number else f"{_INDENT}{value}")


@listing("hddbackends")
def _hddbackends(context: Context, _options: ListOptions) -> None:
    print("Supported hard disk backends:\n")
    backends: dict[str, list[MediumFormatInfo]] = {}
    for each in context.client.virtualbox.list_medium_formats():
        backends.setdefault(each.name, []).append(each)
    for number, (name, kinds) in enumerate(sorted(backends.items())):
        extensions = ",".join(
            f"{extension.lstrip('.')} ({device_type})"
            for each in kinds
            for device_type in each.device_types
            for extension in each.extensions
        )
        print(
            f"Backend {number}: id='{name}' description='{name}' "
            f"capabilities={_capabilities(kinds):#06x} extensions='{extensions}' properties=()"
        )


def _capabilities(kinds: list[MediumFormatInfo]) -> int:
    bits = _FILE
    variants = {variant for each in kinds for variant in each.variants}
    if "Fixed" in variants:
        bits |= _CREATE_FIXED
    if "Standard" in variants:
        bits |= _CREATE_DYNAMIC
    if "Split2G" in variants:
        bits |= _CREATE_SPLIT_2G
    if any(each.differences for each in kinds):
        bits |= _DIFFERENCING
    if any(each.stores_id for each in kinds):
        bits |= _UUID
    if any(each.maintained for each in kinds):
        bits |= _DISCARD
    return bits


@listing("screenshotformats")
def _screenshotformats(_context: Context, _options: ListOptions) -> None:
    formats = {"PNG ": int.from_bytes(b"PNG ", "little")}
    print(f"Supported {len(formats)} screen shot formats:")
    for name, number in formats.items():
        print(f"    BitmapFormat_{name} (0x{number:08X})")


@listing("hostdvds")
def _hostdvds(context: Context, _options: ListOptions) -> None:
    _print_host_drives(context, DeviceType.DVD)


@listing("hostfloppies")
def _hostfloppies(context: Context, _options: ListOptions) -> None:
    _print_host_drives(context, DeviceType.FLOPPY)


def _print_host_drives(context: Context, kind: DeviceType) -> None:
    for drive in context.client.virtualbox.list_host_drives(kind):
        print(f"UUID:         {drive.id}")
        print(f"Name:         {drive.path}\n")


@listing("hostdrives")
def _hostdrives(context: Context, _options: ListOptions) -> None:
    for drive in context.client.virtualbox.list_host_drives(DeviceType.HARD_DISK):
        print(f"Drive:       {drive.path}")
        if drive.model:
            print(f"Model:       {drive.model}")
        gigabytes, gibibytes = drive.size // 10**9, drive.size >> 30
        print(f"Size:        {drive.size} bytes ({gigabytes} GB, {gibibytes} GiB)")
        print(f"Sector Size: {drive.sector_size} bytes\n")
