"""The main window: machine list at the left, the open tool at the right, notifications."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QMainWindow,
    QMenu,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.api import events
from app.api.structs import MachineInfo
from app.manager.actions import ActionSet
from app.manager.chooser.column import ChooserColumn
from app.manager.chooser.model import ChooserModel
from app.manager.chooser.nodes import GroupNode, MachineNode, Node
from app.manager.commands import MachineCommands
from app.manager.dialogs.file_drop import MachineFileDrop
from app.manager.groups import GroupCommands
from app.manager.layout_memory import LayoutMemory, join_numbers, split_numbers
from app.manager.menus import Menus
from app.manager.notifications.center import NotificationCenter
from app.manager.notifications.operations import ForeignOperations
from app.manager.notifications.panel import NotificationButton, NotificationPanel
from app.manager.preferences.live import LivePreferences
from app.manager.questions import Questions
from app.manager.service_link import ServiceLink
from app.manager.situation import Situation
from app.manager.tool import ToolScope, Workspace, all_tools
from app.manager.tool_area import ToolArea

_SPLITTER = "GUI/SplitterSizes"
_LAST_SELECTED = "GUI/LastItemSelected"
# VirtualBox's name of the tools item in the list.
_TOOLS_ITEM = "n=GLOBAL"
_WINDOWED_SESSION = "GUI/Qt"
_DEFAULT_SIZE = QSize(900, 600)


class ManagerWindow(QMainWindow):
    """Main window of the manager.

    Signals:
        layout_recalled(): the stored position was fetched and applied (or there is none).
    """

    layout_recalled = Signal()

    def __init__(self, link: ServiceLink) -> None:
        super().__init__()
        self._link = link
        self._wanted_selection = ""
        self._layout_is_known = False
        self.setWindowTitle(self.tr("Vitrine Manager"))
        self.resize(_DEFAULT_SIZE)
        self.actions_ = ActionSet(self)
        self.memory = LayoutMemory(link, self)
        self.live = LivePreferences(self.memory, self.actions_, self)
        self.questions = Questions(self.memory, self)
        self.notifications = NotificationCenter(link, self)
        ForeignOperations(link, self.notifications)
        self.commands = MachineCommands(link, self.notifications, self.questions, self)
        self.chooser_model = ChooserModel(link.model, self)
        self.groups = GroupCommands(
            link, self.chooser_model, self.memory, self.notifications, self.questions
        )
        self.column = ChooserColumn(self.chooser_model, self)
        self.view = self.column.view
        self.tools = ToolArea(self._new_workspace(), self)
        self.menus = Menus(self.actions_, self.chooser_model.group_paths, self)
        self.splitter = QSplitter(self)
        # A child of a splitter would become one of its columns.
        self.center = QWidget(self)
        self.panel = NotificationPanel(self.notifications, self.memory, self.center)
        self._build()

        # Moving and sizing give many events; the layout is stored when they have come to rest.
        self._store_later = QTimer(self)
        self._store_later.setSingleShot(True)
        self._store_later.setInterval(500)
        self._store_later.timeout.connect(self._store_layout)
        # Selecting many rows gives many events too; they are looked at once.
        self._look_soon = QTimer(self)
        self._look_soon.setSingleShot(True)
        self._look_soon.setInterval(0)
        self._look_soon.timeout.connect(self._on_selection_changed)
        self._connect_signals()
        self._connect_actions()
        self.tools.open_tool_named(self.tools.last_tool(ToolScope.GLOBAL).name)

    # -- construction --------------------------------------------------------------------------

    def _new_workspace(self) -> Workspace:
        return Workspace(
            link=self._link,
            memory=self.memory,
            actions=self.actions_,
            notifications=self.notifications,
            questions=self.questions,
            commands=self.commands,
            open_settings=self.open_settings,
            select_machine=self.select_machine,
            open_tool=self.open_tool,
        )

    def _build(self) -> None:
        layout = QVBoxLayout(self.center)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.column)
        self.splitter.addWidget(self.tools)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([250, 650])
        self.setCentralWidget(self.center)
        self.tools.set_menu("start", self.menus.start)
        self.column.set_tools_menu(self.menus.global_tools)
        machine_tools = [tool for tool in all_tools() if tool.scope is ToolScope.MACHINE]
        self.view.delegate.offers_tools = len(machine_tools) > 1
        self.statusBar().setSizeGripEnabled(True)
        self.statusBar().addPermanentWidget(NotificationButton(self.notifications, self.panel))

    def _connect_signals(self) -> None:
        link, view = self._link, self.view
        link.connection_changed.connect(self._on_connection_changed)
        link.machines_loaded.connect(self._on_machines_loaded)
        link.machine_changed.connect(self._on_machine_changed)
        link.runtime_error.connect(self._on_runtime_error)
        self.chooser_model.dataChanged.connect(self._on_data_changed)
        self.chooser_model.rowsInserted.connect(self._on_rows_changed)
        self.chooser_model.rowsRemoved.connect(self._on_rows_changed)
        view.selectionModel().selectionChanged.connect(self._look_soon.start)
        view.selectionModel().currentChanged.connect(self._look_soon.start)
        view.menu_requested.connect(self._show_context_menu)
        view.start_requested.connect(self.actions_["start"].trigger)
        view.tools_requested.connect(self.menus.machine_tools.popup)
        self.column.global_tools_requested.connect(self._open_global_tools)
        self.column.search.closed.connect(lambda: self.actions_["search"].setChecked(False))
        self.groups.moved.connect(self._select_moved)
        self.groups.group_created.connect(self._edit_group_name)
        self.menus.group_chosen.connect(self._move_to_group)
        self.tools.tool_changed.connect(self._update)
        self.tools.actions_changed.connect(self._update)
        self.tools.selection.machine_chosen.connect(self.select_machine)
        self.tools.inaccessible.refresh_requested.connect(self.actions_["refresh"].trigger)
        self.tools.inaccessible.remove_requested.connect(self.actions_["remove"].trigger)
        self.panel.shown_changed.connect(self.actions_["notifications"].setChecked)
        self.splitter.splitterMoved.connect(self._store_later.start)
        self.commands.registry.machine_added.connect(self.select_machine)
        MachineFileDrop(self).dropped.connect(self.commands.registry.add_paths)
        self.commands.message.connect(self.statusBar().showMessage)

    def _connect_actions(self) -> None:
        on, commands, registry = self.actions_.on, self.commands, self.commands.registry
        for name, slot in (
            ("quit", self.close),
            ("new", self.open_wizard),
            ("add", registry.add),
            ("add-folder", registry.add_folder),
            ("import-machines", registry.import_machines),
            ("preferences", self.open_preferences),
            ("settings", self.open_settings),
            ("reset-warnings", self._reset_warnings),
            ("notifications", self._toggle_notifications),
            ("about", self._show_about),
            ("contents", self._show_help),
            ("search", self._toggle_search),
            ("sort", self._sort),
            ("rename-group", self._rename_group),
            ("ungroup", self._ungroup),
            ("enter-group", self._enter_group),
            ("new-group", self._group_selection),
        ):
            on(name, slot)
        for name, command in (
            ("clone", registry.clone),
            ("move", registry.move),
            ("remove", registry.remove),
            ("start", commands.start_or_show),
            ("start-normal", commands.start),
            ("start-headless", functools.partial(commands.start, frontend="headless")),
            ("start-detachable", functools.partial(commands.start, frontend="separate")),
            ("show", commands.show),
            ("pause", commands.pause_or_resume),
            ("reset", commands.reset),
            ("save-state", commands.save_state),
            ("acpi-shutdown", commands.acpi_shutdown),
            ("power-off", commands.power_off),
            ("discard", commands.discard_saved_state),
            ("refresh", commands.refresh),
            ("show-in-file-manager", commands.show_in_file_manager),
            ("create-shortcut", commands.create_shortcuts),
        ):
            on(name, functools.partial(self._with_machines, name, command))
        for tool in all_tools():
            on(f"tool-{tool.name}", functools.partial(self.open_tool, tool.name))
            for spec in tool.actions:
                on(spec.name, functools.partial(self.tools.perform, spec.name))

    # -- selection -----------------------------------------------------------------------------

    @property
    def selected_machine(self) -> MachineInfo | None:
        """The selected machine when it is the only selected item, or None."""
        nodes = self.view.selected_nodes()
        if len(nodes) == 1 and isinstance(nodes[0], MachineNode):
            return nodes[0].info
        return None

    def selected_machines(self) -> tuple[MachineInfo, ...]:
        """Return the selected machines and those in selected groups, each once."""
        found: dict[str, MachineInfo] = {}
        for node in self.view.selected_nodes():
            inside: Sequence[Node] = [node]
            if isinstance(node, GroupNode):
                inside = list(node.walk())
            found.update({n.info.id: n.info for n in inside if isinstance(n, MachineNode)})
        return tuple(found.values())

    def selected_groups(self) -> tuple[str, ...]:
        """Return the paths of the selected groups."""
        nodes = self.view.selected_nodes()
        return tuple(node.path for node in nodes if isinstance(node, GroupNode))

    def select_machine(self, machine_id: str) -> None:
        """Select MACHINE_ID, now or as soon as the list knows it."""
        self._select_key(f"m={machine_id}")

    def _select_key(self, key: str) -> None:
        index = self.chooser_model.index_of_key(key)
        self._wanted_selection = "" if index.isValid() else key
        if index.isValid():
            self.view.select_index(index)
            self._on_selection_changed()

    def _select_moved(self, keys: list[str]) -> None:
        self.view.select_keys(keys)
        # The editor of a name goes together with the row of the old one.
        self.view.setFocus()

    def _select_initially(self) -> None:
        """Select the first machine unless something else was open last time."""
        root = self.chooser_model.root
        if self._layout_is_known and not self.view.selected_nodes() and root.children:
            wanted = self.memory.value(_LAST_SELECTED)
            if wanted == _TOOLS_ITEM:
                return
            index = self.chooser_model.index_of_key(wanted)
            if not index.isValid():
                index = self.chooser_model.index_of(root.children[0])
            self.view.select_index(index)

    def _with_machines(
        self, name: str, command: Callable[[Sequence[MachineInfo]], object]
    ) -> None:
        machines = self.actions_.suitable(name, self.selected_machines())
        if machines:
            command(machines)
        # A toggle that was refused must not stay toggled.
        self._update()

    def _on_selection_changed(self) -> None:
        self._look_soon.stop()
        machines, groups = self.selected_machines(), self.selected_groups()
        self.tools.show_machines(machines, groups)
        tool = self.tools.open_tool
        wanted = ToolScope.MACHINE if machines or groups else ToolScope.GLOBAL
        if tool is None or tool.scope is not wanted:
            self.tools.open_tool_named(self.tools.last_tool(wanted).name)
        self._store_later.start()
        self._update()

    def _on_rows_changed(self) -> None:
        if self._wanted_selection:
            self._select_key(self._wanted_selection)
        self._look_soon.start()

    # -- what the service tells ----------------------------------------------------------------

    def _on_connection_changed(self, connected: bool, reason: str) -> None:
        if connected:
            self.statusBar().clearMessage()
            if not self._layout_is_known:
                self.memory.load(self._on_layout_loaded)
        else:
            self.statusBar().showMessage(reason)
        self._update()

    def _on_machines_loaded(self) -> None:
        if self._wanted_selection:
            self._select_key(self._wanted_selection)
        self._select_initially()
        self._on_selection_changed()

    def _on_machine_changed(self, machine_id: str) -> None:
        machine = self.selected_machine
        if machine is not None and machine.id == machine_id:
            self.tools.show_machines((machine,))
            self._update()

    def _on_data_changed(self, first: QModelIndex) -> None:
        if self.view.selectionModel().isSelected(first):
            self._look_soon.start()

    def _on_runtime_error(self, event: events.RuntimeError) -> None:
        machine = self._link.model.machine(event.id)
        name = machine.name if machine else event.id
        title = self.tr("Trouble in “{name}”").format(name=name)
        if machine is not None and machine.session_name == _WINDOWED_SESSION:
            # Its own window asks what to do; a second message would only be in the way.
            self.statusBar().showMessage(f"{title}: {event.message}")
            return
        tell = self.notifications.show_error if event.fatal else self.notifications.show_warning
        details = self.tr("Error ID: {error_id}").format(error_id=event.error_id)
        tell(title, event.message, details=details)

    # -- tools ---------------------------------------------------------------------------------

    def open_tool(self, name: str) -> None:
        """Open the tool NAME; one that belongs to no machine takes the place of the selection."""
        tool = next((tool for tool in all_tools() if tool.name == name), None)
        if tool is None:
            return
        if tool.scope is ToolScope.GLOBAL:
            self.view.clear_selection()
            self._look_soon.stop()
            self.tools.show_machines(())
        self.tools.open_tool_named(name)
        self._store_later.start()

    def _open_global_tools(self) -> None:
        self.open_tool(self.tools.last_tool(ToolScope.GLOBAL).name)

    def _update(self) -> None:
        tool, groups = self.tools.open_tool, self.selected_groups()
        self.actions_.update(
            Situation(
                self._link.is_connected,
                self.selected_machines(),
                groups,
                tool.name if tool is not None else "",
                self.tools.reason,
            )
        )
        for each in all_tools():
            self.actions_[f"tool-{each.name}"].setChecked(each is tool)
        self.column.tools.setChecked(tool is not None and tool.scope is ToolScope.GLOBAL)
        machines = self.selected_machines()
        running = bool(machines) and all(machine.state.is_online for machine in machines)
        self.menus.show_in(self.menuBar(), tool, group_selected=bool(groups), running=running)

    def _show_context_menu(self, position: QPoint) -> None:
        self._on_selection_changed()
        menu: QMenu = self.menus.new_context_menu(
            machines=bool(self.selected_machines()), group=bool(self.selected_groups())
        )
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(position)

    def _toggle_notifications(self) -> None:
        self.panel.set_open(opened=self.panel.isHidden())

    def _toggle_search(self) -> None:
        search = self.column.search
        if search.isHidden():
            search.open_search()
            self.actions_["search"].setChecked(True)
        else:
            search.close_search()

    def _reset_warnings(self) -> None:
        self.questions.reset()
        self.statusBar().showMessage(self.tr("All questions are asked again."))

    # -- groups --------------------------------------------------------------------------------

    def _selected_items(self) -> list[tuple[str, str]]:
        nodes = self.view.selected_nodes()
        return [(node.key, node.parent.path) for node in nodes if node.parent is not None]

    def _move_to_group(self, path: str) -> None:
        self.groups.move(self._selected_items(), path)

    def _group_selection(self) -> None:
        items = self._selected_items()
        if items:
            self.groups.group(items, items[0][1])

    def _edit_group_name(self, path: str) -> None:
        self._select_key(f"g={path}")
        self.view.edit(self.view.currentIndex())

    def _rename_group(self) -> None:
        for path in self.selected_groups()[:1]:
            self._edit_group_name(path)

    def _ungroup(self) -> None:
        for path in self.selected_groups()[:1]:
            self.groups.ungroup(path)

    def _enter_group(self) -> None:
        for path in self.selected_groups()[:1]:
            self.view.enter_group(path)

    def _sort(self) -> None:
        groups = self.selected_groups()
        self.groups.sort(groups[0] if len(groups) == 1 else self.view.entered_group)

    # -- dialogs -------------------------------------------------------------------------------

    def open_wizard(self) -> QDialog:
        """Open the New Virtual Machine wizard."""
        from app.manager.wizard.new_machine import NewMachineWizard

        wizard = NewMachineWizard(self._link, self, self.memory)
        wizard.machine_created.connect(self.select_machine)
        wizard.open()
        return wizard

    def open_settings(self, page: str = "") -> QDialog | None:
        """Open the settings of the selected machine at PAGE (empty: the first)."""
        machine = self.selected_machine
        if machine is None or not self.actions_["settings"].isEnabled():
            return None
        from app.manager.settings_dialog.dialog import SettingsDialog

        dialog = SettingsDialog(self._link, machine, self, self.memory)
        dialog.show_page(page)
        dialog.open()
        return dialog

    def open_preferences(self) -> QDialog | None:
        """Open the preferences; nothing happens before the service has told them."""
        if self._link.properties is None:
            return None
        from app.manager.preferences.dialog import PreferencesDialog

        dialog = PreferencesDialog(self._link, self._link.properties, self, self.memory)
        dialog.open()
        return dialog

    def _show_about(self) -> None:
        from app.manager.about import AboutDialog

        AboutDialog(self).open()

    def _show_help(self) -> None:
        from app.common.help_window import HelpWindow

        HelpWindow(self).show()

    # -- layout --------------------------------------------------------------------------------

    def take_over(self) -> None:
        """Show what the link knows already: this window takes the place of another one."""
        self._on_connection_changed(self._link.is_connected, "")
        if self._link.is_connected:
            self._on_machines_loaded()

    def give_way(self) -> None:
        """Go without ending the program: another window takes the place of this one."""
        self._store_layout()
        self._store_later.stop()
        self.hide()
        self.deleteLater()

    def _on_layout_loaded(self) -> None:
        self.live.apply()
        self.groups.recall_order()
        self.tools.recall()
        self.panel.recall()
        sizes = split_numbers(self.memory.value(_SPLITTER))
        if len(sizes) == self.splitter.count():
            self.splitter.setSizes(sizes)
        self.memory.apply_position(self)
        self._layout_is_known = True
        self._select_initially()
        self._on_selection_changed()
        self.layout_recalled.emit()

    def _store_layout(self) -> None:
        if not self._layout_is_known or not self.isVisible():
            return
        self.memory.store_position(self)
        self.memory.store(_SPLITTER, join_numbers(self.splitter.sizes()))
        tool = self.tools.open_tool
        nodes = self.view.selected_nodes()
        if nodes:
            self.memory.store(_LAST_SELECTED, nodes[0].key)
        elif tool is not None and tool.scope is ToolScope.GLOBAL and self._link.model.rowCount():
            self.memory.store(_LAST_SELECTED, _TOOLS_ITEM)

    def moveEvent(self, event: object) -> None:
        """Remember the new position."""
        self._store_later.start()
        super().moveEvent(event)  # type: ignore[arg-type]

    def resizeEvent(self, event: object) -> None:
        """Remember the new size."""
        self._store_later.start()
        super().resizeEvent(event)  # type: ignore[arg-type]

    def closeEvent(self, event: QCloseEvent) -> None:
        """Store the layout and end the program; machines that run go on."""
        self._store_layout()
        super().closeEvent(event)
        QApplication.quit()
