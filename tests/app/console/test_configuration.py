"""From settings to drives and to the board."""

import pytest

from app.api.errors import ApiError
from app.console.board import MAX_CLOCK_OFFSET, board_tree, boot_letters, clock_offset
from app.console.configuration import plan_machine
from app.settings.cpu import CpuIdLeaf
from app.settings.model import (
    HardDisk,
    MediumAttachment,
    NetworkAdapter,
    ParallelPort,
    SerialPort,
    StorageController,
)
from app.settings.peripherals import UsbController
from engine.cpum import CpuProfile
from tests.app.console.fakes import settings, start_info


def controller(kind, *attachments, name="Controller"):
    return StorageController(name=name, type=kind, attachments=list(attachments))


def drive(kind, port=0, device=0, medium=""):
    return MediumAttachment(type=kind, port=port, device=device, medium=medium)


def plan(tmp_path, **hardware):
    machine = settings(**hardware)
    machine.media.hard_disks.append(HardDisk(uuid="disk", location="Test.vdi"))
    return machine, plan_machine(machine, tmp_path)


def tree(tmp_path, **hardware):
    machine, planned = plan(tmp_path, **hardware)
    return board_tree(machine, start_info(tmp_path), planned)


def test_drives_and_their_places(tmp_path):
    ide = controller("PIIX3", drive("HardDisk", 0, 1, "disk"), drive("DVD", 1, 0), name="IDE")
    floppy = controller("I82078", drive("Floppy", 0, 1), name="Floppy")
    _, planned = plan(tmp_path, storage_controllers=[ide, floppy])
    slots = [(d.slot.instance, d.slot.lun, d.slot.label) for d in planned.drives]
    assert slots == [
        ("piix3ide/0", 1, "IDE Primary Device 1"),
        ("piix3ide/0", 2, "IDE Secondary Device 0"),
        ("i82078/0", 1, "Floppy Device 1"),
    ]
    assert [d.image for d in planned.drives] == [tmp_path / "Test.vdi", None, None]
    root = tree(tmp_path, storage_controllers=[ide, floppy])
    units = root.find("Devices/piix3ide/0/Config").values
    assert units == {"unit0": "", "unit1": "disk", "unit2": "cdrom", "unit3": ""}
    assert root.find("Devices/mc146818/0/Config").values["floppy1"] == 4


def test_usb_drives_are_at_the_fastest_controller_that_has_room(tmp_path):
    usb = controller("USB", drive("HardDisk", 0, 0, "disk"), drive("DVD", 6), name="USB")
    hosts = [UsbController(name=kind, type=kind) for kind in ("OHCI", "XHCI")]
    hardware = {
        "storage_controllers": [usb], "usb_controllers": hosts, "pointing_device": "USBTablet",
    }  # fmt: skip
    _, planned = plan(tmp_path, **hardware)
    slots = [(d.slot.instance, d.slot.lun, d.slot.label) for d in planned.drives]
    assert slots == [("usb-xhci/0", 2, "USB Port 0"), ("usb-ohci/0", 8, "USB Port 6")]
    root = tree(tmp_path, **hardware)
    assert root.find("Devices/usb-xhci/0/Config").values == {"devices": ",,disk"}
    assert root.find("Devices/usb-ohci/0/Config").values == {"devices": "tablet,,,,,,,,cdrom"}
    hardware["usb_controllers"] = hosts[1:]
    with pytest.raises(ApiError, match=r"finds no USB controller: switch on OHCI, or xHCI"):
        plan(tmp_path, **hardware)


@pytest.mark.parametrize(
    ("controllers", "words"),
    [
        ([controller("BusLogic", drive("HardDisk", 0, 0, "disk"), name="SCSI")], "type BusLogic"),
        ([controller("Future", drive("DVD"))], "type Future"),
        ([controller("PIIX4", drive("HardDisk", 0, 0))], "has no image"),
        ([controller("PIIX4", drive("HardDisk", 0, 0, "gone"))], "gone"),
        ([controller("PIIX4", drive("HardDisk", 0, 0, "disk")),
          controller("PIIX4", drive("DVD"), name="Second")], "'Second' is the second one"),
    ],
)  # fmt: skip
def test_what_cannot_start_says_why(tmp_path, controllers, words):
    with pytest.raises(ApiError, match=words):
        plan(tmp_path, storage_controllers=controllers)


