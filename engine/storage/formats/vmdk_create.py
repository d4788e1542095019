"""New VMDK images: of one sparse file, of flat files, in pieces of 2 GB, differencing ones."""

from __future__ import annotations

import os
import secrets
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final

from engine.storage.errors import MediumParameterError
from engine.storage.formats.vmdk_descriptor import (
    NO_PARENT,
    NULL_UUID,
    Descriptor,
    ExtentLine,
    new_descriptor,
)
from engine.storage.formats.vmdk_sparse import (
    DESCRIPTOR_SECTORS,
    SparseHeader,
    lay_out_sparse,
)
from engine.storage.hostfile import HostFile
from engine.storage.medium import SECTOR_SIZE, Medium

PIECE_SIZE: Final = 4192256 * SECTOR_SIZE
"""Bytes of the disk in one file of a split image: 2 GB without 1 MiB, as VMware has it."""
RESERVE_STEP: Final = 16 << 20
LARGEST_DISK: Final = 1 << 46

CREATE_TYPES: Final = {
    "Standard": "monolithicSparse",
    "Fixed": "monolithicFlat",
    "Split2G": "twoGbMaxExtentSparse",
    "FixedSplit2G": "twoGbMaxExtentFlat",
    "Stream": "streamOptimized",
}
"""Names of the variants in descriptors."""

ReportProgress = Callable[[int], None]


def create_vmdk(file: HostFile, size: int, variant: str, progress: ReportProgress) -> None:
    """Lay out a new image in an empty file; see :class:`engine.storage.medium.MediumCreator`."""
    check_size(size)
    if variant == "Standard":
        lay_out_monolithic(file, size, uuid.uuid4(), {})
    else:
        _lay_out_pieces(file, size, variant, progress)
    progress(100)


def check_size(size: int) -> None:
    """Refuse a size that is no disk's.

    Raises:
        MediumParameterError: it is no multiple of a sector, or too large.
    """
    if not 0 < size <= LARGEST_DISK or size % SECTOR_SIZE:
        raise MediumParameterError(
            f"A disk cannot have {size} bytes: a multiple of {SECTOR_SIZE} from {SECTOR_SIZE} to "
            f"{LARGEST_DISK} is needed.",
        )


def lay_out_monolithic(
    file: HostFile, size: int, image_id: uuid.UUID, parent: dict[str, str]
) -> None:
    """Write an empty image of one sparse file."""
    extent = ExtentLine(writable=True, size=size, kind="SPARSE", name=file.final_path.name)
    descriptor = new_descriptor("monolithicSparse", [extent], image_id, parent)
    lay_out_sparse(file, size, embedded(descriptor, DESCRIPTOR_SECTORS))


def embedded(descriptor: Descriptor, sectors: int) -> bytes:
    """Encode a descriptor for the room that an extent has for it.

    Raises:
        MediumParameterError: it does not fit.
    """
    packed = descriptor.pack()
    if len(packed) > sectors * SECTOR_SIZE:
        raise MediumParameterError(
            f"The descriptor of a VMDK image would have {len(packed)} bytes, and there is room for "
            f"{sectors * SECTOR_SIZE}: the names in it are too long.",
        )
    return packed.ljust(sectors * SECTOR_SIZE, b"\0")


def _lay_out_pieces(
    file: HostFile, size: int, variant: str, progress: ReportProgress
) -> None:
    """Write a descriptor, and the files that it names beside it."""
    split = variant.endswith("Split2G")
    flat = variant.startswith("Fixed")
    count = -(-size // PIECE_SIZE) if split else 1
    paths = piece_paths(file.final_path, count, flat=flat, split=split)
    lines = []
    done = 0
    for path in paths:
        length = min(PIECE_SIZE, size - done) if split else size
        piece = HostFile.create(path)
        file.companions.append(path)
        try:
            if flat:
                for offset in range(0, length, RESERVE_STEP):
                    piece.reserve(offset, min(RESERVE_STEP, length - offset))
                    progress(100 * (done + offset) // size)
            else:
                lay_out_sparse(piece, length)
            piece.sync()
        finally:
            piece.close()
        kind = "FLAT" if flat else "SPARSE"
        lines.append(ExtentLine(writable=True, size=length, kind=kind, name=path.name))
        done += length
    file.write(0, new_descriptor(CREATE_TYPES[variant], lines, uuid.uuid4()).pack())


def piece_paths(path: Path, count: int, *, flat: bool, split: bool) -> list[Path]:
    """Return names for the files of an image: those that VMware gives, or others if they exist."""
    letter = "f" if flat else "s"
    for infix in ("", f"-{secrets.token_hex(4)}"):
        stem = path.stem + infix
        names = [f"{stem}-{letter}{number:03d}.vmdk" for number in range(1, count + 1)]
        if not split:
            names = [f"{stem}-flat.vmdk"]
        paths = [path.with_name(name) for name in names]
        if not any(os.path.lexists(each) for each in paths):
            break
    return paths


def create_vmdk_difference(file: HostFile, parent: Medium, image_id: uuid.UUID | None) -> None:
    """Lay out an image that reads as its parent; see ``engine.storage.medium``."""
    check_size(parent.size)
    lay_out_monolithic(file, parent.size, image_id or uuid.uuid4(), parent_values(file, parent))


def parent_values(file: HostFile, parent: Medium | None) -> dict[str, str]:
    """Return the keys that name a parent in a descriptor, or that tell that there is none."""
    if parent is None:
        return {
            "parentCID": NO_PARENT,
            "parentFileNameHint": "",
            "ddb.uuid.parent": str(NULL_UUID),
            "ddb.uuid.parentmodification": str(NULL_UUID),
        }
    path = parent.path
    near = path.parent == file.final_path.parent
    name = path.name if near else os.path.abspath(path)
    # A parent of another format has none; the first part of its UUID stands for it.
    cid = getattr(parent, "content_id", f"{min(parent.uuid.int >> 96, 0xFFFFFFFE):08x}")
    return {
        "parentCID": cid,
        "parentFileNameHint": name,
        "ddb.uuid.parent": str(parent.uuid if parent.stores_uuid else NULL_UUID),
        "ddb.uuid.parentmodification": str(parent.modification_uuid or NULL_UUID),
    }


def descriptor_of(file: HostFile, header: SparseHeader) -> bytes:
    """Return the descriptor that is embedded in an extent, with what fills its room."""
    length = min(header.descriptor_size * SECTOR_SIZE, 1 << 20)
    return file.read(header.descriptor * SECTOR_SIZE, length)
