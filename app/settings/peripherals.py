"""Typed settings of what is plugged into a machine: USB, ports, audio, shared folders."""

from typing import Annotated

import msgspec

from app.settings import enums
from app.settings.declare import Place, mapping, setting


class UsbController(msgspec.Struct, kw_only=True):
    """A USB controller."""

    name: Annotated[
        str, setting("@name", always=True, label="Name", help="Name of the controller.")
    ]
    type: Annotated[
        str,
        setting(
            "@type", choices=enums.UsbControllerType, choices_since={"XHCI": 15}, always=True,
            label="Type", help="Kind of controller: OHCI is USB 1.1, EHCI 2.0, xHCI 3.0.",
        ),
    ]


class UsbDeviceFilter(msgspec.Struct, kw_only=True):
    """Selection of host USB devices; empty fields match everything."""

    name: Annotated[
        str, setting("@name", always=True, label="Name", help="Name of the filter.")
    ] = ""
    active: Annotated[
        bool,
        setting(
            "@active", always=True, absent=False, label="Active", help="The filter is used."
        ),
    ] = True
    vendor_id: Annotated[
        str,
        setting("@vendorId", label="Vendor ID", help="Four hexadecimal digits, or a pattern."),
    ] = ""
    product_id: Annotated[
        str,
        setting("@productId", label="Product ID", help="Four hexadecimal digits, or a pattern."),
    ] = ""
    revision: Annotated[
        str,
        setting("@revision", label="Revision", help="Four hexadecimal digits, or a pattern."),
    ] = ""
    manufacturer: Annotated[
        str, setting("@manufacturer", label="Manufacturer", help="Name of the manufacturer.")
    ] = ""
    product: Annotated[
        str, setting("@product", label="Product", help="Name of the product.")
    ] = ""
    serial_number: Annotated[
        str, setting("@serialNumber", label="Serial No.", help="Serial number of the device.")
    ] = ""
    port: Annotated[
        str, setting("@port", label="Port", help="Port of the host to which it is plugged.")
    ] = ""
    remote: Annotated[
        str,
        setting(
            "@remote", label="Remote",
            help="Whether the device is one of a remote display client: yes, no or both.",
        ),
    ] = ""
    masked_interfaces: Annotated[
        int,
        setting(
            "@maskedInterfaces", ge=0, le=0xFFFFFFFF, label="Masked Interfaces",
            help="Interfaces of the device that the guest does not see, one per bit.",
        ),
    ] = 0


class SerialPort(msgspec.Struct, kw_only=True):
    """A serial port; slot 0 is port 1."""

    slot: Annotated[
        int,
        setting(
            "@slot", ge=0, le=3, always=True, label="Slot",
            help="Number of the port, from 0.",
        ),
    ]
    enabled: Annotated[
        bool,
        setting(
            "@enabled", always=True, cli="uart", label="Enable Serial Port",
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
            cli="uart-mode", old_cli=("uartmode",), label="Port Mode", hot=True,
            help="What the port is connected to on the host.",
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
            "@uartType", choices=enums.UartType, since=17, cli="uart-type",
            old_cli=("uarttype",), label="UART Type", help="Chip that the guest sees.",
        ),
    ] = enums.UartType.U16550A.value


class ParallelPort(msgspec.Struct, kw_only=True):
    """A parallel port; slot 0 is port 1."""

    slot: Annotated[
        int,
        setting(
            "@slot", ge=0, le=1, always=True, label="Slot",
            help="Number of the port, from 0.",
        ),
    ]
    enabled: Annotated[
        bool,
        setting(
            "@enabled", always=True, cli="lpt", label="Enable Parallel Port",
            help="The machine has this parallel port.",
        ),
    ] = False
    io_base: Annotated[
        int,
        setting(
            "@IOBase", ge=0, le=0xFFFF, form="hex", always=True, label="I/O Port",
            help="First of the I/O ports.",
        ),
    ] = 0x378
    irq: Annotated[
        int, setting("@IRQ", ge=0, le=255, always=True, label="IRQ", help="Interrupt line.")
    ] = 7
    path: Annotated[
        str,
        setting(
            "@path", cli="lpt-mode", old_cli=("lptmode",), label="Port Path",
            help="What is printed is added to this file of the host, or goes to this device.",
        ),
    ] = ""


