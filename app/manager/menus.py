"""The menu bar, the context menu and the sub-menus, made from names of actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from app.common.icons import icon
from app.manager.actions import ActionSet
from app.manager.chooser.definitions import ROOT
from app.manager.tool import SEPARATOR, Tool, ToolScope, all_tools
from app.manager.widgets.mnemonics import with_mnemonics

_FILE = ("preferences", SEPARATOR, "<global-tools>", "notifications", SEPARATOR,
         "reset-warnings", SEPARATOR, "quit")  # fmt: skip
_STATE = ("<start>", "show", "pause", "reset", "<stop>")
_DESKTOP = ("discard", "refresh", SEPARATOR, "show-in-file-manager", "create-shortcut")
_MACHINE = (
    "new", "add", "add-folder", "import-machines", SEPARATOR, "settings", "clone", "move", "remove",
    "<move-to-group>", SEPARATOR, *_STATE, SEPARATOR, "<machine-tools>", SEPARATOR, *_DESKTOP,
    SEPARATOR, "sort", "search",
)  # fmt: skip
_GROUP = (
    "new", "add", SEPARATOR, "rename-group", "ungroup", "enter-group", "<move-to-group>", "remove",
    SEPARATOR, *_STATE, SEPARATOR, *_DESKTOP, SEPARATOR, "sort", "search",
)  # fmt: skip
_MACHINE_CONTEXT = (
    "settings", "clone", "move", "remove", "<move-to-group>", SEPARATOR, *_STATE, SEPARATOR,
    "<machine-tools>", SEPARATOR, *_DESKTOP, SEPARATOR, "sort",
)  # fmt: skip
_GROUP_CONTEXT = (
    "rename-group", "ungroup", "enter-group", "<move-to-group>", "remove", SEPARATOR, *_STATE,
    SEPARATOR, *_DESKTOP, SEPARATOR, "sort",
)  # fmt: skip
_LIST_CONTEXT = (
    "new", "add", "add-folder", "import-machines", SEPARATOR, "sort", "search",
)  # fmt: skip
_HELP = ("contents", SEPARATOR, "about")
_START = ("start-normal", "start-headless", "start-detachable")
_STOP = ("save-state", "acpi-shutdown", "power-off")


class Menus(QObject):
    """Owns the menus and keeps the second one that of the open tool.

    Signals:
        group_chosen(str): what is selected shall be moved into the group of this path.
    """

    group_chosen = Signal(str)

    def __init__(
        self,
        actions: ActionSet,
        group_paths: Callable[[], Sequence[str]],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._group_paths = group_paths
        self._widget = parent
        # As they are declared: an action has other letters in other menus.
        self._captions: dict[QAction, str] = {}
        self.start = self._new(self.tr("S&tart"), _START)
        self.start.setIcon(icon("start"))
        self.stop = self._new(self.tr("Sto&p"), _STOP)
        self.stop.setIcon(icon("power-off"))
        self.global_tools = self._tools_menu(ToolScope.GLOBAL)
        self.machine_tools = self._tools_menu(ToolScope.MACHINE)
        self.move_to_group = QMenu(self.tr("Move to &Group"), parent)
        self.move_to_group.setToolTipsVisible(True)
        self.move_to_group.aboutToShow.connect(self._fill_move_to_group)
        # An empty menu does not open.
        self._fill_move_to_group()
        self._file = self._new(self.tr("&File"), _FILE)
        self._machine = self._new(self.tr("&Machine"), _MACHINE)
        self._group = self._new(self.tr("&Group"), _GROUP)
        self._help = self._new(self.tr("&Help"), _HELP)
        self._of_tools = {
            tool.name: self._new(
                QCoreApplication.translate("ManagerAction", tool.menu_title), tool.menu
            )
            for tool in all_tools()
            if tool.menu_title
        }

    def show_in(
        self, bar: QMenuBar, tool: Tool | None, *, group_selected: bool, running: bool
    ) -> None:
        """Fill BAR for the open TOOL; what is RUNNING is shown instead of started."""
        self.start.menuAction().setVisible(not running)
        self._actions["show"].setVisible(running)
        wanted = [self._file, self._group if group_selected else self._machine]
        own = self._of_tools.get(tool.name) if tool is not None else None
        if own is not None and tool is not None:
            if tool.scope is ToolScope.GLOBAL:
                wanted[1] = own
            else:
                wanted.append(own)
        wanted.append(self._help)
        present = [action.menu() for action in bar.actions()]
        if present != wanted:
            bar.clear()
            for menu in wanted:
                bar.addMenu(menu)

    def new_context_menu(self, *, machines: bool, group: bool) -> QMenu:
        """Return the menu for what is selected in the list."""
        names = _GROUP_CONTEXT if group else _MACHINE_CONTEXT if machines else _LIST_CONTEXT
        return self._new("", names)

    def _new(self, title: str, names: Sequence[str]) -> QMenu:
        menu = QMenu(title, self._widget)
        menu.setToolTipsVisible(True)
        submenus = {
            "<start>": lambda: self.start,
            "<stop>": lambda: self.stop,
            "<global-tools>": lambda: self.global_tools,
            "<machine-tools>": lambda: self.machine_tools,
            "<move-to-group>": lambda: self.move_to_group,
        }
        for name in names:
            if name == SEPARATOR:
                menu.addSeparator()
            elif name in submenus:
                menu.addMenu(submenus[name]())
            else:
                menu.addAction(self._actions[name])
        for action in menu.actions():
            self._captions.setdefault(action, action.text())
        menu.aboutToShow.connect(partial(self._deal_letters, menu))
        return menu

    def _deal_letters(self, menu: QMenu) -> None:
        """Give every item of MENU a letter of its own, as far as there are letters in it."""
        actions = [action for action in menu.actions() if not action.isSeparator()]
        texts = with_mnemonics(self._captions[action] for action in actions)
        for action, text in zip(actions, texts, strict=True):
            action.setText(text)

    def _tools_menu(self, scope: ToolScope) -> QMenu:
        names = [f"tool-{tool.name}" for tool in all_tools() if tool.scope is scope]
        return self._new(self.tr("Too&ls"), names)

    def _fill_move_to_group(self) -> None:
        menu = self.move_to_group
        for action in menu.actions():
            menu.removeAction(action)
            if action is not self._actions["new-group"]:
                action.deleteLater()
        menu.addAction(self._actions["new-group"])
        allowed = self._actions["new-group"]
        for path in (ROOT, *self._group_paths()):
            text = self.tr("[Root]") if path == ROOT else path.replace("&", "&&")
            action = QAction(icon("group"), text, menu)
            action.setData(path)
            action.setEnabled(allowed.isEnabled())
            action.triggered.connect(lambda _checked=False, path=path: self.group_chosen.emit(path))
            menu.addAction(action)
