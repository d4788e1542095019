"""What a machine was made of when a snapshot was taken."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from app.api.structs import MachineInfo, OsType
from app.common.icons import icon
from app.manager.details.section import Row, Section, Subject, all_sections, section_title
from app.settings.model import MachineSettings, Snapshot


class InformationTree(QTreeWidget):
    """The details of a snapshot; what is different now stands out and says what it is now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Information"))
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)

    def show_information(
        self,
        machine: MachineInfo,
        settings: MachineSettings,
        os_type: OsType | None,
        snapshot: Snapshot | None,
    ) -> None:
        """Show SNAPSHOT of MACHINE, or how it is now with None."""
        now = Subject(machine, settings, os_type)
        shown = now
        if snapshot is not None:
            shown = Subject(machine, settings_of(settings, snapshot), os_type)
        self.clear()
        for section in all_sections():
            rows = section.rows(shown)
            if rows:
                current = section.rows(now) if snapshot is not None else rows
                self._add_section(section, rows, current)
        self.expandAll()

    def _add_section(
        self, section: Section, rows: Sequence[Row], current: Sequence[Row]
    ) -> None:
        heading = QTreeWidgetItem([section_title(section)])
        heading.setIcon(0, icon(section.icon_name))
        font = heading.font(0)
        font.setBold(True)
        heading.setFont(0, font)
        self.addTopLevelItem(heading)
        heading.setFirstColumnSpanned(True)
        values = {row.label: row.value for row in current}
        for row in rows:
            indent = "    " if row.indent else ""
            item = QTreeWidgetItem([f"{indent}{row.label}", row.value])
            item.setToolTip(1, row.value)
            now = values.get(row.label)
            if now != row.value:
                item.setFont(1, font)
                text = self.tr("Now: {value}").format(value=now or self.tr("nothing"))
                item.setToolTip(1, f"{row.value}\n{text}")
                item.setData(1, Qt.ItemDataRole.AccessibleDescriptionRole, text)
            heading.addChild(item)

    def value(self, label: str) -> str:
        """Return what is shown for LABEL, or an empty string."""
        flags = Qt.MatchFlag.MatchRecursive | Qt.MatchFlag.MatchExactly
        found = self.findItems(label, flags, 0)
        return found[0].text(1) if found else ""


def settings_of(settings: MachineSettings, snapshot: Snapshot) -> MachineSettings:
    """Return SETTINGS with the hardware that SNAPSHOT holds."""
    return msgspec.structs.replace(
        settings,
        hardware=snapshot.hardware,
        description=snapshot.description,
        recording=snapshot.recording,
        autostart=snapshot.autostart,
    )
