"""GIM: the interface by which a guest learns that it runs in a virtual machine."""

from engine.gim.providers import Abilities, Provider, leaves

__all__ = ["Abilities", "Provider", "leaves"]
