"""The VGA: an IBM VGA with the Bochs VBE interface, as a PCI device.

- ``device``: ports, windows, reset, saved state; ``registers``: names, configuration, state.
- ``memory``: the planes, write modes, and the CPU's views at A0000h-BFFFFh; ``vbe``: DISPI.
- ``surface``: pictures for consumers, drawn by ``text``, ``graphics`` and ``packed``, with
  ``crtc`` (scan-out) and ``palette`` (colours).
"""

from engine.devices.vga.device import Vga

__all__ = ["Vga"]
