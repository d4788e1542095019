"""What a page of the preferences is made of: rows that can be found and, some of them, hidden."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.common.preferences import InterfacePreferences
from app.manager.settings_dialog.spec import Level
from app.manager.widgets.paged_dialog import Problem


@dataclass(frozen=True)
class Entry:
    """A preference on a page.

    Attributes:
        title: its name, without mnemonic.
        help_text: one sentence.
        level: who sees it.
        widgets: what is hidden with it.
        focus: gets the focus when it was searched for.
    """

    title: str
    help_text: str
    level: Level
    widgets: Sequence[QWidget]
    focus: QWidget


class PreferencePage(QWidget):
    """A page; it neither fetches nor stores anything itself.

    Signals:
        changed(): a value, or what is known of its validity, changed.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.form.setVerticalSpacing(8)
        self.form.setHorizontalSpacing(12)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 4, 0, 0)
        self.column.setSpacing(12)
        self.column.addLayout(self.form)

    def load(self, preferences: InterfacePreferences) -> None:
        """Show PREFERENCES; a page that shows none of them need not override this."""

    def edited(self, preferences: InterfacePreferences) -> InterfacePreferences:
        """Return PREFERENCES with what the page holds."""
        return preferences

    def property_changes(self) -> Mapping[str, str]:
        """Return what differs, by the names of ``system_properties.set_property``."""
        return {}

    @property
    def checking(self) -> bool:
        """True while it is not known yet whether the values are valid."""
        return False

    def problems(self) -> Sequence[Problem]:
        """Return what is wrong with the values."""
        return ()

    def show_level(self, *, expert: bool) -> None:
        """Show the preferences of a level."""
        for entry in self.entries:
            wanted = expert or entry.level is Level.BASIC
            for widget in entry.widgets:
                if self.form.indexOf(widget) >= 0:
                    self.form.setRowVisible(widget, wanted)
                else:
                    widget.setVisible(wanted)

    def has_basic(self) -> bool:
        """Tell whether anything is left of the page at the basic level."""
        return any(entry.level is Level.BASIC for entry in self.entries)

    def add_row(
        self,
        label: str,
        field: QWidget,
        help_text: str,
        *,
        level: Level = Level.BASIC,
        title: str = "",
        focus: QWidget | None = None,
    ) -> None:
        """Append a row to the form.

        Args:
            label: caption with mnemonic and colon; empty for a field that has one of its own.
            field: what is edited.
            help_text: one sentence for tool tip and search.
            level: who sees it.
            title: its name where LABEL does not tell it.
            focus: the part of FIELD that the caption leads to; FIELD itself by default.
        """
        name = title or label.replace("&", "").rstrip(":")
        target = focus or field
        target.setAccessibleName(name)
        target.setAccessibleDescription(help_text)
        field.setToolTip(help_text)
        if label:
            caption = QLabel(label, self)
            caption.setBuddy(target)
            caption.setToolTip(help_text)
            self.form.addRow(caption, field)
        else:
            self.form.addRow("", field)
        self.entries.append(Entry(name, help_text, level, (field,), target))

    def add_note(self, text: str) -> QLabel:
        """Append a sentence below the rows so far."""
        note = QLabel(text, self)
        note.setWordWrap(True)
        note.setTextFormat(Qt.TextFormat.PlainText)
        note.setForegroundRole(note.foregroundRole().PlaceholderText)
        note.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.form.addRow("", note)
        return note
