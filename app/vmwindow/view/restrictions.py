"""Hides menus and their items as the machine's extra data say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from app.common.runtime_menus import MENUS_KEY, RUNTIME_MENUS, hidden_names
from app.vmwindow.view.bars import menu_name

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QMenuBar


def hide_restricted(bar: QMenuBar, text_of: Callable[[str], str]) -> None:
    """Show in BAR what the extra data do not hide; what a key of the host does goes on.

    Args:
        bar: the menu bar.
        text_of: returns the text of the machine's extra data for a key.
    """
    menus = {menu_name(action): action for action in bar.actions()}
    hidden_menus = hidden_names(text_of(MENUS_KEY), menus)
    for name, action in menus.items():
        action.setVisible(name not in hidden_menus)
    for runtime_menu in RUNTIME_MENUS:
        if runtime_menu.name not in menus:
            continue
        names = [item.name for item in runtime_menu.items]
        hidden = hidden_names(text_of(runtime_menu.key), names)
        shown = {item.target: item.name not in hidden for item in runtime_menu.items}
        for action in _actions_below(menus[runtime_menu.name]):
            name = _name(action)
            if name in shown:
                action.setVisible(shown[name])


def _actions_below(action: QAction) -> Iterator[QAction]:
    menu = action.menu()
    if isinstance(menu, QMenu):
        for inner in menu.actions():
            yield inner
            yield from _actions_below(inner)


def _name(action: QAction) -> str:
    """Return the declared name of an action, or the English title of a sub-menu."""
    return menu_name(action) if action.menu() is not None else action.objectName()
