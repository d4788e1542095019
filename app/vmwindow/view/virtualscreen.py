"""The menu of the guest's screen: sizes to ask the guest for, scale factors, monitors."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication
from PySide6.QtWidgets import QMenu

from app.vmwindow.view.controller import ViewController
from app.vmwindow.view.settings import ViewMode

SIZES: Final = (
    (640, 480), (800, 600), (1024, 768), (1152, 864), (1280, 720), (1280, 768), (1280, 800),
    (1280, 960), (1280, 1024), (1366, 768), (1400, 1050), (1440, 900), (1600, 900), (1600, 1200),
    (1680, 1050), (1920, 1080), (1920, 1200),
)  # fmt: skip
"""Sizes that VirtualBox offers, too."""

FACTORS: Final = (1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0)


class VirtualScreenMenu(QObject):
    """Fills a menu each time before it opens, because monitors and modes come and go."""

    def __init__(self, menu: QMenu, view: ViewController) -> None:
        super().__init__(menu)
        self._menu = menu
        self._view = view
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """Build the menu anew."""
        self._menu.clear()
        self._add_sizes()
        self._menu.addSeparator()
        self._add_factors()
        self._menu.addSeparator()
        self._add_monitors()

    def _add_sizes(self) -> None:
        view = self._view
        no_hint = view.why_no_hint()
        largest = view.largest_guest(chosen_by_hand=True)
        too_large = self.tr("The preferences limit the screens of guests to {w}x{h}.").format(
            w=largest.width(), h=largest.height()
        )
        current = view.guest_size().toTuple()
        for width, height in SIZES:
            action = self._menu.addAction(
                self.tr("Resize to {width}x{height}").format(width=width, height=height)
            )
            action.setCheckable(True)
            action.setChecked((width, height) == current)
            fits = width <= largest.width() and height <= largest.height()
            reason = no_hint or ("" if fits else too_large)
            action.setEnabled(not reason)
            action.setToolTip(reason)
            action.triggered.connect(partial(self._hint, width, height))

    def _add_factors(self) -> None:
        scaled = self._view.mode is ViewMode.SCALED
        reason = self.tr("In scaled mode the picture always fits the window.") if scaled else ""
        group = QActionGroup(self._menu)
        for factor in FACTORS:
            action = self._choice(group, self.tr("Scale to {n} %").format(n=round(factor * 100)))
            action.setChecked(factor == self._view.settings.scale_factor)
            action.setEnabled(not reason)
            action.setToolTip(reason)
            action.triggered.connect(partial(self._scale, factor))

    def _add_monitors(self) -> None:
        monitors = QGuiApplication.screens()
        chosen = self._view.settings.host_screen
        group = QActionGroup(self._menu)
        for number, monitor in enumerate(monitors):
            size = monitor.geometry()
            text = self.tr("Use Host Screen {n} ({width}x{height}) for Full Screen").format(
                n=number + 1, width=size.width(), height=size.height()
            )
            action = self._choice(group, text)
            own = chosen is None and monitor is self._view.window_monitor()
            action.setChecked(own or chosen == number)
            action.triggered.connect(partial(self._use, number))

    def _choice(self, group: QActionGroup, text: str) -> QAction:
        action = self._menu.addAction(text)
        action.setCheckable(True)
        group.addAction(action)
        return action

    def _hint(self, width: int, height: int, *_checked: bool) -> None:
        self._view.hint_size(width, height)

    def _scale(self, factor: float, *_checked: bool) -> None:
        self._view.set_scale_factor(factor)

    def _use(self, number: int, *_checked: bool) -> None:
        self._view.use_host_screen(number)
