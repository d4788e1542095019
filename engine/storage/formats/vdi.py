"""VirtualBox Disk Images, version 1.1: dynamic, fixed, and differencing on a given parent.

What keeps an image consistent when this process is killed at any moment: a new block is written
first, then the header's count of blocks, then the block's entry in the map. A kill in between
leaves a block that nothing refers to and a count that is too high, never one that is too low:
VirtualBox and QEMU place their next block by that count. Opening for writing puts it right.

What keeps it consistent when the host crashes: the file is made longer in steps, each flushed
before the map refers to anything in it, so that no entry can point past the end of the file, and
an entry without its data reads as zeros. A block that did read as something else before is flushed
before its entry.

Blocks stay without gaps (other programs count on it), so discarding gives the room of a block back
to the host as a hole in the file and leaves the map alone.
"""

from __future__ import annotations

import uuid
from array import array
from collections.abc import Callable
from typing import Final

from engine.storage.errors import MediumError, MediumFormatError, MediumFull, MediumParameterError
from engine.storage.formats.vdi_header import (
    BLOCK_ZERO,
    DEFAULT_BLOCK_SIZE,
    HEADER_BYTES,
    MAP_ENTRY_SIZE,
    ImageType,
    VdiHeader,
    is_vdi,
)
from engine.storage.formats.vdi_maintenance import VdiMaintenance, parent_identity
from engine.storage.formats.vdi_map import ENTRY_TYPECODE, BlockMap, empty_map, pack_map
from engine.storage.hostfile import HostFile
from engine.storage.medium import SECTOR_SIZE, Allocation, DeviceType, Medium, medium_format
from engine.storage.vectors import fill, split, total

GROWTH_STEP: Final = 32 * DEFAULT_BLOCK_SIZE
"""How much longer the file becomes at a time; the rest is cut off when it is closed."""

RESERVE_STEP: Final = 16 * DEFAULT_BLOCK_SIZE
"""How much of a fixed image is allocated between two reports of progress."""

IMAGE_TYPES: Final = {"Standard": ImageType.DYNAMIC, "Fixed": ImageType.FIXED}
VARIANTS: Final = {
    ImageType.DYNAMIC: "Standard",
    ImageType.FIXED: "Fixed",
    ImageType.DIFFERENCING: "Diff",
}


