"""Every option of ``modifyvm``: what it sets, and what it refuses."""

import base64
import re
import shlex
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.errors import ApiError
from app.cli.commands.modifyvm import apply
from app.cli.commands.modifyvm_draft import modifications
from app.cli.commands.modifyvm_network import new_mac_address
from app.cli.errors import CommandError, UsageError
from app.cli.options import Parser
from app.settings.codec import validated
from app.settings.declare import fields_of
from app.settings.model import BandwidthGroup, MachineSettings, Snapshot
from tests.app.settings.plain import plain_settings

FOLDER = "/vms/box"
UUID = "12345678-1234-1234-1234-123456789abc"


def machine() -> MachineSettings:
    return plain_settings("box", "Debian_64")


def modified(line: str, before: MachineSettings | None = None) -> MachineSettings:
    """The settings after the options of a command line."""
    value = before or machine()
    parser = Parser([each.option for each in modifications.values()])
    apply(value, parser.parse(shlex.split(line)), FOLDER)
    return value


def at(value: Any, path: str) -> Any:
    for name in re.split(r"[.\[]", path.replace("]", "")):
        value = value[int(name)] if name.isdigit() else getattr(value, name)
    return value


# Options, the setting that they change, and its new value.
SETS: list[tuple[str, str, Any]] = [
    ("--name other", "name", "other"),
    ("--description 'two words'", "description", "two words"),
    ("--groups /b,/a/c", "groups", ["/a/c", "/b"]),
    ("--groups ''", "groups", ["/"]),
    ("--os-type debian", "os_type_id", "Debian"),
    ("--ostype 'Ubuntu (64-bit)'", "os_type_id", "Ubuntu_64"),
    ("--snapshot-folder /vms/box/Snaps", "snapshot_folder", "Snaps"),
    ("--snapshot-folder /elsewhere", "snapshot_folder", "/elsewhere"),
    ("--snapshotfolder default", "snapshot_folder", "Snapshots"),
    ("--vm-process-priority low", "process_priority", "Low"),
    ("--vm-execution-engine interpreter", "execution_engine", "Interpreter"),
    ("--memory 512", "hardware.memory_mb", 512),
    ("--memory=0x200", "hardware.memory_mb", 512),
    ("--memory:64", "hardware.memory_mb", 64),
    ("--page-fusion on", "hardware.page_fusion", True),
    ("--vram 32", "hardware.display.vram_mb", 32),
    ("--monitor-count 2", "hardware.display.monitor_count", 2),
    ("--monitorcount 2", "hardware.display.monitor_count", 2),
    ("--accelerate-3d on", "hardware.display.accelerate_3d", True),
    ("--accelerate2dvideo on", "hardware.display.accelerate_2d_video", True),
    ("--graphicscontroller VMSVGA", "hardware.display.controller", "VMSVGA"),
    ("--cpus 4", "hardware.cpu.count", 4),
    ("--cpu-execution-cap 50", "hardware.cpu.execution_cap", 50),
    ("--cpuexecutioncap 50", "hardware.cpu.execution_cap", 50),
    ("--cpu-hotplug on", "hardware.cpu.hotplug", True),
    ("--cpuid-portability-level 2", "hardware.cpu.portability_level", 2),
    ("--cpu-profile 'Intel 80486'", "hardware.cpu.profile", "Intel 80486"),
    ("--hwvirtex off", "hardware.cpu.hw_virt", False),
    ("--nestedpaging off", "hardware.cpu.nested_paging", False),
    ("--large-pages on", "hardware.cpu.large_pages", True),
    ("--vtxvpid off", "hardware.cpu.vpid", False),
    ("--x86-vtx-ux off", "hardware.cpu.unrestricted_guest", False),
    ("--virt-vmsave-vmload off", "hardware.cpu.virt_vmsave_vmload", False),
    ("--pae off", "hardware.cpu.pae", False),
    ("--longmode off", "hardware.cpu.long_mode", False),
    ("--triple-fault-reset on", "hardware.cpu.triple_fault_reset", True),
    ("--apic off", "hardware.cpu.apic", False),
    ("--x2apic on", "hardware.cpu.x2apic", True),
    ("--nested-hw-virt on", "hardware.cpu.nested_hw_virt", True),
    ("--ibpb-on-vm-exit on", "hardware.cpu.ibpb_on_vm_exit", True),
    ("--ibpb-on-vm-entry on", "hardware.cpu.ibpb_on_vm_entry", True),
    ("--spec-ctrl on", "hardware.cpu.spec_ctrl", True),
    ("--l1d-flush-on-sched off", "hardware.cpu.l1d_flush_on_sched", False),
    ("--l1d-flush-on-vm-entry on", "hardware.cpu.l1d_flush_on_vm_entry", True),
    ("--mds-clear-on-sched off", "hardware.cpu.mds_clear_on_sched", False),
    ("--mds-clear-on-vm-entry on", "hardware.cpu.mds_clear_on_vm_entry", True),
    ("--cpuid-set 1 2 3 4 ffffffff", "hardware.cpu.cpuid_leaves[0].edx", 0xFFFFFFFF),
    ("--cpuid-set 4:2 0 0 0 0", "hardware.cpu.cpuid_leaves[0].subleaf", 2),
    ("--cpuid-set 1 0 0 0 0 --cpuid-remove 1", "hardware.cpu.cpuid_leaves", []),
    ("--cpuidset 1 0 0 0 0 --cpuid-remove-all", "hardware.cpu.cpuid_leaves", []),
    ("--cpu-hotplug on --cpus 3 --plug-cpu 2", "hardware.cpu.plugged[0].id", 2),
    ("--cpuhotplug on --cpus 3 --plugcpu 2 --unplug-cpu 2", "hardware.cpu.plugged", []),
    ("--firmware efi64", "hardware.firmware.type", "EFI64"),
    ("--acpi off", "hardware.firmware.acpi", False),
    ("--ioapic off", "hardware.firmware.ioapic", False),
    ("--biosapic x2apic", "hardware.firmware.apic_mode", "X2APIC"),
    ("--firmware-apic disabled", "hardware.firmware.apic_mode", "Disabled"),
    ("--firmware-boot-menu menuonly", "hardware.firmware.boot_menu", "MenuOnly"),
    ("--firmware-logo-fade-in off", "hardware.firmware.logo_fade_in", False),
    ("--firmware-logo-fade-out off", "hardware.firmware.logo_fade_out", False),
    ("--firmware-logo-display-time 500", "hardware.firmware.logo_display_time_ms", 500),
    ("--firmware-logo-image-path /l.bmp", "hardware.firmware.logo_image_path", "/l.bmp"),
    ("--firmware-pxe-debug on", "hardware.firmware.pxe_debug", True),
    ("--biossystemtimeoffset -5000", "hardware.firmware.time_offset_ms", -5000),
    ("--firmware-system-time-offset 7", "hardware.firmware.time_offset_ms", 7),
    ("--system-uuid-le off", "hardware.firmware.smbios_uuid_little_endian", False),
    ("--tpm-type 2.0", "hardware.tpm.type", "v2_0"),
    ("--tpm-location lab:9", "hardware.tpm.location", "lab:9"),
    (f"--hardware-uuid {{{UUID.upper()}}}", "hardware.hardware_uuid", UUID),
    ("--mouse usbtablet", "hardware.pointing_device", "USBTablet"),
    ("--mouse ps2", "hardware.pointing_device", "PS2Mouse"),
    ("--keyboard usb", "hardware.keyboard", "USBKeyboard"),
    ("--hpet on", "hardware.hpet", True),
    ("--chipset ich9", "hardware.chipset", "ICH9"),
    ("--iommu intel", "hardware.iommu", "Intel"),
    ("--paravirt-provider hyperv", "hardware.paravirt_provider", "HyperV"),
    ("--paravirtdebug enabled=1", "hardware.paravirt_debug", "enabled=1"),
    ("--rtcuseutc off", "hardware.rtc_utc", False),
    ("--boot1 disk --boot3 none", "hardware.boot_order", ["HardDisk", "DVD", "None", "None"]),
    ("--boot4 net", "hardware.boot_order", ["Floppy", "DVD", "HardDisk", "Network"]),
    ("--vrde on", "hardware.remote_display.enabled", True),
    ("--vrde-auth-type external", "hardware.remote_display.auth_type", "External"),
    ("--vrde-auth-library lib", "hardware.remote_display.auth_library", "lib"),
    ("--vrde-auth-library default", "hardware.remote_display.auth_library", ""),
    ("--vrde-extpack VNC", "hardware.remote_display.extension_pack", "VNC"),
    ("--vrde-multi-con on", "hardware.remote_display.allow_multi_connection", True),
    ("--vrde-reuse-con on", "hardware.remote_display.reuse_single_connection", True),
    ("--vrdeport 5000-5010,5012", "hardware.remote_display.properties",
     {"TCP/Ports": "5000-5010,5012"}),
    ("--vrde-port default", "hardware.remote_display.properties", {"TCP/Ports": "0"}),
    ("--vrde-address ::1", "hardware.remote_display.properties", {"TCP/Address": "::1"}),
    ("--vrde-address ::1 --vrde-address default", "hardware.remote_display.properties", {}),
    ("--vrde-property Security/Method=RDP", "hardware.remote_display.properties",
     {"Security/Method": "RDP"}),
    ("--vrdeproperty a=b --vrdeproperty a=", "hardware.remote_display.properties", {}),
    ("--vrde-video-channel on", "hardware.remote_display.properties",
     {"VideoChannel/Enabled": "true"}),
    ("--vrde-video-channel-quality 75", "hardware.remote_display.properties",
     {"VideoChannel/Quality": "75"}),
    ("--nic1 nat", "hardware.network_adapters[0].attachment", "NAT"),
    ("--nic1 nat", "hardware.network_adapters[0].enabled", True),
    ("--nic1 null", "hardware.network_adapters[0].attachment", "Null"),
    ("--nic8 nat --nic8 none", "hardware.network_adapters[0].enabled", False),
    ("--chipset ich9 --nic36 hostonly", "hardware.network_adapters[0].slot", 35),
    ("--nic-type1 82540em", "hardware.network_adapters[0].type", "82540EM"),
    ("--nictype1 virtio", "hardware.network_adapters[0].type", "virtio"),
    ("--mac-address1 08:00:27:aa:bb:cc", "hardware.network_adapters[0].mac_address",
     "080027AABBCC"),
    ("--cable-connected1 off", "hardware.network_adapters[0].cable_connected", False),
    ("--nic-speed1 1000", "hardware.network_adapters[0].speed_kbps", 1000),
    ("--nic-boot-prio1 2", "hardware.network_adapters[0].boot_priority", 2),
    ("--nicpromisc1 allow-vms", "hardware.network_adapters[0].promiscuous_mode", "AllowNetwork"),
    ("--nic-trace1 on", "hardware.network_adapters[0].trace", True),
    ("--nic-trace-file1 x.pcap", "hardware.network_adapters[0].trace_file", "x.pcap"),
    ("--nic-bandwidth-group1 none", "hardware.network_adapters[0].bandwidth_group", ""),
    ("--bridgeadapter1 eth0", "hardware.network_adapters[0].bridged_interface", "eth0"),
    ("--bridge-adapter1 none", "hardware.network_adapters[0].bridged_interface", ""),
    ("--intnet1 lab", "hardware.network_adapters[0].internal_network", "lab"),
    ("--hostonlyadapter1 vboxnet0", "hardware.network_adapters[0].host_only_interface",
     "vboxnet0"),
    ("--host-only-net1 n", "hardware.network_adapters[0].host_only_network", "n"),
    ("--nat-network1 n", "hardware.network_adapters[0].nat_network", "n"),
    ("--cloud-network1 n", "hardware.network_adapters[0].cloud_network", "n"),
    ("--nic-generic-drv1 UDPTunnel", "hardware.network_adapters[0].generic_driver", "UDPTunnel"),
    ("--nic-property1 dest=1.2.3.4", "hardware.network_adapters[0].generic_properties",
     {"dest": "1.2.3.4"}),
    ("--nicproperty1 a=b --nic-property1 a=", "hardware.network_adapters[0].generic_properties",
     {}),
    ("--nat-net1 10.1/16", "hardware.network_adapters[0].nat.network", "10.1/16"),
    ("--natnet1 default", "hardware.network_adapters[0].nat.network", ""),
    ("--nat-bind-ip1 10.0.0.1", "hardware.network_adapters[0].nat.host_ip", "10.0.0.1"),
    ("--nat-settings1 1500,1,2,3,4", "hardware.network_adapters[0].nat.tcp_receive_kb", 4),
    ("--nat-settings1 1500,1,2,3,4", "hardware.network_adapters[0].nat.socket_send_kb", 1),
    ("--nat-localhostreachable1 off", "hardware.network_adapters[0].nat.localhost_reachable",
     False),
    ("--nat-forward-broadcast1 on", "hardware.network_adapters[0].nat.forward_broadcast", True),
    ("--natdnshostresolver1 on", "hardware.network_adapters[0].nat.dns_use_host_resolver", True),
    ("--nat-dns-proxy1 on", "hardware.network_adapters[0].nat.dns_use_proxy", True),
    ("--nat-dns-pass-domain1 off", "hardware.network_adapters[0].nat.dns_pass_domain", False),
    ("--nat-alias-mode1 log,sameports", "hardware.network_adapters[0].nat.alias_use_same_ports",
     True),
    ("--nat-alias-mode1 default", "hardware.network_adapters[0].nat.alias_logging", False),
    ("--nat-tftp-prefix1 /t", "hardware.network_adapters[0].nat.tftp_prefix", "/t"),
    ("--nat-tftp-file1 f", "hardware.network_adapters[0].nat.tftp_boot_file", "f"),
    ("--nattftpserver1 1.2.3.4", "hardware.network_adapters[0].nat.tftp_next_server", "1.2.3.4"),
    ("--natpf1 ssh,tcp,127.0.0.1,2222,,22", "hardware.network_adapters[0].nat.forwardings[0].name",
     "ssh"),
    ("--nat-pf1 ,udp,,53,,53", "hardware.network_adapters[0].nat.forwardings[0].name",
     "udp_53_53"),
    ("--nat-pf1 a,tcp,,1,,2 --natpf1 delete a", "hardware.network_adapters[0].nat.forwardings",
     []),
    ("--uart1 0x2f8 3", "hardware.serial_ports[0].io_base", 0x2F8),
    ("--uart1 0x3f8 4", "hardware.serial_ports[0].enabled", True),
    ("--uart2 off", "hardware.serial_ports[0].enabled", False),
    ("--uart-mode2 file /x", "hardware.serial_ports[0].io_base", 0x2F8),
    ("--uart-mode1 server /p", "hardware.serial_ports[0].server", True),
    ("--uartmode1 client /p", "hardware.serial_ports[0].path", "/p"),
    ("--uart-mode1 tcpserver 2023", "hardware.serial_ports[0].mode", "TCP"),
    ("--uart-mode1 tcpclient h:2023", "hardware.serial_ports[0].path", "h:2023"),
    ("--uart-mode1 /dev/ttyS0", "hardware.serial_ports[0].mode", "HostDevice"),
    ("--uart-mode1 file /x --uartmode1 disconnected", "hardware.serial_ports[0].path", ""),
    ("--uart-type1 16750", "hardware.serial_ports[0].uart_type", "16750"),
    ("--lpt1 0x378 7", "hardware.parallel_ports[0].enabled", True),
    ("--lpt2 off", "hardware.parallel_ports[0].enabled", False),
    ("--lpt-mode1 /dev/parport0", "hardware.parallel_ports[0].path", "/dev/parport0"),
    ("--audio-controller hda", "hardware.audio.controller", "HDA"),
    ("--audio-codec ad1980", "hardware.audio.codec", "AD1980"),
    ("--audio-codec ad1980 --audio-controller sb16", "hardware.audio.codec", ""),
    ("--audio-driver pulse", "hardware.audio.driver", "Pulse"),
    ("--audio-driver pulse", "hardware.audio.enabled", False),
    ("--audio alsa", "hardware.audio.enabled", True),
    ("--audio alsa --audio none", "hardware.audio.enabled", False),
    ("--audio-enabled on", "hardware.audio.enabled", True),
    ("--audioin on", "hardware.audio.enabled_in", True),
    ("--audio-out on", "hardware.audio.enabled_out", True),
    ("--clipboard bidirectional", "hardware.clipboard_mode", "Bidirectional"),
    ("--clipboard-mode hosttoguest", "hardware.clipboard_mode", "HostToGuest"),
    ("--clipboard-file-transfers on", "hardware.clipboard_file_transfers", True),
    ("--draganddrop guesttohost", "hardware.drag_and_drop_mode", "GuestToHost"),
    ("--usb on", "hardware.usb_controllers[0].type", "OHCI"),
    ("--usbehci on", "hardware.usb_controllers[0].type", "EHCI"),
    ("--usb-xhci on --usb-xhci on", "hardware.usb_controllers[0].name", "XHCI"),
    ("--usb-ohci on --usb-ohci off", "hardware.usb_controllers", []),
    ("--usb on --usb-rename OHCI front", "hardware.usb_controllers[0].name", "front"),
    ("--usb-card-reader on", "hardware.usb_card_reader", True),
    ("--memory 512 --guest-memory-balloon 256", "hardware.memory_balloon_mb", 256),
    ("--default-frontend headless", "hardware.default_frontend", "headless"),
    ("--defaultfrontend default", "hardware.default_frontend", ""),
    ("--iocache off", "hardware.io_cache", False),
    ("--iocachesize 9", "hardware.io_cache_mb", 9),
    ("--pci-attach 02:1f.3@01:05.0", "hardware.pci_devices[0].host", 0x2FB),
    ("--pciattach 02:00.0", "hardware.pci_devices[0].guest", 0x200),
    ("--pci-attach 02:00.0 --pci-detach 02:00.0", "hardware.pci_devices", []),
    ("--teleporter on", "teleporter.enabled", True),
    ("--teleporter-port 6000", "teleporter.port", 6000),
    ("--teleporter-address h", "teleporter.address", "h"),
    ("--teleporter-password p", "teleporter.password", "p"),
    ("--tracing-enabled on", "debugging.tracing_enabled", True),
    ("--tracing-allow-vm-access on", "debugging.tracing_vm_access", True),
    ("--tracing-config x", "debugging.tracing_config", "x"),
    ("--guest-debug-provider gdb", "debugging.guest_debug_provider", "GDB"),
    ("--guest-debug-io-provider tcp", "debugging.guest_debug_io", "TCP"),
    ("--guest-debug-address h", "debugging.guest_debug_address", "h"),
    ("--guest-debug-port 1234", "debugging.guest_debug_port", 1234),
    ("--autostart-enabled on", "autostart.enabled", True),
    ("--autostart-delay 9", "autostart.delay_s", 9),
    ("--autostop-type savestate", "autostart.autostop", "SaveState"),
    ("--recording on", "recording.enabled", True),
    ("--videocap on", "recording.enabled", True),
    ("--monitor-count 3 --recording-screens 0,2", "recording.screens[1].enabled", False),
    ("--monitor-count 3 --recording-screens all", "recording.screens[2].enabled", True),
    ("--recording-screens none", "recording.screens[0].enabled", False),
    ("--recording-file /r.webm", "recording.screens[0].file", "/r.webm"),
    ("--recording-video-res 640x480", "recording.screens[0].height", 480),
    ("--recording-video-rate 900", "recording.screens[0].rate_kbps", 900),
    ("--videocapfps 30", "recording.screens[0].fps", 30),
    ("--recording-video-fps 30", "recording.screens[0].fps", 30),
    ("--monitor-count 2 --recording-max-time 60", "recording.screens[1].max_time_s", 60),
    ("--recording-max-size 7", "recording.screens[0].max_size_mb", 7),
    ("--recording-opts ac_enabled=true", "recording.screens[0].options", "ac_enabled=true"),
    ("--virtio-rng on", "extra_data", {"Vitrine/VirtioRng": "true"}),
    ("--virtio-rng on --virtio-rng off", "extra_data", {}),
    ("--virtio-balloon on", "extra_data", {"Vitrine/VirtioBalloon": "true"}),
    ("--testing-enabled on", "extra_data",
     {"VBoxInternal/Devices/VMMDev/0/Config/TestingEnabled": "1"}),
    ("--testing-mmio on --testing-mmio off", "extra_data", {}),
    *[
        (f"--testing-cfg-dword{index} 0x10", "extra_data",
         {f"VBoxInternal/Devices/VMMDev/0/Config/TestingCfgDword{index}": "16"})
        for index in range(10)
    ],
]  # fmt: skip


