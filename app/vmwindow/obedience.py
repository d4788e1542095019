"""Makes the window of a machine obey the preferences, from the start and whenever they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Slot

from app.api.structs import MachineState
from app.common.preferences import InterfacePreferences
from app.common.translation import tr
from app.console.pckeys import PcKey
from app.vmwindow.keyboard.hostkey import HostKey
from app.vmwindow.screensaver import ScreenSaverInhibitor

if TYPE_CHECKING:
    from app.vmwindow.window import VmWindow


class Obedience(QObject):
    """Host key, shortcuts, capture, scale, raising and the screen saver as people prefer them.

    Args:
        window: obeys, and owns this object.
        preferences: as they are when the window opens.
    """

    def __init__(self, window: VmWindow, preferences: InterfacePreferences) -> None:
        super().__init__(window)
        self._window = window
        self._preferences = preferences
        self.screen_saver = ScreenSaverInhibitor(tr("A virtual machine is running."))
        window.installEventFilter(self)
        window.bridge.state_changed.connect(self._follow_state)
        self.obey(preferences)

    @Slot(object)
    def obey(self, preferences: InterfacePreferences | None = None) -> None:
        """Obey PREFERENCES, or the known ones again, now that the machine's own are known too."""
        window = self._window
        known = self._preferences = preferences or self._preferences
        host_key = HostKey(PcKey[key.name] for key in known.host_keys)
        if host_key.keys != window.keyboard.host_key.keys:
            window.keyboard.host_key = host_key
        window.status.set_host_key(host_key.label)
        window.action_set.use_shortcuts(known.machine_shortcuts)
        window.view.set_guest_limit(known.guest_limit)
        window.view.set_usual_scale(known.guest_scale_percent / 100)
        own = window.preferences
        own.auto_capture_by_default = known.auto_capture
        window.action_set.set_checked("AutoCaptureKeyboard", own.auto_capture)
        window.capture.auto_capture_keyboard = own.auto_capture
        self._follow_state()

    @Slot()
    def _follow_state(self) -> None:
        runs = self._window.console.state is MachineState.RUNNING
        self.screen_saver.set_inhibited(runs and self._preferences.no_screen_saver)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Bring the window to the front when the pointer enters it, if that is preferred."""
        if event.type() == QEvent.Type.Enter and self._preferences.raise_hovered:
            self._window.raise_()
            self._window.activateWindow()
        return False
