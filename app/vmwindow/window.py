"""The main window of a running machine: puts the parts together and carries out the actions."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QEvent, QSize, Qt, Slot
from PySide6.QtGui import QActionGroup, QCloseEvent, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QMainWindow, QMenu, QScrollArea, QWidget

from app.api.structs import MachineState
from app.common.application import PRODUCT
from app.common.help_window import HelpWindow
from app.common.messages import show_error
from app.console.audio import audio_activity
from app.console.networks import network_activity
from app.settings.enums import DeviceType
from app.vmwindow import confirm, screenshot
from app.vmwindow.actions import DEVICES_MENU, ActionSet
from app.vmwindow.actionspec import action_text
from app.vmwindow.bootfailure import BootWatch
from app.vmwindow.bridge import ConsoleBridge
from app.vmwindow.capture import CaptureController
from app.vmwindow.closing import Closing
from app.vmwindow.commands import MachineCommands
from app.vmwindow.debug.actions import DEBUG_MENU
from app.vmwindow.debug.commands import DebugCommands
from app.vmwindow.devices.menu import DevicesMenu
from app.vmwindow.devices.offers import OfferStore
from app.vmwindow.guru import meditate
from app.vmwindow.information.dialog import show_information
from app.vmwindow.input.actions import KEYBOARD_MENU, MOUSE_MENU
from app.vmwindow.input.commands import InputCommands
from app.vmwindow.keyboard.handler import KeyboardHandler
from app.vmwindow.mouse_menu import MouseMenu
from app.vmwindow.preferences import Preferences
from app.vmwindow.progress_veil import ProgressVeil
from app.vmwindow.screen.frames import Frame, FramePump
from app.vmwindow.screen.overlay import HintLabel
from app.vmwindow.screen.widget import ScreenWidget
from app.vmwindow.settings import SettingsCommands
from app.vmwindow.statusbar.bar import VmStatusBar
from app.vmwindow.statusbar.commands import StatusBarCommands
from app.vmwindow.statusbar.kinds import IndicatorKind
from app.vmwindow.trouble import show_runtime_error
from app.vmwindow.view.actions import SCREEN_MENU
from app.vmwindow.view.controller import ViewController
from app.vmwindow.view.recording import RecordingCommands
from app.vmwindow.view.remotedisplay import RemoteDisplayCommands
from app.vmwindow.view.settings import ViewMode
from app.vmwindow.view.virtualscreen import VirtualScreenMenu

if TYPE_CHECKING:
    from app.console.console import Console
    from app.console.events import RuntimeErrorRaised

STATE_NAMES: Final = {
    MachineState.STARTING: str(QT_TRANSLATE_NOOP("VmWindow", "Starting")),
    MachineState.RUNNING: str(QT_TRANSLATE_NOOP("VmWindow", "Running")),
    MachineState.PAUSED: str(QT_TRANSLATE_NOOP("VmWindow", "Paused")),
    MachineState.STUCK: str(QT_TRANSLATE_NOOP("VmWindow", "Guru Meditation")),
    MachineState.STOPPING: str(QT_TRANSLATE_NOOP("VmWindow", "Stopping")),
    MachineState.SAVING: str(QT_TRANSLATE_NOOP("VmWindow", "Saving")),
    MachineState.RESTORING: str(QT_TRANSLATE_NOOP("VmWindow", "Restoring")),
    MachineState.ONLINE_SNAPSHOTTING: str(QT_TRANSLATE_NOOP("VmWindow", "Taking a Snapshot")),
    MachineState.LIVE_SNAPSHOTTING: str(QT_TRANSLATE_NOOP("VmWindow", "Taking a Snapshot")),
    MachineState.SAVED: str(QT_TRANSLATE_NOOP("VmWindow", "Saved")),
    MachineState.ABORTED: str(QT_TRANSLATE_NOOP("VmWindow", "Aborted")),
    MachineState.ABORTED_SAVED: str(QT_TRANSLATE_NOOP("VmWindow", "Aborted and Saved")),
    MachineState.POWERED_OFF: str(QT_TRANSLATE_NOOP("VmWindow", "Powered Off")),
}
_NOT_DETACHABLE: Final = str(
    QT_TRANSLATE_NOOP(
        "VmWindow",
        "The machine runs in this window and ends with it. Started with “Detachable Start” it goes "
        "on without its window.",
    )
)


class VmWindow(QMainWindow):
    """The window of one machine.

    Args:
        console: the machine's console, not started yet.
        detachable: the window may be closed while the machine goes on.
        first_mode: view mode to begin with; default: as the machine was shown last.

    Attributes:
        detachable: the same.
    """

    def __init__(
        self,
        console: Console,
        parent: QWidget | None = None,
        *,
        detachable: bool = False,
        first_mode: ViewMode | None = None,
    ) -> None:
        super().__init__(parent)
        self.detachable = detachable
        self._first_mode = first_mode
        self.console = console
        self.bridge = ConsoleBridge(console, self)
        self.keyboard = KeyboardHandler(self)
        self.screen_widget = ScreenWidget(self.keyboard)
        self.capture = CaptureController(self.screen_widget, self.keyboard)
        self.preferences = Preferences({})
        self.offers = OfferStore(console, self.bridge)
        self.commands = MachineCommands(self, console, self.bridge, self.offers)
        self.scroll_area = QScrollArea()
        self.hint = HintLabel(self.scroll_area.viewport())
        self.progress = ProgressVeil(self.scroll_area, self.commands.cancel_save_state)
        self.status = VmStatusBar()
        self.view = ViewController(self)
        self.recording = RecordingCommands(self)
        self.remote_display = RemoteDisplayCommands(self)
        self.indicators = StatusBarCommands(self)
        self.closing = Closing(self)
        self.boot_watch = BootWatch(self)
        self.input = InputCommands(self)
        self.debug = DebugCommands(self)
        self.settings = SettingsCommands(self)
        self.action_set = ActionSet(
            self,
            self.commands, self.input, self.view, self.recording, self.remote_display,
            self.indicators, self.debug, self.settings,
        )  # fmt: skip
        self.pump: FramePump | None = None
        self._frames_shown = 0
        self._held_back: RuntimeErrorRaised | None = None
        self._trouble: QDialog | None = None
        self._build()
        self._connect()
        self._show_state()

    # ------------------------------------------------------------------ construction

    def _build(self) -> None:
        self.scroll_area.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll_area.setWidget(self.screen_widget)
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroll_area.setFocusProxy(self.screen_widget)
        self.setCentralWidget(self.scroll_area)
        self.setStatusBar(self.status)
        self._build_menus()
        self.status.set_host_key(self.keyboard.host_key.label)
        self.status.set_engine("", "")
        self.screen_widget.setFocus()

    def _build_menus(self) -> None:
        menus: dict[str, QMenu] = {}
        scales = QActionGroup(self)
        for spec, action in self.action_set.items():
            if spec.menu == DEBUG_MENU and DEVICES_MENU not in menus:
                self.devices = DevicesMenu(self._menu(menus, DEVICES_MENU), self, self.offers)
            menu = self._menu(menus, spec.menu)
            if spec.separated:
                menu.addSeparator()
            menu.addAction(action)
            if spec.group:
                scales.addAction(action)
        VirtualScreenMenu(self._menu(menus, SCREEN_MENU), self.view)
        self.mouse_menu = MouseMenu(self._menu(menus, MOUSE_MENU), self)
        self.input.add_function_keys(
            self._menu(menus, KEYBOARD_MENU), self.action_set["TypeCtrlBreak"]
        )
        self.action_set.set_checked("ScaleOneToOne", True)
        self.action_set.set_checked("AutoCaptureKeyboard", True)

    def _menu(self, menus: dict[str, QMenu], path: str) -> QMenu:
        if path not in menus:
            parent, _, title = path.rpartition("/")
            shown = action_text(title)
            menu = self._menu(menus, parent).addMenu(shown) if parent else QMenu(shown, self)
            if not parent:
                self.menuBar().addMenu(menu)
            menu.setToolTipsVisible(True)
            menu.menuAction().setData(title.replace("&", ""))
            menus[path] = menu
        return menus[path]

    def _connect(self) -> None:
        bridge, screen, keyboard = self.bridge, self.screen_widget, self.keyboard
        bridge.state_changed.connect(self._on_state)
        bridge.state_changed.connect(self.progress.follow)
        bridge.progressed.connect(self.progress.show_progress)
        bridge.runtime_error.connect(self._on_runtime_error)
        bridge.medium_changed.connect(self._show_media)
        bridge.window_requested.connect(self.come_to_front)
        bridge.command_failed.connect(self._on_command_failed)
        self.commands.failed.connect(self._on_command_failed)
        self.input.typed.connect(self._on_scancodes)
        keyboard.scancodes.connect(self._on_scancodes)
        keyboard.host_command.connect(self._on_host_command)
        keyboard.host_key_changed.connect(self.status.set_host_key_down)
        screen.mouse.moved.connect(self._on_mouse)
        screen.pointer.moved.connect(self._on_pointer)
        self.capture.keyboard_changed.connect(self.status.set_keyboard_captured)
        self.capture.mouse_changed.connect(self._on_mouse_captured)

    def machine_started(self) -> None:
        """Show the machine: the console has started."""
        console = self.console
        self.preferences = Preferences(console.settings.extra_data, console.store_extra_data)
        self.commands.preferences = self.preferences
        self.input.machine_started()
        self.set_auto_capture_keyboard(self.preferences.auto_capture)
        self.devices.machine_started()
        self.mouse_menu.machine_started()
        self._show_indicators()
        self.pump = FramePump(console.display, self)
        self.pump.frame.connect(self._on_frame)
        self.screen_widget.painted.connect(self.pump.acknowledge)
        self.pump.start()
        self.view.machine_started(self.preferences, mode=self._first_mode)
        self.boot_watch.begin()
        self.indicators.arrange()
        self.recording.machine_started()
        self.remote_display.show_state()
        self._show_media()
        self._show_state()

    def _show_indicators(self) -> None:
        status, drives = self.status, self.console.drives
        status.set_machine(self.console)
        for indicator, kind in (
            (IndicatorKind.HARD_DISKS, DeviceType.HARD_DISK),
            (IndicatorKind.OPTICAL_DISKS, DeviceType.DVD),
            (IndicatorKind.FLOPPY_DISKS, DeviceType.FLOPPY),
        ):
            status.set_activity(indicator, partial(drives.activity, kind))
        status.set_activity(IndicatorKind.AUDIO, partial(audio_activity, self.console.vm))
        status.set_activity(IndicatorKind.NETWORK, partial(network_activity, self.console.vm))
        status.set_activity(IndicatorKind.DISPLAY, lambda: (self._frames_shown, 0))

    # ------------------------------------------------------------------ state

    def _show_state(self) -> None:
        state = self.console.state
        running = state is MachineState.RUNNING
        name = self.tr(STATE_NAMES.get(state, str(state)))
        self.setWindowTitle(f"{self.console.machine} [{name}] - {PRODUCT}")
        self.action_set.set_state(state)
        self.action_set.set_reason("Detach", "" if self.detachable else self.tr(_NOT_DETACHABLE))
        self.action_set.set_checked("Pause", state is MachineState.PAUSED)
        self.screen_widget.set_dimmed(state is MachineState.PAUSED)
        self.keyboard.set_guest_listens(running)
        self.capture.set_allowed(running)
        self.view.show_availability()
        self._show_activity()

    def _show_activity(self) -> None:
        """Rest while nothing can change or nobody looks."""
        running = self.console.state is MachineState.RUNNING
        visible = self.isVisible() and not self.isMinimized()
        self.status.set_active(running and visible)
        if self.pump is not None:
            self.pump.set_active(running and visible)

    @Slot(object)
    def _on_frame(self, frame: Frame) -> None:
        self._frames_shown += 1
        self.screen_widget.show_frame(frame)

    @Slot(object)
    def _on_state(self, state: MachineState) -> None:
        self._show_state()
        if state is MachineState.RUNNING and self._trouble is not None:
            # Somebody else has let the machine go on.
            self._trouble.reject()

    @Slot(object)
    def _on_runtime_error(self, error: RuntimeErrorRaised) -> None:
        if self.isHidden():
            # Nobody looks; whoever opens the window again shall know.
            self._held_back = error
            return
        self.capture.release()
        machine, commands = self.console.machine, self.commands
        if error.fatal:
            self._trouble = meditate(self, error)
        else:
            self._trouble = show_runtime_error(
                self, machine, error, commands.resume, commands.power_off
            )
        if self._trouble is not None:
            self._trouble.finished.connect(self._trouble_gone)

    @Slot()
    def _trouble_gone(self) -> None:
        self._trouble = None

    @Slot()
    def _show_media(self) -> None:
        self.status.find_parts(self.console)
        self.indicators.arrange()
        for kind in (
            IndicatorKind.HARD_DISKS, IndicatorKind.OPTICAL_DISKS, IndicatorKind.FLOPPY_DISKS,
        ):  # fmt: skip
            self.status.indicator(kind).refresh_details()

    @Slot(str)
    def _on_command_failed(self, sentence: str) -> None:
        # A switch that was flipped shows again what is.
        self._show_state()
        show_error(self, self.console.machine, sentence)

    # ------------------------------------------------------------------ input

    @Slot(bytes)
    def _on_scancodes(self, codes: bytes) -> None:
        self.console.put_scancodes(codes)
        self._expect_change()

    @Slot(int, int, int, int, int)
    def _on_mouse(self, dx: int, dy: int, dz: int, dw: int, buttons: int) -> None:
        self.console.put_mouse(dx, dy, dz, dw, buttons)
        self._expect_change()

    @Slot(int, int, int, int, int)
    def _on_pointer(self, x: int, y: int, dz: int, dw: int, buttons: int) -> None:
        self.console.put_mouse_absolute(x, y, dz, dw, buttons)
        self._expect_change()

    def _expect_change(self) -> None:
        if self.pump is not None:
            self.pump.expect_change()

    @Slot(int)
    def _on_host_command(self, key: int) -> None:
        self.action_set.trigger_host_key(key)

    @Slot(bool)
    def _on_mouse_captured(self, captured: bool) -> None:
        self.status.set_mouse_captured(captured)
        self.action_set.set_checked("CaptureMouse", captured)
        if captured:
            host_key = self.keyboard.host_key.label
            explanation = self.mouse_menu.explanation()
            if explanation:
                self.hint.show_hint(explanation)
            text = self.tr("Press {host_key} to release the mouse")
            self.status.showMessage(text.format(host_key=host_key))
        else:
            self.hint.hide()
            self.status.clearMessage()

    def set_mouse_captured(self, captured: bool) -> None:
        """Capture or release the mouse from the menu."""
        if captured:
            self.capture.capture_mouse()
        else:
            self.capture.release()

    def set_auto_capture_keyboard(self, enabled: bool) -> None:
        """Switch the capture of the keyboard with the focus."""
        self.action_set.set_checked("AutoCaptureKeyboard", enabled)
        self.capture.auto_capture_keyboard = enabled
        self.preferences.auto_capture = enabled
        if not enabled:
            self.capture.release()

    # ------------------------------------------------------------------ view

    def take_screenshot(self) -> None:
        """Ask for a file and write the guest's screen into it."""
        screenshot.ask_and_save(
            self,
            self.screen_widget.picture(),
            self.console.machine,
            Path(self.console.start_info.machine_folder),
            self.bridge.run,
        )

    def come_to_front(self) -> None:
        """Show the window above the others."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        held_back, self._held_back = self._held_back, None
        if held_back is not None:
            self._on_runtime_error(held_back)

    def detach(self) -> None:
        """Hide the window; the machine goes on, and the manager opens the window again."""
        self.capture.release()
        self.keyboard.release_all()
        self.hide()

    def show_help(self) -> None:
        """Show the help beside the machine."""
        HelpWindow(self).show()

    def show_information(self) -> None:
        """Show what the machine is made of and what it does."""
        show_information(self)

    def show_about(self) -> None:
        """Show name and version."""
        confirm.show_about(self)

    # ------------------------------------------------------------------ window events

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask what shall become of the machine; the window closes when the machine is off."""
        state = self.console.state
        if not state.is_online:
            event.accept()
            return
        event.ignore()
        if not state.is_transient:
            self.closing.close()

    def changeEvent(self, event: QEvent) -> None:
        """Rest while minimized; release everything when another window becomes active."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._show_activity()
        elif event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.capture.release()
            self.keyboard.release_all()

    def event(self, event: QEvent) -> bool:
        """Release everything when a modal dialog opens."""
        if event.type() == QEvent.Type.WindowBlocked:
            self.capture.release()
            self.keyboard.release_all()
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Fetch pictures again."""
        super().showEvent(event)
        self._show_activity()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while hidden."""
        super().hideEvent(event)
        self._show_activity()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the hint at its place."""
        super().resizeEvent(event)
        self.hint.place()

    def stop(self) -> None:
        """End the window's threads; the machine is off."""
        if self.pump is not None:
            self.pump.stop()
        self.status.set_active(False)

    def sizeHint(self) -> QSize:
        """Room for a text screen before the guest shows anything."""
        around = QSize(0, self.menuBar().sizeHint().height() + self.status.sizeHint().height())
        return self.screen_widget.sizeHint() + around
