"""What all running machines and the host take, as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QPoint, Qt
from PySide6.QtGui import QCursor, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QMenu,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)

from app.api.structs import MachineInfo
from app.common.icons import os_icon
from app.manager.activity import feed
from app.manager.activity.feed import HOST, ActivityFeed, Samples, last
from app.manager.activity.words import count_rate_text, kilobytes_text, percent_text, rate_text
from app.manager.tool import ToolPane, Workspace

COLUMNS_KEY: Final = "GUI/VMActivityOverview/HiddenColumns"
ACTIVITY_TOOL: Final = "VMActivity"
_ID_ROLE: Final = Qt.ItemDataRole.UserRole
_SORT_ROLE: Final = Qt.ItemDataRole.UserRole + 1
_MEMORY_SHARE: Final = "memory share"
_MEMORY: Final = "memory"


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Attributes:
        name: in the extra data.
        title: heading in the source language (context ``ActivityOverview``).
        metric: what it shows; empty for the name of the machine.
        text: turns a value into text.
        tip: what the heading does not tell.
    """

    name: str
    title: str
    metric: str
    text: Callable[[float], str]
    tip: str = ""


COLUMNS: Final = (
    Column("VMName", str(QT_TRANSLATE_NOOP("ActivityOverview", "Machine")), "", str),
    Column(
        "CPUGuestLoad", str(QT_TRANSLATE_NOOP("ActivityOverview", "CPU Guest")),
        feed.GUEST_LOAD, percent_text,
    ),
    Column(
        "CPUVMMLoad", str(QT_TRANSLATE_NOOP("ActivityOverview", "CPU VMM")),
        feed.VMM_LOAD, percent_text,
    ),
    Column(
        "RAMUsedAndTotal", str(QT_TRANSLATE_NOOP("ActivityOverview", "RAM (Host / Guest)")),
        _MEMORY, kilobytes_text,
        str(
            QT_TRANSLATE_NOOP(
                "ActivityOverview",
                "What the machine takes of this computer's memory, and the memory that its guest "
                "has.",
            )
        ),
    ),
    Column(
        "RAMUsedPercentage", str(QT_TRANSLATE_NOOP("ActivityOverview", "Host RAM %")),
        _MEMORY_SHARE, percent_text,
        str(
            QT_TRANSLATE_NOOP(
                "ActivityOverview", "Share of this computer's memory that the machine takes."
            )
        ),
    ),
    Column(
        "NetworkUpRate", str(QT_TRANSLATE_NOOP("ActivityOverview", "Network Up Rate")),
        feed.NET_SEND, rate_text,
    ),
    Column(
        "NetworkDownRate", str(QT_TRANSLATE_NOOP("ActivityOverview", "Network Down Rate")),
        feed.NET_RECEIVE, rate_text,
    ),
    Column(
        "NetworkUpTotal", str(QT_TRANSLATE_NOOP("ActivityOverview", "Network Up Total")),
        feed.NET_SEND_TOTAL, kilobytes_text,
    ),
    Column(
        "NetworkDownTotal", str(QT_TRANSLATE_NOOP("ActivityOverview", "Network Down Total")),
        feed.NET_RECEIVE_TOTAL, kilobytes_text,
    ),
    Column(
        "DiskIOReadRate", str(QT_TRANSLATE_NOOP("ActivityOverview", "Disk Read Rate")),
        feed.DISK_READ, rate_text,
    ),
    Column(
        "DiskIOWriteRate", str(QT_TRANSLATE_NOOP("ActivityOverview", "Disk Write Rate")),
        feed.DISK_WRITE, rate_text,
    ),
    Column(
        "DiskIOReadTotal", str(QT_TRANSLATE_NOOP("ActivityOverview", "Disk Read Total")),
        feed.DISK_READ_TOTAL, kilobytes_text,
    ),
    Column(
        "DiskIOWriteTotal", str(QT_TRANSLATE_NOOP("ActivityOverview", "Disk Write Total")),
        feed.DISK_WRITE_TOTAL, kilobytes_text,
    ),
    Column(
        "VMExits", str(QT_TRANSLATE_NOOP("ActivityOverview", "VM Exits")),
        feed.EXITS, count_rate_text,
    ),
)  # fmt: skip
_HIDDEN_AT_FIRST: Final = (
    "NetworkUpTotal", "NetworkDownTotal", "DiskIOReadTotal", "DiskIOWriteTotal",
)  # fmt: skip
_NONE_HIDDEN: Final = "-"


