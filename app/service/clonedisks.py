"""Which images a clone of a machine gets, and how each of them is made."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from app.api.copying import CloneMode, CloneOption
from app.api.structs import MediumVariant
from app.service.library import require_files
from app.settings.enums import DeviceType, MediumType
from app.settings.paths import relative_location
from app.settings.storage import HardDisk, MediaRegistry

if TYPE_CHECKING:
    from app.service.library import KnownMedium, MediaLibrary
    from app.settings.hardware import HardwareSettings

_COPIED_FORMATS: Final = {
    "VDI": "vdi", "RAW": "img", "VMDK": "vmdk", "VHD": "vhd", "QCOW": "qcow",
}  # fmt: skip
"""Formats that a copy keeps, with the ending of its name; all others become VDI."""

_SHARED_TYPES: Final = (MediumType.SHAREABLE, MediumType.READONLY)
"""Hard disks that are made to be in several machines: the clone gets the same ones."""

_OWN_IMAGE_TYPES: Final = (MediumType.IMMUTABLE, MediumType.MULTI_ATTACH)


class DiskCopy(msgspec.Struct, frozen=True):
    """One image to be made.

    Attributes:
        chain: Images that are read, the base first.
        formats: Their formats.
        target: The new image.
        variant: Its allocation.
        disk: Its record, whose UUID is right when it has been made.
        size: Bytes that there are to read.
        onto: Images that the new one builds on, the base first, as format and path.
        linked: It is empty, and builds on ``chain``.
    """

    chain: list[Path]
    formats: list[str]
    target: Path
    variant: MediumVariant
    disk: HardDisk
    size: int
    onto: list[tuple[str, Path]] = []
    linked: bool = False


class DiskPlan:
    """The images of a clone.

    Args:
        library: The media that are known.
        target: Settings file of the clone.
        snapshot_folder: Its folder of snapshots, relative to its own folder.
        mode: Which states the clone gets.
        options: See ``machine.clone``.
        floors: UUIDs of images that become bases of the clone, with what is below them.

    Attributes:
        media: Media registry of the clone.
        copies: Images to be made, parents before their children.
    """

    def __init__(
        self,
        library: MediaLibrary,
        target: Path,
        snapshot_folder: str,
        mode: CloneMode,
        options: Iterable[CloneOption],
        floors: Iterable[str],
    ) -> None:
        self._library = library
        self._target = target
        self._snapshot_folder = snapshot_folder
        self._layers = mode is not CloneMode.MACHINE_STATE
        self._options = frozenset(options)
        self._floors = frozenset(floors)
        self._ids: dict[str, str] = {}
        self._made: dict[str, DiskCopy] = {}
        self.media = MediaRegistry()
        self.copies: list[DiskCopy] = []

    def move_in(self, hardware: HardwareSettings) -> None:
        """Give each drive of a stage of the clone what it gets for the medium of the source."""
        for controller in hardware.storage_controllers:
            for drive in controller.attachments:
                drive.medium = self._new_id(drive.medium) if drive.medium else ""

    def add_difference(self, hardware: HardwareSettings) -> None:
        """Give each hard disk that was copied an empty image upon the copy."""
        for controller in hardware.storage_controllers:
            for drive in controller.attachments:
                made = self._made.get(drive.medium)
                if made is not None and made.disk.type != MediumType.WRITETHROUGH:
                    below = [*made.onto, (made.disk.format, made.target)]
                    drive.medium = self._add_empty(made.disk.uuid, below).disk.uuid

    def _new_id(self, medium_id: str) -> str:
        if medium_id not in self._ids:
            self._ids[medium_id] = self._plan(medium_id)
        return self._ids[medium_id]

    def _plan(self, medium_id: str) -> str:
        """Plan what the clone gets for one medium of the source; returns its UUID."""
        chain = self._library.chain(self._library.require(medium_id))
        medium = chain[-1]
        if medium.device_type is not DeviceType.HARD_DISK or type_of(chain[0]) in _SHARED_TYPES:
            self._register(chain)
            return medium_id
        require_files(chain)
        if CloneOption.LINK in self._options and type_of(chain[0]) != MediumType.WRITETHROUGH:
            self._register(chain)
            below = [(each.format, each.path) for each in chain]
            return self._add_empty(medium_id, below).disk.uuid
        if not self._layers or medium_id in self._floors or len(chain) == 1:
            return self._add(self._whole_copy(chain)).disk.uuid
        return self._add(self._layer_copy(chain)).disk.uuid

    def _whole_copy(self, chain: list[KnownMedium]) -> DiskCopy:
        image_format = chain[0].format.upper()
        if image_format not in _COPIED_FORMATS:
            image_format = "VDI"
        target = self._free_target(chain[-1].path.stem, _COPIED_FORMATS[image_format])
        record = chain[-1].record
        base_type = type_of(chain[0])
        if base_type in _OWN_IMAGE_TYPES and not self._layers:
            base_type = MediumType.NORMAL
        disk = HardDisk(
            uuid=str(uuid.uuid4()),
            location=self._location(target),
            format=image_format,
            type=base_type,
            description=record.description,
            properties=dict(record.properties) if isinstance(record, HardDisk) else {},
        )
        fixed = self._library.describe(chain[:1])[0].variant is MediumVariant.FIXED
        variant = MediumVariant.FIXED if fixed else MediumVariant.STANDARD
        return self._copy_of(chain, target, variant, disk)

    def _layer_copy(self, chain: list[KnownMedium]) -> DiskCopy:
        below = self._made[self._new_id(chain[-2].id)]
        target, disk = self._new_difference(below.disk.uuid)
        record = chain[-1].record
        disk.description = record.description
        disk.auto_reset = isinstance(record, HardDisk) and record.auto_reset
        copy = self._copy_of(chain, target, MediumVariant.DIFF, disk)
        onto = [*below.onto, (below.disk.format, below.target)]
        return msgspec.structs.replace(copy, onto=onto, size=max(1, _size(chain[-1:])))

    def _copy_of(
        self, chain: list[KnownMedium], target: Path, variant: MediumVariant, disk: HardDisk
    ) -> DiskCopy:
        return DiskCopy(
            [medium.path for medium in chain],
            [medium.format for medium in chain],
            target,
            variant,
            disk,
            max(1, _size(chain)),
        )

    def _add_empty(self, parent_id: str, below: list[tuple[str, Path]]) -> DiskCopy:
        target, disk = self._new_difference(parent_id)
        return self._add(
            DiskCopy(
                [path for _, path in below],
                [image_format for image_format, _ in below],
                target,
                MediumVariant.DIFF,
                disk,
                1,
                linked=True,
            )
        )

    def _new_difference(self, parent_id: str) -> tuple[Path, HardDisk]:
        identity = str(uuid.uuid4())
        target = self._target.parent / self._snapshot_folder / f"{{{identity}}}.vdi"
        return target, HardDisk(
            uuid=identity, location=self._location(target), format="VDI", parent=parent_id
        )

    def _add(self, copy: DiskCopy) -> DiskCopy:
        self.copies.append(copy)
        self.media.hard_disks.append(copy.disk)
        self._made[copy.disk.uuid] = copy
        return copy

    def _location(self, target: Path) -> str:
        return relative_location(str(self._target.parent), str(target))

    def _register(self, chain: list[KnownMedium]) -> None:
        """Enter media that the clone shares with its source."""
        for medium in chain:
            if self.media.find(medium.id) is not None:
                continue
            record = msgspec.structs.replace(medium.record, location=str(medium.path))
            if isinstance(record, HardDisk):
                self.media.hard_disks.append(record)
            elif medium.device_type is DeviceType.DVD:
                self.media.dvd_images.append(record)
            else:
                self.media.floppy_images.append(record)

    def _free_target(self, stem: str, ending: str) -> Path:
        """A file of the clone that no other image gets."""
        folder = self._target.parent
        number = sum(not copy.disk.parent for copy in self.copies) + 1
        if CloneOption.KEEP_DISK_NAMES not in self._options:
            return folder / f"{self._target.stem}-disk{number}.{ending}"
        taken = {made.target.name.casefold() for made in self.copies}
        name = f"{stem}.{ending}"
        return folder / (f"{stem}-{number}.{ending}" if name.casefold() in taken else name)


def type_of(medium: KnownMedium) -> str:
    """How a medium behaves with snapshots."""
    return medium.record.type if isinstance(medium.record, HardDisk) else MediumType.NORMAL


def _size(chain: list[KnownMedium]) -> int:
    return sum(medium.path.stat().st_size for medium in chain if medium.path.is_file())
