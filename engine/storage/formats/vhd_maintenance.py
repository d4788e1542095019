"""Laying out sparse VHD images; growing, compacting, renaming and reparenting them."""

from __future__ import annotations

import os
import uuid
from array import array
from collections.abc import Callable
from dataclasses import replace
from typing import Final
from urllib.parse import unquote, urlparse

from engine.storage.blockstore import READS_BELOW
from engine.storage.errors import MediumFormatError, MediumParameterError
from engine.storage.formats.vhd_header import (
    DIFFERENCING,
    DYNAMIC,
    FIXED,
    FOOTER_COOKIE,
    FOOTER_SIZE,
    HEADER_SIZE,
    NEW_BLOCK_SIZE,
    UNUSED,
    Locator,
    VhdFooter,
    VhdHeader,
)
from engine.storage.formats.vhd_store import VhdDifference, VhdStore
from engine.storage.hostfile import HostFile
from engine.storage.medium import SECTOR_SIZE, Medium
from engine.storage.tables import pack_table

LOCATOR_ROOM: Final = 8 * SECTOR_SIZE
"""Bytes that each name of a parent has in an image that we lay out."""

ReportProgress = Callable[[int], None]


def read_footer(file: HostFile) -> VhdFooter:
    """Return the footer: of a sparse image the copy at its start, which is never moved.

    Raises:
        MediumFormatError: there is none that can be used.
    """
    head = file.read(0, FOOTER_SIZE)
    if head.startswith(FOOTER_COOKIE):
        return VhdFooter.parse(head, file.path)
    footer = VhdFooter.parse(
        file.read(max(0, file.size - FOOTER_SIZE), FOOTER_SIZE), file.path
    )
    if footer.disk_type != FIXED:
        raise MediumFormatError(
            f"The VHD image '{file.path}' is damaged: the copy of its footer at the start of the "
            f"file is missing.",
        )
    return footer


def names_of_parent(file: HostFile, header: VhdHeader) -> list[str]:
    """Return the paths at which the parent may be, the most probable first."""
    found: dict[bytes, str] = {}
    for locator in header.locators:
        stored = file.read(locator.offset, locator.length)
        if locator.platform in {b"W2ru", b"W2ku"}:
            name = stored.decode("utf-16-le", "replace").rstrip("\0")
            found[locator.platform] = name.replace("\\", "/")
        elif locator.platform == b"MacX":
            found[b"MacX"] = unquote(urlparse(stored.decode("utf-8", "replace")).path)
    names = [found.get(b"W2ru", ""), found.get(b"MacX", ""), found.get(b"W2ku", "")]
    names.append(header.parent_name.replace("\\", "/"))
    return [name for name in names if name and "\0" not in name]


