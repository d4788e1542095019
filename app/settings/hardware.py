"""Typed settings of a machine's hardware apart from storage and network.

The XML places are relative to the element that owns the hardware: ``Machine`` or ``Snapshot``.
Ranges are those of VirtualBox 7.1 (``VirtualBox-settings.xsd`` and ``list systemproperties``).
"""

from typing import Annotated

import msgspec

from app.settings import enums
from app.settings.declare import Place, items, mapping, setting, special


def _x86(tail: str) -> tuple[Place, ...]:
    """Return the places of a CPU setting that 1.20 moved to the x86 part of the platform."""
    return (
        Place(f"Hardware/CPU/{tail}"),
        Place(f"Platform/CPU/{tail}", 20),
        Place(f"Platform/x86/CPU/{tail}", 20),
    )


def _cpu(tail: str) -> tuple[Place, ...]:
    return Place(f"Hardware/CPU/{tail}"), Place(f"Platform/CPU/{tail}", 20)


def _firmware(tail: str) -> tuple[Place, ...]:
    return Place(f"Hardware/BIOS/{tail}"), Place(f"Hardware/Firmware/{tail}", 20)


class CpuIdLeaf(msgspec.Struct, kw_only=True):
    """CPUID leaf whose answer is overridden."""

    id: Annotated[int, setting("@id", ge=0, le=0xFFFFFFFF, always=True)]
    subleaf: Annotated[int, setting("@subleaf", ge=0, le=0xFFFFFFFF, since=16)] = 0
    eax: Annotated[int, setting("@eax", ge=0, le=0xFFFFFFFF, always=True)] = 0
    ebx: Annotated[int, setting("@ebx", ge=0, le=0xFFFFFFFF, always=True)] = 0
    ecx: Annotated[int, setting("@ecx", ge=0, le=0xFFFFFFFF, always=True)] = 0
    edx: Annotated[int, setting("@edx", ge=0, le=0xFFFFFFFF, always=True)] = 0


class HotPluggedCpu(msgspec.Struct, kw_only=True):
    """A CPU that was plugged into a machine with CPU hot-plug."""

    id: Annotated[int, setting("@id", ge=0, le=63, always=True)]


