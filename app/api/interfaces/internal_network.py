"""Internal networks (``IVirtualBox::internalNetworks``): they exist where machines name them."""

from __future__ import annotations

from typing import Protocol

from app.api.schema import interface


@interface("internal_network")
class InternalNetworks(Protocol):
    """Methods of the internal networks."""

    def list_all(self) -> list[str]:
        """Names that adapters of registered machines have stored, in their order."""
