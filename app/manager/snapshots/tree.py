"""Snapshots as a tree: the first one at the top, the current state below its snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QTreeWidget, QTreeWidgetItem, QWidget

from app.api.structs import MachineInfo
from app.common.icons import icon
from app.manager.snapshots.ages import absolute_text, age_text
from app.manager.states import is_online
from app.manager.widgets.plated_icons import PlatedIcons
from app.settings.model import MachineSettings, Snapshot

CURRENT_STATE: Final = ""
"""Stands for the current state where a snapshot has its UUID."""

NAME, TAKEN = range(2)
_UUID_ROLE: Final = Qt.ItemDataRole.UserRole
_AGE_STEP_MS: Final = 20_000


class SnapshotTree(QTreeWidget):
    """Columns Name and Taken; keeps what is selected and folded when it is filled anew.

    Signals:
        chosen(): another snapshot, or the current state, is selected.
        properties_requested(): one was double-clicked, or Enter pressed on it.
    """

    chosen = Signal()
    properties_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegateForColumn(NAME, PlatedIcons(self))
        self._items: dict[str, QTreeWidgetItem] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._folded: set[str] = set()
        self._actions: Sequence[QAction] = ()
        self._is_filling = False
        self.setAccessibleName(self.tr("Snapshots"))
        self.setHeaderLabels([self.tr("Name"), self.tr("Taken")])
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setExpandsOnDoubleClick(False)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(TAKEN, QHeaderView.ResizeMode.ResizeToContents)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.currentItemChanged.connect(self._on_current_changed)
        self.itemActivated.connect(lambda _item, _column: self.properties_requested.emit())
        self.itemCollapsed.connect(lambda item: self._folded.add(_uuid(item)))
        self.itemExpanded.connect(lambda item: self._folded.discard(_uuid(item)))
        self._age = QTimer(self)
        self._age.setInterval(_AGE_STEP_MS)
        self._age.timeout.connect(self.refresh_ages)

    def set_context_actions(self, actions: Sequence[QAction]) -> None:
        """Offer ACTIONS in the context menu."""
        self._actions = actions

    # -- contents ------------------------------------------------------------------------------

    def show_settings(self, machine: MachineInfo, settings: MachineSettings) -> None:
        """Show the snapshots in SETTINGS of MACHINE; selects the current state at first."""
        selected = self.selected() if self._items else CURRENT_STATE
        folded = set(self._folded)
        self._is_filling = True
        self.clear()
        self._items = {}
        self._snapshots = {each.uuid: each for each in settings.snapshots}
        for snapshot in settings.snapshots:
            parent = self._items.get(snapshot.parent)
            item = QTreeWidgetItem([snapshot.name, ""])
            item.setData(NAME, _UUID_ROLE, snapshot.uuid)
            self._dress(item, snapshot)
            self._add(item, parent)
            self._items[snapshot.uuid] = item
        current = self._new_current(machine, settings)
        self._add(current, self._items.get(settings.current_snapshot))
        self._items[CURRENT_STATE] = current
        for uuid, item in self._items.items():
            item.setExpanded(uuid not in folded)
        self._folded = folded & self._items.keys()
        self._is_filling = False
        self.refresh_ages()
        self.select(selected if selected in self._items else CURRENT_STATE)

    def _add(self, item: QTreeWidgetItem, parent: QTreeWidgetItem | None) -> None:
        if parent is None:
            self.addTopLevelItem(item)
        else:
            parent.addChild(item)

    def _dress(self, item: QTreeWidgetItem, snapshot: Snapshot) -> None:
        online = bool(snapshot.state_file)
        item.setIcon(NAME, icon("snapshot-online" if online else "snapshot-offline"))
        taken = self.tr("Taken {when}").format(when=absolute_text(snapshot.time_stamp))
        kind = (
            self.tr("It was taken while the machine ran.")
            if online
            else self.tr("It was taken while the machine was powered off.")
        )
        tip = "\n".join(part for part in (snapshot.name, taken, kind, snapshot.description) if part)
        for column in (NAME, TAKEN):
            item.setToolTip(column, tip)

    def _new_current(self, machine: MachineInfo, settings: MachineSettings) -> QTreeWidgetItem:
        changed = bool(settings.snapshots) and settings.current_state_modified
        text = self.tr("Current State (changed)") if changed else self.tr("Current State")
        item = QTreeWidgetItem([text, ""])
        item.setData(NAME, _UUID_ROLE, CURRENT_STATE)
        item.setIcon(NAME, icon("current-state-changed" if changed else "current-state"))
        font = item.font(NAME)
        font.setBold(True)
        item.setFont(NAME, font)
        if is_online(machine):
            tip = self.tr("The machine is running.")
        elif changed:
            tip = self.tr("The machine differs from the snapshot that it is based on.")
        elif settings.snapshots:
            tip = self.tr("The machine is as it was when the snapshot was taken.")
        else:
            tip = self.tr("No snapshot of the machine was taken yet.")
        item.setToolTip(NAME, tip)
        return item

    def refresh_ages(self) -> None:
        """Tell how long ago snapshots were taken, as of now."""
        now = dt.datetime.now(dt.UTC)
        for uuid, snapshot in self._snapshots.items():
            self._items[uuid].setText(TAKEN, age_text(snapshot.time_stamp, now))

    # -- selection -----------------------------------------------------------------------------

    def selected(self) -> str:
        """Return the UUID of the selected snapshot, or :data:`CURRENT_STATE`."""
        item = self.currentItem()
        return CURRENT_STATE if item is None else _uuid(item)

    def selected_snapshot(self) -> Snapshot | None:
        """Return the selected snapshot; None for the current state."""
        return self._snapshots.get(self.selected())

    def select(self, uuid: str) -> None:
        """Select a snapshot, or the current state, if it is there."""
        item = self._items.get(uuid)
        if item is not None:
            self.setCurrentItem(item)

    def _on_current_changed(self) -> None:
        if not self._is_filling:
            self.chosen.emit()

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addActions(self._actions)
        menu.popup(self.viewport().mapToGlobal(place))

    def showEvent(self, event: QShowEvent) -> None:
        """Ages go on while they are seen."""
        super().showEvent(event)
        self.refresh_ages()
        self._age.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing ticks while nobody looks."""
        self._age.stop()
        super().hideEvent(event)


def _uuid(item: QTreeWidgetItem) -> str:
    return str(item.data(NAME, _UUID_ROLE) or CURRENT_STATE)