@pytest.mark.parametrize(("line", "path", "expected"), SETS, ids=[each[0] for each in SETS])
def test_option(line: str, path: str, expected: Any) -> None:
    value = modified(line)
    assert at(value, path) == expected
    validated(value)


DRIVES = Path(__file__).with_name("test_modifyvm_command.py")


def test_every_option_is_tested() -> None:
    """The table above names each option by one of its spellings; others have tests of their own."""
    used = {"--icon-file", "--teleporter-password-file"}
    used.update(re.findall(r"--[a-z0-9-]+", DRIVES.read_text()))
    for line, _, _ in SETS:
        used.update(re.findall(r"--[a-z0-9-]+", line))
    for modification in modifications.values():
        names = modification.option.names
        numbered = {f"{name}{number}" for name in names for number in range(1, 37)}
        assert used & (numbered if modification.option.indexed else set(names)), names


def test_every_setting_that_can_be_set_has_an_option() -> None:
    """A declared option that ``modifyvm`` does not know would be a promise that is not kept."""

    def options(cls: Any) -> set[str]:
        found = set()
        for field in fields_of(cls):
            if field.declaration.cli:
                found.add(field.declaration.cli)
            if field.item is not None and field.item is not Snapshot:
                found |= options(field.item)
        return found

    assert options(MachineSettings) - set(modifications) == set()


