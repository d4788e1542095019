"""What snapshots do to the settings of a machine. Nothing here touches a file."""

from __future__ import annotations

import copy
import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.service.errors import from_settings_error
from app.settings.enums import DeviceType, MediumType
from app.settings.errors import SettingsError
from app.settings.media import disk_chain, used_media
from app.settings.model import HardwareSettings, MachineSettings, Snapshot
from app.settings.storage import HardDisk, MediaRegistry, MediumAttachment

MAX_DEPTH: Final = 250
"""VirtualBox's limit of nesting."""

REMEMBERED: Final = ("hardware", "debugging", "autostart", "recording")
"""What a snapshot holds of the settings."""

INDIRECT: Final = {MediumType.NORMAL, MediumType.IMMUTABLE, MediumType.MULTI_ATTACH}
"""Types of disks that take part; snapshots leave the others alone."""


class DiskSlot(msgspec.Struct, frozen=True):
    """A hard disk that takes part in snapshots.

    Attributes:
        controller: Name of its storage controller.
        port: Port on it.
        device: Device on the port.
        medium: UUID of the image.
    """

    controller: str
    port: int
    device: int
    medium: str


class MergeStep(msgspec.Struct, frozen=True):
    """One image of a chain that is to go.

    Attributes:
        lower: UUID of the image of the snapshot that is deleted.
        uppers: UUIDs of the images that build on it.
        forward: They take over what they read from it, and it goes; else there is one, whose
            contents go into ``lower``, and that one goes.
    """

    lower: str
    uppers: tuple[str, ...]
    forward: bool

    @property
    def gone(self) -> str:
        """UUID of the image that goes."""
        return self.lower if self.forward else self.uppers[0]


# -- finding ---------------------------------------------------------------------------------------


def find(settings: MachineSettings, snapshot: str) -> Snapshot:
    """The snapshot with this UUID or name; see ``snapshot.find``."""
    try:
        wanted = str(uuid.UUID(snapshot))
    except ValueError:
        wanted = ""
    for found in settings.snapshots:
        if found.uuid == wanted:
            return found
    for found in settings.snapshots:
        if found.name == snapshot:
            return found
    raise ApiError(
        ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
        f"Could not find a snapshot named '{snapshot}'"
        if settings.snapshots
        else "This machine does not have any snapshots",
        "snapshot",
    )


def require_name(name: str) -> None:
    """Refuse a snapshot without a name.

    Raises:
        ApiError: ``E_INVALIDARG``.
    """
    if not name:
        raise ApiError(ErrorCode.E_INVALIDARG, "A snapshot needs a name.", "snapshot")


def require_room(settings: MachineSettings) -> None:
    """Refuse a snapshot that would be nested too deep.

    Raises:
        ApiError: ``VBOX_E_MAXIMUM_REACHED``.
    """
    parents = {other.uuid: other.parent for other in settings.snapshots}
    depth, snapshot = 0, settings.current_snapshot
    while snapshot in parents and depth <= len(parents):
        snapshot = parents[snapshot]
        depth += 1
    if depth >= MAX_DEPTH:
        raise ApiError(
            ErrorCode.VBOX_E_MAXIMUM_REACHED,
            f"Cannot take another snapshot for machine '{settings.name}', because it exceeds "
            f"the maximum snapshot depth limit of {MAX_DEPTH}.",
            "snapshot",
        )


def disk_slots(settings: MachineSettings, hardware: HardwareSettings) -> list[DiskSlot]:
    """The hard disks of a stage of a machine that take part in snapshots.

    Raises:
        ApiError: The media registry does not know an image.
    """
    return [
        DiskSlot(controller.name, drive.port, drive.device, drive.medium)
        for controller in hardware.storage_controllers
        for drive in controller.attachments
        if drive.type == DeviceType.HARD_DISK
        and drive.medium
        and base_type(settings.media, drive.medium) in INDIRECT
    ]


def chain_of(media: MediaRegistry, medium: str) -> list[HardDisk]:
    """An image with those that it builds on, the base first.

    Raises:
        ApiError: The media registry does not know one of them.
    """
    try:
        return disk_chain(media, medium)
    except SettingsError as error:
        raise from_settings_error(error, "snapshot") from error


def base_type(media: MediaRegistry, medium: str) -> str:
    """Type of a disk, which is that of its base.

    Raises:
        ApiError: The media registry does not know an image.
    """
    return chain_of(media, medium)[0].type


def children_of(media: MediaRegistry, medium: str) -> list[HardDisk]:
    """The images that build directly on one."""
    return [disk for disk in media.hard_disks if disk.parent == medium]


def new_difference(settings: MachineSettings, parent: HardDisk) -> HardDisk:
    """The record of a new image upon ``parent``, in the machine's snapshot folder."""
    identity = str(uuid.uuid4())
    immutable = base_type(settings.media, parent.uuid) == MediumType.IMMUTABLE
    return HardDisk(
        uuid=identity,
        location=f"{settings.snapshot_folder}/{{{identity}}}.vdi",
        format="VDI",
        auto_reset=parent.auto_reset or (immutable and not parent.parent),
        parent=parent.uuid,
    )