def lay_out_sparse(
    file: HostFile,
    footer: VhdFooter,
    parent: Medium | None,
    block_size: int = NEW_BLOCK_SIZE,
) -> VhdHeader:
    """Write an empty dynamic or differencing image into an empty file."""
    blocks = -(-footer.disk_size // block_size)
    header = VhdHeader(
        table_offset=FOOTER_SIZE + HEADER_SIZE + 2 * LOCATOR_ROOM,
        blocks=blocks,
        block_size=block_size,
    )
    table = array("I", [UNUSED]) * blocks
    end = -(-header.table_end // SECTOR_SIZE) * SECTOR_SIZE
    file.write(header.table_offset, pack_table(table, "big"))
    file.write(header.table_end, b"\xff" * (end - header.table_end))
    if parent is not None:
        header, names = with_parent(file, header, parent)
        for offset, name in names:
            file.write(offset, name)
    file.write(FOOTER_SIZE, header.pack())
    file.write(end, footer.pack())
    file.write(0, footer.pack())
    return header


def with_parent(
    file: HostFile, header: VhdHeader, parent: Medium | None
) -> tuple[VhdHeader, list[tuple[int, bytes]]]:
    """Return a header that names a parent, and what else to store at which offsets.

    Raises:
        MediumParameterError: the parent's name does not fit, or has no room in this image.
    """
    if parent is None:
        return replace(
            header, parent_uuid=uuid.UUID(int=0), parent_name="", parent_timestamp=0, locators=()
        ), []
    path = os.path.abspath(parent.path)
    near = os.path.relpath(path, file.final_path.parent)
    names = (
        (b"W2ru", f".\\{near}".replace("/", "\\").encode("utf-16-le")),
        (b"W2ku", path.encode("utf-16-le")),
    )
    first = FOOTER_SIZE + HEADER_SIZE
    if header.table_offset < first + 2 * LOCATOR_ROOM:
        raise MediumParameterError(
            f"The VHD image '{file.path}' has no room for the name of a parent.",
        )
    locators = []
    stored = []
    for number, (platform, name) in enumerate(names):
        if len(name) > LOCATOR_ROOM:
            raise MediumParameterError(f"The path '{path}' is too long for a VHD image.")
        offset = first + number * LOCATOR_ROOM
        locators.append(Locator(platform, offset, len(name)))
        stored.append((offset, name))
    changed = replace(
        header,
        parent_uuid=parent.uuid,
        parent_name=os.path.basename(path),
        locators=tuple(locators),
    )
    return changed, stored


class VhdMaintenance:
    """See :class:`engine.storage.medium.MediumMaintenance`."""

    def grow(self, file: HostFile, size: int, progress: ReportProgress) -> bool:
        """Make a fixed disk larger where it stands; sparse ones are written anew."""
        footer = read_footer(file)
        if size < footer.disk_size:
            raise MediumParameterError(
                f"The image '{file.path}' has {footer.disk_size} bytes and cannot be made smaller "
                f"({size} bytes).",
            )
        VhdFooter.new(size, footer.disk_type, None)
        if footer.disk_type == DIFFERENCING and size != footer.disk_size:
            raise MediumParameterError(
                f"The VHD image '{file.path}' is a differencing image and cannot be resized.",
            )
        if size == footer.disk_size:
            return True
        if footer.disk_type != FIXED:
            return False
        old_end = footer.disk_size
        old_footer = file.read(old_end, FOOTER_SIZE)
        try:
            # At every moment the last sector of the file is a footer: the new one, or, when the
            # file is cut again, the old one.
            file.write(size, footer.change(disk_size=size).pack())
            file.sync()
            file.reserve(old_end + FOOTER_SIZE, size - old_end - FOOTER_SIZE)
            file.write(old_end, bytes(FOOTER_SIZE))
            file.sync()
        except BaseException:
            file.write(old_end, old_footer)
            file.truncate(old_end + FOOTER_SIZE)
            raise
        progress(100)
        return True

    def rewrite(
        self, file: HostFile, target: HostFile, size: int | None, progress: ReportProgress
    ) -> None:
        """Write a sparse image anew, without blocks of zeros."""
        footer, header = _parts(file)
        changed = footer.change(disk_size=size)
        differencing = footer.disk_type == DIFFERENCING
        target.final_path = file.path
        copy = lay_out_sparse(target, changed, None, header.block_size)
        kind = VhdDifference if differencing else VhdStore
        source = kind(file, header, footer.disk_size, None)
        destination = kind(target, copy, changed.disk_size, None)
        destination.begin_writing(changed.pack())
        offset = 0
        while offset < footer.disk_size:
            length = min(header.block_size, footer.disk_size - offset)
            position, length = source.run_at(offset, length)
            if position != READS_BELOW:
                destination.write(offset, source.read(offset, length))
            offset += length
            progress(100 * offset // footer.disk_size)
        destination.finish()
        if differencing:
            self._copy_parent(file, header, target, copy)
        progress(100)

    @staticmethod
    def _copy_parent(
        file: HostFile, header: VhdHeader, target: HostFile, copy: VhdHeader
    ) -> None:
        locators = []
        for number, locator in enumerate(header.locators[:2]):
            name = file.read(locator.offset, min(locator.length, LOCATOR_ROOM))
            offset = FOOTER_SIZE + HEADER_SIZE + number * LOCATOR_ROOM
            target.write(offset, name)
            locators.append(Locator(locator.platform, offset, len(name)))
        named = replace(
            copy,
            parent_uuid=header.parent_uuid,
            parent_timestamp=header.parent_timestamp,
            parent_name=header.parent_name,
            locators=tuple(locators),
        )
        target.write(FOOTER_SIZE, named.pack())

    def shrinks(self, file: HostFile) -> bool:
        """Tell whether the image is not a fixed one."""
        return read_footer(file).disk_type != FIXED

    def set_ids(
        self, file: HostFile, image_id: uuid.UUID | None, parent_id: uuid.UUID | None
    ) -> None:
        """Store other UUIDs in both footers and in the header."""
        footer = read_footer(file)
        if parent_id is not None and footer.disk_type != DIFFERENCING:
            raise MediumParameterError(
                f"The VHD image '{file.path}' is complete and has no parent whose UUID could be "
                f"changed.",
            )
        for identity in (image_id, parent_id):
            if identity is not None and not identity.int:
                raise MediumParameterError("The null UUID cannot be that of an image.")
        if parent_id is not None:
            _, header = _parts(file)
            file.write(footer.header_offset, replace(header, parent_uuid=parent_id).pack())
        if image_id is not None:
            _store_footer(file, footer.change(image_uuid=image_id))
        file.sync()

    def set_parent(self, file: HostFile, parent: Medium | None) -> None:
        """Store another parent's names and UUID; the header comes last."""
        footer = read_footer(file)
        if footer.disk_type == FIXED:
            if parent is not None:
                raise MediumParameterError(
                    f"The VHD image '{file.path}' is of fixed size and can have no parent.",
                )
            return
        footer, header = _parts(file)
        changed, names = with_parent(file, header, parent)
        file.sync()
        for offset, name in names:
            file.write(offset, name)
        file.write(footer.header_offset, changed.pack())
        kind = DIFFERENCING if parent is not None else DYNAMIC
        if kind != footer.disk_type:
            _store_footer(file, footer.change(disk_type=kind))
        file.sync()


def _parts(file: HostFile) -> tuple[VhdFooter, VhdHeader]:
    footer = read_footer(file)
    data = file.read(footer.header_offset, HEADER_SIZE)
    return footer, VhdHeader.parse(data, footer.disk_size, file.path)


def _store_footer(file: HostFile, footer: VhdFooter) -> None:
    packed = footer.pack()
    if footer.disk_type != FIXED:
        file.write(0, packed)
    end = max(0, file.size - FOOTER_SIZE)
    if file.read(end, len(FOOTER_COOKIE)) == FOOTER_COOKIE:
        file.write(end, packed)
