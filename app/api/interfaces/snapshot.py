"""``ISnapshot``: states of a machine to come back to."""

from __future__ import annotations

from typing import Protocol

from app.api.schema import interface
from app.settings.model import Snapshot


@interface("snapshot", bound="id")
class Snapshots(Protocol):
    """Methods of a machine's snapshots; ``snapshot`` is the UUID or name of one of them.

    A snapshot holds the settings, the hard disks and, of a machine that is on or saved, the
    execution state. Disks of the types Writethrough, Shareable and Readonly are left alone.

    Each method raises ``VBOX_E_OBJECT_NOT_FOUND`` when there is no such snapshot. Those that work
    on images report progress; what was interrupted by a crash is finished when the service starts
    the next time, before the machine starts, or before the next method for it.
    """

    def find(self, snapshot: str) -> Snapshot:
        """The snapshot; with several of one name the first in the order of the tree."""

    def edit(self, snapshot: str, name: str | None = None, description: str | None = None) -> None:
        """Change name and description where not None; the machine may run.

        Raises:
            ApiError: ``E_INVALIDARG``: the name is empty.
        """

    def take(self, name: str, description: str = "") -> Snapshot:
        """Remember the machine, whether it is off, saved, paused or runs.

        One that runs is held for a moment only: its state is written while it goes on. May be
        cancelled; then, as after an error, the machine is as if no snapshot had been asked for.

        Raises:
            ApiError: ``E_INVALIDARG`` (no name), ``VBOX_E_INVALID_VM_STATE`` (it is starting,
                stopping...), ``VBOX_E_MAXIMUM_REACHED`` (250 deep), ``VBOX_E_FILE_ERROR`` (an
                image is missing, disk full...), ``E_ABORT`` (cancelled).
        """

    def restore(self, snapshot: str) -> None:
        """Give a machine that is off or saved what the snapshot remembers.

        What has changed since its current snapshot is lost, with a saved state that it has. It is
        saved afterwards when the snapshot has an execution state.

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE`` (it runs), ``VBOX_E_FILE_ERROR``.
        """

    def delete(self, snapshot: str) -> None:
        """Forget the snapshot; its children become children of its parent. The machine may run.

        Images are merged, in the direction that moves less; the base of a disk stays. May be
        cancelled before the contents of an image have been changed.

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE``, ``VBOX_E_INVALID_OBJECT_STATE`` (it is the first
                one and has several children), ``VBOX_E_OBJECT_IN_USE`` (another machine, such as a
                linked clone, needs its images), ``VBOX_E_FILE_ERROR`` (no room; when images have
                been merged already the sentence says so), ``E_ABORT`` (cancelled).
        """
