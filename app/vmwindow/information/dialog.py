"""The session information dialog."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.common.dialog_buttons import button_box
from app.common.icons import icon
from app.settings.enums import DeviceType
from app.vmwindow.information.chart import Chart
from app.vmwindow.statusbar.kinds import INDICATORS, Row, remote_display_text, tr

if TYPE_CHECKING:
    from app.console.console import Console
    from app.vmwindow.window import VmWindow

_PERIOD_MILLISECONDS: Final = 1000
_NANOSECONDS: Final = 1_000_000_000


class InformationDialog(QDialog):
    """What the machine is made of, its run-time values, and charts of what it does.

    Args:
        window: the machine's window, whose machine runs.
    """

    def __init__(self, window: VmWindow) -> None:
        super().__init__(window)
        self._window = window
        self._console = window.console
        self.setWindowTitle(
            self.tr("{machine} - Session Information").format(machine=window.console.machine)
        )
        self.configuration = self._tree(self.tr("Configuration"))
        self.runtime = self._tree(self.tr("Run-time values"))
        self.load = Chart((self.tr("Load of the host by this machine"),), "%", 100)
        requests = (self.tr("Disk reads"), self.tr("Disk writes"))
        self.disk = Chart(requests, self.tr("per second"), 10)
        self._build()
        self._before = self._sample()
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD_MILLISECONDS)
        self._timer.timeout.connect(self.refresh)

    def _tree(self, name: str) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setColumnCount(2)
        tree.setHeaderHidden(True)
        tree.setAlternatingRowColors(True)
        tree.setAccessibleName(name)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        return tree

    def _build(self) -> None:
        charts = QWidget()
        inner = QVBoxLayout(charts)
        inner.addWidget(self.load)
        inner.addWidget(self.disk)
        tabs = QTabWidget()
        tabs.addTab(self.configuration, icon("settings"), self.tr("&Configuration Details"))
        tabs.addTab(self.runtime, icon("info"), self.tr("&Runtime Information"))
        tabs.addTab(charts, icon("activity"), self.tr("VM &Activity"))
        buttons = button_box(self, QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(tabs, 1)
        layout.addWidget(buttons)
        self.resize(640, 460)

    # ------------------------------------------------------------------ contents

    def _show_configuration(self) -> None:
        console = self._console
        self.configuration.clear()
        self._add_section("general", self.tr("General"), self._general_rows())
        for spec in INDICATORS:
            if spec.present(console):
                self._add_section(spec.icon, tr(spec.title), spec.rows(console))
        self.configuration.expandAll()

    def _general_rows(self) -> Iterable[Row]:
        settings = self._console.settings
        hardware = settings.hardware
        yield self.tr("Name"), self._console.machine
        yield self.tr("Guest OS type"), settings.os_type_id
        yield self.tr("Base memory"), self.tr("{n} MB").format(n=hardware.memory_mb)
        yield self.tr("Processors"), str(hardware.cpu.count)

    def _add_section(self, picture: str, title: str, rows: Iterable[Row]) -> None:
        section = QTreeWidgetItem([title])
        section.setIcon(0, icon(picture))
        children = [QTreeWidgetItem([name, value]) for name, value in rows]
        section.addChildren(children)
        if children:
            self.configuration.addTopLevelItem(section)
            section.setFirstColumnSpanned(True)
            for child in children:
                # Sentences take the whole width, so that the values stay in sight.
                child.setFirstColumnSpanned(not child.text(1))

    def _show_runtime(self) -> None:
        rows = dict(self._runtime_rows())
        for index, (name, value) in enumerate(rows.items()):
            item = self.runtime.topLevelItem(index)
            if item is None:
                item = QTreeWidgetItem([name])
                self.runtime.addTopLevelItem(item)
            item.setText(1, value)
            item.setToolTip(1, value)

    def _runtime_rows(self) -> Iterable[Row]:
        console, window = self._console, self._window
        size = window.screen_widget.guest_size
        engine, reason = console.execution_engine
        yield self.tr("State"), str(console.state)
        yield self.tr("Screen resolution"), f"{size.width()} x {size.height()}"
        yield self.tr("VM uptime"), _duration(_uptime(console))
        yield self.tr("VM execution engine"), engine
        yield self.tr("Why this engine"), reason
        yield self.tr("Paravirtualization interface"), console.paravirt_provider
        yield self.tr("Guest OS type"), console.settings.os_type_id
        yield self.tr("Remote display"), remote_display_text(console)

    # ------------------------------------------------------------------ samples

    def _sample(self) -> tuple[float, float, int, int]:
        reads, writes = self._console.drives.activity(DeviceType.HARD_DISK)
        discs, _ = self._console.drives.activity(DeviceType.DVD)
        return time.monotonic(), time.process_time(), reads + discs, writes

    @Slot()
    def refresh(self) -> None:
        """Show the present values."""
        if not self._console.state.is_online:
            self._timer.stop()
            return
        self._show_runtime()
        before, self._before = self._before, self._sample()
        seconds, used, reads, writes = (b - a for a, b in zip(before, self._before, strict=True))
        if seconds > 0:
            self.load.add(100 * used / seconds)
            self.disk.add(reads / seconds, writes / seconds)

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the machine while visible."""
        super().showEvent(event)
        self._show_configuration()
        self._before = self._sample()
        self._show_runtime()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while hidden."""
        super().hideEvent(event)
        self._timer.stop()


def show_information(window: VmWindow) -> InformationDialog:
    """Show the information beside the window, which stays usable."""
    dialog = InformationDialog(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
    return dialog


def _uptime(console: Console) -> int:
    """Return how long the guest has run, in seconds."""
    return console.vm.time.now() // _NANOSECONDS


def _duration(seconds: int) -> str:
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}"
