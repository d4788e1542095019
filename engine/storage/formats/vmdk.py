"""VMware disk images: one sparse file, flat files, pieces of 2 GB, streams, differencing.

A descriptor names the files that the image is made of; a single sparse file holds its descriptor
itself. Differencing images name their parent and know its content identifier (CID), which changes
with the first write after each opening. Stream-optimized images are only read.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

from engine.storage.blockstore import BlockStore
from engine.storage.errors import MediumError, MediumFormatError, MediumReadOnly
from engine.storage.flatstore import FlatStore, JoinedStore, ZeroStore
from engine.storage.formats.vmdk_create import (
    CREATE_TYPES,
    create_vmdk,
    create_vmdk_difference,
    descriptor_of,
)
from engine.storage.formats.vmdk_descriptor import (
    DESCRIPTOR_MARK,
    EXTENT_ENDINGS,
    LARGEST_DESCRIPTOR,
    NO_PARENT,
    Descriptor,
    ExtentLine,
    new_cid,
)
from engine.storage.formats.vmdk_maintenance import VmdkMaintenance
from engine.storage.formats.vmdk_sparse import (
    COMPRESSED,
    MAGIC,
    SparseExtent,
    SparseHeader,
    WritableSparseExtent,
)
from engine.storage.formats.vmdk_stream import create_stream, export_stream
from engine.storage.hostfile import HostFile
from engine.storage.hostlock import LockMode
from engine.storage.mapped import StoredMedium
from engine.storage.medium import DeviceType, Medium, medium_format

ESX_MAGIC = b"COWD"


def create(
    file: HostFile, size: int, variant: str, progress: Callable[[int], None]
) -> None:
    """Lay out a new image in an empty file; see :class:`engine.storage.medium.MediumCreator`."""
    if variant == "Stream":
        create_stream(file, size)
        progress(100)
    else:
        create_vmdk(file, size, variant, progress)


def is_vmdk(head: bytes, tail: bytes) -> bool:
    """Tell whether a file claims to be a VMDK image or the descriptor of one."""
    del tail
    return head.startswith((MAGIC, ESX_MAGIC, DESCRIPTOR_MARK))


@medium_format(
    "VMDK",
    extensions=(".vmdk",),
    device_types=(DeviceType.HARD_DISK,),
    recognise=is_vmdk,
    create=create,
    variants=tuple(CREATE_TYPES),
    create_difference=create_vmdk_difference,
    maintenance=VmdkMaintenance(),
    exporters={"Stream": export_stream},
)
class VmdkMedium(StoredMedium):
    """An open VMDK image.

    Attributes:
        content_id: eight hexadecimal digits that a differencing image knows of its parent.
    """

    stores_uuid = True

    def __init__(self, file: HostFile, device_type: DeviceType, parent: Medium | None) -> None:
        super().__init__(file, device_type, parent)
        self._extents: list[HostFile] = []
        head = file.read(0, len(DESCRIPTOR_MARK))
        if head.startswith(ESX_MAGIC):
            raise MediumFormatError(
                f"The VMDK image '{file.path}' is of ESX's sparse kind, which cannot be opened.",
            )
        self._header = SparseHeader.parse(file) if head.startswith(MAGIC) else None
        self._descriptor = self._read_descriptor()
        descriptor = self._descriptor
        self.content_id = descriptor.get("CID").lower()
        stored = descriptor.uuid("image")
        self.stores_uuid = bool(stored.int)
        self.uuid = stored if stored.int else uuid.uuid5(uuid.NAMESPACE_URL, file.path.as_uri())
        self.modification_uuid = descriptor.uuid("modification")
        if not self.modification_uuid.int:
            self.modification_uuid = None
        kinds = {name: variant for variant, name in CREATE_TYPES.items()}
        self.variant = kinds.get(descriptor.get("createType"), "Standard")
        try:
            self._open_chain()
            pieces = self._open_pieces()
        except BaseException:
            self._abandon()
            self._close_extents()
            raise
        self._store = pieces[0] if len(pieces) == 1 else JoinedStore(file, pieces)
        self.size = self._store.size

    def _read_descriptor(self) -> Descriptor:
        if self._header is None:
            if self._file.size > LARGEST_DESCRIPTOR:
                raise MediumFormatError(
                    f"The descriptor of the VMDK image '{self.path}' has {self._file.size} bytes.",
                )
            return Descriptor.parse(self._file.read(0, self._file.size), self.path)
        if not self._header.descriptor:
            raise MediumFormatError(
                f"'{self.path}' is only a part of a VMDK image; the file that describes the image "
                f"is needed.",
            )
        return Descriptor.parse(descriptor_of(self._file, self._header), self.path)

    def _open_chain(self) -> None:
        descriptor = self._descriptor
        parent_cid = descriptor.get("parentCID").lower() or NO_PARENT
        if parent_cid == NO_PARENT:
            self._refuse_parent()
            return
        self.variant = "Diff"
        hint = descriptor.get("parentFileNameHint")
        parent = self._use_parent([hint] if hint else [])
        self._check_identity(
            parent, descriptor.uuid("parent"), descriptor.uuid("parentmodification")
        )
        self.parent_uuid = parent.uuid
        if isinstance(parent, VmdkMedium) and parent.content_id != parent_cid:
            raise MediumFormatError(
                f"The parent image '{parent.path}' was changed after the differencing image "
                f"'{self.path}' was made: its content identifier {parent.content_id} does not "
                f"match {parent_cid}.",
            )

    def _open_pieces(self) -> list[BlockStore]:
        lines = self._descriptor.extents(self.path)
        if self._header is not None:
            if len(lines) != 1:
                raise MediumFormatError(
                    f"The VMDK image '{self.path}' is one file, and describes {len(lines)}.",
                )
            return [self._sparse(self._file, self._header, 0)]
        pieces: list[BlockStore] = []
        start = 0
        for line in lines:
            pieces.append(self._open_piece(line, start))
            start += line.size
        return pieces

    def _open_piece(self, line: ExtentLine, start: int) -> BlockStore:
        if not 0 < line.size < 1 << 59:
            raise MediumFormatError(
                f"The VMDK image '{self.path}' has an extent of {line.size} bytes.",
            )
        if line.kind == "ZERO":
            return ZeroStore(self._file, line.size, line.size)
        if line.kind not in {"FLAT", "SPARSE"}:
            raise MediumFormatError(
                f"The VMDK image '{self.path}' has an extent of the kind {line.kind}, which cannot "
                f"be opened.",
            )
        file = self._open_extent(line)
        if line.kind == "SPARSE":
            header = SparseHeader.parse(file)
            piece: BlockStore = self._sparse(file, header, start)
        else:
            if line.offset + line.size > file.size:
                raise MediumFormatError(
                    f"The file '{file.path}' of the VMDK image '{self.path}' has {file.size} "
                    f"bytes, and {line.offset + line.size} are needed.",
                )
            piece = FlatStore(file, line.size, line.offset)
        if piece.size != line.size:
            raise MediumFormatError(
                f"The file '{file.path}' holds {piece.size} bytes of the disk, and the VMDK image "
                f"'{self.path}' describes {line.size}.",
            )
        return piece

    def _open_extent(self, line: ExtentLine) -> HostFile:
        if not line.name.casefold().endswith(EXTENT_ENDINGS):
            raise MediumFormatError(
                f"The VMDK image '{self.path}' has an extent '{line.name}', which is not named "
                f"like a part of a disk ({', '.join(EXTENT_ENDINGS)}); rename it if it is one.",
            )
        path = self.path.parent / line.name
        if any(each.path == path for each in (self._file, *self._extents)):
            raise MediumFormatError(f"The VMDK image '{self.path}' names '{path}' twice.")
        writable = self._file.writable and line.writable
        file = HostFile.open(path, writable=writable, lock=self._file.lock)
        self._extents.append(file)
        return file

    def _sparse(self, file: HostFile, header: SparseHeader, start: int) -> BlockStore:
        below = self._below(start)
        if not file.writable:
            return SparseExtent(file, header, below)
        if header.flags & COMPRESSED:
            raise MediumReadOnly(
                f"The VMDK image '{file.path}' is stream-optimized and can only be read.",
            )
        return WritableSparseExtent(file, header, below)

    def _mark_modified(self) -> None:
        """Give the contents other identifiers: in place, as long as they have their length."""
        modification = uuid.uuid4()
        values = {"CID": new_cid()}
        if self.modification_uuid is not None:
            values["ddb.uuid.modification"] = str(modification)
        # A merge may have given the image another parent since it was opened.
        stored = self._read_descriptor()
        changed = stored.change(values)
        VmdkMaintenance.store(self._file, self._header, stored, changed)
        self._descriptor = changed
        self.content_id = values["CID"]
        if self.modification_uuid is not None:
            self.modification_uuid = modification

    def take_lock(self, mode: LockMode) -> bool:
        """Change the locks of all files; those of the extents follow that of the descriptor."""
        return super().take_lock(mode) and all(file.take_lock(mode) for file in self._extents)

    def bypass_cache(self) -> bool:
        """See :meth:`engine.storage.medium.Medium.bypass_cache`."""
        return all(file.bypass_cache() for file in (self._file, *self._extents))

    def other_files(self) -> list[Path]:
        """Return the files of the extents."""
        return [file.path for file in self._extents]

    def _allocated_bytes(self) -> int:
        return sum(file.allocated_bytes() for file in (self._file, *self._extents))

    def release(self) -> None:
        """Finish, and close the files of the extents and the parent."""
        try:
            super().release()
        finally:
            self._close_extents()

    def _close_extents(self) -> None:
        errors = []
        for file in self._extents:
            try:
                file.close()
            except MediumError as error:
                errors.append(error)
        self._extents = []
        if errors:
            raise errors[0]
