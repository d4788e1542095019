"""Virtio devices on PCI.

- ``transport``: configuration space, registers, status, features and interrupts of all of them;
- ``rings``: split virtqueues; ``registers`` and ``state``: names, and what a saved state holds;
- ``net`` and ``offload``: the network adapter;
- ``block``: a disk; ``requests``: what devices with requests to media have in common;
- ``scsi``: the SCSI host, whose units are those of :mod:`engine.scsi`;
- ``rng``: the entropy device; ``balloon``: memory that the guest gives back.
"""

from engine.devices.virtio.balloon import VirtioBalloon
from engine.devices.virtio.block import VirtioBlk
from engine.devices.virtio.net import VirtioNet
from engine.devices.virtio.rng import VirtioRng
from engine.devices.virtio.scsi import VirtioScsi

__all__ = ["VirtioBalloon", "VirtioBlk", "VirtioNet", "VirtioRng", "VirtioScsi"]
