"""What every controller with drives does for them on the host side."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.pdm.device import ConfigT, Device, StateT
from engine.pdm.interfaces import BlockMedium, MachineControl, TrayObserver

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.storage.errors import MediumError


class MediaHost(Device[ConfigT, StateT]):
    """Base of controllers whose connectors lead to media; mixed into the base of their bus."""

    def medium(self, lun: int) -> BlockMedium | None:
        """Return what is attached to a connector."""
        return cast("BlockMedium | None", self.connected(lun))

    def suspend_on_error(self, error: MediumError, retry: Callable[[], None]) -> None:
        """Pause the VM because the host cannot do its part; ``retry`` runs when it goes on."""
        control = self.require(MachineControl)
        control.suspend_on_error(f"DrvVD_{error.suspends}", str(error), retry)

    def tray_moved(self, lun: int, *, open_: bool) -> None:
        """Tell the host side that the guest has moved a tray."""
        observer = self.context.find(TrayObserver)
        if observer:
            observer.tray_moved(self.instance_name, lun, open_=open_)