class AudioSettings(msgspec.Struct, kw_only=True):
    """Audio adapter."""

    controller: Annotated[
        str,
        setting(
            "Hardware/AudioAdapter/@controller", choices=enums.AudioController,
            choices_since={"HDA": 11}, cli="audio-controller", old_cli=("audiocontroller",),
            label="Audio Controller", help="Model of the audio adapter.",
        ),
    ] = enums.AudioController.AC97.value
    codec: Annotated[
        str,
        setting(
            "Hardware/AudioAdapter/@codec", since=16, cli="audio-codec",
            old_cli=("audiocodec",), label="Audio Codec", choices=enums.AudioCodec,
            help="Codec of the audio adapter; the usual one of its model when empty.",
        ),
    ] = ""
    use_default_driver: Annotated[
        bool,
        setting(
            "Hardware/AudioAdapter/@useDefault", since=19, label="Default Host Driver",
            help="The driver is the best one of the host at hand.",
        ),
    ] = False
    driver: Annotated[
        str,
        setting(
            "Hardware/AudioAdapter/@driver", choices=enums.AudioDriver, always=True,
            choices_since={"Default": 19, "WAS": 19}, cli="audio-driver",
            old_cli=("audiodriver", "audio"), label="Host Audio Driver",
            help="Sound system of the host.",
        ),
    ] = enums.AudioDriver.NULL.value
    enabled: Annotated[
        bool,
        setting(
            "Hardware/AudioAdapter/@enabled", absent_before={16: True}, cli="audio-enabled",
            old_cli=("audioenabled",),
            label="Enable Audio", help="The machine has an audio adapter.",
        ),
    ] = False
    enabled_in: Annotated[
        bool,
        setting(
            "Hardware/AudioAdapter/@enabledIn", since=16, absent_before={17: True},
            cli="audio-in", old_cli=("audioin",), label="Enable Audio Input",
            help="Let the guest record.", hot=True,
        ),
    ] = False
    enabled_out: Annotated[
        bool,
        setting(
            "Hardware/AudioAdapter/@enabledOut", since=16, absent_before={17: True},
            cli="audio-out", old_cli=("audioout",), label="Enable Audio Output",
            help="Let the guest be heard.", hot=True,
        ),
    ] = False
    properties: Annotated[
        dict[str, str],
        mapping(
            "Hardware/AudioAdapter/Property", since=13, label="Audio Properties",
            help="Settings of the audio driver.",
        ),
    ] = msgspec.field(default_factory=dict)


class SharedFolder(msgspec.Struct, kw_only=True):
    """Folder of the host that the guest can reach."""

    name: Annotated[
        str,
        setting(
            "@name", always=True, label="Folder Name", help="Name under which the guest sees it."
        ),
    ]
    host_path: Annotated[
        str,
        setting("@hostPath", always=True, label="Folder Path", help="Folder of the host."),
    ]
    writable: Annotated[
        bool,
        setting(
            "@writable", always=True, absent=False, label="Writable",
            help="The guest may change what is in the folder.",
        ),
    ] = True
    auto_mount: Annotated[
        bool,
        setting(
            "@autoMount", always=True, label="Auto-mount",
            help="The guest mounts the folder at its start.",
        ),
    ] = False
    auto_mount_point: Annotated[
        str,
        setting(
            "@autoMountPoint", since=17, label="Mount Point",
            help="Folder or drive letter at which the guest mounts it.",
        ),
    ] = ""
    symlink_policy: Annotated[
        str,
        setting(
            "@symlinkPolicy", choices=enums.SymlinkPolicy, since=20, label="Symbolic Links",
            help="Symbolic links that the guest may create.",
        ),
    ] = enums.SymlinkPolicy.NONE.value
