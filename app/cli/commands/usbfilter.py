"""``usbfilter``: which USB devices machines take, and which the host keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli.changing import changed_settings
from app.cli.commands import command
from app.cli.errors import CommandError, UsageError
from app.cli.options import Option
from app.cli.subcommands import Subcommands
from app.cli.values import choice, number, switch

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments
    from app.settings.model import UsbDeviceFilter

_GLOBAL: Final = "global"
_ACTIONS: Final = {"ignore": "Ignore", "hold": "Hold"}
_REMOTE: Final = {"yes": "yes", "no": "no"}

_TARGET: Final = Option(
    ("--target", "-target"), "uuid|vmname|global", "Machine, or all of them."
)
_TEXTS: Final = {
    "name": "name",
    "vendorid": "vendor_id",
    "productid": "product_id",
    "revision": "revision",
    "manufacturer": "manufacturer",
    "product": "product",
    "port": "port",
    "serialnumber": "serial_number",
}
"""Options whose value is stored as it is, and the field that takes it."""

_HELP: Final = {
    "name": "Name of the filter.",
    "vendorid": "Number of the maker, four hexadecimal digits.",
    "productid": "Number of the product, four hexadecimal digits.",
    "revision": "Release of the product, four hexadecimal digits.",
    "manufacturer": "Name of the maker.",
    "product": "Name of the product.",
    "port": "Port of the host.",
    "serialnumber": "Serial number of the device.",
}
_OPTIONS: Final = (
    _TARGET,
    Option(
        ("--action", "-action"), "ignore|hold",
        "Whether the host keeps the device (global filters only).",
    ),
    Option(("--active", "-active"), "yes|no", "Whether the filter is used."),
    *(Option((f"--{key}", f"-{key}"), "text", help_) for key, help_ in _HELP.items()),
    Option(("--remote", "-remote"), "yes|no", "Whether the device is a remote client's."),
    Option(("--maskedinterfaces", "-maskedinterfaces"), "mask", "Interfaces to hide."),
)  # fmt: skip

_usbfilter: Final = Subcommands()


@command(
    "usbfilter",
    "Add, change and remove filters of USB devices.",
    usage=(
        ("usbfilter add <index,0-N> --target=<uuid | vmname | global> --name=<string> "
        "--action=<ignore | hold> [--active=<yes | no>] [--vendorid=<XXXX>] [--productid=<XXXX>] "
        "[--revision=<IIFF>] [--manufacturer=<string>] [--product=<string>] [--port=<hex>] "
        "[--remote=<yes | no>] [--serialnumber=<string>] [--maskedinterfaces=<XXXXXXXX>]"),
        "usbfilter modify <index,0-N> --target=<uuid | vmname | global> [<the options of add>]",
        "usbfilter remove <index,0-N> --target=<uuid | vmname | global>",
    ),
    options=_OPTIONS,
    raw=True,
)
def usbfilter(context: Context, arguments: Arguments) -> int | None:
    """Carry out a subcommand; ``--action`` is for global filters only."""
    return _usbfilter.run(context, arguments)


@_usbfilter.add("add", options=_OPTIONS)
def _add(context: Context, arguments: Arguments) -> None:
    index, target = _index(arguments), _target(arguments)
    if not arguments.get("name"):
        raise UsageError("Mandatory options for adding a filter: --target, --name")
    if target == _GLOBAL:
        from app.settings.installation import HostUsbDeviceFilter

        if arguments.get("action") is None:
            raise UsageError("Mandatory options for adding a global filter: --name, --action")
        added = HostUsbDeviceFilter()
        added.action = choice("action", arguments.require("action"), _ACTIONS)
        _apply(added, arguments)
        context.client.host.insert_usb_device_filter(index, added)
        return
    from app.settings.model import UsbDeviceFilter

    inserted = UsbDeviceFilter()
    _apply(inserted, arguments)
    with changed_settings(context, target) as settings:
        settings.hardware.usb_filters.insert(index, inserted)


@_usbfilter.add("modify", options=_OPTIONS)
def _modify(context: Context, arguments: Arguments) -> None:
    index, target = _index(arguments), _target(arguments)
    if target == _GLOBAL:
        filters = context.client.host.list_usb_device_filters()
        _require(index, len(filters))
        action = arguments.get("action")
        if action is not None:
            filters[index].action = choice("action", action, _ACTIONS)
        _apply(filters[index], arguments)
        context.client.host.replace_usb_device_filter(index, filters[index])
        return
    with changed_settings(context, target) as settings:
        _require(index, len(settings.hardware.usb_filters))
        _apply(settings.hardware.usb_filters[index], arguments)


@_usbfilter.add("remove", options=[_TARGET])
def _remove(context: Context, arguments: Arguments) -> None:
    index, target = _index(arguments), _target(arguments)
    if target == _GLOBAL:
        _require(index, len(context.client.host.list_usb_device_filters()))
        context.client.host.remove_usb_device_filter(index)
        return
    with changed_settings(context, target) as settings:
        _require(index, len(settings.hardware.usb_filters))
        del settings.hardware.usb_filters[index]


def _index(arguments: Arguments) -> int:
    text = arguments.word(0, "index")
    arguments.at_most(1)
    if not text.isdecimal():
        raise UsageError(f"Invalid index '{text}'")
    return int(text)


def _target(arguments: Arguments) -> str:
    target = arguments.get("target")
    if not target:
        raise UsageError("Missing required option: --target")
    if target != _GLOBAL and arguments.has("action"):
        raise UsageError("The option --action is for global filters only")
    return target


def _require(index: int, count: int) -> None:
    if index >= count:
        raise CommandError(f"There is no filter at position {index}: there are {count}")


def _apply(changed: UsbDeviceFilter, arguments: Arguments) -> None:
    for key, field in _TEXTS.items():
        text = arguments.get(key)
        if text is not None:
            setattr(changed, field, text)
    active, remote = arguments.get("active"), arguments.get("remote")
    if active is not None:
        changed.active = switch("active", active)
    if remote is not None:
        changed.remote = choice("remote", remote, _REMOTE)
    mask = arguments.get("maskedinterfaces")
    if mask is not None:
        changed.masked_interfaces = number("maskedinterfaces", mask)
