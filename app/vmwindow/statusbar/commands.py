"""What a person can do with the status bar: menus of the parts, choice and order of indicators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtWidgets import QMenu

from app.common.icons import icon
from app.vmwindow.statusbar.kinds import INDICATORS, IndicatorSpec, tr
from app.vmwindow.view.bars import StatusBarEditor, menu_name

if TYPE_CHECKING:
    from app.vmwindow.window import VmWindow


class StatusBarCommands(QObject):
    """Answers right clicks on the status bar of a window."""

    def __init__(self, window: VmWindow) -> None:
        super().__init__(window)
        self._window = window
        window.status.menu_requested.connect(self._open_menu)
        window.status.settings_menu_requested.connect(self._open_bar_menu)

    def arrange(self) -> None:
        """Show the indicators that were chosen, in the order that was chosen."""
        settings = self._window.view.settings
        self._window.status.arrange(settings.indicator_order, settings.hidden_indicators)

    def show_status_bar_settings(self) -> None:
        """Let a person choose the indicators and their order."""
        settings = self._window.view.settings
        indicators = [(str(spec.kind), tr(spec.title), icon(spec.icon)) for spec in INDICATORS]
        editor = StatusBarEditor(
            indicators, settings.indicator_order, settings.hidden_indicators, self._window
        )
        editor.changed.connect(self._on_chosen)
        editor.open()

    @Slot(list, list)
    def _on_chosen(self, order: list[str], hidden: list[str]) -> None:
        settings = self._window.view.settings
        settings.indicator_order = order
        settings.hidden_indicators = hidden
        self.arrange()

    @Slot(object, QPoint)
    def _open_menu(self, spec: IndicatorSpec, position: QPoint) -> None:
        """Open the menu of a part, the same as in the menu bar."""
        menus = dict(self._menus())
        menu = next((menus[title] for title in spec.menus if title in menus), None)
        if menu is None:
            self._open_bar_menu(position)
        else:
            menu.popup(position)

    def _menus(self) -> Iterator[tuple[str, QMenu]]:
        """Yield every menu of the window with its name, which no translation changes."""
        for menu in self._window.findChildren(QMenu):
            yield menu_name(menu.menuAction()), menu

    @Slot(QPoint)
    def _open_bar_menu(self, position: QPoint) -> None:
        menu = dict(self._menus()).get("Status Bar")
        if menu is not None:
            menu.popup(position)
