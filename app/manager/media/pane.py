"""The media manager: all known media, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QLabel,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.api.structs import DeviceType, MediumInfo, MediumVariant
from app.common.icons import icon
from app.manager.layout_memory import join_numbers, split_numbers
from app.manager.media.commands import (
    MediumCommands,
    change_problem,
    clearable,
    release_problem,
    remove_problem,
)
from app.manager.media.panel import MediumEdit, MediumPanel
from app.manager.media.search_bar import MediumSearchBar
from app.manager.media.store import KINDS, MediaStore
from app.manager.media.tree import MediumTree
from app.manager.media.words import EMPTY_TEXTS, ICONS, TAB_TITLES, translated
from app.manager.tool import ToolPane, Workspace

_DETAILS_KEY: Final = "GUI/VirtualMediaManager/Details/Expanded"
_SEARCH_KEY: Final = "GUI/VirtualMediaManager/Search/Expanded"
_SIZES_KEY: Final = "GUI/VirtualMediaManager/SplitterSizes"
_FALSE: Final = "false"
_TRUE: Final = "true"
# What the context menu of a medium offers, in the order of VirtualBox's menu.
_CONTEXT: Final = (
    "medium-copy", "medium-move", "medium-remove", "medium-release", "medium-compact",
    "medium-search", "medium-properties",
)  # fmt: skip


class MediaPane(ToolPane):
    """Tabs with a tree for each kind of medium, search and details below.

    Attributes:
        store: the known media.
        commands: what the actions do.
        tabs: one for each kind.
        trees: the tree of each kind.
        search: the search bar, hidden at first.
        panel: attributes and information of the selected medium.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._wanted = ""
        self.store = MediaStore(workspace.link, parent=self)
        self.commands = MediumCommands(workspace.link, self.store, workspace.notifications, self)
        self.trees: dict[DeviceType, MediumTree] = {}
        self._pages: dict[DeviceType, QStackedWidget] = {}
        self._notes: dict[DeviceType, QLabel] = {}
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(self.tr("Kinds of media"))
        for kind in KINDS:
            self.tabs.addTab(
                self._new_page(kind), icon(ICONS[kind]), translated(TAB_TITLES[kind])
            )
        self.search = MediumSearchBar(self)
        self.search.hide()
        upper = QWidget(self)
        upper_layout = QVBoxLayout(upper)
        upper_layout.setContentsMargins(0, 0, 0, 0)
        upper_layout.setSpacing(0)
        upper_layout.addWidget(self.tabs, 1)
        upper_layout.addWidget(self.search)
        self.panel = MediumPanel(self)
        self.splitter = QSplitter(Qt.Orientation.Vertical, self)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(upper)
        self.splitter.addWidget(self.panel)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([220, 340])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)
        self._connect()
        self._recall()
        self.search.set_tree(self.tree)

    def _new_page(self, kind: DeviceType) -> QStackedWidget:
        tree = MediumTree(self)
        tree.setAccessibleName(translated(TAB_TITLES[kind]).replace("&", ""))
        tree.set_context_actions([self._workspace.actions[name] for name in _CONTEXT])
        tree.medium_selected.connect(self._on_selected)
        tree.medium_activated.connect(lambda: self._show_details(shown=True))
        note = QLabel(self.tr("Looking at the media…"), self)
        note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        note.setWordWrap(True)
        note.setMargin(24)
        page = QStackedWidget(self)
        page.addWidget(note)
        page.addWidget(tree)
        self.trees[kind], self._pages[kind], self._notes[kind] = tree, page, note
        return page

    def _connect(self) -> None:
        self.store.changed.connect(self._on_media_changed)
        self.store.failed.connect(self._on_failed)
        self.commands.medium_made.connect(self.select_medium)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self.search.closed.connect(lambda: self._show_search(shown=False))
        self.panel.apply_requested.connect(self._apply)
        self.splitter.splitterMoved.connect(
            lambda: self._workspace.memory.store(
                _SIZES_KEY, join_numbers(self.splitter.sizes())
            )
        )

    def _recall(self) -> None:
        memory = self._workspace.memory
        memory.recall(
            _DETAILS_KEY, lambda value: self._show_details(shown=value != _FALSE, store=False)
        )
        memory.recall(
            _SEARCH_KEY, lambda value: self._show_search(shown=value == _TRUE, store=False)
        )
        memory.recall(_SIZES_KEY, self._take_sizes)
        self._check_toggles()

    def _take_sizes(self, value: str) -> None:
        sizes = split_numbers(value)
        if len(sizes) == self.splitter.count():
            self.splitter.setSizes(sizes)

    # -- what is shown -------------------------------------------------------------------------

    @property
    def kind(self) -> DeviceType:
        """The kind of the tab that is open."""
        return KINDS[self.tabs.currentIndex()]

    @property
    def tree(self) -> MediumTree:
        """The tree of the tab that is open."""
        return self.trees[self.kind]

    @property
    def medium(self) -> MediumInfo | None:
        """The selected medium, as it was fetched last."""
        return self.tree.current_medium()

    def select_medium(self, medium_id: str) -> None:
        """Select the medium MEDIUM_ID, now or as soon as it is known."""
        self._wanted = medium_id
        known = self.store.medium(medium_id)
        if known is not None and self.trees[known.device_type].select_medium(medium_id):
            self._wanted = ""
            self.tabs.setCurrentIndex(KINDS.index(known.device_type))

    def _on_media_changed(self, kind: DeviceType) -> None:
        tree, media = self.trees[kind], self.store.media(kind)
        tree.show_media(media)
        self._notes[kind].setText(translated(EMPTY_TEXTS[kind]))
        self._pages[kind].setCurrentIndex(1 if media else 0)
        if self._wanted:
            self.select_medium(self._wanted)
        if tree.current_medium() is None:
            tree.select_first()
        self.search.refresh()
        self._on_selected()

    def _on_failed(self, reason: str) -> None:
        for kind in KINDS:
            if not self.store.is_loaded(kind):
                text = self.tr("The media cannot be shown: {reason}")
                self._notes[kind].setText(text.format(reason=reason))

    def _on_tab_changed(self) -> None:
        self.search.set_tree(self.tree)
        self._on_selected()

    def _on_selected(self) -> None:
        medium = self.medium
        self.panel.show_medium(medium, self.store.format(medium) if medium is not None else None)
        self.search.refresh()
        self.actions_changed.emit()

    def _apply(self, medium: MediumInfo, edit: MediumEdit) -> None:
        self.commands.apply(medium, edit)

    def showEvent(self, event: QShowEvent) -> None:
        """Follow what changes while the pane is seen."""
        super().showEvent(event)
        self.store.when_formats_known(self, self._on_selected)
        self.store.watch()
        self._check_toggles()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask the service no more."""
        self.store.watch(watched=False)
        super().hideEvent(event)

    # -- toggles -------------------------------------------------------------------------------

    def _show_details(self, *, shown: bool, store: bool = True) -> None:
        self.panel.setVisible(shown)
        self._check_toggles()
        if store:
            self._workspace.memory.store(_DETAILS_KEY, _TRUE if shown else _FALSE)

    def _show_search(self, *, shown: bool, store: bool = True) -> None:
        self.search.setVisible(shown)
        if shown and store:
            self.search.edit.setFocus()
            self.search.edit.selectAll()
        elif store:
            self.tree.setFocus()
        self._check_toggles()
        if store:
            self._workspace.memory.store(_SEARCH_KEY, _TRUE if shown else _FALSE)

    def _check_toggles(self) -> None:
        self._workspace.actions["medium-search"].setChecked(not self.search.isHidden())
        self._workspace.actions["medium-properties"].setChecked(not self.panel.isHidden())

    # -- actions -------------------------------------------------------------------------------

    def perform(self, action: str) -> None:
        """Do what ACTION says to the selected medium or the open tab."""
        general: dict[str, Callable[[], object]] = {
            "medium-add": partial(self.commands.add, self.kind),
            "medium-create": partial(self.commands.create, self.kind),
            "medium-clear": lambda: self.commands.clear(clearable(self.store.media(self.kind))),
            "medium-search": lambda: self._show_search(shown=self.search.isHidden()),
            "medium-properties": lambda: self._show_details(shown=self.panel.isHidden()),
            "medium-refresh": self.store.refresh,
        }
        of_medium: dict[str, Callable[[MediumInfo], object]] = {
            "medium-copy": self.commands.copy,
            "medium-move": self.commands.move,
            "medium-remove": self.commands.remove,
            "medium-release": self.commands.release,
            "medium-compact": self.commands.compact,
        }
        if action in general:
            general[action]()
        elif self.medium is not None:
            of_medium[action](self.medium)

    def reason(self, action: str) -> str:
        """Return why ACTION cannot be performed now, or an empty string."""
        if action == "medium-create" and self.kind is DeviceType.DVD:
            return self.tr("This version cannot make optical disks; add an image file instead.")
        if action == "medium-clear":
            found = clearable(self.store.media(self.kind))
            return "" if found else self.tr("No unused medium of this kind is inaccessible.")
        checks: dict[str, Callable[[MediumInfo], str]] = {
            "medium-copy": change_problem,
            "medium-move": change_problem,
            "medium-remove": remove_problem,
            "medium-release": release_problem,
            "medium-compact": self._compact_problem,
        }
        if action not in checks:
            return ""
        medium = self.medium
        return self.tr("No medium is selected.") if medium is None else checks[action](medium)

    def _compact_problem(self, medium: MediumInfo) -> str:
        problem = change_problem(medium)
        if problem:
            return problem
        declared = self.store.format(medium)
        if medium.device_type is not DeviceType.HARD_DISK:
            return self.tr("Only hard disks can be compacted.")
        if medium.variant is MediumVariant.FIXED:
            return self.tr("A disk of fixed size cannot be compacted.")
        if declared is not None and not declared.maintained:
            text = self.tr("Images of the format {name} cannot be compacted.")
            return text.format(name=medium.format)
        return ""
