"""The log viewer: a tab for each log of a machine, with bars to find and filter."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QLabel, QStackedWidget, QTabWidget, QVBoxLayout

from app.api.errors import ApiError
from app.api.structs import MachineInfo
from app.common.icons import icon
from app.manager.logs.bars import LogBar
from app.manager.logs.bookmarks_bar import BookmarksBar
from app.manager.logs.document import LogDocument
from app.manager.logs.filter_bar import FilterBar
from app.manager.logs.find_bar import FindBar
from app.manager.logs.preferences_bar import OPTIONS_KEY, LogLook, PreferencesBar
from app.manager.logs.saving import LogSaver
from app.manager.logs.view import LogView
from app.manager.tool import ToolPane, Workspace
from app.manager.widgets.file_picker import PickMode, new_file_dialog

_MOST_LOGS: Final = 11
"""``VBox.log`` and as many old ones as may be kept."""


class LogsPane(ToolPane):
    """Tabs with logs; find, filter, bookmarks and preferences below.

    Attributes:
        tabs: one for each log, the newest first.
        find_bar: looks for text.
        filter_bar: chooses lines.
        bookmarks: lists marked lines.
        preferences: says how logs look.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._machine: MachineInfo | None = None
        self._views: list[LogView] = []
        self._round = 0
        self.note = QLabel(self.tr("Looking for logs…"), self)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.note.setWordWrap(True)
        self.note.setMargin(24)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(self.tr("Logs"))
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.note)
        self.pages.addWidget(self.tabs)
        self.problem = QLabel(self)
        self.problem.setWordWrap(True)
        self.problem.setMargin(6)
        self.problem.hide()
        self.find_bar = FindBar(self)
        self.filter_bar = FilterBar(self)
        self.bookmarks = BookmarksBar(self)
        self.preferences = PreferencesBar(self)
        self._bars: dict[str, LogBar] = {
            "log-find": self.find_bar, "log-filter": self.filter_bar,
            "log-bookmark": self.bookmarks, "log-preferences": self.preferences,
        }  # fmt: skip
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.problem)
        for name, bar in self._bars.items():
            bar.hide()
            layout.addWidget(bar)
            bar.closed.connect(lambda name=name: self._show_bar(name, shown=False))
        self._connect()
        workspace.memory.recall(OPTIONS_KEY, self._take_look)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self.filter_bar.filtered.connect(self.find_bar.search)
        self.filter_bar.rows_added.connect(self.find_bar.resume)
        self.preferences.look_changed.connect(self._on_look_changed)
        for key, step in (
            (QKeySequence(Qt.Key.Key_F3), 1),
            (QKeySequence(Qt.Modifier.SHIFT | Qt.Key.Key_F3), -1),
        ):
            shortcut = QShortcut(key, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda step=step: self._find_again(step))

    # -- logs ----------------------------------------------------------------------------------

    @property
    def view(self) -> LogView | None:
        """The log of the tab that is open."""
        place = self.tabs.currentIndex()
        return self._views[place] if 0 <= place < len(self._views) else None

    def show_machine(self, machine: MachineInfo) -> None:
        """Show the logs of MACHINE; look for new ones when it was started or stopped."""
        known, self._machine = self._machine, machine
        if known is None or known.id != machine.id:
            self._close_logs(self.tr("Looking for logs…"))
            self._look()
        elif known.state.is_online != machine.state.is_online:
            self._look()

    def _look(self) -> None:
        machine = self._machine
        if machine is None:
            return
        self._round += 1
        this_round = self._round
        found: dict[int, str] = {}
        waiting = set(range(_MOST_LOGS))

        def got(index: int, path: str) -> None:
            if this_round != self._round:
                return
            waiting.discard(index)
            if path:
                found[index] = path
            if not waiting:
                self._show_logs(machine, found)

        def failed(error: ApiError) -> None:
            if this_round == self._round:
                text = self.tr("The logs cannot be shown: {reason}")
                self._close_logs(text.format(reason=error.message))

        for index in range(_MOST_LOGS):
            params = {"id": machine.id, "index": index}
            self._workspace.link.call(
                self, "machine.query_log_filename", params, partial(got, index), failed
            )

    def _show_logs(self, machine: MachineInfo, found: dict[int, str]) -> None:
        wanted = [(machine.id, index, path) for index, path in sorted(found.items())]
        shown = [(v.document.machine_id, v.document.index, v.document.path) for v in self._views]
        if not wanted:
            text = self.tr("The machine “{name}” has no logs: it has not been started yet.")
            self._close_logs(text.format(name=machine.name))
        elif wanted == shown:
            # The same files, but another start may have renamed them.
            self.refresh()
        else:
            self._close_logs("")
            for _machine_id, index, path in wanted:
                self._add_log(machine, index, path)
            self.pages.setCurrentWidget(self.tabs)
            self.tabs.setCurrentIndex(0)
            self._on_tab_changed()
        self.actions_changed.emit()

    def _add_log(self, machine: MachineInfo, index: int, path: str) -> None:
        document = LogDocument(self._workspace.link, machine.id, index, path, self)
        view = LogView(document, self)
        document.setParent(view)
        self._apply_look(view)
        document.lines_added.connect(lambda: self._on_lines_added(view))
        document.reset.connect(lambda: self._on_reset(view))
        document.finished.connect(lambda: self._on_finished(view))
        document.bookmarks_changed.connect(lambda: self._on_bookmarks_changed(view))
        view.refresh_requested.connect(self.refresh)
        view.caret_moved.connect(self.actions_changed)
        self._views.append(view)
        # On Windows machines the path comes with backslashes.
        name = PurePath(path.replace("\\", "/")).name
        place = self.tabs.addTab(view, icon("log"), name.replace("&", "&&"))
        self.tabs.setTabToolTip(place, path)

    def _close_logs(self, note: str) -> None:
        self.note.setText(note)
        self.pages.setCurrentWidget(self.note)
        self.problem.hide()
        for bar in (self.find_bar, self.filter_bar, self.bookmarks):
            bar.set_view(None)
        views, self._views = self._views, []
        self.tabs.clear()
        for view in views:
            view.deleteLater()
        self.actions_changed.emit()

    def _on_tab_changed(self) -> None:
        view = self.view
        if view is not None:
            view.document.load()
        self.filter_bar.set_view(view)
        self.find_bar.set_view(view)
        self.bookmarks.set_view(view)
        self._show_problem()
        self.actions_changed.emit()

    def _on_lines_added(self, view: LogView) -> None:
        if view is self.view:
            self.filter_bar.resume()
            self.find_bar.resume()

    def _on_reset(self, view: LogView) -> None:
        if view is self.view:
            self.filter_bar.apply()

    def _on_finished(self, view: LogView) -> None:
        if view is self.view:
            # The last line is complete now.
            self._on_lines_added(view)
            self._show_problem()
            self.bookmarks.refill()
            self.actions_changed.emit()

    def _on_bookmarks_changed(self, view: LogView) -> None:
        if view is self.view:
            self.bookmarks.refill()

    def _show_problem(self) -> None:
        error = self.view.document.error if self.view is not None else ""
        self.problem.setText(self.tr("The log cannot be read: {reason}").format(reason=error))
        self.problem.setVisible(bool(error))

    # -- look ----------------------------------------------------------------------------------

    def _take_look(self, text: str) -> None:
        self.preferences.set_look(LogLook.parse(text))
        for view in self._views:
            self._apply_look(view)

    def _on_look_changed(self) -> None:
        self._workspace.memory.store(OPTIONS_KEY, self.preferences.look.words())
        for view in self._views:
            self._apply_look(view)

    def _apply_look(self, view: LogView) -> None:
        look = self.preferences.look
        view.set_log_font(look.font)
        view.set_shows_numbers(look.numbers)
        view.set_wraps(look.wraps)

    # -- bars ----------------------------------------------------------------------------------

    def _show_bar(self, name: str, *, shown: bool) -> None:
        bar = self._bars[name]
        bar.setVisible(shown)
        self._workspace.actions[name].setChecked(shown)
        if bar is self.filter_bar:
            self.filter_bar.apply()
        elif bar is self.find_bar:
            self.find_bar.search()
        if not shown and self.view is not None:
            self.view.setFocus()

    def _toggle_bar(self, name: str) -> None:
        shown = self._bars[name].isHidden()
        self._show_bar(name, shown=shown)
        if shown:
            self._bars[name].first_field().setFocus()
        if shown and name == "log-find":
            selected = self.view.selected_text() if self.view is not None else ""
            if selected and "\n" not in selected:
                self.find_bar.edit.setText(selected)
            self.find_bar.edit.selectAll()

    def _find_again(self, step: int) -> None:
        if self.find_bar.isHidden():
            self._toggle_bar("log-find")
        else:
            self.find_bar.go(step)

    # -- actions -------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read what was added to the open log."""
        if self.view is not None:
            self.view.document.refresh()

    def perform(self, action: str) -> None:
        """Do what ACTION says."""
        if action in self._bars:
            self._toggle_bar(action)
        elif action == "log-save":
            self._save()
        elif action == "log-refresh":
            self._look()
        elif action == "log-reload":
            for view in self._views:
                view.document.reload()

    def reason(self, action: str) -> str:
        """Return why ACTION cannot be performed now, or an empty string."""
        if self.view is None and action not in ("log-refresh", "log-preferences"):
            return self.tr("There is no log.")
        return ""

    def _save(self) -> None:
        view, machine = self.view, self._machine
        if view is None or machine is None:
            return
        document = view.document
        dialog = new_file_dialog(
            self, PickMode.SAVE_FILE, self.tr("Save the log as"), self.tr("Log files (*.log)")
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("log")
        number = f".{document.index}" if document.index else ""
        dialog.selectFile(f"{machine.name}{number}.log")
        dialog.fileSelected.connect(lambda path: self._save_as(document, path))
        dialog.open()

    def _save_as(self, document: LogDocument, path: str) -> None:
        notifications = self._workspace.notifications
        LogSaver(self._workspace.link, notifications, document, path, notifications).start()
