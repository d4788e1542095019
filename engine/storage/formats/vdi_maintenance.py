"""Growing, compacting, renaming and reparenting VDI images that nobody uses.

Growing changes the image where it stands as long as the longer block map fits in front of the
data: what becomes part of the disk is stored first, and the header last, in one sector. Otherwise,
and to drop blocks, the image is written anew beside the old one and takes its place.
"""

from __future__ import annotations

import uuid
from array import array
from collections.abc import Callable
from typing import Final

from engine.storage.errors import MediumParameterError
from engine.storage.formats.vdi_header import (
    BLOCK_FREE,
    BLOCK_ZERO,
    HEADER_BYTES,
    MAP_ENTRY_SIZE,
    NULL_UUID,
    ImageType,
    VdiHeader,
)
from engine.storage.formats.vdi_map import ENTRY_TYPECODE, BlockMap, pack_map
from engine.storage.hostfile import HostFile
from engine.storage.medium import SECTOR_SIZE, Medium

RESERVE_STEP: Final = 16 << 20
"""How much of a fixed image is allocated between two reports of progress."""

_FREE_TEXT: Final = slice(80, 340)
"""Flags and comment of a header: kept as they are."""

ReportProgress = Callable[[int], None]


class VdiMaintenance:
    """See :class:`engine.storage.medium.MediumMaintenance`."""

    def grow(self, file: HostFile, size: int, progress: ReportProgress) -> bool:
        """Make the disk larger where the image stands, if its longer block map fits."""
        header, blocks = _layout(file)
        _refuse_shrinking(file, header, size)
        count = blocks.end if header.image_type is ImageType.FIXED else header.allocated_count
        changed, _, _ = header.with_size(size, count)
        if changed.map_end > header.data_offset:
            return False
        added = changed.block_count - header.block_count
        entries = array(ENTRY_TYPECODE, [_unstored(header)]) * added
        _clear_behind_disk(file, header, blocks)
        if header.image_type is ImageType.FIXED:
            count += added
            entries = array(ENTRY_TYPECODE, range(blocks.end, count))
            _reserve_blocks(file, header, blocks.end, added, progress)
        file.write(header.map_end, pack_map(entries))
        file.sync()
        _, offset, stored = header.with_size(size, count)
        file.write(offset, stored)
        file.sync()
        progress(100)
        return True

    def rewrite(
        self, file: HostFile, target: HostFile, size: int | None, progress: ReportProgress
    ) -> None:
        """Write the image anew, with a map for ``size`` bytes and without blocks of zeros."""
        header, blocks = _layout(file)
        if size is None:
            size = -(-header.disk_size // SECTOR_SIZE) * SECTOR_SIZE
        _refuse_shrinking(file, header, size)
        changed = header.laid_out_anew(size)
        target.truncate(changed.data_offset)
        entries = array(ENTRY_TYPECODE, [_unstored(header)]) * changed.block_count
        fixed = header.image_type is ImageType.FIXED
        if fixed:
            entries = array(ENTRY_TYPECODE, range(changed.block_count))
            _reserve_blocks(target, changed, 0, changed.block_count, lambda p: progress(p // 2))
        end = 0
        for block, entry in enumerate(blocks.entries):
            if entry < BLOCK_ZERO:
                data = _block_data(file, header, block, entry)
                if data.count(0) != len(data):
                    index = block if fixed else end
                    target.write(changed.data_offset + index * changed.block_stride, data)
                    entries[block] = index
                    end += 1
            elif entry == BLOCK_FREE and not fixed:
                entries[block] = entry
            done = 100 * block // header.block_count
            progress(50 + done // 2 if fixed else done)
        _, _, sizes = changed.with_size(size, changed.block_count if fixed else end)
        target.write(changed.map_offset, pack_map(entries))
        packed = bytearray(changed.pack())
        packed[_FREE_TEXT] = file.read(0, HEADER_BYTES)[_FREE_TEXT]
        target.write(0, packed)
        target.write(changed.with_size(size, 0)[1], sizes)
        progress(100)

    def shrinks(self, file: HostFile) -> bool:
        """Tell whether the image is not a fixed one."""
        return _layout(file)[0].image_type is not ImageType.FIXED

    def set_ids(
        self, file: HostFile, image_id: uuid.UUID | None, parent_id: uuid.UUID | None
    ) -> None:
        """Store other UUIDs in the header."""
        header, _ = _layout(file)
        if parent_id is not None and header.image_type is not ImageType.DIFFERENCING:
            raise MediumParameterError(
                f"The VDI image '{file.path}' is complete and has no parent whose UUID could be "
                f"changed.",
            )
        for identity in (image_id, parent_id):
            if identity is not None and not identity.int:
                raise MediumParameterError("The null UUID cannot be that of an image.")
        _, offset, stored = header.with_ids(
            image_id or header.image_uuid, parent_id or header.parent_uuid
        )
        file.write(offset, stored)
        file.sync()

    def set_parent(self, file: HostFile, parent: Medium | None) -> None:
        """Store another parent's identity, in one write of the header's sector."""
        header, _ = _layout(file)
        if header.image_type is ImageType.FIXED:
            if parent is not None:
                raise MediumParameterError(
                    f"The VDI image '{file.path}' is of fixed size and can have no parent.",
                )
            return
        parent_id, modification_id = parent_identity(parent)
        _, changes = header.with_parent(parent_id, modification_id)
        sector = bytearray(file.read(0, SECTOR_SIZE))
        for offset, stored in changes:
            sector[offset : offset + len(stored)] = stored
        file.sync()
        file.write(0, sector)
        file.sync()


def parent_identity(parent: Medium | None) -> tuple[uuid.UUID, uuid.UUID]:
    """Return UUID and modification UUID to store of a parent, null where there is none."""
    if parent is None:
        return NULL_UUID, NULL_UUID
    return parent.uuid, parent.modification_uuid or NULL_UUID


def _layout(file: HostFile) -> tuple[VdiHeader, BlockMap]:
    header = VdiHeader.parse(file.read(0, HEADER_BYTES), file.size, file.path)
    stored = file.read(header.map_offset, MAP_ENTRY_SIZE * header.block_count)
    return header, BlockMap.parse(stored, header, file.size, file.path)


def _unstored(header: VdiHeader) -> int:
    """Entry of a new block: a larger parent must not show through behind the old end."""
    return BLOCK_ZERO if header.image_type is ImageType.DIFFERENCING else BLOCK_FREE


def _refuse_shrinking(file: HostFile, header: VdiHeader, size: int) -> None:
    if size < header.disk_size:
        raise MediumParameterError(
            f"The image '{file.path}' has {header.disk_size} bytes and cannot be made smaller "
            f"({size} bytes).",
        )


def _clear_behind_disk(file: HostFile, header: VdiHeader, blocks: BlockMap) -> None:
    """Fill the rest of a last block that the disk did not use all of with zeros."""
    last = header.block_count - 1
    within = header.disk_size - last * header.block_size
    if blocks.is_stored(last) and within < header.block_size:
        start = header.data_offset + blocks.entries[last] * header.block_stride
        file.write(start + header.block_extra + within, bytes(header.block_size - within))


def _reserve_blocks(
    file: HostFile, header: VdiHeader, first: int, count: int, progress: ReportProgress
) -> None:
    """Take the room for ``count`` blocks behind the last; gives it back when that fails."""
    start = header.data_offset + first * header.block_stride
    end = start + count * header.block_stride
    if file.size > start:
        file.truncate(start)
    try:
        for offset in range(start, end, RESERVE_STEP):
            file.reserve(offset, min(RESERVE_STEP, end - offset))
            progress(100 * (offset - start) // (end - start))
    except BaseException:
        file.truncate(start)
        raise


def _block_data(file: HostFile, header: VdiHeader, block: int, index: int) -> bytes:
    """Contents of a stored block, with zeros behind the end of the disk."""
    start = header.data_offset + index * header.block_stride + header.block_extra
    length = min(header.block_size, header.disk_size - block * header.block_size)
    if not file.has_data(start, length):
        return bytes(header.block_size)
    return file.read(start, length).ljust(header.block_size, b"\0")
