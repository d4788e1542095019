"""The settings dialog: loads, validates and saves what its pages edit."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QStackedWidget, QWidget

from app.api.errors import ApiError
from app.api.hoststructs import HostInfo
from app.api.structs import MachineInfo
from app.manager.layout_memory import LayoutMemory, join_numbers, split_numbers
from app.manager.service_link import ServiceLink
from app.manager.settings_dialog import outside
from app.manager.settings_dialog.checks import findings
from app.manager.settings_dialog.context import Condition, DialogContext
from app.manager.settings_dialog.draft import Draft
from app.manager.settings_dialog.fields.editor import Editor
from app.manager.settings_dialog.fixes import Fixed, follow
from app.manager.settings_dialog.navigation import LevelSwitch, SearchBox, SearchResults
from app.manager.settings_dialog.page import SettingsPage
from app.manager.settings_dialog.row import FieldRow
from app.manager.settings_dialog.spec import (
    Level,
    PageSpec,
    Spot,
    all_pages,
    spot_of,
    translated,
)
from app.manager.widgets.field_message import Severity
from app.manager.widgets.mnemonics import mnemonic
from app.manager.widgets.paged_dialog import PagedDialog, Problem
from app.settings import problems as rules
from app.settings.model import MachineSettings

EXPERT_MODE_KEY: Final = "GUI/Settings/ExpertMode"
_SIZE_KEY: Final = "GUI/Settings/DialogSize"
_USUAL_SIZE: Final = (960, 640)


class SettingsDialog(PagedDialog):
    """Edits a copy of a machine's settings; only OK hands it to the service.

    Args:
        link: calls and events of the service.
        machine: whose settings.
        parent: window that the dialog belongs to.
        memory: extra data of the installation, when somebody has fetched them already.
    """

    def __init__(
        self,
        link: ServiceLink,
        machine: MachineInfo,
        parent: QWidget | None = None,
        memory: LayoutMemory | None = None,
    ) -> None:
        super().__init__(self.tr("{name} - Settings").format(name=machine.name), parent)
        self._link = link
        own_memory = memory or LayoutMemory(link, self)
        self.draft = Draft(self)
        self.context = DialogContext(link, own_memory, self.draft, machine)
        self.outside = outside.OutsideChanges(self.context, self)
        self.pages: dict[str, SettingsPage] = {}
        self._saving = False
        self._fixed: dict[str, Fixed] = {}
        self._remembered_size = ""
        # Why saving failed; shown until something is edited or saved again.
        self._trouble = ""
        self._arrange_navigation()
        for spec in all_pages():
            title = translated(spec.title)
            self.add_page(spec.name, title, spec.icon_name, partial(self._new, spec))
        self.stack.setEnabled(False)
        self._refresh_later = QTimer(self)
        self._refresh_later.setSingleShot(True)
        self._refresh_later.setInterval(0)
        self._refresh_later.timeout.connect(self.refresh)
        self.draft.edited.connect(self._on_edited)
        self.draft.loaded.connect(self._on_loaded)
        self.outside.changed.connect(self._on_outside_changed)
        link.connection_changed.connect(self._on_connection_changed)
        QApplication.instance().focusChanged.connect(self._on_focus_changed)  # type: ignore[union-attr]
        self._recall(memory is not None)
        self._fetch()

    def _arrange_navigation(self) -> None:
        self.search = SearchBox(self)
        self.results = SearchResults(self)
        self.level = LevelSwitch(self)
        self.page_list.setFixedWidth(190)
        self._lists = QStackedWidget(self)
        self._lists.setFixedWidth(190)
        self.left.removeWidget(self.page_list)
        self._lists.addWidget(self.page_list)
        self._lists.addWidget(self.results)
        self.left.addWidget(self.search)
        self.left.addWidget(self._lists, 1)
        self.left.addWidget(self.level)
        self.help_line = QLabel(self)
        self.help_line.setWordWrap(True)
        self.help_line.setTextFormat(Qt.TextFormat.PlainText)
        self.help_line.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.help_line.setFixedHeight(2 * self.help_line.fontMetrics().lineSpacing() + 2)
        self.help_line.setAccessibleName(self.tr("Help for the current setting"))
        self.right.addWidget(self.help_line)
        self._show_help(None)
        for widget in (self.search, self.page_list, self.results.list):
            widget.setMaximumWidth(190)
        QWidget.setTabOrder(self.search, self.page_list)
        QWidget.setTabOrder(self.page_list, self.results.list)
        QWidget.setTabOrder(self.results.list, self.level.basic)
        QWidget.setTabOrder(self.level.basic, self.level.expert)
        self.page_list.currentRowChanged.connect(lambda: self._show_help(None))
        self.search.textChanged.connect(self._on_search)
        self.search.down_pressed.connect(self._lists_take_focus)
        self.search.returnPressed.connect(self.results.choose_first)
        self.results.chosen.connect(self.show_spot)
        self.level.switched.connect(self._on_level_switched)
        self.page_list.setFocus()

    def _new(self, spec: PageSpec) -> SettingsPage:
        page = SettingsPage(self.context, spec, self._letters_around())
        self.pages[spec.name] = page
        if self.draft.is_loaded:
            page.refresh(expert=self.level.is_expert)
        return page

    def _letters_around(self) -> set[str]:
        """Return the letters that mean something on every page."""
        buttons = (self.level.basic, self.level.expert, *self.buttons.buttons())
        return {mnemonic(button.text()) for button in buttons}

    # -- what is remembered --------------------------------------------------------------------

    def _recall(self, known: bool) -> None:
        self.resize(*_USUAL_SIZE)
        self._show_level()
        memory = self.context.memory
        if known:
            self._recall_size(memory.value(_SIZE_KEY))
            self._recall_level(memory.value(EXPERT_MODE_KEY))
        else:
            memory.recall(_SIZE_KEY, self._recall_size)
            memory.recall(EXPERT_MODE_KEY, self._recall_level)

    def _recall_size(self, text: str) -> None:
        numbers = split_numbers(text)
        if len(numbers) == 2 and min(numbers) > 0:
            width, height = numbers
            room = self.screen().availableSize()
            self.resize(min(width, room.width()), min(height, room.height()))
        self._remembered_size = text

    def _recall_level(self, text: str) -> None:
        self.level.show_level(expert=text == "true")
        self._show_level()

    def _on_level_switched(self, expert: bool) -> None:
        self.context.memory.store(EXPERT_MODE_KEY, "true" if expert else "false")
        self._show_level()

    def _show_level(self) -> None:
        for spec in all_pages():
            self.set_page_hidden(spec.name, hidden=not spec.is_shown(expert=self.level.is_expert))
        for page in self.pages.values():
            if self.draft.is_loaded:
                page.refresh(expert=self.level.is_expert)

    def done(self, result: int) -> None:
        """Close, and remember the size."""
        if not self.isMaximized():
            size = join_numbers((self.width(), self.height()))
            if size != join_numbers(_USUAL_SIZE) or self._remembered_size:
                self.context.memory.store(_SIZE_KEY, size)
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing the window is Cancel."""
        self.reject()
        event.accept()

    # -- finding settings ----------------------------------------------------------------------

    def _on_search(self, text: str) -> None:
        if text.strip():
            self.results.show_results(text, expert=self.level.is_expert)
        self._lists.setCurrentIndex(1 if text.strip() else 0)

    def _lists_take_focus(self) -> None:
        if self._lists.currentIndex():
            self.results.list.setFocus()
            self.results.list.setCurrentRow(0)
        else:
            self.page_list.setFocus()

    def show_page(self, name: str) -> None:
        """Show the page NAME; when it is for experts, everything is shown from now on."""
        spec = next((spec for spec in all_pages() if spec.name == name), None)
        if spec is not None and not spec.is_shown(expert=self.level.is_expert):
            self._become_expert()
        super().show_page(name)

    def _become_expert(self) -> None:
        self.level.show_level(expert=True)
        self._on_level_switched(True)

    def show_spot(self, spot: Spot) -> None:
        """Show a setting; when it is for experts, everything is shown from now on."""
        if spot.field.level is Level.EXPERT and not self.level.is_expert:
            self._become_expert()
        self.show_page(spot.page.name)
        self.pages[spot.page.name].show_field(spot.field.path)

    def show_field(self, path: str) -> None:
        """Show the setting PATH; one that no page has changes nothing."""
        spot = spot_of(path)
        if spot is not None:
            self.show_spot(spot)

    def editor(self, path: str) -> Editor:
        """Return the editor of the setting PATH; its page is made when it was not.

        Raises:
            LookupError: no page has the setting.
        """
        spot = spot_of(path)
        if spot is None:
            raise LookupError(f"No page has the setting {path!r}.")
        self.make_page(spot.page.name)
        return self.pages[spot.page.name].editor(spot.field.path)

    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        row: QObject | None = new
        while row is not None and row is not self and not isinstance(row, FieldRow):
            row = row.parent()
        if isinstance(row, FieldRow) and self.isAncestorOf(row):
            self._show_help(row)
        elif new is not None and self.isAncestorOf(new):
            self._show_help(None)

    def _show_help(self, row: FieldRow | None) -> None:
        role = QPalette.ColorRole.WindowText if row else QPalette.ColorRole.PlaceholderText
        self.help_line.setForegroundRole(role)
        self.help_line.setText(
            row.spec.help_text
            if row is not None
            else self.tr("The help for the setting that has the focus is shown here.")
        )

    # -- showing -------------------------------------------------------------------------------

    def _fetch(self) -> None:
        def host_told(info: HostInfo) -> None:
            self.context.host = info
            self._refresh_later.start()

        machine_id = self.context.machine.id
        self._link.call(self, "host.get_info", {}, host_told)
        self._link.call(
            self, "machine.get_settings", {"id": machine_id}, self.draft.load, self._cannot_load
        )

    def _cannot_load(self, error: ApiError) -> None:
        self._refuse(error.message)

    def _on_loaded(self) -> None:
        self._fixed.clear()
        for page in self.pages.values():
            page.load()
        self.stack.setEnabled(True)
        self.refresh()

    def _on_edited(self, path: str) -> None:
        self._trouble = ""
        self._fixed = {of: fixed for of, fixed in self._fixed.items() if of != path}
        for fixed in follow(self.draft.settings, path):
            self._fixed[fixed.path] = fixed
        self._refresh_later.start()

    def refresh(self) -> None:
        """Show what is changed, what may change, and what is wrong; let OK follow."""
        if self.draft.is_loaded:
            for page in self.pages.values():
                for row in page.rows():
                    row.show_setting()
                page.refresh(expert=self.level.is_expert)
        self._show_banner()
        valid = self.show_problems(self._problems())
        ready = self.draft.is_loaded and not self._saving and self._link.is_connected
        ready = ready and not self.outside.is_gone
        self.ok_button.setEnabled(ready and valid)
        trouble = self._trouble
        if self.outside.is_gone and not self._saving:
            trouble = self.tr("The machine was removed meanwhile; there is nothing to save to.")
        if trouble:
            self.validation.show_message(trouble, Severity.ERROR)
        self.ok_button.setToolTip(
            "" if valid else self.tr("Settings cannot be saved while something is invalid.")
        )

    def _show_banner(self) -> None:
        text = {
            Condition.STOPPED: "",
            Condition.SAVED: self.tr(
                "The machine has a saved state: only what does not belong to that state can be "
                "changed. Discard the state to change everything."
            ),
            Condition.RUNNING: self.tr(
                "The machine is running: only what can change meanwhile is enabled, such as the "
                "media in its removable drives."
            ),
        }[self.context.condition]
        if text != self.banner.text:
            self.banner.show_message(text, Severity.NOTE)

    # -- validation ----------------------------------------------------------------------------

    def _problems(self) -> Mapping[str, list[Problem]]:
        """Return what is wrong by page; what no page shows only warns: it cannot be mended here."""
        found: dict[str, list[Problem]] = {}
        if not self.draft.is_loaded:
            return found
        settings = self.draft.settings
        for problem in rules.problems(settings):
            is_error = problem.severity is rules.Severity.ERROR
            severity = Severity.ERROR if is_error else Severity.WARNING
            self._add_problem(found, severity, problem.path, problem.text)
        for finding in findings(settings, self.context):
            self._add_problem(found, finding.severity, finding.path, finding.text)
        for fixed in self._fixed.values():
            self._add_problem(found, Severity.NOTE, fixed.path, fixed.text)
        return found

    def _add_problem(
        self, found: dict[str, list[Problem]], severity: Severity, path: str, text: str
    ) -> None:
        spot = spot_of(path)
        if spot is None:
            quiet = Severity.WARNING if severity is Severity.ERROR else severity
            found.setdefault("", []).append(Problem(quiet, text))
            return
        problem = Problem(severity, text, spot.place, lambda: self.show_spot(spot))
        found.setdefault(spot.page.name, []).append(problem)

    # -- saving --------------------------------------------------------------------------------

    def collect(self) -> MachineSettings | None:
        """Return the edited settings; None before they were loaded."""
        return self.draft.settings if self.draft.is_loaded else None

    def accept(self) -> None:
        """Hand changed settings to the service; close when it has stored them."""
        self.refresh()
        if not self.ok_button.isEnabled():
            return
        self._trouble = ""
        self._set_saving(saving=True)
        if not self.draft.is_modified:
            self._on_saved()
            return
        params = {
            "id": self.context.machine.id,
            "settings": self.draft.settings,
            "base": self.draft.base,
        }
        self._link.call(
            self, "machine.save_settings", params, self._on_saved, self._on_save_failed
        )

    def _set_saving(self, *, saving: bool) -> None:
        self._saving = self.outside.suspended = saving
        self.stack.setEnabled(not saving)
        self.refresh()

    def _on_saved(self, _nothing: object = None) -> None:
        """Make the calls that follow, one after the other, then close."""
        self._make_calls([call for calls in self.context.further_calls for call in calls()])

    def _make_calls(self, calls: list[tuple[str, Mapping[str, Any]]]) -> None:
        if not calls:
            super().accept()
            return
        (method, params), *rest = calls

        def failed(error: ApiError) -> None:
            self.draft.load(self.draft.settings)
            self._set_saving(saving=False)
            text = self.tr("The settings were saved, but not all else was done. {reason}")
            self._refuse(text.format(reason=error.message))

        self._link.call(self, method, params, lambda _nothing: self._make_calls(rest), failed)

    def _on_save_failed(self, error: ApiError) -> None:
        self._set_saving(saving=False)
        self._refuse(self.tr("The settings were not saved. {reason}").format(reason=error.message))

    def _refuse(self, sentence: str) -> None:
        self._trouble = sentence
        self.refresh()

    # -- changes from outside ------------------------------------------------------------------

    def _on_outside_changed(self) -> None:
        if not self._saving:
            self._refresh_later.start()

    def _on_connection_changed(self, connected: bool, reason: str) -> None:
        if connected and not self.draft.is_loaded:
            self._fetch()
        self._refuse("" if connected else reason)
