"""USB host controllers; what they share is in ``engine.vusb``."""

from engine.devices.usb.ehci import Ehci
from engine.devices.usb.ohci import Ohci
from engine.devices.usb.xhci import Xhci

__all__ = ["Ehci", "Ohci", "Xhci"]
