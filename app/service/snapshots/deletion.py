"""Deleting a snapshot: its images are merged with their neighbours, one disk after the other.

For each disk the data are copied first, which changes nothing that anybody reads; then headers and
settings follow. The journal says how far it is, so that the next service goes on after a crash.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.service.snapshots import images, tree
from app.service.snapshots.journal import SnapshotJournal, Unfinished
from app.settings.enums import MediumType
from app.settings.media import used_media

if TYPE_CHECKING:
    from app.service.library import KnownMedium, MediaLibrary
    from app.service.machine import Machine
    from app.service.snapshots.online import VmDisks
    from app.settings.model import MachineSettings, Snapshot
    from app.settings.storage import HardDisk

_logger = logging.getLogger(__name__)

_ONLY_READ: Final = {"DMG", "PARALLELS", "QED", "VHDX"}
"""Formats into which nothing can be merged."""

Report = Callable[[int, str], None]


class Deletion:
    """The deletion of one snapshot.

    Args:
        library: Knows who else uses an image.
        journal: Remembers how far it is.
        machine: The machine; held by the caller when it is off.
        snapshot: UUID of the snapshot.
        vm: The disks of the machine when it runs.
    """

    def __init__(
        self,
        library: MediaLibrary,
        journal: SnapshotJournal,
        machine: Machine,
        snapshot: str,
        vm: VmDisks | None,
    ) -> None:
        self._library = library
        self._journal = journal
        self._machine = machine
        self._snapshot = snapshot
        self._vm = vm

    def carry_out(self, report: Report, cancelled: Callable[[], bool]) -> None:
        """Delete the snapshot.

        Args:
            report: Told how far it is.
            cancelled: Asked now and then, as long as the snapshot can still be kept.

        Raises:
            ApiError: Why it is still there. When its images have been changed already, the rest
                is done later, and the sentence says so.
        """
        machine = self._machine
        settings = machine.settings
        found = tree.find(settings, self._snapshot)
        _require_one_root(settings, found)
        planned = (self._plan(settings, slot) for slot in tree.disk_slots(settings, found.hardware))
        # What can be cancelled comes first.
        steps = sorted((step for step in planned if step), key=lambda step: not step.forward)
        images.require_space(machine, settings.media, steps)
        for number, step in enumerate(steps):
            begun = number > 0 or not step.forward
            self._journal.write(self._entry(step))
            try:
                self._copy(
                    step, _share(report, number, len(steps)),
                    (lambda: False) if begun else cancelled,
                )  # fmt: skip
            except ApiError as error:
                raise self._interrupted(error, begun=begun) from error
            self._commit(step)
        self._forget(found.state_file)

    def resume(self, unfinished: Unfinished, report: Report) -> None:
        """Go on with a deletion that was interrupted; the machine is off.

        Raises:
            ApiError: As :meth:`carry_out`.
        """
        step = unfinished.step
        media = self._machine.settings.media
        if unfinished.committing and step is not None and media.find(step.gone) is not None:
            images.reparent(self._machine, media, step)
            self._store(step)
        if any(each.uuid == self._snapshot for each in self._machine.settings.snapshots):
            self.carry_out(report, lambda: False)
        self._journal.remove(self._machine.id)

    # -- planning ------------------------------------------------------------------------------

    def _plan(self, settings: MachineSettings, slot: tree.DiskSlot) -> tree.MergeStep | None:
        """What to do with the image of a disk; None: it stays, or goes without a merge."""
        media = settings.media
        lower = tree.chain_of(media, slot.medium)[-1]
        if not lower.parent and lower.type != MediumType.NORMAL:
            return None
        children = tree.children_of(media, lower.uuid)
        if not children or _used_elsewhere(settings, self._snapshot, lower.uuid):
            return None
        self._require_own(lower, children)
        uppers = tuple(child.uuid for child in children)
        forward = len(children) > 1 or self._goes_forward(lower, children[0])
        if forward and not lower.parent:
            _require_no_states(settings, self._snapshot, lower)
        return tree.MergeStep(lower.uuid, uppers, forward)

    def _goes_forward(self, lower: HardDisk, upper: HardDisk) -> bool:
        """Choose the direction that moves less, but keep a base: the guest knows it by its UUID."""
        if lower.format.upper() in _ONLY_READ:
            return True
        if not lower.parent:
            return False
        machine = self._machine
        up = images.allocated(images.path_of(machine, lower))
        down = images.allocated(images.path_of(machine, upper))
        return up < down

    def _require_own(self, lower: HardDisk, children: list[HardDisk]) -> None:
        """Refuse when another machine builds on the image or uses it."""
        known = self._library.known()
        own = {child.uuid for child in children}
        concerned = [lower.uuid, *own, *known[lower.uuid].children]
        for medium in (known[each] for each in dict.fromkeys(concerned) if each in known):
            owner = self._foreign_owner(medium)
            if owner is None and medium.id != lower.uuid and medium.id not in own:
                owner = "the installation"
            if owner is not None:
                raise ApiError(
                    ErrorCode.VBOX_E_OBJECT_IN_USE,
                    f"The snapshot cannot be deleted: the medium '{medium.path}' is needed by "
                    f"{owner} as well.",
                    "snapshot",
                )

    def _foreign_owner(self, medium: KnownMedium) -> str | None:
        others = (other for other in medium.machines if other is not self._machine)
        other = next(others, None)
        return f"the machine '{other.info.name}'" if other is not None else None

    # -- doing ---------------------------------------------------------------------------------

    def _copy(
        self, step: tree.MergeStep, progress: Callable[[int], None], cancelled: Callable[[], bool]
    ) -> None:
        media = self._machine.settings.media
        for upper in sorted(step.uppers, key=self._is_live):
            if self._is_live(upper):
                assert self._vm is not None
                lower = tree.chain_of(media, step.lower)[-1]
                self._vm.merge(
                    images.path_of(self._machine, lower), forward=step.forward,
                    progress=progress, cancelled=cancelled,
                )  # fmt: skip
            else:
                images.merge(
                    self._machine, media, upper, forward=step.forward,
                    progress=progress, cancelled=cancelled,
                )  # fmt: skip

    def _is_live(self, medium: str) -> bool:
        """Whether the VM process has an image open."""
        if self._vm is None:
            return False
        settings = self._machine.settings
        return any(
            disk.uuid == medium
            for slot in tree.disk_slots(settings, settings.hardware)
            for disk in tree.chain_of(settings.media, slot.medium)
        )

    def _commit(self, step: tree.MergeStep) -> None:
        self._journal.write(self._entry(step, committing=True))
        media = self._machine.settings.media
        live = [upper for upper in step.uppers if self._is_live(upper)]
        if live and self._vm is not None:
            self._vm.commit()
            if not step.forward:
                live = [c.uuid for c in tree.children_of(media, step.gone) if self._is_live(c.uuid)]
        images.reparent(self._machine, media, step, except_for=live)
        self._store(step)

    def _store(self, step: tree.MergeStep) -> None:
        """Write the settings after a merge, and delete the image that is left over."""
        machine = self._machine
        with machine.lock:
            gone = tree.chain_of(machine.settings.media, step.gone)[-1]
            machine.write_settings(tree.merged(machine.settings, step, self._snapshot))
        path = images.path_of(machine, gone)
        images.delete_image(path)
        _logger.info("'%s' was merged %s", path, "forward" if step.forward else "backward")

    def _forget(self, state_file: str) -> None:
        """Take the snapshot out of the tree, and delete what was only for it."""
        machine = self._machine
        with machine.lock:
            settings = machine.settings
            found = tree.find(settings, self._snapshot)
            candidates = [slot.medium for slot in tree.disk_slots(settings, found.hardware)]
            rest, gone = tree.without_unused(tree.without_snapshot(settings, found), candidates)
            files = [images.path_of(machine, disk) for disk in gone]
            kept = {rest.state_file, *(each.state_file for each in rest.snapshots)}
            if state_file and state_file not in kept:
                files.append(machine.resolve(state_file))
            self._journal.write(
                Unfinished(
                    machine_id=machine.id,
                    deleting=self._snapshot,
                    files=[str(file) for file in files],
                )
            )
            machine.write_settings(rest)
        images.delete_files(path for path in files if self._library.find(str(path)) is None)
        self._journal.remove(machine.id)
        _logger.info("Snapshot '%s' of '%s' was deleted", found.name, settings.name)

    def _entry(self, step: tree.MergeStep, *, committing: bool = False) -> Unfinished:
        return Unfinished(
            machine_id=self._machine.id,
            deleting=self._snapshot,
            step=step,
            committing=committing,
        )

    def _interrupted(self, error: ApiError, *, begun: bool) -> ApiError:
        if not begun:
            self._journal.remove(self._machine.id)
            return error
        return ApiError(
            error.code,
            f"{error.message} Images of the snapshot have been merged already; the rest follows "
            "when it is deleted again, or when the service starts the next time.",
            "snapshot",
        )


def _share(report: Report, number: int, count: int) -> Callable[[int], None]:
    def tell(percent: int) -> None:
        report((100 * number + percent) // count, f"Merging images ({number + 1} of {count})")

    return tell


def _require_one_root(settings: MachineSettings, snapshot: Snapshot) -> None:
    children = [other for other in settings.snapshots if other.parent == snapshot.uuid]
    if not snapshot.parent and len(children) > 1:
        raise ApiError(
            ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
            f"Snapshot '{snapshot.name}' of the machine '{settings.name}' cannot be deleted, "
            f"because it is the first snapshot and has {len(children)} child snapshots",
            "snapshot",
        )


def _require_no_states(settings: MachineSettings, snapshot: str, base: HardDisk) -> None:
    """Refuse to replace a base on which saved states count."""
    states = [settings.state_file]
    states += [each.state_file for each in settings.snapshots if each.uuid != snapshot]
    if any(states):
        raise ApiError(
            ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
            f"The snapshot cannot be deleted: several images build on '{base.location}', and saved "
            "states of the machine fit that one only. Delete one of the branches first.",
            "snapshot",
        )


def _used_elsewhere(settings: MachineSettings, snapshot: str, medium: str) -> bool:
    """Whether a drive has the image, now or in another snapshot."""
    others = [each for each in settings.snapshots if each.uuid != snapshot]
    return medium in used_media(msgspec.structs.replace(settings, snapshots=others))
