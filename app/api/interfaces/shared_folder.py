"""Shared folders of a running machine that end with it (``IConsole::createSharedFolder``)."""

from __future__ import annotations

from typing import Protocol

from app.api.schema import interface
from app.settings.model import SharedFolder


@interface("shared_folder", bound="id")
class TransientSharedFolders(Protocol):
    """Methods of a running machine; permanent folders are part of its settings.

    Each raises ``VBOX_E_INVALID_VM_STATE`` when the machine does not run.
    """

    def list_transient(self) -> list[SharedFolder]:
        """The transient folders."""

    def add_transient(self, folder: SharedFolder) -> None:
        """Share a folder until the machine stops.

        Raises:
            ApiError: ``VBOX_E_OBJECT_IN_USE``: the machine has a folder of that name;
                ``E_INVALIDARG``: name or path is not allowed.
        """

    def replace_transient(self, folder: SharedFolder) -> None:
        """Change the transient folder of the same name.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``; ``E_INVALIDARG``: the path is not allowed.
        """

    def remove_transient(self, name: str) -> None:
        """Share a transient folder no more.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``.
        """
