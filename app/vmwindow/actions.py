"""The actions of the VM window: declared once, for menus, host key and enabling.

An action names the states in which it makes sense and says what is wrong in the others. Menus are
built in the order of the declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction

from app.api.structs import MachineState
from app.common.icons import icon

_RUNNING: Final = frozenset({MachineState.RUNNING})
_RUNNING_OR_PAUSED: Final = frozenset({MachineState.RUNNING, MachineState.PAUSED})
_ONLINE: Final = frozenset({MachineState.RUNNING, MachineState.PAUSED, MachineState.STUCK})
_ALWAYS: Final = frozenset(MachineState)

_KEY_NAMES: Final = {
    Qt.Key.Key_Delete: "Del",
    Qt.Key.Key_Backspace: "Backspace",
    Qt.Key.Key_Home: "Home",
}


@dataclass(frozen=True)
class ActionSpec:
    """Declaration of an action.

    Attributes:
        name: VirtualBox's name of the action, for settings that refer to it.
        menu: path of the menu it stands in; a slash separates sub-menus.
        text: caption with its mnemonic.
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
    states: frozenset[MachineState] = _ALWAYS
    icon: str = ""
    checkable: bool = False
    separated: bool = False
    reason: str = ""
    group: str = ""


_NEEDS_RUNNING: Final = "The machine does not run at the moment."
_NEEDS_ONLINE: Final = "The machine is not switched on."

ACTIONS: Final = (
    ActionSpec(
        "Pause", "&Machine", "&Pause", "toggle_pause", Qt.Key.Key_P, _RUNNING_OR_PAUSED,
        "pause", checkable=True, reason=_NEEDS_ONLINE,
    ),
    ActionSpec(
        "Reset", "&Machine", "&Reset", "ask_reset", Qt.Key.Key_R, _RUNNING_OR_PAUSED,
        "reset", reason=_NEEDS_ONLINE,
    ),
    ActionSpec(
        "Shutdown", "&Machine", "ACPI Sh&utdown", "press_power_button", Qt.Key.Key_H, _RUNNING,
        "acpi-shutdown", reason=_NEEDS_RUNNING,
    ),
    ActionSpec(
        "PowerOff", "&Machine", "Po&wer Off", "ask_power_off", None, _ONLINE,
        "power-off", reason=_NEEDS_ONLINE,
    ),
    ActionSpec(
        "Close", "&Machine", "&Close…", "close", Qt.Key.Key_Q, icon="quit", separated=True,
    ),
    ActionSpec(
        "ScaleOneToOne", "&View", "Show Guest Pixels &1:1", "scale_one_to_one",
        checkable=True, group="scale",
    ),
    ActionSpec(
        "ScaleInteger", "&View", "Scale in &Whole Steps", "scale_integer",
        checkable=True, group="scale",
    ),
    ActionSpec(
        "ScaleSmooth", "&View", "Scale &Smoothly to the Window", "scale_smooth",
        checkable=True, group="scale",
    ),
    ActionSpec(
        "MinimizeWindow", "&View", "&Minimize Window", "showMinimized", Qt.Key.Key_M,
        separated=True,
    ),
    ActionSpec("WindowAdjust", "&View", "&Adjust Window Size", "adjust_window", Qt.Key.Key_A),
    ActionSpec(
        "TakeScreenshot", "&View", "Take Screensho&t…", "take_screenshot", Qt.Key.Key_E,
        _ONLINE, separated=True, reason=_NEEDS_ONLINE,
    ),
    ActionSpec(
        "TypeCAD", "&Input/&Keyboard", "&Insert Ctrl-Alt-Del", "type_ctrl_alt_del",
        Qt.Key.Key_Delete, _RUNNING, reason=_NEEDS_RUNNING,
    ),
    ActionSpec(
        "TypeCABS", "&Input/&Keyboard", "Insert Ctrl-Alt-&Backspace", "type_ctrl_alt_backspace",
        Qt.Key.Key_Backspace, _RUNNING, reason=_NEEDS_RUNNING,
    ),
    ActionSpec(
        "TypeCtrlBreak", "&Input/&Keyboard", "Insert Ctrl-B&reak", "type_ctrl_break",
        states=_RUNNING, reason=_NEEDS_RUNNING,
    ),
    ActionSpec(
        "TypePrintScreen", "&Input/&Keyboard", "Insert &Print Screen", "type_print_screen",
        states=_RUNNING, reason=_NEEDS_RUNNING,
    ),
    ActionSpec(
        "TypeAltPrintScreen", "&Input/&Keyboard", "Insert &Alt Print Screen",
        "type_alt_print_screen", states=_RUNNING, reason=_NEEDS_RUNNING,
    ),
    ActionSpec(
        "AutoCaptureKeyboard", "&Input/&Keyboard", "&Capture with the Focus",
        "set_auto_capture_keyboard", checkable=True, separated=True,
    ),
    ActionSpec(
        "CaptureMouse", "&Input/&Mouse", "&Capture the Mouse", "set_mouse_captured",
        Qt.Key.Key_I, _RUNNING, checkable=True, reason=_NEEDS_RUNNING,
    ),
    ActionSpec("About", "&Help", "&About Vitrine…", "show_about", icon="about"),
)  # fmt: skip


def host_key_text(key: Qt.Key) -> str:
    """Return what a menu calls a key pressed together with the host key."""
    name = _KEY_NAMES.get(key) or chr(key.value)
    return f"Host+{name}"


class ActionSet:
    """The QActions of a window, made from the declarations.

    Args:
        owners: the window, then others whose methods are handlers.
    """

    def __init__(self, *owners: QObject) -> None:
        self._actions: dict[str, QAction] = {}
        self._by_key: dict[int, QAction] = {}
        self._showing = False
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

    def set_state(self, state: MachineState) -> None:
        """Enable what makes sense in a machine state."""
        for spec, action in self.items():
            enabled = state in spec.states
            action.setEnabled(enabled)
            action.setToolTip("" if enabled else spec.reason)

    def set_checked(self, name: str, checked: bool) -> None:
        """Show a switch as it is, without acting."""
        self._showing = True
        self._actions[name].setChecked(checked)
        self._showing = False

    def _make(self, spec: ActionSpec, owners: Sequence[QObject]) -> QAction:
        # Qt shows what follows the tab where shortcuts stand; the host key is none of Qt's.
        suffix = f"\t{host_key_text(spec.key)}" if spec.key is not None else ""
        action = QAction(spec.text + suffix, owners[0])
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
