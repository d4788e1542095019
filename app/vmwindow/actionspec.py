"""How the actions of the VM window are declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt

from app.api.structs import MachineState
from app.common.translation import tr
from app.common.window_shortcuts import key_text

ACTION_CONTEXT: Final = "VmActions"

RUNNING: Final = frozenset({MachineState.RUNNING})
RUNNING_OR_PAUSED: Final = frozenset({MachineState.RUNNING, MachineState.PAUSED})
ONLINE: Final = frozenset({MachineState.RUNNING, MachineState.PAUSED, MachineState.STUCK})
ALWAYS: Final = frozenset(MachineState)


@dataclass(frozen=True)
class ActionSpec:
    """Declaration of an action.

    Attributes:
        name: VirtualBox's name of the action, for settings that refer to it.
        menu: path of the menu it stands in; a slash separates sub-menus.
        text: caption with its mnemonic; like titles and reasons in the context ``VmActions``.
        handler: method that runs it; gets the new state when ``checkable``.
        key: key pressed together with the host key.
        states: machine states in which it is enabled.
        icon: drawing, or empty.
        checkable: it is a switch.
        separated: a separator stands above it.
        reason: why it is disabled, in a sentence.
        group: actions of which one is checked.
    """

    name: str
    menu: str
    text: str
    handler: str
    key: Qt.Key | None = None
    states: frozenset[MachineState] = ALWAYS
    icon: str = ""
    checkable: bool = False
    separated: bool = False
    reason: str = ""
    group: str = ""


NEEDS_RUNNING: Final = str(
    QT_TRANSLATE_NOOP("VmActions", "The machine does not run at the moment.")
)
NEEDS_ONLINE: Final = str(QT_TRANSLATE_NOOP("VmActions", "The machine is not switched on."))


def action_text(text: str) -> str:
    """Return a text of a declaration, or the title of a menu, in the language in use."""
    return QCoreApplication.translate(ACTION_CONTEXT, text) if text else ""


def host_key_text(key: int) -> str:
    """Return what a menu calls a key (``Qt.Key``) pressed together with the host key."""
    return tr("Host+{key}").format(key=key_text(key))
