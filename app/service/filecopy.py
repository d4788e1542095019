"""Copying many files such that a copy is complete and true, or not there."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from app.api.errors import ApiError, ErrorCode

_PIECE: Final = 4 << 20
_ZEROS: Final = bytes(_PIECE)

Report = Callable[[int], None]
"""Called with the number of bytes that were worked on; may raise to give up."""


def entries_below(folder: Path) -> Iterator[Path]:
    """All files, links and folders below a folder; folders before what is in them.

    Links are not followed.

    Raises:
        OSError: A folder cannot be read.
    """
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        yield Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from entries_below(Path(entry.path))


def size_of(entries: Iterable[Path]) -> int:
    """Bytes in files, links not followed."""
    return sum(entry.lstat().st_size for entry in entries if _is_plain_file(entry))


def copy_entries(source: Path, target: Path, entries: Iterable[Path], report: Report) -> None:
    """Copy files, links and folders below ``source`` to the same places below ``target``.

    What was written is read again and compared. Holes of sparse files stay holes. When it fails,
    what was copied stays for the caller to remove.

    Args:
        source: Folder that holds ``entries``.
        target: Existing folder.
        entries: Absolute paths, folders before what is in them.
        report: Told of each byte twice, when it was written and when it was compared.

    Raises:
        ApiError: ``VBOX_E_FILE_ERROR``: names the file and tells why.
    """
    folders = [target]
    for entry in entries:
        copied = target / entry.relative_to(source)
        try:
            if entry.is_symlink():
                copied.symlink_to(os.readlink(entry))
            elif entry.is_dir():
                copied.mkdir(mode=0o700)
                folders.append(copied)
            elif _is_plain_file(entry):
                _copy_file(entry, copied, report)
            # Sockets and pipes of serial ports are made anew by whoever needs them.
        except OSError as error:
            raise ApiError(
                ErrorCode.VBOX_E_FILE_ERROR,
                f"'{entry}' cannot be copied to '{copied}': {error.strerror}.",
                "machine",
            ) from error
    for folder in reversed(folders):
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder survive a crash of the host, where the host can promise that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy_file(source: Path, target: Path, report: Report) -> None:
    digest = hashlib.blake2b()
    with source.open("rb") as reader, target.open("xb") as writer:
        while piece := reader.read(_PIECE):
            digest.update(piece)
            if piece == _ZEROS[: len(piece)]:
                writer.seek(len(piece), os.SEEK_CUR)
            else:
                writer.write(piece)
            report(len(piece))
        writer.truncate()
        writer.flush()
        os.fsync(writer.fileno())
    shutil.copystat(source, target)
    _verify(target, digest.digest(), report)


def _verify(file: Path, expected: bytes, report: Report) -> None:
    digest = hashlib.blake2b()
    with file.open("rb") as reader:
        while piece := reader.read(_PIECE):
            digest.update(piece)
            report(len(piece))
    if digest.digest() != expected:
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The copy '{file}' differs from what was written to it; the disk may be damaged.",
            "machine",
        )


def _is_plain_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
