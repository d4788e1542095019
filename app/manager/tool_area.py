"""The right side of the window: tool bar and the pane of the open tool."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QStackedWidget, QToolBar, QToolButton, QVBoxLayout, QWidget

from app.api.structs import MachineInfo
from app.manager.actions import ActionSet
from app.manager.layout_memory import LayoutMemory
from app.manager.panes import InaccessiblePane, SelectionPane
from app.manager.tool import SEPARATOR, Tool, ToolPane, ToolScope, Workspace, all_tools, find_tool

TOOL_BAR_TEXT_KEY: Final = "GUI/Toolbar/Text"
LAST_TOOLS_KEY: Final = "GUI/Tools/LastItemsSelected"
_BUTTON_WIDTH: Final = 64


class ToolArea(QWidget):
    """Opens tools, makes their panes when they are first needed, and keeps the tool bar true.

    Attributes:
        stack: the panes made so far, and those for what no tool can show.
        tool_bar: the actions of the open tool.

    Signals:
        tool_changed(): another tool is open, or nothing of a tool is shown now.
        actions_changed(): the open pane can do other things than before.
    """

    tool_changed = Signal()
    actions_changed = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._memory: LayoutMemory = workspace.memory
        self._actions: ActionSet = workspace.actions
        self._panes: dict[str, ToolPane] = {}
        self._menus: dict[str, QMenu] = {}
        self._last = {scope: _first_tool(scope) for scope in ToolScope}
        self._open: Tool | None = None
        self._shown: tuple[MachineInfo, ...] = ()
        self._as_list = False
        self._is_recalled = False
        self.inaccessible = InaccessiblePane(self)
        self.selection = SelectionPane(self._os_name, self)
        workspace.link.os_types_loaded.connect(self.selection.show_os_names)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.inaccessible)
        self.stack.addWidget(self.selection)
        self.tool_bar = QToolBar(self.tr("Tool Bar"), self)
        self.tool_bar.setObjectName("main-tool-bar")
        self.tool_bar.setIconSize(QSize(32, 32))
        self.tool_bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.tool_bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tool_bar.customContextMenuRequested.connect(self._show_tool_bar_menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tool_bar)
        layout.addWidget(self.stack, 1)

    def _os_name(self, os_type_id: str) -> str:
        os_type = self._workspace.link.os_type(os_type_id)
        return os_type.description if os_type is not None else os_type_id

    # -- tools ---------------------------------------------------------------------------------

    @property
    def open_tool(self) -> Tool | None:
        """The open tool; None before the first was opened."""
        return self._open

    def last_tool(self, scope: ToolScope) -> Tool:
        """Return the tool of SCOPE that was open last."""
        return self._last[scope]

    def pane(self, name: str) -> ToolPane:
        """Return the pane of the tool NAME, made if need be."""
        tool = find_tool(name)
        if tool is None:
            raise KeyError(name)
        if name not in self._panes:
            pane = tool.create(self._workspace)
            pane.actions_changed.connect(self._on_pane_changed)
            self._panes[name] = pane
            self.stack.addWidget(pane)
        return self._panes[name]

    def made_pane(self, name: str) -> ToolPane | None:
        """Return the pane of the tool NAME if it was made already."""
        return self._panes.get(name)

    def open_tool_named(self, name: str) -> None:
        """Open the tool NAME; its pane shows what is selected."""
        tool = find_tool(name)
        if tool is None:
            return
        changed = tool is not self._open
        self._open = tool
        self._last[tool.scope] = tool
        if changed:
            self._fill_tool_bar(tool)
        self._show_subject()
        if changed:
            self._store_last()
        self.tool_changed.emit()

    def show_machines(
        self, machines: tuple[MachineInfo, ...], groups: tuple[str, ...] = ()
    ) -> None:
        """Have the open machine tool show a machine, or list several and those of GROUPS."""
        self._shown = machines
        self._as_list = bool(groups) or len(machines) > 1
        if self._as_list:
            self.selection.show_machines(machines, groups[0] if len(groups) == 1 else "")
        self._show_subject()

    def _show_subject(self) -> None:
        tool = self._open
        if tool is None:
            return
        if tool.scope is ToolScope.GLOBAL:
            self.stack.setCurrentWidget(self.pane(tool.name))
        elif self._as_list:
            self.stack.setCurrentWidget(self.selection)
        elif self._shown and not self._shown[0].accessible:
            self.inaccessible.show_machine(self._shown[0])
            self.stack.setCurrentWidget(self.inaccessible)
        elif self._shown:
            pane = self.pane(tool.name)
            pane.show_machine(self._shown[0])
            self.stack.setCurrentWidget(pane)

    def perform(self, action: str) -> None:
        """Have the open pane perform one of its tool's own actions."""
        if self._open is not None:
            self.pane(self._open.name).perform(action)

    def reason(self, action: str) -> str:
        """Return why the open pane cannot perform ACTION, or an empty string."""
        if self._open is None or self.stack.currentWidget() is not self.made_pane(self._open.name):
            return self.tr("Select one machine.")
        return self.pane(self._open.name).reason(action)

    def _on_pane_changed(self) -> None:
        self.actions_changed.emit()

    # -- tool bar ------------------------------------------------------------------------------

    def set_menu(self, action: str, menu: QMenu) -> None:
        """Give the tool bar button of ACTION an arrow that opens MENU."""
        self._menus[action] = menu

    def _fill_tool_bar(self, tool: Tool) -> None:
        self.tool_bar.clear()
        for name in tool.tool_bar:
            if name == SEPARATOR:
                self.tool_bar.addSeparator()
                continue
            action = self._actions[name]
            self.tool_bar.addAction(action)
            button = self.tool_bar.widgetForAction(action)
            button.setMinimumWidth(_BUTTON_WIDTH)
            if isinstance(button, QToolButton) and name in self._menus:
                button.setMenu(self._menus[name])
                button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.tool_bar.setAccessibleName(
            self.tr("Tool bar of {tool}").format(tool=tool.plain_title)
        )

    def _show_tool_bar_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = QAction(self.tr("Show Toolbar &Text"), menu)
        text.setCheckable(True)
        text.setChecked(self.shows_text)
        text.toggled.connect(self.set_shows_text)
        menu.addAction(text)
        menu.popup(self.tool_bar.mapToGlobal(place))

    @property
    def shows_text(self) -> bool:
        """Whether the buttons of the tool bar have text."""
        return self.tool_bar.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly

    def set_shows_text(self, shows: bool) -> None:
        """Show or hide the text of the buttons, and remember it."""
        self.tool_bar.setToolButtonStyle(
            Qt.ToolButtonStyle.ToolButtonTextUnderIcon
            if shows
            else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        self._memory.store(TOOL_BAR_TEXT_KEY, "" if shows else "false")

    # -- what is remembered --------------------------------------------------------------------

    def recall(self) -> None:
        """Take over the tools that were open last and the look of the tool bar."""
        for name in self._memory.value(LAST_TOOLS_KEY).split(","):
            tool = find_tool(name)
            if tool is not None:
                self._last[tool.scope] = tool
        self.set_shows_text(self._memory.value(TOOL_BAR_TEXT_KEY) != "false")
        self._is_recalled = True

    def _store_last(self) -> None:
        if not self._is_recalled:
            return
        names = [self._last[scope].name for scope in (ToolScope.GLOBAL, ToolScope.MACHINE)]
        self._memory.store(LAST_TOOLS_KEY, ",".join(names))


def _first_tool(scope: ToolScope) -> Tool:
    return next(tool for tool in all_tools() if tool.scope is scope)
