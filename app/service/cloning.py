"""Cloning a machine: its settings with new identities, and copies of its hard disks.

The clone becomes visible last, with its settings file; until then everything that was made for it
is removed again when something fails or somebody cancels.
"""

from __future__ import annotations

import copy
import datetime as dt
import logging
import os
import shutil
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from app.api.copying import CloneMode, CloneOption
from app.api.errors import ApiError, ErrorCode
from app.service import media
from app.service.clonedisks import DiskPlan
from app.service.holding import held
from app.service.imagework import ignore_progress, run_image_tool
from app.service.snapshots import find
from app.settings.addresses import new_mac_address
from app.settings.enums import Attachment, DeviceType

if TYPE_CHECKING:
    from app.api.structs import MachineInfo
    from app.service.clonedisks import DiskCopy
    from app.service.dispatch import CallContext
    from app.service.library import MediaLibrary
    from app.service.machine import Machine
    from app.settings.model import HardDisk, HardwareSettings, MachineSettings, Snapshot

_logger = logging.getLogger(__name__)

_STATE_TOOL: Final = (sys.executable, "-m", "engine.ssm.cloning")

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
        if request.mode is not CloneMode.MACHINE_STATE:
            raise _invalid("A linked clone has one state; it cannot get the snapshots as well.")
        if not request.snapshot:
            raise _invalid("A linked clone can only be made of a snapshot; name one.")
    if request.mode is CloneMode.MACHINE_AND_CHILD_STATES and not request.snapshot:
        raise _invalid(
            "Cloning a machine with the snapshots after one needs the name of that snapshot."
        )
    if request.snapshot:
        find(settings, request.snapshot)


def _invalid(sentence: str) -> ApiError:
    return ApiError(ErrorCode.E_INVALIDARG, sentence, "machine")


