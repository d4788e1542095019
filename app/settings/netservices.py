"""Typed settings of the networks that the installation offers to machines."""

from typing import Annotated

import msgspec

from app.settings.declare import group, items, setting
from app.settings.network import PortForwarding

_DIGITS = ("0", "1")
"""DHCP servers and NAT networks spell switches as numbers, unlike everything else."""


class DhcpOption(msgspec.Struct, kw_only=True):
    """An option of DHCP answers (RFC 2132)."""

    code: Annotated[
        int,
        setting(
            "@name", ge=0, le=255, always=True, label="Option", help="Number of the option."
        ),
    ]
    value: Annotated[
        str, setting("@value", always=True, label="Value", help="Value of the option.")
    ] = ""
    encoding: Annotated[
        int,
        setting(
            "@encoding", ge=0, le=1, label="Encoding",
            help="0: the value is spelt as usual for the option, 1: as hexadecimal bytes.",
        ),
    ] = 0


class DhcpConfig(msgspec.Struct, kw_only=True):
    """What a DHCP server tells its clients; times of 0 and empty texts leave it to the server."""

    min_lease_time_s: Annotated[
        int,
        setting(
            "@secMinLeaseTime", ge=0, le=0xFFFFFFFF, unit="s", label="Minimum Lease Time",
            help="Shortest time for which an address is given.",
        ),
    ] = 0
    default_lease_time_s: Annotated[
        int,
        setting(
            "@secDefaultLeaseTime", ge=0, le=0xFFFFFFFF, unit="s", label="Default Lease Time",
            help="Time for which an address is given when the client does not say.",
        ),
    ] = 0
    max_lease_time_s: Annotated[
        int,
        setting(
            "@secMaxLeaseTime", ge=0, le=0xFFFFFFFF, unit="s", label="Maximum Lease Time",
            help="Longest time for which an address is given.",
        ),
    ] = 0
    forced_options: Annotated[
        str,
        setting(
            "@forcedOptions", label="Forced Options",
            help="Options that are sent unasked, as numbers separated by spaces.",
        ),
    ] = ""
    suppressed_options: Annotated[
        str,
        setting(
            "@suppressedOptions", label="Suppressed Options",
            help="Options that are never sent, as numbers separated by spaces.",
        ),
    ] = ""
    options: Annotated[
        list[DhcpOption],
        items("Option", key=("code",), label="Options", help="Values that are sent."),
    ] = msgspec.field(default_factory=list)


class DhcpCondition(msgspec.Struct, kw_only=True):
    """Which clients belong to a group.

    Attributes:
        type: 0 MAC address, 1 MAC address with wildcards, 2 vendor class, 3 vendor class with
            wildcards, 4 user class, 5 user class with wildcards.
    """

    inclusive: Annotated[
        bool,
        setting(
            "@inclusive", always=True, label="Include",
            help="Clients that match belong to the group, or are excluded from it.",
        ),
    ] = True
    type: Annotated[
        int,
        setting("@type", ge=0, le=5, always=True, label="Type", help="What is compared."),
    ] = 0
    value: Annotated[
        str, setting("@value", always=True, label="Value", help="What it is compared with.")
    ] = ""


class DhcpGroup(DhcpConfig, kw_only=True):
    """What a DHCP server tells a group of clients."""

    name: Annotated[
        str, setting("@name", always=True, label="Name", help="Name of the group.")
    ]
    conditions: Annotated[
        list[DhcpCondition],
        items("Condition", label="Conditions", help="Which clients belong to the group."),
    ] = msgspec.field(default_factory=list)


class DhcpIndividual(DhcpConfig, kw_only=True):
    """What a DHCP server tells one client, known by its MAC address or its machine."""

    mac_address: Annotated[
        str,
        setting(
            "@MACAddress", label="MAC Address",
            help="Address of the client; empty when a machine is named.",
        ),
    ] = ""
    machine: Annotated[
        str, setting("@vm-name", label="Machine", help="UUID or name of the client's machine.")
    ] = ""
    slot: Annotated[
        int,
        setting("@slot", ge=0, le=255, label="Adapter", help="Adapter of the machine, from 0."),
    ] = 0
    fixed_address: Annotated[
        str,
        setting("@fixedAddress", label="Fixed Address", help="Address that the client gets."),
    ] = ""


class DhcpServer(msgspec.Struct, kw_only=True):
    """DHCP server of a host-only or internal network."""

    network_name: Annotated[
        str,
        setting("@networkName", always=True, label="Network", help="Network that is served."),
    ]
    address: Annotated[
        str,
        setting("@IPAddress", always=True, label="Server Address", help="Its own address."),
    ] = ""
    network_mask: Annotated[
        str,
        setting("@networkMask", always=True, label="Server Mask", help="Mask of the network."),
    ] = ""
    lower_address: Annotated[
        str,
        setting(
            "@lowerIP", always=True, label="Lower Address Bound", help="First address given."
        ),
    ] = ""
    upper_address: Annotated[
        str,
        setting(
            "@upperIP", always=True, label="Upper Address Bound", help="Last address given."
        ),
    ] = ""
    enabled: Annotated[
        bool,
        setting(
            "@enabled", words=_DIGITS, always=True, label="Enable Server",
            help="The network has this server.",
        ),
    ] = False
    global_config: Annotated[
        DhcpConfig, group("Options", label="Global Options", help="For all clients.")
    ] = msgspec.field(default_factory=DhcpConfig)
    groups: Annotated[
        list[DhcpGroup], items("Group", key=("name",), label="Groups", help="For groups.")
    ] = msgspec.field(default_factory=list)
    individuals: Annotated[
        list[DhcpIndividual],
        items(
            "Config", key=("mac_address", "machine", "slot"), label="Individual Options",
            help="For single clients.",
        ),
    ] = msgspec.field(default_factory=list)


