"""The menu of the mouse below Input: when it is captured, and whether that is explained."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject
from PySide6.QtGui import QAction, QActionGroup

from app.api.structs import MachineState
from app.settings.enums import PointingDevice
from app.vmwindow.capture_policy import MouseCapturePolicy

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from app.vmwindow.window import VmWindow

EXPLANATION: Final = "confirmInputCapture"
"""VirtualBox's name of the message that explains the capture."""

_TABLETS: Final = frozenset({
    PointingDevice.USB_TABLET,
    PointingDevice.USB_MULTI_TOUCH,
    PointingDevice.USB_MULTI_TOUCH_PAD,
})

_POLICIES: Final = (
    (
        MouseCapturePolicy.DEFAULT,
        str(QT_TRANSLATE_NOOP("MouseMenu", "Capture with a C&lick")),
        str(QT_TRANSLATE_NOOP("MouseMenu", "The host key alone captures the mouse, too.")),
    ),
    (
        MouseCapturePolicy.HOST_COMBO_ONLY,
        str(QT_TRANSLATE_NOOP("MouseMenu", "Capture with the &Host Key Only")),
        str(QT_TRANSLATE_NOOP("MouseMenu", "A click into the picture does not capture it.")),
    ),
    (
        MouseCapturePolicy.DISABLED,
        str(QT_TRANSLATE_NOOP("MouseMenu", "&Never Capture")),
        str(QT_TRANSLATE_NOOP("MouseMenu", "The guest never gets the mouse.")),
    ),
)


class MouseMenu(QObject):
    """Adds switches to the menu and obeys them.

    Args:
        menu: the menu of the mouse.
        window: the window.
    """

    def __init__(self, menu: QMenu, window: VmWindow) -> None:
        super().__init__(menu)
        self._window = window
        self._explained = False
        self._policies: dict[MouseCapturePolicy, QAction] = {}
        menu.addSeparator()
        group = QActionGroup(menu)
        for policy, text, explanation in _POLICIES:
            action = menu.addAction(self.tr(text))
            action.setCheckable(True)
            action.setToolTip(self.tr(explanation))
            action.triggered.connect(partial(self.choose_policy, policy))
            group.addAction(action)
            self._policies[policy] = action
        menu.addSeparator()
        self.explain_action = menu.addAction(self.tr("&Explain the Capture"))
        self.explain_action.setCheckable(True)
        self.explain_action.toggled.connect(self._set_explaining)
        self.integration_action = menu.addAction(self.tr("Mouse &Integration"))
        self.integration_action.setCheckable(True)
        self.integration_action.setChecked(True)
        self.integration_action.setEnabled(False)
        self.integration_action.setObjectName("MouseIntegration")
        self.integration_action.toggled.connect(self._show_integration)
        window.bridge.pointing_changed.connect(self._show_integration)
        window.bridge.state_changed.connect(self._show_integration)

    def machine_started(self) -> None:
        """Show and obey what the settings of the machine say."""
        preferences = self._window.preferences
        self.explain_action.setChecked(not preferences.is_suppressed(EXPLANATION))
        self._show_integration()
        self._obey(preferences.mouse_capture_policy)

    def _why_no_integration(self) -> str:
        device = self._window.console.settings.hardware.pointing_device
        if device in _TABLETS:
            return self.tr("The guest does not listen to its tablet at the moment.")
        return self.tr(
            "The machine has a mouse, which reports motion and no positions. Integration needs a "
            "USB tablet: settings, System, Pointing Device."
        )

    def _show_integration(self) -> None:
        """Let the guest follow the host's pointer, if it can and shall."""
        window, action = self._window, self.integration_action
        possible = window.console.takes_absolute
        integrated = possible and action.isChecked()
        running = window.console.state is MachineState.RUNNING
        if integrated:
            window.screen_widget.mouse.release()
        window.screen_widget.pointer.set_active(integrated and running)
        action.setEnabled(possible)
        action.setToolTip("" if possible else self._why_no_integration())
        window.status.set_mouse_integration(possible=possible, integrated=integrated)
        self._show_capture()

    def _show_capture(self) -> None:
        """Enable the capture, or say why there is none."""
        reason = ""
        if self._window.capture.mouse_policy is MouseCapturePolicy.DISABLED:
            reason = self.tr("The guest never gets the mouse, as it is chosen in this menu.")
        elif self._window.console.takes_absolute and self.integration_action.isChecked():
            reason = self.tr("The guest follows the pointer; there is nothing to capture.")
        self._window.action_set.set_reason("CaptureMouse", reason)

    def choose_policy(self, policy: MouseCapturePolicy) -> None:
        """Obey another policy and remember it."""
        self._window.preferences.mouse_capture_policy = policy
        self._obey(policy)

    def _obey(self, policy: MouseCapturePolicy) -> None:
        self._policies[policy].setChecked(True)
        self._window.capture.mouse_policy = policy
        self._show_capture()

    def _set_explaining(self, explain: bool) -> None:
        preferences = self._window.preferences
        if explain:
            preferences.unsuppress(EXPLANATION)
            self._explained = False
        else:
            preferences.suppress(EXPLANATION)

    def explanation(self) -> str:
        """Return what to tell a person at a capture: the first time in each run, unless silenced.

        Empty: nothing is to be told.
        """
        if self._explained or self._window.preferences.is_suppressed(EXPLANATION):
            return ""
        self._explained = True
        return self.tr(
            "The mouse is captured by the virtual machine: its pointer moves the guest's and no "
            "longer reaches other windows. Press {host_key} to get it back. Input > Mouse has a "
            "switch for this explanation."
        ).format(host_key=self._window.keyboard.host_key.label)
