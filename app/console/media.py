"""The drives of a running VM and the media in them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from app.api.errors import ApiError, ErrorCode
from app.console.errors import api_error
from app.settings.enums import DeviceType
from engine.storage import medium as storage
from engine.storage.chain import DiskChain
from engine.storage.errors import MediumReadOnly

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.storage.medium import Medium
    from engine.vm import VM

EMT_SECONDS: Final = 10.0
"""How long a question to the emulation thread may take."""

_STORAGE_TYPES = {
    DeviceType.HARD_DISK: storage.DeviceType.HARD_DISK,
    DeviceType.DVD: storage.DeviceType.DVD,
    DeviceType.FLOPPY: storage.DeviceType.FLOPPY,
}


@dataclass(frozen=True)
class DriveSlot:
    """A drive of the machine: its place in the settings and in the engine.

    Attributes:
        controller: name of the storage controller in the settings.
        port: port on the controller.
        device: device on the port.
        type: kind of drive.
        instance: instance name of the engine's controller, such as ``piix3ide/0``.
        lun: number of the drive's connector there.
        label: the place for people, such as ``IDE Secondary Device 0``.
        host_cache: its medium is read and written through the host's cache.
    """

    controller: str
    port: int
    device: int
    type: DeviceType
    instance: str
    lun: int
    label: str
    host_cache: bool = True

    @property
    def place(self) -> tuple[str, int, int]:
        """Controller, port and device."""
        return self.controller, self.port, self.device

    @property
    def is_removable(self) -> bool:
        """Whether the medium can be changed while the machine runs."""
        return self.type is not DeviceType.HARD_DISK


@runtime_checkable
class LockableTrays(Protocol):
    """A controller whose drives the guest can lock."""

    def tray_locked(self, lun: int) -> bool:
        """Tell whether the guest keeps the host from taking the disc out. EMT."""


class MeteredMedium:
    """A medium that counts what the guest does with it, for the lamps of the status bar.

    Attributes:
        chain: the images of a hard disk; None for other media.
        reads: read requests so far.
        writes: write and discard requests so far.
    """

    def __init__(self, medium: Medium | DiskChain) -> None:
        self._medium = medium
        self.chain = medium if isinstance(medium, DiskChain) else None
        self.size = medium.size
        self.sector_size = medium.sector_size
        self.read_only = medium.read_only
        self.uuid = medium.uuid
        self.reads = 0
        self.writes = 0

    @property
    def path(self) -> Path:
        """The image file that takes what is written."""
        return self._medium.path

    def read(self, offset: int, length: int) -> bytes:
        """As :meth:`engine.storage.medium.Medium.read`."""
        self.reads += 1
        return self._medium.read(offset, length)

    def write(self, offset: int, data: bytes) -> None:
        """As :meth:`engine.storage.medium.Medium.write`."""
        self.writes += 1
        self._medium.write(offset, data)

    def discard(self, offset: int, length: int) -> None:
        """As :meth:`engine.storage.medium.Medium.discard`."""
        self.writes += 1
        self._medium.discard(offset, length)

    def flush(self) -> None:
        """As :meth:`engine.storage.medium.Medium.flush`."""
        self._medium.flush()

    def close(self) -> None:
        """As :meth:`engine.storage.medium.Medium.close`."""
        self._medium.close()


def open_image(
    path: str | Path,
    device_type: DeviceType,
    format_name: str | None = None,
    *,
    host_cache: bool = True,
) -> MeteredMedium:
    """Open an image for a drive; a floppy image that may not be written is write-protected.

    Args:
        path: the image file.
        device_type: the kind of drive.
        format_name: the format as recorded in the settings; None lets the content decide.
        host_cache: False goes past the host's cache where its file system can do that.

    Raises:
        engine.storage.errors.MediumError: the image cannot be used; the sentence tells why.
    """
    kind = _STORAGE_TYPES[device_type]
    try:
        medium = storage.open_medium(path, device_type=kind, format_name=format_name)
    except MediumReadOnly:
        if device_type is not DeviceType.FLOPPY:
            raise
        medium = storage.open_medium(
            path, device_type=kind, format_name=format_name, read_only=True
        )
    if not host_cache:
        medium.bypass_cache()
    return MeteredMedium(medium)


class Drives:
    """All drives of the VM and what is in them.

    May be read from any thread; lamps read counters without a lock.
    """

    def __init__(self, slots: Iterable[DriveSlot]) -> None:
        self.slots = tuple(slots)
        self._media: dict[DriveSlot, MeteredMedium] = {}
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[DriveSlot]:
        return iter(self.slots)

    def find(self, controller: str, port: int, device: int) -> DriveSlot:
        """Return the drive at a place.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``: there is none.
        """
        for slot in self.slots:
            if slot.place == (controller, port, device):
                return slot
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
            f"The running machine has no drive at port {port}, device {device} of the storage "
            f"controller '{controller}'.",
            "console",
        )

    def at_connector(self, instance: str, lun: int) -> DriveSlot | None:
        """Return the drive at a connector of the engine."""
        return next((s for s in self.slots if (s.instance, s.lun) == (instance, lun)), None)

    def medium(self, slot: DriveSlot) -> MeteredMedium | None:
        """Return what is in a drive."""
        return self._media.get(slot)

    def add(self, slot: DriveSlot) -> None:
        """A drive has been plugged in, still empty."""
        with self._lock:
            self.slots = (*self.slots, slot)

    def remove(self, slot: DriveSlot) -> MeteredMedium | None:
        """A drive has been unplugged; return what was in it."""
        with self._lock:
            self.slots = tuple(each for each in self.slots if each != slot)
            return self._media.pop(slot, None)

    def replace(self, slot: DriveSlot, medium: MeteredMedium | None) -> MeteredMedium | None:
        """Note what is in a drive now; return what was there."""
        with self._lock:
            before = self._media.pop(slot, None)
            if medium is not None:
                self._media[slot] = medium
            return before

    def activity(self, device_type: DeviceType) -> tuple[int, int]:
        """Return the read and write requests to all drives of a kind."""
        media = [m for slot, m in list(self._media.items()) if slot.type is device_type]
        return sum(m.reads for m in media), sum(m.writes for m in media)

    def attachments(self) -> dict[tuple[str, int], object]:
        """Return the media by the engine's names of their connectors."""
        return {(slot.instance, slot.lun): medium for slot, medium in self._media.items()}

    def close(self) -> None:
        """Close every medium, even when closing one of them fails.

        Raises:
            MediumError: the first failure, after all were tried.
        """
        with self._lock:
            media = list(self._media.values())
            self._media.clear()
        failure: Exception | None = None
        for medium in media:
            try:
                medium.close()
            except Exception as error:
                failure = failure or error
        if failure is not None:
            raise failure


