"""Giving a machine's files another place, so that a kill at any moment loses no machine.

``relocations/<uuid>.json`` in the configuration directory exists from before the first file moves
until the registry names the new place. Files move first: the settings file gets its new name inside
its folder, then the folder its own. A service that starts looks how far that came. As long as the
folder has its old name, the settings file gets its old name back; else what is missing is done.
"""

from __future__ import annotations

import contextlib
import logging
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.structs import SessionState
from app.service.files import media_of, real_path
from app.service.journal import Journal
from app.settings.errors import SettingsError
from app.settings.files import previous_path
from app.settings.machine_file import MachineFile
from app.settings.paths import relative_location, resolve_location
from app.settings.storage import HardDisk, MediaRegistry, RemovableImage, is_file_format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.service.machine import Machine
    from app.service.registry import Registry
    from app.settings.model import MachineSettings

_logger = logging.getLogger(__name__)

M = TypeVar("M", HardDisk, RemovableImage)


class Relocation(msgspec.Struct, frozen=True, kw_only=True):
    """A machine that gets another place.

    Attributes:
        machine_id: Its UUID.
        source: Settings file where it was.
        target: Settings file where it will be.
        name: Name of the machine then.
    """

    machine_id: str
    source: str
    target: str
    name: str


class Relocations(Journal[Relocation]):
    """The entries of one configuration directory."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / "relocations", Relocation)

    @contextmanager
    def remembered(self, machine: Machine, target: Path, name: str) -> Iterator[None]:
        """Remember a relocation while the block makes it, or undoes it when it fails.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR``: it cannot be remembered; nothing was begun.
        """
        entry = Relocation(
            machine_id=machine.id, source=str(machine.path), target=str(target), name=name
        )
        try:
            self.write(entry)
        except OSError as error:
            raise ApiError(
                ErrorCode.VBOX_E_FILE_ERROR,
                f"What is to be done to '{machine.path}' cannot be noted: {error.strerror}.",
                "machine",
            ) from error
        try:
            yield
        finally:
            # What could not be undone is left to the next service.
            if machine.path.is_file():
                self.remove(machine.id)


def finish_relocation(entry: Relocation, path: Path) -> Path:
    """Where the settings file of a machine is, after ending what was interrupted.

    Args:
        entry: What was begun.
        path: Its settings file, as the registry says.
    """
    try:
        found = _finish(entry, Path(entry.source), Path(entry.target))
    except (OSError, SettingsError) as error:
        _logger.error("'%s' was being moved to '%s': %s", entry.source, entry.target, error)
        return Path(entry.target) if os.path.isfile(entry.target) else path
    _logger.info("'%s' was being moved to '%s'; it is '%s'", entry.source, entry.target, found)
    return found


def _finish(entry: Relocation, source: Path, target: Path) -> Path:
    inside = source.with_name(target.name)
    if inside.is_file() and not source.exists() and inside != target:
        _rename_file(inside, source)
    if source.is_file() or not target.is_file():
        return source
    file = MachineFile.load(str(target))
    if file.settings.uuid != entry.machine_id:
        return source
    settings = with_relative_places(file.settings, source.parent)
    file.settings = msgspec.structs.replace(settings, name=entry.name)
    file.save()
    return target


def move_files(source: Path, target: Path) -> None:
    """Rename the settings file and its backup inside their folder, then the folder.

    Raises:
        OSError: Nothing was renamed.
    """
    inside = source.with_name(target.name)
    if inside != source:
        _rename_file(source, inside)
    if source.parent != target.parent:
        try:
            source.parent.rename(target.parent)
        except OSError:
            if inside != source:
                _rename_file(inside, source)
            raise


def move_files_back(
    machine: Machine, place: Path, old: Path, before: MachineSettings
) -> None:
    """Undo a relocation whose later steps failed. Needs the machine's lock.

    What cannot be undone is told in the log; the next service tries again.
    """
    try:
        move_files(place, old)
        machine.moved(old)
        if machine.settings != before:
            machine.write_settings(before)
    except (OSError, ApiError) as error:
        _logger.error("'%s' cannot be moved back to '%s': %s", place, old, error)


def _rename_file(source: Path, target: Path) -> None:
    source.rename(target)
    # The machine lives without its backup, so failing here is no reason to fail.
    with contextlib.suppress(OSError):
        os.replace(previous_path(str(source)), previous_path(str(target)))


def owns_folder(machine: Machine, registry: Registry) -> bool:
    """Whether the folder was made for this machine and no other one lives in it."""
    folder = machine.folder
    if folder.name != machine.path.stem or folder.is_symlink():
        return False
    others = (other for other in registry.machines() if other is not machine)
    return not any(other.path.is_relative_to(folder) for other in others)


def with_relative_places(settings: MachineSettings, folder: Path) -> MachineSettings:
    """The settings with relative locations for all files inside the machine's folder.

    Such files were registered by their absolute path when they were put there by hand.
    """

    def relative(location: str) -> str:
        return relative_location(str(folder), location) if os.path.isabs(location) else location

    return msgspec.structs.replace(
        settings,
        media=_with_locations(settings.media, relative),
        snapshots=[
            msgspec.structs.replace(each, state_file=relative(each.state_file))
            for each in settings.snapshots
        ],
        state_file=relative(settings.state_file),
        snapshot_folder=relative(settings.snapshot_folder) or "Snapshots",
    )


def with_moved_media(media: MediaRegistry, base: Path, old: Path, new: Path) -> MediaRegistry:
    """A registry that knows that a folder was renamed.

    Args:
        media: The registry.
        base: Folder from which its relative locations are counted.
        old: Folder as it was called.
        new: Folder as it is called now.

    Returns:
        ``media`` itself when nothing of it was in that folder.
    """

    def moved(location: str) -> str:
        path = Path(resolve_location(str(base), location))
        return str(new / path.relative_to(old)) if path.is_relative_to(old) else location

    changed = _with_locations(media, moved)
    return media if changed == media else changed


def require_nobody_uses(registry: Registry, machine: Machine) -> None:
    """Refuse when a machine that somebody holds has media in the folder of another.

    Raises:
        ApiError: ``VBOX_E_OBJECT_IN_USE``: tells which one has what.
    """
    folder = real_path(machine.folder)
    for other in registry.machines():
        if other is machine or other.session_state is SessionState.UNLOCKED:
            continue
        for path in media_of(other):
            if path.is_relative_to(folder):
                raise ApiError(
                    ErrorCode.VBOX_E_OBJECT_IN_USE,
                    f"The machine '{other.info.name}' is in use and has '{path}', which would get "
                    "another name.",
                    "machine",
                )


def tell_others(registry: Registry, machine: Machine, old: Path) -> None:
    """Have other machines know where media are that were in the folder of ``machine``.

    Needs the lock of the registry. Failing is told in the log: the machine has moved.
    """
    new = machine.folder
    if new == old:
        return
    for other in registry.machines():
        if other is machine or not other.info.accessible:
            continue
        try:
            with other.lock:
                settings = other.settings
                media = with_moved_media(settings.media, other.folder, old, new)
                if media is not settings.media:
                    other.write_settings(msgspec.structs.replace(settings, media=media))
        except ApiError as error:
            _logger.error("'%s' does not know that '%s' is '%s' now: %s", other.info.name, old,
                          new, error)  # fmt: skip


def _with_locations(media: MediaRegistry, change: Callable[[str], str]) -> MediaRegistry:
    return MediaRegistry(
        hard_disks=[_placed(each, change) for each in media.hard_disks],
        dvd_images=[_placed(each, change) for each in media.dvd_images],
        floppy_images=[_placed(each, change) for each in media.floppy_images],
    )


def _placed(medium: M, change: Callable[[str], str]) -> M:
    if not is_file_format(medium.format):
        return medium
    return msgspec.structs.replace(medium, location=change(medium.location))
