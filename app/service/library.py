"""The media that are known: those of all machines and those of the installation, as one registry.

A medium is known by its UUID. The records are in the settings files; this gives one view of them,
with who builds on whom and who uses what. The images themselves are looked at by
:mod:`app.service.mediumfacts`, only when somebody asks.
"""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode
from app.api.structs import DeviceType, MediumInfo, MediumState, MediumUse, MediumVariant
from app.service.index import normal_id
from app.service.mediumfacts import MediumFacts, Subject
from app.settings.enums import MediumType
from app.settings.storage import HardDisk, MediaRegistry, RemovableImage, is_file_format

if TYPE_CHECKING:
    from app.service.machine import Machine
    from app.service.registry import Registry
    from app.settings.hardware import HardwareSettings
    from app.settings.model import MachineSettings

KIND_NAMES: Final = {
    DeviceType.HARD_DISK: "hard disk",
    DeviceType.DVD: "DVD image",
    DeviceType.FLOPPY: "floppy image",
}
"""What sentences call the media of a kind."""

REMOVABLE_TYPES: Final = {
    DeviceType.DVD: MediumType.READONLY.value,
    DeviceType.FLOPPY: MediumType.WRITETHROUGH.value,
}
"""How media behave that have no type in the settings."""

_NO_TARGETS: Final = "This version of Vitrine cannot attach iSCSI targets."

Record = HardDisk | RemovableImage


@dataclasses.dataclass(slots=True)
class KnownMedium:
    """One medium.

    Attributes:
        id: UUID.
        path: Absolute path of the image; see ``is_file``.
        device_type: Kind of drive that it is for.
        record: What the settings say of it; those of the first that knows it.
        children: UUIDs of the images that build on it.
        uses: Machines that have it in a drive, now or in a snapshot.
        machines: Those whose settings have the record.
        is_global: The settings of the installation have the record.
    """

    id: str
    path: Path
    device_type: DeviceType
    record: Record
    children: list[str] = dataclasses.field(default_factory=list)
    uses: list[MediumUse] = dataclasses.field(default_factory=list)
    machines: list[Machine] = dataclasses.field(default_factory=list)
    is_global: bool = False

    @property
    def parent_id(self) -> str:
        """UUID of the image that this one builds on; empty for a base."""
        return self.record.parent if isinstance(self.record, HardDisk) else ""

    @property
    def format(self) -> str:
        """Name of the format."""
        return self.record.format or "RAW"

    @property
    def is_file(self) -> bool:
        """Whether the medium is a file; what is none has its location as its path."""
        return is_file_format(self.record.format)


@dataclasses.dataclass(frozen=True, slots=True)
class _Part:
    """What one machine contributes."""

    settings: MachineSettings
    media: list[tuple[DeviceType, Record, Path]]
    uses: dict[str, MediumUse]


