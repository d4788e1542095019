"""Frame of dialogs with a list of pages at the left and a validation bar at the bottom."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

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

from app.common.dialog_buttons import button_box
from app.common.icons import icon
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.plated_icons import PlatedIcons
from app.manager.widgets.problem_list import ListedProblem, ProblemList
from app.manager.widgets.tab_order import move_to_end_of_tab_order


@dataclass(frozen=True)
class Problem:
    """Something wrong with what a page holds; an ERROR forbids OK.

    Attributes:
        severity: how wrong.
        text: a sentence.
        place: where on the page; empty: the title of the page stands for it.
        follow: shows the field; None: the link shows the page.
    """

    severity: Severity
    text: str
    place: str = ""
    follow: Callable[[], None] | None = None


class PagedDialog(QDialog):
    """Page list, page, banner above, validation bar and OK / Cancel below."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(title)
        self._icons: dict[str, str] = {}
        self._makers: dict[str, Callable[[], QWidget]] = {}
        self._scrolls: dict[str, QScrollArea] = {}
        self.page_list = QListWidget(self)
        self.page_list.setIconSize(QSize(24, 24))
        self.page_list.setItemDelegate(PlatedIcons(self.page_list))
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
        self.validation = ProblemList(self)
        self.buttons = button_box(
            self, QDialogButtonBox.StandardButton.Ok, QDialogButtonBox.StandardButton.Cancel
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
        self.left = QVBoxLayout()
        self.left.setSpacing(8)
        self.left.addWidget(self.page_list, 1)
        self.heading = QHBoxLayout()
        self.heading.addWidget(self._title, 1)
        self.right = QVBoxLayout()
        self.right.setSpacing(8)
        self.right.addWidget(self.banner)
        self.right.addLayout(self.heading)
        self.right.addWidget(line)
        self.right.addWidget(self.stack, 1)
        upper = QHBoxLayout()
        upper.setSpacing(16)
        upper.addLayout(self.left)
        upper.addLayout(self.right, 1)
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

    def add_page(
        self, name: str, title: str, icon_name: str, page: QWidget | Callable[[], QWidget]
    ) -> None:
        """Add PAGE under NAME; a page that is too large for the dialog scrolls.

        Args:
            name: key of the page.
            title: in the list.
            icon_name: drawing in resources/icons.
            page: the page, or what makes it when it is shown for the first time.
        """
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        self.stack.addWidget(scroll)
        self._scrolls[name] = scroll
        if isinstance(page, QWidget):
            scroll.setWidget(page)
            self._close_tab_order()
        else:
            self._makers[name] = page
        item = QListWidgetItem(icon(icon_name), title, self.page_list)
        item.setData(Qt.ItemDataRole.UserRole, name)
        self._icons[name] = icon_name
        if self.page_list.count() == 1:
            self.page_list.setCurrentRow(0)

    def make_page(self, name: str) -> None:
        """Make the page NAME now, if it was added with what makes it."""
        make = self._makers.pop(name, None)
        if make is None:
            return
        self._scrolls[name].setWidget(make())
        self._close_tab_order()

    def _close_tab_order(self) -> None:
        move_to_end_of_tab_order(self, *self.buttons.buttons())

    def show_page(self, name: str) -> None:
        """Show the page NAME; an unknown or empty name changes nothing."""
        if name in self._icons:
            self.page_list.setCurrentRow(list(self._icons).index(name))

    @property
    def current_page(self) -> str:
        """Name of the page that is shown."""
        row = self.page_list.currentRow()
        return str(self.page_list.item(row).data(Qt.ItemDataRole.UserRole)) if row >= 0 else ""

    def set_page_hidden(self, name: str, *, hidden: bool) -> None:
        """Take the page NAME out of the list, or back; the first page is shown instead of it."""
        self.page_list.item(list(self._icons).index(name)).setHidden(hidden)
        if hidden and self.current_page == name:
            self.page_list.setCurrentRow(0)

    def show_problems(self, problems: Mapping[str, Sequence[Problem]]) -> bool:
        """Mark the pages that have problems and list them, errors first; return whether OK may be.

        Args:
            problems: page names and what is wrong there; an empty name is for what no page shows.
        """
        listed = [_listed(problem, "", None) for problem in problems.get("", ())]
        for row, (name, icon_name) in enumerate(self._icons.items()):
            of_page = problems.get(name, ())
            item = self.page_list.item(row)
            worst = _worst(of_page)
            item.setIcon(icon(worst.severity.value if worst else icon_name))
            item.setToolTip("\n".join(problem.text for problem in of_page))
            title = item.text()
            listed += [
                _listed(problem, title, partial(self.show_page, name))
                for problem in of_page
            ]
        listed.sort(key=lambda problem: list(Severity).index(problem.severity))
        has_errors = any(problem.severity is Severity.ERROR for problem in listed)
        has_warnings = any(problem.severity is Severity.WARNING for problem in listed)
        heading = self.tr("Changed automatically")
        if has_errors:
            heading = self.tr("Invalid settings detected")
        elif has_warnings:
            heading = self.tr("Non-optimal settings detected")
        self.validation.show_problems(heading, listed)
        return not has_errors

    def _show_row(self, row: int) -> None:
        if row < 0:
            return
        item = self.page_list.item(row)
        self.make_page(str(item.data(Qt.ItemDataRole.UserRole)))
        self.stack.setCurrentIndex(row)
        self._title.setText(item.text())


def _listed(problem: Problem, title: str, show_page: Callable[[], None] | None) -> ListedProblem:
    return ListedProblem(
        problem.severity, problem.text, problem.place or title, problem.follow or show_page
    )


def _worst(problems: Sequence[Problem]) -> Problem | None:
    for severity in (Severity.ERROR, Severity.WARNING):
        for problem in problems:
            if problem.severity is severity:
                return problem
    return None
