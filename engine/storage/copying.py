"""Copying the contents of images: clones, conversions, and images written anew.

What is copied is what a guest would read, so that a differencing image becomes a complete one.
Ranges full of zeros are left out. A copy that fails or is cancelled leaves no file behind.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from engine.storage.chain import ImageFile, reading_chain
from engine.storage.create import creator_of, difference_creator_of, new_file
from engine.storage.errors import MediumFormatError, MediumParameterError
from engine.storage.hostfile import HostFile
from engine.storage.hostlock import LockMode
from engine.storage.medium import (
    Allocation,
    DeviceType,
    DeviceTypeName,
    Medium,
    MediumInfo,
    examine_medium,
    find_format,
    open_medium,
)

CHUNK_SIZE: Final = 1 << 20
"""Bytes that are copied at a time: a block of a VDI image."""

_ZEROS: Final = bytes(CHUNK_SIZE)

ReportProgress = Callable[[int], None]


def no_progress(_percent: int) -> None:
    """For callers that do not want to know."""


def copy_contents(
    source: Medium, target: Medium, progress: ReportProgress = no_progress, *, start: int = 0
) -> None:
    """Write the data of ``source`` into ``target``, which is new and reads as zeros.

    Args:
        source: open for reading.
        target: open for writing; takes as much as fits.
        progress: called with 0 to 100; an exception that it raises ends the work.
        start: per cent that were done before.

    Raises:
        MediumError: one of them could not be read or written.
    """
    size = min(source.size, target.size)
    for offset in range(0, size, CHUNK_SIZE):
        length = min(CHUNK_SIZE, size - offset)
        if source.may_hold_data(offset, length):
            data = source.read(offset, length)
            if data != _ZEROS[:length]:
                target.write(offset, data)
        progress(start + (100 - start) * offset // size)


def _images(paths: Sequence[str | os.PathLike[str]]) -> list[ImageFile]:
    return [ImageFile(path) for path in paths]


def clone_medium(
    sources: Sequence[str | os.PathLike[str]],
    target: str | os.PathLike[str],
    *,
    format_name: str,
    variant: str,
    device_type: DeviceType | DeviceTypeName = DeviceType.HARD_DISK,
    image_id: uuid.UUID | None = None,
    size: int = 0,
    progress: ReportProgress = no_progress,
) -> MediumInfo:
    """Make a complete image with the contents of another, in any format and variant.

    Args:
        sources: the image, after those that it builds on, the base first.
        target: of the new file; its folder exists.
        format_name: ``VDI``, ``RAW``...
        variant: ``Standard`` or ``Fixed``.
        device_type: the kind of drive it is for.
        image_id: UUID of the new image; default: a new one.
        size: bytes that the guest is to see; smaller ones than the source's are made so.
        progress: called with 0 to 100; an exception it raises cancels the work.

    Raises:
        MediumExists: there is a file of that name; it is left alone.
        MediumParameterError: the format cannot be created, or not of that variant or size.
        MediumError: an image could not be read or written; no file is left behind.
    """
    kind = DeviceType(device_type)
    where = Path(os.path.abspath(target))
    creator_of(format_name, variant, kind)
    with reading_chain(_images(sources), kind) as source, new_file(where) as file:
        write_copy(source, file, format_name, variant, kind, max(size, source.size), progress)
        _set_id(file, format_name, kind, image_id)
    return examine_medium(where, kind)


def clone_difference(
    sources: Sequence[ImageFile],
    target: str | os.PathLike[str],
    parents: Sequence[ImageFile],
    *,
    image_id: uuid.UUID | None = None,
    progress: ReportProgress = no_progress,
) -> MediumInfo:
    """Copy what a differencing image itself holds into a new VDI image upon other parents.

    Args:
        sources: the image, after those that it builds on, the base first.
        target: of the new file; its folder exists.
        parents: images with the same contents as those that the source builds on.
        image_id: UUID of the new image; default: a new one.
        progress: called with 0 to 100; an exception it raises cancels the work.

    Raises:
        MediumExists: there is a file of that name; it is left alone.
        MediumError: an image could not be read or written; no file is left behind.
    """
    where = Path(os.path.abspath(target))
    create = difference_creator_of("VDI")
    with reading_chain(sources) as source, reading_chain(parents) as parent:
        with new_file(where) as file:
            create(file, parent, image_id)
            made = find_format("VDI", DeviceType.HARD_DISK).open(
                file, DeviceType.HARD_DISK, parent
            )
            copy_own(source, made, progress)
            made.finish()
        progress(100)
        images = [*parents, ImageFile(where, "VDI")]
        with reading_chain(images, lock=LockMode.NONE) as medium:
            return msgspec.structs.replace(medium.info(), state="Created")


def copy_own(source: Medium, target: Medium, progress: ReportProgress = no_progress) -> None:
    """Write what ``source`` does not have from its parent into ``target``."""
    offset = 0
    while offset < source.size:
        found, length = source.allocation(offset, min(CHUNK_SIZE, source.size - offset))
        if found is Allocation.STORED:
            target.write(offset, source.read(offset, length))
        elif found is Allocation.ZERO:
            target.write(offset, bytes(length))
        offset += length
        progress(100 * offset // source.size)


def clone_over(
    sources: Sequence[str | os.PathLike[str]],
    target: str | os.PathLike[str],
    *,
    progress: ReportProgress = no_progress,
) -> MediumInfo:
    """Give an existing image the contents of another, as much as fits into its size.

    It keeps its size, format, variant and UUID, and until the copy is complete its contents.

    Raises:
        MediumParameterError: the target is a differencing image.
        MediumError: an image could not be read or written; the target is as it was.
    """
    kind = DeviceType.HARD_DISK
    where = Path(os.path.realpath(target))
    with open_medium(where) as old, reading_chain(_images(sources), kind) as source:
        name, variant, identity = old.format_name, old.variant, old.uuid
        if old.parent_uuid is not None:
            raise MediumParameterError(f"'{where}' is a differencing image and no target.")
        others = old.other_files()
        with new_file(where, replacing=True) as file:
            write_copy(source, file, name, variant, kind, old.size, progress)
            _set_id(file, name, kind, identity if old.stores_uuid else None)
        for path in others:
            path.unlink(missing_ok=True)
    return examine_medium(where, kind)


def write_copy(
    source: Medium,
    file: HostFile,
    format_name: str,
    variant: str,
    kind: DeviceType,
    size: int,
    progress: ReportProgress,
) -> None:
    """Lay out an image of ``size`` bytes in an empty file and fill it from ``source``."""
    create = creator_of(format_name, variant, kind)
    exporter = find_format(format_name, kind).exporters.get(variant)
    if exporter is not None:
        exporter(source, file, size, progress)
        return
    # Taking the room of a fixed image is about half of the work.
    share = 50 if variant.startswith("Fixed") else 0
    create(file, size, variant, lambda percent: progress(percent * share // 100))
    with _opened(file, format_name, kind) as target:
        copy_contents(source, target, progress, start=share)
    progress(100)


@contextlib.contextmanager
def _opened(file: HostFile, format_name: str, kind: DeviceType) -> Iterator[Medium]:
    """Use a new image that stays the caller's to close."""
    # A disc is read only to its drive, but this one is only being made.
    writable_kind = DeviceType.HARD_DISK if kind is DeviceType.DVD else kind
    medium = find_format(format_name, writable_kind).open(file, writable_kind, None)
    try:
        yield medium
    finally:
        medium.release()


def _set_id(
    file: HostFile, format_name: str, kind: DeviceType, image_id: uuid.UUID | None
) -> None:
    if image_id is None:
        return
    maintenance = find_format(format_name, kind).maintenance
    if maintenance is None:
        raise MediumParameterError(
            f"Images of the format {format_name} hold no UUID that could be set.",
        )
    maintenance.set_ids(file, image_id, None)


def convert_from_raw(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    format_name: str,
    variant: str,
    image_id: uuid.UUID | None = None,
    progress: ReportProgress = no_progress,
) -> MediumInfo:
    """Make an image with the contents of a file, byte by byte, whatever format they look like.

    Raises:
        MediumFormatError: the file is empty.
        MediumError: as :func:`clone_medium`.
    """
    where = Path(os.path.abspath(target))
    kind = DeviceType.HARD_DISK
    creator_of(format_name, variant, kind)
    with (
        open_medium(source, read_only=True, format_name="RAW") as raw,
        new_file(where) as file,
    ):
        if raw.size <= 0:
            raise MediumFormatError(f"The file '{source}' is empty.")
        write_copy(raw, file, format_name, variant, kind, raw.size, progress)
        _set_id(file, format_name, kind, image_id)
    return examine_medium(where, kind)
