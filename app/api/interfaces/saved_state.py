"""The saved state of a machine (``IMachine::discardSavedState`` and ``adoptSavedState``)."""

from __future__ import annotations

from typing import Protocol

from app.api.schema import interface


@interface("saved_state", bound="id")
class SavedState(Protocol):
    """Methods of saved states; a machine must not run for its own to be changed."""

    def read_screenshot(self, snapshot: str = "", thumbnail: bool = False) -> bytes:
        """What the guest's screen showed when the state was saved, as a PNG file.

        Args:
            snapshot: UUID or name of a snapshot that was taken while the machine ran; empty: the
                saved state of the machine itself.
            thumbnail: A small picture (about 160 pixels wide) instead.

        Returns:
            Empty when the saved state holds no picture.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``: there is no such snapshot;
                ``VBOX_E_INVALID_OBJECT_STATE``: there is no saved state;
                ``VBOX_E_FILE_ERROR``: it cannot be read, or is damaged.
        """

    def discard(self, remove_file: bool = True) -> None:
        """Forget the saved state: the machine is powered off, as if its plug had been pulled.

        Args:
            remove_file: Also delete the file, if it is in the machine's folder.

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE``: the machine is not saved;
                ``VBOX_E_INVALID_OBJECT_STATE``: somebody holds it.
        """

    def adopt(self, path: str) -> None:
        """Make a file the saved state of a machine that is powered off.

        Args:
            path: Absolute, or relative to the machine's folder.

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE``: the machine is not powered off;
                ``VBOX_E_FILE_ERROR``: there is no such file.
        """
