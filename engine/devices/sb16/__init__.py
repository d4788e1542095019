"""Sound Blaster 16: the digital sound processor and the mixer."""

from engine.devices.sb16.card import Sb16

__all__ = ["Sb16"]
