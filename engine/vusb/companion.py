"""How a controller for full speed shares its ports with one for high speed (EHCI 1.0, 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from engine.vusb.device import UsbDevice


class CompanionController(Protocol):
    """The controller to which ports go that are not the high-speed controller's own.

    Port N of the one is port N of the other. A port at which the companion has a device of its own
    stays with it.
    """

    def borrow(self, port: int, device: UsbDevice[Any]) -> None:
        """A device is at our port now: the guest sees it plugged in. EMT only."""

    def return_port(self, port: int) -> None:
        """A borrowed device goes: the guest sees it unplugged. EMT only."""

    def reseat(self, port: int, device: UsbDevice[Any] | None) -> None:
        """Have a borrowed device, or none, after a state was loaded; nobody is told."""
