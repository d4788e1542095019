"""82078 floppy disk controller with two drives."""

from engine.devices.i82078.controller import I82078

__all__ = ["I82078"]