class CpuSettings(msgspec.Struct, kw_only=True):
    """Processors and their features."""

    count: Annotated[
        int,
        setting(
            _cpu("@count"), ge=1, le=64, cli="cpus", label="Processors",
            help="Number of virtual processors.",
        ),
    ] = 1
    execution_cap: Annotated[
        int,
        setting(
            _cpu("@executionCap"), ge=1, le=100, unit="%", since=11, cli="cpu-execution-cap",
            label="Execution Cap", hot=True,
            help="Share of a host processor that a virtual processor may use at most.",
        ),
    ] = 100
    hotplug: Annotated[
        bool,
        setting(
            _cpu("@hotplug"), since=10, cli="cpu-hotplug", label="CPU Hot-plugging",
            help="Processors can be added and removed while the machine runs.",
        ),
    ] = False
    plugged: Annotated[
        list[HotPluggedCpu], items(_cpu("CpuTree/Cpu"), key=("id",), since=10)
    ] = msgspec.field(default_factory=list)
    portability_level: Annotated[
        int,
        setting(
            _cpu("@CpuIdPortabilityLevel"), ge=0, le=3, since=14, cli="cpuid-portability-level",
            label="CPUID Portability Level",
            help="How much of the host's processor is hidden so that the machine can move.",
        ),
    ] = 0
    profile: Annotated[
        str,
        setting(
            _cpu("@CpuProfile"), since=16, cli="cpu-profile", label="CPU Profile",
            help="Processor that the guest sees; host means that of the host.",
        ),
    ] = "host"
    hw_virt: Annotated[
        bool,
        setting(
            _x86("HardwareVirtEx/@enabled"), cli="hwvirtex", label="Hardware Virtualization",
            help="Use the virtualization extensions of the host's processor.",
        ),
    ] = True
    nested_paging: Annotated[
        bool,
        setting(
            _x86("HardwareVirtExNestedPaging/@enabled"), cli="nested-paging",
            label="Nested Paging", help="Let the host's processor translate guest addresses.",
        ),
    ] = True
    vpid: Annotated[
        bool,
        setting(
            _x86("HardwareVirtExVPID/@enabled"), cli="x86-vtx-vpid", label="VPID",
            help="Tag entries of the TLB with the virtual processor.",
        ),
    ] = True
    unrestricted_guest: Annotated[
        bool,
        setting(
            _x86("HardwareVirtExUX/@enabled"), since=14, cli="x86-vtx-ux",
            label="Unrestricted Guest Execution",
            help="Let the host's processor run real mode and unpaged code.",
        ),
    ] = True
    large_pages: Annotated[
        bool,
        setting(
            _x86("HardwareVirtExLargePages/@enabled"), since=10, cli="large-pages",
            label="Large Pages", help="Back guest memory with large pages.",
            absent_before={14: False},
        ),
    ] = False
    hw_virt_force: Annotated[
        bool,
        setting(
            _x86("HardwareVirtForce/@enabled"), since=12, label="Force Hardware Virtualization",
            help="Fail to start rather than run without hardware virtualization.",
        ),
    ] = False
    use_native_api: Annotated[
        bool,
        setting(
            _x86("HardwareVirtExUseNativeApi/@enabled"), since=17, label="Native Hypervisor API",
            help="Use the hypervisor interface of the host's operating system.",
        ),
    ] = False
    virt_vmsave_vmload: Annotated[
        bool,
        setting(
            _x86("HardwareVirtExVirtVmsaveVmload/@enabled"), since=18, cli="virt-vmsave-vmload",
            label="Virtualized VMSAVE/VMLOAD", help="Use virtualized VMSAVE and VMLOAD on AMD.",
        ),
    ] = True
    pae: Annotated[
        bool,
        setting(
            _x86("PAE/@enabled"), cli="x86-pae", label="PAE/NX",
            help="Offer physical address extension and no-execute pages.",
        ),
    ] = True
    long_mode: Annotated[
        bool,
        setting(
            _x86("LongMode/@enabled"), since=14, cli="x86-long-mode", label="Long Mode",
            help="Offer 64-bit mode.",
        ),
    ] = True
    triple_fault_reset: Annotated[
        bool,
        setting(
            _x86("TripleFaultReset/@enabled"), since=15, cli="triple-fault-reset",
            label="Reset on Triple Fault",
            help="A triple fault resets the machine instead of stopping it.",
        ),
    ] = False
    apic: Annotated[
        bool,
        setting(
            _x86("APIC/@enabled"), since=16, cli="apic", label="APIC",
            help="Offer a local APIC.",
        ),
    ] = True
    x2apic: Annotated[
        bool,
        setting(
            _x86("X2APIC/@enabled"), since=16, cli="x86-x2apic", label="X2APIC",
            help="Offer the x2APIC mode of the local APIC.",
        ),
    ] = False
    nested_hw_virt: Annotated[
        bool,
        setting(
            _x86("NestedHWVirt/@enabled"), since=17, cli="nested-hw-virt",
            label="Nested VT-x/AMD-V", help="Offer virtualization extensions to the guest.",
        ),
    ] = False
    ibpb_on_vm_exit: Annotated[
        bool, setting(_x86("IBPBOn/@vmexit"), since=16, cli="ibpb-on-vm-exit")
    ] = False
    ibpb_on_vm_entry: Annotated[
        bool, setting(_x86("IBPBOn/@vmentry"), since=16, cli="ibpb-on-vm-entry")
    ] = False
    spec_ctrl: Annotated[
        bool,
        setting(
            _x86("SpecCtrl/@enabled"), since=16, cli="spec-ctrl", label="Speculation Control",
            help="Offer the speculation control registers to the guest.",
        ),
    ] = False
    spec_ctrl_by_host: Annotated[bool, setting(_x86("SpecCtrlByHost/@enabled"), since=16)] = False
    l1d_flush_on_sched: Annotated[
        bool, setting(_x86("L1DFlushOn/@scheduling"), since=16, cli="l1d-flush-on-sched")
    ] = True
    l1d_flush_on_vm_entry: Annotated[
        bool, setting(_x86("L1DFlushOn/@vmentry"), since=16, cli="l1d-flush-on-vm-entry")
    ] = False
    mds_clear_on_sched: Annotated[
        bool, setting(_x86("MDSClearOn/@scheduling"), since=16, cli="mds-clear-on-sched")
    ] = True
    mds_clear_on_vm_entry: Annotated[
        bool, setting(_x86("MDSClearOn/@vmentry"), since=16, cli="mds-clear-on-vm-entry")
    ] = False
    cpuid_leaves: Annotated[
        list[CpuIdLeaf], items(_x86("CpuIdTree/CpuIdLeaf"), key=("id", "subleaf"), since=9)
    ] = msgspec.field(default_factory=list)


