"""Which files belong to a machine, and deleting exactly those.

Only what the product itself writes for a machine is its own: the settings file with its backups,
the logs, saved states, and images of its media registry that no other machine knows; which of
those, :class:`app.api.copying.CleanupMode` says. Folders are deleted when nothing else is in them.
Nothing is ever deleted recursively, and links are never followed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.api.copying import CleanupMode
from app.api.errors import ApiError, ErrorCode
from app.service.spawn import OUTPUT_NAME
from app.settings.model import MachineSettings
from app.settings.storage import HardDisk, RemovableImage

if TYPE_CHECKING:
    from app.service.machine import Machine

_logger = logging.getLogger(__name__)

_LOG_FILE: Final = re.compile(
    rf"(VBox\.(log|png)|VBoxHardening\.log|VBoxUI\.log|{re.escape(OUTPUT_NAME)})(\.\d{{1,4}})?"
)


def own_files(
    machine: Machine,
    others: Iterable[Machine],
    cleanup: CleanupMode = CleanupMode.UNREGISTER_ONLY,
) -> list[Path]:
    """Existing files and folders that belong to ``machine`` alone, files before their folders."""
    others = list(others)
    folder = machine.folder
    shares_folder = any(other.folder == folder for other in others)
    found: dict[Path, None] = dict.fromkeys(_settings_files(machine.path))
    logs = machine.log_folder
    if logs.is_dir() and not logs.is_symlink() and not shares_folder:
        found.update((p, None) for p in sorted(logs.iterdir()) if _LOG_FILE.fullmatch(p.name))
    if machine.info.accessible:
        foreign = {path for other in others for path in media_of(other)}
        states = [machine.resolve(location) for location in _saved_states(machine.settings)]
        inside = [path for path in states if _is_inside(path, folder)]
        images = [path for path in _own_images(machine, cleanup) if real_path(path) not in foreign]
        found.update(dict.fromkeys((*images, *inside)))
    files = [path for path in found if path.is_file() and not path.is_symlink()]
    if shares_folder:
        return files
    return [*files, *_folders_left_empty(folder, machine, set(files))]


def settings_file_at(path: Path) -> Path:
    """The settings file that people mean by a path: that file, or the one in that folder.

    Raises:
        ApiError: ``VBOX_E_FILE_ERROR``: a folder without a settings file, or with several.
    """
    if not path.is_dir():
        return path
    same_name = path / f"{path.name}.vbox"
    if same_name.is_file():
        return same_name
    # Besides them there are NAME-1.12-linux.vbox, which were left behind when a version was raised.
    backup = re.compile(r".+-1\.\d{1,3}-[a-z0-9]+")
    found = [each for each in sorted(path.glob("*.vbox")) if not backup.fullmatch(each.stem)]
    if len(found) == 1:
        return found[0]
    if not found and (path / f"{path.name}.xml").is_file():
        return path / f"{path.name}.xml"  # Name of the file before VirtualBox 4.0.
    names = ", ".join(each.name for each in found) or "none"
    raise ApiError(
        ErrorCode.VBOX_E_FILE_ERROR,
        f"The folder '{path}' should hold one settings file; these are there: {names}.",
        "virtualbox",
    )


def _own_images(machine: Machine, cleanup: CleanupMode) -> Iterator[Path]:
    """Images that go with a machine, unless another one knows them."""
    media = machine.settings.media
    for disk in media.hard_disks:
        path = machine.image_path(disk)
        if path is None:
            continue
        if cleanup is not CleanupMode.UNREGISTER_ONLY or _is_inside(path, machine.folder):
            yield path
    if cleanup is CleanupMode.DETACH_ALL_RETURN_HARD_DISKS_AND_VM_REMOVABLE:
        for image in (*media.dvd_images, *media.floppy_images):
            path = machine.resolve(image.location)
            if _is_inside(path, machine.folder):
                yield path


def delete_files(doomed: Iterable[Path]) -> list[Path]:
    """Delete files and empty folders; returns those that were deleted.

    Raises:
        ApiError: ``VBOX_E_FILE_ERROR``: names what is still there and why; the rest is deleted.
    """
    deleted = []
    problems = []
    for path in doomed:
        try:
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            _logger.warning("'%s' could not be deleted: %s", path, error)
            problems.append(f"'{path}' ({error.strerror})")
        else:
            deleted.append(path)
    if problems:
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The machine was removed, but not all of its files: {', '.join(problems)}.",
            "virtualbox",
        )
    return deleted


def _settings_files(path: Path) -> Iterator[Path]:
    yield path
    yield path.with_name(f"{path.name}-prev")
    yield path.with_name(f"{path.name}-tmp")
    yield path.with_suffix(".nvram")
    # Left behind when the version of the format was raised: NAME-1.12-linux.vbox.
    backup = re.compile(rf"{re.escape(path.stem)}-1\.\d{{1,3}}-[a-z0-9]+{re.escape(path.suffix)}")
    if path.parent.is_dir():
        yield from (p for p in sorted(path.parent.iterdir()) if backup.fullmatch(p.name))


def _saved_states(settings: MachineSettings) -> Iterator[str]:
    locations = (settings.state_file, *(snapshot.state_file for snapshot in settings.snapshots))
    return (location for location in locations if location)


def media_of(machine: Machine) -> Iterator[Path]:
    """Real paths of all media that a machine knows."""
    if not machine.info.accessible:
        return
    media = machine.settings.media
    known: list[HardDisk | RemovableImage] = [
        *media.hard_disks, *media.dvd_images, *media.floppy_images
    ]
    for medium in known:
        path = machine.image_path(medium)
        if path is not None:
            yield real_path(path)


def _folders_left_empty(folder: Path, machine: Machine, doomed: set[Path]) -> list[Path]:
    snapshots = folder / "Snapshots"
    if machine.info.accessible:
        snapshots = machine.resolve(machine.settings.snapshot_folder)
    result: list[Path] = []
    for candidate in (machine.log_folder, snapshots, folder):
        inside = candidate == folder or _is_inside(candidate, folder)
        if not inside or candidate.is_symlink() or not candidate.is_dir():
            continue
        if all(entry in doomed or entry in result for entry in candidate.iterdir()):
            result.append(candidate)
    return result


def _is_inside(path: Path, folder: Path) -> bool:
    real = real_path(path)
    return real != real_path(folder) and real.is_relative_to(real_path(folder))


def real_path(path: Path) -> Path:
    """``path`` with all links followed, to compare it with others."""
    return path.resolve()
