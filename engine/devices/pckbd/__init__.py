"""8042 keyboard controller with its PS/2 keyboard and mouse."""

from engine.devices.pckbd.controller import PcKbd

__all__ = ["PcKbd"]
