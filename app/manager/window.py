"""The main window: tool bar, machine list, and the pane for what is selected."""

import functools
from collections.abc import Callable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QMainWindow,
    QMenu,
    QSplitter,
    QStackedWidget,
    QToolBar,
)

from app.api import events
from app.api.structs import MachineInfo
from app.common.messages import show_error, show_warning
from app.manager.actions import ActionSet, Situation
from app.manager.commands import MachineCommands
from app.manager.details.pane import DetailsPane
from app.manager.details.section import Subject
from app.manager.layout_memory import LayoutMemory, join_numbers, split_numbers
from app.manager.machine_model import MachineRole
from app.manager.machine_view import MachineView
from app.manager.panes import InaccessiblePane, WelcomePane
from app.manager.service_link import ServiceLink
from app.settings.model import MachineSettings

_SPLITTER = "GUI/SplitterSizes"
_LAST_SELECTED = "GUI/LastItemSelected"
_FOLDED_BOXES = "GUI/DetailsPageBoxes/Folded"
_WINDOWED_SESSION = "GUI/Qt"
_DEFAULT_SIZE = QSize(900, 600)
_SEPARATOR = "|"
_MACHINE_MENU = (
    "new", "add", _SEPARATOR, "settings", "remove", _SEPARATOR, "start", "pause", "reset", "stop",
    _SEPARATOR, "refresh", "show-in-file-manager",
)  # fmt: skip
_CONTEXT_MENU = (
    "settings", "remove", _SEPARATOR, "start", "pause", "reset", "stop", _SEPARATOR, "refresh",
    "show-in-file-manager",
)  # fmt: skip
_TOOL_BAR = ("new", "add", "settings", _SEPARATOR, "start")


