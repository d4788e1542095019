"""Last page: what is going to be created."""

from pathlib import PurePath

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QVBoxLayout

from app.common.icons import icon, os_icon
from app.manager.widgets.byte_sizes import format_size
from app.manager.wizard.draft import DiskChoice, MachineDraft
from app.manager.wizard.frame import WizardPage

_COLUMN_GAP = 24
_ROW_HEIGHT = 24


class SummaryPage(WizardPage):
    """Lists the choices of all pages."""

    def __init__(self, draft: MachineDraft) -> None:
        super().__init__(
            self.tr("Summary"),
            self.tr("Summary"),
            self.tr(
                "Finish creates the machine with the choices below. Nearly everything can be "
                "changed later in its settings."
            ),
        )
        self._draft = draft
        self.tree = QTreeWidget(self)
        self.tree.setColumnCount(2)
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setItemsExpandable(False)
        self.tree.setIndentation(24)
        self.tree.setIconSize(QSize(20, 20))
        self.tree.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tree.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        self.tree.setAccessibleName(self.tr("Summary"))
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tree)

    def enter(self) -> None:
        """Fill in the choices."""
        draft = self._draft
        self.tree.clear()
        general = self._add(
            self.tr("Name and operating system"),
            "general",
            [
                (self.tr("Name"), draft.name),
                (self.tr("Folder"), str(PurePath(draft.settings_path).parent)),
                (self.tr("ISO image"), draft.iso_path or self.tr("None")),
                (self.tr("Guest system"), draft.os_type.description),
            ],
        )
        general[-1].setIcon(1, os_icon(draft.os_type.id))
        self._add(
            self.tr("Hardware"),
            "system",
            [
                (self.tr("Base memory"), self.tr("{size} MB").format(size=draft.memory_mb)),
                (self.tr("Processors"), str(draft.cpu_count)),
                (self.tr("Firmware"), "EFI" if draft.efi else "BIOS"),
            ],
        )
        self._add(self.tr("Virtual hard disk"), "hard-disk", self._disk_rows())
        self.tree.expandAll()
        self.tree.resizeColumnToContents(0)
        self.tree.setColumnWidth(0, self.tree.columnWidth(0) + _COLUMN_GAP)

    def _disk_rows(self) -> list[tuple[str, str]]:
        draft = self._draft
        match draft.disk:
            case DiskChoice.CREATE:
                return [
                    (self.tr("New file"), draft.new_disk_path),
                    (self.tr("File type"), draft.disk_format),
                    (self.tr("Size"), format_size(draft.disk_bytes)),
                    (
                        self.tr("Pre-allocated"),
                        self.tr("Yes") if draft.disk_fixed else self.tr("No, grows with use"),
                    ),
                ]
            case DiskChoice.EXISTING:
                return [(self.tr("Existing file"), draft.disk_path)]
            case DiskChoice.NONE:
                return [(self.tr("Hard disk"), self.tr("None"))]

    def _add(
        self, title: str, icon_name: str, rows: list[tuple[str, str]]
    ) -> list[QTreeWidgetItem]:
        heading = QTreeWidgetItem(self.tree, [title])
        heading.setIcon(0, icon(icon_name))
        heading.setFirstColumnSpanned(True)
        font = heading.font(0)
        font.setBold(True)
        heading.setFont(0, font)
        items = [QTreeWidgetItem(heading, list(row)) for row in rows]
        for item in (heading, *items):
            # A hint on the first column would be its width too.
            item.setSizeHint(1, QSize(0, _ROW_HEIGHT))
            item.setToolTip(1, item.text(1))
        return items
