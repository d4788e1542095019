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
        ("network_adapters.0.nat.localhost_reachable", True, False, 19, ADAPTER),
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


OTHER_DEFAULTS = [
    ("cpu.count", 1), ("cpu.execution_cap", 100), ("cpu.hotplug", False),
    ("cpu.profile", "host"), ("cpu.portability_level", 0),
    ("cpu.pae", True), ("cpu.long_mode", True), ("cpu.apic", True), ("cpu.x2apic", False),
    ("cpu.hw_virt", True), ("cpu.nested_paging", True), ("cpu.vpid", True),
    ("cpu.unrestricted_guest", True), ("cpu.large_pages", False), ("cpu.nested_hw_virt", False),
    ("cpu.l1d_flush_on_sched", True), ("cpu.l1d_flush_on_vm_entry", False),
    ("cpu.mds_clear_on_sched", True), ("cpu.mds_clear_on_vm_entry", False),
    ("cpu.ibpb_on_vm_exit", False), ("cpu.ibpb_on_vm_entry", False), ("cpu.spec_ctrl", False),
    ("display.vram_mb", 8), ("display.monitor_count", 1), ("display.controller", "VBoxVGA"),
    ("display.accelerate_3d", False), ("display.accelerate_2d_video", False),
    ("boot_order", ["Floppy", "DVD", "HardDisk", "None"]),
    ("pointing_device", "PS2Mouse"), ("keyboard", "PS2Keyboard"),
    ("chipset", "PIIX3"), ("rtc_utc", False), ("hpet", False), ("iommu", "None"),
    ("firmware.type", "BIOS"), ("firmware.acpi", True), ("firmware.ioapic", False),
    ("firmware.logo_fade_in", True), ("firmware.logo_fade_out", True),
    ("firmware.logo_display_time_ms", 0), ("firmware.boot_menu", "MessageAndMenu"),
    ("firmware.pxe_debug", False), ("firmware.time_offset_ms", 0),
    ("firmware.smbios_uuid_little_endian", False), ("firmware.auto_serial_number", True),
    ("tpm.type", "None"), ("page_fusion", False), ("architecture", "x86"),
    ("remote_display.auth_type", "Null"), ("remote_display.auth_timeout_ms", 5000),
    ("clipboard_mode", "Disabled"), ("drag_and_drop_mode", "Disabled"),
    ("clipboard_file_transfers", False), ("memory_balloon_mb", 0),
    ("io_cache", True), ("io_cache_mb", 5), ("usb_controllers", []),
    ("serial_ports.0.enabled", False), ("serial_ports.0.io_base", 0x3F8),
    ("serial_ports.0.irq", 4), ("serial_ports.0.mode", "Disconnected"),
    ("serial_ports.0.uart_type", "16550A"),
    ("storage_controllers.0.type", "PIIX3"), ("storage_controllers.0.port_count", 2),
    ("storage_controllers.0.use_host_io_cache", True), ("storage_controllers.0.bootable", True),
    ("network_adapters.0.enabled", False), ("network_adapters.0.promiscuous_mode", "Deny"),
    ("network_adapters.0.attachment", "Null"), ("network_adapters.0.speed_kbps", 0),
    ("network_adapters.0.nat.dns_pass_domain", True),
]
BARE = """\
      <UART><Port slot="0"/></UART>
      <Network><Adapter slot="0"/></Network>
      <StorageControllers><StorageController name="c"/></StorageControllers>
"""


@pytest.mark.parametrize("minor", [7, 12, 16, 20, 22])
@pytest.mark.parametrize(("path", "expected"), OTHER_DEFAULTS, ids=lambda value: str(value))
def test_other_defaults_of_all_versions(minor: int, path: str, expected: Any) -> None:
    assert at(read(minor, BARE).hardware, path) == expected


def test_defaults_of_the_machine_itself() -> None:
    settings = read(19)
    assert (settings.name_sync, settings.aborted, settings.groups) == (True, False, ["/"])
    assert settings.current_state_modified is True
    assert (settings.process_priority, settings.execution_engine) == ("Default", "Default")
    assert (settings.recording.enabled, settings.autostart.autostop) == (False, "Disabled")


def test_a_new_machine_says_little_endian_uuid() -> None:
    """Absence means big endian, so that of a new machine has to be written."""
    from app.settings.defaults import default_settings

    assert default_settings("box").hardware.firmware.smbios_uuid_little_endian is True


@pytest.mark.parametrize("minor", [7, 14, 19])
def test_words_in_lower_case(minor: int) -> None:
    """Files of the first years spell some words in lower case."""
    hardware = read(
        minor,
        '<RemoteDisplay authType="null"/><AudioAdapter driver="null"/>'
        '<BIOS><BootMenu mode="messageandmenu"/></BIOS><Display MonitorCount="3"/>'
        '<Guest MemoryBalloonSize="7"/>',
    ).hardware
    assert hardware.remote_display.auth_type == "Null"
    assert hardware.audio.driver == "Null"
    assert hardware.firmware.boot_menu == "MessageAndMenu"
    assert (hardware.display.monitor_count, hardware.memory_balloon_mb) == (3, 7)


OLD_DRIVES = """\
      <DVDDrive passthrough="true">
        <Image uuid="{aaaaaaaa-0000-0000-0000-000000000003}"/>
      </DVDDrive>
      <FloppyDrive enabled="true">
        <HostDrive src="/dev/fd0"/>
      </FloppyDrive>
"""
OLD_IDE = "    <StorageControllers>\n" + IDE.replace("SATA", "IDE") + "    </StorageControllers>\n"


def test_drives_of_files_before_1_9() -> None:
    ide, floppy = read(8, OLD_DRIVES, OLD_IDE).hardware.storage_controllers
    disk, optical = ide.attachments
    assert (disk.type, optical.type) == ("HardDisk", "DVD")
    assert (optical.port, optical.device, optical.passthrough) == (1, 0, True)
    assert optical.medium == examples.ISO
    assert (floppy.type, floppy.attachments[0].host_drive) == ("I82078", "/dev/fd0")


def test_old_drives_without_a_controller_or_switched_off() -> None:
    text = '<DVDDrive/><FloppyDrive enabled="false"/>'
    (ide,) = read(8, text).hardware.storage_controllers
    assert (ide.type, ide.attachments[0].type, ide.attachments[0].port) == ("PIIX4", "DVD", 1)
