"""``ISnapshot``: states of a machine to come back to."""

from __future__ import annotations

from typing import Protocol

from app.api.schema import interface
from app.settings.model import Snapshot


@interface("snapshot", bound="id")
class Snapshots(Protocol):
    """Methods of a machine's snapshots; ``snapshot`` is the UUID or name of one of them.

    Snapshots of machines with hard disks need differencing images, which do not exist yet:
    ``take``, ``restore`` and ``delete`` then raise ``VBOX_E_NOT_SUPPORTED``.

    Each method raises ``VBOX_E_OBJECT_NOT_FOUND`` when there is no such snapshot.
    """

    def find(self, snapshot: str) -> Snapshot:
        """The snapshot; with several of one name the first in the order of the tree."""

    def edit(self, snapshot: str, name: str | None = None, description: str | None = None) -> None:
        """Change name and description where not None; the machine may run.

        Raises:
            ApiError: ``E_INVALIDARG``: the name is empty.
        """

    def take(self, name: str, description: str = "") -> Snapshot:
        """Remember the settings of a machine that is powered off.

        Raises:
            ApiError: ``E_INVALIDARG`` (no name), ``VBOX_E_INVALID_VM_STATE`` (it runs or is saved),
                ``VBOX_E_NOT_SUPPORTED`` (it has hard disks), ``VBOX_E_MAXIMUM_REACHED`` (250 deep).
        """

    def restore(self, snapshot: str) -> None:
        """Give a machine that is powered off the settings of the snapshot.

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE``, ``VBOX_E_NOT_SUPPORTED``.
        """

    def delete(self, snapshot: str) -> None:
        """Forget the snapshot; its children become children of its parent.

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE``, ``VBOX_E_NOT_SUPPORTED``, or
                ``VBOX_E_INVALID_OBJECT_STATE``: it is the first one and has several children.
        """
