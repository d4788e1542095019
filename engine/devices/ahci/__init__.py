"""AHCI: the serial ATA host controller; its drives are those of the IDE controller."""

from engine.devices.ahci.controller import Ahci

__all__ = ["Ahci"]
