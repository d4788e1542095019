"""Making new images: under a temporary name first, and never over a file that exists."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.storage.errors import MediumExists, MediumParameterError, host_error
from engine.storage.hostfile import HostFile
from engine.storage.medium import (
    DeviceType,
    DeviceTypeName,
    DifferenceCreator,
    Medium,
    MediumCreator,
    MediumInfo,
    examine_medium,
    find_format,
)
from engine.unfinished import unfinished_path


def create_medium(
    path: str | os.PathLike[str],
    *,
    format_name: str,
    variant: str,
    size: int,
    device_type: DeviceType | DeviceTypeName = DeviceType.HARD_DISK,
    progress: Callable[[int], None] = lambda _percent: None,
) -> MediumInfo:
    """Create an image.

    Args:
        path: of the new file; its folder exists.
        format_name: ``VDI``...
        variant: ``Standard`` grows on demand, ``Fixed`` takes all room now.
        size: bytes that the guest is to see.
        device_type: the kind of drive it is for.
        progress: called with 0 to 100; an exception it raises cancels the work.

    Raises:
        MediumExists: there is a file of that name; it is left alone.
        MediumParameterError: the format cannot be created, or not of that variant or size.
        MediumFull, MediumIOError, MediumReadOnly: the host refused; no file is left behind.
    """
    where = Path(os.path.abspath(path))
    create = creator_of(format_name, variant, DeviceType(device_type))
    with new_file(where) as file:
        create(file, size, variant, progress)
    return examine_medium(where, device_type)


def creator_of(format_name: str, variant: str, device_type: DeviceType) -> MediumCreator:
    """Return what lays out images of a format and variant.

    Raises:
        MediumParameterError: the format cannot be created, or not of that variant.
    """
    declared = find_format(format_name, device_type)
    if declared.create is None:
        raise MediumParameterError(f"Images of the format {declared.name} cannot be created.")
    if variant not in declared.variants:
        raise MediumParameterError(
            f"There is no variant '{variant}' of {declared.name} images, only "
            f"{' and '.join(sorted(declared.variants))}.",
        )
    return declared.create


def create_difference_on(
    parent: Medium,
    path: str | os.PathLike[str],
    *,
    format_name: str,
    image_id: uuid.UUID | None = None,
) -> None:
    """Create a differencing image, which reads as its parent until something is written into it.

    Args:
        parent: open, and not written any more from now on.
        path: of the new file; its folder exists.
        format_name: of the new image.
        image_id: its UUID; None: a new one.

    Raises:
        MediumExists: there is a file of that name; it is left alone.
        MediumParameterError: the format knows no differences, or not to such a parent.
        MediumFull, MediumIOError, MediumReadOnly: the host refused; no file is left behind.
    """
    create = difference_creator_of(format_name)
    with new_file(Path(os.path.abspath(path))) as file:
        create(file, parent, image_id)


def difference_creator_of(format_name: str) -> DifferenceCreator:
    """Return what lays out differencing images of a format.

    Raises:
        MediumParameterError: the format knows no differences.
    """
    declared = find_format(format_name, DeviceType.HARD_DISK)
    if declared.create_difference is None:
        raise MediumParameterError(
            f"Images of the format {declared.name} cannot hold differences to another image.",
        )
    return declared.create_difference


@contextlib.contextmanager
def new_file(path: Path, *, replacing: bool = False) -> Iterator[HostFile]:
    """Give a file to fill, which appears under its name when the block has ended well.

    Args:
        path: absolute path of the file.
        replacing: the file exists, is locked by the caller, and is to be replaced.

    Raises:
        MediumExists: there is a file of that name, and it is not to be replaced.
        MediumFull, MediumIOError, MediumReadOnly: the host refused; no file is left behind.
    """
    if not replacing:
        _refuse_existing(path)
    temporary = unfinished_path(path)
    file = HostFile.create(temporary)
    file.final_path = path
    try:
        try:
            yield file
            file.sync()
        finally:
            file.close()
        if replacing:
            _replace(temporary, path)
        else:
            publish_file(temporary, path)
    except BaseException:
        for unfinished in (temporary, *file.companions):
            unfinished.unlink(missing_ok=True)
        raise


def _replace(temporary: Path, path: Path) -> None:
    try:
        shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except OSError as error:
        raise host_error(path, "replaced", error, writing=True) from error
    _sync_folder(path.parent)


def _refuse_existing(path: Path) -> None:
    if os.path.lexists(path):
        raise MediumExists(f"The file '{path}' exists already and is not overwritten.")


def publish_file(temporary: Path, path: Path) -> None:
    """Give a finished file another name, even if somebody else creates that name meanwhile.

    Raises:
        MediumExists: there is a file of that name.
        MediumError: the host refused.
    """
    try:
        os.link(temporary, path)
    except FileExistsError:
        _refuse_existing(path)
    except OSError:
        # No hard links here (FAT, some shares); Windows' rename does not overwrite either.
        _refuse_existing(path)
        try:
            os.rename(temporary, path)
        except OSError as error:
            raise host_error(path, "created", error, writing=True) from error
    else:
        temporary.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        # Not every file system can flush a folder, and the image is complete in any case.
        with contextlib.suppress(OSError):
            os.fsync(fd)
    finally:
        os.close(fd)
