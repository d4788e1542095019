"""Making new images: under a temporary name first, and never over a file that exists."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from engine.storage.errors import MediumExists, MediumParameterError, host_error
from engine.storage.hostfile import HostFile
from engine.storage.medium import (
    DeviceType,
    DeviceTypeName,
    MediumInfo,
    examine_medium,
    find_format,
)


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
    declared = find_format(format_name, DeviceType(device_type))
    if declared.create is None:
        raise MediumParameterError(f"Images of the format {declared.name} cannot be created.")
    if variant not in declared.variants:
        raise MediumParameterError(
            f"There is no variant '{variant}' of {declared.name} images, only "
            f"{' and '.join(sorted(declared.variants))}.",
        )
    _refuse_existing(where)
    temporary = where.with_name(f".vitrine-{secrets.token_hex(8)}.tmp")
    file = HostFile.create(temporary)
    try:
        try:
            declared.create(file, size, variant, progress)
            file.sync()
        finally:
            file.close()
        _publish(temporary, where)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return examine_medium(where, device_type)


def _refuse_existing(path: Path) -> None:
    if os.path.lexists(path):
        raise MediumExists(f"The file '{path}' exists already and is not overwritten.")


def _publish(temporary: Path, path: Path) -> None:
    """Give a finished file its name, even if somebody else creates that name meanwhile."""
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
