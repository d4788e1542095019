"""PDM drivers for network adapters: what a cable can be plugged into."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Final

from engine.errors import ConfigurationError, EngineError
from engine.net.capture import CapturedLink, CaptureFile
from engine.net.config import NatConfig
from engine.net.intnet import PATH_BYTES, InternalNetwork
from engine.net.nat import Nat
from engine.net.streamlink import StreamLink
from engine.net.switch import Promiscuity
from engine.net.tap import bridged
from engine.net.tunnel import UdpTunnel
from engine.pdm.driver import driver

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.cfgm import Node
    from engine.pdm.interfaces import NetworkLink

POLICIES: Final = {
    "Deny": Promiscuity.DENY,
    "AllowNetwork": Promiscuity.ALLOW_NETWORK,
    "AllowAll": Promiscuity.ALLOW_ALL,
}


@driver("NAT")
def open_nat(node: Node) -> NetworkLink:
    """Make a network of its own for the adapter; ``engine.net`` has the settings in ``Config``.

    Raises:
        ConfigurationError: a setting is wrong.
    """
    settings = NatConfig.from_node(node)
    return _captured(node, lambda: Nat(settings))


@driver("IntNet")
def open_internal_network(node: Node) -> NetworkLink:
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
    path = config.string("Socket", "")
    return _captured(node, lambda: InternalNetwork(path, address or bytes(6), POLICIES[policy]))


@driver("UDPTunnel")
def open_udp_tunnel(node: Node) -> NetworkLink:
    """Make a tunnel to another host; ``engine.net`` has the settings in ``Config``.

    Raises:
        ConfigurationError: a setting is wrong.
        NetworkDriverError: the tunnel cannot be opened.
    """
    config = node.child("Config")
    port, peer = _port(config, "sport"), (config.string("dest", ""), _port(config, "dport"))
    if not peer[0]:
        raise ConfigurationError(f"The UDP tunnel needs the property dest ({config.path}/dest).")
    return _captured(node, lambda: UdpTunnel(port, peer))


@driver("QEMUStream")
def open_stream(node: Node) -> NetworkLink:
    """Connect to QEMU, passt, gvproxy...; ``engine.net`` has the settings in ``Config``.

    Raises:
        ConfigurationError: a setting is wrong.
    """
    config = node.child("Config")
    path, host = config.string("path", ""), config.string("dest", "")
    if bool(path) == bool(host):
        raise ConfigurationError(
            "The driver QEMUStream needs either the property path, of a Unix socket, or the "
            f"properties dest and dport, of a TCP server ({config.path})."
        )
    if host:
        address = host, _port(config, "dport")
        return _captured(node, lambda: StreamLink(socket.AF_INET, address))
    if sys.platform == "win32":
        raise ConfigurationError("This host has no Unix sockets; use dest and dport.")
    if len(path.encode()) > PATH_BYTES:
        raise ConfigurationError(f"'{path}' is too long for a socket.")
    return _captured(node, lambda: StreamLink(socket.AF_UNIX, path))


@driver("Bridged")
def open_bridged(node: Node) -> NetworkLink:
    """Plug the cable into the host's network; ``engine.net`` has the settings in ``Config``.

    Raises:
        NetworkDriverError: this host does not allow it; tells what to do.
    """
    name = node.child("Config").string("Interface", "")
    return _captured(node, lambda: bridged(name))


def _port(config: Node, name: str) -> int:
    text = config.string(name, "")
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:6]) < 1 << 16:
        raise ConfigurationError(
            f"The property {name} must be a port, 1 to 65535, not '{text}' ({config.path}/{name})."
        )
    return int(text)


def _captured(node: Node, open_link: Callable[[], NetworkLink]) -> NetworkLink:
    path = node.child("Config").string("Capture", "")
    if not path:
        return open_link()
    capture = CaptureFile(path)
    try:
        return CapturedLink(open_link(), capture)
    except EngineError:
        capture.close()
        raise
