"""IDE controllers of the PIIX3 and PIIX4; the drives on their cables are in :mod:`engine.ata`.

- ``controller``: the PCI function with its ports; ``busmaster``: DMA by scatter/gather lists;
- ``channel``: what two drives on a cable share; ``state``: what a saved state holds.
"""

from engine.devices.ide.controller import Piix3Ide, Piix4Ide

__all__ = ["Piix3Ide", "Piix4Ide"]
