"""AMD PCnet network adapters: PCnet-PCI II (Am79C970A) and PCnet-FAST III (Am79C973).

- ``controller``: the PCI function with its ports, control and status registers, interrupts, link;
- ``transmit`` and ``receive``: what happens to frames; ``rings``: descriptors in memory;
- ``phy``: the transceiver behind the management interface of the Am79C973;
- ``registers`` and ``state``: names of registers and bits; what a saved state holds.
"""

from engine.devices.pcnet.controller import Pcnet

__all__ = ["Pcnet"]
