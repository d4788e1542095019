"""Changes how the window shows the guest: normal, scaled, full screen; sizes, places, bars."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QEvent, QObject, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QCursor, QGuiApplication, QScreen
from PySide6.QtWidgets import QMenu

from app.api.structs import MachineState
from app.common.application import PRODUCT
from app.common.preferences import MOST_GUEST_SIZE, GuestLimit, GuestScreenLimit
from app.common.questions import ask_unless_suppressed
from app.console.screensize import HintRefusal, hint_size, why_no_size_hint
from app.vmwindow.preferences import Preferences
from app.vmwindow.screen.placement import ScaleMode
from app.vmwindow.view.bars import MenuBarEditor, menu_name
from app.vmwindow.view.minitoolbar import MiniToolBar
from app.vmwindow.view.place import WindowPlace
from app.vmwindow.view.restrictions import hide_restricted
from app.vmwindow.view.settings import MIN_SCALE, ViewMode, ViewSettings

if TYPE_CHECKING:
    from app.vmwindow.window import VmWindow

_SETTLE_MILLISECONDS: Final = 400
"""After so long without a move or a change of size a place is remembered."""

_REMINDERS: Final = {
    ViewMode.FULLSCREEN: "confirmGoingFullscreen",
    ViewMode.SCALED: "confirmGoingScale",
}

_REFUSALS: Final = {
    HintRefusal.NO_HINTS: str(
        QT_TRANSLATE_NOOP(
            "ViewController",
            "The virtual graphics adapter cannot tell the guest a new size; the guest chooses its "
            "resolution by itself.",
        )
    ),
    HintRefusal.NOT_LISTENING: str(
        QT_TRANSLATE_NOOP(
            "ViewController",
            "The guest's display driver does not listen to sizes that the host wishes.",
        )
    ),
}


class ViewController(QObject):
    """The view of one window. Its methods are the handlers of the View menu.

    Attributes:
        settings: what is remembered; of the machine as soon as it has started.
        mode: how the guest is shown now.
    """

    def __init__(self, window: VmWindow) -> None:
        super().__init__(window)
        self._window = window
        self.settings = ViewSettings(Preferences({}))
        self._preferences = Preferences({})
        self._usual_scale = MIN_SCALE
        self._guest_limit = GuestScreenLimit()
        self.mode = ViewMode.NORMAL
        self._switching = False
        self._natural_in_window = QSize()
        self.mini_tool_bar = MiniToolBar(window)
        self.mini_tool_bar.pinned.connect(self._on_pinned)
        self.mini_tool_bar.minimize_requested.connect(window.showMinimized)
        self.mini_tool_bar.restore_requested.connect(partial(self.switch, ViewMode.NORMAL))
        self.mini_tool_bar.close_requested.connect(window.close)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLE_MILLISECONDS)
        self._settled.timeout.connect(self._on_settled)
        window.installEventFilter(self)
        window.screen_widget.guest_resized.connect(self._on_guest_resized)

    # ------------------------------------------------------------------ start

    def machine_started(self, preferences: Preferences, *, mode: ViewMode | None = None) -> None:
        """Show the window as it was when the machine ran last.

        Args:
            preferences: of the machine.
            mode: view mode to begin with instead of the last one.
        """
        self._preferences = preferences
        self.settings = ViewSettings(preferences, self._usual_scale)
        screen = self._window.screen_widget
        screen.set_scale_factor(self.settings.scale_factor)
        self._show_checks()
        self._apply_hidden_menus()
        self.switch(mode or self.settings.mode)

    # ------------------------------------------------------------------ modes

    def toggle_fullscreen(self, checked: bool) -> None:
        """Give the guest a whole monitor, or a window again."""
        self._request(ViewMode.FULLSCREEN if checked else ViewMode.NORMAL)

    def toggle_scaled(self, checked: bool) -> None:
        """Stretch the picture to a window without bars, or go back."""
        self._request(ViewMode.SCALED if checked else ViewMode.NORMAL)

    def _request(self, mode: ViewMode) -> None:
        """Switch, after telling the first time how to come back."""
        host_key = self._window.keyboard.host_key.label
        box = None
        if mode is ViewMode.FULLSCREEN:
            box = ask_unless_suppressed(
                self._window, self._preferences, _REMINDERS[mode], PRODUCT,
                self.tr("The virtual machine will now fill the monitor."),
                self.tr("&Switch"), partial(self.switch, mode),
                explanation=self.tr(
                    "{host}+F goes back to the window, {host}+Home opens the menus."
                ).format(host=host_key),
            )  # fmt: skip
        elif mode is ViewMode.SCALED:
            box = ask_unless_suppressed(
                self._window, self._preferences, _REMINDERS[mode], PRODUCT,
                self.tr("The picture will now be stretched to the window, which has no bars then."),
                self.tr("&Switch"), partial(self.switch, mode),
                explanation=self.tr(
                    "{host}+C goes back to the usual window, {host}+Home opens the menus."
                ).format(host=host_key),
            )  # fmt: skip
        else:
            self.switch(mode)
        if box is not None:
            # Until it is answered, and when it is refused, the menus show what is.
            self._show_checks()

    def switch(self, mode: ViewMode) -> None:
        """Show the guest in a view mode, at once."""
        self._on_settled()
        self._settled.stop()
        if self.mode is ViewMode.NORMAL:
            self._natural_in_window = self._window.screen_widget.natural_size()
        self._switching = True
        try:
            self.mode = mode
            self.settings.mode = mode
            self._show_bars()
            self._apply_scale_mode()
            if mode is ViewMode.FULLSCREEN:
                self._fill_monitor(self._monitor())
            else:
                self._stand_at_place()
        finally:
            self._switching = False
        self._show_checks()
        self._window.screen_widget.setFocus()

    def _apply_scale_mode(self) -> None:
        screen = self._window.screen_widget
        mode = self._preferences.scale_mode
        if self.mode is ViewMode.SCALED:
            mode = ScaleMode.SMOOTH
        elif self.mode is ViewMode.FULLSCREEN and mode is ScaleMode.ONE_TO_ONE:
            natural, monitor = screen.natural_size(), self._monitor().size()
            if natural.boundedTo(monitor) != natural:
                # Nobody wants to scroll a monitor.
                mode = ScaleMode.SMOOTH
        screen.set_scale_mode(mode)

    def _monitor(self) -> QScreen:
        monitors = QGuiApplication.screens()
        number = self.settings.host_screen
        if number is not None and number < len(monitors):
            return monitors[number]
        return self._window.screen()

    def _fill_monitor(self, monitor: QScreen) -> None:
        window = self._window
        if window.screen() is not monitor:
            if window.isFullScreen():
                window.showNormal()
            window.setScreen(monitor)
            window.setGeometry(monitor.availableGeometry())
        window.showFullScreen()
        self._show_mini_tool_bar()

    def _stand_at_place(self) -> None:
        window = self._window
        self.mini_tool_bar.hide()
        was_filling = window.isFullScreen() or window.isMaximized()
        monitors = [QGuiApplication.primaryScreen(), *QGuiApplication.screens()]
        place = self.settings.place(self.mode)
        if place is None:
            if was_filling:
                window.showNormal()
            window.show()
            self.adjust_window()
            return
        areas = [monitor.availableGeometry() for monitor in monitors]
        place = place.brought_into_sight(areas)
        if was_filling:
            window.showNormal()
        window.setGeometry(place.rect)
        if place.maximized:
            window.showMaximized()
            return
        window.show()
        if window.screen_widget.natural_size() != self._natural_in_window:
            # The guest has changed its resolution meanwhile.
            self._on_guest_resized()

    def _show_mini_tool_bar(self) -> None:
        settings = self.settings
        if self.mode is ViewMode.FULLSCREEN and settings.mini_tool_bar:
            self.mini_tool_bar.show_for(
                self._window.console.machine,
                at_top=settings.mini_tool_bar_at_top,
                hides=settings.mini_tool_bar_hides,
            )
        else:
            self.mini_tool_bar.hide()

    # ------------------------------------------------------------------ sizes and places

    def adjust_window(self) -> None:
        """Give the window the size at which the picture just fits, as far as the desktop goes."""
        window = self._window
        if self.mode is ViewMode.FULLSCREEN or window.screen_widget.guest_size.isEmpty():
            return
        if window.isMaximized():
            window.showNormal()
        # Not from the sizes as they are: bars that have just come take their room later.
        bars = [bar for bar in (window.menuBar(), window.status) if not bar.isHidden()]
        around = QSize(0, sum(bar.sizeHint().height() for bar in bars))
        wanted = window.screen_widget.natural_size() + around
        frame = window.frameGeometry().size() - window.size()
        desktop = window.screen().availableGeometry()
        window.resize(wanted.boundedTo(desktop.size() - frame))
        self._keep_on(desktop)

    def _keep_on(self, desktop: QRect) -> None:
        """Move the window so that a larger size does not hang over the edges."""
        outer = self._window.frameGeometry()
        x = max(desktop.left(), min(outer.left(), desktop.right() + 1 - outer.width()))
        y = max(desktop.top(), min(outer.top(), desktop.bottom() + 1 - outer.height()))
        if (x, y) != (outer.left(), outer.top()):
            self._window.move(x, y)

    @Slot()
    def _on_guest_resized(self) -> None:
        if self.mode is ViewMode.FULLSCREEN:
            self._apply_scale_mode()
            return
        fitted = self._window.screen_widget.scale_mode is not ScaleMode.ONE_TO_ONE
        if self.mode is ViewMode.NORMAL and not fitted and not self._window.isMaximized():
            self.adjust_window()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that a person has moved the window or changed its size."""
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize) and not self._switching:
            self._settled.start()
        return super().eventFilter(watched, event)

    @Slot()
    def _on_settled(self) -> None:
        """Remember the place, and tell the guest the size of its screen."""
        window = self._window
        if not window.isVisible() or window.isMinimized() or window.isFullScreen():
            return
        if self.mode is ViewMode.FULLSCREEN or _is_going(window.console.state):
            return
        maximized = window.isMaximized()
        rect = window.normalGeometry() if maximized else window.geometry()
        self.settings.set_place(self.mode, WindowPlace(rect, maximized))
        self._follow_window()

    def _follow_window(self) -> None:
        """Let the guest's screen have the size of the window, if it can and shall."""
        window = self._window
        if self.mode is ViewMode.SCALED or not self.settings.auto_resize or self.why_no_hint():
            return
        area = window.scroll_area.viewport().size() * window.devicePixelRatioF()
        area /= window.screen_widget.scale_factor
        area = area.boundedTo(self.largest_guest())
        if area != window.screen_widget.guest_size:
            self.hint_size(area.width(), area.height())

    def hint_size(self, width: int, height: int) -> None:
        """Ask the guest for a screen of this size."""
        console = self._window.console
        self._window.bridge.run(partial(hint_size, console, width, height))

    def set_guest_limit(self, limit: GuestScreenLimit) -> None:
        """Obey the preference for the largest screen of guests from now on."""
        self._guest_limit = limit

    def largest_guest(self, *, chosen_by_hand: bool = False) -> QSize:
        """Return the largest size that a guest is asked for.

        Args:
            chosen_by_hand: a person chooses it, who may exceed the monitor.
        """
        limit = self._guest_limit
        if limit.kind is GuestLimit.SIZE:
            return QSize(*limit.size)
        if limit.kind is GuestLimit.NONE or chosen_by_hand:
            return QSize(*MOST_GUEST_SIZE)
        monitor = self._window.screen()
        return monitor.size() * monitor.devicePixelRatio()

    def guest_size(self) -> QSize:
        """Return the size of the guest's screen; empty before there is a picture."""
        return self._window.screen_widget.guest_size

    def window_monitor(self) -> QScreen:
        """Return the monitor that shows the window."""
        return self._window.screen()

    def why_no_hint(self) -> str:
        """Return why the guest cannot be told a size; empty when it can."""
        console = self._window.console
        if _is_going(console.state):
            return self.tr("The machine is not switched on.")
        refusal = why_no_size_hint(console)
        return "" if refusal is None else self.tr(_REFUSALS[refusal])

    def set_auto_resize(self, enabled: bool) -> None:
        """Let the guest's screen follow the window from now on, or not."""
        self.settings.auto_resize = enabled
        if enabled:
            self._follow_window()

    # ------------------------------------------------------------------ picture

    def _set_scale_mode(self, mode: ScaleMode) -> None:
        self._preferences.scale_mode = mode
        self._apply_scale_mode()
        self._show_checks()

    def scale_one_to_one(self, checked: bool) -> None:
        """Show guest pixels as they are, or enlarged by the scale factor."""
        if checked:
            self._set_scale_mode(ScaleMode.ONE_TO_ONE)
            self._on_guest_resized()

    def scale_integer(self, checked: bool) -> None:
        """Enlarge guest pixels by whole numbers."""
        if checked:
            self._set_scale_mode(ScaleMode.INTEGER)

    def scale_smooth(self, checked: bool) -> None:
        """Fit the picture into the window."""
        if checked:
            self._set_scale_mode(ScaleMode.SMOOTH)

    def set_scale_factor(self, factor: float) -> None:
        """Show the picture enlarged by a factor of 1.0 to 3.0."""
        self.settings.scale_factor = factor
        self._window.screen_widget.set_scale_factor(factor)
        self._set_scale_mode(ScaleMode.ONE_TO_ONE)
        self._on_guest_resized()

    def set_usual_scale(self, factor: float) -> None:
        """Take over the scale factor of machines without one of their own."""
        if factor != self._usual_scale:
            self._usual_scale = factor
            self.settings = ViewSettings(self._preferences, factor)
            self._window.screen_widget.set_scale_factor(self.settings.scale_factor)
            self._on_guest_resized()

    def use_host_screen(self, number: int) -> None:
        """Fill this monitor in full screen from now on."""
        self.settings.host_screen = number
        if self.mode is ViewMode.FULLSCREEN:
            self.switch(ViewMode.FULLSCREEN)

    # ------------------------------------------------------------------ bars and menus

    def set_menu_bar_shown(self, shown: bool) -> None:
        """Show or hide the menu bar; Host+Home opens the menus without it."""
        self.settings.menu_bar = shown
        self._show_bars()

    def set_status_bar_shown(self, shown: bool) -> None:
        """Show or hide the status bar."""
        self.settings.status_bar = shown
        self._show_bars()

    def set_mini_tool_bar_shown(self, shown: bool) -> None:
        """Have a mini tool bar in full screen, or none."""
        self.settings.mini_tool_bar = shown
        self._show_mini_tool_bar()

    def set_mini_tool_bar_at_top(self, top: bool) -> None:
        """Put the mini tool bar to the upper edge, or to the lower one."""
        self.settings.mini_tool_bar_at_top = top
        self._show_mini_tool_bar()

    @Slot(bool)
    def _on_pinned(self, pinned: bool) -> None:
        self.settings.mini_tool_bar_hides = not pinned

    def _show_bars(self) -> None:
        normal = self.mode is ViewMode.NORMAL
        self._window.menuBar().setVisible(normal and self.settings.menu_bar)
        self._window.status.setVisible(normal and self.settings.status_bar)

    def show_menu_bar_settings(self) -> None:
        """Let a person choose the menus."""
        actions = self._window.menuBar().actions()
        menus = [(menu_name(action), action.text().replace("&", "")) for action in actions]
        editor = MenuBarEditor(menus, self.settings.hidden_menus, self._window)
        editor.changed.connect(self._on_menus_chosen)
        editor.open()

    @Slot(list)
    def _on_menus_chosen(self, hidden: list[str]) -> None:
        self.settings.hidden_menus = hidden
        self._apply_hidden_menus()

    def _apply_hidden_menus(self) -> None:
        hide_restricted(self._window.menuBar(), self._preferences.text)

    def pop_up_menu(self) -> None:
        """Open all menus at the lower edge, for when there is no menu bar."""
        window = self._window
        window.capture.release()
        menu = QMenu(window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for action in window.menuBar().actions():
            menu.addAction(action)
        size = menu.sizeHint()
        area = window.geometry()
        spot = area.center() - QRect(0, 0, size.width(), 0).center()
        spot.setY(area.bottom() - size.height())
        menu.popup(spot if area.contains(spot) else QCursor.pos())

    def _show_checks(self) -> None:
        actions, settings = self._window.action_set, self.settings
        checks = {
            "FullscreenMode": self.mode is ViewMode.FULLSCREEN,
            "ScaleMode": self.mode is ViewMode.SCALED,
            "GuestAutoresize": settings.auto_resize,
            "ToggleMenuBar": settings.menu_bar,
            "ToggleStatusBar": settings.status_bar,
            "MiniToolBar": settings.mini_tool_bar,
            "MiniToolBarTop": settings.mini_tool_bar_at_top,
            f"Scale{self._preferences.scale_mode.value}": True,
        }
        for name, checked in checks.items():
            actions.set_checked(name, checked)
        self.show_availability()

    def show_availability(self) -> None:
        """Enable what can work in this mode and state, and say why the rest cannot."""
        actions = self._window.action_set
        full = self.mode is ViewMode.FULLSCREEN
        only_windows = self.tr("The window fills the monitor.") if full else ""
        fitted = self.tr("In scaled mode the picture always fits the window.")
        actions.set_reason("WindowAdjust", only_windows)
        actions.set_reason("GuestAutoresize", self.why_no_hint())
        for name in ("ScaleOneToOne", "ScaleInteger", "ScaleSmooth"):
            actions.set_reason(name, fitted if self.mode is ViewMode.SCALED else "")
        no_bars = (
            "" if self.mode is ViewMode.NORMAL
            else self.tr("Only the normal window has menu bar and status bar.")
        )  # fmt: skip
        actions.set_reason("ToggleMenuBar", no_bars)
        actions.set_reason("ToggleStatusBar", no_bars)


def _is_going(state: MachineState) -> bool:
    """Whether the machine comes or goes, or is gone."""
    return state.is_transient or not state.is_online
