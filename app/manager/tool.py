"""Tools of the manager: what a pane is, and how one is declared.

A tool is a module in :mod:`app.manager.tools` with ``declare(Tool(...))`` at its end; nothing else
lists it. Its pane is made when it is opened for the first time, and the module that holds the pane
is imported then.
"""

from __future__ import annotations

import enum
import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QWidget

from app.manager.action_spec import ActionSpec

if TYPE_CHECKING:
    from app.api.structs import MachineInfo
    from app.manager.actions import ActionSet
    from app.manager.commands import MachineCommands
    from app.manager.layout_memory import LayoutMemory
    from app.manager.notifications.center import NotificationCenter
    from app.manager.questions import Questions
    from app.manager.service_link import ServiceLink

SEPARATOR = "|"


class ToolScope(enum.Enum):
    """What a tool is about."""

    GLOBAL = "global"
    MACHINE = "machine"


@dataclass(frozen=True)
class Workspace:
    """What panes work with.

    Attributes:
        link: calls and events of the service.
        memory: extra data of the installation (sizes, orders, what was open).
        actions: the QActions.
        notifications: where long work and errors are shown.
        questions: confirmations that can be silenced.
        commands: what the actions on machines do.
        open_settings: opens the settings of the selected machine at a page (empty: the first).
        select_machine: selects a machine by its id, now or as soon as the list knows it.
        open_tool: opens a tool by its name.
    """

    link: ServiceLink
    memory: LayoutMemory
    actions: ActionSet
    notifications: NotificationCenter
    questions: Questions
    commands: MachineCommands
    open_settings: Callable[[str], object]
    select_machine: Callable[[str], None]
    open_tool: Callable[[str], None]


class ToolPane(QWidget):
    """Base of the panes of tools.

    Signals:
        actions_changed(): answers of :meth:`reason` may have changed.
    """

    actions_changed = Signal()

    def show_machine(self, machine: MachineInfo) -> None:
        """Show MACHINE: it was selected, or changed while it is selected (machine tools only)."""

    def perform(self, action: str) -> None:
        """Do what the tool's own action of this name says."""
        raise KeyError(action)

    def reason(self, action: str) -> str:
        """Return why the tool's own action cannot be performed now, or an empty string."""
        return ""


@dataclass(frozen=True)
class Tool:
    """Declaration of a tool; texts are in the source language, context ``ManagerAction``.

    Attributes:
        name: VirtualBox's name of it, as in the extra data ``GUI/Tools/LastItemsSelected``.
        scope: global, or of the selected machine.
        order: position in menus.
        title: in menus and as heading, with mnemonic.
        tip: one sentence for tool tip and status bar.
        icon_name: drawing in resources/icons.
        create: makes the pane.
        shortcut: portable key sequence, empty for none.
        actions: actions of its own, performed by :meth:`ToolPane.perform`.
        menu_title: title of its menu in the menu bar; empty for none. A global tool's menu takes
            the place of the Machine menu, a machine tool's comes after it.
        menu: names of actions in that menu, ``|`` for separators.
        tool_bar: names of actions in the tool bar.
    """

    name: str
    scope: ToolScope
    order: int
    title: str
    tip: str
    icon_name: str
    create: Callable[[Workspace], ToolPane]
    shortcut: str = ""
    actions: Sequence[ActionSpec] = ()
    menu_title: str = ""
    menu: Sequence[str] = ()
    tool_bar: Sequence[str] = ()

    @property
    def plain_title(self) -> str:
        """The title in the language of the user interface, without mnemonic."""
        return QCoreApplication.translate("ManagerAction", self.title).replace("&", "")


_tools: dict[str, Tool] = {}


def declare(tool: Tool) -> None:
    """Make TOOL known."""
    if tool.name in _tools:
        raise ValueError(f"The tool {tool.name!r} is declared twice.")
    _tools[tool.name] = tool


@cache
def all_tools() -> Sequence[Tool]:
    """Return every declared tool in order, global ones first."""
    from app.manager import tools

    for module in pkgutil.iter_modules(tools.__path__):
        importlib.import_module(f"{tools.__name__}.{module.name}")
    return tuple(
        sorted(_tools.values(), key=lambda tool: (tool.scope is ToolScope.MACHINE, tool.order))
    )


def find_tool(name: str) -> Tool | None:
    """Return the tool NAME, or None when there is none (an older or newer version had it)."""
    return next((tool for tool in all_tools() if tool.name == name), None)
