"""Storing a settings file so that a crash at any moment leaves the old or the new one."""

from __future__ import annotations

import contextlib
import os
from typing import NamedTuple

from app.settings.errors import SettingsError, SettingsErrorCode


def previous_path(path: str) -> str:
    """Return the name of the copy that each save keeps of the version before."""
    return f"{path}-prev"


class Signature(NamedTuple):
    """What tells one state of a file from the next without reading it.

    Attributes:
        modified_ns: time of the last change of the content, in ns since 1970.
        size: bytes.
        number: the inode; a file that was replaced has another one.
    """

    modified_ns: int
    size: int
    number: int


def signature(path: str) -> Signature | None:
    """Return the signature of a file, ``None`` when there is none or it cannot be reached."""
    try:
        return _signature_of(os.stat(path))
    except OSError:
        return None


def read(path: str) -> bytes:
    """Return the content of a file.

    Raises:
        SettingsError: it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        code = SettingsErrorCode.FILE_ERROR
        raise SettingsError(code, f"{path} cannot be read: {_reason(error)}", path=path) from error


def store(path: str, content: bytes) -> Signature:
    """Replace a file: write a temporary, flush it, keep the old file as ``-prev``, rename.

    Returns:
        The signature of what was written, taken before anybody else could find it.

    Raises:
        SettingsError: a step failed; the old file is as it was.
    """
    temporary = f"{path}-tmp"
    try:
        written = _write(temporary, content)
        if os.path.exists(path):
            _keep_previous(path)
        os.replace(temporary, path)
        _sync_folder(os.path.dirname(path))
        return written
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        code = SettingsErrorCode.FILE_ERROR
        sentence = f"{path} cannot be written: {_reason(error)}"
        raise SettingsError(code, sentence, path=path) from error


def keep_copy(path: str, copy: str, content: bytes) -> None:
    """Keep the content of a file under another name, unless that name is taken.

    Raises:
        SettingsError: the copy cannot be written.
    """
    if os.path.exists(copy):
        return
    try:
        _write(f"{copy}-tmp", content)
        os.replace(f"{copy}-tmp", copy)
    except OSError as error:
        code = SettingsErrorCode.FILE_ERROR
        sentence = f"a copy of {path} cannot be written to {copy}: {_reason(error)}"
        raise SettingsError(code, sentence, path=path) from error


def _write(path: str, content: bytes) -> Signature:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        return _signature_of(os.fstat(file.fileno()))


def _signature_of(status: os.stat_result) -> Signature:
    return Signature(status.st_mtime_ns, status.st_size, status.st_ino)


def _keep_previous(path: str) -> None:
    """Make the old file reachable under both names, so that there is never none."""
    previous = previous_path(path)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(previous)
    try:
        os.link(path, previous)
    except OSError:
        # File systems without hard links (FAT, some network shares) get a real copy.
        with open(path, "rb") as file:
            _write(previous, file.read())


def _sync_folder(folder: str) -> None:
    """Make the rename itself durable where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder or ".", os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
