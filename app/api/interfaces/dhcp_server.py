"""``IDHCPServer``: who gives addresses to machines in host-only and internal networks."""

from __future__ import annotations

from typing import Protocol

from app.api.schema import interface
from app.settings.installation import DhcpServer


@interface("dhcp_server")
class DhcpServers(Protocol):
    """Methods of the DHCP servers; each is known by the name of its network.

    Changes are told as ``NetworkConfigurationChanged``. Each method that takes a network raises
    ``VBOX_E_OBJECT_NOT_FOUND`` when it has no server.
    """

    def list_all(self) -> list[DhcpServer]:
        """Servers in the order in which they were created."""

    def create(self, server: DhcpServer) -> None:
        """Add a server.

        Raises:
            ApiError: ``VBOX_E_OBJECT_IN_USE``: the network has one; ``E_INVALIDARG``: addresses
                that are none or are not in one network, or lease times in the wrong order.
        """

    def modify(self, server: DhcpServer) -> None:
        """Replace the settings of the server of the same network.

        Raises:
            ApiError: ``E_INVALIDARG``.
        """

    def remove(self, network_name: str) -> None:
        """Remove a server."""

    def start(self, network_name: str) -> None:
        """Start the server, also without machines, for as long as the service lives.

        The first machine that is attached to the network starts it by itself.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: the server is disabled; ``E_INVALIDARG``: the
                value of an option is wrong; ``VBOX_E_NOT_SUPPORTED``: it is a host-only network,
                which this version cannot run; ``VBOX_E_HOST_ERROR``: it cannot run (tells why).
        """

    def stop(self, network_name: str) -> None:
        """Stop the server; the machines of its network go on to reach each other.

        Raises:
            ApiError: ``VBOX_E_NOT_SUPPORTED``: it is a host-only network.
        """
