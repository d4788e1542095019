"""The manager's actions as data: text, icon, shortcut, and why each is not available.

An action that is disabled says the reason in its tool tip and in the status bar.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject
from PySide6.QtGui import QAction, QKeySequence

from app.api.structs import MachineInfo, MachineState
from app.common.icons import icon
from app.common.translation import tr
from app.manager.states import is_locked, is_online


@dataclass(frozen=True)
class Situation:
    """What decides about actions: the connection and the selected machine."""

    connected: bool
    machine: MachineInfo | None


def _always(_situation: Situation) -> str:
    return ""


def _needs_service(situation: Situation) -> str:
    if not situation.connected:
        return tr("Vitrine's service does not answer.")
    return ""


def _needs_machine(situation: Situation) -> str:
    if situation.machine is None:
        return tr("No machine is selected.")
    return _needs_service(situation)


def _needs_accessible(situation: Situation) -> str:
    machine = situation.machine
    if machine is not None and not machine.accessible:
        return tr("The machine is inaccessible.")
    return _needs_machine(situation)


def _needs_startable(situation: Situation) -> str:
    """Start and Show share one action: an unlocked machine starts, a running one is shown."""
    machine = situation.machine
    if machine is not None and is_locked(machine) and not machine.state.is_online:
        return tr("The machine is in use; wait until that has ended.")
    return _needs_accessible(situation)


def _needs_unlocked(situation: Situation) -> str:
    machine = situation.machine
    if machine is not None and (is_online(machine) or is_locked(machine)):
        return tr("The machine is in use; power it off first.")
    return _needs_machine(situation)


def _needs_running(situation: Situation) -> str:
    machine = situation.machine
    if machine is not None and machine.state is not MachineState.RUNNING:
        return tr("The machine is not running.")
    return _needs_accessible(situation)


def _needs_running_or_paused(situation: Situation) -> str:
    machine = situation.machine
    if machine is not None and machine.state not in {MachineState.RUNNING, MachineState.PAUSED}:
        return tr("The machine is not running.")
    return _needs_accessible(situation)


def _needs_process(situation: Situation) -> str:
    """Power off also helps a machine that got stuck."""
    machine = situation.machine
    if machine is not None and not machine.state.is_online:
        return tr("The machine is not running.")
    return _needs_accessible(situation)


@dataclass(frozen=True)
class ActionSpec:
    """Declaration of one action; texts are in the source language.

    Attributes:
        name: key in :class:`ActionSet` and name of the QAction.
        text: menu text with mnemonic.
        tip: one sentence for tool tip and status bar.
        icon_name: drawing in resources/icons, empty for none.
        shortcut: portable key sequence, empty for none.
        blocked: returns the reason why it is disabled, or an empty string.
        checkable: the action is a toggle.
    """

    name: str
    text: str
    tip: str
    icon_name: str = ""
    shortcut: str = ""
    blocked: Callable[[Situation], str] = _always
    checkable: bool = False


def _translated(text: str) -> str:
    return QCoreApplication.translate("ManagerAction", text)


SPECS: Sequence[ActionSpec] = (
    ActionSpec(
        "preferences",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Preferences…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Change settings of Vitrine itself")),
        "preferences", "Ctrl+G", _needs_service,
    ),
    ActionSpec(
        "quit",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Quit")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Close the manager; running machines go on")),
        "quit", "Ctrl+Q",
    ),
    ActionSpec(
        "new",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&New…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Create a new machine")),
        "new", "Ctrl+N", _needs_service,
    ),
    ActionSpec(
        "add",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Add…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Add an existing machine (.vbox file)")),
        "add", "Ctrl+A", _needs_service,
    ),
    ActionSpec(
        "settings",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Settings…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Change the settings of the selected machine")),
        "settings", "Ctrl+S", _needs_accessible,
    ),
    ActionSpec(
        "remove",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Remove…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Remove the selected machine")),
        "remove", "", _needs_unlocked,
    ),
    ActionSpec(
        "start",
        str(QT_TRANSLATE_NOOP("ManagerAction", "S&tart")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Start the selected machine")),
        "start", "", _needs_startable,
    ),
    ActionSpec(
        "pause",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Pause")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Pause or resume the selected machine")),
        "pause", "", _needs_running_or_paused, checkable=True,
    ),
    ActionSpec(
        "reset",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Reset")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Press the reset button of the machine")),
        "reset", "", _needs_running,
    ),
    ActionSpec(
        "acpi-shutdown",
        str(QT_TRANSLATE_NOOP("ManagerAction", "ACPI Sh&utdown")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Press the power button of the machine")),
        "acpi-shutdown", "", _needs_running,
    ),
    ActionSpec(
        "power-off",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Po&wer Off")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Pull the power plug of the machine")),
        "power-off", "", _needs_process,
    ),
    ActionSpec(
        "refresh",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Re&fresh")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Read the state of the machine anew")),
        "refresh", "F5", _needs_machine,
    ),
    ActionSpec(
        "show-in-file-manager",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Show in &File Manager")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Open the folder of the machine")),
        "folder", "", _needs_machine,
    ),
    ActionSpec(
        "about",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&About Vitrine…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Version and licence of this program")),
        "about",
    ),
)


class ActionSet(QObject):
    """The QActions of all specs; ``update`` enables them for a situation."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._actions: dict[str, QAction] = {}
        for spec in SPECS:
            action = QAction(_translated(spec.text), self)
            action.setObjectName(spec.name)
            action.setCheckable(spec.checkable)
            if spec.icon_name:
                action.setIcon(icon(spec.icon_name))
            if spec.shortcut:
                action.setShortcut(QKeySequence(spec.shortcut))
            # The menu says "New…", the tool bar "New".
            action.setIconText(_translated(spec.text).replace("&", "").rstrip("…"))
            self._actions[spec.name] = action

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def on(self, name: str, slot: Callable[[], object]) -> None:
        """Run SLOT when the action NAME is triggered."""
        self._actions[name].triggered.connect(lambda _checked=False: slot())

    def update(self, situation: Situation) -> None:
        """Enable what SITUATION allows and let the rest say why not."""
        for spec in SPECS:
            action = self._actions[spec.name]
            reason = spec.blocked(situation)
            action.setEnabled(not reason)
            tip = _translated(spec.tip)
            if spec.shortcut:
                shortcut = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
                tip = f"{tip} ({shortcut})"
            action.setToolTip(f"{tip}\n{reason}" if reason else tip)
            action.setStatusTip(reason or _translated(spec.tip))
        self._update_start(situation.machine)

    def _update_start(self, machine: MachineInfo | None) -> None:
        start, pause = self._actions["start"], self._actions["pause"]
        running = machine is not None and machine.state.is_online
        start.setText(tr("S&how") if running else tr("S&tart"))
        start.setIconText(start.text().replace("&", ""))
        start.setIcon(icon("show" if running else "start"))
        if running and start.isEnabled():
            tip = tr("Bring the window of the selected machine to the front")
            start.setToolTip(tip)
            start.setStatusTip(tip)
        pause.setChecked(machine is not None and machine.state is MachineState.PAUSED)