class ManagerWindow(QMainWindow):
    """Main window of the manager.

    Signals:
        layout_recalled(): the stored position was fetched and applied (or there is none).
    """

    layout_recalled = Signal()

    def __init__(self, link: ServiceLink) -> None:
        super().__init__()
        self._link = link
        self._reason = ""
        self._wanted_selection = ""
        self._details_of = ""
        self.setWindowTitle(self.tr("Vitrine Manager"))
        self.resize(_DEFAULT_SIZE)
        self.actions_ = ActionSet(self)
        self.commands = MachineCommands(link, self)
        self._memory = LayoutMemory(link, self)
        self._layout_is_known = False

        self.view = MachineView(self)
        self.view.setModel(link.model)
        self.welcome = WelcomePane(
            self.actions_["new"], self.actions_["add"], self.actions_["preferences"], self
        )
        self.details = DetailsPane(self)
        self.inaccessible = InaccessiblePane(self)
        self.stack = QStackedWidget(self)
        for pane in (self.welcome, self.details, self.inaccessible):
            self.stack.addWidget(pane)
        self.splitter = QSplitter(self)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.view)
        self.splitter.addWidget(self.stack)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([250, 650])
        self.setCentralWidget(self.splitter)
        self._stop_menu = self._new_stop_menu()
        self._build_menu_bar()
        self._build_tool_bar()
        self.statusBar().setSizeGripEnabled(True)

        # Moving and sizing give many events; the layout is stored when they have come to rest.
        self._store_later = QTimer(self)
        self._store_later.setSingleShot(True)
        self._store_later.setInterval(500)
        self._store_later.timeout.connect(self._store_layout)
        self._connect_signals()
        self._update()

    # -- construction --------------------------------------------------------------------------

    def _new_stop_menu(self) -> QMenu:
        menu = QMenu(self.tr("St&op"), self)
        menu.setToolTipsVisible(True)
        for name in ("acpi-shutdown", "power-off"):
            menu.addAction(self.actions_[name])
        return menu

    def _fill_menu(self, menu: QMenu, names: tuple[str, ...]) -> None:
        menu.setToolTipsVisible(True)
        for name in names:
            if name == _SEPARATOR:
                menu.addSeparator()
            elif name == "stop":
                menu.addMenu(self._stop_menu)
            else:
                menu.addAction(self.actions_[name])

    def _build_menu_bar(self) -> None:
        bar = self.menuBar()
        self._fill_menu(bar.addMenu(self.tr("&File")), ("preferences", _SEPARATOR, "quit"))
        self._fill_menu(bar.addMenu(self.tr("&Machine")), _MACHINE_MENU)
        self._fill_menu(bar.addMenu(self.tr("&Help")), ("about",))

    def _build_tool_bar(self) -> None:
        bar = QToolBar(self.tr("Main Tool Bar"), self)
        bar.setObjectName("main-tool-bar")
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        bar.setIconSize(QSize(32, 32))
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for name in _TOOL_BAR:
            if name == _SEPARATOR:
                bar.addSeparator()
            else:
                bar.addAction(self.actions_[name])
                bar.widgetForAction(self.actions_[name]).setMinimumWidth(64)
        self.addToolBar(bar)

    def _connect_signals(self) -> None:
        link, on = self._link, self.actions_.on
        link.connection_changed.connect(self._on_connection_changed)
        link.machines_loaded.connect(self._on_machines_loaded)
        link.machine_changed.connect(self._on_machine_changed)
        link.os_types_loaded.connect(self._fetch_details)
        link.runtime_error.connect(self._on_runtime_error)
        link.model.dataChanged.connect(self._on_data_changed)
        link.model.rowsInserted.connect(self._on_rows_changed)
        link.model.rowsRemoved.connect(self._on_rows_changed)
        self.view.selectionModel().currentChanged.connect(self._on_selection_changed)
        self.view.menu_requested.connect(self._show_context_menu)
        self.view.start_requested.connect(self.actions_["start"].trigger)
        self.details.page_requested.connect(self.open_settings)
        self.details.folds_changed.connect(self._store_later.start)
        self.splitter.splitterMoved.connect(self._store_later.start)
        self.inaccessible.refresh_requested.connect(self.refresh)
        self.inaccessible.remove_requested.connect(self.actions_["remove"].trigger)
        self.commands.machine_added.connect(self.select_machine)
        self.commands.message.connect(self.statusBar().showMessage)

        on("quit", self.close)
        on("new", self.open_wizard)
        on("add", self.commands.add)
        on("preferences", self.open_preferences)
        on("settings", self.open_settings)
        on("refresh", self.refresh)
        on("about", self._show_about)
        for name, command in (
            ("remove", self.commands.remove),
            ("start", self.commands.start_or_show),
            ("pause", self.commands.pause_or_resume),
            ("reset", self.commands.reset),
            ("acpi-shutdown", self.commands.acpi_shutdown),
            ("power-off", self.commands.power_off),
            ("show-in-file-manager", self.commands.show_in_file_manager),
        ):
            on(name, functools.partial(self._with_machine, command))

    # -- selection -----------------------------------------------------------------------------

    @property
    def selected_machine(self) -> MachineInfo | None:
        """The selected machine, or None."""
        info: MachineInfo | None = self.view.currentIndex().data(MachineRole.INFO)
        return info

    def select_machine(self, machine_id: str) -> None:
        """Select MACHINE_ID, now or as soon as the list knows it."""
        row = self._link.model.row_of(machine_id)
        if row < 0:
            self._wanted_selection = machine_id
            return
        self._wanted_selection = ""
        index = self._link.model.index(row)
        self.view.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self.view.scrollTo(index)

    def _select_initially(self) -> None:
        """Select the first machine unless the one of last time was found."""
        model = self._link.model
        if self._layout_is_known and self.selected_machine is None and model.rowCount():
            self.select_machine(model.machines()[0].id)

    def _with_machine(self, command: Callable[[MachineInfo], None]) -> None:
        machine = self.selected_machine
        if machine is not None:
            command(machine)
        # A toggle that was refused must not stay toggled.
        self._update()

    def _on_selection_changed(self) -> None:
        machine = self.selected_machine
        if machine is not None:
            self._store_later.start()
        self._fetch_details()
        self._update()

    def _on_rows_changed(self) -> None:
        if self._wanted_selection:
            self.select_machine(self._wanted_selection)
        self._update()

    # -- what the service tells ----------------------------------------------------------------

    def _on_connection_changed(self, connected: bool, reason: str) -> None:
        self._reason = reason
        if connected:
            self.statusBar().clearMessage()
            if not self._layout_is_known:
                self._recall_layout()
        else:
            self.statusBar().showMessage(reason)
        self._update()

    def _on_machines_loaded(self) -> None:
        if self._wanted_selection:
            self.select_machine(self._wanted_selection)
        self._select_initially()
        self._fetch_details()
        self._update()

    def _on_machine_changed(self, machine_id: str) -> None:
        machine = self.selected_machine
        if machine is not None and machine.id == machine_id:
            self._fetch_details()

    def _on_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        if first.row() <= self.view.currentIndex().row() <= last.row():
            self._update()

    def _on_runtime_error(self, event: events.RuntimeError) -> None:
        machine = self._link.model.machine(event.id)
        name = machine.name if machine else event.id
        title = self.tr("Trouble in “{name}”").format(name=name)
        if machine is not None and machine.session_name == _WINDOWED_SESSION:
            # Its own window asks what to do; a second box would only be in the way.
            self.statusBar().showMessage(f"{title}: {event.message}")
            return
        show = show_error if event.fatal else show_warning
        details = self.tr("Error ID: {error_id}").format(error_id=event.error_id)
        show(self, title, f"{title}\n\n{event.message}", details=details)

    # -- panes ---------------------------------------------------------------------------------

    def _update(self) -> None:
        machine = self.selected_machine
        self.actions_.update(Situation(self._link.is_connected, machine))
        self.welcome.show_connection(
            connected=self._link.is_connected,
            reason=self._reason,
            machines=self._link.model.rowCount(),
        )
        if machine is not None and not machine.accessible:
            self.inaccessible.show_machine(machine)
            self.stack.setCurrentWidget(self.inaccessible)
        elif machine is not None and self._details_of == machine.id:
            self.stack.setCurrentWidget(self.details)
        elif machine is None:
            self.stack.setCurrentWidget(self.welcome)

    def _fetch_details(self) -> None:
        machine = self.selected_machine
        if machine is None or not machine.accessible:
            return

        def done(settings: MachineSettings) -> None:
            current = self.selected_machine
            if current is None or current.id != machine.id:
                return
            os_type = self._link.os_type(settings.os_type_id)
            self.details.show_subject(Subject(current, settings, os_type))
            self._details_of = machine.id
            self._update()

        self._link.call(self, "machine.get_settings", {"id": machine.id}, done)

    def refresh(self) -> None:
        """Have the selected machine read anew (an inaccessible one may have been repaired)."""
        machine = self.selected_machine
        if machine is not None:
            self._link.call(self, "machine.refresh", {"id": machine.id})

    def _show_context_menu(self, position: QPoint, on_machine: bool) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._fill_menu(menu, _CONTEXT_MENU if on_machine else ("new", "add"))
        menu.popup(position)

    # -- dialogs -------------------------------------------------------------------------------

    def open_wizard(self) -> QDialog:
        """Open the New Virtual Machine wizard."""
        from app.manager.wizard.new_machine import NewMachineWizard

        wizard = NewMachineWizard(self._link, self)
        wizard.machine_created.connect(self.select_machine)
        wizard.open()
        return wizard

    def open_settings(self, page: str = "") -> QDialog | None:
        """Open the settings of the selected machine at PAGE (empty: the first)."""
        machine = self.selected_machine
        if machine is None or not self.actions_["settings"].isEnabled():
            return None
        from app.manager.settings_dialog.dialog import SettingsDialog

        dialog = SettingsDialog(self._link, machine, self)
        dialog.show_page(page)
        dialog.open()
        return dialog

    def open_preferences(self) -> QDialog | None:
        """Open the preferences; nothing happens before the service has told them."""
        if self._link.properties is None:
            return None
        from app.manager.preferences.dialog import PreferencesDialog

        dialog = PreferencesDialog(self._link, self._link.properties, self)
        dialog.open()
        return dialog

    def _show_about(self) -> None:
        from app.manager.about import AboutDialog

        AboutDialog(self).open()

    # -- layout --------------------------------------------------------------------------------

    def _recall_layout(self) -> None:
        self._memory.recall(_SPLITTER, self._apply_splitter)
        self._memory.recall(_LAST_SELECTED, self._apply_selection)
        self._memory.recall(
            _FOLDED_BOXES, lambda value: self.details.set_folded_sections(value.split(","))
        )
        self._memory.recall_position(self, self._on_layout_recalled)

    def _on_layout_recalled(self) -> None:
        self._layout_is_known = True
        self._select_initially()
        self.layout_recalled.emit()

    def _apply_splitter(self, value: str) -> None:
        sizes = split_numbers(value)
        if len(sizes) == self.splitter.count():
            self.splitter.setSizes(sizes)

    def _apply_selection(self, machine_id: str) -> None:
        if self.selected_machine is None:
            self.select_machine(machine_id)

    def _store_layout(self) -> None:
        if not self._layout_is_known or not self.isVisible():
            return
        self._memory.store_position(self)
        self._memory.store(_SPLITTER, join_numbers(self.splitter.sizes()))
        self._memory.store(_FOLDED_BOXES, ",".join(self.details.folded_sections()))
        machine = self.selected_machine
        if machine is not None:
            self._memory.store(_LAST_SELECTED, machine.id)

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