REFUSED = [
    ("--memory 3", ApiError, "Invalid RAM size: 3 MB (must be in range [4, 2097152] MB)"),
    ("--memory -1", ApiError, "Invalid RAM size: -1 MB (must be in range [4, 2097152] MB)"),
    ("--vram 257", ApiError, "Invalid VRAM size: 257 MB (must be in range [0, 256] MB)"),
    ("--cpus 65", ApiError, "Invalid virtual CPU count: 65 (must be in range [1, 64])"),
    ("--cpu-execution-cap 0", ApiError,
     "Invalid CPU execution cap value: 0 (must be in range [1, 100])"),
    ("--memory 100 --guest-memory-balloon 91", ApiError,
     "Invalid memory balloon size: 91 MB (must be in range [0, 90] MB)"),
    ("--monitor-count 0", ApiError, "Invalid monitor count: 0 (must be in range [1, 64])"),
    ("--autostart-delay -1", ApiError,
     "Invalid autostart delay: -1 (must be in range [0, 4294967295])"),
    ("--memory lots", UsageError, "Invalid argument format: '--memory lots'"),
    ("--acpi maybe", UsageError, "Invalid argument format: '--acpi maybe'"),
    ("--nic-speed2 fast", UsageError, "Invalid argument format: '--nic-speed2 fast'"),
    ("--chipset 440bx", UsageError,
     "Invalid --chipset argument '440bx' (valid: piix3, ich9, armv8virtual)"),
    ("--firmware coreboot", UsageError,
     "Invalid --firmware argument 'coreboot' (valid: bios, efi, efi32, efi64, efidual)"),
    ("--frob on", UsageError, "Unknown option: --frob"),
    ("--acpi", UsageError, "Missing value for option '--acpi'"),
    ("--nic1 wifi", UsageError, "Invalid type 'wifi' specified for NIC 1"),
    ("--nictype3 wifi", UsageError, "Invalid type 'wifi' specified for NIC 3"),
    ("--nic-promisc1 x", UsageError, "Unknown promiscuous mode policy 'x'"),
    ("--nic-boot-prio1 5", ApiError, "Invalid boot priority '5' specified for NIC 1"),
    ("--nic9 nat", UsageError, "Invalid NIC slot number: '9'"),
    ("--nic0 nat", UsageError, "Invalid number in option '--nic0': it goes from 1 to 36"),
    ("--mac-address1 123", ApiError, "Invalid MAC address format"),
    ("--mac-address1 010027aabbcc", ApiError, "whose second one is even"),
    ("--nic-bandwidth-group1 x", ApiError, "Could not find a bandwidth group named 'x'"),
    ("--nic-property1 x", UsageError, "Invalid --nic-property1 argument 'x'"),
    ("--nat-settings1 1,2", UsageError, "Invalid --nat-settings1 argument '1,2'"),
    ("--nat-settings1 70000,1,1,1,1", ApiError, "a size is out of range"),
    ("--nat-alias-mode1 x", UsageError, "Invalid --nat-alias-mode1 argument 'x'"),
    ("--nat-pf1 ssh", UsageError, "six parts separated by commas"),
    ("--nat-pf1 a,icmp,,1,,2", UsageError, "Invalid proto 'icmp' specified for NIC 1"),
    ("--nat-pf1 a,tcp,,0,,2", ApiError, "Invalid port number '0'"),
    ("--nat-pf1 a,tcp,,x,,2", UsageError, "Invalid argument format: '--nat-pf1 x'"),
    ("--nat-pf1 a,tcp,nohost,1,,2", ApiError, "'nohost' is not an IP address"),
    ("--nat-pf1 a,tcp,,1,,2 --nat-pf1 a,tcp,,3,,4", ApiError,
     "A NAT rule of this name already exists"),
    ("--nat-pf1 a,tcp,,1,,2 --nat-pf1 b,tcp,,1,,4", ApiError,
     "A NAT rule for this host port and this host IP already exists"),
    ("--nat-pf1 delete a", ApiError, "NIC 1 has no NAT rule named 'a'"),
    ("--nat-pf1 delete", UsageError, "Missing rule name after '--nat-pf1 delete'"),
    ("--uart1 0x3f8", UsageError, "Missing IRQ after '--uart1 0x3f8'"),
    ("--uart1 0x10000 4", ApiError, "Invalid port I/O base: 65536"),
    ("--uart1 0x3f8 256", ApiError, "Invalid IRQ: 256"),
    ("--uart-mode1 server", UsageError, "Missing path after '--uart-mode1 server'"),
    ("--uart5 off", UsageError, "it goes from 1 to 4"),
    ("--boot1 usb", UsageError, "Invalid boot device 'usb'"),
    ("--os-type BeOS", ApiError, "'BeOS' is not a valid Guest OS type"),
    ("--name a/b", ApiError, "Invalid machine name 'a/b'"),
    ("--groups a", ApiError, "The machine group 'a' is invalid"),
    ("--icon-file /nowhere.png", CommandError, "Cannot open file '/nowhere.png'"),
    ("--icon-file /etc/passwd", CommandError, "is not a PNG picture"),
    ("--hardware-uuid zz", UsageError, "Invalid argument format: '--hardware-uuid zz'"),
    ("--cpuid-set 1 2 3 4", UsageError, "Missing EDX"),
    ("--cpuid-set x 1 2 3 4", UsageError, "Invalid argument format: '--cpuid-set x'"),
    ("--cpuid-set 1 100000000 0 0 0", ApiError, "Invalid CPUID value: 100000000"),
    ("--plug-cpu 1", ApiError, "CPU hotplug is not enabled"),
    ("--cpu-hotplug on --plug-cpu 1", ApiError,
     "CPU id exceeds number of possible CPUs [0:0]"),
    ("--cpu-hotplug on --unplug-cpu 0", ApiError, "It is not possible to detach CPU 0"),
    ("--pci-attach 1f", UsageError, "valid: 'bb:dd.f'"),
    ("--pci-detach 02:00.0", ApiError, "No host PCI device 02:00.0 attached"),
    ("--usb-rename OHCI x", ApiError, "Could not find a USB controller named 'OHCI'"),
    ("--audio-driver x", UsageError, "Invalid --audio-driver argument 'x'"),
    ("--vrde-port 70000", UsageError, "Invalid --vrde-port argument '70000'"),
    ("--vrde-property x", UsageError, "Invalid --vrde-property argument 'x'"),
    ("--vrde-video-channel-quality 5", ApiError, "Invalid video channel quality: 5"),
    ("--recording-screens 3", UsageError, "Invalid screen ID specified '3'"),
    ("--recording-video-res big", UsageError, "Invalid video resolution 'big'"),
    ("--teleporter-password-file /nowhere", CommandError, "Cannot open file '/nowhere'"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "kind", "sentence"), REFUSED, ids=[each[0] for each in REFUSED])
