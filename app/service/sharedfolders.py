"""Transient shared folders of running machines."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode
from app.service.transient import Transient

if TYPE_CHECKING:
    from app.service.machine import Machine
    from app.settings.model import SharedFolder

_BAD_CHARACTERS: Final = '\\/:*?"<>|'
"""What Windows guests refuse in the name of a share."""


class TransientFolders:
    """The transient folders of all machines; methods may be called from any thread.

    Each raises ``VBOX_E_INVALID_VM_STATE`` when the machine does not run.
    """

    def __init__(self) -> None:
        self._folders: Transient[SharedFolder] = Transient()

    def all(self, machine: Machine) -> list[SharedFolder]:
        """Folders in the order in which they were added."""
        with machine.lock:
            return [*self._of(machine).values()]

    def add(self, machine: Machine, folder: SharedFolder) -> None:
        """Add a folder; see ``shared_folder.add_transient``."""
        check_folder(folder)
        with machine.lock:
            folders = self._of(machine)
            permanent = machine.settings.hardware.shared_folders
            if folder.name in folders or any(other.name == folder.name for other in permanent):
                raise ApiError(
                    ErrorCode.VBOX_E_OBJECT_IN_USE,
                    f"Shared folder named '{folder.name}' already exists",
                    "console",
                )
            folders[folder.name] = folder

    def replace(self, machine: Machine, folder: SharedFolder) -> None:
        """Change a folder; see ``shared_folder.replace_transient``."""
        check_folder(folder)
        with machine.lock:
            self._require(machine, folder.name)
            self._of(machine)[folder.name] = folder

    def remove(self, machine: Machine, name: str) -> None:
        """Remove a folder; see ``shared_folder.remove_transient``."""
        with machine.lock:
            self._require(machine, name)
            del self._of(machine)[name]

    def _of(self, machine: Machine) -> dict[str, SharedFolder]:
        if machine.session is None:
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_VM_STATE,
                f"Machine '{machine.info.name}' is not currently running.",
                "console",
            )
        return self._folders.of(machine)

    def _require(self, machine: Machine, name: str) -> None:
        if name not in self._of(machine):
            raise ApiError(
                ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
                f"Could not find a shared folder named '{name}'.",
                "console",
            )


def check_folder(folder: SharedFolder) -> None:
    """Check name and path of a shared folder.

    Raises:
        ApiError: ``E_INVALIDARG``: names what is wrong.
    """
    if not folder.name or any(character in _BAD_CHARACTERS for character in folder.name):
        raise _invalid(f"'{folder.name}' cannot be the name of a shared folder.")
    if not os.path.isabs(folder.host_path):
        raise _invalid(f"Shared folder path '{folder.host_path}' is not absolute")


def _invalid(sentence: str) -> ApiError:
    return ApiError(ErrorCode.E_INVALIDARG, sentence, "console")
