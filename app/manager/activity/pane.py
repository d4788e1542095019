"""What one running machine takes, as charts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.api.structs import MachineInfo
from app.common.background import run_in_background
from app.manager.activity import feed
from app.manager.activity.chart import Line, LineChart
from app.manager.activity.feed import PERIOD_SECONDS, SAMPLES, ActivityFeed, Samples
from app.manager.activity.words import count_rate_text, kilobytes_text, percent_text, rate_text
from app.manager.tool import ToolPane, Workspace
from app.manager.widgets.file_picker import PickMode, new_file_dialog

OVERVIEW_TOOL = "VMActivityOverview"


class ActivityPane(ToolPane):
    """Charts of processor, memory, drives, network and VM exits.

    Attributes:
        charts: from top to bottom.
        note: why there are none.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._machine: MachineInfo | None = None
        self._samples: Samples = {}
        self.feed = ActivityFeed(workspace.link, self)
        self.feed.sampled.connect(self._on_sampled)
        self.feed.failed.connect(self._on_failed)
        self.note = QLabel(self)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.note.setWordWrap(True)
        self.note.setMargin(24)
        self.charts = self._new_charts()
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(4)
        for chart in self.charts:
            column.addWidget(chart, 1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName(self.tr("Charts"))
        area.setWidget(content)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.note)
        self.pages.addWidget(area)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)

    def _new_charts(self) -> Sequence[LineChart]:
        new = partial(LineChart, samples=SAMPLES, period=PERIOD_SECONDS, parent=self)
        return (
            new(
                self.tr("CPU Load"),
                (
                    Line(feed.GUEST_LOAD, self.tr("Guest")),
                    Line(feed.VMM_LOAD, self.tr("VMM")),
                ),
                percent_text,
                maximum=100.0,
            ),
            new(
                self.tr("RAM Usage"),
                (Line(feed.RAM_USED, self.tr("Used")),),
                kilobytes_text,
                binary=True,
            ),
            new(
                self.tr("Disk I/O"),
                (
                    Line(feed.DISK_READ, self.tr("Read")),
                    Line(feed.DISK_WRITE, self.tr("Written")),
                ),
                rate_text,
                binary=True,
            ),
            new(
                self.tr("Network"),
                (
                    Line(feed.NET_RECEIVE, self.tr("Received")),
                    Line(feed.NET_SEND, self.tr("Sent")),
                ),
                rate_text,
                binary=True,
            ),
            new(
                self.tr("VM Exits"),
                (Line(feed.EXITS, self.tr("Exits")),),
                count_rate_text,
            ),
        )

    # -- showing -------------------------------------------------------------------------------

    def show_machine(self, machine: MachineInfo) -> None:
        """Show what MACHINE takes while it runs."""
        if self._machine is None or self._machine.id != machine.id:
            self._samples = {}
            self._show_samples()
        was_online = self._machine is not None and self._machine.state.is_online
        self._machine = machine
        online = machine.state.is_online
        if not online:
            text = self.tr("The machine “{name}” is not running. Start it to see what it takes.")
            self.note.setText(text.format(name=machine.name))
            self._samples = {}
        elif not self._samples or not was_online:
            self.note.setText(self.tr("The first measurements are on their way…"))
        self.pages.setCurrentIndex(1 if self._samples else 0)
        self.feed.set_objects([machine.id] if online else [])
        self.actions_changed.emit()

    def _on_sampled(self, machine_id: str, samples: Samples) -> None:
        machine = self._machine
        if machine is None or machine.id != machine_id or not machine.state.is_online:
            return
        first = not self._samples
        self._samples = samples
        self._show_samples()
        self.pages.setCurrentIndex(1)
        if first:
            self.actions_changed.emit()

    def _on_failed(self, reason: str) -> None:
        if not self._samples:
            text = self.tr("The activity of the machine cannot be shown: {reason}")
            self.note.setText(text.format(reason=reason))

    def _show_samples(self) -> None:
        for chart in self.charts:
            values = [self._samples.get(line.metric, ()) for line in chart.lines]
            chart.show_values(values, self.tr("There is nothing to measure here yet."))

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the machine while it is seen."""
        super().showEvent(event)
        self.feed.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask the service no more."""
        self.feed.set_active(False)
        super().hideEvent(event)

    # -- actions -------------------------------------------------------------------------------

    def perform(self, action: str) -> None:
        """Do what ACTION says."""
        if action == "activity-export":
            self._export()
        elif action == "activity-overview":
            self._workspace.open_tool(OVERVIEW_TOOL)

    def reason(self, action: str) -> str:
        """Return why ACTION cannot be performed now, or an empty string."""
        if action == "activity-export" and not self._samples:
            return self.tr("Nothing was measured yet.")
        return ""

    def _export(self) -> None:
        machine = self._machine
        if machine is None:
            return
        dialog = new_file_dialog(
            self, PickMode.SAVE_FILE, self.tr("Export the measurements"),
            self.tr("Text files (*.txt)"),
        )  # fmt: skip
        dialog.setDefaultSuffix("txt")
        dialog.selectFile(self.tr("{name} activity.txt").format(name=machine.name))
        text = self.export_text()
        dialog.fileSelected.connect(lambda path: self._write(path, text))
        dialog.open()

    def export_text(self) -> str:
        """Return a table, columns separated by tabs: seconds before now, and each metric."""
        metrics = [
            line.metric for chart in self.charts for line in chart.lines
            if self._samples.get(line.metric)
        ]  # fmt: skip
        rows = ["\t".join(("seconds", *metrics))]
        count = max((len(self._samples[name]) for name in metrics), default=0)
        for back in range(count - 1, -1, -1):
            cells = [str(-back * PERIOD_SECONDS)]
            for name in metrics:
                values = self._samples[name]
                cells.append(f"{values[-1 - back]:g}" if back < len(values) else "")
            rows.append("\t".join(cells))
        return "\n".join(rows) + "\n"

    def _write(self, path: str, text: str) -> None:
        def failed(error: Exception) -> None:
            title = self.tr("The measurements were not exported")
            self._workspace.notifications.show_error(title, str(error))

        run_in_background(self, partial(write_text, path, text), lambda _done: None, failed)


def write_text(path: str, text: str) -> None:
    """Write a text file; an existing one is replaced only when the new one is complete.

    Raises:
        OSError: it cannot be written.
    """
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
