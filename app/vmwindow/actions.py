"""The actions of the VM window: declared once, for menus, host key and enabling.

An action names the states in which it makes sense and says what is wrong in the others. Menus are
built in the order of the declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject, Qt
from PySide6.QtGui import QAction

from app.api.structs import MachineState
from app.common.icons import icon
from app.common.window_shortcuts import key_of_sequence
from app.vmwindow.actionspec import (
    NEEDS_ONLINE,
    NEEDS_RUNNING,
    ONLINE,
    RUNNING,
    RUNNING_OR_PAUSED,
    ActionSpec,
    action_text,
    host_key_text,
)
from app.vmwindow.debug.actions import DEBUG_ACTIONS
from app.vmwindow.input.actions import INPUT_ACTIONS
from app.vmwindow.view.actions import VIEW_ACTIONS

MACHINE_MENU: Final = str(QT_TRANSLATE_NOOP("VmActions", "&Machine"))
DEVICES_MENU: Final = str(QT_TRANSLATE_NOOP("VmActions", "&Devices"))
HELP_MENU: Final = str(QT_TRANSLATE_NOOP("VmActions", "&Help"))

ACTIONS: Final = (
    ActionSpec(
        "SettingsDialog", MACHINE_MENU, str(QT_TRANSLATE_NOOP("VmActions", "S&ettings…")),
        "show_settings", Qt.Key.Key_S, RUNNING_OR_PAUSED, "settings", reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "InformationDialog", MACHINE_MENU,
        str(QT_TRANSLATE_NOOP("VmActions", "Session I&nformation…")), "show_information",
        Qt.Key.Key_N, RUNNING_OR_PAUSED, "session-information", separated=True,
        reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "Pause", MACHINE_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&Pause")), "toggle_pause",
        Qt.Key.Key_P, RUNNING_OR_PAUSED, "pause", checkable=True, reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "Reset", MACHINE_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&Reset")), "ask_reset",
        Qt.Key.Key_R, RUNNING_OR_PAUSED, "reset", reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "Detach", MACHINE_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&Detach GUI")), "detach",
        states=RUNNING_OR_PAUSED, icon="detach", reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "SaveState", MACHINE_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&Save State")), "save_state",
        Qt.Key.Key_V, RUNNING_OR_PAUSED, "save-state", reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "Shutdown", MACHINE_MENU, str(QT_TRANSLATE_NOOP("VmActions", "ACPI Sh&utdown")),
        "press_power_button", Qt.Key.Key_H, RUNNING, "acpi-shutdown", reason=NEEDS_RUNNING,
    ),
    ActionSpec(
        "PowerOff", MACHINE_MENU, str(QT_TRANSLATE_NOOP("VmActions", "Po&wer Off")),
        "ask_power_off", None, ONLINE, "power-off", reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "Close", MACHINE_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&Close…")), "close",
        Qt.Key.Key_Q, icon="quit", separated=True,
    ),
    *VIEW_ACTIONS,
    *INPUT_ACTIONS,
    *DEBUG_ACTIONS,
    ActionSpec(
        "Contents", HELP_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&Contents…")), "show_help",
        icon="help",
    ),
    ActionSpec(
        "About", HELP_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&About Vitrine…")), "show_about",
        icon="about",
    ),
)  # fmt: skip


class ActionSet:
    """The QActions of a window, made from the declarations.

    Args:
        owners: the window, then others whose methods are handlers.
    """

    def __init__(self, *owners: QObject) -> None:
        self._actions: dict[str, QAction] = {}
        self._by_key: dict[int, QAction] = {}
        self._showing = False
        self._state = MachineState.STARTING
        self._reasons: dict[str, str] = {}
        for spec in ACTIONS:
            action = self._make(spec, owners)
            self._actions[spec.name] = action
            if spec.key is not None:
                self._by_key[spec.key.value] = action

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def items(self) -> Iterator[tuple[ActionSpec, QAction]]:
        """Yield declarations and actions in the order of the menus."""
        for spec in ACTIONS:
            yield spec, self._actions[spec.name]

    def trigger_host_key(self, key: int) -> bool:
        """Trigger what Host plus a key (``Qt.Key``) means; tell whether it means anything."""
        action = self._by_key.get(key)
        if action is None:
            return False
        action.trigger()
        return True

    def use_shortcuts(self, chosen: Mapping[str, str]) -> None:
        """Obey other keys than the built-in ones; CHOSEN has portable sequences by action name."""
        self._by_key.clear()
        for spec, action in self.items():
            key = spec.key.value if spec.key is not None else None
            if spec.name in chosen:
                key = key_of_sequence(chosen[spec.name])
            caption = action.text().partition("\t")[0]
            if key is not None:
                self._by_key[key] = action
                caption += f"\t{host_key_text(key)}"
            action.setText(caption)

    def set_state(self, state: MachineState) -> None:
        """Enable what makes sense in a machine state."""
        self._state = state
        for spec in ACTIONS:
            self._enable(spec)

    def set_reason(self, name: str, reason: str) -> None:
        """Disable an action for a reason (a sentence) besides the state; empty: no more."""
        if reason != self._reasons.get(name, ""):
            self._reasons[name] = reason
            self._enable(next(spec for spec in ACTIONS if spec.name == name))

    def _enable(self, spec: ActionSpec) -> None:
        reason = self._reasons.get(spec.name, "")
        if self._state not in spec.states:
            reason = action_text(spec.reason)
        action = self._actions[spec.name]
        action.setEnabled(not reason)
        action.setToolTip(reason)

    def set_checked(self, name: str, checked: bool) -> None:
        """Show a switch as it is, without acting."""
        self._showing = True
        self._actions[name].setChecked(checked)
        self._showing = False

    def _make(self, spec: ActionSpec, owners: Sequence[QObject]) -> QAction:
        # Qt shows what follows the tab where shortcuts stand; the host key is none of Qt's.
        suffix = f"\t{host_key_text(spec.key)}" if spec.key is not None else ""
        action = QAction(action_text(spec.text) + suffix, owners[0])
        action.setObjectName(spec.name)
        action.setMenuRole(QAction.MenuRole.NoRole)
        if spec.icon:
            action.setIcon(icon(spec.icon))
        owner = next(o for o in owners if hasattr(o, spec.handler))
        handler: Callable[..., object] = getattr(owner, spec.handler)
        action.setCheckable(spec.checkable)
        if spec.checkable:
            action.toggled.connect(lambda checked: self._toggled(handler, checked))
        else:
            action.triggered.connect(lambda _checked=False: handler())
        return action

    def _toggled(self, handler: Callable[..., object], checked: bool) -> None:
        if not self._showing:
            handler(checked)