def create_vdi(
    file: HostFile,
    size: int,
    variant: str,
    progress: Callable[[int], None],
) -> None:
    """Lay out a new image in an empty file; see :class:`engine.storage.medium.MediumCreator`."""
    if variant not in IMAGE_TYPES:
        raise MediumParameterError(
            f"A new VDI image is of variant {' or '.join(IMAGE_TYPES)}, not '{variant}'.",
        )
    header = VdiHeader.for_new_image(size, IMAGE_TYPES[variant])
    entries = empty_map(header.block_count)
    file.truncate(header.data_offset)
    if header.image_type is ImageType.FIXED:
        entries = array(ENTRY_TYPECODE, range(header.block_count))
        end = header.data_offset + header.block_count * header.block_stride
        for offset in range(header.data_offset, end, RESERVE_STEP):
            file.reserve(offset, min(RESERVE_STEP, end - offset))
            progress(100 * (offset - header.data_offset) // (end - header.data_offset))
    file.write(header.map_offset, pack_map(entries))
    file.write(0, header.pack())
    progress(100)


def create_vdi_difference(file: HostFile, parent: Medium, image_id: uuid.UUID | None) -> None:
    """Lay out an image that reads as its parent; see ``medium.DifferenceCreator``."""
    header = VdiHeader.for_difference(parent.size, *parent_identity(parent), image_id)
    file.truncate(header.data_offset)
    file.write(header.map_offset, pack_map(empty_map(header.block_count)))
    file.write(0, header.pack())


def _is_zero(data: bytes | memoryview) -> bool:
    return not data[0] and not data[-1] and bytes(data) == bytes(len(data))


@medium_format(
    "VDI",
    extensions=(".vdi",),
    device_types=(DeviceType.HARD_DISK,),
    recognise=is_vdi,
    create=create_vdi,
    variants=tuple(IMAGE_TYPES),
    create_difference=create_vdi_difference,
    maintenance=VdiMaintenance(),
)
class VdiMedium(Medium):
    """An open VDI image."""

    stores_uuid = True

    def __init__(self, file: HostFile, device_type: DeviceType, parent: Medium | None) -> None:
        super().__init__(file, device_type, parent)
        header = VdiHeader.parse(file.read(0, HEADER_BYTES), file.size, file.path)
        self._header = header
        self._check_parent()
        stored_map = file.read(header.map_offset, MAP_ENTRY_SIZE * header.block_count)
        # A writer in another process may have grown the file before it changed the map.
        file.refresh_size()
        self._map = BlockMap.parse(stored_map, header, file.size, file.path)
        self._entries = self._map.entries
        self._block_size = header.block_size
        self._first_block = header.data_offset + header.block_extra
        self._block_stride = header.block_stride
        self._modified = False
        self._stale_end = file.size
        """Up to here, bytes behind the last block may be left over from a write that failed."""
        self._durable_end = 0
        """Up to here, the length of the file is known to survive a crash of the host."""
        self._holes_durable = not self._map.holes
        self.variant = VARIANTS[header.image_type]
        self.uuid = header.image_uuid
        if header.image_type is ImageType.DIFFERENCING:
            self.parent_uuid = header.parent_uuid
        self.modification_uuid = header.modification_uuid
        self.size = -(-header.disk_size // SECTOR_SIZE) * SECTOR_SIZE
        if file.writable:
            self._store_count(self._map.end)

    def _check_parent(self) -> None:
        header = self._header
        path = self.path
        if header.image_type is ImageType.UNDO:
            raise MediumFormatError(f"The VDI image '{path}' is an undo image, which nobody uses.")
        if header.image_type is not ImageType.DIFFERENCING:
            if self._parent is not None:
                raise MediumFormatError(
                    f"The VDI image '{path}' is complete and not a difference to "
                    f"'{self._parent.path}'.",
                )
            return
        if self._parent is None:
            raise MediumFormatError(
                f"The VDI image '{path}' holds only the differences to another image, with UUID "
                f"{header.parent_uuid}, and cannot be used without it.",
            )
        if not self._parent.stores_uuid:
            return  # What follows from a path proves nothing.
        if self._parent.uuid != header.parent_uuid:
            raise MediumFormatError(
                f"UUID {self._parent.uuid} of the parent image '{self._parent.path}' does not "
                f"match UUID {header.parent_uuid} stored in '{path}'.",
            )
        modification_uuid = self._parent.modification_uuid
        if modification_uuid is not None and modification_uuid != header.parent_modification_uuid:
            raise MediumFormatError(
                f"The parent image '{self._parent.path}' was changed after the differencing image "
                f"'{path}' was made: its modification UUID {modification_uuid} does "
                f"not match {header.parent_modification_uuid}.",
            )

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the disk; blocks that are not stored read as the parent or as zeros."""
        self._check_range(offset, length)
        block, within = divmod(offset, self._block_size)
        if within + length <= self._block_size:
            return self._read_block(block, within, length)
        parts = []
        while length:
            part = min(length, self._block_size - within)
            parts.append(self._read_block(block, within, part))
            length -= part
            block += 1
            within = 0
        return b"".join(parts)

    def _read_block(self, block: int, within: int, length: int) -> bytes:
        if not length:
            return b""
        index = self._entries[block]
        if index < BLOCK_ZERO:
            data = self._file.read(self._first_block + index * self._block_stride + within, length)
            return data.ljust(length, b"\0")
        if self._parent is not None and self._map.reads_parent(block):
            offset = block * self._block_size + within
            held = min(length, max(0, self._parent.size - offset))
            return (self._parent.read(offset, held) if held else b"").ljust(length, b"\0")
        return bytes(length)

    def read_into(self, offset: int, views: list[memoryview]) -> None:
        """As :meth:`read`, into parts of memory."""
        length = total(views)
        self._check_range(offset, length)
        block, within = divmod(offset, self._block_size)
        while length:
            count = min(length, self._block_size - within)
            part, views = split(views, count)
            index = self._entries[block]
            if index < BLOCK_ZERO:
                position = self._first_block + index * self._block_stride + within
                self._file.read_into(position, part)
            else:
                fill(part, self._read_block(block, within, count))
            length -= count
            block += 1
            within = 0

    def may_hold_data(self, offset: int, length: int) -> bool:
        """As the block maps of this image and its parents tell."""
        blocks = range(offset // self._block_size, -(-(offset + length) // self._block_size))
        if any(self._map.is_stored(block) for block in blocks):
            return True
        parent = self._parent
        if parent is None or not any(self._map.reads_parent(block) for block in blocks):
            return False
        held = min(length, max(0, parent.size - offset))
        return held > 0 and parent.may_hold_data(offset, held)

    def allocation(self, offset: int, length: int) -> tuple[Allocation, int]:
        """As the block map tells, for as many blocks as are alike."""
        self._check_range(offset, length)
        block = offset // self._block_size
        found = self._allocation_of(block)
        last = (offset + max(length, 1) - 1) // self._block_size
        while block < last and self._allocation_of(block + 1) is found:
            block += 1
        return found, min(length, (block + 1) * self._block_size - offset)

    def _allocation_of(self, block: int) -> Allocation:
        if self._map.is_stored(block):
            return Allocation.STORED
        return Allocation.PARENT if self._map.reads_parent(block) else Allocation.ZERO

    def keep_modification_uuid(self) -> None:
        """See :meth:`engine.storage.medium.Medium.keep_modification_uuid`."""
        self._modified = True

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Write bytes of the disk, storing blocks that were not stored yet."""
        view = memoryview(data).cast("B")
        self._check_writable(offset, len(view))
        if not self._modified:
            self._mark_modified()
        block, within = divmod(offset, self._block_size)
        while view:
            part = view[: self._block_size - within]
            index = self._entries[block]
            if index < BLOCK_ZERO:
                self._file.write(self._first_block + index * self._block_stride + within, part)
            else:
                self._write_new_block(block, within, part)
            view = view[len(part) :]
            block += 1
            within = 0

    def _mark_modified(self) -> None:
        self._header, offset, stored = self._header.with_modification(uuid.uuid4())
        self._file.write(offset, stored)
        self.modification_uuid = self._header.modification_uuid
        self._modified = True

    def _write_new_block(self, block: int, within: int, data: memoryview) -> None:
        from_parent = self._parent is not None and self._map.reads_parent(block)
        ordered = bool(self._map.holes) or (from_parent and self._reads_data(block))
        if _is_zero(data):
            if not from_parent:
                return
            if len(data) == self._block_size:
                self._hide(block)
                return
        if from_parent or self._map.holes:
            # Neither the parent's bytes nor zeros are in place around the data.
            before = self._read_block(block, 0, within)
            behind = within + len(data)
            after = self._read_block(block, behind, self._block_size - behind)
            data = memoryview(b"".join((before, data, after)))
            within = 0
        index = self._map.next_index()
        if self._map.holes:
            self._make_holes_durable()
        else:
            self._make_room(index)
        start = self._first_block + index * self._block_stride
        try:
            self._file.write(start + within, data)
            if ordered:
                self._file.sync()
            self._store_count(max(self._map.end, index + 1))
            self._store_entry(block, index)
        except MediumError:
            self._stale_end = max(self._stale_end, start + self._block_size)
            raise
        self._map.place(block, index)
        self._file.hasten(start + self._block_size)

    def _reads_data(self, block: int) -> bool:
        start = block * self._block_size
        return self.may_hold_data(start, min(self._block_size, self.size - start))

    def _make_holes_durable(self) -> None:
        """See to it that no older map, in which the holes are in use, can come back."""
        if not self._holes_durable:
            self._file.sync()
            self._holes_durable = True

    def _make_room(self, index: int) -> None:
        """Make the file reach to the end of a block behind all others, and zeros in it."""
        start = self._header.data_offset + index * self._block_stride
        end = start + self._block_stride
        if self._stale_end > start:
            self._file.truncate(start)
            self._stale_end = start
            self._durable_end = min(self._durable_end, start)
        if end <= self._durable_end:
            return
        most = self._header.data_offset + self._header.block_count * self._block_stride
        try:
            self._file.truncate(min(most, end + GROWTH_STEP - self._block_stride))
        except MediumFull:
            self._file.truncate(end)
        self._file.sync()
        self._durable_end = self._file.size

    def _hide(self, block: int) -> None:
        self._store_entry(block, BLOCK_ZERO)
        self._map.hide(block)

    def _store_entry(self, block: int, value: int) -> None:
        stored = value.to_bytes(MAP_ENTRY_SIZE, "little")
        self._file.write(self._header.map_offset + MAP_ENTRY_SIZE * block, stored)

    def _store_count(self, count: int) -> None:
        if count != self._header.allocated_count:
            self._header, offset, stored = self._header.with_allocated_count(count)
            self._file.write(offset, stored)

    def discard(self, offset: int, length: int) -> None:
        """Give the room back to the host where it can take it; hide the parent's whole blocks."""
        self._check_writable(offset, length)
        if not self._modified:
            self._mark_modified()
        while length:
            block, within = divmod(offset, self._block_size)
            part = min(length, self._block_size - within)
            index = self._entries[block]
            if index < BLOCK_ZERO:
                if self._header.image_type is not ImageType.FIXED:
                    start = self._first_block + index * self._block_stride
                    self._file.punch_hole(start + within, part)
            elif self._parent is not None and part == self._block_size:
                self._hide(block)
            offset += part
            length -= part

    def check(self) -> list[str]:
        """Return what opening for writing, or the next writes, would put right."""
        found = []
        allocated = self._map.allocated_count
        if self._header.allocated_count != allocated:
            found.append(
                f"The header counts {self._header.allocated_count} stored blocks, and the block "
                f"map holds {allocated}.",
            )
        if self._map.holes:
            found.append(f"{len(self._map.holes)} places between the blocks are not used.")
        end = self._header.data_offset + self._map.end * self._block_stride
        if self._file.size > end:
            found.append(f"{self._file.size - end} bytes behind the last block are not used.")
        return found

    def finish(self) -> None:
        """Cut off the room that was made in advance, and flush."""
        try:
            if self._modified and self._file.writable:
                end = self._header.data_offset + self._map.end * self._block_stride
                if self._file.size > end:
                    self._file.truncate(end)
        finally:
            self._modified = False
            super().finish()