def test_targets_on_the_network_are_refused(tmp_path):
    machine = settings(
        storage_controllers=[controller("PIIX4", drive("HardDisk", 0, 0, "top"), name="IDE")]
    )
    machine.media.hard_disks += [
        HardDisk(uuid="target", location="10.0.0.1|iqn.example:disk", format="iSCSI"),
        HardDisk(uuid="top", location="Snapshots/top.vdi", parent="target"),
    ]
    with pytest.raises(ApiError, match=r"iSCSI target '10\.0\.0\.1\|iqn\.example:disk'"):
        plan_machine(machine, tmp_path)


def test_host_drives_are_refused(tmp_path):
    host = MediumAttachment(type="DVD", port=1, host_drive="/dev/sr0")
    with pytest.raises(ApiError, match="/dev/sr0"):
        plan(tmp_path, storage_controllers=[controller("PIIX4", host)])


def test_platforms_that_are_not_there(tmp_path):
    with pytest.raises(ApiError, match="ICH9"):
        plan(tmp_path, chipset="ICH9")
    machine = settings()
    machine.hardware.firmware.type = "EFI"
    with pytest.raises(ApiError, match="EFI"):
        plan_machine(machine, tmp_path)


def test_empty_controllers_of_any_kind_are_left_out(tmp_path):
    _, planned = plan(tmp_path, storage_controllers=[controller("AHCI")])
    assert planned.drives == []


def test_omissions_are_told(tmp_path):
    adapter = NetworkAdapter(slot=0, enabled=True, type="NE2000", attachment="NAT")
    _, planned = plan(tmp_path, network_adapters=[adapter])
    (network,) = planned.omissions
    assert network.startswith("Network adapter 1 is left out: ")


def test_parallel_ports_print_to_files(tmp_path):
    ports = [
        ParallelPort(slot=0),
        ParallelPort(slot=1, enabled=True, io_base=0x278, irq=5, path="/tmp/paper"),
    ]
    root = tree(tmp_path, parallel_ports=ports)
    assert root.find("Devices/parallel/0/Config").values == {"io_base": 0x278, "irq": 5}
    lun = root.find("Devices/parallel/0/LUN#0")
    assert lun.string("Driver") == "File"
    assert lun.find("Config").values == {"Path": "/tmp/paper", "Append": True}
    assert root.find("Devices/fwcfg/0/Config").values["parallel_ports"] == "278/5"


def test_a_virtio_network_adapter_is_on_the_board(tmp_path):
    adapter = NetworkAdapter(slot=2, enabled=True, type="virtio", mac_address="0800271234AB")
    root = tree(tmp_path, network_adapters=[adapter])
    values = root.find("Devices/virtio-net/2/Config").values
    assert values == {"mac": "0800271234AB", "cable": True}


def test_network_adapters_are_on_the_board(tmp_path):
    adapter = NetworkAdapter(
        slot=1, enabled=True, type="82540EM", mac_address="0800271234AB", cable_connected=False
    )
    root = tree(tmp_path, network_adapters=[adapter])
    values = root.find("Devices/e1000/1/Config").values
    assert values == {"model": "82540EM", "mac": "0800271234AB", "cable": False}
    assert root.find("Devices/e1000/1/LUN#0") is None


@pytest.mark.parametrize(
    ("mode", "driver", "config"),
    [
        ("HostPipe", "NamedPipe", {"Location": "/tmp/p", "IsServer": True}),
        ("TCP", "TCP", {"Location": "/tmp/p", "IsServer": True}),
        ("HostDevice", "Host Serial", {"DevicePath": "/tmp/p"}),
    ],
)
def test_host_sides_of_serial_ports(tmp_path, mode, driver, config):
    port = SerialPort(slot=0, enabled=True, mode=mode, path="/tmp/p", server=True)
    root = tree(tmp_path, memory_mb=300, serial_ports=[port])
    assert root.find("Devices/serial/0/LUN#0").values == {"Driver": driver}
    assert root.find("Devices/serial/0/LUN#0/Config").values == config


def test_boot_order_letters():
    assert boot_letters(["DVD", "HardDisk", "None", "Floppy"]) == "dca"
    assert boot_letters(["Network", "Network", "Unknown"]) == "n"


def test_clock_offset_is_bounded():
    machine = settings(rtc_utc=True)
    assert clock_offset(machine.hardware) == 0
    machine.hardware.firmware.time_offset_ms = -90_000
    assert clock_offset(machine.hardware) == -90
    machine.hardware.firmware.time_offset_ms = 10**12
    assert clock_offset(machine.hardware) == MAX_CLOCK_OFFSET


