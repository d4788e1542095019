"""Taking, restoring and deleting snapshots, and finishing what was interrupted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState, SnapshotDisk
from app.service.holding import held
from app.service.machine import state_of
from app.service.snapshots import images, tree
from app.service.snapshots.deletion import Deletion
from app.service.snapshots.journal import SnapshotJournal, Unfinished
from app.service.snapshots.online import VmDisks, enter_state, leave_state, refuse_state
from app.settings.paths import relative_location
from app.settings.runtimefiles import state_file_name

if TYPE_CHECKING:
    from app.service.dispatch import CallContext
    from app.service.holding import Holder
    from app.service.library import MediaLibrary
    from app.service.machine import Machine
    from app.service.registry import Registry
    from app.service.sessions import Sessions
    from app.settings.model import MachineSettings, Snapshot
    from app.settings.storage import HardDisk

_logger = logging.getLogger(__name__)

RESTING: Final = {
    MachineState.POWERED_OFF,
    MachineState.SAVED,
    MachineState.TELEPORTED,
    MachineState.ABORTED,
    MachineState.ABORTED_SAVED,
}
"""States in which no VM process has the images open."""

_ONLINE_TAKING: Final = {
    MachineState.RUNNING: MachineState.ONLINE_SNAPSHOTTING,
    MachineState.PAUSED: MachineState.ONLINE_SNAPSHOTTING,
}
_ONLINE_DELETING: Final = {
    MachineState.RUNNING: MachineState.DELETING_SNAPSHOT_ONLINE,
    MachineState.PAUSED: MachineState.DELETING_SNAPSHOT_PAUSED,
}

Report = Callable[[int, str], None]


class SnapshotKeeper:
    """What the service does with the snapshots of all machines. On worker threads."""

    def __init__(
        self, home: Path, registry: Registry, library: MediaLibrary, sessions: Sessions
    ) -> None:
        self._registry = registry
        self._library = library
        self._sessions = sessions
        self._journal = SnapshotJournal(home)

    # -- editing -------------------------------------------------------------------------------

    def edit(
        self,
        machine: Machine,
        holder: Holder,
        snapshot: str,
        name: str | None,
        description: str | None,
    ) -> Snapshot:
        """Change name and description; see ``snapshot.edit``."""
        if name is not None:
            tree.require_name(name)
        with machine.lock:
            machine.require_editable_by(holder)
            settings = machine.settings
            found = tree.find(settings, snapshot)
            changed: Snapshot = msgspec.structs.replace(
                found,
                name=found.name if name is None else name,
                description=found.description if description is None else description,
            )
            snapshots = [changed if other is found else other for other in settings.snapshots]
            machine.write_settings(msgspec.structs.replace(settings, snapshots=snapshots))
            return changed

    # -- taking --------------------------------------------------------------------------------

    def take(
        self, context: CallContext, machine: Machine, name: str, description: str
    ) -> Snapshot:
        """Remember a machine; see ``snapshot.take``."""
        tree.require_name(name)
        tree.require_room(machine.settings)
        if machine.state.is_online:
            return self._take_online(context, machine, name, description)
        self.settle(machine, context.peer)
        with self._busy(machine, context.peer, MachineState.SNAPSHOTTING, "take a snapshot of"):
            settings = machine.settings
            new = self._new_images(settings, tree.disk_slots(settings, settings.hardware))
            made = [images.path_of(machine, disk) for disk in new.values()]
            with self._swept(machine, made):
                images.create_differences(machine, settings.media, new.values())
                context.check_cancelled()
                snapshot = tree.new_snapshot(settings, name, description, settings.state_file)
                self._write(
                    machine, lambda now: tree.with_snapshot(tree.with_images(now, new), snapshot)
                )
        _logger.info("Snapshot '%s' of '%s' was taken", name, settings.name)
        return snapshot

    def _take_online(
        self, context: CallContext, machine: Machine, name: str, description: str
    ) -> Snapshot:
        vm = VmDisks(self._sessions, machine)
        self._require_settled(machine)
        before = enter_state(machine, _ONLINE_TAKING, "take a snapshot of")
        try:
            settings = machine.settings
            slots = tree.disk_slots(settings, settings.hardware)
            new = self._new_images(settings, slots)
            state_file = machine.resolve(f"{settings.snapshot_folder}/{state_file_name()}")
            location = relative_location(str(machine.folder), str(state_file))
            snapshot = tree.new_snapshot(settings, name, description, location)
            self._journal.write(
                Unfinished(
                    machine_id=machine.id,
                    taking=snapshot.uuid,
                    images=list(new.values()),
                    files=[str(state_file)],
                )
            )
            try:
                vm.begin_snapshot(state_file, [_disk(machine, s, new[s.medium]) for s in slots])
            except ApiError as error:
                # After a timeout nobody knows whether the machine writes into the new images.
                if vm.connected and error.code is not ErrorCode.VBOX_E_TIMEOUT:
                    self._journal.remove(machine.id)
                raise
            self._write(machine, lambda now: tree.with_images(now, new))
            self._finish_online(context, machine, vm, new, state_file)
            self._write(machine, lambda now: tree.with_snapshot(now, snapshot))
            self._journal.remove(machine.id)
        finally:
            leave_state(machine, MachineState.ONLINE_SNAPSHOTTING, before)
        _logger.info("Snapshot '%s' of '%s', which runs, was taken", name, settings.name)
        return snapshot

    def _finish_online(
        self,
        context: CallContext,
        machine: Machine,
        vm: VmDisks,
        new: dict[str, HardDisk],
        state_file: Path,
    ) -> None:
        """Wait until the state is written; merge the new images away again when it cannot be."""

        def progress(percent: int) -> None:
            context.progress(percent, "Saving the execution state")

        try:
            vm.wait(progress, context.cancelled.is_set)
        except ApiError as error:
            if not vm.connected and state_file.is_file():
                return  # The machine has ended meanwhile, but not before the state was complete.
            _logger.warning("The snapshot of '%s' failed: %s", machine.info.name, error.message)
            if vm.connected:
                for parent_id, disk in new.items():
                    self._take_back_online(machine, vm, parent_id, disk)
                images.delete_files([state_file])
                self._journal.remove(machine.id)
            raise

    def _take_back_online(
        self, machine: Machine, vm: VmDisks, parent_id: str, disk: HardDisk
    ) -> None:
        parent = tree.chain_of(machine.settings.media, parent_id)[-1]
        vm.merge(
            images.path_of(machine, parent), forward=False,
            progress=lambda _percent: None, cancelled=lambda: False,
        )  # fmt: skip
        vm.commit()
        self._leave_out(machine, disk)

    # -- restoring -----------------------------------------------------------------------------

    def restore(self, context: CallContext, machine: Machine, snapshot: str) -> Snapshot:
        """Give a machine back what a snapshot remembers; see ``snapshot.restore``."""
        if machine.state.is_online:
            raise refuse_state(machine, "restore a snapshot of")
        self.settle(machine, context.peer)
        with self._busy(
            machine, context.peer, MachineState.RESTORING_SNAPSHOT, "restore a snapshot of"
        ):
            settings = machine.settings
            found = tree.find(settings, snapshot)
            self._require_state_file(machine, found)
            new = self._new_images(settings, tree.disk_slots(settings, found.hardware))
            old = [slot.medium for slot in tree.disk_slots(settings, settings.hardware)]
            doomed = [
                images.path_of(machine, disk)
                for disk in settings.media.hard_disks
                if disk.uuid in old and disk.parent
            ]
            doomed += [machine.resolve(settings.state_file)] if settings.state_file else []
            made = [images.path_of(machine, disk) for disk in new.values()]
            with self._swept(machine, [*made, *doomed]):
                images.create_differences(machine, settings.media, new.values())
                context.check_cancelled()
                self._write(
                    machine,
                    lambda now: tree.without_unused(
                        tree.with_images(tree.as_it_was(now, found), new), old
                    )[0],
                )
        _logger.info("Snapshot '%s' of '%s' was restored", found.name, settings.name)
        return found

    @staticmethod
    def _require_state_file(machine: Machine, snapshot: Snapshot) -> None:
        if snapshot.state_file and not machine.resolve(snapshot.state_file).is_file():
            raise ApiError(
                ErrorCode.VBOX_E_FILE_ERROR,
                f"Cannot restore the snapshot '{snapshot.name}': its saved state "
                f"'{machine.resolve(snapshot.state_file)}' is missing.",
                "snapshot",
            )

    # -- deleting ------------------------------------------------------------------------------

    def delete(self, context: CallContext, machine: Machine, snapshot: str) -> Snapshot:
        """Forget a snapshot; see ``snapshot.delete``."""
        found = tree.find(machine.settings, snapshot)
        if machine.state.is_online:
            self._require_settled(machine)
            vm = VmDisks(self._sessions, machine)
            before = enter_state(machine, _ONLINE_DELETING, "delete a snapshot of")
            try:
                self._deletion(machine, found, vm).carry_out(
                    context.progress, context.cancelled.is_set
                )
            finally:
                leave_state(machine, _ONLINE_DELETING[before], before)
            return found
        self.settle(machine, context.peer)
        if not any(other.uuid == found.uuid for other in machine.settings.snapshots):
            return found  # Its interrupted deletion was just finished.
        with self._busy(
            machine, context.peer, MachineState.DELETING_SNAPSHOT, "delete a snapshot of"
        ):
            self._deletion(machine, found, None).carry_out(
                context.progress, context.cancelled.is_set
            )
        return found

    def _deletion(self, machine: Machine, snapshot: Snapshot, vm: VmDisks | None) -> Deletion:
        return Deletion(self._library, self._journal, machine, snapshot.uuid, vm)

    # -- what was interrupted ------------------------------------------------------------------

    def interrupted(self) -> list[Machine]:
        """Machines with which something is unfinished, and whose images nobody has open."""
        found = [self._registry.get(machine_id) for machine_id in self._journal.machines()]
        return [machine for machine in found if machine and not machine.state.is_online]

    def settle(self, machine: Machine, holder: Holder, report: Report | None = None) -> None:
        """Finish what was interrupted with a machine that is off; nothing when there is nothing.

        Raises:
            ApiError: It cannot be finished now; tells why. It is tried again the next time.
        """
        if self._journal.read(machine.id) is None:
            return
        tell = report or (lambda _percent, _text: None)
        with self._busy(
            machine, holder, MachineState.DELETING_SNAPSHOT, "finish what was begun with"
        ):
            unfinished = self._journal.read(machine.id)
            if unfinished is None:
                return
            _logger.info("Finishing what was interrupted with '%s'", machine.info.name)
            if unfinished.deleting:
                Deletion(
                    self._library, self._journal, machine, unfinished.deleting, None
                ).resume(unfinished, tell)
            elif unfinished.taking:
                self._take_back(machine, unfinished, tell)
            self._sweep(machine, unfinished)

    def _take_back(self, machine: Machine, unfinished: Unfinished, report: Report) -> None:
        """Merge the images of a snapshot that was not completed into those below them."""
        if any(each.uuid == unfinished.taking for each in machine.settings.snapshots):
            return
        for disk in unfinished.images:
            if images.path_of(machine, disk).is_file():
                media = machine.settings.media
                if media.find(disk.uuid) is None:
                    media = msgspec.structs.replace(media, hard_disks=[*media.hard_disks, disk])
                images.merge(
                    machine, media, disk.uuid, forward=False,
                    progress=lambda percent: report(percent, "Merging images"),
                )  # fmt: skip
            self._leave_out(machine, disk)

    def _leave_out(self, machine: Machine, disk: HardDisk) -> None:
        """Put the parent of an image in its place, and delete it."""
        self._write(machine, lambda now: _without_image(now, disk))
        images.delete_files([images.path_of(machine, disk)])

    def _require_settled(self, machine: Machine) -> None:
        if self._journal.read(machine.id) is not None:
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
                f"An earlier operation with a snapshot of the machine '{machine.info.name}' was "
                "interrupted. It is finished when the machine is powered off.",
                "snapshot",
            )

    # -- in common -----------------------------------------------------------------------------

    @staticmethod
    def _new_images(
        settings: MachineSettings, slots: list[tree.DiskSlot]
    ) -> dict[str, HardDisk]:
        """Records of new images, by the UUIDs of those that they build on."""
        parents = (tree.chain_of(settings.media, slot.medium)[-1] for slot in slots)
        return {parent.uuid: tree.new_difference(settings, parent) for parent in parents}

    @contextmanager
    def _swept(self, machine: Machine, files: list[Path]) -> Iterator[None]:
        """Delete those of some files that the machine does not need in the end."""
        unfinished = Unfinished(machine_id=machine.id, files=[str(file) for file in files])
        self._journal.write(unfinished)
        try:
            yield
        finally:
            self._sweep(machine, unfinished)

    def _sweep(self, machine: Machine, unfinished: Unfinished) -> None:
        needed = needed_files(machine)
        images.delete_files(
            path
            for path in map(Path, unfinished.files)
            # Another machine, or the installation, may know an image as well.
            if path not in needed and self._library.find(str(path)) is None
        )
        self._journal.remove(machine.id)

    @contextmanager
    def _busy(
        self, machine: Machine, holder: Holder, state: MachineState, action: str
    ) -> Iterator[None]:
        """Hold a machine that is off, in the state of what is done to it."""
        if machine.state not in RESTING:
            raise refuse_state(machine, action)
        with held(machine, holder):
            with machine.lock:
                machine.set_state(state, machine.session_state)
            try:
                yield
            finally:
                with machine.lock:
                    machine.set_state(state_of(machine.settings), machine.session_state)

    @staticmethod
    def _write(machine: Machine, change: Callable[[MachineSettings], MachineSettings]) -> None:
        with machine.lock:
            machine.write_settings(change(machine.settings))


def needed_files(machine: Machine) -> set[Path]:
    """The images and saved states that the settings of a machine know."""
    settings = machine.settings
    states = [settings.state_file, *(each.state_file for each in settings.snapshots)]
    return {
        *(images.path_of(machine, disk) for disk in settings.media.hard_disks),
        *(machine.resolve(location) for location in states if location),
    }


def _disk(machine: Machine, slot: tree.DiskSlot, disk: HardDisk) -> SnapshotDisk:
    return SnapshotDisk(
        controller=slot.controller,
        port=slot.port,
        device=slot.device,
        path=str(images.path_of(machine, disk)),
        format=disk.format,
        id=disk.uuid,
    )


def _without_image(settings: MachineSettings, disk: HardDisk) -> MachineSettings:
    """The machine with the parent of an image in its place."""
    parent = tree.chain_of(settings.media, disk.parent)[-1]
    changed = tree.with_images(settings, {disk.uuid: parent})
    changed.media.hard_disks = [each for each in changed.media.hard_disks if each.uuid != disk.uuid]
    return changed
