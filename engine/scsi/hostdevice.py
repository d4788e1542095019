"""What controllers with one SCSI unit at each of their targets have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.errors import ConfigurationError
from engine.pdm.device import ConfigT, StateT
from engine.pdm.interfaces import BootDevice
from engine.pdm.mediahost import CommandHost
from engine.scsi.disk import ScsiDisk
from engine.scsi.optical import ScsiOptical
from engine.scsi.unit import UnitState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.pdm.interfaces import MovedBytes
    from engine.scsi.unit import ScsiUnit

_UNITS: Final[dict[str, type[ScsiUnit]]] = {"disk": ScsiDisk, "cdrom": ScsiOptical}


class ScsiHostDevice(CommandHost[ConfigT, StateT]):
    """Base of such controllers; mixed into the base of their bus. Connectors are the targets.

    Attributes:
        units: by target; a disk without a medium is not there.
    """

    units: dict[int, ScsiUnit]

    def make_units(self, kinds: str, most: int) -> None:
        """Make the units that the configuration names.

        Args:
            kinds: what each target has: ``disk``, ``cdrom`` or nothing, separated by commas.
            most: how many targets there may be.

        Raises:
            ConfigurationError: there are more, or one is something else.
        """
        named = kinds.split(",") if kinds else []
        if len(named) > most:
            raise ConfigurationError(
                f"{self.instance_name}: {len(named)} units for {most} targets."
            )
        self.units = {}
        for target, kind in enumerate(named):
            if kind and kind not in _UNITS:
                raise ConfigurationError(
                    f"{self.instance_name}/units: {kind!r} is not 'disk', 'cdrom' or empty."
                )
            if kind and (kind != "disk" or self.medium(target) is not None):
                self.units[target] = _UNITS[kind](target, self, queued=True)

    def bind_units(self, states: dict[int, UnitState]) -> None:
        """Have the units work on these states, by target; those that are missing are made."""
        for target, unit in self.units.items():
            unit.state = states.setdefault(target, UnitState())

    def on_attach(self, lun: int) -> None:
        """A disc has been put in or taken out."""
        unit = self.units.get(lun)
        if isinstance(unit, ScsiOptical):
            unit.medium_changed()

    def activity(self) -> Mapping[int, MovedBytes]:
        """Return the bytes that each unit has moved, by target."""
        return {target: unit.activity for target, unit in self.units.items()}

    def tray_locked(self, lun: int) -> bool:
        """Tell whether the guest has locked the tray of a drive."""
        unit = self.units.get(lun)
        return unit is not None and unit.state.optical.locked

    def bootable_units(self, slot: int) -> Sequence[BootDevice]:
        """Return the units of a controller in a PCI slot in the firmware's naming."""
        place = f"/pci@i0cf8/scsi@{slot:x}/channel@0"
        return [
            BootDevice("d" if unit.REMOVABLE else "c", f"{place}/disk@{target:x},0")
            for target, unit in self.units.items()
        ]
