"""ACPI PCI hot plug: by these registers the guest learns of devices that come, and gives up others.

Reference: QEMU, docs/specs/acpi_pci_hotplug.rst; ACPI Specification 2.0, 5.6.2.2 (general-purpose
events) and 6.3.3 (_EJx). What the guest's interpreter does with them is in
:mod:`engine.acpi.hotplug`.

Deviations: there is one bus and no selector of buses. An ejection that nobody has asked for changes
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from engine.errors import ConfigurationError
from engine.pdm import (
    Device,
    DeviceConfig,
    DeviceState,
    GeneralPurposeEvents,
    HotPlugSlots,
    Ports,
    ResetKind,
    register,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BASE: Final = 0xAE00
COUNT: Final = 16
UP, DOWN, EJECT, REMOVABLE = 0x00, 0x04, 0x08, 0x0C  # double words, a bit for each slot
EVENT: Final = 1
"""General-purpose event that tells of a change in UP or DOWN."""

_SLOTS: Final = 32
Slots = Annotated[int, msgspec.Meta(ge=0, lt=1 << _SLOTS)]


class PciHotPlugConfig(DeviceConfig, frozen=True):
    """Place.

    Attributes:
        io_base: first port.
    """

    io_base: int = BASE


class PciHotPlugState(DeviceState):
    """Registers, a bit for each slot.

    Attributes:
        up: something has come, and the guest has not asked yet.
        down: the guest shall give up what is there.
        withdrawn: it was asked to, and shall not any more.
    """

    up: Slots = 0
    down: Slots = 0
    withdrawn: Slots = 0


@register
class PciHotPlug(Device[PciHotPlugConfig, PciHotPlugState]):
    """Slots of bus 0 whose devices come and go."""

    NAME = "pcihotplug"
    DESCRIPTION = "ACPI PCI hot plug registers"
    REQUIRES = (GeneralPurposeEvents,)
    PROVIDES = (HotPlugSlots,)

    registers = Ports("io_base", COUNT, sizes=(4,))

    def setup(self) -> None:
        """Find who raises events; slots are added by what is in them."""
        self._events = self.require(GeneralPurposeEvents)
        self._ejected: dict[int, Callable[[], None]] = {}

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# gives up what the guest was asked for: it uses nothing any more."""
        if kind is ResetKind.SOFT:
            return
        asked = self.state.down
        super().reset(kind)
        self._eject(asked)

    # -- for devices

    def add_slot(self, slot: int, ejected: Callable[[], None]) -> None:
        """See :meth:`HotPlugSlots.add_slot`.

        Raises:
            ConfigurationError: there is no such slot, or it is another device's.
        """
        if not 0 < slot < _SLOTS or slot in self._ejected:
            raise ConfigurationError(f"{self.instance_name}: slot {slot} is none, or is taken.")
        self._ejected[slot] = ejected

    def slots(self) -> Sequence[int]:
        """See :meth:`HotPlugSlots.slots`."""
        return sorted(self._ejected)

    def tell_arrival(self, slot: int) -> None:
        """See :meth:`HotPlugSlots.tell_arrival`."""
        bit, state = 1 << slot, self.state
        state.up |= bit
        state.down &= ~bit
        state.withdrawn &= ~bit
        self._events.raise_event(EVENT)

    def ask_removal(self, slot: int) -> bool:
        """See :meth:`HotPlugSlots.ask_removal`."""
        bit, state = 1 << slot, self.state
        state.up &= ~bit
        state.down |= bit
        state.withdrawn &= ~bit
        return self._events.raise_event(EVENT)

    def withdraw(self, slot: int) -> None:
        """See :meth:`HotPlugSlots.withdraw`."""
        bit, state = 1 << slot, self.state
        if state.down & bit:
            state.down &= ~bit
            state.withdrawn |= bit

    # -- registers

    @registers.reader
    def read_register(self, offset: int, size: int) -> int:
        """Answer a double word; UP is cleared by that, so that the guest looks once."""
        state = self.state
        if offset == UP:
            value, state.up = state.up, 0
            return value
        if offset == DOWN:
            return state.down
        if offset == REMOVABLE:
            return sum(1 << slot for slot in self._ejected)
        return 0  # a read of EJECT tells of features beyond these

    @registers.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Eject the slots that are written to EJECT."""
        if offset != EJECT:
            self.guest_error(f"write of {value:#x} to the hot plug register at {offset:#x}")
            return
        state = self.state
        asked, withdrawn = value & state.down, value & state.withdrawn
        state.down &= ~asked
        state.withdrawn &= ~withdrawn
        self._eject(asked)
        for slot in self._ejected:
            if withdrawn >> slot & 1:
                self.tell_arrival(slot)
        if value & ~(asked | withdrawn):
            self.guest_error(f"ejection of slots {value:#x}, of which {asked:#x} were to go")

    def _eject(self, asked: int) -> None:
        for slot, ejected in self._ejected.items():
            if asked >> slot & 1:
                ejected()
