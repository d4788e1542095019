"""Configuration of NAT networks, DHCP servers and host-only networks: what makes it valid."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.events import NetworkConfigurationChanged
from app.service.host.networks import parse_ipv4, parse_mask
from app.settings.installation import (
    DhcpServer,
    GlobalSettings,
    HostOnlyNetwork,
    NatNetwork,
)

if TYPE_CHECKING:
    from app.service.server import Service
    from app.settings.netservices import DhcpConfig
    from app.settings.network import PortForwarding

_IPV6_PREFIX: Final = "fd17:625c:f037:{:x}::/64"
"""VirtualBox's prefix; the last two bytes of the IPv4 network make its last group."""


R = TypeVar("R", bound=msgspec.Struct)


class Records(Generic[R]):
    """One list of records in the settings of the installation; everybody is told of changes.

    Args:
        field: Field of :class:`GlobalSettings`.
        key: Field of a record that identifies it.
        name: Field with the name of the network that it concerns.
        check: Gives a record its canonical form, or raises ``E_INVALIDARG``.
        missing: Sentence when there is no such record; ``{}`` is what was looked for.
        exists: Sentence when there is one already.
    """

    def __init__(
        self,
        field: str,
        key: str,
        check: Callable[[R], R],
        *,
        missing: str,
        exists: str,
        name: str = "",
    ) -> None:
        self._field = field
        self._key = key
        self._name = name or key
        self._check = check
        self._missing = missing
        self._exists = exists

    def all(self, service: Service) -> list[R]:
        """Every record."""
        return self._of(service.registry.settings)

    def add(self, service: Service, record: R) -> R:
        """Append a record; returns it in its canonical form.

        Raises:
            ApiError: ``E_INVALIDARG`` (it is wrong), ``VBOX_E_OBJECT_IN_USE`` (the key is taken).
        """
        checked = self._check(record)

        def change(records: list[R]) -> list[R]:
            if self._position(records, self._key_of(checked)) is not None:
                sentence = self._exists.format(self._key_of(checked))
                raise ApiError(ErrorCode.VBOX_E_OBJECT_IN_USE, sentence, "network")
            return [*records, checked]

        self._change(service, change)
        self._tell(service, checked)
        return checked

    def replace(self, service: Service, record: R) -> None:
        """Replace the record that has the same key.

        Raises:
            ApiError: ``E_INVALIDARG`` (it is wrong), ``VBOX_E_OBJECT_NOT_FOUND``.
        """
        checked = self._check(record)

        def change(records: list[R]) -> list[R]:
            position = self._require(records, self._key_of(checked))
            return [*records[:position], checked, *records[position + 1 :]]

        self._change(service, change)
        self._tell(service, checked)

    def remove(self, service: Service, key: str) -> None:
        """Remove a record.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``.
        """
        removed: list[R] = []

        def change(records: list[R]) -> list[R]:
            removed.append(records.pop(self._require(records, key)))
            return records

        self._change(service, change)
        self._tell(service, removed[0])

    def get(self, service: Service, key: str) -> R:
        """One record.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``.
        """
        records = self.all(service)
        return records[self._require(records, key)]

    def _of(self, settings: GlobalSettings) -> list[R]:
        records: list[R] = getattr(settings, self._field)
        return records

    def _change(self, service: Service, change: Callable[[list[R]], list[R]]) -> None:
        def changed(settings: GlobalSettings) -> GlobalSettings:
            records = change(list(self._of(settings)))
            return msgspec.structs.replace(settings, **{self._field: records})

        service.registry.change_settings(changed)

    def _tell(self, service: Service, record: R) -> None:
        service.hub.fire(NetworkConfigurationChanged(name=str(getattr(record, self._name))))

    def _require(self, records: Sequence[R], key: str) -> int:
        position = self._position(records, key)
        if position is None:
            raise ApiError(ErrorCode.VBOX_E_OBJECT_NOT_FOUND, self._missing.format(key), "network")
        return position

    def _position(self, records: Sequence[R], key: str) -> int | None:
        keys = [self._key_of(record) for record in records]
        return keys.index(key) if key in keys else None

    def _key_of(self, record: R) -> str:
        return str(getattr(record, self._key))