# -- changing --------------------------------------------------------------------------------------


def with_images(settings: MachineSettings, images: Mapping[str, HardDisk]) -> MachineSettings:
    """The machine with other images in its drives, by the UUIDs of those that are in them now."""
    changed = copy.deepcopy(settings)
    for drive in _drives(changed.hardware):
        if drive.medium in images:
            drive.medium = images[drive.medium].uuid
    known = {disk.uuid for disk in changed.media.hard_disks}
    changed.media.hard_disks += [disk for disk in images.values() if disk.uuid not in known]
    return changed


def new_snapshot(
    settings: MachineSettings, name: str, description: str, state_file: str = ""
) -> Snapshot:
    """A snapshot of a machine as its settings are now."""
    return Snapshot(
        uuid=str(uuid.uuid4()),
        name=name,
        time_stamp=dt.datetime.now(dt.UTC).replace(microsecond=0),
        description=description,
        state_file=state_file,
        parent=settings.current_snapshot,
        **{field: copy.deepcopy(getattr(settings, field)) for field in REMEMBERED},
    )


def with_snapshot(settings: MachineSettings, snapshot: Snapshot) -> MachineSettings:
    """The machine with a new current snapshot."""
    return msgspec.structs.replace(
        settings,
        snapshots=[*settings.snapshots, snapshot],
        current_snapshot=snapshot.uuid,
        current_state_modified=False,
    )


def as_it_was(settings: MachineSettings, snapshot: Snapshot) -> MachineSettings:
    """The machine with what a snapshot remembers, still with the snapshot's own images."""
    kept = {field: copy.deepcopy(getattr(snapshot, field)) for field in REMEMBERED}
    return msgspec.structs.replace(
        settings,
        current_snapshot=snapshot.uuid,
        current_state_modified=False,
        state_file=snapshot.state_file,
        aborted=False,
        **kept,
    )


def without_unused(
    settings: MachineSettings, candidates: list[str]
) -> tuple[MachineSettings, list[HardDisk]]:
    """The machine without those of some differencing images that nothing needs any more."""
    used = used_media(settings)
    media = copy.deepcopy(settings.media)
    gone = [
        disk
        for disk in media.hard_disks
        if disk.uuid in candidates
        and disk.parent
        and disk.uuid not in used
        and not children_of(media, disk.uuid)
    ]
    media.hard_disks = [disk for disk in media.hard_disks if disk not in gone]
    return msgspec.structs.replace(settings, media=media), gone


def merged(settings: MachineSettings, step: MergeStep, snapshot: str) -> MachineSettings:
    """The machine after a merge for the deletion of a snapshot, which loses its disk."""
    changed = copy.deepcopy(settings)
    disks = {disk.uuid: disk for disk in changed.media.hard_disks}
    lower = disks[step.lower]
    if step.forward:
        for upper in step.uppers:
            child = disks[upper]
            child.parent = lower.parent
            if not lower.parent:
                child.type, child.auto_reset = lower.type, False
            child.description = child.description or lower.description
    else:
        for child in children_of(changed.media, step.gone):
            child.parent = step.lower
        lower.auto_reset = disks[step.gone].auto_reset
    changed.media.hard_disks = [d for d in changed.media.hard_disks if d.uuid != step.gone]
    for stage in changed.snapshots:
        if stage.uuid == snapshot:
            for controller in stage.hardware.storage_controllers:
                controller.attachments = [
                    drive for drive in controller.attachments if drive.medium != step.lower
                ]
    if not step.forward:
        for hardware in _stages(changed):
            for drive in _drives(hardware):
                if drive.medium == step.gone:
                    drive.medium = step.lower
    return changed


def without_snapshot(settings: MachineSettings, snapshot: Snapshot) -> MachineSettings:
    """The machine without a snapshot, whose children become those of its parent."""
    rest = [
        msgspec.structs.replace(
            other, parent=snapshot.parent if other.parent == snapshot.uuid else other.parent
        )
        for other in settings.snapshots
        if other.uuid != snapshot.uuid
    ]
    current = settings.current_snapshot
    is_current = current == snapshot.uuid
    return msgspec.structs.replace(
        settings,
        snapshots=rest,
        current_snapshot=snapshot.parent if is_current else current,
        current_state_modified=is_current or settings.current_state_modified,
    )


def _stages(settings: MachineSettings) -> Iterator[HardwareSettings]:
    yield settings.hardware
    yield from (snapshot.hardware for snapshot in settings.snapshots)


def _drives(hardware: HardwareSettings) -> Iterator[MediumAttachment]:
    for controller in hardware.storage_controllers:
        yield from controller.attachments
