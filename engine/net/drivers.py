"""PDM drivers for network adapters: what a cable can be plugged into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.net.config import NatConfig
from engine.net.nat import Nat
from engine.pdm.driver import driver

if TYPE_CHECKING:
    from engine.cfgm import Node


@driver("NAT")
def open_nat(node: Node) -> Nat:
    """Make a network of its own for the adapter; ``engine.net`` has the settings in ``Config``.

    Raises:
        ConfigurationError: a setting is wrong.
    """
    return Nat(NatConfig.from_node(node))
