"""Work on images that nobody uses: growing, compacting, moving, other UUIDs.

Each holds the lock of a writer meanwhile. A crash, an error or a cancellation leaves the image as
it was, except that a finished one may already stand in its place.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import uuid
from collections.abc import Sequence
from pathlib import Path

from engine.storage.chain import DiskChain, ImageFile
from engine.storage.copying import CHUNK_SIZE, ReportProgress, no_progress
from engine.storage.create import difference_creator_of, new_file, publish_file
from engine.storage.errors import (
    MediumError,
    MediumLocked,
    MediumParameterError,
    host_error,
)
from engine.storage.hostfile import HostFile
from engine.storage.hostlock import LockMode
from engine.storage.medium import DeviceType, MediumMaintenance, detect_format, open_medium

log = logging.getLogger("storage")

AnyPath = str | os.PathLike[str]


def resize_medium(path: AnyPath, size: int, *, progress: ReportProgress = no_progress) -> None:
    """Make the disk of an image larger.

    Args:
        path: the image.
        size: bytes that the guest is to see from now on.
        progress: called with 0 to 100; an exception it raises cancels the work.

    Raises:
        MediumParameterError: it would become smaller, or the format cannot do that.
        MediumError: the image cannot be used, or the host refused.
    """
    where = Path(os.path.realpath(path))
    with _locked(where) as file:
        maintenance = _maintenance(file, "resized")
        if not maintenance.grow(file, size, progress):
            with new_file(where, replacing=True) as target:
                maintenance.rewrite(file, target, size, progress)


def compact_medium(path: AnyPath, *, progress: ReportProgress = no_progress) -> None:
    """Write an image anew without the blocks that hold nothing but zeros.

    Raises:
        MediumParameterError: the format cannot do that, or the image is a fixed one.
        MediumError: the image cannot be used, or the host refused.
    """
    where = Path(os.path.realpath(path))
    with _locked(where) as file:
        maintenance = _maintenance(file, "compacted")
        if not maintenance.shrinks(file):
            raise MediumParameterError(
                f"The image '{where}' is of fixed size and cannot be compacted.",
            )
        with new_file(where, replacing=True) as target:
            maintenance.rewrite(file, target, None, progress)


def reset_difference(path: AnyPath, parents: Sequence[ImageFile]) -> None:
    """Empty a differencing image, so that it reads as its parent again; it keeps its UUID.

    Args:
        path: the image; nothing may build on it.
        parents: the images that it builds on, the base first.

    Raises:
        MediumParameterError: it is no differencing image.
        MediumError: an image cannot be used, or the host refused; it is as it was then.
    """
    where = Path(os.path.realpath(path))
    with DiskChain([*parents, ImageFile(where)]) as chain, chain.lock:
        image = chain.image(len(parents))
        if not parents or image.parent_uuid is None:
            raise MediumParameterError(f"'{where}' is not a differencing image.")
        create = difference_creator_of(image.format_name)
        with new_file(where, replacing=True) as target:
            identity = image.uuid if image.stores_uuid else None
            create(target, chain.image(len(parents) - 1), identity)


def set_medium_ids(
    path: AnyPath,
    *,
    image_id: uuid.UUID | None = None,
    parent_id: uuid.UUID | None = None,
) -> None:
    """Store other UUIDs in an image, None for no change.

    Raises:
        MediumParameterError: the format holds no UUIDs, or no parent's.
        MediumError: the image cannot be used, or the host refused.
    """
    with _locked(Path(os.path.realpath(path))) as file:
        _maintenance(file, "given another UUID").set_ids(file, image_id, parent_id)


def move_medium(
    path: AnyPath, target: AnyPath, *, progress: ReportProgress = no_progress
) -> None:
    """Give an image another name or place; between file systems its bytes are copied.

    Raises:
        MediumExists: there is a file of that name; it is left alone.
        MediumError: the image is in use or missing, or the host refused.
    """
    source, where = Path(os.path.abspath(path)), Path(os.path.abspath(target))
    with _locked(source) as file:
        if source.parent != where.parent:
            _refuse_pieces(source)
        try:
            publish_file(source, where)
        except MediumError as error:
            cause = error.__cause__
            if not isinstance(cause, OSError) or cause.errno != errno.EXDEV:
                raise
            with new_file(where) as copy:
                _copy_bytes(file, copy, progress)
            source.unlink()
    progress(100)


def delete_medium(path: AnyPath) -> None:
    """Remove an image with all the files in which it keeps its data.

    An image that is damaged is removed as far as it can be known.

    Raises:
        MediumLocked: somebody uses it.
        MediumError: the host refused.
    """
    where = Path(os.path.abspath(path))
    others: list[Path] = []
    try:
        with open_medium(where, read_only=True, lock=LockMode.EXCLUSIVE) as medium:
            others = medium.other_files()
    except MediumLocked:
        raise
    except MediumError as error:
        log.warning("'%s' is deleted although it cannot be used: %s", where, error)
    for each in (where, *others):
        try:
            each.unlink(missing_ok=True)
        except OSError as error:
            raise host_error(each, "deleted", error, writing=True) from error


def _refuse_pieces(path: Path) -> None:
    """Refuse to move what would leave files behind to which it refers."""
    others: list[Path] = []
    # What cannot be opened (a difference without its parent) can still be moved.
    with (
        contextlib.suppress(MediumError),
        open_medium(path, read_only=True, lock=LockMode.NONE) as medium,
    ):
        others = medium.other_files()
    if others:
        raise MediumParameterError(
            f"The image '{path}' keeps its data in {len(others)} other files, "
            f"'{others[0].name}' first, and cannot be moved to another folder; clone it instead.",
        )


def _copy_bytes(source: HostFile, target: HostFile, progress: ReportProgress) -> None:
    target.truncate(source.size)
    for offset in range(0, source.size, CHUNK_SIZE):
        length = min(CHUNK_SIZE, source.size - offset)
        if source.has_data(offset, length):
            target.write(offset, source.read(offset, length))
        progress(100 * offset // source.size)


def _locked(path: Path) -> contextlib.closing[HostFile]:
    return contextlib.closing(HostFile.open(path, writable=True))


def _maintenance(file: HostFile, done: str) -> MediumMaintenance:
    declared = detect_format(file, DeviceType.HARD_DISK)
    if declared.maintenance is None:
        raise MediumParameterError(
            f"The image '{file.path}' cannot be {done}: images of the format {declared.name} do "
            f"not have that.",
        )
    return declared.maintenance
