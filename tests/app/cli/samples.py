"""Machines that use every setting which commands show."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path

from app.settings.machine_file import MachineFile
from app.settings.model import (
    AudioSettings,
    BandwidthGroup,
    CpuIdLeaf,
    HardDisk,
    HostPciDevice,
    MachineSettings,
    MediumAttachment,
    NatSettings,
    NetworkAdapter,
    ParallelPort,
    PortForwarding,
    RecordingScreen,
    RecordingSettings,
    RemoteDisplaySettings,
    RemovableImage,
    SerialPort,
    SharedFolder,
    Snapshot,
    StorageController,
    UsbController,
    UsbDeviceFilter,
)
from tests.app.settings.plain import plain_settings

MOMENT = dt.datetime(2024, 10, 3, 7, 28, 43, tzinfo=dt.UTC)

ADAPTERS = (
    ("NAT", {}),
    ("Bridged", {"bridged_interface": "eth0"}),
    ("Internal", {"internal_network": "inner"}),
    ("HostOnly", {"host_only_interface": "vboxnet0"}),
    ("NATNetwork", {"nat_network": "shared nat"}),
    ("Generic", {"generic_driver": "UDPTunnel", "generic_properties": {"dport": "10001"}}),
    ("Null", {}),
)


def furnished(name: str = "furnished") -> MachineSettings:
    """Settings with one of everything."""
    settings = plain_settings(name, "Windows10_64")
    settings.description = 'first "line"\nC:\\second'
    settings.groups = ["/Servers/Web", "/Tests"]
    hardware = settings.hardware
    hardware.cpu.count = 4
    hardware.cpu.execution_cap = 50
    hardware.cpu.cpuid_leaves = [CpuIdLeaf(id=0x80000002, eax=1, ebx=2, ecx=3, edx=0xFFFFFFFF)]
    hardware.paravirt_debug = "enabled=1"
    hardware.firmware.time_offset_ms = -3000
    hardware.boot_order = ["Network", "HardDisk", "None", "None"]
    hardware.network_adapters = _adapters()
    hardware.serial_ports = [
        SerialPort(slot=0, enabled=True, mode="HostPipe", path="/tmp/com1", server=True),
        SerialPort(slot=1, enabled=True, io_base=0x2F8, irq=3, mode="RawFile", path="/tmp/com2"),
        SerialPort(slot=2, enabled=True, io_base=0x3E8, mode="TCP", path="host:2300"),
        SerialPort(slot=3, enabled=True, io_base=0x2E8, irq=3, uart_type="16450"),
    ]
    hardware.parallel_ports = [ParallelPort(slot=0, enabled=True, path="/dev/parport0")]
    hardware.audio = AudioSettings(
        enabled=True, driver="Pulse", controller="HDA", enabled_out=True
    )
    hardware.clipboard_mode = hardware.drag_and_drop_mode = "Bidirectional"
    hardware.remote_display = RemoteDisplaySettings(
        enabled=True, properties={"TCP/Ports": "5000-5010", "TCP/Address": "127.0.0.1"}
    )
    hardware.usb_controllers = [UsbController(name="xHCI", type="XHCI")]
    hardware.usb_filters = [UsbDeviceFilter(name="stick", vendor_id="0951", product_id="1666")]
    hardware.pci_devices = [HostPciDevice(host=0x0113, guest=0x0028, name="card")]
    hardware.shared_folders = [
        SharedFolder(name="vagrant", host_path="/home/me/project", auto_mount=True),
        SharedFolder(name="read", host_path="/srv", writable=False, auto_mount_point="/mnt"),
    ]
    hardware.bandwidth_groups = [BandwidthGroup(name="Limit", max_bytes_per_sec=10 << 20)]
    hardware.storage_controllers += _controllers(settings)
    settings.recording = RecordingSettings(
        enabled=True, screens=[RecordingScreen(id=0, features="video,audio", file="film.webm")]
    )
    settings.autostart.enabled = True
    settings.process_priority = "High"
    return settings


def _adapters() -> list[NetworkAdapter]:
    adapters = [
        NetworkAdapter(
            slot=slot,
            enabled=True,
            mac_address=f"08002700000{slot}",
            type="virtio",
            attachment=attachment,
            **fields,
        )
        for slot, (attachment, fields) in enumerate(ADAPTERS)
    ]
    adapters[0].nat = NatSettings(
        forwardings=[
            PortForwarding(
                name="ssh", host_ip="127.0.0.1", host_port=2222, guest_port=22
            ),
            PortForwarding(
                name="dns", protocol=0, host_port=53, guest_ip="10.0.2.15", guest_port=53
            ),
        ]
    )
    adapters[1].promiscuous_mode = "AllowAll"
    adapters[2].cable_connected = False
    return adapters


def _controllers(settings: MachineSettings) -> list[StorageController]:
    disk = HardDisk(uuid=str(uuid.uuid4()), location="disk.vdi")
    disc = RemovableImage(uuid=str(uuid.uuid4()), location="/srv/installer.iso")
    settings.media.hard_disks.append(disk)
    settings.media.dvd_images.append(disc)
    sata = StorageController(
        name='SATA "fast"',
        type="AHCI",
        port_count=3,
        attachments=[
            MediumAttachment(port=0, medium=disk.uuid, non_rotational=True, hotpluggable=True),
            MediumAttachment(type="DVD", port=1, medium=disc.uuid, temp_eject=True),
        ],
    )
    scsi = StorageController(
        name="SCSI",
        type="LsiLogic",
        port_count=16,
        bootable=False,
        attachments=[
            MediumAttachment(type="DVD", port=0, host_drive="/dev/sr0", passthrough=True)
        ],
    )
    return [sata, scsi]


def with_snapshots(name: str = "snapshots") -> MachineSettings:
    """Settings with a tree of snapshots; the current one is not the last one."""
    settings = plain_settings(name, "Ubuntu_64")
    first = _snapshot("installed", "", "clean\nsystem")
    second = _snapshot("updated", first.uuid, "one line")
    settings.snapshots = [
        first, second, _snapshot("broken", second.uuid), _snapshot("other way", first.uuid)
    ]  # fmt: skip
    settings.current_snapshot = second.uuid
    return settings


def _snapshot(name: str, parent: str, description: str = "") -> Snapshot:
    return Snapshot(
        uuid=str(uuid.uuid4()),
        name=name,
        time_stamp=MOMENT,
        description=description,
        parent=parent,
    )


def machine_file(folder: Path, settings: MachineSettings) -> str:
    """Write a machine's folder as another program would; returns its settings file."""
    path = folder / settings.name / f"{settings.name}.vbox"
    MachineFile.create(str(path), settings)
    return str(path)
