"""Changing what is known about media: registering, closing, types, descriptions, places."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.events import MediumConfigChanged, MediumRegistered
from app.api.structs import DeviceType, MediumInfo, MediumState, MediumVariant
from app.service.library import (
    KIND_NAMES,
    KnownMedium,
    MediaLibrary,
    Record,
    require_files,
)
from app.service.media import delete_image
from app.settings.enums import MediumType
from app.settings.paths import relative_location
from app.settings.storage import HardDisk, MediaRegistry, RemovableImage

if TYPE_CHECKING:
    from app.service.hub import EventHub
    from app.service.registry import Registry
    from app.settings.installation import GlobalSettings
    from app.settings.model import MachineSettings

_logger = logging.getLogger(__name__)

_NO_CHILDREN_TYPES = (MediumType.WRITETHROUGH, MediumType.SHAREABLE, MediumType.READONLY)
_INDIRECT_TYPES = (MediumType.IMMUTABLE, MediumType.MULTI_ATTACH)


class MediaChanges:
    """Changes the records of media, wherever they are. On worker threads."""

    def __init__(self, registry: Registry, library: MediaLibrary, hub: EventHub) -> None:
        self._registry = registry
        self._library = library
        self._hub = hub

    # -- registering ---------------------------------------------------------------------------

    def check_free(self, info: MediumInfo) -> KnownMedium | None:
        """The medium that an image is, when it is known.

        Raises:
            ApiError: ``VBOX_E_OBJECT_IN_USE``: another image with its UUID is known.
        """
        holder = self._library.find(info.id) or self._library.find(info.path)
        if holder is None or _same_file(holder.path, info.path):
            return holder
        kind = KIND_NAMES[info.device_type]
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_IN_USE,
            f"Cannot register the {kind} '{info.path}' {{{info.id}}} because a "
            f"{KIND_NAMES[holder.device_type]} '{holder.path}' with UUID {{{holder.id}}} already "
            "exists",
            "virtualbox",
        )

    def register(self, info: MediumInfo) -> KnownMedium:
        """Know an image that no machine has, unless it is known already.

        Raises:
            ApiError: ``VBOX_E_OBJECT_IN_USE`` (its UUID is that of another), or
                ``VBOX_E_OBJECT_NOT_FOUND`` (it builds on an image that is not known).
        """
        known = self.check_free(info)
        if known is not None:
            return known
        if info.parent_id and self._library.find(info.parent_id) is None:
            raise ApiError(
                ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
                f"Parent medium with UUID {{{info.parent_id}}} of the medium '{info.path}' is not "
                f"found in the media registry ('{self._registry.settings_path}')",
                "medium",
            )
        parent = self._library.find(info.parent_id) if info.parent_id else None
        if parent is not None and not parent.is_global:
            self._add_beside(parent, info)
        else:
            record = _new_record(info)
            self._change_global(lambda media: _add(media, info.device_type, record))
        self._hub.fire(MediumRegistered(id=info.id, registered=True))
        return self._library.require(info.id)

    def _add_beside(self, parent: KnownMedium, info: MediumInfo) -> None:
        """Enter a differencing image where its parent is: in the settings of machines."""
        for machine in parent.machines:
            with machine.lock:
                settings = copy.deepcopy(machine.settings)
                record = _new_record(info)
                record.location = relative_location(str(machine.folder), info.path)
                _add(settings.media, info.device_type, record)
                machine.write_settings(settings)

    def settle(self, before: MachineSettings, after: MachineSettings) -> None:
        """Keep the installation's media in step with a change of a machine's settings.

        What the machine has taken up is its own now; hard disks that it has given up, and that
        nobody else knows, stay known to the installation, so that nothing gets lost.
        """
        if before.media == after.media:
            return
        had, has = _ids(before.media), _ids(after.media)
        taken = (has - had) & _ids(self._registry.settings.media)
        given_up = [disk for disk in before.media.hard_disks if disk.uuid not in has]
        known = self._library.known() if given_up else {}
        orphans = self._worth_keeping(
            after.uuid, [disk for disk in given_up if disk.uuid not in known]
        )
        if not taken and not orphans:
            return

        def change(media: MediaRegistry) -> None:
            for medium_id in taken:
                _remove(media, medium_id)
            media.hard_disks.extend(orphans)

        self._change_global(change)

    def _worth_keeping(self, machine_id: str, disks: list[HardDisk]) -> list[HardDisk]:
        """Those whose image exists and, if they are differences, whose parent stays known."""
        machine = self._registry.find(machine_id)
        ids = _ids(self._registry.settings.media)
        kept = []
        for disk in disks:
            path = machine.image_path(disk)
            if (path is None or path.exists()) and (not disk.parent or disk.parent in ids):
                ids.add(disk.uuid)
                location = disk.location if path is None else str(path)
                kept.append(msgspec.structs.replace(disk, location=location))
        return kept

    # -- changing records ----------------------------------------------------------------------

    def edit(self, medium: KnownMedium, change: Callable[[Record], None]) -> None:
        """Have ``change`` alter the record of a medium, everywhere.

        Raises:
            ApiError: A settings file cannot be written.
        """

        def apply(media: MediaRegistry) -> None:
            record = media.find(medium.id)
            if record is not None:
                change(record)

        self._change_everywhere(medium, apply)
        self._hub.fire(MediumConfigChanged(id=medium.id))

    def set_type(self, info: MediumInfo, medium_type: str) -> None:
        """Change the behaviour of a medium; see ``medium.set_type``."""
        medium = self._library.require(info.id)
        wanted = _medium_type(medium_type)
        if info.type == wanted:
            return
        _check_type(info, wanted)

        def change(record: Record) -> None:
            if isinstance(record, HardDisk):
                record.type = wanted.value

        self.edit(medium, change)

    def relocate(self, medium: KnownMedium, path: Path) -> None:
        """The image of a medium is at ``path`` now."""
        for machine in medium.machines:
            location = relative_location(str(machine.folder), str(path))
            with machine.lock:
                settings = copy.deepcopy(machine.settings)
                _set_location(settings.media, medium.id, location)
                machine.write_settings(settings)
        if medium.is_global:
            self._change_global(lambda media: _set_location(media, medium.id, str(path)))

    def close(self, medium: KnownMedium) -> None:
        """Forget a medium that nobody uses; see ``medium.close``."""
        if medium.children:
            raise _in_use(
                f"Cannot close medium '{medium.path}' because it has {len(medium.children)} child "
                "media"
            )
        if medium.uses:
            raise _in_use(
                f"Medium '{medium.path}' cannot be closed because it is still attached to "
                f"{len(medium.uses)} virtual machines"
            )
        self._change_everywhere(medium, lambda media: _remove(media, medium.id))
        self._hub.fire(MediumRegistered(id=medium.id, registered=False))

    def delete_storage(self, medium: KnownMedium) -> None:
        """Delete the image and forget it; see ``medium.delete_storage``."""
        if medium.children:
            raise _in_use(
                f"Cannot delete storage: medium '{medium.path}' has {len(medium.children)} child "
                "media"
            )
        if medium.uses:
            users = " ".join(use.machine_id for use in medium.uses)
            raise _in_use(
                f"Cannot delete storage: medium '{medium.path}' is still attached to the following "
                f"{len(medium.uses)} virtual machine(s): {users}"
            )
        require_files([medium])
        delete_image(medium.path)
        _logger.info("'%s' was deleted", medium.path)
        self.close(medium)

    def _change_everywhere(
        self, medium: KnownMedium, change: Callable[[MediaRegistry], None]
    ) -> None:
        for machine in medium.machines:
            with machine.lock:
                settings = copy.deepcopy(machine.settings)
                change(settings.media)
                machine.write_settings(settings)
        if medium.is_global:
            self._change_global(change)

    def _change_global(self, change: Callable[[MediaRegistry], None]) -> None:
        def changed(settings: GlobalSettings) -> GlobalSettings:
            media = copy.deepcopy(settings.media)
            change(media)
            return msgspec.structs.replace(settings, media=media)

        self._registry.change_settings(changed)


def require_idle(info: MediumInfo) -> None:
    """Check that a medium can be written.

    Raises:
        ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: it is in use or cannot be read; tells why.
    """
    sentences = {
        MediumState.INACCESSIBLE: f"Medium '{info.path}' is not accessible. {info.access_error}",
        MediumState.LOCKED_READ: f"Medium '{info.path}' is locked for reading by another task",
        MediumState.LOCKED_WRITE: f"Medium '{info.path}' is locked for writing by another task",
    }
    if info.state in sentences:
        raise ApiError(
            ErrorCode.VBOX_E_INVALID_OBJECT_STATE, sentences[info.state], "medium"
        )


def _medium_type(name: str) -> MediumType:
    found = next((each for each in MediumType if each.lower() == name.lower()), None)
    if found is None:
        raise ApiError(
            ErrorCode.E_INVALIDARG,
            f"There is no medium type '{name}', only {', '.join(MediumType)}.",
            "medium",
        )
    return found


def _check_type(info: MediumInfo, wanted: MediumType) -> None:
    """See ``Medium::setType`` of VirtualBox for the order of the reasons."""
    problem, code = "", ErrorCode.VBOX_E_INVALID_OBJECT_STATE
    if info.device_type is not DeviceType.HARD_DISK:
        if wanted is not MediumType.READONLY:
            problem = f"Cannot change the type of medium '{info.path}' since it is no hard disk"
    elif info.parent_id:
        problem = (
            f"Cannot change the type of medium '{info.path}' because it is a differencing medium"
        )
    elif len(info.uses) > 1 or (info.uses and wanted in _INDIRECT_TYPES):
        problem = (
            f"Cannot change the type of medium '{info.path}' because it is attached to "
            f"{len(info.uses)} virtual machines"
        )
    elif wanted in _NO_CHILDREN_TYPES and info.children:
        code = ErrorCode.VBOX_E_OBJECT_IN_USE
        problem = (
            f"Cannot change type for medium '{info.path}' since it has {len(info.children)} child "
            "media"
        )
    elif wanted is MediumType.SHAREABLE and info.variant is not MediumVariant.FIXED:
        problem = (
            f"Cannot change type for medium '{info.path}' to 'Shareable' since it is a dynamic "
            "medium storage unit"
        )
    elif wanted is MediumType.READONLY:
        problem = (
            f"Cannot change type for medium '{info.path}' to 'Readonly' since it is a hard disk"
        )
    if problem:
        raise ApiError(code, problem, "medium")


def _in_use(sentence: str) -> ApiError:
    return ApiError(ErrorCode.VBOX_E_OBJECT_IN_USE, sentence, "medium")


def _same_file(path: Path, other: str) -> bool:
    return path.resolve() == Path(other).resolve()


def _new_record(info: MediumInfo) -> Record:
    if info.device_type is DeviceType.HARD_DISK:
        return HardDisk(
            uuid=info.id, location=info.path, format=info.format, parent=info.parent_id
        )
    return RemovableImage(uuid=info.id, location=info.path)


def _add(media: MediaRegistry, device_type: DeviceType, record: Record) -> None:
    if isinstance(record, HardDisk):
        media.hard_disks.append(record)
    elif device_type is DeviceType.DVD:
        media.dvd_images.append(record)
    else:
        media.floppy_images.append(record)


def _remove(media: MediaRegistry, medium_id: str) -> None:
    media.hard_disks = [each for each in media.hard_disks if each.uuid != medium_id]
    media.dvd_images = [each for each in media.dvd_images if each.uuid != medium_id]
    media.floppy_images = [each for each in media.floppy_images if each.uuid != medium_id]


def _set_location(media: MediaRegistry, medium_id: str, location: str) -> None:
    record = media.find(medium_id)
    if record is not None:
        record.location = location


def _ids(media: MediaRegistry) -> set[str]:
    return {
        record.uuid
        for records in (media.hard_disks, media.dvd_images, media.floppy_images)
        for record in records
    }
