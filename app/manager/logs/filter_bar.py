"""Shows only those lines of a log that contain some terms."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.common.icons import icon
from app.manager.logs.bars import LogBar
from app.manager.logs.scan import LineScanner
from app.manager.logs.view import LogView
from app.manager.widgets.icon_button import IconButton

PRESETS: Final = (
    "GUI", "NAT", "AHCI", "VD", "Audio", "VUSB", "SUP", "PGM", "HDA", "HM", "VMM", "GIM", "CPUM",
    "EM", "Console", "VMMDev", "VERR_",
)  # fmt: skip
AND, OR = "and", "or"


class FilterBar(LogBar):
    """Field with common terms, chips for the terms in use, And/Or and "Showing x/y lines".

    Attributes:
        edit: field for a new term.
        operator: whether a line needs all terms or one of them.
        count: "Showing x/y lines".

    Signals:
        filtered(): other lines are shown from now on.
        rows_added(): more of them were found.
    """

    filtered = Signal()
    rows_added = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Filter"))
        self._view: LogView | None = None
        self._terms: list[str] = []
        self._folded: list[str] = []
        self._rows: list[int] = []
        self._scanner = LineScanner(self._line_count, self._visit, self)
        self._scanner.advanced.connect(self._on_advanced)
        self.edit = QComboBox(self)
        self.edit.setEditable(True)
        self.edit.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.edit.addItems(PRESETS)
        self.edit.setCurrentIndex(-1)
        self.edit.setAccessibleName(self.tr("Term to filter by"))
        self.edit.setMinimumWidth(140)
        line = self.edit.lineEdit()
        assert line is not None
        line.setPlaceholderText(self.tr("Term to filter by"))
        self.add = IconButton("add-item", self.tr("Filter by this term (Enter)"), self, flat=True)
        self.operator = QComboBox(self)
        self.operator.setAccessibleName(self.tr("How terms are combined"))
        self.operator.addItem(self.tr("And"), AND)
        self.operator.addItem(self.tr("Or"), OR)
        self.operator.setToolTip(self.tr("And: a line contains all terms. Or: one of them."))
        self._chips = QHBoxLayout()
        self._chips.setSpacing(4)
        self.clear_button = IconButton("delete", self.tr("Remove all terms"), self, flat=True)
        self.count = QLabel(self)
        self.row.addWidget(self.edit)
        self.row.addWidget(self.add)
        self.row.addWidget(self.operator)
        self.row.addLayout(self._chips)
        self.row.addWidget(self.clear_button)
        self.row.addStretch(1)
        self.row.addWidget(self.count)
        line.returnPressed.connect(self._add_typed)
        self.add.clicked.connect(self._add_typed)
        self.edit.activated.connect(self._add_typed)
        self.operator.currentIndexChanged.connect(self.apply)
        self.clear_button.clicked.connect(self.clear)
        self._show_chips()

    # -- terms ---------------------------------------------------------------------------------

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms in use."""
        return tuple(self._terms)

    def add_term(self, term: str) -> None:
        """Filter by TERM too."""
        term = term.strip()
        if term and term not in self._terms:
            self._terms.append(term)
            self._on_terms_changed()

    def remove_term(self, term: str) -> None:
        """Filter by TERM no more."""
        if term in self._terms:
            self._terms.remove(term)
            self._on_terms_changed()

    def clear(self) -> None:
        """Show all lines."""
        if self._terms:
            self._terms.clear()
            self._on_terms_changed()

    def _add_typed(self) -> None:
        self.add_term(self.edit.currentText())
        self.edit.setCurrentIndex(-1)
        self.edit.clearEditText()

    def _on_terms_changed(self) -> None:
        self._show_chips()
        self.apply()

    def _show_chips(self) -> None:
        while (item := self._chips.takeAt(0)) is not None:
            chip = item.widget()
            if chip is not None:
                chip.hide()
                chip.deleteLater()
        for term in self._terms:
            self._chips.addWidget(self._new_chip(term))
        self.clear_button.setVisible(len(self._terms) > 1)
        self.operator.setEnabled(len(self._terms) > 1)

    def _new_chip(self, term: str) -> QToolButton:
        chip = QToolButton(self)
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        chip.setIcon(icon("close"))
        shown = self.fontMetrics().elidedText(term, Qt.TextElideMode.ElideRight, 120)
        chip.setText(shown.replace("&", "&&"))
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        tip = self.tr("Remove the term “{term}”").format(term=term)
        chip.setToolTip(tip)
        chip.setAccessibleName(tip)
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        chip.clicked.connect(lambda: self.remove_term(term))
        return chip

    # -- lines ---------------------------------------------------------------------------------

    def set_view(self, view: LogView | None) -> None:
        """Filter another log."""
        if self._view is not None:
            self._view.set_rows(None)
        self._view = view
        self.apply()

    def resume(self) -> None:
        """The log has become longer."""
        if self._is_active():
            self._scanner.resume()
        self._show_count()

    def apply(self) -> None:
        """Show the lines that the terms ask for; all of them while the bar is hidden."""
        self._scanner.stop()
        self._folded = [term.casefold() for term in self._terms]
        view = self._view
        if view is not None:
            self._rows = []
            view.set_rows(self._rows if self._is_active() else None)
            if self._is_active():
                self._scanner.restart()
        self._show_count()
        self.filtered.emit()

    def _is_active(self) -> bool:
        return bool(self._terms) and self._view is not None and not self.isHidden()

    def _line_count(self) -> int:
        return self._view.complete_lines() if self._view is not None else 0

    def _visit(self, line: int) -> None:
        if self._view is None:
            return
        text = self._view.document.lines[line].casefold()
        combine = all if self.operator.currentData() == AND else any
        if combine(term in text for term in self._folded):
            self._rows.append(line)

    def _on_advanced(self) -> None:
        if self._view is not None:
            self._view.refit()
        self._show_count()
        self.rows_added.emit()

    def _show_count(self) -> None:
        view = self._view
        total = len(view.document.lines) if view is not None else 0
        shown = view.row_count() if view is not None else 0
        text = self.tr("Showing {shown}/{total} lines")
        self.count.setText(text.format(shown=shown, total=total))
