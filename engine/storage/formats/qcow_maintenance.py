"""Growing, compacting and reparenting QCOW images that nobody uses."""

from __future__ import annotations

import dataclasses
import os
import struct
import uuid
from array import array
from collections.abc import Callable

from engine.storage.blockstore import READS_BELOW
from engine.storage.errors import MediumParameterError
from engine.storage.formats.qcow_header import (
    BACKING_FORMATS,
    ENTRY_SIZE,
    HEADER_BYTES,
    REFCOUNT_ORDER,
    SIZE_OFFSET,
    QcowHeader,
    check_disk_size,
    l1_entries_for,
)
from engine.storage.formats.qcow_store import QcowStore
from engine.storage.hostfile import HostFile
from engine.storage.mapped import open_named_parent
from engine.storage.medium import Medium
from engine.storage.tables import pack_table

ReportProgress = Callable[[int], None]


class QcowMaintenance:
    """See :class:`engine.storage.medium.MediumMaintenance`."""

    def grow(self, file: HostFile, size: int, progress: ReportProgress) -> bool:
        """Make the disk larger where the image stands: a longer table first, the header last."""
        header = _header(file)
        if size < header.disk_size:
            raise MediumParameterError(
                f"The image '{file.path}' has {header.disk_size} bytes and cannot be made smaller "
                f"({size} bytes).",
            )
        check_disk_size(size, header.cluster_bits)
        _refuse_snapshots(file, header)
        if header.backing_name:
            _refuse_larger_parent(file, header)
        _store_size(file, header, size)
        progress(100)
        return True

    def rewrite(
        self, file: HostFile, target: HostFile, size: int | None, progress: ReportProgress
    ) -> None:
        """Write the image anew, without clusters of zeros and with none compressed."""
        header = _header(file)
        _refuse_snapshots(file, header)
        if size is None:
            size = header.disk_size
        below = _Anything() if header.backing_name else None
        source = QcowStore(file, header, header.disk_size, below)
        copy = lay_out(target, dataclasses.replace(header, disk_size=size))
        destination = QcowStore(target, copy, size, below)
        destination.begin_writing()
        for offset in range(0, header.disk_size, header.cluster_size):
            length = min(header.cluster_size, header.disk_size - offset)
            position, _ = source.run_at(offset, length)
            if position != READS_BELOW:
                destination.write(offset, source.read(offset, length))
            progress(100 * offset // header.disk_size)
        destination.finish()
        progress(100)

    def shrinks(self, file: HostFile) -> bool:
        """Every image of this format can be written anew without clusters of zeros."""
        del file
        return True

    def set_ids(
        self, file: HostFile, image_id: uuid.UUID | None, parent_id: uuid.UUID | None
    ) -> None:
        """Refuse: there is no place for them."""
        del image_id, parent_id
        raise MediumParameterError(
            f"The image '{file.path}' holds no UUID that could be set: QCOW images have none.",
        )

    def set_parent(self, file: HostFile, parent: Medium | None) -> None:
        """Store the name of another file below, in the first cluster."""
        header = _header(file)
        _refuse_snapshots(file, header)
        name, kind = name_of_parent(file, parent)
        packed = dataclasses.replace(
            header, backing_name=name, backing_format=kind, autoclear=0
        ).pack()
        file.sync()
        file.write(0, packed)
        file.sync()


class _Anything:
    """What a differencing image builds on, when only its own clusters are of interest."""

    def read(self, offset: int, length: int) -> bytes:
        """Return zeros; no range that is read from here is used."""
        del offset
        return bytes(length)

    def may_hold_data(self, offset: int, length: int) -> bool:
        """Tell that anything may be there."""
        del offset, length
        return True


def name_of_parent(file: HostFile, parent: Medium | None) -> tuple[str, str]:
    """Return name and format of a parent as an image stores them; empty for none.

    The name is relative when both are in one folder, so that the folder can be moved.
    """
    if parent is None:
        return "", ""
    path = parent.path
    name = path.name if path.parent == file.final_path.parent else os.path.abspath(path)
    known = {ours: theirs for theirs, ours in BACKING_FORMATS.items()}
    return name, known.get(parent.format_name, "")


def lay_out(file: HostFile, header: QcowHeader) -> QcowHeader:
    """Write an empty image: header, counts, and a first-level table, one behind the other.

    Args:
        file: empty.
        header: of the image, apart from the places of its tables.

    Returns:
        The header with these places.
    """
    cluster = header.cluster_size
    check_disk_size(header.disk_size, header.cluster_bits)
    entries = l1_entries_for(header.disk_size, header.cluster_bits)
    l1_clusters = -(-entries * ENTRY_SIZE // cluster)
    per_block = cluster // 2
    blocks = 1
    while 2 + blocks + l1_clusters > blocks * per_block:
        blocks += 1
    table_clusters = -(-blocks * ENTRY_SIZE // cluster)
    while 1 + table_clusters + blocks + l1_clusters > blocks * per_block:
        blocks += 1
    used = 1 + table_clusters + blocks + l1_clusters
    header = dataclasses.replace(
        header,
        l1_entries=entries,
        l1_offset=(1 + table_clusters + blocks) * cluster,
        refcount_offset=cluster,
        refcount_clusters=table_clusters,
        refcount_order=REFCOUNT_ORDER,
        features=0,
        autoclear=0,
    )
    packed = header.pack()
    file.truncate(used * cluster)
    first_block = (1 + table_clusters) * cluster
    places = array("Q", range(first_block, first_block + blocks * cluster, cluster))
    file.write(cluster, pack_table(places, "big"))
    file.write(first_block, b"\0\1" * used)
    file.write(0, packed)
    return header


def _header(file: HostFile) -> QcowHeader:
    return QcowHeader.parse(file.read(0, HEADER_BYTES), file.path)


def _refuse_snapshots(file: HostFile, header: QcowHeader) -> None:
    if header.snapshots:
        raise MediumParameterError(
            f"The QCOW image '{file.path}' holds {header.snapshots} internal snapshots, and only "
            f"images without them are changed.",
        )


def _refuse_larger_parent(file: HostFile, header: QcowHeader) -> None:
    """Refuse to let a part of the parent show that lay behind the end of the disk."""
    kind = BACKING_FORMATS.get(header.backing_format)
    with open_named_parent(file, [header.backing_name], kind) as parent:
        if parent.size > header.disk_size:
            raise MediumParameterError(
                f"The image '{file.path}' has {header.disk_size} bytes and builds on "
                f"'{parent.path}', which has {parent.size}; it cannot be resized.",
            )


def _store_size(file: HostFile, header: QcowHeader, size: int) -> None:
    store = QcowStore(file, header, header.disk_size, None)
    store.begin_writing()
    entries, offset = header.l1_entries, header.l1_offset
    needed = l1_entries_for(size, header.cluster_bits)
    if needed > entries:
        room = -(-entries * ENTRY_SIZE // header.cluster_size) * header.cluster_size
        entries = needed
        if needed * ENTRY_SIZE > room:
            offset = store.grow_l1(needed)
        else:
            # QEMU ends the file inside the cluster of the table, and may leave anything there.
            added = (needed - header.l1_entries) * ENTRY_SIZE
            file.write(header.l1_offset + header.l1_entries * ENTRY_SIZE, bytes(added))
    store.finish()
    # Size, encryption, length and place of the table, in one sector.
    file.write(SIZE_OFFSET, struct.pack(">QIIQ", size, 0, entries, offset))
    file.sync()
    if offset != header.l1_offset:
        # Only now is the old table free.
        QcowStore(file, _header(file), size, None).begin_writing()
        file.sync()
