"""Networks and DHCP servers: their configuration."""

from __future__ import annotations

import uuid
from contextlib import suppress

from app.api.errors import ApiError, ErrorCode
from app.api.events import NetworkConfigurationChanged
from app.service.dispatch import CallContext, Style, handler
from app.service.netservices import (
    DHCP_SERVERS,
    HOST_ONLY_NETWORKS,
    NAT_NETWORKS,
    Records,
    checked_dhcp_server,
    checked_host_only_network,
    checked_nat_network,
)
from app.settings.installation import CloudNetwork, DhcpServer, HostOnlyNetwork, NatNetwork


def _changed(context: CallContext, name: str) -> None:
    context.service.hub.fire(NetworkConfigurationChanged(name=name))


def _no_service_yet(context: CallContext, records: Records, name: str, what: str) -> None:
    records.require(context.service.registry, name)
    raise ApiError(
        ErrorCode.VBOX_E_NOT_SUPPORTED,
        f"{what} '{name}' is configured, but this version of Vitrine cannot run it yet.",
        "network",
    )


@handler("nat_network.list_all")
def _list_nat_networks(context: CallContext) -> list[NatNetwork]:
    return context.service.registry.settings.nat_networks


@handler("nat_network.create", Style.WORKER)
def _create_nat_network(context: CallContext, network: NatNetwork) -> None:
    NAT_NETWORKS.add(context.service.registry, checked_nat_network(network))
    _changed(context, network.name)


@handler("nat_network.modify", Style.WORKER)
def _modify_nat_network(context: CallContext, network: NatNetwork) -> None:
    NAT_NETWORKS.replace(context.service.registry, checked_nat_network(network))
    _changed(context, network.name)


@handler("nat_network.remove", Style.WORKER)
def _remove_nat_network(context: CallContext, name: str) -> None:
    NAT_NETWORKS.remove(context.service.registry, name)
    _changed(context, name)


@handler("nat_network.start")
def _start_nat_network(context: CallContext, name: str) -> None:
    _no_service_yet(context, NAT_NETWORKS, name, "The NAT network")


@handler("nat_network.stop")
def _stop_nat_network(context: CallContext, name: str) -> None:
    _no_service_yet(context, NAT_NETWORKS, name, "The NAT network")


@handler("dhcp_server.list_all")
def _list_dhcp_servers(context: CallContext) -> list[DhcpServer]:
    return context.service.registry.settings.dhcp_servers


@handler("dhcp_server.create", Style.WORKER)
def _create_dhcp_server(context: CallContext, server: DhcpServer) -> None:
    DHCP_SERVERS.add(context.service.registry, checked_dhcp_server(server))
    _changed(context, server.network_name)


@handler("dhcp_server.modify", Style.WORKER)
def _modify_dhcp_server(context: CallContext, server: DhcpServer) -> None:
    DHCP_SERVERS.replace(context.service.registry, checked_dhcp_server(server))
    _changed(context, server.network_name)


@handler("dhcp_server.remove", Style.WORKER)
def _remove_dhcp_server(context: CallContext, network_name: str) -> None:
    DHCP_SERVERS.remove(context.service.registry, network_name)
    _changed(context, network_name)


@handler("dhcp_server.start")
def _start_dhcp_server(context: CallContext, network_name: str) -> None:
    _no_service_yet(context, DHCP_SERVERS, network_name, "The DHCP server of the network")


@handler("dhcp_server.stop")
def _stop_dhcp_server(context: CallContext, network_name: str) -> None:
    _no_service_yet(context, DHCP_SERVERS, network_name, "The DHCP server of the network")


@handler("host_only_network.list_all")
def _list_host_only_networks(context: CallContext) -> list[HostOnlyNetwork]:
    return context.service.registry.settings.host_only_networks


@handler("host_only_network.create", Style.WORKER)
def _create_host_only_network(context: CallContext, network: HostOnlyNetwork) -> HostOnlyNetwork:
    registry = context.service.registry
    checked = checked_host_only_network(network)
    with registry.lock:
        _require_name_free(context, checked)
        HOST_ONLY_NETWORKS.add(registry, checked)
    _changed(context, checked.name)
    return checked


@handler("host_only_network.modify", Style.WORKER)
def _modify_host_only_network(context: CallContext, network: HostOnlyNetwork) -> None:
    registry = context.service.registry
    checked = checked_host_only_network(network)
    with registry.lock:
        _require_name_free(context, checked)
        HOST_ONLY_NETWORKS.replace(registry, checked)
    _changed(context, checked.name)


@handler("host_only_network.remove", Style.WORKER)
def _remove_host_only_network(context: CallContext, network: str) -> None:
    registry = context.service.registry
    with registry.lock:
        found = _find_host_only_network(context, network)
        HOST_ONLY_NETWORKS.remove(registry, found.id)
    _changed(context, found.name)


def _find_host_only_network(context: CallContext, network: str) -> HostOnlyNetwork:
    try:
        wanted = str(uuid.UUID(network))
    except ValueError:
        wanted = ""
    for found in context.service.registry.settings.host_only_networks:
        if found.id == wanted or found.name == network:
            return found
    raise ApiError(
        ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
        f"There is no host-only network with the name or UUID '{network}'.",
        "network",
    )


def _require_name_free(context: CallContext, network: HostOnlyNetwork) -> None:
    for other in context.service.registry.settings.host_only_networks:
        if other.name == network.name and other.id != network.id:
            raise ApiError(
                ErrorCode.VBOX_E_OBJECT_IN_USE,
                f"There is a host-only network named '{network.name}'.",
                "network",
            )


@handler("internal_network.list_all", Style.WORKER)
def _list_internal_networks(context: CallContext) -> list[str]:
    found: dict[str, None] = {}
    for machine in context.service.registry.machines():
        # A machine whose file cannot be read names none.
        with suppress(ApiError):
            for adapter in machine.settings.hardware.network_adapters:
                if adapter.internal_network:
                    found[adapter.internal_network] = None
    return [*found]


@handler("cloud_network.list_all")
def _list_cloud_networks(context: CallContext) -> list[CloudNetwork]:
    return context.service.registry.settings.cloud_networks
