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

    name: Annotated[str, setting("@name", always=True, label="Name")]
    protocol: Annotated[
        int, setting("@proto", ge=0, le=1, always=True, label="Protocol", help="0 UDP, 1 TCP.")
    ] = 1
    host_ip: Annotated[str, setting("@hostip", label="Host IP")] = ""
    host_port: Annotated[int, setting("@hostport", ge=0, le=65535, label="Host Port")] = 0
    guest_ip: Annotated[str, setting("@guestip", label="Guest IP")] = ""
    guest_port: Annotated[int, setting("@guestport", ge=0, le=65535, label="Guest Port")] = 0


class NatSettings(msgspec.Struct, kw_only=True):
    """Settings of the NAT engine of an adapter."""

    network: Annotated[str, setting("@network", label="Network")] = ""
    host_ip: Annotated[str, setting("@hostip", since=10, label="Bind IP")] = ""
    mtu: Annotated[int, setting("@mtu", ge=0, le=65535, since=10)] = 0
    socket_receive_kb: Annotated[int, setting("@sockrcv", ge=0, le=1 << 20, since=10)] = 0
    socket_send_kb: Annotated[int, setting("@socksnd", ge=0, le=1 << 20, since=10)] = 0
    tcp_receive_kb: Annotated[int, setting("@tcprcv", ge=0, le=1 << 20, since=10)] = 0
    tcp_send_kb: Annotated[int, setting("@tcpsnd", ge=0, le=1 << 20, since=10)] = 0
    localhost_reachable: Annotated[
        bool, setting("@localhost-reachable", since=19, absent_before={19: True})
    ] = True
    forward_broadcast: Annotated[bool, setting("@forward-broadcast", since=20)] = False
    dns_pass_domain: Annotated[bool, setting("DNS/@pass-domain", since=10)] = True
    dns_use_proxy: Annotated[bool, setting("DNS/@use-proxy", since=10)] = False
    dns_use_host_resolver: Annotated[bool, setting("DNS/@use-host-resolver", since=10)] = False
    alias_logging: Annotated[bool, setting("Alias/@logging", since=10)] = False
    alias_proxy_only: Annotated[bool, setting("Alias/@proxy-only", since=10)] = False
    alias_use_same_ports: Annotated[bool, setting("Alias/@use-same-ports", since=10)] = False
    tftp_prefix: Annotated[str, setting("TFTP/@prefix", since=10)] = ""
    tftp_boot_file: Annotated[str, setting("TFTP/@boot-file", since=10)] = ""
    tftp_next_server: Annotated[str, setting("TFTP/@next-server", since=10)] = ""
    forwardings: Annotated[
        list[PortForwarding], items("Forwarding", key=("name",), since=10, hot=True)
    ] = msgspec.field(default_factory=list)


class NetworkAdapter(msgspec.Struct, kw_only=True):
    """A network adapter; slot 0 is adapter 1."""

    slot: Annotated[int, setting("@slot", ge=0, le=35, always=True)]
    enabled: Annotated[
        bool,
        setting(
            "@enabled", label="Enable Network Adapter", help="The machine has this adapter."
        ),
    ] = False
    mac_address: Annotated[
        str,
        setting(
            "@MACAddress", cli="mac-address", label="MAC Address",
            help="Twelve hexadecimal digits; the second one must be even.",
        ),
    ] = ""
    cable_connected: Annotated[
        bool,
        setting(
            "@cable", absent_before={16: False}, cli="cable-connected",
            label="Cable Connected", help="The guest sees a link.", hot=True,
        ),
    ] = True
    speed_kbps: Annotated[int, setting("@speed", ge=0, le=0xFFFFFFFF, cli="nic-speed")] = 0
    boot_priority: Annotated[
        int, setting("@bootPriority", ge=0, le=4, since=11, cli="nic-boot-prio")
    ] = 0
    promiscuous_mode: Annotated[
        str,
        setting(
            "@promiscuousModePolicy", choices=enums.PromiscuousMode, since=12,
            cli="nic-promisc", label="Promiscuous Mode", hot=True,
            help="Which frames of others the guest may see.",
        ),
    ] = enums.PromiscuousMode.DENY.value
    trace: Annotated[bool, setting("@trace", cli="nic-trace", hot=True)] = False
    trace_file: Annotated[str, setting("@tracefile", cli="nic-trace-file", hot=True)] = ""
    type: Annotated[
        str,
        setting(
            "@type", choices=enums.AdapterType, absent_before={16: "Am79C970A"},
            cli="nic-type", label="Adapter Type", help="Model of the adapter.",
        ),
    ] = enums.AdapterType.AM79C973.value
    bandwidth_group: Annotated[
        str, setting("@bandwidthGroup", since=11, cli="nic-bandwidth-group", hot=True)
    ] = ""
    attachment: Annotated[
        str,
        special(
            "attachment-mode", cli="nic", label="Attached to", hot=True,
            help="Network that the adapter is connected to.",
        ),
    ] = enums.Attachment.NULL.value
    nat: Annotated[NatSettings, group(_mode("NAT"))] = msgspec.field(default_factory=NatSettings)
    bridged_interface: Annotated[
        str,
        setting(
            _mode("HostInterface/@name", "BridgedInterface/@name"), cli="bridge-adapter",
            label="Name", help="Network interface of the host to bridge to.", hot=True,
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
            _mode("HostOnlyInterface/@name"), cli="host-only-adapter", label="Name",
            help="Host-only interface.", hot=True,
        ),
    ] = ""
    host_only_network: Annotated[
        str,
        setting(
            _mode("HostOnlyNetwork/@name"), since=19, cli="host-only-net", label="Name",
            help="Host-only network.", hot=True,
        ),
    ] = ""
    nat_network: Annotated[
        str,
        setting(
            _mode("NATNetwork/@name"), since=14, cli="nat-network", label="Name",
            help="Name of the NAT network.", hot=True,
        ),
    ] = ""
    generic_driver: Annotated[
        str,
        setting(
            _mode("GenericInterface/@driver"), since=12, cli="nic-generic-drv", label="Name",
            help="Name of the generic driver.", hot=True,
        ),
    ] = ""
    generic_properties: Annotated[
        dict[str, str],
        mapping(_mode("GenericInterface/Property"), since=12, cli="nic-property", hot=True),
    ] = msgspec.field(default_factory=dict)
    cloud_network: Annotated[
        str,
        setting(
            _mode("CloudNetwork/@name"), since=18, cli="cloud-network", label="Name",
            help="Name of the cloud network.", hot=True,
        ),
    ] = ""
