"""Preferences, page Input: shortcuts of the manager and of machines' windows, host key, capture."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.common.hostkeys import DEFAULT_HOST_KEYS, ModifierKey, host_keys_text
from app.common.icons import icon
from app.common.preferences import InterfacePreferences
from app.common.window_shortcuts import WINDOW_SHORTCUTS
from app.manager.preferences.key_recorder import HostKeyRecorder, KeyRecorder
from app.manager.preferences.page import Entry, PreferencePage
from app.manager.preferences.shortcut_rows import manager_rows
from app.manager.preferences.shortcut_table import NAME, SHORTCUT, ShortcutModel, ShortcutRow
from app.manager.settings_dialog.spec import Level
from app.manager.widgets.field_message import Severity
from app.manager.widgets.icon_button import IconButton
from app.manager.widgets.paged_dialog import Problem

_HOST_KEY = "HostKey"


class WindowShortcutModel(ShortcutModel):
    """The shortcuts of machines' windows; the first row is the host key combination."""

    def __init__(self, parent: QWidget) -> None:
        keys = [
            ShortcutRow(each.name, each.caption, each.key, each.key) for each in WINDOW_SHORTCUTS
        ]
        super().__init__(keys, parent)
        self.rows.insert(0, ShortcutRow(_HOST_KEY, self.tr("Host Key Combination"), "", ""))
        self.host_keys: frozenset[ModifierKey] = DEFAULT_HOST_KEYS

    def set_host_keys(self, keys: frozenset[ModifierKey]) -> None:
        """Choose the host key combination."""
        if keys != self.host_keys:
            self.host_keys = keys
            self._tell(0)

    def is_host_key(self, number: int) -> bool:
        """Tell whether the row NUMBER is the host key combination."""
        return self.rows[number].name == _HOST_KEY

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # type: ignore[override]
        """Return texts; those of the host key are names of modifier keys."""
        shows_keys = index.column() == SHORTCUT and role == Qt.ItemDataRole.DisplayRole
        if shows_keys and self.is_host_key(index.row()):
            return host_keys_text(self.host_keys, self.tr("None"))
        return super().data(index, role)


class ShortcutEditor(QWidget):
    """A table of shortcuts, a filter above it, and what changes the selected row below it."""

    edited = Signal()

    def __init__(self, model: ShortcutModel, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.model = model
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(self.tr("Filter by name or keys"))
        self.filter.setAccessibleName(self.tr("Filter by name or keys"))
        self.filter.setClearButtonEnabled(True)
        self.filter.addAction(icon("filter"), QLineEdit.ActionPosition.LeadingPosition)
        self.proxy = QSortFilterProxyModel(self)
        self.proxy.setSourceModel(model)
        self.proxy.setFilterKeyColumn(-1)
        self.proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.table = _Table(self)
        self.table.setAccessibleName(name)
        self.table.setModel(self.proxy)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(SHORTCUT, QHeaderView.ResizeMode.ResizeToContents)
        header.setMinimumSectionSize(110)
        self.keys = KeyRecorder(single=isinstance(model, WindowShortcutModel), parent=self)
        self.host_keys = HostKeyRecorder(self)
        self.recorders = QStackedWidget(self)
        self.recorders.addWidget(self.keys)
        self.recorders.addWidget(self.host_keys)
        self.recorders.setFixedHeight(self.keys.sizeHint().height())
        self.caption = QLabel(self.tr("&Keys:"), self)
        self.remove = IconButton("clear", self.tr("Take the shortcut away"), self)
        self.default = IconButton("revert", self.tr("Go back to the built-in shortcut"), self)
        self.default.setAccessibleName(self.tr("Built-in shortcut"))
        self._arrange()
        self.filter.textChanged.connect(self._on_filter)
        self.table.selectionModel().currentRowChanged.connect(self._show_current)
        self.table.record_requested.connect(self._start_recording)
        self.keys.recorded.connect(self._on_keys)
        self.host_keys.recorded.connect(self._on_host_keys)
        self.remove.clicked.connect(lambda: self._set(""))
        self.default.clicked.connect(self._set_default)
        model.edited.connect(self.edited)
        model.modelReset.connect(self._select_first)
        self._select_first()

    def _arrange(self) -> None:
        below = QHBoxLayout()
        below.addWidget(self.caption)
        below.addWidget(self.recorders, 1)
        below.addWidget(self.remove)
        below.addWidget(self.default)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.filter)
        layout.addWidget(self.table, 1)
        layout.addLayout(below)

    def select(self, number: int) -> None:
        """Select the row NUMBER of the model, whatever the filter says."""
        self.filter.clear()
        index = self.proxy.mapFromSource(self.model.index(number, NAME))
        self.table.selectionModel().setCurrentIndex(
            index,
            QItemSelectionModel.SelectionFlag.ClearAndSelect
            | QItemSelectionModel.SelectionFlag.Rows,
        )

    @property
    def _current(self) -> int:
        index = self.proxy.mapToSource(self.table.currentIndex())
        return index.row() if index.isValid() else -1

    def _select_first(self) -> None:
        self.table.selectRow(0)
        self._show_current()

    def _on_filter(self, text: str) -> None:
        self.proxy.setFilterFixedString(text)
        self._select_first()

    def _show_current(self) -> None:
        number, model = self._current, self.model
        chosen = number >= 0
        for widget in (self.recorders, self.remove, self.default):
            widget.setEnabled(chosen)
        if not chosen:
            self.keys.clear()
            return
        if isinstance(model, WindowShortcutModel) and model.is_host_key(number):
            self.host_keys.show_keys(model.host_keys)
            self._use(self.host_keys)
        else:
            self.keys.show_sequence(model.rows[number].sequence)
            self._use(self.keys)

    def _use(self, recorder: QLineEdit) -> None:
        name = self.model.rows[self._current].caption
        self.recorders.setCurrentWidget(recorder)
        self.caption.setBuddy(recorder)
        recorder.setAccessibleName(self.tr("Keys of “{action}”").format(action=name))

    def _start_recording(self) -> None:
        recorder = self.recorders.currentWidget()
        if recorder is not None:
            recorder.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_keys(self, sequence: str) -> None:
        self.model.set_sequence(self._current, sequence)

    def _on_host_keys(self, keys: frozenset[ModifierKey]) -> None:
        if isinstance(self.model, WindowShortcutModel):
            self.model.set_host_keys(keys)

    def _set(self, sequence: str, host_keys: frozenset[ModifierKey] = frozenset()) -> None:
        model = self.model
        if isinstance(model, WindowShortcutModel) and model.is_host_key(self._current):
            model.set_host_keys(host_keys)
        else:
            model.set_sequence(self._current, sequence)
        self._show_current()

    def _set_default(self) -> None:
        self._set(self.model.rows[self._current].default, DEFAULT_HOST_KEYS)


