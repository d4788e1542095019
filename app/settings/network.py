"""Typed settings of network adapters and of what they are attached to.

An adapter remembers the settings of all attachment modes: those of the active mode stand directly
in ``Adapter``, those of the others in ``Adapter/DisabledModes``.
"""

from typing import Annotated

import msgspec

from app.settings import enums
from app.settings.declare import Place, group, items, mapping, setting, special


def _mode(*tails: str) -> tuple[Place, ...]:
    """Return the places of a mode's setting; a new one is created among the disabled modes."""
    active = tuple(Place(tail) for tail in tails)
    return active + tuple(Place(f"DisabledModes/{tail}") for tail in tails)


class PortForwarding(msgspec.Struct, kw_only=True):
    """A port of the host that leads into the guest."""

    name: Annotated[
        str, setting("@name", always=True, label="Name", help="Name of the rule.")
    ]
    protocol: Annotated[
        int, setting("@proto", ge=0, le=1, always=True, label="Protocol", help="0 UDP, 1 TCP.")
    ] = 1
    host_ip: Annotated[
        str,
        setting("@hostip", label="Host IP", help="Address of the host; all when empty."),
    ] = ""
    host_port: Annotated[
        int, setting("@hostport", ge=0, le=65535, label="Host Port", help="Port of the host.")
    ] = 0
    guest_ip: Annotated[
        str,
        setting("@guestip", label="Guest IP", help="Address of the guest; the first when empty."),
    ] = ""
    guest_port: Annotated[
        int, setting("@guestport", ge=0, le=65535, label="Guest Port", help="Port of the guest.")
    ] = 0


def _buffer(xml: str, label: str, meaning: str) -> msgspec.Meta:
    return setting(
        xml, ge=0, le=1 << 20, unit="KB", since=10, label=label,
        help=f"{meaning}; that of the NAT engine when 0.",
    )