class LoopbackMapping(msgspec.Struct, kw_only=True):
    """An address of the NAT network that stands for one of the host's loopback network."""

    address: Annotated[
        str,
        setting(
            "@address", always=True, label="Address", help="Loopback address of the host."
        ),
    ]
    offset: Annotated[
        int,
        setting(
            "@offset", ge=0, le=0xFFFFFFFF, always=True, label="Offset",
            help="Distance from the start of the network at which guests see it.",
        ),
    ] = 0


class NatNetwork(msgspec.Struct, kw_only=True):
    """A network that several machines share behind one address translation."""

    name: Annotated[
        str, setting("@networkName", always=True, label="Name", help="Name of the network.")
    ]
    enabled: Annotated[
        bool,
        setting(
            "@enabled", words=_DIGITS, always=True, label="Enable Network",
            help="Machines can use the network.",
        ),
    ] = True
    network: Annotated[
        str,
        setting(
            "@network", always=True, label="IPv4 Prefix",
            help="IPv4 network, for example 10.0.2.0/24.",
        ),
    ] = ""
    ipv6: Annotated[
        bool,
        setting(
            "@ipv6", words=_DIGITS, always=True, label="Enable IPv6",
            help="The network has IPv6 too.",
        ),
    ] = False
    ipv6_prefix: Annotated[
        str,
        setting("@ipv6prefix", always=True, label="IPv6 Prefix", help="IPv6 network."),
    ] = ""
    advertise_ipv6_route: Annotated[
        bool,
        setting(
            "@advertiseDefaultIPv6Route", words=_DIGITS, always=True,
            label="Advertise Default IPv6 Route", help="Guests get a default route for IPv6.",
        ),
    ] = False
    need_dhcp: Annotated[
        bool,
        setting(
            "@needDhcp", words=_DIGITS, always=True, label="Enable DHCP",
            help="Guests get their addresses from a server of the network.",
        ),
    ] = True
    loopback6: Annotated[
        int,
        setting(
            "@loopback6", ge=0, le=0xFFFFFFFF, label="IPv6 Loopback",
            help="Distance at which guests see the host's IPv6 loopback address.",
        ),
    ] = 0
    forwardings: Annotated[
        list[PortForwarding],
        items(
            "PortForwarding4/Forwarding", key=("name",), label="Port Forwarding (IPv4)",
            help="Ports of the host that lead into the network.", hot=True,
        ),
    ] = msgspec.field(default_factory=list)
    forwardings6: Annotated[
        list[PortForwarding],
        items(
            "PortForwarding6/Forwarding", key=("name",), label="Port Forwarding (IPv6)",
            help="Ports of the host that lead into the network.", hot=True,
        ),
    ] = msgspec.field(default_factory=list)
    loopbacks: Annotated[
        list[LoopbackMapping],
        items(
            "Mappings/Loopback4", key=("address",), label="Loopback Mappings",
            help="Loopback addresses of the host that guests can reach.",
        ),
    ] = msgspec.field(default_factory=list)


class HostOnlyNetwork(msgspec.Struct, kw_only=True):
    """A network between machines and host (the kind that macOS hosts have)."""

    name: Annotated[
        str, setting("@name", always=True, label="Name", help="Name of the network.")
    ]
    network_mask: Annotated[
        str, setting("@mask", always=True, label="Mask", help="Mask of the network.")
    ] = "255.255.255.0"
    lower_address: Annotated[
        str, setting("@ipLower", always=True, label="Lower Bound", help="First address given.")
    ] = "192.168.56.1"
    upper_address: Annotated[
        str, setting("@ipUpper", always=True, label="Upper Bound", help="Last address given.")
    ] = "192.168.56.199"
    id: Annotated[
        str,
        setting(
            "@id", form="uuid", always=True, label="UUID", help="UUID of the network."
        ),
    ]
    enabled: Annotated[
        bool,
        setting(
            "@enabled", always=True, label="Enable Network",
            help="Machines can use the network.",
        ),
    ] = True


class CloudNetwork(msgspec.Struct, kw_only=True):
    """A network of a cloud provider."""

    name: Annotated[
        str, setting("@name", always=True, label="Name", help="Name of the network.")
    ]
    provider: Annotated[
        str,
        setting("@provider", always=True, label="Provider", help="Short name of the provider."),
    ] = "OCI"
    profile: Annotated[
        str,
        setting(
            "@profile", always=True, label="Profile", help="Profile of the account to use."
        ),
    ] = "Default"
    id: Annotated[
        str, setting("@id", always=True, label="ID", help="Id of the network at the provider.")
    ] = ""
    enabled: Annotated[
        bool,
        setting(
            "@enabled", always=True, label="Enable Network",
            help="Machines can use the network.",
        ),
    ] = True


def default_dhcp_server() -> DhcpServer:
    """Return the DHCP server that a new installation has, that of the first host-only interface."""
    return DhcpServer(
        network_name="HostInterfaceNetworking-vboxnet0",
        address="192.168.56.100",
        network_mask="255.255.255.0",
        lower_address="192.168.56.101",
        upper_address="192.168.56.254",
        enabled=True,
    )
