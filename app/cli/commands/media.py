"""Commands that create, copy, change and forget media."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from app.cli.commands import command
from app.cli.errors import CommandError, UsageError
from app.cli.media import (
    absolute,
    find_or_open,
    known_meanwhile,
    medium_type_of,
    property_of,
    size_of,
    take_formatted,
    take_kind,
    variant_of,
)
from app.cli.options import Option
from app.settings.devicetype import DeviceType

if TYPE_CHECKING:
    from app.api.structs import MediumInfo
    from app.cli.context import Context
    from app.cli.options import Arguments

_SUFFIXES: Final = {
    DeviceType.HARD_DISK: "",
    DeviceType.DVD: ".iso",
    DeviceType.FLOPPY: ".img",
}
"""Of a new image whose name has none; empty: the name of the format."""

_FORMAT: Final = Option(
    ("--format", "-format"), "format", "Format of the image: VDI, VMDK, VHD, QCOW or RAW."
)
_VARIANT: Final = Option(
    ("--variant", "-variant", "-m"),
    "variant",
    "Standard (grows on demand), Fixed, Split2G or Stream.",
)


@command(
    "createmedium",
    "Create an image.",
    usage=(
        ("createmedium [disk | dvd | floppy] --filename=<filename> [--size=<megabytes> | "
        "--sizebyte=<bytes> | --diffparent=<uuid | filename>] "
        "[--format=<format>] [--variant=Standard | Fixed | Split2G | Stream | Formatted] "
        "[--property=<name>=<value>]..."),
    ),
    options=(
        Option(("--filename", "-filename"), "filename", "The new image."),
        Option(("--diffparent", "-diffparent"), "uuid | filename", "Image to build on."),
        Option(("--size", "-size", "-s"), "megabytes", "What the guest sees."),
        Option(("--sizebyte", "-sizebyte", "-S"), "bytes", "What the guest sees."),
        _FORMAT,
        _VARIANT,
        Option(("--type", "-type"), "type", "Type of the medium, as modifymedium sets it."),
        Option(("--property",), "name>=<value", "Property of the medium."),
        Option(("--property-file",), "name>=<file", "Property whose value is in a file."),
    ),
)
def createmedium(context: Context, arguments: Arguments) -> None:
    """Create an image that the installation knows until a machine takes it."""
    kind = take_kind(arguments) or DeviceType.HARD_DISK
    arguments.at_most(0)
    filename = arguments.get("filename")
    if not filename:
        raise UsageError("Parameter --filename is required")
    size = size_of(arguments, "size", "sizebyte")
    parent = arguments.get("diffparent")
    if parent is not None and kind is not DeviceType.HARD_DISK:
        raise UsageError("Only hard disk images can build on another one")
    if not size and parent is None:
        raise UsageError("Parameter --size is required")
    default = "VDI" if kind is DeviceType.HARD_DISK else "RAW"
    format_name = arguments.get("format", default).upper()
    variant, formatted = take_formatted(arguments.get("variant", "Standard"))
    medium_type = medium_type_of(arguments.get("type", "normal"))
    properties = [property_of(text) for text in arguments.all("property")]
    properties += [_property_in_file(text) for text in arguments.all("property-file")]
    made: MediumInfo = context.run_long(
        "virtualbox.create_medium",
        path=_with_suffix(absolute(filename), kind, format_name),
        size_bytes=size or 0,
        parent="" if parent is None else _known_parent(context, parent),
        format=format_name,
        variant=variant_of(variant),
        device_type=kind,
        register=True,
        formatted=formatted,
    )
    medium = context.client.medium(made.id)
    for name, value in properties:
        medium.set_property(name, value)
    if arguments.has("type"):
        medium.set_type(medium_type)
    print(f"Medium created. UUID: {made.id}")


def _known_parent(context: Context, text: str) -> str:
    """UUID of the hard disk to build on, which the installation knows from now on."""
    found = find_or_open(context, text, DeviceType.HARD_DISK)
    if not found.registered:
        virtualbox = context.client.virtualbox
        found = virtualbox.open_medium(found.path, DeviceType.HARD_DISK, register=True)
    return found.id


@command(
    "clonemedium",
    "Copy an image, in any format and variant.",
    usage=(
        ("clonemedium [disk | dvd | floppy] <uuid | source-medium> <uuid | target-medium> "
        "[--existing] [--format=<format>] [--variant=Standard | Fixed | Split2G | Stream]"),
    ),
    options=(
        Option(("--existing", "-existing", "-E"), help="The target is a medium that exists."),
        _FORMAT,
        _VARIANT,
    ),
)
def clonemedium(context: Context, arguments: Arguments) -> None:
    """Make a complete image with the contents of another."""
    kind = take_kind(arguments) or DeviceType.HARD_DISK
    source = arguments.word(0, "source medium")
    target = arguments.word(1, "target medium")
    arguments.at_most(2)
    variant = variant_of(arguments.get("variant", "Standard"))
    if arguments.has("existing"):
        if arguments.has("format") or arguments.has("variant"):
            raise UsageError("--existing excludes --format and --variant")
        with (
            known_meanwhile(context, source, kind) as medium,
            known_meanwhile(context, target, kind) as existing,
        ):
            made = context.run_long("medium.clone_over", id=medium.id, target_id=existing.id)
    else:
        with known_meanwhile(context, source, kind) as medium:
            format_name = arguments.get("format", medium.format).upper()
            made = context.run_long(
                "medium.clone_to",
                id=medium.id,
                path=_with_suffix(absolute(target), kind, format_name),
                format=format_name,
                variant=variant,
            )
    print(f"Clone medium created in format '{made.format}'. UUID: {made.id}")


@command(
    "modifymedium",
    "Change an image, or what is known about it.",
    usage=(
        ("modifymedium [disk | dvd | floppy] <uuid | filename> [--autoreset=on | off] [--compact] "
        "[--description=<text>] [--move=<path>] [--property=<name>=<value>] "
        "[--resize=<megabytes> | --resizebyte=<bytes>] [--setlocation=<path>] [--type=normal | "
        "writethrough | immutable | shareable | readonly | multiattach]"),
    ),
    options=(
        Option(("--type", "-type"), "type", "Behaviour with snapshots and sharing."),
        Option(("--autoreset", "-autoreset"), "on | off", "Empty it when its machine starts."),
        Option(("--property",), "name>=<value", "Set or remove a property."),
        Option(("--compact", "-compact"), help="Drop blocks that hold nothing but zeros."),
        Option(("--resize", "-resize"), "megabytes", "Make the disk larger."),
        Option(("--resizebyte",), "bytes", "Make the disk larger."),
        Option(("--move",), "path", "Move the image file."),
        Option(("--setlocation",), "path", "Tell where the image file is now."),
        Option(("--description",), "text", "Note something about it."),
    ),
)
def modifymedium(context: Context, arguments: Arguments) -> None:
    """Carry out the changes: first those of the record, then those of the image."""
    kind = take_kind(arguments) or DeviceType.HARD_DISK
    name = arguments.word(0, "medium name or UUID")
    arguments.at_most(1)
    if not arguments.given:
        raise UsageError("No operation specified")
    size = size_of(arguments, "resize", "resizebyte")
    properties = [property_of(text) for text in arguments.all("property")]
    auto_reset = _on_off(arguments, "autoreset")
    medium_type = medium_type_of(arguments.get("type", "normal"))
    image_only = {"compact", "resize", "resizebyte", "move"}
    if all(given.key in image_only for given in arguments.given):
        with known_meanwhile(context, name, kind) as info:
            _change_image(context, info, arguments, size)
        return
    info = find_or_open(context, name, kind)
    if not info.registered:
        info = context.client.virtualbox.open_medium(info.path, kind, register=True)
    medium = context.client.medium(info.id)
    if arguments.has("type"):
        medium.set_type(medium_type)
    if auto_reset is not None:
        medium.set_auto_reset(auto_reset)
    for key, value in properties:
        medium.set_property(key, value)
    if arguments.has("description"):
        medium.set_description(arguments.require("description"))
    if arguments.has("setlocation"):
        place = absolute(arguments.require("setlocation"))
        medium.set_location(place)
        print(f"Set new location {place} for medium with UUID {info.id} finished")
    _change_image(context, info, arguments, size)


def _change_image(
    context: Context, info: MediumInfo, arguments: Arguments, size: int | None
) -> None:
    if arguments.has("compact"):
        context.run_long("medium.compact", id=info.id)
    if size is not None:
        context.run_long("medium.resize", id=info.id, size_bytes=size)
    if arguments.has("move"):
        place = arguments.require("move")
        # A name without a folder means another name in the same folder.
        folder = "" if os.path.dirname(place) else os.path.dirname(info.path)
        target = absolute(os.path.join(folder, place))
        context.run_long(
            "medium.move_to", id=info.id, path=target + os.sep * place.endswith(os.sep)
        )
        print(f"Move medium with UUID {info.id} finished")


@command(
    "closemedium",
    "Forget a medium, or delete its image.",
    usage=("closemedium [disk | dvd | floppy] <uuid | filename> [--delete]",),
    options=(Option(("--delete", "-delete"), help="Delete the image file too."),),
)
def closemedium(context: Context, arguments: Arguments) -> None:
    """Forget a medium that nobody uses."""
    kind = take_kind(arguments) or DeviceType.HARD_DISK
    name = arguments.word(0, "medium name or UUID")
    arguments.at_most(1)
    info = find_or_open(context, name, kind)
    if not info.registered:
        if not arguments.has("delete"):
            return
        info = context.client.virtualbox.open_medium(info.path, kind, register=True)
    if arguments.has("delete"):
        context.run_long("medium.delete_storage", id=info.id)
    else:
        context.client.medium(info.id).close()


@command(
    "mediumproperty",
    "Show, set or remove a property of a medium.",
    usage=(
        "mediumproperty [disk | dvd | floppy] set <uuid | filename> <name> <value>",
        "mediumproperty [disk | dvd | floppy] get <uuid | filename> <name>",
        "mediumproperty [disk | dvd | floppy] delete <uuid | filename> <name>",
    ),
)
def mediumproperty(context: Context, arguments: Arguments) -> None:
    """Work on one property."""
    kind = take_kind(arguments) or DeviceType.HARD_DISK
    action = arguments.word(0, "action")
    if action not in ("set", "get", "delete"):
        raise UsageError(f"Invalid action '{action}'")
    name = arguments.word(1, "medium name or UUID")
    key = arguments.word(2, "property name")
    value = arguments.word(3, "property value") if action == "set" else ""
    arguments.at_most(4 if action == "set" else 3)
    info = find_or_open(context, name, kind)
    if action == "get":
        if key not in info.properties:
            raise CommandError(f"Property '{key}' does not exist")
        print(f"{key}={info.properties[key]}")
        return
    if not info.registered:
        info = context.client.virtualbox.open_medium(info.path, kind, register=True)
    context.client.medium(info.id).set_property(key, value)


def _with_suffix(path: str, kind: DeviceType, format_name: str) -> str:
    if os.path.splitext(path)[1]:
        return path
    return path + (_SUFFIXES[kind] or f".{format_name.lower()}")


def _on_off(arguments: Arguments, key: str) -> bool | None:
    text = arguments.get(key)
    if text is None:
        return None
    if text.lower() not in ("on", "off"):
        raise UsageError(f"Invalid --{key} argument '{text}'")
    return text.lower() == "on"


def _property_in_file(text: str) -> tuple[str, str]:
    name, path = property_of(text)
    try:
        with open(path, encoding="utf-8") as file:
            return name, file.read(1 << 20)
    except (OSError, ValueError) as error:
        raise CommandError(f"The file '{path}' cannot be read: {error}") from error
