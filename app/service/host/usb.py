"""USB devices and cameras of the host, as sysfs of Linux shows them; none on other systems."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Final

from app.api.hoststructs import HostUsbDevice, HostVideoInput

_USB: Final = Path("/sys/bus/usb/devices")
_VIDEO: Final = Path("/sys/class/video4linux")
_DEVICE_NODES: Final = Path("/dev/bus/usb")

_DEVICE: Final = re.compile(r"\d+-[\d.]+")
"""Devices; root hubs are called ``usbN`` and interfaces have a colon in their name."""

_HUB_CLASS: Final = 9

_SPEEDS: Final = {
    "1.5": "Low", "12": "Full", "480": "High", "5000": "Super", "10000": "SuperPlus",
    "20000": "SuperPlus",
}  # fmt: skip

_GUESTS_DRIVER: Final = "usbfs"
"""What the kernel calls programs that have claimed an interface, as a machine does."""

_NAMESPACE: Final = uuid.UUID("2d9cf3c5-6a59-4b8e-9a3c-6d1f7fb5f2a1")
"""For the UUIDs of devices: the same device at the same place always has the same one."""


def usb_devices(folder: Path = _USB) -> list[HostUsbDevice]:
    """Devices that are plugged in, hubs excluded, in the order of their ports."""
    try:
        names = sorted(entry.name for entry in folder.iterdir() if _DEVICE.fullmatch(entry.name))
    except OSError:
        return []
    devices = (_device(folder / name) for name in names)
    return [device for device in devices if device is not None]


def video_inputs(folder: Path = _VIDEO) -> list[HostVideoInput]:
    """Cameras in the order of their device nodes."""
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: (len(entry.name), entry.name))
    except OSError:
        return []
    # Cameras have further nodes, for metadata: only the first one of each carries pictures.
    cameras = [entry for entry in entries if _read(entry, "index") in ("", "0")]
    return [
        HostVideoInput(
            alias=f".{number}", name=_read(entry, "name"), path=f"/dev/{entry.name}"
        )
        for number, entry in enumerate(cameras, start=1)
    ]


def _device(place: Path) -> HostUsbDevice | None:
    """The device at a place; None for a hub, and for one that was just pulled out."""
    vendor, product = _hex(place, "idVendor"), _hex(place, "idProduct")
    if vendor is None or product is None or _hex(place, "bDeviceClass") == _HUB_CLASS:
        return None
    revision = _hex(place, "bcdDevice") or 0
    serial = _read(place, "serial")
    identity = f"{vendor:04x}:{product:04x}:{revision:04x}:{serial}:{place.name}"
    node = _DEVICE_NODES / f"{int(_read(place, 'busnum') or 0):03}"
    return HostUsbDevice(
        id=str(uuid.uuid5(_NAMESPACE, identity)),
        vendor_id=vendor,
        product_id=product,
        revision=revision,
        # Counted from 0, while the kernel's path counts from 1.
        port=int(re.split(r"[-.]", place.name)[-1]) - 1,
        usb_version=int(float(_read(place, "version") or "1")),
        speed=_SPEEDS.get(_read(place, "speed"), "Full"),
        manufacturer=_read(place, "manufacturer"),
        product=_read(place, "product"),
        serial_number=serial,
        address=str(node / f"{int(_read(place, 'devnum') or 0):03}"),
        port_path=place.name,
        state=_state(place),
    )


def _state(place: Path) -> str:
    """``Busy`` while a driver of the host holds one of its interfaces, ``Captured`` for a guest."""
    links = place.glob(f"{place.name}:*/driver")
    drivers = [link.resolve().name for link in links if link.exists()]
    if _GUESTS_DRIVER in drivers:
        return "Captured"
    return "Busy" if drivers else "Available"


def _hex(place: Path, attribute: str) -> int | None:
    try:
        return int(_read(place, attribute), 16)
    except ValueError:
        return None


def _read(place: Path, attribute: str) -> str:
    try:
        return (place / attribute).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
