"""Data about the host: processors, memory, network interfaces, USB devices, measured values."""

from __future__ import annotations

import enum

import msgspec


class HostInterfaceType(enum.StrEnum):
    """What machines use a network interface of the host for."""

    BRIDGED = "Bridged"
    HOST_ONLY = "HostOnly"


class HostInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The host, as far as it tells.

    Attributes:
        utc_time_ms: Milliseconds since 1970, UTC.
        processor_count: Processors (threads) that there are.
        processor_online_count: Processors in use.
        processor_core_count: Cores that there are.
        processor_online_core_count: Cores in use.
        processor_features: Of ``HWVirtEx``, ``PAE``, ``LongMode``, ``NestedPaging``,
            ``UnrestrictedGuest``, ``NestedHWVirt``, ``VirtVmsaveVmload`` those that it has.
        processor_speeds: MHz of each processor, 0 where unknown.
        processor_descriptions: Brand of each processor.
        memory_size_mb: RAM in MiB.
        memory_available_mb: RAM that programs can get, in MiB.
        operating_system: Name of the host's system such as ``Linux``.
        os_version: Release of it.
    """

    utc_time_ms: int
    processor_count: int
    processor_online_count: int
    processor_core_count: int
    processor_online_core_count: int
    processor_features: list[str]
    processor_speeds: list[int]
    processor_descriptions: list[str]
    memory_size_mb: int
    memory_available_mb: int
    operating_system: str
    os_version: str


class HostCpuIdLeaf(msgspec.Struct, frozen=True, kw_only=True):
    """What CPUID answers for a leaf (``eax`` on entry, subleaf 0)."""

    leaf: int
    eax: int
    ebx: int
    ecx: int
    edx: int


class HostNetworkInterface(msgspec.Struct, frozen=True, kw_only=True):
    """A network interface of the host, or a host-only interface of the installation.

    Attributes:
        name: ``eth0``, ``vboxnet0``...
        id: UUID made of name and MAC address, as VirtualBox makes it on Linux.
        type: What machines use it for.
        dhcp: A DHCP client of the host configures a host-only interface.
        ip_address: IPv4 address, empty when there is none.
        network_mask: IPv4 mask, empty when there is none.
        ipv6_address: IPv6 address, empty when there is none.
        ipv6_prefix_length: Bits of the IPv6 network, 0 to 128.
        hardware_address: MAC address with colons.
        medium_type: ``Ethernet``, ``PPP``, ``SLIP`` or ``Unknown``.
        wireless: It is a radio.
        up: It is switched on.
        network_name: Name of the network that machines on it share.
    """

    name: str
    id: str
    type: HostInterfaceType
    dhcp: bool = False
    ip_address: str = ""
    network_mask: str = ""
    ipv6_address: str = ""
    ipv6_prefix_length: int = 0
    hardware_address: str = ""
    medium_type: str = "Ethernet"
    wireless: bool = False
    up: bool = False
    network_name: str = ""


class HostUsbDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A USB device of the host.

    Attributes:
        id: UUID made of the device's identity and place.
        vendor_id: Number of its maker.
        product_id: Number of the product.
        revision: BCD release of the product, high byte major.
        port: Port that it is plugged into.
        usb_version: 1, 2 or 3.
        speed: ``Low``, ``Full``, ``High``, ``Super`` or ``SuperPlus``.
        manufacturer: In the device's words; may be empty.
        product: In the device's words; may be empty.
        serial_number: In the device's words; may be empty.
        address: Device node of the host.
        port_path: Hub ports that lead to it (``1-2.4``).
        state: ``Busy`` (a driver of the host has it), ``Captured`` (a guest or another program),
            ``Available`` or ``Unavailable``.
    """

    id: str
    vendor_id: int
    product_id: int
    revision: int
    port: int
    usb_version: int
    speed: str
    manufacturer: str = ""
    product: str = ""
    serial_number: str = ""
    address: str = ""
    port_path: str = ""
    state: str = "Unavailable"


class HostVideoInput(msgspec.Struct, frozen=True, kw_only=True):
    """A camera of the host: ``.1``..., its name and its device node."""

    alias: str
    name: str
    path: str


class PerformanceMetric(msgspec.Struct, frozen=True, kw_only=True):
    """A metric of the host or of a running machine.

    Attributes:
        object: Name of the machine, or ``host``.
        name: ``CPU/Load/User``, ``CPU/Load/User:avg``...; of a base metric ``CPU/Load``.
        unit: ``%``, ``kB``...; empty for a base metric.
        minimum: Smallest value; percentages count thousandths.
        maximum: Largest value.
        period: Seconds between samples, 0 when none were ever taken.
        count: Samples that are kept.
        description: One sentence.
    """

    object: str
    name: str
    unit: str = ""
    minimum: int = 0
    maximum: int = 0
    period: int = 0
    count: int = 0
    description: str = ""


class MetricData(msgspec.Struct, frozen=True, kw_only=True):
    """Samples of a metric.

    Attributes:
        object: Name of the machine, or ``host``.
        name: Name of the metric.
        unit: Unit of ``value / scale``.
        scale: What the values are to be divided by.
        sequence_number: Number of the newest sample since sampling began.
        values: Oldest first; an aggregate has one at most.
    """

    object: str
    name: str
    unit: str
    scale: int
    sequence_number: int
    values: list[int]