def test_refused(line: str, kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind) as caught:
        modified(line)
    assert sentence in str(caught.value)


def test_an_adapter_that_is_switched_on_gets_an_address() -> None:
    first, second = (modified("--nic1 nat").hardware.network_adapters[0] for _ in range(2))
    assert re.fullmatch("080027[0-9A-F]{6}", first.mac_address)
    assert first.mac_address != second.mac_address
    kept = modified("--mac-address1 080027000001 --nic1 nat").hardware.network_adapters[0]
    assert kept.mac_address == "080027000001"
    again = modified("--mac-address1 080027000001 --macaddress1 auto").hardware
    assert again.network_adapters[0].mac_address != "080027000001"


def test_addresses_are_random() -> None:
    assert len({new_mac_address() for _ in range(50)}) > 45


def test_bandwidth_groups() -> None:
    before = machine()
    before.hardware.bandwidth_groups = [
        BandwidthGroup(name="net", type="Network"), BandwidthGroup(name="disk", type="Disk")
    ]
    value = modified("--nic-bandwidth-group1 net", before)
    assert value.hardware.network_adapters[0].bandwidth_group == "net"
    with pytest.raises(ApiError, match="not intended for network adapters"):
        modified("--nicbandwidthgroup1 disk", before)


def test_snapshots_keep_their_folder() -> None:
    before = machine()
    assert before.last_state_change is not None
    before.snapshots.append(Snapshot(uuid=UUID, name="s", time_stamp=before.last_state_change))
    with pytest.raises(ApiError, match="please delete all snapshots first"):
        modified("--snapshot-folder /x", before)


