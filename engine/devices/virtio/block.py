"""virtio-blk: a disk that is a PCI function of its own; transitional.

Reference: virtio 1.2, 5.2. Without a medium the function is not in its slot. With ACPI hot plug it
comes when a disk is plugged in, and goes when the guest gives it up, or is reset.

Not there: several queues, DISCARD and SECURE_ERASE, zones, lifetime, a write cache that the driver
can switch.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, ClassVar, Final

from engine.ata.disk import serial_number
from engine.ata.drive import Activity
from engine.devices.virtio import registers as r
from engine.devices.virtio.legacy import TransitionalDevice
from engine.devices.virtio.requests import RequestDevice
from engine.devices.virtio.rings import RingError
from engine.devices.virtio.state import VirtioState
from engine.errors import ConfigurationError
from engine.pdm import BlockRequest, BootDevice, HotPlugSlots, MediumError, register
from engine.pdm.device import DeviceConfig
from engine.pdm.interfaces import ResetKind

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from engine.devices.virtio.rings import Chain
    from engine.pdm import Steps
    from engine.pdm.interfaces import MovedBytes

MOST_DISKS: Final = 8
SECTOR: Final = 512

# Features (5.2.3).
F_SIZE_MAX, F_SEG_MAX, F_RO, F_BLK_SIZE = 1 << 1, 1 << 2, 1 << 5, 1 << 6
F_FLUSH, F_TOPOLOGY, F_WRITE_ZEROES = 1 << 9, 1 << 10, 1 << 14

# Types of requests, and how they end (5.2.6).
IN, OUT, FLUSH, GET_ID, WRITE_ZEROES = 0, 1, 4, 8, 13
OK, IO_ERROR, UNSUPPORTED = 0, 1, 2
_HEADER = struct.Struct("<I4xQ")
_STATUS_SIZE: Final = 1
_ID_SIZE: Final = 20
_RANGE = struct.Struct("<QII")  # sector, number of sectors, flags of WRITE_ZEROES
_UNMAP: Final = 1

_CONFIGURATION = struct.Struct("<QII4xIBBHI4xIIIIIB3x")
_SEGMENTS: Final = 254  # parts of a request's data; with header and status a queue is full
_SEGMENT_SIZE: Final = 4 << 20
_MOST_ZEROES: Final = 0x4000  # sectors
_SMALLEST_IO: Final = 8  # sectors: a page of the host
_STEP: Final = 1 << 20
"""Bytes that are asked of the medium at a time."""

_LUN: Final = 0
_QUEUE: Final = 0


class VirtioBlkConfig(DeviceConfig, frozen=True):
    """Slot.

    Attributes:
        hot_plug: disks come and go while the guest runs.
    """

    hot_plug: bool = False


@register
class VirtioBlk(
    RequestDevice[VirtioBlkConfig, VirtioState], TransitionalDevice[VirtioBlkConfig, VirtioState]
):
    """A disk."""

    NAME = "virtio-blk"
    DESCRIPTION = "Virtio disk"
    MAX_INSTANCES = MOST_DISKS
    REQUIRES = (HotPlugSlots,)
    DEVICE = r.TRANSITIONAL_BLOCK
    SUBSYSTEM = (r.VENDOR, r.BLOCK)
    CLASS = 0x010000
    FEATURES = F_SIZE_MAX | F_SEG_MAX | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY
    QUEUE_SIZES: ClassVar[tuple[int, ...]] = (256,)

    def setup(self) -> None:
        """Announce the slot, if disks can come to it."""
        super().setup()
        self._activity = Activity()
        self._slots = self.context.find(HotPlugSlots) if self.config.hot_plug else None
        if self._slots is not None:
            self._slots.add_slot(self.slot, self._given_up)
        self._released: Callable[[], None] | None = None
        # The guest has given the disk up, and the host has not taken it yet.
        self._going = False
        self._put_in()

    # -- life

    def _put_in(self) -> None:
        medium = self.medium(_LUN)
        self.present = medium is not None and not self._going
        writable = medium is not None and not medium.read_only
        self._features &= ~(F_RO | F_WRITE_ZEROES)
        self._features |= F_WRITE_ZEROES if writable else F_RO

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# resets everything; a disk that was only switched off is back."""
        super().reset(kind)
        if kind is not ResetKind.SOFT:
            self._put_in()

    def on_attach(self, lun: int) -> None:
        """A medium has been attached or taken away: the capacity is another one."""
        if self.present:
            self.config_changed()

    def activity(self) -> Mapping[int, MovedBytes]:
        """Return the bytes that the disk has moved."""
        return {_LUN: self._activity}

    # -- hot plug

    def plug_drive(self, lun: int, kind: str) -> None:
        """Put the function into its slot; the medium has been attached before.

        Raises:
            ConfigurationError: no disk can come to the slot, or the guest still uses what was
                there before.
        """
        if self._slots is None or lun != _LUN or kind != "disk":
            raise ConfigurationError(f"{self.instance_name}: nothing can be plugged in here.")
        if self.present:
            raise ConfigurationError(
                f"{self.instance_name}: the guest has not yet given up the disk that was here; a "
                "reset of the machine frees the slot."
            )
        self._going = False
        super().reset(ResetKind.HARD)
        self._put_in()
        self._slots.tell_arrival(self.slot)

    def ask_for_drive(self, lun: int, released: Callable[[], None]) -> bool:
        """Ask the guest to give up the disk.

        Args:
            lun: the connector.
            released: called when it has; at once when the slot is empty.

        Returns:
            False: the guest does not listen, and ``released`` is not called.
        """
        if self._slots is None or lun != _LUN:
            return False
        if not self.present:
            released()
        elif not self._slots.ask_removal(self.slot):
            self._slots.withdraw(self.slot)
            return False
        else:
            self._released = released
        return True

    def leave_drive(self, lun: int) -> None:
        """Let the guest keep its disk: it was asked in vain."""
        del lun
        self._released = None
        if self._going:  # it answers only now
            self._going = False
            self.present = True
            if self._slots is not None:
                self._slots.tell_arrival(self.slot)
        elif self._slots is not None:
            self._slots.withdraw(self.slot)

    def unplug_drive(self, lun: int) -> None:
        """The medium is about to be taken away, whatever the guest is doing.

        A guest that still has the function keeps it without a medium, until it gives it up.
        """
        del lun
        self._going = False
        self._released = None
        if self.present and self._slots is not None:
            self._slots.ask_removal(self.slot)

    def _given_up(self) -> None:
        """The guest does not use the function any more."""
        super().reset(ResetKind.HARD)
        self.present = False
        released, self._released = self._released, None
        if released is not None:
            self._going = True
            released()

    # -- configuration

    def device_config(self) -> bytes:
        """See 5.2.4."""
        medium = self.medium(_LUN)
        return _CONFIGURATION.pack(
            medium.size // SECTOR if medium is not None else 0, _SEGMENT_SIZE, _SEGMENTS,
            SECTOR, 0, 0, _SMALLEST_IO, 0,
            0, 0, 0, _MOST_ZEROES, 1, 0,
        )  # fmt: skip

    # -- requests

    def begin(self, chain: Chain) -> None:
        """See :meth:`RequestDevice.begin`."""
        header = chain.readable.gather(_HEADER.size)
        if len(header) < _HEADER.size:
            raise RingError(f"a request of {len(header)} bytes")
        if chain.writable.size < _STATUS_SIZE:
            raise RingError("a request without room for its status")
        kind, sector = _HEADER.unpack(header)
        self.start(chain, _LUN, self._request(chain, kind, sector))

    def _request(self, chain: Chain, kind: int, sector: int) -> Steps:
        try:
            match kind:
                case 0:  # IN
                    status = yield from self._read(chain, sector)
                case 1:  # OUT
                    status = yield from self._write(chain, sector)
                case 4:  # FLUSH
                    status = yield from self._flush()
                case 8:  # GET_ID
                    status = self._identify(chain)
                case 13:  # WRITE_ZEROES
                    status = yield from self._write_zeroes(chain)
                case _:
                    status = UNSUPPORTED
        except MediumError:
            status = IO_ERROR
        # The status is the last byte, wherever the data end.
        writable = chain.writable
        writable.moved = writable.size - _STATUS_SIZE
        writable.scatter(bytes([status]))
        self.complete(chain, writable.size)

    def _fits(self, sector: int, size: int) -> bool:
        medium = self.medium(_LUN)
        whole = not size % SECTOR
        return medium is not None and whole and sector * SECTOR + size <= medium.size

    def _is_writable(self) -> bool:
        medium = self.medium(_LUN)
        return medium is not None and not medium.read_only

    def _read(self, chain: Chain, sector: int) -> Generator[BlockRequest, bytes, int]:
        size = chain.writable.size - _STATUS_SIZE
        if not self._fits(sector, size):
            return IO_ERROR
        for done in range(0, size, _STEP):
            count = min(_STEP, size - done)
            yield BlockRequest.read(sector * SECTOR + done, count, chain.writable)
        self._activity.read += size
        return OK

    def _write(self, chain: Chain, sector: int) -> Generator[BlockRequest, bytes, int]:
        size = chain.readable.size - _HEADER.size
        if not self._fits(sector, size) or not self._is_writable():
            return IO_ERROR
        for done in range(0, size, _STEP):
            data = chain.readable.gather(min(_STEP, size - done))
            yield BlockRequest.write(sector * SECTOR + done, data)
        self._activity.written += size
        return (yield from self._settle())

    def _settle(self) -> Generator[BlockRequest, bytes, int]:
        """End a write: a driver that knows no flushes expects that nothing is lost (5.2.6.2)."""
        return OK if self.accepted(F_FLUSH) else (yield from self._flush())

    def _flush(self) -> Generator[BlockRequest, bytes, int]:
        if self._is_writable():
            yield BlockRequest.flush()
        return OK

    def _identify(self, chain: Chain) -> int:
        name = serial_number(self.medium(_LUN)).encode().ljust(_ID_SIZE, b"\0")
        chain.writable.scatter(name[: min(_ID_SIZE, chain.writable.size - _STATUS_SIZE)])
        return OK

    def _write_zeroes(self, chain: Chain) -> Generator[BlockRequest, bytes, int]:
        data = chain.readable.gather(_RANGE.size)
        if len(data) < _RANGE.size or chain.readable.moved < chain.readable.size:
            return IO_ERROR  # one range, as the configuration says
        sector, count, flags = _RANGE.unpack(data)
        if flags & ~_UNMAP:
            return UNSUPPORTED
        size = count * SECTOR
        fits = count <= _MOST_ZEROES and self._fits(sector, size)
        if not fits or not self._is_writable():
            return IO_ERROR
        for done in range(0, size, _STEP):
            yield BlockRequest.write(sector * SECTOR + done, bytes(min(_STEP, size - done)))
        self._activity.written += size
        return (yield from self._settle())

    # -- for the firmware

    def boot_devices(self) -> Sequence[BootDevice]:
        """Return the disk in the firmware's naming."""
        return [BootDevice("c", f"/pci@i0cf8/scsi@{self.slot:x}/disk@0,0")] if self.present else []