class _Table(QTableView):
    """One row at a time; Enter or a double click starts the recording of keys."""

    record_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMinimumHeight(150)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        self.doubleClicked.connect(self.record_requested)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter start the recording instead of closing the dialog."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.record_requested.emit()
        else:
            super().keyPressEvent(event)


class InputPreferences(PreferencePage):
    """Shortcuts, host key combination and capture of the keyboard."""

    def __init__(self) -> None:
        super().__init__()
        self.manager = ShortcutModel(manager_rows(), self)
        self.machine = WindowShortcutModel(self)
        self.tabs = QTabWidget(self)
        self.manager_table = ShortcutEditor(self.manager, self.tr("Shortcuts of the manager"), self)
        self.machine_table = ShortcutEditor(
            self.machine, self.tr("Keys of machines' windows"), self
        )
        self.tabs.addTab(self.manager_table, self.tr("&Manager"))
        self.tabs.addTab(self.machine_table, self.tr("&Virtual Machine"))
        self.auto_capture = QCheckBox(self.tr("&Auto Capture Keyboard"), self)
        self.column.insertWidget(0, self.tabs, 1)
        self.add_row(
            "",
            self.auto_capture,
            self.tr("The keyboard is captured as soon as the window of a machine has the focus."),
            title=self.tr("Auto Capture Keyboard"),
        )
        for title, help_text, table in (
            (
                self.tr("Shortcuts of the Manager"),
                self.tr("Keys that the menus of the manager obey."),
                self.manager_table,
            ),
            (
                self.tr("Host Key Combination"),
                self.tr("Modifier keys that talk to a machine's window and not to its guest."),
                self.machine_table,
            ),
            (
                self.tr("Shortcuts of Virtual Machines"),
                self.tr("Keys that a machine's window obeys together with the host key."),
                self.machine_table,
            ),
        ):
            self.entries.append(Entry(title, help_text, Level.BASIC, (), table.table))
        self.manager_table.edited.connect(self.changed)
        self.machine_table.edited.connect(self.changed)
        self.auto_capture.toggled.connect(self.changed)

    def show_table(self, table: QWidget) -> None:
        """Bring the tab with TABLE to the front."""
        for editor in (self.manager_table, self.machine_table):
            if editor.table is table:
                self.tabs.setCurrentWidget(editor)

    def load(self, preferences: InterfacePreferences) -> None:
        """Show PREFERENCES."""
        self.manager.load(preferences.manager_shortcuts)
        self.machine.load(preferences.machine_shortcuts)
        self.machine.set_host_keys(preferences.host_keys)
        self.auto_capture.setChecked(preferences.auto_capture)

    def edited(self, preferences: InterfacePreferences) -> InterfacePreferences:
        """Return PREFERENCES with what the page holds."""
        return replace(
            preferences,
            manager_shortcuts=self.manager.chosen(),
            machine_shortcuts=self.machine.chosen(),
            host_keys=self.machine.host_keys,
            auto_capture=self.auto_capture.isChecked(),
        )

    def problems(self) -> Sequence[Problem]:
        """Return the actions that the same keys would trigger."""
        text = self.tr("“{first}” and “{second}” have the same keys: {keys}.")
        return [
            Problem(
                Severity.ERROR,
                text.format(first=first.caption, second=second.caption, keys=first.text),
            )
            for model in (self.manager, self.machine)
            for first, second in model.duplicates()
        ]
