"""The AHCI controller: a PCI device with up to 30 ports.

References: Serial ATA AHCI 1.3.1; identity of the ICH8M (Intel 313056), as VirtualBox has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from engine.ata.disk import HardDisk
from engine.ata.optical import OpticalDrive
from engine.devices.ahci import registers as r
from engine.devices.ahci.port import Port
from engine.devices.ahci.state import AhciState, PortState
from engine.errors import ConfigurationError
from engine.pdm import MediaHost, MemoryBar, PciDevice, register, timer
from engine.pdm.device import DeviceConfig, Mmio
from engine.pdm.interfaces import BootDevice, ResetKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ata.drive import Activity, Drive

MOST_PORTS: Final = 30
REGISTERS_SIZE: Final = r.PORTS + 32 * r.PORT_STRIDE
DISK, OPTICAL, NOTHING = "disk", "cdrom", ""


class AhciConfig(DeviceConfig, frozen=True):
    """Ports and what is built into each.

    Attributes:
        ports: how many there are.
        units: what each has: ``disk``, ``cdrom`` or nothing, separated by commas.
        fixed: bit mask of the ports whose drives stay; the others announce hot plug.
    """

    ports: Annotated[int, msgspec.Meta(ge=1, le=MOST_PORTS)] = 1
    units: str = ""
    fixed: Annotated[int, msgspec.Meta(ge=0, lt=1 << MOST_PORTS)] = 0


@register
class Ahci(MediaHost[AhciConfig, AhciState], PciDevice[AhciConfig, AhciState]):
    """Serial ATA host controller."""

    NAME = "ahci"
    DESCRIPTION = "Intel AHCI controller"
    VENDOR = 0x8086
    DEVICE = 0x2829
    CLASS = 0x010601
    REVISION = 0x02
    INTERRUPT = 1
    registers_block = Mmio(None, REGISTERS_SIZE, sizes=(4,))
    BARS = (MemoryBar(5, "registers_block"),)

    @timer
    def retry(self) -> None:
        """Repeat what a host error had stopped when the state was saved."""
        for port in self._ports:
            if port.drive:
                port.drive.resume()
            port.process()

    def setup(self) -> None:
        """Make the ports and the drives that the configuration names."""
        kinds = self.config.units.split(",") if self.config.units else []
        if len(kinds) > self.config.ports:
            raise ConfigurationError(
                f"{self.instance_name}: {len(kinds)} drives for {self.config.ports} ports."
            )
        self._ports = [Port(self, self._update_interrupt) for _ in range(self.config.ports)]
        for lun, port in enumerate(self._ports):
            port.hot_plug = not self.config.fixed >> lun & 1
        for lun, kind in enumerate(kinds):
            if kind != NOTHING and (kind != DISK or self.medium(lun) is not None):
                self._ports[lun].drive = self._make_drive(lun, kind)

    def _make_drive(self, lun: int, kind: str) -> Drive:
        if kind == OPTICAL:
            return OpticalDrive(lun, self, self._ports[lun])
        if kind == DISK:
            return HardDisk(lun, self, self._ports[lun])
        raise ConfigurationError(
            f"{self.instance_name}/units: {kind!r} is not 'disk', 'cdrom' or empty."
        )

    # -- life

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# resets the drives too; INIT goes to the processor alone."""
        if kind is ResetKind.SOFT:
            return
        super().reset(kind)
        self._reset_ports()

    def _reset_ports(self) -> None:
        state = self.state
        state.global_control = r.GHC_AE
        state.interrupt_status = 0
        state.ports = [PortState() for _ in self._ports]
        for port, port_state in zip(self._ports, state.ports, strict=True):
            port.bind(port_state)
            port.reset()
        self._update_interrupt()

    def state_loaded(self, version: int) -> None:
        """Continue on a saved state; stalled requests are repeated once the VM runs."""
        state = self.state
        state.ports += [PortState() for _ in range(len(self._ports) - len(state.ports))]
        for port, port_state in zip(self._ports, state.ports, strict=False):
            port.bind(port_state)
        if any(
            port.has_commands or (port.drive and port.drive.state.stalled) for port in self._ports
        ):
            self.retry.arm(self.now)

    def state_to_save(self) -> AhciState:
        """Return the state, with the progress of commands that a host error has stopped."""
        for port in self._ports:
            port.note_progress()
        return self.state

    def on_attach(self, lun: int) -> None:
        """A disc has been put in or taken out."""
        drive = self._ports[lun].drive
        if isinstance(drive, OpticalDrive):
            drive.medium_changed()

    # -- hot plug

    def plug_drive(self, lun: int, kind: str) -> None:
        """Plug a drive into an empty port; a disk's medium has been attached before.

        Args:
            lun: the port.
            kind: ``disk`` or ``cdrom``.

        Raises:
            ConfigurationError: there is no such port, or it is not empty.
        """
        if lun >= len(self._ports) or self._ports[lun].drive is not None:
            state = "has a drive already" if lun < len(self._ports) else "does not exist"
            raise ConfigurationError(f"{self.instance_name}: port {lun} {state}.")
        self._ports[lun].plug(self._make_drive(lun, kind))

    def unplug_drive(self, lun: int) -> None:
        """Take the drive of a port away, whatever it is doing."""
        self._ports[lun].unplug()

    # -- registers

    @registers_block.reader
    def read_register(self, offset: int, size: int) -> int:
        """Answer the registers of controller and ports."""
        state = self.state
        number, place = divmod(offset - r.PORTS, r.PORT_STRIDE)
        if offset >= r.PORTS:
            return self._ports[number].read(place) if number < len(self._ports) else 0
        ports = len(self._ports)
        values = {
            r.CAP: r.CAP_S64A | r.CAP_SNCQ | r.CAP_SAM | r.CAP_ISS_GEN2
            | (r.SLOTS - 1) << 8 | (ports - 1),
            r.GHC: state.global_control,
            r.IS: state.interrupt_status,
            r.PI: (1 << ports) - 1,
            r.VS: r.VERSION,
        }  # fmt: skip
        return values.get(offset, 0)

    @registers_block.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Take the registers of controller and ports."""
        state = self.state
        number, place = divmod(offset - r.PORTS, r.PORT_STRIDE)
        if offset >= r.PORTS:
            if number < len(self._ports):
                self._ports[number].write(place, value)
        elif offset == r.GHC:
            if value & r.GHC_HR:
                self._reset_ports()
            else:
                state.global_control = r.GHC_AE | value & r.GHC_IE
                self._update_interrupt()
        elif offset == r.IS:
            state.interrupt_status &= ~value
            self._update_interrupt()

    def _update_interrupt(self) -> None:
        """Bring IS and the interrupt line in line with the ports."""
        state = self.state
        for number, port in enumerate(self._ports):
            if port.state.interrupt_status & port.state.interrupt_enable:
                state.interrupt_status |= 1 << number
        self.intx.set(bool(state.global_control & r.GHC_IE and state.interrupt_status))

    # -- for the firmware and the host side

    def activity(self) -> dict[int, Activity]:
        """Return the bytes that each drive has moved, by port, for lamps and statistics."""
        return {lun: drive.activity for lun, drive in self._drives().items()}

    def _drives(self) -> dict[int, Drive]:
        return {lun: port.drive for lun, port in enumerate(self._ports) if port.drive}

    def tray_locked(self, lun: int) -> bool:
        """Tell whether the guest has locked the tray of a port's drive."""
        drive = self._ports[lun].drive
        return drive is not None and drive.state.optical.locked

    def boot_devices(self) -> Sequence[BootDevice]:
        """Return the ports in the firmware's naming."""
        place = f"/pci@i0cf8/pci8086,2829@{self.slot:x}"
        return [
            BootDevice(
                "d" if isinstance(drive, OpticalDrive) else "c",
                f"{place}/drive@{lun:x}/disk@0",
            )
            for lun, drive in self._drives().items()
        ]