class DisplaySettings(msgspec.Struct, kw_only=True):
    """Graphics adapter."""

    controller: Annotated[
        str,
        setting(
            "Hardware/Display/@controller", choices=enums.GraphicsController, since=14,
            choices_since={"VMSVGA": 15, "VBoxSVGA": 17, "QemuRamFB": 20},
            cli="graphicscontroller", label="Graphics Controller",
            help="Model of the graphics adapter.",
        ),
    ] = enums.GraphicsController.VBOX_VGA.value
    vram_mb: Annotated[
        int,
        setting(
            "Hardware/Display/@VRAMSize", ge=0, le=256, unit="MB", cli="vram",
            label="Video Memory", help="Memory of the graphics adapter.",
        ),
    ] = 8
    monitor_count: Annotated[
        int,
        setting(
            "Hardware/Display/@monitorCount", ge=1, le=64, cli="monitor-count",
            label="Monitor Count", help="Number of virtual monitors.",
        ),
    ] = 1
    accelerate_3d: Annotated[
        bool,
        setting(
            "Hardware/Display/@accelerate3D", cli="accelerate-3d",
            label="Enable 3D Acceleration", help="Use the host's graphics for 3D.",
        ),
    ] = False
    accelerate_2d_video: Annotated[
        bool,
        setting(
            "Hardware/Display/@accelerate2DVideo", since=8, cli="accelerate-2d-video",
            label="Enable 2D Video Acceleration", help="Use the host's graphics for video.",
        ),
    ] = False


class FirmwareSettings(msgspec.Struct, kw_only=True):
    """Firmware and the switches that it hands to the guest."""

    type: Annotated[
        str,
        setting(
            "Hardware/Firmware/@type", choices=enums.FirmwareType, since=9, cli="firmware",
            label="Firmware", help="Legacy BIOS, or EFI of a word size.",
        ),
    ] = enums.FirmwareType.BIOS.value
    acpi: Annotated[
        bool,
        setting(
            _firmware("ACPI/@enabled"), cli="acpi", label="Enable ACPI",
            help="Offer power management and configuration tables.",
        ),
    ] = True
    ioapic: Annotated[
        bool,
        setting(
            _firmware("IOAPIC/@enabled"), cli="ioapic", label="Enable I/O APIC",
            help="Offer an I/O APIC; needed with more than one processor.",
        ),
    ] = False
    apic_mode: Annotated[
        str,
        setting(
            _firmware("APIC/@mode"), choices=enums.ApicMode, since=16, cli="firmware-apic",
            label="Firmware APIC", help="Interrupt controller that the firmware announces.",
        ),
    ] = enums.ApicMode.APIC.value
    logo_fade_in: Annotated[
        bool, setting(_firmware("Logo/@fadeIn"), cli="firmware-logo-fade-in")
    ] = True
    logo_fade_out: Annotated[
        bool, setting(_firmware("Logo/@fadeOut"), cli="firmware-logo-fade-out")
    ] = True
    logo_display_time_ms: Annotated[
        int,
        setting(
            _firmware("Logo/@displayTime"), ge=0, le=0xFFFFFFFF, unit="ms",
            cli="firmware-logo-display-time",
        ),
    ] = 0
    logo_image_path: Annotated[
        str, setting(_firmware("Logo/@imagePath"), cli="firmware-logo-image-path")
    ] = ""
    boot_menu: Annotated[
        str,
        setting(
            _firmware("BootMenu/@mode"), choices=enums.BootMenuMode, cli="firmware-boot-menu",
            label="Boot Menu", help="What the firmware shows of its boot menu.",
        ),
    ] = enums.BootMenuMode.MESSAGE_AND_MENU.value
    time_offset_ms: Annotated[
        int,
        setting(
            _firmware("TimeOffset/@value"), ge=-(2**63), le=2**63 - 1, unit="ms",
            cli="firmware-system-time-offset", label="System Time Offset",
            help="Distance of the guest's clock from that of the host.",
        ),
    ] = 0
    pxe_debug: Annotated[
        bool, setting(_firmware("PXEDebug/@enabled"), cli="firmware-pxe-debug")
    ] = False
    nvram_path: Annotated[str, setting(_firmware("NVRAM/@path"), since=18)] = ""
    smbios_uuid_little_endian: Annotated[
        bool,
        setting(
            _firmware("SmbiosUuidLittleEndian/@enabled"), since=15, absent=False,
            cli="system-uuid-le", label="Little Endian System UUID",
            help="Byte order of the UUID in the SMBIOS tables.",
        ),
    ] = True
    auto_serial_number: Annotated[
        bool, setting(_firmware("AutoSerialNumGen/@enabled"), since=20)
    ] = True


