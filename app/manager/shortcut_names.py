"""Under which names the shortcuts of the manager's actions are kept.

``GUI/Input/SelectorShortcuts`` names actions as VirtualBox does where it has them; the others have
the name of the action here, in capitals (``new-group`` is ``NewGroup``).
"""

from collections.abc import Mapping
from typing import Final

_NAMES_OF_VIRTUALBOX: Final[Mapping[str, str]] = {
    "quit": "Exit",
    "contents": "Help",
    "new": "NewVM",
    "add": "AddVM",
    "settings": "SettingsVM",
    "clone": "CloneVM",
    "move": "MoveVM",
    "remove": "RemoveVM",
    "start": "StartVM",
    "pause": "PauseVM",
    "reset": "ResetVM",
    "save-state": "SaveVM",
    "acpi-shutdown": "ACPIShutdownVM",
    "power-off": "PowerOffVM",
    "discard": "DiscardVM",
    "refresh": "RefreshVM",
    "show-in-file-manager": "ShowVMInFileManager",
    "create-shortcut": "CreateVMAlias",
    "search": "SearchVM",
    "rename-group": "RenameVMGroup",
}


def stored_name(action: str) -> str:
    """Return the name of the action ACTION in stored shortcuts."""
    camel = "".join(word.capitalize() for word in action.split("-"))
    return _NAMES_OF_VIRTUALBOX.get(action, camel)
