"""Media of machines older than 1.11 of the format: those stand in VirtualBox's ``VirtualBox.xml``.

Such a machine file names the media in its drives by their UUIDs only. What VirtualBox knows of them
is copied into the machine's own registry when the machine is taken over; VirtualBox's file is read
and never written.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from app.settings.errors import SettingsError
from app.settings.global_file import GlobalFile
from app.settings.importing import virtualbox_folders
from app.settings.media import disk_chain, used_media
from app.settings.model import MachineSettings
from app.settings.paths import GLOBAL_FILE, relative_location, resolve_location
from app.settings.storage import HardDisk, MediaRegistry, RemovableImage, is_file_format

_FOLDERS_ABOVE = 2
"""VirtualBox 3 kept its machines in ``Machines/NAME`` below the folder of ``VirtualBox.xml``."""


def missing_media(settings: MachineSettings) -> list[str]:
    """Return the UUIDs of media in drives, and of those below them, that are not registered."""
    known = settings.media
    wanted = used_media(settings) | {disk.parent for disk in known.hard_disks if disk.parent}
    return sorted(uuid for uuid in wanted if known.find(uuid) is None)


def missing_sentence(settings: MachineSettings) -> str:
    """Return what people should know about missing media; empty when there are none."""
    missing = missing_media(settings)
    if not missing:
        return ""
    listed = ", ".join(f"{{{uuid}}}" for uuid in missing)
    return (
        f'The drives of the machine "{settings.name}" hold media that its settings do not '
        f"describe, and it cannot start without them: {listed}. Attach the images anew."
    )


def registries_for(path: str, environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Find the files that may describe the media of a machine, the most likely one first.

    Args:
        path: settings file of the machine.
        environ: environment variables.
    """
    folder = os.path.dirname(os.path.abspath(path))
    folders = [folder]
    for _ in range(_FOLDERS_ABOVE):
        folder = os.path.dirname(folder)
        folders.append(folder)
    for each in dict.fromkeys((*folders, *virtualbox_folders(environ))):
        registry = os.path.join(each, GLOBAL_FILE)
        if os.path.isfile(registry):
            yield registry


def with_old_media(
    settings: MachineSettings, folder: str, registries: Iterable[str]
) -> tuple[MachineSettings, list[str]]:
    """Add what other registries know of the media that a machine is missing.

    Args:
        settings: settings of the machine.
        folder: its folder.
        registries: global settings files, as from :func:`registries_for`.

    Returns:
        The settings, a changed copy if anything was found, and sentences about registries that
        cannot be read.
    """
    problems: list[str] = []
    for registry in registries:
        missing = missing_media(settings)
        if not missing:
            break
        try:
            other = GlobalFile.load(registry).settings.media
        except SettingsError as error:
            problems.append(str(error))
            continue
        media = MediaRegistry(
            hard_disks=list(settings.media.hard_disks),
            dvd_images=list(settings.media.dvd_images),
            floppy_images=list(settings.media.floppy_images),
        )
        for uuid in missing:
            _add(media, other, uuid, _Places(os.path.dirname(registry), folder))
        settings = msgspec.structs.replace(settings, media=media)
    return settings, problems


class _Places(msgspec.Struct, frozen=True):
    """Where locations in two files are counted from."""

    there: str
    here: str

    def moved(self, record: HardDisk | RemovableImage) -> str:
        """Return a location of the other file as it is in this one."""
        if not is_file_format(record.format):
            return record.location
        path = resolve_location(self.there, record.location)
        return relative_location(self.here, path) if os.path.isabs(path) else path


def _add(media: MediaRegistry, other: MediaRegistry, uuid: str, places: _Places) -> None:
    """Copy a medium with those that it builds on, unless one of them is missing there too."""
    record = other.find(uuid)
    if isinstance(record, HardDisk):
        try:
            chain = disk_chain(other, uuid)
        except SettingsError:
            return
        for disk in chain:
            if media.find(disk.uuid) is None:
                location = places.moved(disk)
                media.hard_disks.append(msgspec.structs.replace(disk, location=location))
    elif record is not None:
        images = media.dvd_images if record in other.dvd_images else media.floppy_images
        images.append(msgspec.structs.replace(record, location=places.moved(record)))
