"""Media as a tree: images with the differencing images that build on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from app.api.structs import MediumInfo, MediumState
from app.common.icons import icon
from app.manager.media.words import ICONS, file_name, size_texts, tool_tip

NAME, VIRTUAL_SIZE, ACTUAL_SIZE = range(3)
_SORT_ROLE: Final = Qt.ItemDataRole.UserRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class _Row(QTreeWidgetItem):
    """Sorts by numbers where there are any, and never groups."""

    def __init__(self, texts: Sequence[str], keys: Sequence[object]) -> None:
        super().__init__(list(texts))
        self.keys = tuple(keys)
        self.medium: MediumInfo | None = None

    def __lt__(self, other: QTreeWidgetItem) -> bool:
        column = self.treeWidget().sortColumn()
        if not isinstance(other, _Row) or self.medium is None or other.medium is None:
            return False
        mine, others = self.keys[column], other.keys[column]
        return bool(mine < others)  # type: ignore[operator]


class MediumTree(QTreeWidget):
    """Columns Name, Virtual Size and Actual Size; keeps selection and folds when filled anew.

    Signals:
        medium_selected(): another medium, or none, is current.
        medium_activated(): the current one was double-clicked, or Enter pressed on it.
    """

    medium_selected = Signal()
    medium_activated = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, _Row] = {}
        self._folded: set[str] = set()
        self._shown: object = None
        self.setColumnCount(3)
        self.setHeaderLabels(
            [self.tr("Name"), self.tr("Virtual Size"), self.tr("Actual Size")]
        )
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setAlternatingRowColors(True)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in (VIRTUAL_SIZE, ACTUAL_SIZE):
            self.headerItem().setTextAlignment(column, _RIGHT)
            header.resizeSection(column, 110)
        self.setSortingEnabled(True)
        self.sortByColumn(NAME, Qt.SortOrder.AscendingOrder)
        self.itemSelectionChanged.connect(self.medium_selected)
        self.itemActivated.connect(self._on_activated)
        self.itemCollapsed.connect(lambda item: self._folded.add(_id_of(item)))
        self.itemExpanded.connect(lambda item: self._folded.discard(_id_of(item)))

    # -- contents ------------------------------------------------------------------------------

    def show_media(self, media: Sequence[MediumInfo]) -> None:
        """Show MEDIA, those that build on others below them."""
        self._fill([("", media)], {})

    def show_groups(
        self, groups: Sequence[tuple[str, Sequence[MediumInfo]]], unavailable: Mapping[str, str]
    ) -> None:
        """Show media below headings.

        Args:
            groups: heading and media of each group; empty groups are left out.
            unavailable: why media, by their UUIDs, cannot be selected.
        """
        self._fill([group for group in groups if group[1]], unavailable)

    def _fill(
        self, groups: Sequence[tuple[str, Sequence[MediumInfo]]], unavailable: Mapping[str, str]
    ) -> None:
        shown = [(title, tuple(media)) for title, media in groups], dict(unavailable)
        if shown == self._shown:
            return
        self._shown = shown
        current = self.current_medium()
        current_id = current.id if current is not None else ""
        position = self.verticalScrollBar().value()
        folded = set(self._folded)
        self.blockSignals(True)
        self.clear()
        self._rows.clear()
        self.setSortingEnabled(False)
        for title, media in groups:
            top = self._add_heading(title) if title else self.invisibleRootItem()
            for medium in media:
                row = self._new_row(medium, unavailable.get(medium.id, ""))
                # A parent comes before those that build on it; one that is not known is left out.
                self._rows.get(medium.parent_id, top).addChild(row)
                self._rows[medium.id] = row
        self.setSortingEnabled(True)
        self.expandAll()
        for medium_id in folded & set(self._rows):
            self._rows[medium_id].setExpanded(False)
        self._folded = folded
        self.select_medium(current_id)
        self.verticalScrollBar().setValue(position)
        self.blockSignals(False)
        self.medium_selected.emit()

    def _add_heading(self, title: str) -> QTreeWidgetItem:
        heading = _Row([title], ())
        heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = heading.font(NAME)
        font.setBold(True)
        heading.setFont(NAME, font)
        self.addTopLevelItem(heading)
        heading.setFirstColumnSpanned(True)
        return heading

    def _new_row(self, medium: MediumInfo, unavailable: str) -> _Row:
        name = file_name(medium)
        row = _Row(
            [name, *size_texts(medium)], [name.casefold(), medium.logical_size, medium.actual_size]
        )
        row.medium = medium
        broken = medium.state is MediumState.INACCESSIBLE
        row.setIcon(NAME, icon("medium-inaccessible" if broken else ICONS[medium.device_type]))
        tip = tool_tip(medium)
        if unavailable:
            row.setFlags(Qt.ItemFlag.NoItemFlags)
            tip = f"{unavailable}\n{tip}"
        for column in range(self.columnCount()):
            row.setToolTip(column, tip)
            if column:
                row.setTextAlignment(column, _RIGHT)
        if broken:
            row.setData(
                NAME,
                Qt.ItemDataRole.AccessibleDescriptionRole,
                self.tr("inaccessible: {reason}").format(reason=medium.access_error),
            )
        return row

    # -- selection -----------------------------------------------------------------------------

    def current_medium(self) -> MediumInfo | None:
        """Return the selected medium, or None."""
        for item in self.selectedItems():
            if isinstance(item, _Row):
                return item.medium
        return None

    def select_medium(self, medium_id: str) -> bool:
        """Select the medium MEDIUM_ID and tell whether it is in the tree."""
        row = self._rows.get(medium_id)
        if row is None or not row.flags() & Qt.ItemFlag.ItemIsSelectable:
            return False
        self.setCurrentItem(row)
        self.scrollToItem(row)
        return True

    def select_first(self) -> None:
        """Select the uppermost medium that can be selected."""
        for medium_id in self.ids():
            if self.select_medium(medium_id):
                return

    def ids(self) -> list[str]:
        """Return the UUIDs of all media in the order in which they are shown."""
        found: list[str] = []

        def walk(item: QTreeWidgetItem) -> None:
            if isinstance(item, _Row) and item.medium is not None:
                found.append(item.medium.id)
            for child in [item.child(place) for place in range(item.childCount())]:
                if child is not None:
                    walk(child)

        walk(self.invisibleRootItem())
        return found

    def matching(self, accepts: Callable[[MediumInfo], bool]) -> list[str]:
        """Return the UUIDs of the media that ACCEPTS, in the order in which they are shown."""
        rows = [self._rows[medium_id] for medium_id in self.ids()]
        return [row.medium.id for row in rows if row.medium is not None and accepts(row.medium)]

    def set_context_actions(self, actions: Sequence[QAction]) -> None:
        """Show ACTIONS in the context menu."""
        self.addActions(list(actions))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _on_activated(self, item: QTreeWidgetItem) -> None:
        if isinstance(item, _Row) and item.medium is not None:
            self.medium_activated.emit()


def _id_of(item: QTreeWidgetItem) -> str:
    return item.medium.id if isinstance(item, _Row) and item.medium is not None else ""