class TpmSettings(msgspec.Struct, kw_only=True):
    """Trusted platform module."""

    type: Annotated[
        str,
        setting(
            "Hardware/TrustedPlatformModule/@type", choices=enums.TpmType, since=19,
            cli="tpm-type", label="TPM", help="Version of the trusted platform module.",
        ),
    ] = enums.TpmType.NONE.value
    location: Annotated[
        str, setting("Hardware/TrustedPlatformModule/@location", since=19, cli="tpm-location")
    ] = ""


class RemoteDisplaySettings(msgspec.Struct, kw_only=True):
    """Remote display server."""

    enabled: Annotated[
        bool,
        setting(
            "Hardware/RemoteDisplay/@enabled", absent_before={16: True}, cli="vrde",
            label="Enable Server", help="Serve the screen to remote display clients.", hot=True,
        ),
    ] = False
    auth_type: Annotated[
        str,
        setting(
            "Hardware/RemoteDisplay/@authType", choices=enums.VrdeAuthType,
            cli="vrde-auth-type", label="Authentication Method",
            help="Who decides whether a client may connect.",
        ),
    ] = enums.VrdeAuthType.NULL.value
    auth_timeout_ms: Annotated[
        int,
        setting(
            "Hardware/RemoteDisplay/@authTimeout", ge=0, le=0xFFFFFFFF, unit="ms",
            label="Authentication Timeout", help="Time in which a client has to identify itself.",
        ),
    ] = 5000
    allow_multi_connection: Annotated[
        bool,
        setting(
            "Hardware/RemoteDisplay/@allowMultiConnection", cli="vrde-multi-con",
            label="Allow Multiple Connections", help="Several clients may watch.",
        ),
    ] = False
    reuse_single_connection: Annotated[
        bool,
        setting(
            "Hardware/RemoteDisplay/@reuseSingleConnection", since=9, cli="vrde-reuse-con",
            label="Reuse Connection", help="A new client takes over from the connected one.",
        ),
    ] = False
    auth_library: Annotated[
        str, setting("Hardware/RemoteDisplay/@authLibrary", since=11, cli="vrde-auth-library")
    ] = ""
    extension_pack: Annotated[
        str, setting("Hardware/RemoteDisplay/@VRDEExtPack", since=11, cli="vrde-extpack")
    ] = ""
    properties: Annotated[
        dict[str, str],
        special(
            "vrde-properties", "Hardware/RemoteDisplay/VRDEProperties/Property", since=11,
            cli="vrde-property", label="Properties",
            help="Settings of the server, for example TCP/Ports and TCP/Address.",
        ),
    ] = msgspec.field(default_factory=dict)


class UsbController(msgspec.Struct, kw_only=True):
    """A USB controller."""

    name: Annotated[str, setting("@name", always=True)]
    type: Annotated[str, setting("@type", choices=enums.UsbControllerType, always=True)]


class UsbDeviceFilter(msgspec.Struct, kw_only=True):
    """Selection of host USB devices; empty fields match everything."""

    name: Annotated[str, setting("@name", always=True, label="Name")] = ""
    active: Annotated[bool, setting("@active", always=True, absent=False)] = True
    vendor_id: Annotated[str, setting("@vendorId", label="Vendor ID")] = ""
    product_id: Annotated[str, setting("@productId", label="Product ID")] = ""
    revision: Annotated[str, setting("@revision", label="Revision")] = ""
    manufacturer: Annotated[str, setting("@manufacturer", label="Manufacturer")] = ""
    product: Annotated[str, setting("@product", label="Product")] = ""
    serial_number: Annotated[str, setting("@serialNumber", label="Serial No.")] = ""
    port: Annotated[str, setting("@port", label="Port")] = ""
    remote: Annotated[str, setting("@remote", label="Remote")] = ""
    masked_interfaces: Annotated[int, setting("@maskedInterfaces", ge=0, le=0xFFFFFFFF)] = 0


