"""QEMU's copy-on-write images, versions 2 and 3: with and without a file below.

New images are of version 2, which VirtualBox reads as well. Images with internal snapshots are only
read, because a snapshot shares clusters with the disk. A differencing image has no UUIDs: it names
the file that it builds on.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from engine.storage.errors import MediumFormatError, MediumParameterError, MediumReadOnly
from engine.storage.formats.qcow_header import (
    AUTOCLEAR_OFFSET,
    BACKING_FORMATS,
    CORRUPT,
    DIRTY,
    FEATURES_OFFSET,
    HEADER_BYTES,
    NEW_CLUSTER_BITS,
    QcowHeader,
    is_qcow,
)
from engine.storage.formats.qcow_maintenance import QcowMaintenance, lay_out, name_of_parent
from engine.storage.formats.qcow_store import QcowStore
from engine.storage.hostfile import HostFile
from engine.storage.mapped import StoredMedium
from engine.storage.medium import SECTOR_SIZE, DeviceType, Medium, medium_format


def create_qcow(
    file: HostFile, size: int, variant: str, progress: Callable[[int], None]
) -> None:
    """Lay out a new image in an empty file; see :class:`engine.storage.medium.MediumCreator`."""
    del variant
    _lay_out(file, size, "", "")
    progress(100)


def create_qcow_difference(file: HostFile, parent: Medium, image_id: uuid.UUID | None) -> None:
    """Lay out an image that reads as its parent.

    Raises:
        MediumParameterError: a UUID was wanted, which the format cannot hold.
    """
    if image_id is not None:
        raise MediumParameterError("Images of the format QCOW hold no UUID that could be set.")
    _lay_out(file, parent.size, *name_of_parent(file, parent))


def _lay_out(file: HostFile, size: int, backing_name: str, backing_format: str) -> None:
    header = QcowHeader(
        version=2,
        cluster_bits=NEW_CLUSTER_BITS,
        disk_size=size,
        l1_entries=0,
        l1_offset=0,
        refcount_offset=0,
        refcount_clusters=0,
        backing_name=backing_name,
        backing_format=backing_format,
    )
    lay_out(file, header)


@medium_format(
    "QCOW",
    extensions=(".qcow", ".qcow2"),
    device_types=(DeviceType.HARD_DISK,),
    recognise=is_qcow,
    create=create_qcow,
    variants=("Standard",),
    create_difference=create_qcow_difference,
    maintenance=QcowMaintenance(),
    aliases=("QCOW2",),
)
class QcowMedium(StoredMedium):
    """An open QCOW image."""

    _store: QcowStore

    def __init__(self, file: HostFile, device_type: DeviceType, parent: Medium | None) -> None:
        super().__init__(file, device_type, parent)
        header = QcowHeader.parse(file.read(0, HEADER_BYTES), file.path)
        self._header = header
        self.uuid = uuid.uuid5(uuid.NAMESPACE_URL, file.path.as_uri())
        self.variant = "Standard"
        self.size = -(-header.disk_size // SECTOR_SIZE) * SECTOR_SIZE
        if file.writable and header.snapshots:
            raise MediumReadOnly(
                f"The QCOW image '{file.path}' holds {header.snapshots} internal snapshots, which "
                f"writing would damage; it can only be read.",
            )
        if file.writable and header.features & CORRUPT:
            raise MediumReadOnly(
                f"The QCOW image '{file.path}' is marked as damaged by QEMU; it can only be read, "
                f"until 'qemu-img check -r all' has repaired it.",
            )
        try:
            self._open_store()
        except BaseException:
            self._abandon()
            raise

    def _open_store(self) -> None:
        header = self._header
        if header.backing_name:
            self.variant = "Diff"
            self.parent_uuid = self._use_parent([header.backing_name], self._backing_format()).uuid
        else:
            self._refuse_parent()
        self._store = QcowStore(self._file, header, self.size, self._below())
        if self._file.writable:
            self._store.begin_writing()
            if header.features & DIRTY:
                self._file.sync()
                features = header.features & ~DIRTY
                self._file.write(FEATURES_OFFSET, features.to_bytes(8, "big"))
                self._file.sync()

    def _backing_format(self) -> str | None:
        stored = self._header.backing_format
        if not stored:
            return None
        if stored not in BACKING_FORMATS:
            raise MediumFormatError(
                f"The QCOW image '{self.path}' builds on an image of the unknown format "
                f"'{stored}'.",
            )
        return BACKING_FORMATS[stored]

    def _mark_modified(self) -> None:
        if self._header.autoclear:
            self._file.write(AUTOCLEAR_OFFSET, bytes(8))
