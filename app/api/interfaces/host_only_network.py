"""``IHostOnlyNetwork``: networks between machines and host, without an interface of the host."""

from __future__ import annotations

from typing import Protocol

from app.api.schema import interface
from app.settings.installation import HostOnlyNetwork


@interface("host_only_network")
class HostOnlyNetworks(Protocol):
    """Methods of the host-only networks; ``network`` is a name or UUID.

    Changes are told as ``NetworkConfigurationChanged``. Each method that takes a network raises
    ``VBOX_E_OBJECT_NOT_FOUND`` when there is no such network.
    """

    def list_all(self) -> list[HostOnlyNetwork]:
        """Networks in the order in which they were created."""

    def create(self, network: HostOnlyNetwork) -> HostOnlyNetwork:
        """Add a network; it gets a UUID when it has none.

        Raises:
            ApiError: ``VBOX_E_OBJECT_IN_USE``: name or UUID is taken; ``E_INVALIDARG``: addresses
                that are none or are not in one network.
        """

    def modify(self, network: HostOnlyNetwork) -> None:
        """Replace the settings of the network of the same UUID.

        Raises:
            ApiError: ``E_INVALIDARG``, ``VBOX_E_OBJECT_IN_USE``.
        """

    def remove(self, network: str) -> None:
        """Remove a network."""
