"""Intel PRO/1000 network adapters of the 8254x family.

- ``controller``: the PCI function with its register file, interrupts, link and reset;
- ``transmit`` and ``segmentation``: the transmit ring, checksum offload, TCP segmentation;
- ``receive`` and ``filters``: the receive ring, and who is listened to; ``checksums``;
- ``phy`` and ``eeprom``: the chips behind MDIC and EECD; ``statistics``: the counters;
- ``registers`` and ``state``: names of registers and bits; what a saved state holds.
"""

from engine.devices.e1000.controller import E1000

__all__ = ["E1000"]
