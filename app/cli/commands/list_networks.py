"""``list`` of the networks that the installation offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError
from app.cli.commands.listing import ListOptions, listing
from app.cli.commands.natnetwork import print_nat_network
from app.cli.values import print_block, yes_no

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.settings.netservices import DhcpConfig, DhcpServer

_WIDTH: Final = 17
_SERVER_WIDTH: Final = 16
_CONFIG_WIDTH: Final = 22
_ENCODINGS: Final = ("legacy:", "hex:   ")
_CONDITIONS: Final = ("MAC", "MAC*", "VendorCID", "VendorCID*", "UserCID", "UserCID*")


@listing("natnets")
@listing("natnetworks")
def _natnets(context: Context, options: ListOptions) -> None:
    networks = context.client.nat_networks.list_all()
    if options.sort:
        networks = sorted(networks, key=lambda network: network.name)
    for network in networks:
        print_nat_network(network, long=options.long)


@listing("hostonlynets")
def _hostonlynets(context: Context, _options: ListOptions) -> None:
    for network in context.client.host_only_networks.list_all():
        print_block((("Name", network.name), ("GUID", network.id)), _WIDTH)
        print()
        print_block(
            (
                ("State", "Enabled" if network.enabled else "Disabled"),
                ("NetworkMask", network.network_mask),
                ("LowerIP", network.lower_address),
                ("UpperIP", network.upper_address),
                ("VBoxNetworkName", f"hostonly-{network.name}"),
            ),
            _WIDTH,
        )
        print()


@listing("intnets")
def _intnets(context: Context, _options: ListOptions) -> None:
    for name in context.client.internal_networks.list_all():
        print(f"Name:        {name}")


@listing("cloudnets")
def _cloudnets(context: Context, _options: ListOptions) -> None:
    for network in context.client.cloud_networks.list_all():
        print_block(
            (
                ("Name", network.name),
                ("State", "Enabled" if network.enabled else "Disabled"),
                ("CloudProvider", network.provider),
                ("CloudProfile", network.profile),
                ("CloudNetworkId", network.id),
                ("VBoxNetworkName", f"cloud-{network.name}"),
            ),
            _WIDTH,
        )
        print()


@listing("cloudproviders")
def _cloudproviders(_context: Context, _options: ListOptions) -> None:
    print("Supported 0 cloud providers:")


@listing("cloudprofiles")
def _cloudprofiles(_context: Context, _options: ListOptions) -> None:
    """Nothing: profiles belong to cloud providers, and there are none."""


@listing("dhcpservers")
def _dhcpservers(context: Context, _options: ListOptions) -> None:
    for position, server in enumerate(context.client.dhcp_servers.list_all()):
        if position:
            print()
        _print_dhcp_server(context, server)


def _print_dhcp_server(context: Context, server: DhcpServer) -> None:
    print_block(
        (
            ("NetworkName", server.network_name),
            ("Dhcpd IP", server.address),
            ("LowerIPAddress", server.lower_address),
            ("UpperIPAddress", server.upper_address),
            ("NetworkMask", server.network_mask),
            ("Enabled", yes_no(server.enabled)),
        ),
        _SERVER_WIDTH,
    )
    print("Global Configuration:")
    _print_config(server.global_config)
    if not server.groups:
        print_block([("Groups", "None")], _CONFIG_WIDTH)
    for group in server.groups:
        print_block([("Group", group.name)], _CONFIG_WIDTH)
        if not group.conditions:
            print_block([("    Conditions", "None")], _CONFIG_WIDTH)
        for condition in group.conditions:
            how = "include" if condition.inclusive else "exclude"
            text = f"{how} {_CONDITIONS[condition.type]:10} {condition.value}"
            print_block([("    Conditions", text)], _CONFIG_WIDTH)
        _print_config(group)
    if not server.individuals:
        print_block([("Individual Configs", "None")], _CONFIG_WIDTH)
    for each in server.individuals:
        mac = each.mac_address or _mac_of_adapter(context, each.machine, each.slot)
        whose = f"VM NIC: {each.machine} slot {each.slot}, MAC {mac}"
        print_block(
            [
                ("Individual Config", whose if each.machine else f"MAC {mac}"),
                ("    Fixed Address", each.fixed_address or "dynamic"),
            ],
            _CONFIG_WIDTH,
        )
        _print_config(each)


def _mac_of_adapter(context: Context, machine: str, slot: int) -> str:
    """MAC address with colons; empty when there is no such machine or adapter any more."""
    try:
        settings = context.client.machine(machine).get_settings()
    except ApiError:
        return ""
    for adapter in settings.hardware.network_adapters:
        if adapter.slot == slot:
            digits = adapter.mac_address.lower()
            return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))
    return ""


def _print_config(config: DhcpConfig) -> None:
    times = (
        ("minLeaseTime", config.min_lease_time_s),
        ("defaultLeaseTime", config.default_lease_time_s),
        ("maxLeaseTime", config.max_lease_time_s),
    )
    lines = [(f"    {name}", f"{time} sec" if time else "default") for name, time in times]
    lines.append(("    Forced options", _codes(config.forced_options)))
    lines.append(("    Suppressed opts.", _codes(config.suppressed_options)))
    if not config.options:
        lines.append(("    DHCP options", "None"))
    print_block(lines, _CONFIG_WIDTH)
    for option in config.options:
        print(f"      {option.code:3}/{_ENCODINGS[option.encoding]} {option.value}")


def _codes(text: str) -> str:
    return ", ".join(text.split()) or "None"
