"""Settings that follow others by themselves, and what is said about it.

VirtualBox's rules: the chipset ICH9 and a second processor need the I/O APIC, a USB pointing device
needs a USB controller, nested virtualization needs nested paging, 3D needs VMSVGA.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.common.translation import tr
from app.settings.enums import Chipset, GraphicsController, PointingDevice, UsbControllerType
from app.settings.model import MachineSettings, UsbController

_WITHOUT_USB: Final = frozenset({PointingDevice.NONE, PointingDevice.PS2_MOUSE})


@dataclass(frozen=True)
class Fixed:
    """A setting that has followed.

    Attributes:
        path: which one.
        text: what happened and why; a sentence.
    """

    path: str
    text: str


Fix = Callable[[MachineSettings], Fixed | None]
_fixes: dict[str, list[Fix]] = {}


def fix(*paths: str) -> Callable[[Fix], Fix]:
    """Register a function that is called after one of the settings PATHS was edited."""

    def register(function: Fix) -> Fix:
        for path in paths:
            _fixes.setdefault(path, []).append(function)
        return function

    return register


def follow(settings: MachineSettings, path: str) -> list[Fixed]:
    """Change what has to follow the edited setting PATH, and return what was changed."""
    outcomes = [apply(settings) for apply in _fixes.get(path, ())]
    return [outcome for outcome in outcomes if outcome is not None]


@fix("hardware.cpu.count", "hardware.chipset")
def _ioapic(settings: MachineSettings) -> Fixed | None:
    hardware = settings.hardware
    wanted = hardware.cpu.count > 1 or hardware.chipset == Chipset.ICH9
    if not wanted or hardware.firmware.ioapic:
        return None
    hardware.firmware.ioapic = True
    why = (
        tr("The I/O APIC was switched on: several processors need it.")
        if hardware.cpu.count > 1
        else tr("The I/O APIC was switched on: the chipset ICH9 needs it.")
    )
    return Fixed("hardware.firmware.ioapic", why)


@fix("hardware.pointing_device")
def _usb(settings: MachineSettings) -> Fixed | None:
    hardware = settings.hardware
    if hardware.pointing_device in _WITHOUT_USB or hardware.usb_controllers:
        return None
    hardware.usb_controllers = [
        UsbController(name="OHCI", type=UsbControllerType.OHCI.value),
    ]
    return Fixed(
        "hardware.usb_controllers",
        tr("A USB controller was added: the pointing device is a USB device."),
    )


@fix("hardware.cpu.nested_hw_virt")
def _nested_paging(settings: MachineSettings) -> Fixed | None:
    cpu = settings.hardware.cpu
    if not cpu.nested_hw_virt or (cpu.nested_paging and cpu.hw_virt):
        return None
    cpu.nested_paging = cpu.hw_virt = True
    return Fixed(
        "hardware.cpu.nested_paging",
        tr("Nested paging was switched on: nested virtualization needs it."),
    )


@fix("hardware.display.accelerate_3d")
def _graphics_controller(settings: MachineSettings) -> Fixed | None:
    display = settings.hardware.display
    able = {GraphicsController.VMSVGA, GraphicsController.VBOX_SVGA}
    if not display.accelerate_3d or display.controller in able:
        return None
    display.controller = GraphicsController.VMSVGA.value
    return Fixed(
        "hardware.display.controller",
        tr("The graphics controller is VMSVGA now: 3D acceleration needs it."),
    )
