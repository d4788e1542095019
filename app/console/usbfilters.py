"""Which USB devices of the host a machine takes by itself: its filters, and those for all machines.

A filter matches a device when each of its fields does; an empty field matches everything. Numbers
are hexadecimal, and may be lists and ranges (``0951|1000-1fff``); texts may have ``*`` and ``?``.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.api.hoststructs import HostUsbDevice
    from app.settings.installation import HostUsbDeviceFilter
    from app.settings.model import UsbDeviceFilter

_NUMBERS: Final = ("vendor_id", "product_id", "revision")
_TEXTS: Final = ("manufacturer", "product", "serial_number")
_REMOTE: Final = frozenset({"yes", "true", "1"})
IGNORE: Final = "Ignore"


def wanted(
    device: HostUsbDevice,
    filters: Iterable[UsbDeviceFilter],
    for_all: Iterable[HostUsbDeviceFilter] = (),
) -> bool:
    """Tell whether a machine takes a device.

    Args:
        device: of the host.
        filters: those of the machine.
        for_all: those of the installation; the first that matches may leave it to the host.
    """
    first = next((each for each in for_all if matches(each, device)), None)
    if first is not None and first.action == IGNORE:
        return False
    return any(matches(each, device) for each in filters)


def matches(usb_filter: UsbDeviceFilter, device: HostUsbDevice) -> bool:
    """Tell whether a filter is used and matches a device of this host."""
    if not usb_filter.active or usb_filter.remote.lower() in _REMOTE:
        return False
    port = usb_filter.port
    return (
        all(_has_number(getattr(usb_filter, key), getattr(device, key)) for key in _NUMBERS)
        and all(_has_text(getattr(usb_filter, key), getattr(device, key)) for key in _TEXTS)
        and (_has_number(port, device.port) or port == device.port_path)
    )


def _has_text(pattern: str, text: str) -> bool:
    return not pattern or fnmatchcase(text, pattern.replace("[", "[[]"))


def _has_number(pattern: str, number: int) -> bool:
    """What is no number matches nothing."""
    if not pattern:
        return True
    for part in re.split(r"[|,]", pattern):
        first, _, last = part.partition("-")
        try:
            if int(first, 16) <= number <= int(last or first, 16):
                return True
        except ValueError:
            continue
    return False
