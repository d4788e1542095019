"""AHCI: the serial ATA host controller; its drives are those of :mod:`engine.ata`."""

from engine.devices.ahci.controller import Ahci

__all__ = ["Ahci"]