class _Clone:
    """One clone in the making.

    Attributes:
        settings: Those of the clone.
        copies: Images to be made.
        files: Other files to be copied: from, to.
        states: Saved states likewise.
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
        self.files: list[tuple[Path, Path]] = []
        self.states: list[tuple[Path, Path]] = []
        self._macs: dict[str, str] = {}
        self.settings = self._new_identity(machine_id)
        self._media_before = [_media_of(hardware) for hardware in _stages(self.settings)]
        self._plan = self._plan_media()
        self.copies = self._plan.copies
        self.settings.media = self._plan.media
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
        settings.snapshot_folder = "Snapshots"
        settings.aborted = False
        settings.last_state_change = dt.datetime.now(dt.UTC).replace(microsecond=0)
        _choose_states(settings, self._request)
        keep_uuid = CloneOption.KEEP_HW_UUIDS in self._request.options
        for hardware in _stages(settings):
            hardware.hardware_uuid = (hardware.hardware_uuid or source.uuid) if keep_uuid else ""
            for adapter in hardware.network_adapters:
                if adapter.mac_address and not self._keeps_mac(adapter.attachment):
                    new = self._macs.setdefault(adapter.mac_address, new_mac_address())
                    adapter.mac_address = new
        return settings

    def _keeps_mac(self, attachment: str) -> bool:
        options = self._request.options
        return CloneOption.KEEP_ALL_MACS in options or (
            CloneOption.KEEP_NAT_MACS in options and attachment == Attachment.NAT
        )

    def _plan_media(self) -> DiskPlan:
        """Give each drive a copy of its hard disk, or the medium that it shares with the source."""
        request, settings = self._request, self.settings
        with_children = request.mode is CloneMode.MACHINE_AND_CHILD_STATES
        floors = _media_of(settings.snapshots[0].hardware) if with_children else []
        plan = DiskPlan(
            self._library, self._target, settings.snapshot_folder,
            request.mode, request.options, floors,
        )  # fmt: skip
        for hardware in _stages(settings):
            plan.move_in(hardware)
        first = settings.snapshots[0] if with_children else None
        if first is not None and _media_of(first.hardware) == _media_of(settings.hardware):
            # The present state is no child of that snapshot: the clone goes on from the snapshot.
            plan.add_difference(settings.hardware)
        return plan

    def _plan_files(self) -> None:
        """Saved states and NVRAM go along."""
        folder = self._target.parent
        settings = self.settings
        stages: list[MachineSettings | Snapshot] = [settings, *settings.snapshots]
        for stage in stages:
            if not stage.state_file:
                continue
            state = self._machine.resolve(stage.state_file)
            stage.state_file = os.path.join(settings.snapshot_folder, state.name)
            planned = (state, folder / stage.state_file)
            if planned not in self.states:
                self.states.append(planned)
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
            for source, target in self.states:
                self._copy_state(context, source, target)
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
            text = f"Cloning Disk '{made.chain[-1].name}'"
            progress = _share(context, done, made.size, total, text)
            image_id = make_copy(made, progress, context.cancelled.is_set)
            done += made.size
            self._identify(made.disk, image_id)

    def _identify(self, disk: HardDisk, image_id: str) -> None:
        """Enter the UUID of an image that was made; images without one get it from their path."""
        for hardware in _stages(self.settings):
            for controller in hardware.storage_controllers:
                for drive in controller.attachments:
                    if drive.medium == disk.uuid:
                        drive.medium = image_id
        for other in self.settings.media.hard_disks:
            if other.parent == disk.uuid:
                other.parent = image_id
        disk.uuid = image_id

    def _copy_state(self, context: CallContext, source: Path, target: Path) -> None:
        """Copy a saved state as one of the clone, which goes on from it (as VirtualBox's do)."""
        target.parent.mkdir(exist_ok=True)
        pairs = [f"{old}={new}" for old, new in self._identities().items() if old != new]
        understood = run_image_tool(
            [str(source), str(target), self.settings.name, *pairs], bool, ignore_progress,
            context.cancelled.is_set, tool=_STATE_TOOL,
        )  # fmt: skip
        if not understood:
            _logger.warning("'%s' is not understood and was copied as it is", source)

    def _identities(self) -> dict[str, str]:
        """Identities of the source that its saved states hold, with those of the clone."""
        found = dict(self._macs)
        source, settings = self._source, self.settings
        before = [*(each.hardware for each in source.snapshots), source.hardware]
        new_id = settings.hardware.hardware_uuid or settings.uuid
        found.update((hardware.hardware_uuid or source.uuid, new_id) for hardware in before)
        own = {disk.uuid: disk.parent for disk in settings.media.hard_disks}
        for hardware, old_media in zip(_stages(settings), self._media_before, strict=True):
            # A disk has the identity of its base; an empty top may have been added above it.
            for old, new in zip(old_media, _media_of(hardware), strict=True):
                base = new
                while own.get(base):
                    base = own[base]
                found[self._library.chain(self._library.require(old))[0].id] = base
        return found

    def _undo(self, made_folders: list[Path]) -> None:
        others = (to for _, to in (*self.files, *self.states))
        for path in (*(made.target for made in self.copies), *others):
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


def make_copy(
    made: DiskCopy, progress: Callable[[int], None], cancelled: Callable[[], bool]
) -> str:
    """Make an image as it was planned; returns its UUID.

    Raises:
        ApiError: What the image worker said.
    """
    if made.linked:
        parents = list(zip(made.formats, made.chain, strict=True))
        return media.create_difference(
            parents, made.target, made.disk.format, made.disk.uuid
        ).id
    if made.onto:
        sources = list(zip(made.formats, made.chain, strict=True))
        return media.clone_difference(
            sources, made.onto, made.target, made.disk.uuid, progress, cancelled
        )
    image = media.clone_medium(
        str(made.chain[-1]),
        str(made.target),
        made.disk.format,
        made.variant,
        bases=[str(base) for base in made.chain[:-1]],
        progress=progress,
        cancelled=cancelled,
    )
    return image.id


def _choose_states(settings: MachineSettings, request: CloneRequest) -> None:
    """Leave the snapshots that the clone gets, and its present state."""
    chosen = find(settings, request.snapshot) if request.snapshot else None
    keep: list[Snapshot] = []
    if request.mode is CloneMode.ALL_STATES:
        keep = settings.snapshots
    elif request.mode is CloneMode.MACHINE_AND_CHILD_STATES and chosen is not None:
        ids = {chosen.uuid}
        for snapshot in settings.snapshots:  # parents before their children
            if snapshot.parent in ids:
                ids.add(snapshot.uuid)
        keep = [snapshot for snapshot in settings.snapshots if snapshot.uuid in ids]
        chosen.parent = ""
        if settings.current_snapshot in ids:
            chosen = None
    if chosen is not None and request.mode is not CloneMode.ALL_STATES:
        settings.hardware = copy.deepcopy(chosen.hardware)
        settings.state_file = chosen.state_file
        settings.current_snapshot = chosen.uuid
        settings.current_state_modified = False
    new_ids = {snapshot.uuid: str(uuid.uuid4()) for snapshot in keep}
    for snapshot in keep:
        snapshot.uuid = new_ids[snapshot.uuid]
        snapshot.parent = new_ids.get(snapshot.parent, "")
    settings.snapshots = keep
    settings.current_snapshot = new_ids.get(settings.current_snapshot, "")


def _stages(settings: MachineSettings) -> list[HardwareSettings]:
    return [*(snapshot.hardware for snapshot in settings.snapshots), settings.hardware]


def _media_of(hardware: HardwareSettings) -> list[str]:
    return [
        drive.medium
        for controller in hardware.storage_controllers
        for drive in controller.attachments
        if drive.medium and drive.type == DeviceType.HARD_DISK
    ]


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
