"""``ICloudNetwork``: networks of cloud providers, as files of VirtualBox bring them along."""

from __future__ import annotations

from typing import Protocol

from app.api.schema import interface
from app.settings.installation import CloudNetwork


@interface("cloud_network")
class CloudNetworks(Protocol):
    """Methods of the cloud networks; this product has no cloud provider."""

    def list_all(self) -> list[CloudNetwork]:
        """Networks that the settings hold."""