class SerialPort(msgspec.Struct, kw_only=True):
    """A serial port; slot 0 is port 1."""

    slot: Annotated[int, setting("@slot", ge=0, le=3, always=True)]
    enabled: Annotated[
        bool,
        setting(
            "@enabled", always=True, label="Enable Serial Port",
            help="The machine has this serial port.",
        ),
    ] = False
    io_base: Annotated[
        int,
        setting(
            (Place("@IOBase"), Place("@IOAddress", 20)), ge=0, le=0xFFFF, form="hex",
            always=True, label="I/O Port", help="First of the eight I/O ports.",
        ),
    ] = 0x3F8
    irq: Annotated[
        int, setting("@IRQ", ge=0, le=255, always=True, label="IRQ", help="Interrupt line.")
    ] = 4
    mode: Annotated[
        str,
        setting(
            "@hostMode", choices=enums.PortMode, choices_since={"TCP": 15}, always=True,
            label="Port Mode", help="What the port is connected to on the host.", hot=True,
        ),
    ] = enums.PortMode.DISCONNECTED.value
    path: Annotated[
        str,
        setting(
            "@path", label="Path/Address", hot=True,
            help="Pipe or socket, device, file, or host:port (a port alone for a server).",
        ),
    ] = ""
    server: Annotated[
        bool,
        setting(
            "@server", label="Create Pipe/Socket", hot=True,
            help="Create the pipe or listen on the port instead of connecting to it.",
        ),
    ] = False
    uart_type: Annotated[
        str,
        setting(
            "@uartType", choices=enums.UartType, since=17, label="UART Type",
            help="Chip that the guest sees.",
        ),
    ] = enums.UartType.U16550A.value


class ParallelPort(msgspec.Struct, kw_only=True):
    """A parallel port; slot 0 is port 1."""

    slot: Annotated[int, setting("@slot", ge=0, le=1, always=True)]
    enabled: Annotated[bool, setting("@enabled", always=True)] = False
    io_base: Annotated[
        int, setting("@IOBase", ge=0, le=0xFFFF, form="hex", always=True)
    ] = 0x378
    irq: Annotated[int, setting("@IRQ", ge=0, le=255, always=True)] = 7
    path: Annotated[str, setting("@path")] = ""


class AudioSettings(msgspec.Struct, kw_only=True):
    """Audio adapter."""

    controller: Annotated[
        str,
        setting(
            "Hardware/AudioAdapter/@controller", choices=enums.AudioController,
            cli="audio-controller", label="Audio Controller",
            help="Model of the audio adapter.",
        ),
    ] = enums.AudioController.AC97.value
    codec: Annotated[
        str, setting("Hardware/AudioAdapter/@codec", since=16, cli="audio-codec")
    ] = ""
    use_default_driver: Annotated[
        bool, setting("Hardware/AudioAdapter/@useDefault", since=19)
    ] = False
    driver: Annotated[
        str,
        setting(
            "Hardware/AudioAdapter/@driver", choices=enums.AudioDriver, always=True,
            choices_since={"Default": 19}, cli="audio-driver", label="Host Audio Driver",
            help="Sound system of the host.",
        ),
    ] = enums.AudioDriver.NULL.value
    enabled: Annotated[
        bool,
        setting(
            "Hardware/AudioAdapter/@enabled", absent_before={16: True}, cli="audio-enabled",
            label="Enable Audio", help="The machine has an audio adapter.",
        ),
    ] = False
    enabled_in: Annotated[
        bool,
        setting(
            "Hardware/AudioAdapter/@enabledIn", since=16, absent_before={17: True},
            cli="audio-in", label="Enable Audio Input", help="Let the guest record.", hot=True,
        ),
    ] = False
    enabled_out: Annotated[
        bool,
        setting(
            "Hardware/AudioAdapter/@enabledOut", since=16, absent_before={17: True},
            cli="audio-out", label="Enable Audio Output", help="Let the guest be heard.",
            hot=True,
        ),
    ] = False
    properties: Annotated[
        dict[str, str], mapping("Hardware/AudioAdapter/Property", since=13)
    ] = msgspec.field(default_factory=dict)


class SharedFolder(msgspec.Struct, kw_only=True):
    """Folder of the host that the guest can reach."""

    name: Annotated[str, setting("@name", always=True, label="Folder Name")]
    host_path: Annotated[str, setting("@hostPath", always=True, label="Folder Path")]
    writable: Annotated[bool, setting("@writable", always=True, absent=False)] = True
    auto_mount: Annotated[bool, setting("@autoMount", always=True, label="Auto-mount")] = False
    auto_mount_point: Annotated[
        str, setting("@autoMountPoint", since=17, label="Mount Point")
    ] = ""
    symlink_policy: Annotated[str, setting("@symlinkPolicy", since=20)] = ""