def exchange(
    vm: VM, drives: Drives, slot: DriveSlot, path: str | None, *, force: bool
) -> bool:
    """Put another image into a removable drive of a machine that is on.

    Args:
        vm: the machine.
        drives: its drives, which note the change.
        slot: the drive.
        path: image file; None leaves the drive empty.
        force: also when the guest has locked it.

    Returns:
        Whether something has changed.

    Raises:
        ApiError: the image cannot be used, or ``VBOX_E_OBJECT_IN_USE``: the drive is locked.
    """
    present = drives.medium(slot)
    if present is not None and path is not None and present.path == Path(path):
        return False
    if not force and _tray_locked(vm, slot):
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_IN_USE,
            f"The guest has locked the drive at {slot.label}.",
            "console",
        )
    medium: MeteredMedium | None = None
    try:
        if path is not None:
            medium = open_image(path, slot.type, host_cache=slot.host_cache)
        vm.attach(slot.instance, slot.lun, medium)
    except Exception as error:
        if medium is not None:
            medium.close()
        raise api_error(error) from error
    before = drives.replace(slot, medium)
    if before is not None:
        before.close()
    return True


def _tray_locked(vm: VM, slot: DriveSlot) -> bool:
    """Tell whether the guest of a machine that is on has locked a drive."""
    controller: object = vm.devices.devices.get(slot.instance)
    if not isinstance(controller, LockableTrays):
        return False
    trays: LockableTrays = controller
    return vm.post(lambda: trays.tray_locked(slot.lun)).result(EMT_SECONDS)
