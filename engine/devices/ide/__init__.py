"""IDE controllers of the PIIX3 and PIIX4 with ATA disks and ATAPI optical drives.

- ``controller``: the PCI function with its ports; ``busmaster``: DMA by scatter/gather lists;
- ``channel``: what two drives on a cable share; ``drive``: what both kinds of drives share;
- ``disk`` and ``identify``: ATA commands; ``optical``: the packet protocol; ``mmc`` and ``toc``:
  the commands in the packets;
- ``registers`` and ``state``: names of bits and commands; what a saved state holds.
"""

from engine.devices.ide.controller import Piix3Ide, Piix4Ide

__all__ = ["Piix3Ide", "Piix4Ide"]