def test_icon_and_password_files(tmp_path: Path) -> None:
    picture = tmp_path / "icon.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\nrest")
    value = modified(f"--icon-file {picture}")
    assert base64.b64decode(value.icon) == picture.read_bytes()
    assert modified("--iconfile ''", value).icon == ""
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(300 * 1024))
    with pytest.raises(CommandError, match="has more than 262144 bytes"):
        modified(f"--icon-file {picture}")
    secret = tmp_path / "secret"
    secret.write_text("pass word\nnot this\n")
    assert modified(f"--teleporter-password-file {secret}").teleporter.password == "pass word"


def test_a_recording_file_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert modified("--recording-file r.webm").recording.screens[0].file == str(tmp_path / "r.webm")


def test_an_unknown_guest_stays() -> None:
    before = machine()
    before.os_type_id = "Fuchsia_64"
    assert modified("--os-type Fuchsia_64", before).os_type_id == "Fuchsia_64"


def test_the_order_of_options_counts() -> None:
    assert modified("--memory 64 --memory 128").hardware.memory_mb == 128
    assert modified("--chipset ich9 --nic9 nat").hardware.network_adapters[0].slot == 8
    with pytest.raises(UsageError):
        modified("--nic9 nat --chipset ich9")


NAMES = sorted(name for each in modifications.values() for name in each.option.names)
WORDS = st.sampled_from(
    ["on", "off", "0", "1", "-1", "none", "default", "delete", "server", "nat", "a=b", "a,b,c,d,e",
     "x,tcp,,1,,2", "640x480", "1:2", "01:02.3", "", "ä", "99999999999999999999", "/dev/null",
     "{}", "all", "0x3f8", "4"]
)  # fmt: skip
LINES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["", "1", "2", "9", "99"]))
    .map("".join)
    .flatmap(lambda name: st.lists(WORDS, max_size=5).map(lambda words: [name, *words])),
    max_size=4,
)


@settings(max_examples=400, deadline=None)
@given(LINES)
def test_any_command_line_is_applied_or_refused(lines: list[list[str]]) -> None:
    words = [word for line in lines for word in line]
    before = machine()
    value = msgspec.convert(msgspec.to_builtins(before), MachineSettings)
    parser = Parser([each.option for each in modifications.values()])
    try:
        apply(value, parser.parse(words), FOLDER)
    except (UsageError, ApiError, CommandError) as error:
        sentence = str(error)
    else:
        sentence = "applied"
        assert validated(value) == value
    assert sentence