class MediaLibrary:
    """All known media. May be asked from any thread; takes locks of machines one at a time."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._parts: dict[str, _Part] = {}
        self._lock = threading.Lock()
        self._facts = MediumFacts()

    # -- finding -------------------------------------------------------------------------------

    def known(self) -> dict[str, KnownMedium]:
        """Every medium by its UUID, parents before their children."""
        found: dict[str, KnownMedium] = {}
        for kind, record in _records(self._registry.settings.media):
            path = Path(record.location)
            if is_file_format(record.format):
                path = Path(os.path.normpath(self._registry.home / path))
            medium = found.setdefault(record.uuid, KnownMedium(record.uuid, path, kind, record))
            medium.is_global = True
        uses: list[dict[str, MediumUse]] = []
        for machine in self._registry.machines():
            part = self._part_of(machine)
            if part is None:
                continue
            for kind, record, path in part.media:
                medium = found.setdefault(record.uuid, KnownMedium(record.uuid, path, kind, record))
                medium.machines.append(machine)
            uses.append(part.uses)
        for used in uses:
            for medium_id, use in used.items():
                if medium_id in found:
                    found[medium_id].uses.append(use)
        for medium in found.values():
            if medium.parent_id in found:
                found[medium.parent_id].children.append(medium.id)
        return found

    def find(self, location: str, device_type: DeviceType | None = None) -> KnownMedium | None:
        """The medium with this UUID or absolute path, or None."""
        known = self.known()
        medium = known.get(normal_id(location))
        if medium is None and os.path.isabs(location):
            medium = _at_path(known.values(), location)
        if medium is None or device_type not in (None, medium.device_type):
            return None
        return medium

    def require(self, location: str, device_type: DeviceType | None = None) -> KnownMedium:
        """The medium with this UUID or absolute path.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``.
        """
        medium = self.find(location, device_type)
        if medium is None:
            kind = KIND_NAMES[device_type or DeviceType.HARD_DISK]
            what = (
                f"location '{location}'" if os.path.isabs(location) else f"UUID {{{location}}}"
            )
            raise ApiError(
                ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
                f"Could not find an open {kind} with {what}",
                "medium",
            )
        return medium

    def chain(self, medium: KnownMedium) -> list[KnownMedium]:
        """The images below ``medium`` and itself, the base first."""
        return _chain(medium, self.known())

    def images(self, medium: KnownMedium) -> list[KnownMedium]:
        """The chain of a medium whose images are about to be read or written.

        Raises:
            ApiError: ``VBOX_E_NOT_SUPPORTED``: one of them is no file.
        """
        chain = self.chain(medium)
        require_files(chain)
        return chain

    def listed(self, device_type: DeviceType) -> list[KnownMedium]:
        """The media of a kind, depth first: each image is followed by those that build on it."""
        known = self.known()

        def branch(medium: KnownMedium) -> Iterator[KnownMedium]:
            yield medium
            for child in medium.children:
                yield from branch(known[child])

        roots = [m for m in known.values() if m.parent_id not in known]
        return [m for root in roots if root.device_type is device_type for m in branch(root)]

    def _part_of(self, machine: Machine) -> _Part | None:
        try:
            settings = machine.settings
        except ApiError:
            with self._lock:
                self._parts.pop(machine.id, None)
            return None
        with self._lock:
            part = self._parts.get(machine.id)
        if part is None or part.settings is not settings:
            part = _part(machine, settings)
            with self._lock:
                self._parts[machine.id] = part
        return part

    # -- describing ----------------------------------------------------------------------------

    def describe(self, media: Iterable[KnownMedium]) -> list[MediumInfo]:
        """What clients see of these media. On a worker thread: looks at the images."""
        known = self.known()
        wanted = list(media)
        chains = {medium.id: _chain(medium, known) for medium in wanted}
        subjects = {
            medium_id: _subject(chain)
            for medium_id, chain in chains.items()
            if all(each.is_file for each in chain)
        }
        facts = dict(zip(subjects, self._facts.look([*subjects.values()]), strict=True))
        return [
            self._describe(medium, facts.get(medium.id, _NO_TARGETS), known) for medium in wanted
        ]

    def describe_new(self, medium: KnownMedium, info: MediumInfo) -> MediumInfo:
        """What clients see of a medium whose image was just made or looked at."""
        self._facts.remember(_subject(self.chain(medium)), info)
        return self.describe([medium])[0]

    def _describe(
        self, medium: KnownMedium, fact: MediumInfo | str, known: dict[str, KnownMedium]
    ) -> MediumInfo:
        record = medium.record
        error = fact if isinstance(fact, str) else _mismatch(medium, fact, self._registry)
        disk = record if isinstance(record, HardDisk) else None
        return MediumInfo(
            id=medium.id,
            path=str(medium.path),
            format=medium.format if isinstance(fact, str) else fact.format,
            variant=_variant(medium) if isinstance(fact, str) else fact.variant,
            device_type=medium.device_type,
            logical_size=0 if isinstance(fact, str) else fact.logical_size,
            actual_size=0 if isinstance(fact, str) else fact.actual_size,
            state=MediumState.INACCESSIBLE if error else self._state(medium, known),
            access_error=error,
            parent_id=medium.parent_id,
            stores_id=not isinstance(fact, str) and fact.stores_id,
            type=disk.type if disk is not None else REMOVABLE_TYPES[medium.device_type],
            children=tuple(medium.children),
            description=record.description,
            auto_reset=disk.auto_reset if disk is not None else False,
            properties=dict(disk.properties) if disk is not None else {},
            uses=tuple(medium.uses),
            registered=True,
        )

    def _state(self, medium: KnownMedium, known: dict[str, KnownMedium]) -> MediumState:
        """Locked for writing by a VM that has it in a drive, for reading by one above it."""
        if any(self._runs(use) for use in medium.uses):
            writes = medium.device_type is not DeviceType.DVD
            return MediumState.LOCKED_WRITE if writes else MediumState.LOCKED_READ
        below = [known[child] for child in medium.children]
        if any(self._state(child, known) is not MediumState.CREATED for child in below):
            return MediumState.LOCKED_READ
        return MediumState.CREATED

    def _runs(self, use: MediumUse) -> bool:
        machine = self._registry.get(use.machine_id)
        return use.attached and machine is not None and machine.state.is_online


def require_files(media: Iterable[KnownMedium]) -> None:
    """Check that media are files, which can be read and written.

    Raises:
        ApiError: ``VBOX_E_NOT_SUPPORTED``: tells which is none.
    """
    for medium in media:
        if not medium.is_file:
            raise no_file(medium.record)


def no_file(record: Record) -> ApiError:
    """What is said of a medium that had to be read or written and is no file."""
    return ApiError(
        ErrorCode.VBOX_E_NOT_SUPPORTED,
        f"Medium '{record.location}' is an {record.format} target, which this version of Vitrine "
        "cannot read or write.",
        "medium",
    )


def _part(machine: Machine, settings: MachineSettings) -> _Part:
    media = [
        (kind, record, machine.image_path(record) or Path(record.location))
        for kind, record in _records(settings.media)
    ]
    attached = _attached(settings.hardware)
    snapshots: dict[str, list[tuple[str, str]]] = {}
    for snapshot in settings.snapshots:
        for medium_id in _attached(snapshot.hardware):
            snapshots.setdefault(medium_id, []).append((snapshot.uuid, snapshot.name))
    uses = {
        medium_id: MediumUse(
            machine_id=machine.id,
            machine_name=settings.name,
            attached=medium_id in attached,
            snapshots=tuple(snapshots.get(medium_id, ())),
        )
        for medium_id in dict.fromkeys((*attached, *snapshots))
    }
    return _Part(settings, media, uses)


def _attached(hardware: HardwareSettings) -> dict[str, None]:
    return dict.fromkeys(
        drive.medium
        for controller in hardware.storage_controllers
        for drive in controller.attachments
        if drive.medium
    )


def _records(media: MediaRegistry) -> Iterator[tuple[DeviceType, Record]]:
    yield from ((DeviceType.HARD_DISK, disk) for disk in media.hard_disks)
    yield from ((DeviceType.DVD, image) for image in media.dvd_images)
    yield from ((DeviceType.FLOPPY, image) for image in media.floppy_images)


def _at_path(known: Iterable[KnownMedium], location: str) -> KnownMedium | None:
    wanted = os.path.normcase(os.path.normpath(location))
    media = list(known)
    for medium in media:
        if os.path.normcase(medium.path) == wanted:
            return medium
    # The same file may be named through a link.
    real = os.path.realpath(wanted)
    name = os.path.basename(real)
    return next(
        (m for m in media if m.path.name == name and os.path.realpath(m.path) == real), None
    )


def _chain(medium: KnownMedium, known: dict[str, KnownMedium]) -> list[KnownMedium]:
    chain = [medium]
    seen = {medium.id}
    parent = medium.parent_id
    while parent in known and parent not in seen:
        seen.add(parent)
        chain.insert(0, known[parent])
        parent = known[parent].parent_id
    return chain


def _subject(chain: list[KnownMedium]) -> Subject:
    paths = tuple(str(each.path) for each in chain)
    return Subject(chain[-1].device_type, paths, tuple(each.format for each in chain))


def _variant(medium: KnownMedium) -> MediumVariant:
    return MediumVariant.DIFF if medium.parent_id else MediumVariant.STANDARD


def _mismatch(medium: KnownMedium, fact: MediumInfo, registry: Registry) -> str:
    """Why an image that can be read is not the one that is meant; empty when it is."""
    owner = medium.machines[0].path if medium.machines else registry.settings_path
    if fact.stores_id and fact.id != medium.id:
        return (
            f"UUID {{{fact.id}}} of the medium '{medium.path}' does not match the value "
            f"{{{medium.id}}} stored in the media registry ('{owner}')"
        )
    if fact.parent_id != medium.parent_id:
        return (
            f"Parent UUID {{{fact.parent_id}}} of the medium '{medium.path}' does not match UUID "
            f"{{{medium.parent_id}}} of its parent medium stored in the media registry ('{owner}')"
        )
    return ""
