"""Base of the panels in which the selected network is edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialogButtonBox,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.common.dialog_buttons import button_box
from app.manager.network.forwarding import ForwardingEditor
from app.manager.widgets.field_message import FieldMessage, Severity

Field = QLineEdit | QCheckBox | QRadioButton | QSpinBox | ForwardingEditor


class NetworkPanel(QWidget):
    """Tabs with fields, a message, Reset and Apply.

    What was edited stays when the network is fetched anew, and goes when another is selected.

    Attributes:
        tabs: the pages.
        message: what is wrong.

    Signals:
        apply_requested(): Apply was pressed.
    """

    apply_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: list[Field] = []
        self._shown: list[Any] = []
        self._is_filling = False
        self.tabs = QTabWidget(self)
        self.message = FieldMessage(self)
        buttons = button_box(self)
        self.apply_button = QPushButton(self.tr("Appl&y"), self)
        self.apply_button.clicked.connect(self.apply_requested)
        buttons.addButton(self.apply_button, QDialogButtonBox.ButtonRole.ApplyRole)
        self.reset_button = QPushButton(self.tr("Re&set"), self)
        self.reset_button.clicked.connect(self.reset)
        buttons.addButton(self.reset_button, QDialogButtonBox.ButtonRole.ResetRole)
        footer = QVBoxLayout()
        footer.setContentsMargins(12, 4, 12, 8)
        footer.addWidget(self.message)
        footer.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(footer)

    # -- for subclasses ------------------------------------------------------------------------

    def add_page(self, page: QWidget, title: str) -> None:
        """Add PAGE as a tab that scrolls where there is little room."""
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(page)
        # Both would paint the colour of windows over that of tabs.
        area.viewport().setAutoFillBackground(False)
        page.setAutoFillBackground(False)
        self.tabs.addTab(area, title)

    def follow(self, fields: Sequence[Field]) -> None:
        """Compare FIELDS with what was shown whenever one of them changes."""
        self._fields = list(fields)
        for field in fields:
            match field:
                case QLineEdit():
                    field.textChanged.connect(self.check)
                case QSpinBox():
                    field.valueChanged.connect(self.check)
                case ForwardingEditor():
                    field.edited.connect(self.check)
                case _:
                    field.toggled.connect(self.check)

    def problem(self) -> str:
        """Return what is wrong with what was edited, or an empty string."""
        return ""

    def note(self) -> str:
        """Return what a person should know before applying, or an empty string."""
        return ""

    def enable_fields(self) -> None:
        """Enable the fields that mean something now."""

    # -- values --------------------------------------------------------------------------------

    def put(self, values: Sequence[Any], *, keep_edits: bool) -> None:
        """Show VALUES, one for each field.

        Args:
            values: what the network is like.
            keep_edits: fields that were edited keep what stands in them.
        """
        edited = self.values() if keep_edits and self._shown else list(values)
        old = self._shown if keep_edits and self._shown else list(values)
        self._shown = list(values)
        self._is_filling = True
        for field, value, edit, before in zip(self._fields, values, edited, old, strict=True):
            _set_value(field, edit if edit != before else value)
        self._is_filling = False
        self.check()

    def values(self) -> list[Any]:
        """Return what stands in the fields."""
        return [_value(field) for field in self._fields]

    @property
    def is_edited(self) -> bool:
        """Something differs from what was shown."""
        return self.values() != self._shown

    def reset(self) -> None:
        """Show the network as it is."""
        self.put(self._shown, keep_edits=False)

    def check(self) -> None:
        """Say what is wrong, and enable what can be done."""
        if self._is_filling:
            return
        self.enable_fields()
        edited = self.is_edited
        problem = self.problem() if edited else ""
        severity = Severity.ERROR if problem else Severity.NOTE
        self.message.show_message(problem or (self.note() if edited else ""), severity)
        unchanged = "" if edited else self.tr("Nothing was changed.")
        self.apply_button.setEnabled(edited and not problem)
        self.apply_button.setToolTip(problem or unchanged)
        self.reset_button.setEnabled(edited)
        self.reset_button.setToolTip(unchanged)


def _value(field: Field) -> Any:
    match field:
        case QLineEdit():
            return field.text().strip()
        case QSpinBox():
            return field.value()
        case ForwardingEditor():
            return field.rules()
        case _:
            return field.isChecked()


def _set_value(field: Field, value: Any) -> None:
    if _value(field) == value:
        return
    match field:
        case QLineEdit():
            field.setText(value)
        case QSpinBox():
            field.setValue(value)
        case ForwardingEditor():
            field.set_rules(value)
        case _:
            field.setChecked(value)
