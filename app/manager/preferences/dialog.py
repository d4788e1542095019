"""The dialog: edits copies of the preferences; only OK hands the changes to the service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStackedWidget, QWidget

from app.api.errors import ApiError
from app.api.structs import SystemProperties
from app.common.preferences import LANGUAGE, InterfacePreferences
from app.manager.layout_memory import LayoutMemory
from app.manager.preferences.general_page import GeneralPreferences
from app.manager.preferences.input_page import InputPreferences
from app.manager.preferences.look_pages import (
    DisplayPreferences,
    InterfacePage,
    LanguagePreferences,
)
from app.manager.preferences.page import Entry, PreferencePage
from app.manager.preferences.proxy_page import ProxyPreferences
from app.manager.service_link import ServiceLink
from app.manager.settings_dialog.navigation import LevelSwitch, SearchBox
from app.manager.widgets.field_message import Severity
from app.manager.widgets.paged_dialog import PagedDialog

_EXPERT_MODE: Final = "GUI/Settings/ExpertMode"
_LEFT_WIDTH: Final = 190


@dataclass(frozen=True)
class _Call:
    """A call that stores a change."""

    method: str
    params: Mapping[str, str]


class PreferencesDialog(PagedDialog):
    """Preferences of Vitrine.

    Args:
        link: calls of the service.
        properties: properties of the installation as they are.
        parent: window that the dialog belongs to.
        memory: extra data of the installation, when somebody has fetched them already.
    """

    def __init__(
        self,
        link: ServiceLink,
        properties: SystemProperties,
        parent: QWidget | None = None,
        memory: LayoutMemory | None = None,
    ) -> None:
        super().__init__(self.tr("Preferences"), parent)
        self._link = link
        self._memory = memory or LayoutMemory(link, self)
        self._base: InterfacePreferences | None = None
        self._saving = False
        self.general = GeneralPreferences(properties)
        self.input = InputPreferences()
        self.language = LanguagePreferences()
        self.display = DisplayPreferences()
        self.proxy = ProxyPreferences(properties)
        self.interface = InterfacePage()
        self.pages: dict[str, PreferencePage] = {}
        for name, title, icon_name, page in (
            ("general", self.tr("General"), "general", self.general),
            ("input", self.tr("Input"), "input", self.input),
            ("language", self.tr("Language"), "language", self.language),
            ("display", self.tr("Display"), "display", self.display),
            ("proxy", self.tr("Proxy"), "proxy", self.proxy),
            ("interface", self.tr("Interface"), "interface", self.interface),
        ):
            self.pages[name] = page
            self.add_page(name, title, icon_name, page)
            page.changed.connect(self._validate)
            if page is not self.general:
                page.setEnabled(False)
        self._arrange_navigation()
        self.resize(800, 540)
        self._show_level()
        self._validate()
        if memory is None:
            self._memory.load(self._load)
        else:
            self._load()

    # -- pages ---------------------------------------------------------------------------------

    def _arrange_navigation(self) -> None:
        self.search = SearchBox(self)
        self.search.setPlaceholderText(self.tr("Search preferences"))
        self.search.setAccessibleName(self.tr("Search preferences"))
        self.search.setToolTip(self.tr("Find any preference by its name or meaning (Ctrl+F)"))
        self.found = QListWidget(self)
        self.found.setAccessibleName(self.tr("Preferences found"))
        self.found.setWordWrap(True)
        self.level = LevelSwitch(self)
        self._lists = QStackedWidget(self)
        self.left.removeWidget(self.page_list)
        for widget in (self._lists, self.search, self.page_list, self.found):
            widget.setFixedWidth(_LEFT_WIDTH)
        self._lists.addWidget(self.page_list)
        self._lists.addWidget(self.found)
        self.left.addWidget(self.search)
        self.left.addWidget(self._lists, 1)
        self.left.addWidget(self.level)
        QWidget.setTabOrder(self.search, self.page_list)
        QWidget.setTabOrder(self.page_list, self.found)
        QWidget.setTabOrder(self.found, self.level.basic)
        QWidget.setTabOrder(self.level.basic, self.level.expert)
        self.search.textChanged.connect(self._on_search)
        self.search.down_pressed.connect(self._enter_list)
        self.search.returnPressed.connect(lambda: self._show_found(self.found.item(0)))
        self.found.itemActivated.connect(self._show_found)
        self.found.itemClicked.connect(self._show_found)
        self.level.switched.connect(self._on_level_switched)
        self.page_list.setFocus()

    def _load(self) -> None:
        self._base = InterfacePreferences.from_extra_data(self._memory.values("GUI/"))
        self.level.show_level(expert=self._memory.value(_EXPERT_MODE) == "true")
        for page in self.pages.values():
            page.load(self._base)
            page.setEnabled(True)
        self._show_level()
        self._validate()

    def _on_level_switched(self, expert: bool) -> None:
        self._memory.store(_EXPERT_MODE, "true" if expert else "false")
        self._show_level()

    def _show_level(self) -> None:
        expert = self.level.is_expert
        for name, page in self.pages.items():
            self.set_page_hidden(name, hidden=not expert and not page.has_basic())
            page.show_level(expert=expert)

    # -- finding preferences -------------------------------------------------------------------

    def find_entries(self, text: str) -> Sequence[tuple[str, Entry]]:
        """Return the preferences in whose name, help or page all words of TEXT occur."""
        words = text.lower().split()
        found: list[tuple[int, int, str, Entry]] = []
        for row, (name, page) in enumerate(self.pages.items()):
            title = self.page_list.item(row).text()
            for entry in page.entries:
                known = f"{entry.title} {entry.help_text} {title}".lower()
                if words and all(word in known for word in words):
                    in_title = sum(word in entry.title.lower() for word in words)
                    found.append((-in_title, len(found), name, entry))
        return [(name, entry) for _rank, _place, name, entry in sorted(found, key=lambda f: f[:2])]

    def _on_search(self, text: str) -> None:
        self.found.clear()
        for name, entry in self.find_entries(text):
            page = self.page_list.item(list(self.pages).index(name)).text()
            item = QListWidgetItem(f"{entry.title}\n{page}", self.found)
            item.setToolTip(entry.help_text)
            item.setData(Qt.ItemDataRole.UserRole, (name, entry))
        if text.strip() and not self.found.count():
            nothing = QListWidgetItem(
                self.tr("No preference has to do with “{text}”.").format(text=text), self.found
            )
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
        self._lists.setCurrentIndex(1 if text.strip() else 0)

    def _enter_list(self) -> None:
        (self.found if self._lists.currentIndex() else self.page_list).setFocus()

    def _show_found(self, item: QListWidgetItem | None) -> None:
        if item is None or not item.flags():
            return
        name, entry = item.data(Qt.ItemDataRole.UserRole)
        self.show_entry(name, entry)

    def show_entry(self, name: str, entry: Entry) -> None:
        """Bring a preference to the front and give it the focus, whatever the level."""
        if entry.level.value == "expert" and not self.level.is_expert:
            self.level.show_level(expert=True)
            self._on_level_switched(True)
        self.show_page(name)
        if self.pages[name] is self.input:
            self.input.show_table(entry.focus)
        entry.focus.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- validation and saving -----------------------------------------------------------------

    def _validate(self) -> None:
        valid = self.show_problems({name: page.problems() for name, page in self.pages.items()})
        checking = any(page.checking for page in self.pages.values())
        self.ok_button.setEnabled(valid and not checking and not self._saving)
        self.ok_button.setToolTip(
            "" if valid else self.tr("Preferences cannot be saved while something is invalid.")
        )

    def edited(self) -> InterfacePreferences | None:
        """Return the preferences of the interface as the pages hold them; None before they came."""
        preferences = self._base
        if preferences is not None:
            for page in self.pages.values():
                preferences = page.edited(preferences)
        return preferences

    def accept(self) -> None:
        """Hand what changed to the service; close when it has stored it."""
        self._validate()
        if self.ok_button.isEnabled():
            self._set_saving(saving=True)
            self._store(self._calls())

    def _calls(self) -> list[_Call]:
        calls = []
        if self.general.changes():
            calls.append(_Call("virtualbox.set_system_properties", self.general.changes()))
        for page in self.pages.values():
            calls += [
                _Call("system_properties.set_property", {"name": name, "value": value})
                for name, value in page.property_changes().items()
            ]
        edited = self.edited()
        if self._base is not None and edited is not None:
            before, now = self._base.to_extra_data(), edited.to_extra_data()
            # Another language makes the windows anew, this dialog too: nothing may come after it.
            keys = sorted((key for key in now if now[key] != before[key]), key=LANGUAGE.__eq__)
            calls += [
                _Call("virtualbox.set_extra_data", {"key": key, "value": now[key]}) for key in keys
            ]
        return calls

    def _store(self, calls: Sequence[_Call]) -> None:
        """Make CALLS one after the other; one that fails keeps the dialog open."""
        if not calls:
            super().accept()
            return

        def stored(_result: Any) -> None:
            self._store(calls[1:])

        self._link.call(self, calls[0].method, calls[0].params, stored, self._on_failed)

    def _set_saving(self, *, saving: bool) -> None:
        self._saving = saving
        self.stack.setEnabled(not saving)
        self._validate()

    def _on_failed(self, error: ApiError) -> None:
        self._set_saving(saving=False)
        self.validation.show_message(
            self.tr("The preferences were not saved. {reason}").format(reason=error.message),
            Severity.ERROR,
        )
