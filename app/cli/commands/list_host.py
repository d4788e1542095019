"""``list`` of what the host has: processors, interfaces, USB devices, cameras."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from app.cli.commands.listing import ListOptions, listing
from app.cli.values import print_block
from app.settings.cpu import CPU_PROFILES

if TYPE_CHECKING:
    from app.api.hoststructs import HostInterfaceType, HostUsbDevice
    from app.cli.context import Context

_INTERFACE_WIDTH: Final = 17
_USB_WIDTH: Final = 20
_FILTER_WIDTH: Final = 18

_FEATURES: Final = (
    ("HWVirtEx", "HW virtualization"),
    ("PAE", "PAE"),
    ("LongMode", "long mode"),
    ("NestedPaging", "nested paging"),
    ("UnrestrictedGuest", "unrestricted guest"),
    ("NestedHWVirt", "nested HW virtualization"),
    ("VirtVmsaveVmload", "virt. vmsave/vmload"),
)


@listing("hostinfo")
def _hostinfo(context: Context, _options: ListOptions) -> None:
    info = context.client.host.get_info()
    moment = dt.datetime.fromtimestamp(info.utc_time_ms / 1000, dt.UTC)
    print("Host Information:\n")
    print(f"Host time: {moment:%Y-%m-%dT%H:%M:%S}.{info.utc_time_ms % 1000:03}000000Z")
    print(f"Processor online count: {info.processor_online_count}")
    print(f"Processor count: {info.processor_count}")
    print(f"Processor online core count: {info.processor_online_core_count}")
    print(f"Processor core count: {info.processor_core_count}")
    for feature, words in _FEATURES:
        supported = "yes" if feature in info.processor_features else "no"
        print(f"Processor supports {words}: {supported}")
    processors = zip(info.processor_speeds, info.processor_descriptions, strict=True)
    for number, (speed, description) in enumerate(processors):
        print(f"Processor#{number} speed: {f'{speed} MHz' if speed else 'unknown'}")
        print(f"Processor#{number} description: {description}")
    print(f"Memory size: {info.memory_size_mb} MByte")
    print(f"Memory available: {info.memory_available_mb} MByte")
    print(f"Operating system: {info.operating_system}")
    print(f"Operating system version: {info.os_version}")


@listing("hostcpuids")
def _hostcpuids(context: Context, _options: ListOptions) -> None:
    leaves = context.client.host.list_cpuid_leaves()
    print("Host CPUIDs:\n\nLeaf no.  EAX      EBX      ECX      EDX")
    for leaf in leaves:
        print(f"{leaf.leaf:08x}  {leaf.eax:08x} {leaf.ebx:08x} {leaf.ecx:08x} {leaf.edx:08x}")


@listing("bridgedifs")
@listing("hostifs")
def _bridgedifs(context: Context, _options: ListOptions) -> None:
    from app.api.hoststructs import HostInterfaceType

    _print_interfaces(context, HostInterfaceType.BRIDGED)


@listing("hostonlyifs")
def _hostonlyifs(context: Context, _options: ListOptions) -> None:
    from app.api.hoststructs import HostInterfaceType

    _print_interfaces(context, HostInterfaceType.HOST_ONLY)


def _print_interfaces(context: Context, kind: HostInterfaceType) -> None:
    for interface in context.client.host.list_network_interfaces(kind):
        print_block(
            (
                ("Name", interface.name),
                ("GUID", interface.id),
                ("DHCP", "Enabled" if interface.dhcp else "Disabled"),
                ("IPAddress", interface.ip_address),
                ("NetworkMask", interface.network_mask),
                ("IPV6Address", interface.ipv6_address),
            ),
            _INTERFACE_WIDTH,
        )
        # The one caption that is longer than its column.
        print(f"IPV6NetworkMaskPrefixLength: {interface.ipv6_prefix_length}")
        print_block(
            (
                ("HardwareAddress", interface.hardware_address),
                ("MediumType", interface.medium_type),
                ("Wireless", "Yes" if interface.wireless else "No"),
                ("Status", "Up" if interface.up else "Down"),
                ("VBoxNetworkName", interface.network_name),
            ),
            _INTERFACE_WIDTH,
        )
        print()


@listing("usbhost")
def _usbhost(context: Context, _options: ListOptions) -> None:
    print("Host USB Devices:\n")
    devices = context.client.host.list_usb_devices()
    if not devices:
        print("<none>\n")
    for device in devices:
        _print_usb_device(device)


def _print_usb_device(device: HostUsbDevice) -> None:
    major, minor = device.revision >> 8, device.revision & 0xFF
    print_block(
        (
            ("UUID", device.id),
            ("VendorId", f"0x{device.vendor_id:04x} ({device.vendor_id:04X})"),
            ("ProductId", f"0x{device.product_id:04x} ({device.product_id:04X})"),
            ("Revision", f"{major}.{minor} ({major:02}{minor:02})"),
            ("Port", device.port),
            ("USB version/speed", f"{device.usb_version}/{device.speed}"),
        ),
        _USB_WIDTH,
    )
    told = (
        ("Manufacturer", device.manufacturer),
        ("Product", device.product),
        ("SerialNumber", device.serial_number),
        ("Address", device.address),
        ("Port path", device.port_path),
    )
    print_block([pair for pair in told if pair[1]], _USB_WIDTH)
    print_block([("Current State", device.state)], _USB_WIDTH)
    print()


@listing("usbfilters")
def _usbfilters(context: Context, _options: ListOptions) -> None:
    print("Global USB Device Filters:\n")
    filters = context.client.host.list_usb_device_filters()
    if not filters:
        print("<none>\n")
    for index, each in enumerate(filters):
        print_block(
            (
                ("Index", index),
                ("Active", "yes" if each.active else "no"),
                ("Action", each.action),
                ("Name", each.name),
                ("VendorId", each.vendor_id),
                ("ProductId", each.product_id),
                ("Revision", each.revision),
                ("Manufacturer", each.manufacturer),
                ("Product", each.product),
                ("Serial Number", each.serial_number),
                ("Port", each.port),
            ),
            _FILTER_WIDTH,
        )
        print()


@listing("webcams")
def _webcams(context: Context, _options: ListOptions) -> None:
    cameras = context.client.host.list_video_inputs()
    print(f"Video Input Devices: {len(cameras)}")
    for camera in cameras:
        print(f'{camera.alias} "{camera.name}"\n{camera.path}')


@listing("extpacks")
def _extpacks(_context: Context, _options: ListOptions) -> None:
    # This product has none: what they add to VirtualBox is built in, or not there yet.
    print("Extension Packs: 0")


@listing("cpu-profiles")
def _cpu_profiles(_context: Context, _options: ListOptions) -> None:
    for name in CPU_PROFILES:
        print(f"Name:           {name}\nArchitecture:   x86\n")
