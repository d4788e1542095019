"""Cloning a machine: its settings with new identities, and a complete copy of each hard disk.

The clone becomes visible last, with its settings file; until then everything that was made for it
is removed again when something fails or somebody cancels.
"""

from __future__ import annotations

import copy
import datetime as dt
import logging
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from app.api.copying import CloneMode, CloneOption
from app.api.errors import ApiError, ErrorCode
from app.api.structs import MediumVariant
from app.service import media
from app.service.holding import held
from app.settings.addresses import new_mac_address
from app.settings.enums import Attachment, DeviceType, MediumType
from app.settings.model import HardDisk, MachineSettings, Snapshot
from app.settings.paths import relative_location
from app.settings.storage import MediaRegistry

if TYPE_CHECKING:
    from app.api.structs import MachineInfo
    from app.service.dispatch import CallContext
    from app.service.library import KnownMedium, MediaLibrary
    from app.service.machine import Machine

_logger = logging.getLogger(__name__)

_COPIED_FORMATS: Final = {"VDI": "vdi", "RAW": "img"}
"""Formats that a copy keeps, with the ending of its name; all others become VDI."""

_SHARED_TYPES: Final = (MediumType.SHAREABLE, MediumType.READONLY)
"""Hard disks that are made to be in several machines: the clone gets the same ones."""

_SETTINGS_SHARE: Final = 2
"""Per cent of the progress for what follows the copying of the images."""


class CloneRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What ``machine.clone`` was asked for; see there."""

    name: str
    mode: CloneMode
    options: list[CloneOption]
    groups: list[str]
    base_folder: str | None
    uuid: str | None
    snapshot: str | None
    register: bool


class _DiskCopy(msgspec.Struct, frozen=True):
    """One image to be made.

    Attributes:
        chain: Images that are read, the base first.
        target: The new image.
        variant: Its allocation.
        disk: Its record, whose UUID is right when it has been made.
        size: Bytes that there are to read.
    """

    chain: list[Path]
    target: Path
    variant: MediumVariant
    disk: HardDisk
    size: int


def clone_machine(
    context: CallContext, machine: Machine, request: CloneRequest
) -> MachineInfo:
    """Make a copy of a machine; see ``machine.clone``."""
    registry = context.service.registry
    _check_request(machine.settings, request)
    group = request.groups[0] if request.groups else "/"
    target = registry.compose_filename(request.name, request.base_folder, group)
    if os.path.lexists(target.parent):
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The folder '{target.parent}' exists already; nothing was cloned.",
            "machine",
        )
    machine_id = request.uuid or str(uuid.uuid4())
    if request.register:
        registry.require_free(machine_id, request.name)
    with held(machine, context.peer):
        work = _Clone(machine, context.service.library, request, machine_id, target)
        return work.carry_out(context)


def _check_request(settings: MachineSettings, request: CloneRequest) -> None:
    if CloneOption.LINK in request.options:
        reason = (
            "needs differencing images, which are not supported yet"
            if request.snapshot
            else "can only be made of a snapshot"
        )
        raise _not_supported(f"A linked clone {reason}.")
    if request.mode is not CloneMode.MACHINE_STATE and settings.snapshots:
        raise _not_supported(
            "Cloning a machine with its snapshots needs differencing images, which are not "
            "supported yet; clone its current state instead."
        )
    if request.mode is CloneMode.MACHINE_AND_CHILD_STATES and not request.snapshot:
        raise ApiError(
            ErrorCode.E_INVALIDARG,
            "Cloning a machine with the snapshots after one needs the name of that snapshot.",
            "machine",
        )


def _not_supported(sentence: str) -> ApiError:
    return ApiError(ErrorCode.VBOX_E_NOT_SUPPORTED, sentence, "machine")


class _Clone:
    """One clone in the making.

    Attributes:
        settings: Those of the clone.
        copies: Images to be made.
        files: Other files to be copied: from, to.
    """

    def __init__(
        self,
        machine: Machine,
        library: MediaLibrary,
        request: CloneRequest,
        machine_id: str,
        target: Path,
    ) -> None:
        self._machine = machine
        self._library = library
        self._request = request
        self._target = target
        self._source = machine.settings
        self.copies: list[_DiskCopy] = []
        self.files: list[tuple[Path, Path]] = []
        self.settings = self._new_identity(machine_id)
        self._plan_media()
        self._plan_files()

    # -- planning ------------------------------------------------------------------------------

    def _new_identity(self, machine_id: str) -> MachineSettings:
        """The source's settings as those of another machine, still with the source's media."""
        source = self._source
        settings = copy.deepcopy(source)
        settings.uuid = machine_id
        settings.name = self._request.name
        settings.name_sync = True
        settings.groups = list(self._request.groups) or ["/"]
        settings.snapshots = []
        settings.current_snapshot = ""
        settings.snapshot_folder = "Snapshots"
        settings.aborted = False
        settings.last_state_change = dt.datetime.now(dt.UTC).replace(microsecond=0)
        if self._request.snapshot:
            snapshot = _find_snapshot(source, self._request.snapshot)
            settings.hardware = copy.deepcopy(snapshot.hardware)
            settings.state_file = snapshot.state_file
        hardware = settings.hardware
        keep_uuid = CloneOption.KEEP_HW_UUIDS in self._request.options
        hardware.hardware_uuid = (hardware.hardware_uuid or source.uuid) if keep_uuid else ""
        for adapter in hardware.network_adapters:
            if adapter.mac_address and not self._keeps_mac(adapter.attachment):
                adapter.mac_address = new_mac_address()
        return settings

    def _keeps_mac(self, attachment: str) -> bool:
        options = self._request.options
        return CloneOption.KEEP_ALL_MACS in options or (
            CloneOption.KEEP_NAT_MACS in options and attachment == Attachment.NAT
        )

    def _plan_media(self) -> None:
        """Give each drive a copy of its hard disk, or the medium that it shares with the source."""
        registry = MediaRegistry()
        new_ids: dict[str, str] = {}
        for controller in self.settings.hardware.storage_controllers:
            for drive in controller.attachments:
                if drive.medium and drive.medium not in new_ids:
                    new_ids[drive.medium] = self._plan_medium(registry, drive.medium)
                drive.medium = new_ids.get(drive.medium, "")
        self.settings.media = registry

    def _plan_medium(self, registry: MediaRegistry, medium_id: str) -> str:
        """Plan what the clone gets for one medium of the source; returns its UUID."""
        chain = self._library.chain(self._library.require(medium_id))
        medium = chain[-1]
        if medium.device_type is not DeviceType.HARD_DISK or _type_of(chain[0]) in _SHARED_TYPES:
            for each in chain:
                _register(registry, each)
            return medium_id
        made = self._plan_copy(chain)
        registry.hard_disks.append(made.disk)
        self.copies.append(made)
        return made.disk.uuid

    def _plan_copy(self, chain: list[KnownMedium]) -> _DiskCopy:
        image_format = chain[0].format.upper()
        if image_format not in _COPIED_FORMATS:
            image_format = "VDI"
        paths = [medium.path for medium in chain]
        target = self._free_target(paths[-1].stem, _COPIED_FORMATS[image_format])
        record = chain[-1].record
        disk = HardDisk(
            uuid=str(uuid.uuid4()),
            location=relative_location(str(self._target.parent), str(target)),
            format=image_format,
            type=_type_of(chain[0]),
            description=record.description,
            properties=dict(record.properties) if isinstance(record, HardDisk) else {},
        )
        size = sum(path.stat().st_size for path in paths if path.is_file())
        fixed = self._library.describe(chain[:1])[0].variant is MediumVariant.FIXED
        variant = MediumVariant.FIXED if fixed else MediumVariant.STANDARD
        return _DiskCopy(paths, target, variant, disk, max(1, size))

    def _free_target(self, stem: str, ending: str) -> Path:
        """A file of the clone that no other image gets."""
        folder = self._target.parent
        number = len(self.copies) + 1
        if CloneOption.KEEP_DISK_NAMES not in self._request.options:
            return folder / f"{self._target.stem}-disk{number}.{ending}"
        taken = {made.target.name.casefold() for made in self.copies}
        name = f"{stem}.{ending}"
        return folder / (f"{stem}-{number}.{ending}" if name.casefold() in taken else name)

    def _plan_files(self) -> None:
        """Saved state and NVRAM go along as they are."""
        folder = self._target.parent
        settings = self.settings
        if settings.state_file:
            state = self._machine.resolve(settings.state_file)
            settings.state_file = os.path.join(settings.snapshot_folder, state.name)
            self.files.append((state, folder / settings.state_file))
        firmware = settings.hardware.firmware
        nvram = self._machine.resolve(
            firmware.nvram_path or self._machine.path.with_suffix(".nvram").name
        )
        if nvram.is_file():
            own = self._target.with_suffix(".nvram")
            firmware.nvram_path = own.name if firmware.nvram_path else ""
            self.files.append((nvram, own))

    # -- doing ---------------------------------------------------------------------------------

    def carry_out(self, context: CallContext) -> MachineInfo:
        """Copy everything, then write the settings; undone when something fails."""
        made_folders = _make_folders(self._target.parent)
        try:
            self._copy_images(context)
            for source, target in self.files:
                _copy_file(source, target)
            context.check_cancelled()
            clone = context.service.registry.add_new(
                self._target, self.settings, register=self._request.register
            )
        except BaseException:
            self._undo(made_folders)
            raise
        context.progress(100, "")
        _logger.info("'%s' was cloned to '%s'", self._machine.info.name, self._target)
        return clone

    def _copy_images(self, context: CallContext) -> None:
        total = sum(made.size for made in self.copies) or 1
        done = 0
        for made in self.copies:
            name = made.chain[-1].name
            image = media.clone_medium(
                str(made.chain[-1]),
                str(made.target),
                made.disk.format,
                made.variant,
                bases=[str(base) for base in made.chain[:-1]],
                progress=_share(context, done, made.size, total, f"Cloning Disk '{name}'"),
                cancelled=context.cancelled.is_set,
            )
            done += made.size
            self._identify(made.disk, image.id)

    def _identify(self, disk: HardDisk, image_id: str) -> None:
        """Enter the UUID of an image that was made; images without one get it from their path."""
        for controller in self.settings.hardware.storage_controllers:
            for drive in controller.attachments:
                if drive.medium == disk.uuid:
                    drive.medium = image_id
        disk.uuid = image_id

    def _undo(self, made_folders: list[Path]) -> None:
        for path in (*(made.target for made in self.copies), *(to for _, to in self.files)):
            path.unlink(missing_ok=True)
        snapshots = self._target.parent / self.settings.snapshot_folder
        for folder in (snapshots, *reversed(made_folders)):
            try:
                folder.rmdir()
            except FileNotFoundError:
                continue
            except OSError as error:
                _logger.warning("'%s' stays: %s", folder, error)


def _share(
    context: CallContext, done: int, size: int, total: int, description: str
) -> Callable[[int], None]:
    """Progress of one image as a share of that of the whole."""
    whole = 100 - _SETTINGS_SHARE

    def tell(percent: int) -> None:
        context.progress((done * 100 + size * percent) * whole // (total * 100), description)

    return tell


def _type_of(medium: KnownMedium) -> str:
    return medium.record.type if isinstance(medium.record, HardDisk) else MediumType.NORMAL


def _register(registry: MediaRegistry, medium: KnownMedium) -> None:
    """Enter a medium that the clone shares with its source."""
    record = msgspec.structs.replace(medium.record, location=str(medium.path))
    if isinstance(record, HardDisk):
        registry.hard_disks.append(record)
    elif medium.device_type is DeviceType.DVD:
        registry.dvd_images.append(record)
    else:
        registry.floppy_images.append(record)


def _find_snapshot(settings: MachineSettings, name_or_id: str) -> Snapshot:
    wanted = name_or_id.strip("{}").lower()
    for snapshot in settings.snapshots:
        if snapshot.uuid == wanted or snapshot.name == name_or_id:
            return snapshot
    raise ApiError(
        ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
        f"Could not find a snapshot named '{name_or_id}'",
        "machine",
    )


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder; returns it and those above it that had to be made, the outermost first."""
    missing = [folder]
    while not missing[0].parent.exists():
        missing.insert(0, missing[0].parent)
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The folder '{folder}' cannot be made: {error.strerror}.",
            "machine",
        ) from error
    return missing


def _copy_file(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(source, target)
        with target.open("rb") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"'{source}' cannot be copied to '{target}': {error.strerror}.",
            "machine",
        ) from error
