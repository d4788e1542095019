"""USB controllers and input devices of the settings on the board."""

from __future__ import annotations

import pytest

from app.console.usb import usb_buses, usb_omissions
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
    (bus,) = usb_buses(hardware("XHCI", "EHCI", pointing="USBTablet"))
    assert (bus.controller, bus.devices) == ("xhci", ["tablet"])


def test_without_a_controller_the_tablet_is_left_out_with_a_sentence():
    settings = hardware(pointing="USBTablet")
    assert usb_buses(settings) == []
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
