"""A page of the settings dialog, made from its declaration when it is shown for the first time."""

from collections.abc import Collection, Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QFormLayout,
    QFrame,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.manager.settings_dialog.context import DialogContext
from app.manager.settings_dialog.fields.editor import Editor
from app.manager.settings_dialog.fields.simple import Switch, TextSwitch
from app.manager.settings_dialog.row import FieldRow
from app.manager.settings_dialog.spec import FieldSpec, PageSpec, TabSpec, translated
from app.manager.widgets.mnemonics import carriers_in, mnemonic, with_mnemonics


class SettingsTab(QWidget):
    """The rows of a tab.

    Args:
        context: what the dialog is about.
        spec: what is on the tab.
        taken: letters of what is seen beside the tab.
        parent: owns it.
    """

    def __init__(
        self, context: DialogContext, spec: TabSpec, taken: Collection[str], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.spec = spec
        self.rows: list[FieldRow] = []
        # A heading, and the rows below it.
        self._headings: list[tuple[QLabel, list[FieldRow]]] = []
        self.form = QFormLayout(self)
        self.form.setVerticalSpacing(8)
        self.form.setHorizontalSpacing(12)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for row in spec.rows:
            if isinstance(row, FieldSpec):
                self._add_row(context, row)
            else:
                self._add_heading(translated(row.text))
        self._set_mnemonics(taken)

    def _add_row(self, context: DialogContext, spec: FieldSpec) -> None:
        row = FieldRow(context, spec, self)
        row.add_to(self.form)
        self.rows.append(row)
        if self._headings:
            self._headings[-1][1].append(row)
        if spec.wide and row.editor.expands:
            row.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        else:
            row.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _add_heading(self, text: str) -> None:
        label = QLabel(text, self)
        font = label.font()
        font.setBold(True)
        label.setFont(font)
        label.setContentsMargins(0, 6, 0, 0)
        self.form.addRow(label)
        self._headings.append((label, []))

    def _set_mnemonics(self, taken: Collection[str]) -> None:
        """Let Alt with a letter reach as many settings as there are letters."""
        carriers: list[QLabel | QAbstractButton] = []
        for row in self.rows:
            is_switch = isinstance(row.editor, Switch | TextSwitch)
            carriers.append(row.editor.box if is_switch else row.caption)  # type: ignore[attr-defined]
        inside = [each for row in self.rows for each in carriers_in(row.editor)]
        inner = {mnemonic(each.text()) for each in inside if each not in carriers}
        # Captions are plain texts, in which an ampersand marks nothing yet.
        texts = (carrier.text().replace("&", "&&") for carrier in carriers)
        for carrier, text in zip(carriers, with_mnemonics(texts, {*taken, *inner}), strict=True):
            carrier.setText(text)

    def refresh(self, *, expert: bool) -> None:
        """Show what is to be shown, as it is now."""
        for row in self.rows:
            wanted = row.is_wanted(expert=expert)
            if self.form.isRowVisible(row) != wanted:
                self.form.setRowVisible(row, wanted)
            if wanted:
                row.update_state()
        for label, rows in self._headings:
            self.form.setRowVisible(label, any(row.is_wanted(expert=expert) for row in rows))


class SettingsPage(QWidget):
    """The tabs of a page.

    Args:
        context: what the dialog is about.
        spec: what is on the page.
        taken: letters of what is seen beside the page.
    """

    def __init__(
        self, context: DialogContext, spec: PageSpec, taken: Collection[str] = ()
    ) -> None:
        super().__init__()
        self.spec = spec
        self._context = context
        self.tabs: QTabWidget | None = QTabWidget(self) if len(spec.tabs) > 1 else None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._made: dict[int, SettingsTab] = {}
        self._expert = False
        titles = with_mnemonics((translated(tab.title) for tab in spec.tabs), taken)
        self._taken = {*taken, *map(mnemonic, titles)}
        if self.tabs is None:
            layout.addWidget(self._make(0))
            return
        self.tabs.tabBar().setAccessibleName(translated(spec.title))
        self._holders: list[QScrollArea] = []
        for title in titles:
            holder = QScrollArea(self.tabs)
            holder.setFrameShape(QFrame.Shape.NoFrame)
            holder.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            holder.setWidgetResizable(True)
            holder.viewport().setAutoFillBackground(False)
            self.tabs.addTab(holder, title)
            self._holders.append(holder)
        self.tabs.currentChanged.connect(self._show_tab)
        self._show_tab(0)
        layout.addWidget(self.tabs)

    def _make(self, number: int) -> SettingsTab:
        tab = self._made[number] = SettingsTab(
            self._context, self.spec.tabs[number], self._taken, self
        )
        if self._context.draft.is_loaded:
            for row in tab.rows:
                row.show_setting()
            tab.refresh(expert=self._expert)
        return tab

    def _show_tab(self, number: int) -> None:
        if number >= 0 and number not in self._made:
            tab = self._make(number)
            self._holders[number].setWidget(tab)
            tab.setAutoFillBackground(False)

    def rows(self) -> Iterator[FieldRow]:
        """Return the rows of all tabs that have been made."""
        for tab in self._made.values():
            yield from tab.rows

    def row(self, path: str) -> FieldRow:
        """Return the row of the setting PATH; its tab is made when it was not.

        Raises:
            LookupError: the page has no such setting.
        """
        for number, tab in enumerate(self.spec.tabs):
            if any(field.path == path for field in tab.fields):
                made = self._made.get(number)
                if made is None:
                    self._show_tab(number)
                    made = self._made[number]
                return next(row for row in made.rows if row.spec.path == path)
        raise LookupError(f"The page {self.spec.name!r} has no setting {path!r}.")

    def editor(self, path: str) -> Editor:
        """Return the editor of the setting PATH."""
        return self.row(path).editor

    def show_field(self, path: str) -> None:
        """Bring the setting PATH to the front and give it the focus."""
        row = self.row(path)
        if self.tabs is not None:
            for number, tab in self._made.items():
                if row in tab.rows:
                    self.tabs.setCurrentIndex(number)
        row.editor.first_field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def load(self) -> None:
        """Show the settings that are edited from now on."""
        for row in self.rows():
            row.show_setting()

    def refresh(self, *, expert: bool) -> None:
        """Show what is to be shown, as it is now."""
        self._expert = expert
        for tab in self._made.values():
            tab.refresh(expert=expert)
        if self.tabs is not None:
            for number, spec in enumerate(self.spec.tabs):
                self.tabs.setTabVisible(number, spec.is_shown(expert=expert))
