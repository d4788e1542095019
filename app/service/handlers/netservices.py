"""Networks and DHCP servers: their configuration, and what runs of it."""

from __future__ import annotations

import uuid
from contextlib import suppress

from app.api.errors import ApiError, ErrorCode
from app.api.networkplace import NAT_NETWORK
from app.service.dhcpoptions import encoded_options
from app.service.dispatch import CallContext, Style, handler
from app.service.index import normal_id
from app.service.netprocesses import dhcp_network
from app.service.netservices import (
    DHCP_SERVERS,
    HOST_ONLY_NETWORKS,
    NAT_NETWORKS,
)
from app.settings.installation import CloudNetwork, DhcpServer, HostOnlyNetwork, NatNetwork


@handler("nat_network.list_all")
def _list_nat_networks(context: CallContext) -> list[NatNetwork]:
    return NAT_NETWORKS.all(context.service)


@handler("nat_network.create", Style.WORKER)
def _create_nat_network(context: CallContext, network: NatNetwork) -> None:
    NAT_NETWORKS.add(context.service, network)
    context.service.networks.follow()


@handler("nat_network.modify", Style.WORKER)
def _modify_nat_network(context: CallContext, network: NatNetwork) -> None:
    NAT_NETWORKS.replace(context.service, network)
    context.service.networks.follow()


@handler("nat_network.remove", Style.WORKER)
def _remove_nat_network(context: CallContext, name: str) -> None:
    NAT_NETWORKS.remove(context.service, name)
    context.service.networks.follow()


@handler("nat_network.start", Style.WORKER)
def _start_nat_network(context: CallContext, name: str) -> None:
    _require_enabled("NAT network", name, NAT_NETWORKS.get(context.service, name).enabled)
    context.service.networks.start(NAT_NETWORK, name)


@handler("nat_network.stop", Style.WORKER)
def _stop_nat_network(context: CallContext, name: str) -> None:
    NAT_NETWORKS.get(context.service, name)
    context.service.networks.stop(NAT_NETWORK, name)


@handler("dhcp_server.list_all")
def _list_dhcp_servers(context: CallContext) -> list[DhcpServer]:
    return DHCP_SERVERS.all(context.service)


@handler("dhcp_server.create", Style.WORKER)
def _create_dhcp_server(context: CallContext, server: DhcpServer) -> None:
    DHCP_SERVERS.add(context.service, server)
    context.service.networks.follow()


@handler("dhcp_server.modify", Style.WORKER)
def _modify_dhcp_server(context: CallContext, server: DhcpServer) -> None:
    DHCP_SERVERS.replace(context.service, server)
    context.service.networks.follow()


@handler("dhcp_server.remove", Style.WORKER)
def _remove_dhcp_server(context: CallContext, network_name: str) -> None:
    DHCP_SERVERS.remove(context.service, network_name)
    context.service.networks.follow()


@handler("dhcp_server.start", Style.WORKER)
def _start_dhcp_server(context: CallContext, network_name: str) -> None:
    server = DHCP_SERVERS.get(context.service, network_name)
    _require_enabled("DHCP server of the network", network_name, server.enabled)
    kind, name = _place_of(network_name)
    for config in (server.global_config, *server.groups, *server.individuals):
        encoded_options(config)  # says what is wrong with them
    context.service.networks.start(kind, name)


@handler("dhcp_server.stop", Style.WORKER)
def _stop_dhcp_server(context: CallContext, network_name: str) -> None:
    DHCP_SERVERS.get(context.service, network_name)
    kind, name = _place_of(network_name)
    context.service.networks.stop(kind, name)


def _require_enabled(what: str, name: str, enabled: bool) -> None:
    if not enabled:
        raise ApiError(
            ErrorCode.VBOX_E_INVALID_OBJECT_STATE, f"The {what} '{name}' is disabled.", "network"
        )


def _place_of(network_name: str) -> tuple[str, str]:
    place = dhcp_network(network_name)
    if place is None:
        raise ApiError(
            ErrorCode.VBOX_E_NOT_SUPPORTED,
            f"The DHCP server of the network '{network_name}' is configured, but this version of "
            "Vitrine has host-only interfaces instead of such networks.",
            "network",
        )
    return place


@handler("host_only_network.list_all")
def _list_host_only_networks(context: CallContext) -> list[HostOnlyNetwork]:
    return HOST_ONLY_NETWORKS.all(context.service)


@handler("host_only_network.create", Style.WORKER)
def _create_host_only_network(context: CallContext, network: HostOnlyNetwork) -> HostOnlyNetwork:
    with context.service.registry.lock:
        _require_name_free(context, network)
        return HOST_ONLY_NETWORKS.add(context.service, network)


@handler("host_only_network.modify", Style.WORKER)
def _modify_host_only_network(context: CallContext, network: HostOnlyNetwork) -> None:
    with context.service.registry.lock:
        _require_name_free(context, network)
        HOST_ONLY_NETWORKS.replace(context.service, network)


@handler("host_only_network.remove", Style.WORKER)
def _remove_host_only_network(context: CallContext, network: str) -> None:
    with context.service.registry.lock:
        HOST_ONLY_NETWORKS.remove(context.service, _find_host_only_network(context, network).id)


def _find_host_only_network(context: CallContext, network: str) -> HostOnlyNetwork:
    try:
        wanted = str(uuid.UUID(network))
    except ValueError:
        wanted = ""
    for found in HOST_ONLY_NETWORKS.all(context.service):
        if found.id == wanted or found.name == network:
            return found
    raise ApiError(
        ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
        f"There is no host-only network with the name or UUID '{network}'.",
        "network",
    )


def _require_name_free(context: CallContext, network: HostOnlyNetwork) -> None:
    for other in HOST_ONLY_NETWORKS.all(context.service):
        if other.name == network.name and other.id != normal_id(network.id):
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
