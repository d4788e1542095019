"""USB host controllers; what they share is in ``engine.vusb``."""

from engine.devices.usb.ohci import Ohci

__all__ = ["Ohci"]
