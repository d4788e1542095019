"""Sound Blaster 16: the digital sound processor, the mixer and the FM synthesizer."""

from engine.devices.sb16.card import Sb16

__all__ = ["Sb16"]