def test_board_values(tmp_path):
    port = SerialPort(slot=0, enabled=True, mode="RawFile", path="/tmp/serial.txt")
    root = tree(tmp_path, memory_mb=300, serial_ports=[port], boot_order=["HardDisk"])
    assert root.integer("RamSize") == 300 << 20
    assert root.find("Devices/vga/0/Config").values["vram_mib"] == 8
    assert root.find("Devices/serial/0/LUN#0").values == {"Driver": "File"}
    assert root.find("Devices/serial/0/LUN#0/Config").values == {"Path": "/tmp/serial.txt"}
    assert root.find("Devices/fwcfg/0/Config").values["boot_order"] == "c"
    machine = settings()
    machine.hardware.display.vram_mb = 9
    root = board_tree(machine, start_info(tmp_path), plan_machine(machine, tmp_path))
    assert root.find("Devices/vga/0/Config").values["vram_mib"] == 16


def test_virtio_devices_that_are_asked_for_are_on_the_board(tmp_path):
    def built(balloon_mb=0, **extra_data):
        machine = settings(memory_balloon_mb=balloon_mb)
        machine.extra_data = {f"Vitrine/{name}": word for name, word in extra_data.items()}
        root = board_tree(machine, start_info(tmp_path), plan_machine(machine, tmp_path))
        balloon = root.find("Devices/virtio-balloon/0/Config")
        entropy = root.find("Devices/virtio-rng/0") is not None
        return entropy, balloon.values["size_mib"] if balloon else None

    assert built() == (False, None)
    assert built(VirtioRng="true", VirtioBalloon="1") == (True, 0)
    assert built(64, VirtioRng="false", VirtioBalloon="off") == (False, 64)


def test_sata_drives_are_planned(tmp_path):
    sata = controller("AHCI", drive("HardDisk", 0, 0, "disk"), drive("DVD", 3), name="SATA")
    _, found = plan(tmp_path, storage_controllers=[sata])
    assert [(d.slot.instance, d.slot.lun, d.slot.label) for d in found.drives] == [
        ("ahci/0", 0, "SATA Port 0"), ("ahci/0", 3, "SATA Port 3"),
    ]  # fmt: skip
    assert found.sata_ports >= 4


@pytest.mark.parametrize(
    ("kind", "device"),
    [("VirtioSCSI", "virtio-scsi"), ("LsiLogic", "lsilogicscsi"), ("NVMe", "nvme")],
)
def test_drives_of_other_controllers_are_planned(tmp_path, kind, device):
    second = "HardDisk" if kind == "NVMe" else "DVD"
    drives = [drive("HardDisk", 0, 0, "disk"), drive(second, 3, 0, "disk" * (kind == "NVMe"))]
    host = controller(kind, *drives, name="Host")
    _, found = plan(tmp_path, storage_controllers=[host])
    assert [(d.slot.instance, d.slot.lun, d.slot.label) for d in found.drives] == [
        (f"{device}/0", 0, "Host Port 0"), (f"{device}/0", 3, "Host Port 3"),
    ]  # fmt: skip
    assert found.hosts == {device: 4}
    values = tree(tmp_path, storage_controllers=[host]).find(f"Devices/{device}/0/Config").values
    assert values == {"units": "disk,,,disk" if kind == "NVMe" else "disk,,,cdrom"}


def test_the_processor_follows_the_settings(tmp_path):
    machine = settings()
    machine.os_type_id = "Debian_64"
    cpu = machine.hardware.cpu
    cpu.profile, cpu.portability_level, cpu.execution_cap = "AMD Athlon 64 3200+", 2, 30
    cpu.cpuid_leaves = [CpuIdLeaf(id=0x8000_0002, eax=1, ebx=2, ecx=3, edx=4)]
    root = board_tree(machine, start_info(tmp_path), plan_machine(machine, tmp_path))
    assert root.child("GIM").string("Provider") == "KVM"
    assert root.integer("CpuExecutionCap") == 30
    profile = CpuProfile.from_cfgm(root.child("CPUM"))
    assert (profile.model, profile.portability) == ("AMD Athlon 64 3200+", 2)
    assert profile.leaf(0x8000_0002) == (1, 2, 3, 4)


def test_a_profile_that_is_not_there_becomes_the_hosts_and_a_sentence(tmp_path):
    machine = settings()
    machine.hardware.cpu.profile = "Intel 80386"
    planned = plan_machine(machine, tmp_path)
    assert any("no CPU profile 'Intel 80386'" in sentence for sentence in planned.omissions)
    root = board_tree(machine, start_info(tmp_path), planned)
    assert root.child("CPUM").string("GuestCpuName") == "host"
