"""``INATNetwork``: networks that several machines share behind one address translation."""

from __future__ import annotations

from typing import Protocol

from app.api.schema import interface
from app.settings.installation import NatNetwork


@interface("nat_network")
class NatNetworks(Protocol):
    """Methods of the NAT networks; each is known by its name.

    Changes are told as ``NetworkConfigurationChanged``. Each method that takes a name raises
    ``VBOX_E_OBJECT_NOT_FOUND`` when there is no such network.
    """

    def list_all(self) -> list[NatNetwork]:
        """Networks in the order in which they were created."""

    def create(self, network: NatNetwork) -> None:
        """Add a network.

        An IPv6 prefix that is empty is made from the IPv4 one, below fd17:625c:f037::/48.

        Raises:
            ApiError: ``VBOX_E_OBJECT_IN_USE``: there is one of this name; ``E_INVALIDARG``: a
                prefix, a rule or a mapping is not valid (names it).
        """

    def modify(self, network: NatNetwork) -> None:
        """Replace the settings of the network of the same name.

        Raises:
            ApiError: ``E_INVALIDARG``.
        """

    def remove(self, name: str) -> None:
        """Remove a network."""

    def start(self, name: str) -> None:
        """Start the network's services, also without machines, for as long as the service lives.

        The first machine that is attached to the network starts them by itself.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: the network is disabled;
                ``VBOX_E_HOST_ERROR``: a forwarded port is taken, for example; what can run runs.
        """

    def stop(self, name: str) -> None:
        """Stop the network's services; its machines go on to reach each other."""