class NatSettings(msgspec.Struct, kw_only=True):
    """Settings of the NAT engine of an adapter."""

    network: Annotated[
        str,
        setting(
            "@network", cli="nat-net", old_cli=("natnet",), label="Network",
            help="IPv4 network of the guest, for example 10.0.2.0/24; the usual one when empty.",
        ),
    ] = ""
    host_ip: Annotated[
        str,
        setting(
            "@hostip", since=10, cli="nat-bind-ip", old_cli=("natbindip",), label="Bind IP",
            help="Address of the host from which connections of the guest come.",
        ),
    ] = ""
    mtu: Annotated[
        int,
        setting(
            "@mtu", ge=0, le=65535, since=10, cli="nat-settings", old_cli=("natsettings",),
            label="MTU", help="Largest packet in bytes; that of the NAT engine when 0.",
        ),
    ] = 0
    socket_receive_kb: Annotated[
        int, _buffer("@sockrcv", "Socket Receive Buffer", "Receive buffer of the host's sockets")
    ] = 0
    socket_send_kb: Annotated[
        int, _buffer("@socksnd", "Socket Send Buffer", "Send buffer of the host's sockets")
    ] = 0
    tcp_receive_kb: Annotated[
        int, _buffer("@tcprcv", "TCP Receive Window", "Initial window of what the guest sends")
    ] = 0
    tcp_send_kb: Annotated[
        int, _buffer("@tcpsnd", "TCP Send Window", "Initial window of what the guest gets")
    ] = 0
    localhost_reachable: Annotated[
        bool,
        setting(
            "@localhost-reachable", since=19, cli="nat-localhostreachable",
            old_cli=("natlocalhostreachable", "nat-localhost-reachable"),
            label="Host's Loopback Reachable",
            help="The guest reaches services on the loopback interface of the host.",
            absent_before={19: True},
        ),
    ] = False
    forward_broadcast: Annotated[
        bool,
        setting(
            "@forward-broadcast", since=20, cli="nat-forward-broadcast",
            label="Forward Broadcasts",
            help="Broadcasts of the guest go to the network of the host.",
        ),
    ] = False
    dns_pass_domain: Annotated[
        bool,
        setting(
            "DNS/@pass-domain", since=10, cli="nat-dns-pass-domain",
            old_cli=("natdnspassdomain",), label="Pass Domain Name",
            help="The guest's DHCP answer holds the domain name of the host.",
        ),
    ] = True
    dns_use_proxy: Annotated[
        bool,
        setting(
            "DNS/@use-proxy", since=10, cli="nat-dns-proxy", old_cli=("natdnsproxy",),
            label="DNS Proxy", help="The NAT engine forwards name queries of the guest.",
        ),
    ] = False
    dns_use_host_resolver: Annotated[
        bool,
        setting(
            "DNS/@use-host-resolver", since=10, cli="nat-dns-host-resolver",
            old_cli=("natdnshostresolver",), label="Host Resolver",
            help="Name queries of the guest are answered with the resolver of the host.",
        ),
    ] = False
    alias_logging: Annotated[
        bool,
        setting(
            "Alias/@logging", since=10, cli="nat-alias-mode", old_cli=("nataliasmode",),
            label="Log Address Translation", help="The NAT engine logs its translations.",
        ),
    ] = False
    alias_proxy_only: Annotated[
        bool,
        setting(
            "Alias/@proxy-only", since=10, label="Proxy Only",
            help="The NAT engine forwards without translating addresses.",
        ),
    ] = False
    alias_use_same_ports: Annotated[
        bool,
        setting(
            "Alias/@use-same-ports", since=10, label="Keep Source Ports",
            help="The NAT engine keeps the source ports of the guest.",
        ),
    ] = False
    tftp_prefix: Annotated[
        str,
        setting(
            "TFTP/@prefix", since=10, cli="nat-tftp-prefix", old_cli=("nattftpprefix",),
            label="TFTP Folder", help="Folder of the built-in TFTP server.",
        ),
    ] = ""
    tftp_boot_file: Annotated[
        str,
        setting(
            "TFTP/@boot-file", since=10, cli="nat-tftp-file", old_cli=("nattftpfile",),
            label="TFTP Boot File", help="File from which a guest boots over the network.",
        ),
    ] = ""
    tftp_next_server: Annotated[
        str,
        setting(
            "TFTP/@next-server", since=10, cli="nat-tftp-server", old_cli=("nattftpserver",),
            label="TFTP Server", help="TFTP server to use instead of the built-in one.",
        ),
    ] = ""
    forwardings: Annotated[
        list[PortForwarding],
        items(
            "Forwarding", key=("name",), since=10, hot=True, cli="nat-pf", old_cli=("natpf",),
            label="Port Forwarding", help="Ports of the host that lead into the guest.",
        ),
    ] = msgspec.field(default_factory=list)


