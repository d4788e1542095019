"""IDE function of the Intel PIIX3 (82371SB) and PIIX4 (82371AB): two channels with bus masters.

References: Intel 82371FB/82371SB data sheet (290550), 2.3; Intel 82371AB data sheet (290562),
chapter 5. Deviations: timing registers are memory only, transfers take no time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from engine.ata import registers as r
from engine.ata.disk import HardDisk
from engine.ata.optical import OpticalDrive
from engine.devices.ide.busmaster import DRIVES_CAPABLE, BusMaster
from engine.devices.ide.channel import Channel
from engine.devices.ide.state import IdeState
from engine.errors import ConfigurationError
from engine.pdm import (
    BlockMedium,
    BootDevice,
    Connector,
    DeviceConfig,
    IsaIrq,
    MediaHost,
    PciDevice,
    PortBar,
    Ports,
    ResetKind,
    info_item,
    register,
    timer,
)
from engine.pdm.pci import PciState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ata.drive import Activity, Drive

# Configuration space.
IDETIM = 0x40  # one word for each channel
IDETIM_DECODE = 0x80  # in its upper byte
SIDETIM, UDMACTL, UDMATIM = 0x44, 0x48, 0x4A

BUS_MASTER_PORTS = 16
BUS_MASTER_HALF = 8

DISK, OPTICAL, NOTHING = "disk", "cdrom", ""
LUNS = 4


class IdeConfig(DeviceConfig, frozen=True):
    """Units and wiring. LUN 0 to 3: primary master and slave, secondary master and slave.

    Attributes:
        unit0, unit1, unit2, unit3: ``disk``, ``cdrom`` or empty. A disk without a medium is not
            there; an optical drive without one is empty.
        serial0, serial1, serial2, serial3: serial numbers, empty to make one.
        model0, model1, model2, model3: model names, empty for the standard ones.
    """

    unit0: str = NOTHING
    unit1: str = NOTHING
    unit2: str = NOTHING
    unit3: str = NOTHING
    serial0: str = ""
    serial1: str = ""
    serial2: str = ""
    serial3: str = ""
    model0: str = ""
    model1: str = ""
    model2: str = ""
    model3: str = ""
    primary_base: int = 0x1F0
    primary_control: int = 0x3F6
    primary_irq: int = 14
    secondary_base: int = 0x170
    secondary_control: int = 0x376
    secondary_irq: int = 15


@register
class Piix3Ide(MediaHost[IdeConfig, IdeState], PciDevice[IdeConfig, IdeState]):
    """PIIX3 IDE: programmed I/O and multiword DMA."""

    NAME = "piix3ide"
    DESCRIPTION = "Intel PIIX3 IDE controller"
    VENDOR = 0x8086
    DEVICE = 0x7010
    CLASS = 0x010180  # legacy addresses, bus master
    STATUS_DEFAULT = 0x0280
    COMMAND_WRITABLE = 0x0005
    WRITABLE: ClassVar[dict[int, int]] = {
        0x0C: 0x00,
        0x0D: 0xF0,
        0x3C: 0x00,
        **dict.fromkeys(range(IDETIM, SIDETIM + 1), 0xFF),
        UDMACTL: 0x0F,
        UDMATIM: 0x33,
        UDMATIM + 1: 0x33,
    }

    primary = Ports(None, 8, sizes=(1, 2, 4))
    primary_control_block = Ports(None, 1)
    secondary = Ports(None, 8, sizes=(1, 2, 4))
    secondary_control_block = Ports(None, 1)
    bus_master_ports = Ports(None, BUS_MASTER_PORTS)
    BARS = (PortBar(4, "bus_master_ports"),)
    irq14 = IsaIrq("primary_irq")
    irq15 = IsaIrq("secondary_irq")
    unit0 = Connector(0, BlockMedium)
    unit1 = Connector(1, BlockMedium)
    unit2 = Connector(2, BlockMedium)
    unit3 = Connector(3, BlockMedium)

    @timer
    def retry(self) -> None:
        """Repeat what a host error had stopped when the state was saved."""
        for drive in self._drives():
            drive.resume()

    def setup(self) -> None:
        """Make the channels and the drives that the configuration names."""
        self._channels = [
            Channel(line, BusMaster(self.dma_read, self.dma_write))
            for line in (self.irq14, self.irq15)
        ]
        for lun in range(LUNS):
            kind = self._unit_kind(lun)
            if kind == OPTICAL:
                self._plug(lun, OpticalDrive(lun, self, self._channels[lun >> 1],
                                             serial=getattr(self.config, f"serial{lun}"),
                                             model=getattr(self.config, f"model{lun}")))
            elif kind == DISK and self.medium(lun) is not None:
                self._plug(lun, HardDisk(lun, self, self._channels[lun >> 1],
                                         serial=getattr(self.config, f"serial{lun}"),
                                         model=getattr(self.config, f"model{lun}")))  # fmt: skip

    def _unit_kind(self, lun: int) -> str:
        kind = str(getattr(self.config, f"unit{lun}"))
        if kind not in (DISK, OPTICAL, NOTHING):
            raise ConfigurationError(
                f"{self.instance_name}/unit{lun}: {kind!r} is not 'disk', 'cdrom' or empty."
            )
        return kind

    def _plug(self, lun: int, drive: Drive) -> None:
        self._channels[lun >> 1].drives[lun & 1] = drive

    def _drives(self) -> list[Drive]:
        return [drive for channel in self._channels for drive in channel.drives if drive]

    # -- life

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# resets the drives too; INIT goes to the processor alone."""
        if kind is ResetKind.SOFT:
            return
        super().reset(kind)
        for channel, state in zip(self._channels, self.state.channels, strict=True):
            channel.bind(state)
            for number, drive in enumerate(channel.drives):
                if drive:
                    state.bus_master.status |= DRIVES_CAPABLE & 0x20 << number
            channel.reset()
        self._decode()

    def state_loaded(self, version: int) -> None:
        """Continue on a saved state; stalled requests are repeated once the VM runs."""
        for channel, state in zip(self._channels, self.state.channels, strict=True):
            channel.bind(state)
        if any(drive.state.stalled for drive in self._drives()):
            self.retry.arm(self.now)

    def on_attach(self, lun: int) -> None:
        """A disc has been put in or taken out."""
        drive = self._channels[lun >> 1].drives[lun & 1]
        if isinstance(drive, OpticalDrive):
            drive.medium_changed()

    def load_pci_state(self, state: PciState) -> None:
        """Take a saved configuration space and decode accordingly."""
        super().load_pci_state(state)
        self._decode()

    def config_written(self, offset: int, size: int) -> None:
        """Follow the decode enable bits."""
        if offset < IDETIM + 4 and offset + size > IDETIM:
            self._decode()

    def _decode(self) -> None:
        config, registers = self.config, self.registers
        for enabled, block, base, control_block, control in (
            (registers[IDETIM + 1] & IDETIM_DECODE, self.primary, config.primary_base,
             self.primary_control_block, config.primary_control),
            (registers[IDETIM + 3] & IDETIM_DECODE, self.secondary, config.secondary_base,
             self.secondary_control_block, config.secondary_control),
        ):  # fmt: skip
            if enabled:
                block.map(base)
                control_block.map(control)
            else:
                block.unmap()
                control_block.unmap()

    # -- for the firmware and the host side

    def boot_devices(self) -> Sequence[BootDevice]:
        """Return the units in the firmware's naming."""
        place = f"/pci@i0cf8/ide@{self.slot:x},{self.function:x}"
        return [
            BootDevice(
                "d" if isinstance(drive, OpticalDrive) else "c",
                f"{place}/drive@{drive.lun >> 1:x}/disk@{drive.lun & 1:x}",
            )
            for drive in self._drives()
        ]

    def activity(self) -> dict[int, Activity]:
        """Return the bytes that each unit has moved, by LUN, for lamps and statistics."""
        return {drive.lun: drive.activity for drive in self._drives()}

    def tray_locked(self, lun: int) -> bool:
        """Tell whether the guest keeps the host from taking the disc out."""
        drive = self._channels[lun >> 1].drives[lun & 1]
        return isinstance(drive, OpticalDrive) and drive.state.optical.locked

    # -- ports

    @primary.reader
    def read_primary(self, offset: int, size: int) -> int:
        """Answer ports 1F0h-1F7h."""
        return self._read(self._channels[0], offset, size)

    @secondary.reader
    def read_secondary(self, offset: int, size: int) -> int:
        """Answer ports 170h-177h."""
        return self._read(self._channels[1], offset, size)

    @staticmethod
    def _read(channel: Channel, offset: int, size: int) -> int:
        if offset == r.DATA:
            return channel.read_data(size)
        value = channel.read_register(offset)
        for n in range(1, size):
            value |= channel.read_register(offset + n) << 8 * n
        return value

    @primary.writer
    def write_primary(self, offset: int, value: int, size: int) -> None:
        """Take ports 1F0h-1F7h."""
        self._write(self._channels[0], offset, value, size)

    @secondary.writer
    def write_secondary(self, offset: int, value: int, size: int) -> None:
        """Take ports 170h-177h."""
        self._write(self._channels[1], offset, value, size)

    @staticmethod
    def _write(channel: Channel, offset: int, value: int, size: int) -> None:
        if offset == r.DATA:
            channel.write_data(value, size)
            return
        for n in range(size):
            channel.write_register(offset + n, value >> 8 * n & 0xFF)

    @primary.block_reader
    def read_primary_string(self, offset: int, size: int, items: int) -> bytes | None:
        """Answer REP INSW/INSD at 1F0h."""
        drive = self._channels[0].selected
        return drive.read_string(size, items) if drive and offset == r.DATA else None

    @secondary.block_reader
    def read_secondary_string(self, offset: int, size: int, items: int) -> bytes | None:
        """Answer REP INSW/INSD at 170h."""
        drive = self._channels[1].selected
        return drive.read_string(size, items) if drive and offset == r.DATA else None

    @primary.block_writer
    def write_primary_string(self, offset: int, size: int, data: bytes) -> int:
        """Take REP OUTSW/OUTSD at 1F0h."""
        drive = self._channels[0].selected
        return drive.write_string(data, size) if drive and offset == r.DATA else 0

    @secondary.block_writer
    def write_secondary_string(self, offset: int, size: int, data: bytes) -> int:
        """Take REP OUTSW/OUTSD at 170h."""
        drive = self._channels[1].selected
        return drive.write_string(data, size) if drive and offset == r.DATA else 0

    @primary_control_block.reader
    def read_primary_control(self, offset: int, size: int) -> int:
        """Answer port 3F6h."""
        return self._channels[0].read_alternate_status()

    @secondary_control_block.reader
    def read_secondary_control(self, offset: int, size: int) -> int:
        """Answer port 376h."""
        return self._channels[1].read_alternate_status()

    @primary_control_block.writer
    def write_primary_control(self, offset: int, value: int, size: int) -> None:
        """Take port 3F6h."""
        self._channels[0].write_control(value)

    @secondary_control_block.writer
    def write_secondary_control(self, offset: int, value: int, size: int) -> None:
        """Take port 376h."""
        self._channels[1].write_control(value)

    @bus_master_ports.reader
    def read_bus_master(self, offset: int, size: int) -> int:
        """Answer the bus master's ports."""
        half, register_offset = divmod(offset, BUS_MASTER_HALF)
        return self._channels[half].bus_master.read_register(register_offset)

    @bus_master_ports.writer
    def write_bus_master(self, offset: int, value: int, size: int) -> None:
        """Take the bus master's ports."""
        half, register_offset = divmod(offset, BUS_MASTER_HALF)
        self._channels[half].bus_master.write_register(register_offset, value)

    @info_item("ide", "Channels and drives of the IDE controller.")
    def info(self) -> str:
        """Return the task file of each drive."""
        rows = []
        for number, channel in enumerate(self.state.channels):
            rows.append(
                f"channel {number}: device={channel.device:02x} control={channel.control:02x} "
                f"BMIC={channel.bus_master.command:02x} BMIS={channel.bus_master.status:02x} "
                f"BMIDTP={channel.bus_master.table:08x}"
            )
            for unit, drive in enumerate(channel.drives):
                if self._channels[number].drives[unit] is None:
                    continue
                task = drive.task
                rows.append(
                    f"  drive {unit}: command={drive.command:02x} status={drive.status:02x} "
                    f"error={drive.error:02x} phase={drive.phase.name} "
                    f"count={task.sector_count:02x} "
                    f"lba={task.lba_high:02x}{task.lba_mid:02x}{task.lba_low:02x}"
                )
        return "\n".join(rows)


@register
class Piix4Ide(Piix3Ide):
    """PIIX4 IDE: Ultra DMA as well."""

    NAME = "piix4ide"
    DESCRIPTION = "Intel PIIX4 IDE controller"
    DEVICE = 0x7111
    REVISION = 0x01