def column_title(column: Column) -> str:
    """Return the heading of COLUMN in the language of the user interface."""
    return QCoreApplication.translate("ActivityOverview", column.title)


class _Row(QTreeWidgetItem):
    """Sorts by value."""

    def __lt__(self, other: QTreeWidgetItem) -> bool:
        column = self.treeWidget().sortColumn()
        if column == 0:
            return self.text(0).casefold() < other.text(0).casefold()
        mine, others = self.data(column, _SORT_ROLE), other.data(column, _SORT_ROLE)
        return float(-1 if mine is None else mine) < float(-1 if others is None else others)


class OverviewPane(ToolPane):
    """A row for each running machine, and a line about the host.

    Attributes:
        table: the machines.
        host: what the host's processors, memory and file system are used for.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._rows: dict[str, _Row] = {}
        self._host_ram = 0.0
        self.feed = ActivityFeed(workspace.link, self)
        self.feed.sampled.connect(self._on_sampled)
        self.table = QTreeWidget(self)
        self.table.setAccessibleName(self.tr("Running machines"))
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAllColumnsShowFocus(True)
        self.table.setAlternatingRowColors(True)
        self.table.setHeaderLabels([column_title(column) for column in COLUMNS])
        for number, column in enumerate(COLUMNS):
            tip = QCoreApplication.translate("ActivityOverview", column.tip) if column.tip else ""
            self.table.headerItem().setToolTip(number, tip)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(
            lambda place: self._show_columns_menu(header.mapToGlobal(place))
        )
        self.table.itemSelectionChanged.connect(self.actions_changed)
        self.table.itemActivated.connect(self._show_activity)
        self.note = QLabel(self.tr("No machine is running."), self)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.note.setWordWrap(True)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.note)
        self.pages.addWidget(self.table)
        self.host = QLabel(self.tr("Host: the first measurements are on their way…"), self)
        self.host.setWordWrap(True)
        self.host.setMargin(8)
        self.host.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.host)
        self.set_hidden_columns(_HIDDEN_AT_FIRST)
        workspace.memory.recall(
            COLUMNS_KEY, lambda value: self.set_hidden_columns(value.split(","))
        )
        model = workspace.link.model
        for changed in (model.rowsInserted, model.rowsRemoved, model.dataChanged):
            changed.connect(self._refill)
        self._refill()

    # -- machines ------------------------------------------------------------------------------

    def _refill(self) -> None:
        """Have a row for each running machine."""
        running = {m.id: m for m in self._workspace.link.model.machines() if m.state.is_online}
        for machine_id in self._rows.keys() - running.keys():
            row = self._rows.pop(machine_id)
            self.table.takeTopLevelItem(self.table.indexOfTopLevelItem(row))
        for machine_id, machine in running.items():
            if machine_id not in self._rows:
                self._rows[machine_id] = self._new_row(machine)
            self._rows[machine_id].setText(0, machine.name)
        self.pages.setCurrentIndex(1 if running else 0)
        self.feed.set_objects([HOST, *running])
        self.actions_changed.emit()

    def _new_row(self, machine: MachineInfo) -> _Row:
        row = _Row()
        row.setIcon(0, os_icon(machine.os_type_id))
        row.setData(0, _ID_ROLE, machine.id)
        for number in range(1, len(COLUMNS)):
            row.setTextAlignment(
                number, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            )
        self.table.addTopLevelItem(row)
        return row

    def _on_sampled(self, each: str, samples: Samples) -> None:
        if each == HOST:
            self._show_host(samples)
            return
        row, machine = self._rows.get(each), self._workspace.link.model.machine(each)
        if row is None or machine is None:
            return
        used, total = last(samples, feed.RAM_USED), machine.memory_mb << 10
        for number, column in enumerate(COLUMNS[1:], 1):
            value = last(samples, column.metric)
            text = ""
            if column.metric == _MEMORY:
                value = used
            elif column.metric == _MEMORY_SHARE and used is not None and self._host_ram:
                value = 100 * used / self._host_ram
            if value is not None:
                text = column.text(value)
                if column.metric == _MEMORY:
                    text = f"{text} / {kilobytes_text(total)}"
            row.setText(number, text or self.tr("N/A"))
            row.setData(number, _SORT_ROLE, value)

    def _show_host(self, samples: Samples) -> None:
        parts = []
        user, kernel = last(samples, feed.HOST_USER), last(samples, feed.HOST_KERNEL)
        if user is not None and kernel is not None:
            text = self.tr("CPU {load} (user {user}, kernel {kernel})")
            parts.append(
                text.format(
                    load=percent_text(user + kernel),
                    user=percent_text(user),
                    kernel=percent_text(kernel),
                )
            )
        used, total = last(samples, feed.HOST_RAM_USED), last(samples, feed.HOST_RAM_TOTAL)
        if used is not None and total is not None:
            self._host_ram = total
            text = self.tr("RAM {used} of {total}")
            parts.append(text.format(used=kilobytes_text(used), total=kilobytes_text(total)))
        used, total = last(samples, feed.HOST_FS_USED), last(samples, feed.HOST_FS_TOTAL)
        if used is not None and total is not None:
            text = self.tr("root file system {used} of {total}")
            # These are in MiB.
            parts.append(
                text.format(used=kilobytes_text(used * 1024), total=kilobytes_text(total * 1024))
            )
        if parts:
            self.host.setText(self.tr("Host: {parts}").format(parts=" · ".join(parts)))

    def showEvent(self, event: QShowEvent) -> None:
        """Follow host and machines while they are seen."""
        super().showEvent(event)
        self.feed.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask the service no more."""
        self.feed.set_active(False)
        super().hideEvent(event)

    # -- columns -------------------------------------------------------------------------------

    def hidden_columns(self) -> list[str]:
        """Return the names of the columns that are not shown."""
        return [c.name for n, c in enumerate(COLUMNS) if self.table.isColumnHidden(n)]

    def set_hidden_columns(self, names: list[str] | tuple[str, ...]) -> None:
        """Show all columns but NAMES; that of the machines always is."""
        for number, column in enumerate(COLUMNS):
            self.table.setColumnHidden(number, bool(number) and column.name in names)

    def _toggle_column(self, number: int, shown: bool) -> None:
        self.table.setColumnHidden(number, not shown)
        hidden = ",".join(self.hidden_columns()) or _NONE_HIDDEN
        self._workspace.memory.store(COLUMNS_KEY, hidden)

    def new_columns_menu(self) -> QMenu:
        """Return a menu that shows and hides columns."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for number, column in enumerate(COLUMNS[1:], 1):
            action = menu.addAction(column_title(column))
            action.setCheckable(True)
            action.setChecked(not self.table.isColumnHidden(number))
            action.toggled.connect(lambda on, number=number: self._toggle_column(number, on))
        return menu

    def _show_columns_menu(self, place: QPoint) -> None:
        self.new_columns_menu().popup(place)

    # -- actions -------------------------------------------------------------------------------

    def _selected(self) -> str:
        rows = self.table.selectedItems()
        return str(rows[0].data(0, _ID_ROLE)) if rows else ""

    def perform(self, action: str) -> None:
        """Do what ACTION says."""
        if action == "overview-columns":
            self._show_columns_menu(QCursor.pos())
        elif action == "overview-vm-activity":
            self._show_activity()

    def reason(self, action: str) -> str:
        """Return why ACTION cannot be performed now, or an empty string."""
        if action == "overview-vm-activity" and not self._selected():
            return self.tr("Select a running machine.")
        return ""

    def _show_activity(self) -> None:
        machine_id = self._selected()
        if machine_id:
            self._workspace.select_machine(machine_id)
            self._workspace.open_tool(ACTIVITY_TOOL)
