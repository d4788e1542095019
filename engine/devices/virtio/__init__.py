"""Virtio devices on PCI.

- ``transport``: configuration space, registers, status, features and interrupts of all of them;
- ``rings``: split virtqueues; ``registers`` and ``state``: names, and what a saved state holds;
- ``net`` and ``offload``: the network adapter;
- ``scsi``: the SCSI host, whose units are those of :mod:`engine.scsi`.
"""

from engine.devices.virtio.net import VirtioNet
from engine.devices.virtio.scsi import VirtioScsi

__all__ = ["VirtioNet", "VirtioScsi"]
