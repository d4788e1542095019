"""What the absence of an element means depends on the version of the file."""

from typing import Any

import pytest

from app.settings.codec import decode
from app.settings.document import Document
from app.settings.model import MachineSettings
from tests.app.settings import examples

AHCI = """\
      <StorageController name="SATA" type="AHCI" PortCount="1">
        <AttachedDevice type="HardDisk" port="0" device="0"/>
      </StorageController>
"""
IDE = AHCI.replace("AHCI", "PIIX4")
ADAPTER = '      <Network><Adapter slot="0"/></Network>\n'


def read(minor: int, hardware: str = "", rest: str = "") -> MachineSettings:
    text = examples.machine(f"1.{minor}-linux", hardware=hardware, rest=rest)
    return decode(Document.parse("box.vbox", text.encode()), MachineSettings, "Machine")


def at(settings: Any, path: str) -> Any:
    for name in path.split("."):
        settings = settings[int(name)] if name.isdigit() else getattr(settings, name)
    return settings


@pytest.mark.parametrize(
    ("path", "old", "new", "flips", "hardware"),
    [
        ("paravirt_provider", "Legacy", "Default", 16, ""),
        ("remote_display.enabled", True, False, 16, ""),
        ("audio.enabled", True, False, 16, ""),
        ("audio.enabled_in", True, False, 17, ""),
        ("audio.enabled_out", True, False, 17, ""),
        ("network_adapters.0.type", "Am79C970A", "Am79C973", 16, ADAPTER),
        ("network_adapters.0.cable_connected", False, True, 16, ADAPTER),
    ],
)
def test_default_flips(path: str, old: Any, new: Any, flips: int, hardware: str) -> None:
    assert at(read(flips - 1, hardware).hardware, path) == old
    assert at(read(flips, hardware).hardware, path) == new


@pytest.mark.parametrize(
    ("controller", "minor", "expected"),
    [(AHCI, 14, True), (AHCI, 15, False), (IDE, 14, False), (IDE, 15, False)],
)
def test_hotpluggable(controller: str, minor: int, expected: bool) -> None:
    text = f"    <StorageControllers>\n{controller}    </StorageControllers>\n"
    drive = read(minor, rest=text).hardware.storage_controllers[0].attachments[0]
    assert drive.hotpluggable is expected


@pytest.mark.parametrize("minor", [16, 17])
def test_storage_controllers_are_found_in_both_places(minor: int) -> None:
    text = f"    <StorageControllers>\n{IDE}    </StorageControllers>\n"
    assert len(read(minor, rest=text).hardware.storage_controllers) == 1
    assert len(read(minor, hardware=text).hardware.storage_controllers) == 1


def test_recording_of_old_and_new_files() -> None:
    capture = (
        '<VideoCapture enabled="true" screens="3" horzRes="640" vertRes="480" fps="5"/>'
        '<Display monitorCount="2"/>'
    )
    old = read(18, hardware=capture).recording
    assert old.enabled
    assert [(screen.id, screen.width, screen.fps) for screen in old.screens] == [
        (0, 640, 5), (1, 640, 5)
    ]
    new = read(19, rest='<Recording enabled="true"><Screens><Screen id="1"/></Screens></Recording>')
    assert [screen.id for screen in new.recording.screens] == [1]


def test_platform_of_old_and_new_files() -> None:
    old = read(19, hardware='<CPU count="2"/><Chipset type="ICH9"/><RTC localOrUTC="UTC"/>')
    new = read(
        20,
        rest='<Platform><CPU count="2"/><Chipset type="ICH9"/><RTC localOrUTC="UTC"/></Platform>',
    )
    for settings in (old, new):
        hardware = settings.hardware
        assert (hardware.cpu.count, hardware.chipset, hardware.rtc_utc) == (2, "ICH9", True)


def test_firmware_of_old_and_new_files() -> None:
    bios = '<BIOS><IOAPIC enabled="true"/></BIOS>'
    assert read(19, hardware=bios).hardware.firmware.ioapic
    assert read(20, hardware=bios.replace("BIOS>", "Firmware>")).hardware.firmware.ioapic


def test_serial_port_of_old_and_new_files() -> None:
    port = '<UART><Port slot="0" enabled="true" IOBase="0x2f8" IRQ="3" hostMode="RawFile"/></UART>'
    assert read(19, hardware=port).hardware.serial_ports[0].io_base == 0x2F8
    new = port.replace("IOBase", "IOAddress")
    assert read(20, hardware=new).hardware.serial_ports[0].io_base == 0x2F8


@pytest.mark.parametrize("minor", [7, 12, 16, 20, 22])
def test_defaults_of_all_versions(minor: int) -> None:
    hardware = read(minor).hardware
    assert (hardware.cpu.count, hardware.cpu.execution_cap, hardware.cpu.profile) == (1, 100, "host")
    assert (hardware.display.vram_mb, hardware.display.monitor_count) == (8, 1)
    assert hardware.display.controller == "VBoxVGA"
    assert hardware.boot_order == ["Floppy", "DVD", "HardDisk", "None"]
    assert (hardware.pointing_device, hardware.keyboard) == ("PS2Mouse", "PS2Keyboard")
    assert (hardware.chipset, hardware.rtc_utc) == ("PIIX3", False)
    firmware = hardware.firmware
    assert (firmware.acpi, firmware.ioapic, firmware.boot_menu) == (True, False, "MessageAndMenu")
    assert firmware.smbios_uuid_little_endian is False
    assert (hardware.clipboard_mode, hardware.drag_and_drop_mode) == ("Disabled", "Disabled")
    assert hardware.memory_balloon_mb == 0
