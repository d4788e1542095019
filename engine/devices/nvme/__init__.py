"""NVMe: a solid-state disk controller on PCI; each of its namespaces is a medium."""

from engine.devices.nvme.controller import Nvme

__all__ = ["Nvme"]
