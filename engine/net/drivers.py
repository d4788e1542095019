"""PDM drivers for network adapters: what a cable can be plugged into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.errors import ConfigurationError
from engine.net.config import NatConfig
from engine.net.intnet import InternalNetwork
from engine.net.nat import Nat
from engine.net.switch import Promiscuity
from engine.pdm.driver import driver

if TYPE_CHECKING:
    from engine.cfgm import Node

POLICIES: Final = {
    "Deny": Promiscuity.DENY,
    "AllowNetwork": Promiscuity.ALLOW_NETWORK,
    "AllowAll": Promiscuity.ALLOW_ALL,
}


@driver("NAT")
def open_nat(node: Node) -> Nat:
    """Make a network of its own for the adapter; ``engine.net`` has the settings in ``Config``.

    Raises:
        ConfigurationError: a setting is wrong.
    """
    return Nat(NatConfig.from_node(node))


@driver("IntNet")
def open_internal_network(node: Node) -> InternalNetwork:
    """Plug the cable into the switch of a network; ``engine.net`` has the settings in ``Config``.

    Raises:
        ConfigurationError: a setting is wrong.
        NetworkDriverError: this host cannot have such a network.
    """
    config = node.child("Config")
    policy = config.string("IfPolicyPromisc", "Deny")
    if policy not in POLICIES:
        raise ConfigurationError(
            f"{config.path}/IfPolicyPromisc must be one of {', '.join(POLICIES)}, not '{policy}'."
        )
    mac = config.string("MAC", "")
    try:
        address = bytes.fromhex(mac)
    except ValueError:
        address = b""
    if len(address) not in (0, 6) or (mac and not address):
        raise ConfigurationError(f"{config.path}/MAC must be twelve hex digits, not '{mac}'.")
    return InternalNetwork(config.string("Socket", ""), address or bytes(6), POLICIES[policy])
