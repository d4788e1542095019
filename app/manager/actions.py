"""The manager's actions as data: text, icon, shortcut, and why each is not available.

An action that is disabled says the reason in its tool tip and in the status bar. Actions of a tool
are declared with the tool (:mod:`app.manager.tool`) and are available while it is open.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject
from PySide6.QtGui import QAction, QKeySequence

from app.api.structs import MachineInfo, MachineState
from app.common.icons import icon
from app.common.translation import tr
from app.manager.action_spec import ActionSpec
from app.manager.shortcut_names import stored_name
from app.manager.situation import (
    ForAll,
    ForOne,
    ForSome,
    Situation,
    already_running,
    always,
    in_use,
    inaccessible,
    needs_group,
    needs_groupable,
    needs_pane,
    needs_service,
    no_process,
    not_resting,
    not_running,
    not_running_or_paused,
    not_saved,
    not_startable,
)
from app.manager.tool import Tool, ToolScope, all_tools


def _translated(text: str) -> str:
    return QCoreApplication.translate("ManagerAction", text)


SPECS: Sequence[ActionSpec] = (
    ActionSpec(
        "preferences",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Preferences…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Change settings of Vitrine itself")),
        "preferences", "Ctrl+G", needs_service,
    ),
    ActionSpec(
        "reset-warnings",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Reset All Warnings")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Show the questions again that were silenced")),
        "warning-reset", "", needs_service,
    ),
    ActionSpec(
        "notifications",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Notifications")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Show what is going on and what went wrong")),
        "notifications", "", checkable=True,
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
        "new", "Ctrl+N", needs_service,
    ),
    ActionSpec(
        "add",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Add…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Add existing machines (.vbox files)")),
        "add", "Ctrl+A", needs_service,
    ),
    ActionSpec(
        "add-folder",
        str(QT_TRANSLATE_NOOP("ManagerAction", "A&dd from Folder…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Add the existing machine in a folder")),
        "folder-open", "", needs_service,
    ),
    ActionSpec(
        "import-machines",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Add Machines of Virtual&Box…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Add machines of an installed VirtualBox")),
        "import-machines", "", needs_service,
    ),
    ActionSpec(
        "settings",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Settings…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Change the settings of the selected machine")),
        "settings", "Ctrl+S", ForOne(inaccessible),
    ),
    ActionSpec(
        "clone",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Clone…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Make a copy of the selected machine")),
        "clone", "Ctrl+O", ForOne(not_resting),
    ),
    ActionSpec(
        "move",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Mo&ve…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Move the selected machine to another folder")),
        "move", "", ForOne(not_resting),
    ),
    ActionSpec(
        "remove",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Remove…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Remove the selected machines")),
        "remove", "", ForAll(in_use),
    ),
    ActionSpec(
        "rename-group",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Rena&me Group…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Give the selected group another name")),
        "rename-group", "", needs_group,
    ),
    ActionSpec(
        "ungroup",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Ungroup")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Take everything out of the selected group")),
        "ungroup", "", needs_group,
    ),
    ActionSpec(
        "enter-group",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Enter Group")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Show only what is in the selected group")),
        "enter-group", "", needs_group,
    ),
    ActionSpec(
        "new-group",
        str(QT_TRANSLATE_NOOP("ManagerAction", "[&New]")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Put what is selected into a new group")),
        "group-add", "", needs_groupable,
    ),
    ActionSpec(
        "start",
        str(QT_TRANSLATE_NOOP("ManagerAction", "S&tart")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Start the selected machines")),
        "start", "", ForSome(not_startable),
    ),
    ActionSpec(
        "start-normal",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Normal Start")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Start the selected machines with their windows")),
        "start", "", ForSome(already_running),
    ),
    ActionSpec(
        "start-headless",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Headless Start")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Start the selected machines without windows")),
        "start-headless", "", ForSome(already_running),
    ),
    ActionSpec(
        "start-detachable",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Detachable Start")),
        str(
            QT_TRANSLATE_NOOP(
                "ManagerAction",
                "Start the selected machines with windows that may be closed while they go on",
            )
        ),
        "start-detachable", "", ForSome(already_running),
    ),
    ActionSpec(
        "show",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Sho&w")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Bring the windows of the machines to the front")),
        "show", "", ForSome(no_process),
    ),
    ActionSpec(
        "pause",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Pa&use")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Pause or resume the selected machines")),
        "pause", "", ForSome(not_running_or_paused), checkable=True,
    ),
    ActionSpec(
        "reset",
        str(QT_TRANSLATE_NOOP("ManagerAction", "R&eset")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Press the reset button of the selected machines")),
        "reset", "", ForSome(not_running),
    ),
    ActionSpec(
        "save-state",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Save State")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Save the machines as they are and stop them")),
        "save-state", "", ForSome(not_running_or_paused),
    ),
    ActionSpec(
        "acpi-shutdown",
        str(QT_TRANSLATE_NOOP("ManagerAction", "ACPI Sh&utdown")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Press the power button of the selected machines")),
        "acpi-shutdown", "", ForSome(not_running),
    ),
    ActionSpec(
        "power-off",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Po&wer Off")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Pull the power plug of the selected machines")),
        "power-off", "", ForSome(no_process),
    ),
    ActionSpec(
        "discard",
        str(QT_TRANSLATE_NOOP("ManagerAction", "D&iscard Saved State…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Throw the saved states of the machines away")),
        "discard", "", ForSome(not_saved),
        short_text=str(QT_TRANSLATE_NOOP("ManagerAction", "Discard")),
    ),
    ActionSpec(
        "refresh",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Re&fresh")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Read the state of the selected machines anew")),
        "refresh", "F5", ForSome(always),
    ),
    ActionSpec(
        "show-in-file-manager",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Show in File &Manager")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Open the folders of the selected machines")),
        "folder", "", ForSome(always),
    ),
    ActionSpec(
        "create-shortcut",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Create Shortcut on Des&ktop")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Put an icon for the machine on the desktop")),
        "shortcut", "", ForSome(inaccessible),
    ),
    ActionSpec(
        "sort",
        str(QT_TRANSLATE_NOOP("ManagerAction", "S&ort")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Sort the selected group or the list by name")),
        "sort", "", needs_service,
    ),
    ActionSpec(
        "search",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Searc&h")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Search machines and groups by name")),
        "search", "Ctrl+F", checkable=True,
    ),
    ActionSpec(
        "contents",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Contents…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Read how Vitrine is used")),
        "help", "F1",
    ),
    ActionSpec(
        "about",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&About Vitrine…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Version and licence of this program")),
        "about",
    ),
)

class ActionSet(QObject):
    """The QActions of all specs; ``update`` enables them for a situation.

    Args:
        parent: owns the set.
        tools: their own actions become part of the set, and each gets one that opens it.
    """

    def __init__(self, parent: QObject, tools: Iterable[Tool] | None = None) -> None:
        super().__init__(parent)
        self._actions: dict[str, QAction] = {}
        self._specs: dict[str, ActionSpec] = {}
        self._tool_of: dict[str, str] = {}
        for spec in SPECS:
            self._add(spec)
        for tool in all_tools() if tools is None else tools:
            self._add(opener_spec(tool))
            for spec in tool.actions:
                self._add(spec)
                self._tool_of[spec.name] = tool.name

    def _add(self, spec: ActionSpec) -> None:
        if spec.name in self._specs:
            raise ValueError(f"The action {spec.name!r} is declared twice.")
        action = QAction(icon(spec.icon_name), _translated(spec.text), self)
        action.setObjectName(spec.name)
        action.setCheckable(spec.checkable)
        if spec.shortcut:
            action.setShortcut(QKeySequence(spec.shortcut))
        # The menu says "New…", the tool bar "New".
        short = _translated(spec.short_text or spec.text)
        action.setIconText(short.replace("&", "").rstrip("…"))
        self._actions[spec.name] = action
        self._specs[spec.name] = spec

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def names(self) -> Sequence[str]:
        """Return the names of all actions in the order of declaration."""
        return tuple(self._actions)

    def specs(self) -> Sequence[ActionSpec]:
        """Return the declarations of all actions."""
        return tuple(self._specs.values())

    def use_shortcuts(self, chosen: Mapping[str, str]) -> None:
        """Obey other shortcuts than the built-in ones.

        Args:
            chosen: portable key sequences by the names under which settings keep them.
        """
        for name, spec in self._specs.items():
            sequence = chosen.get(stored_name(name), spec.shortcut)
            self._actions[name].setShortcut(
                QKeySequence(sequence, QKeySequence.SequenceFormat.PortableText)
            )

    def on(self, name: str, slot: Callable[[], object]) -> None:
        """Run SLOT when the action NAME is triggered."""
        self._actions[name].triggered.connect(lambda _checked=False: slot())

    def suitable(self, name: str, machines: Iterable[MachineInfo]) -> list[MachineInfo]:
        """Return those of MACHINES that allow the action NAME."""
        blocked = self._specs[name].blocked
        if not isinstance(blocked, ForOne | ForSome | ForAll):
            return list(machines)
        return [machine for machine in machines if not blocked.reason(machine)]

    def update(self, situation: Situation) -> None:
        """Enable what SITUATION allows and let the rest say why not."""
        for name, spec in self._specs.items():
            action = self._actions[name]
            reason = self._reason(spec, situation)
            action.setEnabled(not reason)
            tip = _translated(spec.tip)
            shortcut = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            if shortcut:
                tip = f"{tip} ({shortcut})"
            action.setToolTip(f"{tip}\n{reason}" if reason else tip)
            action.setStatusTip(reason or _translated(spec.tip))
        self._update_start(situation.machines)

    def _reason(self, spec: ActionSpec, situation: Situation) -> str:
        tool = self._tool_of.get(spec.name, "")
        if tool and tool != situation.tool:
            return tr("The pane of this action is not open.")
        reason = spec.blocked(situation)
        return reason or (situation.pane_reason(spec.name) if tool else "")

    def _update_start(self, machines: Sequence[MachineInfo]) -> None:
        start, pause = self._actions["start"], self._actions["pause"]
        shows = bool(machines) and all(machine.state.is_online for machine in machines)
        start.setText(tr("Sho&w") if shows else tr("S&tart"))
        start.setIconText(start.text().replace("&", ""))
        start.setIcon(icon("show" if shows else "start"))
        if shows and start.isEnabled():
            tip = tr("Bring the windows of the selected machines to the front")
            start.setToolTip(tip)
            start.setStatusTip(tip)
        alive = [machine for machine in machines if not not_running_or_paused(machine)]
        pause.setChecked(
            bool(alive) and all(machine.state is MachineState.PAUSED for machine in alive)
        )


def opener_spec(tool: Tool) -> ActionSpec:
    """Return the declaration of the action that opens TOOL."""
    blocked = needs_pane if tool.scope is ToolScope.MACHINE else needs_service
    return ActionSpec(
        f"tool-{tool.name}", tool.title, tool.tip, tool.icon_name, tool.shortcut, blocked,
        checkable=True,
    )  # fmt: skip
