"""Frame of dialogs with a list of pages at the left and a validation bar at the bottom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.common.icons import icon
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.tab_order import move_to_end_of_tab_order


@dataclass(frozen=True)
class Problem:
    """Something wrong with what a page holds; an ERROR forbids OK."""

    severity: Severity
    text: str


class PagedDialog(QDialog):
    """Page list, page, banner above, validation bar and OK / Cancel below."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(title)
        self._icons: dict[str, str] = {}
        self.page_list = QListWidget(self)
        self.page_list.setIconSize(QSize(24, 24))
        self.page_list.setFixedWidth(170)
        self.page_list.setSpacing(2)
        self.page_list.setAccessibleName(self.tr("Pages"))
        self.page_list.currentRowChanged.connect(self._show_row)
        self.banner = FieldMessage(self)
        self._title = QLabel(self)
        font = QFont(self._title.font())
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        self._title.setFont(font)
        self.stack = QStackedWidget(self)
        self.validation = FieldMessage(self)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        self.ok_button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.ok_button.setEnabled(False)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._arrange()

    def _arrange(self) -> None:
        line = QFrame(self)
        line.setFrameShape(QFrame.Shape.HLine)
        line.setFrameShadow(QFrame.Shadow.Sunken)
        right = QVBoxLayout()
        right.setSpacing(8)
        for widget in (self.banner, self._title, line):
            right.addWidget(widget)
        right.addWidget(self.stack, 1)
        upper = QHBoxLayout()
        upper.setSpacing(16)
        upper.addWidget(self.page_list)
        upper.addLayout(right, 1)
        lower = QHBoxLayout()
        lower.setSpacing(16)
        lower.addWidget(self.validation, 1)
        lower.addStretch(0)
        lower.addWidget(self.buttons, 0, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(12)
        layout.addLayout(upper, 1)
        layout.addLayout(lower)

    def add_page(self, name: str, title: str, icon_name: str, page: QWidget) -> None:
        """Add PAGE under NAME; a page that is too large for the dialog scrolls."""
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        self.stack.addWidget(scroll)
        move_to_end_of_tab_order(self, *self.buttons.buttons())
        item = QListWidgetItem(icon(icon_name), title, self.page_list)
        item.setData(Qt.ItemDataRole.UserRole, name)
        self._icons[name] = icon_name
        if self.page_list.count() == 1:
            self.page_list.setCurrentRow(0)

    def show_page(self, name: str) -> None:
        """Show the page NAME; an unknown or empty name changes nothing."""
        if name in self._icons:
            self.page_list.setCurrentRow(list(self._icons).index(name))

    def show_problems(self, problems: Mapping[str, Sequence[Problem]]) -> bool:
        """Mark the pages that have problems and spell out the first; return whether OK may be.

        Args:
            problems: page names and what is wrong there; an empty name is for what no page shows.
        """
        found = [("", problem) for problem in problems.get("", ())]
        for row, (name, icon_name) in enumerate(self._icons.items()):
            of_page = problems.get(name, ())
            item = self.page_list.item(row)
            worst = _worst(of_page)
            item.setIcon(icon(worst.severity.value if worst else icon_name))
            item.setToolTip("\n".join(problem.text for problem in of_page))
            found.extend((item.text(), problem) for problem in of_page)
        errors = [entry for entry in found if entry[1].severity is Severity.ERROR]
        shown = (errors or found)[:1]
        self.validation.clear()
        for title, problem in shown:
            heading = (
                self.tr("Invalid settings detected")
                if problem.severity is Severity.ERROR
                else self.tr("Non-optimal settings detected")
            )
            text = (
                self.tr("{heading} on the page {page}: {problem}")
                if title
                else self.tr("{heading}: {problem}")
            )
            self.validation.show_message(
                text.format(heading=heading, page=title, problem=problem.text), problem.severity
            )
        return not errors

    def _show_row(self, row: int) -> None:
        self.stack.setCurrentIndex(row)
        self._title.setText(self.page_list.item(row).text())


def _worst(problems: Sequence[Problem]) -> Problem | None:
    for severity in (Severity.ERROR, Severity.WARNING):
        for problem in problems:
            if problem.severity is severity:
                return problem
    return None