def checked_nat_network(network: NatNetwork) -> NatNetwork:
    """The network in canonical form, with an IPv6 prefix.

    Raises:
        ApiError: ``E_INVALIDARG``: names what is wrong.
    """
    if not network.name:
        raise invalid("A NAT network needs a name.")
    try:
        prefix = ipaddress.IPv4Network(network.network, strict=False)
        inner = ipaddress.IPv6Network(network.ipv6_prefix or _ipv6_prefix(prefix), strict=False)
    except ValueError as error:
        raise invalid(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    if not 8 <= prefix.prefixlen <= 28:
        raise invalid(f"The IPv4 prefix of a NAT network must be /8 to /28, not {prefix}.")
    if inner.prefixlen != 64:
        raise invalid(f"The IPv6 prefix of a NAT network must be a /64, not {inner}.")
    for rule in network.forwardings:
        _check_rule(rule, ipaddress.IPv4Address)
    for rule in network.forwardings6:
        _check_rule(rule, ipaddress.IPv6Address)
    for mapping in network.loopbacks:
        if not parse_ipv4(mapping.address).is_loopback:
            raise invalid(f"'{mapping.address}' is not a loopback address.")
    return msgspec.structs.replace(network, network=str(prefix), ipv6_prefix=str(inner))


def checked_dhcp_server(server: DhcpServer) -> DhcpServer:
    """The server in canonical form.

    Raises:
        ApiError: ``E_INVALIDARG``: names what is wrong.
    """
    if not server.network_name:
        raise invalid("A DHCP server needs the name of its network.")
    mask = parse_mask(server.network_mask)
    address = parse_ipv4(server.address)
    check_range(str(address), mask, server.lower_address, server.upper_address)
    for config in (server.global_config, *server.groups, *server.individuals):
        _check_lease_times(config)
    for individual in server.individuals:
        if individual.fixed_address:
            parse_ipv4(individual.fixed_address)
    return msgspec.structs.replace(server, address=str(address), network_mask=mask)


def checked_host_only_network(network: HostOnlyNetwork) -> HostOnlyNetwork:
    """The network with a UUID.

    Raises:
        ApiError: ``E_INVALIDARG``: names what is wrong.
    """
    if not network.name:
        raise invalid("A host-only network needs a name.")
    mask = parse_mask(network.network_mask)
    check_range(network.lower_address, mask, network.lower_address, network.upper_address)
    try:
        identity = str(uuid.UUID(network.id)) if network.id else str(uuid.uuid4())
    except ValueError as error:
        raise invalid(f"'{network.id}' is not a UUID.") from error
    return msgspec.structs.replace(network, id=identity, network_mask=mask)


def check_range(address: str, mask: str, lower: str, upper: str) -> None:
    """Check that a range of addresses is one, in the network of ``address``.

    Raises:
        ApiError: ``E_INVALIDARG``.
    """
    network = ipaddress.IPv4Network(f"{parse_ipv4(address)}/{mask}", strict=False)
    first, last = parse_ipv4(lower), parse_ipv4(upper)
    for bound in (first, last):
        if bound not in network:
            raise invalid(f"The address {bound} is not in the network {network}.")
    if first > last:
        raise invalid(f"The range of addresses {first} to {last} is empty.")


def invalid(sentence: str) -> ApiError:
    """The error for a value that is not allowed."""
    return ApiError(ErrorCode.E_INVALIDARG, sentence, "network")


def _ipv6_prefix(network: ipaddress.IPv4Network) -> str:
    return _IPV6_PREFIX.format(int(network.network_address) >> 8 & 0xFFFF)


def _check_rule(
    rule: PortForwarding, kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address]
) -> None:
    if not rule.name:
        raise invalid("A port-forwarding rule needs a name.")
    for address in (rule.host_ip, rule.guest_ip):
        try:
            if address:
                kind(address)
        except ValueError as error:
            sentence = f"'{address}' in the port-forwarding rule '{rule.name}' is not an address."
            raise invalid(sentence) from error
    if not rule.guest_ip or not rule.guest_port or not rule.host_port:
        raise invalid(
            f"The port-forwarding rule '{rule.name}' needs a port of the host and an address "
            "and a port of the guest."
        )


def _check_lease_times(config: DhcpConfig) -> None:
    given = [
        seconds
        for seconds in (
            config.min_lease_time_s, config.default_lease_time_s, config.max_lease_time_s
        )
        if seconds
    ]  # fmt: skip
    if given != sorted(given):
        raise invalid("The minimum, default and maximum lease time must be in this order.")


NAT_NETWORKS: Final = Records(
    "nat_networks", "name", checked_nat_network,
    missing="There is no NAT network named '{}'.", exists="There is a NAT network named '{}'.",
)  # fmt: skip
DHCP_SERVERS: Final = Records(
    "dhcp_servers", "network_name", checked_dhcp_server,
    missing="The network '{}' has no DHCP server.", exists="The network '{}' has a DHCP server.",
)  # fmt: skip
HOST_ONLY_NETWORKS: Final = Records(
    "host_only_networks", "id", checked_host_only_network,
    name="name", missing="There is no host-only network with the UUID '{}'.",
    exists="There is a host-only network with the UUID '{}'.",
)  # fmt: skip