class NetworkAdapter(msgspec.Struct, kw_only=True):
    """A network adapter; slot 0 is adapter 1."""

    slot: Annotated[
        int,
        setting(
            "@slot", ge=0, le=35, always=True, label="Slot",
            help="Number of the adapter, from 0.",
        ),
    ]
    enabled: Annotated[
        bool,
        setting(
            "@enabled", label="Enable Network Adapter", help="The machine has this adapter."
        ),
    ] = False
    mac_address: Annotated[
        str,
        setting(
            "@MACAddress", cli="mac-address", old_cli=("macaddress",), label="MAC Address",
            help="Twelve hexadecimal digits; the second one must be even.",
        ),
    ] = ""
    cable_connected: Annotated[
        bool,
        setting(
            "@cable", absent_before={16: False}, cli="cable-connected",
            old_cli=("cableconnected",), label="Cable Connected",
            help="The guest sees a link.", hot=True,
        ),
    ] = True
    speed_kbps: Annotated[
        int,
        setting(
            "@speed", ge=0, le=0xFFFFFFFF, unit="kbps", cli="nic-speed", old_cli=("nicspeed",),
            label="Line Speed", help="Speed that the guest sees; that of the model when 0.",
        ),
    ] = 0
    boot_priority: Annotated[
        int,
        setting(
            "@bootPriority", ge=0, le=4, since=11, cli="nic-boot-prio",
            old_cli=("nicbootprio",), label="Boot Priority",
            help="Rank among the adapters from which the guest boots: 1 first, 0 last.",
        ),
    ] = 0
    promiscuous_mode: Annotated[
        str,
        setting(
            "@promiscuousModePolicy", choices=enums.PromiscuousMode, since=12,
            cli="nic-promisc", old_cli=("nicpromisc",), label="Promiscuous Mode", hot=True,
            help="Which frames of others the guest may see.",
        ),
    ] = enums.PromiscuousMode.DENY.value
    trace: Annotated[
        bool,
        setting(
            "@trace", cli="nic-trace", old_cli=("nictrace",), label="Trace", hot=True,
            help="All frames are written into a file.",
        ),
    ] = False
    trace_file: Annotated[
        str,
        setting(
            "@tracefile", cli="nic-trace-file", old_cli=("nictracefile",), label="Trace File",
            help="File into which frames are written, in the pcap format.", hot=True,
        ),
    ] = ""
    type: Annotated[
        str,
        setting(
            "@type", choices=enums.AdapterType, absent_before={16: "Am79C970A"},
            cli="nic-type", old_cli=("nictype",), label="Adapter Type",
            help="Model of the adapter.",
        ),
    ] = enums.AdapterType.AM79C973.value
    bandwidth_group: Annotated[
        str,
        setting(
            "@bandwidthGroup", since=11, cli="nic-bandwidth-group",
            old_cli=("nicbandwidthgroup",), label="Bandwidth Group", hot=True,
            help="Bandwidth group whose limit the adapter shares.",
        ),
    ] = ""
    attachment: Annotated[
        str,
        special(
            "attachment-mode", choices=enums.Attachment, cli="nic", label="Attached to", hot=True,
            help="Network that the adapter is connected to.",
        ),
    ] = enums.Attachment.NULL.value
    nat: Annotated[NatSettings, group(_mode("NAT"))] = msgspec.field(default_factory=NatSettings)
    bridged_interface: Annotated[
        str,
        setting(
            _mode("HostInterface/@name", "BridgedInterface/@name"), cli="bridge-adapter",
            old_cli=("bridgeadapter",), label="Name", hot=True,
            help="Network interface of the host to bridge to.",
        ),
    ] = ""
    internal_network: Annotated[
        str,
        setting(
            _mode("InternalNetwork/@name"), cli="intnet", label="Name",
            help="Name of the internal network.", hot=True,
        ),
    ] = ""
    host_only_interface: Annotated[
        str,
        setting(
            _mode("HostOnlyInterface/@name"), cli="host-only-adapter",
            old_cli=("hostonlyadapter",), label="Name",
            help="Host-only interface.", hot=True,
        ),
    ] = ""
    host_only_network: Annotated[
        str,
        setting(
            _mode("HostOnlyNetwork/@name"), since=19, cli="host-only-net",
            old_cli=("hostonlynet", "hostonlynetwork"), label="Name",
            help="Host-only network.", hot=True,
        ),
    ] = ""
    nat_network: Annotated[
        str,
        setting(
            _mode("NATNetwork/@name"), since=14, cli="nat-network",
            old_cli=("natnetwork",), label="Name",
            help="Name of the NAT network.", hot=True,
        ),
    ] = ""
    generic_driver: Annotated[
        str,
        setting(
            _mode("GenericInterface/@driver"), since=12, cli="nic-generic-drv",
            old_cli=("nicgenericdrv",), label="Name",
            help="Name of the generic driver.", hot=True,
        ),
    ] = ""
    generic_properties: Annotated[
        dict[str, str],
        mapping(
            _mode("GenericInterface/Property"), since=12, cli="nic-property",
            old_cli=("nicproperty",), label="Generic Properties", hot=True,
            help="Settings of the generic driver.",
        ),
    ] = msgspec.field(default_factory=dict)
    cloud_network: Annotated[
        str,
        setting(
            _mode("CloudNetwork/@name"), since=18, cli="cloud-network",
            old_cli=("cloudnetwork",), label="Name",
            help="Name of the cloud network.", hot=True,
        ),
    ] = ""
