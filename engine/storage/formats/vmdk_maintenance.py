"""Growing VMDK images that nobody uses, and giving them other UUIDs and parents."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from engine.storage.blockstore import READS_BELOW, Source
from engine.storage.errors import MediumParameterError
from engine.storage.formats.vmdk_create import (
    check_size,
    descriptor_of,
    embedded,
    lay_out_monolithic,
    parent_values,
)
from engine.storage.formats.vmdk_descriptor import LARGEST_DESCRIPTOR, NO_PARENT, Descriptor
from engine.storage.formats.vmdk_sparse import (
    COMPRESSED,
    MAGIC,
    SparseExtent,
    SparseHeader,
    WritableSparseExtent,
)
from engine.storage.hostfile import HostFile
from engine.storage.medium import SECTOR_SIZE, Medium

ReportProgress = Callable[[int], None]


class VmdkMaintenance:
    """See :class:`engine.storage.medium.MediumMaintenance`."""

    def grow(self, file: HostFile, size: int, progress: ReportProgress) -> bool:
        """Leave it to ``rewrite``: the tables stand in front of the data, without room."""
        del progress
        header, descriptor = _parts(file)
        check_size(size)
        if header is None or header.flags & COMPRESSED:
            raise MediumParameterError(
                f"The VMDK image '{file.path}' is of the kind '{descriptor.get('createType')}' and "
                f"cannot be resized; only images of one sparse file can.",
            )
        current = header.capacity * SECTOR_SIZE
        if size < current:
            raise MediumParameterError(
                f"The image '{file.path}' has {current} bytes and cannot be made smaller "
                f"({size} bytes).",
            )
        if size == current:
            return True
        if descriptor.get("parentCID").lower() not in {NO_PARENT, ""}:
            raise MediumParameterError(
                f"The VMDK image '{file.path}' is a differencing image and cannot be resized.",
            )
        return False

    def rewrite(
        self, file: HostFile, target: HostFile, size: int | None, progress: ReportProgress
    ) -> None:
        """Write an image of one sparse file anew, without grains of zeros."""
        header, descriptor = _parts(file)
        if header is None:
            raise MediumParameterError(f"The VMDK image '{file.path}' has several files.")
        current = header.capacity * SECTOR_SIZE
        size = current if size is None else size
        target.final_path = file.path
        lay_out_monolithic(target, size, uuid.uuid4(), {})
        copy, laid_out = _parts(target)
        assert copy is not None
        below: Source | None = None
        if descriptor.get("parentCID").lower() not in {NO_PARENT, ""}:
            below = _Nothing()
        source = SparseExtent(file, header, below)
        destination = WritableSparseExtent(target, copy, below)
        for offset in range(0, current, source.block_size):
            length = min(source.block_size, current - offset)
            position, _ = source.run_at(offset, length)
            if position != READS_BELOW:
                destination.write(offset, source.read(offset, length))
            progress(100 * offset // current)
        destination.finish()
        new = descriptor.with_extents(laid_out.extents(target.path))
        target.write(copy.descriptor * SECTOR_SIZE, embedded(new, copy.descriptor_size))
        progress(100)

    def shrinks(self, file: HostFile) -> bool:
        """Tell whether the image is one sparse file."""
        header, _ = _parts(file)
        return header is not None

    def set_ids(
        self, file: HostFile, image_id: uuid.UUID | None, parent_id: uuid.UUID | None
    ) -> None:
        """Store other UUIDs in the descriptor."""
        header, descriptor = _parts(file)
        if parent_id is not None and descriptor.get("parentCID").lower() in {NO_PARENT, ""}:
            raise MediumParameterError(
                f"The VMDK image '{file.path}' is complete and has no parent whose UUID could be "
                f"changed.",
            )
        values = {}
        for name, identity in (("image", image_id), ("parent", parent_id)):
            if identity is not None:
                if not identity.int:
                    raise MediumParameterError("The null UUID cannot be that of an image.")
                values[f"ddb.uuid.{name}"] = str(identity)
        self.store(file, header, descriptor, descriptor.change(values))
        file.sync()

    def set_parent(self, file: HostFile, parent: Medium | None) -> None:
        """Store another parent's name and identity in the descriptor."""
        header, descriptor = _parts(file)
        if header is None and parent is not None:
            raise MediumParameterError(
                f"The VMDK image '{file.path}' is not one sparse file and gets no parent.",
            )
        file.sync()
        self.store(file, header, descriptor, descriptor.change(parent_values(file, parent)))
        file.sync()

    @staticmethod
    def store(
        file: HostFile, header: SparseHeader | None, old: Descriptor, new: Descriptor
    ) -> None:
        """Store a changed descriptor, of which only the bytes that differ are written."""
        start, room = 0, 0
        if header is not None:
            start, room = header.descriptor * SECTOR_SIZE, header.descriptor_size
        after = embedded(new, room) if room else new.pack()
        before = file.read(start, max(len(after), len(old.pack())))
        if not room and len(after) < len(before):
            after = after.ljust(len(before), b"\n")
        if len(before) != len(after):
            file.write(start, after)
            return
        for at in range(0, len(after), SECTOR_SIZE):
            sector = after[at : at + SECTOR_SIZE]
            if sector != before[at : at + SECTOR_SIZE]:
                file.write(start + at, sector)


class _Nothing:
    """What a differencing image builds on, when only its own grains are of interest."""

    def read(self, offset: int, length: int) -> bytes:
        """Return zeros."""
        del offset
        return bytes(length)

    def may_hold_data(self, offset: int, length: int) -> bool:
        """Tell that anything may be there."""
        del offset, length
        return True


def _parts(file: HostFile) -> tuple[SparseHeader | None, Descriptor]:
    """Return the header of a single sparse file, if it is one, and the descriptor."""
    if file.read(0, len(MAGIC)) != MAGIC:
        stored = file.read(0, min(file.size, LARGEST_DESCRIPTOR))
        return None, Descriptor.parse(stored, file.path)
    header = SparseHeader.parse(file)
    return header, Descriptor.parse(descriptor_of(file, header), file.path)
