"""USB controllers and input devices of the settings on the board."""

from __future__ import annotations

import pytest

from app.console.usb import usb_buses, usb_drive_place, usb_omissions
from app.settings.hardware import HardwareSettings
from app.settings.peripherals import UsbController


def hardware(*controllers, pointing="PS2Mouse", keyboard="PS2Keyboard"):
    return HardwareSettings(
        usb_controllers=[UsbController(name=kind, type=kind) for kind in controllers],
        pointing_device=pointing,
        keyboard=keyboard,
    )


@pytest.mark.parametrize(
    ("pointing", "keyboard", "devices"),
    [
        ("PS2Mouse", "PS2Keyboard", []),
        ("USBTablet", "PS2Keyboard", ["tablet"]),
        ("USBMouse", "USBKeyboard", ["mouse", "keyboard"]),
        ("ComboMouse", "ComboKeyboard", ["mouse", "keyboard"]),
        ("USBMultiTouch", "None", ["tablet"]),
        ("FuturePointer", "FutureKeyboard", []),
    ],
)
def test_input_devices_are_plugged_into_the_first_controller(pointing, keyboard, devices):
    (bus,) = usb_buses(hardware("OHCI", pointing=pointing, keyboard=keyboard))
    assert (bus.controller, bus.devices) == ("ohci", devices)


def test_the_first_of_several_controllers_has_the_devices():
    buses = usb_buses(hardware("XHCI", "OHCI", pointing="USBTablet"))
    assert {bus.controller: bus.devices for bus in buses} == {"xhci": [], "ohci": ["tablet"]}
    buses = usb_buses(hardware("EHCI", "XHCI", pointing="USBTablet"))
    assert {bus.controller: bus.devices for bus in buses} == {"ehci": [], "xhci": ["tablet"]}


@pytest.mark.parametrize(
    ("controllers", "port", "place"),
    [
        (["OHCI"], 7, ("usb-ohci/0", 9)),
        (["OHCI", "EHCI"], 7, ("usb-ehci/0", 9)),
        (["OHCI", "EHCI", "XHCI"], 0, ("usb-xhci/0", 2)),
        (["EHCI", "XHCI"], 6, ("usb-ehci/0", 8)),
        (["XHCI"], 6, None),
        ([], 0, None),
    ],
)
def test_drives_are_plugged_into_the_fastest_controller_with_room(controllers, port, place):
    assert usb_drive_place(hardware(*controllers), port) == place


@pytest.mark.parametrize("controllers", [[], ["EHCI"]])
def test_without_a_controller_the_tablet_is_left_out_with_a_sentence(controllers):
    settings = hardware(*controllers, pointing="USBTablet")
    assert not any(bus.devices for bus in usb_buses(settings))
    (sentence,) = usb_omissions(settings)
    assert "USB tablet of the settings is left out" in sentence


def test_what_is_not_there_is_told():
    settings = hardware("OHCI", "FutureHCI", pointing="USBMultiTouch")
    assert [bus.controller for bus in usb_buses(settings)] == ["ohci"]
    assert list(usb_omissions(settings)) == [
        "The FutureHCI USB controller is left out.",
        "The multi-touch tablet is a USB tablet without fingers.",
    ]
    assert list(usb_omissions(hardware("OHCI", pointing="USBTablet"))) == []
