"""Preferences, pages Language, Display and Interface: what the windows look like."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.common.language import ENGLISH, available_languages, language_in_use, language_name
from app.common.preferences import (
    LEAST_GUEST_SIZE,
    LEAST_PERCENT,
    MOST_GUEST_SIZE,
    MOST_PERCENT,
    MOST_SCALE_PERCENT,
    ColorTheme,
    GuestLimit,
    GuestScreenLimit,
    InterfacePreferences,
)
from app.manager.preferences.page import PreferencePage
from app.manager.settings_dialog.spec import Level
from app.manager.widgets.tab_order import lend_focus

_SCALE_STEP = 25
_FONT_STEP = 10


class LanguagePreferences(PreferencePage):
    """The language of the user interface."""

    def __init__(self) -> None:
        super().__init__()
        self.list = QListWidget(self)
        self.list.setAlternatingRowColors(True)
        self.list.setSpacing(1)
        session = language_name(language_in_use(""))
        self._add("", self.tr("Language of the session ({language})").format(language=session))
        for code in available_languages():
            name = language_name(code)
            if code == ENGLISH:
                name = self.tr("{language} (built-in)").format(language=name)
            self._add(code, name)
        self.add_row(
            self.tr("&Language:"),
            self.list,
            self.tr("The language of all texts of Vitrine; messages of guests stay as they are."),
        )
        self.add_note(
            self.tr(
                "The manager changes its language at once. Windows of machines that are open keep "
                "theirs until the machine is started again."
            )
        )
        self.list.currentRowChanged.connect(self.changed)

    def _add(self, code: str, text: str) -> None:
        item = QListWidgetItem(text, self.list)
        item.setData(Qt.ItemDataRole.UserRole, code)

    def load(self, preferences: InterfacePreferences) -> None:
        """Show PREFERENCES; a language that is not installed is kept and shown by its code."""
        codes = [self._code(row) for row in range(self.list.count())]
        if preferences.language not in codes:
            codes.append(preferences.language)
            self._add(preferences.language, language_name(preferences.language))
        self.list.setCurrentRow(codes.index(preferences.language))

    def _code(self, row: int) -> str:
        return str(self.list.item(row).data(Qt.ItemDataRole.UserRole))

    def edited(self, preferences: InterfacePreferences) -> InterfacePreferences:
        """Return PREFERENCES with what the page holds."""
        return replace(preferences, language=self._code(max(0, self.list.currentRow())))


class GuestSizeEditor(QWidget):
    """Automatic, none, or a width and a height."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.kind = QComboBox(self)
        self.kind.addItem(self.tr("Automatic"), GuestLimit.AUTOMATIC)
        self.kind.addItem(self.tr("None"), GuestLimit.NONE)
        self.kind.addItem(self.tr("Hint"), GuestLimit.SIZE)
        self.width_box = self._number(LEAST_GUEST_SIZE[0], MOST_GUEST_SIZE[0], self.tr("Width"))
        self.height_box = self._number(LEAST_GUEST_SIZE[1], MOST_GUEST_SIZE[1], self.tr("Height"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.kind, 1)
        layout.addWidget(self.width_box)
        layout.addWidget(QLabel("×", self))  # noqa: RUF001 - the sign between width and height
        layout.addWidget(self.height_box)
        self.kind.currentIndexChanged.connect(self._follow_kind)
        lend_focus(self, self.kind)
        self._follow_kind()

    def _number(self, least: int, most: int, name: str) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(least, most)
        box.setSuffix(self.tr(" px"))
        box.setAccessibleName(name)
        box.setToolTip(name)
        return box

    def _follow_kind(self) -> None:
        for box in (self.width_box, self.height_box):
            box.setEnabled(self.kind.currentData() == GuestLimit.SIZE)

    @property
    def value(self) -> GuestScreenLimit:
        """The limit."""
        size = self.width_box.value(), self.height_box.value()
        return GuestScreenLimit(GuestLimit(self.kind.currentData()), size)

    @value.setter
    def value(self, limit: GuestScreenLimit) -> None:
        self.kind.setCurrentIndex(self.kind.findData(limit.kind))
        self.width_box.setValue(limit.size[0])
        self.height_box.setValue(limit.size[1])


class DisplayPreferences(PreferencePage):
    """Sizes of windows, texts and guest screens, and what the host's screen does meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.text_scale = self._percent(MOST_PERCENT, _FONT_STEP)
        self.scale = self._percent(MOST_SCALE_PERCENT, _SCALE_STEP)
        self.guest_scale = self._percent(MOST_SCALE_PERCENT, _SCALE_STEP)
        self.limit = GuestSizeEditor(self)
        self.raise_hovered = QCheckBox(self.tr("&Raise Window Under Mouse Pointer"), self)
        self.screen_saver = QCheckBox(self.tr("Disable Host Screen &Saver"), self)
        self.add_row(
            self.tr("F&ont Scaling:"),
            self.text_scale,
            self.tr("How large the texts of Vitrine's windows are."),
        )
        self.add_row(
            self.tr("&Window Scaling:"),
            self.scale,
            self.tr("How large everything in Vitrine's windows is; obeyed at the next start."),
        )
        self._restart_note = self.add_note(
            self.tr("The new size of windows will be seen when Vitrine is started again.")
        )
        self.add_row(
            self.tr("Scale &Factor:"),
            self.guest_scale,
            self.tr("How large the screens of guests are shown that have no factor of their own."),
            level=Level.EXPERT,
        )
        self.add_row(
            self.tr("&Maximum Guest Screen Size:"),
            self.limit,
            self.tr("The largest screen that guests choose by themselves."),
            level=Level.EXPERT,
            focus=self.limit.kind,
        )
        self.add_row(
            "",
            self.raise_hovered,
            self.tr("The window of a machine comes to the front when the pointer enters it."),
            level=Level.EXPERT,
            title=self.tr("Raise Window Under Mouse Pointer"),
        )
        self.add_row(
            "",
            self.screen_saver,
            self.tr("The screen saver of this computer rests while a machine runs."),
            title=self.tr("Disable Host Screen Saver"),
        )
        self._loaded_scale = LEAST_PERCENT
        self._connect()

    def _percent(self, most: int, step: int) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(LEAST_PERCENT, most)
        box.setSingleStep(step)
        box.setSuffix(self.tr(" %"))
        return box

    def _connect(self) -> None:
        for box in (
            self.text_scale, self.scale, self.guest_scale,
            self.limit.width_box, self.limit.height_box,
        ):  # fmt: skip
            box.valueChanged.connect(self._on_changed)
        self.limit.kind.currentIndexChanged.connect(self._on_changed)
        self.raise_hovered.toggled.connect(self._on_changed)
        self.screen_saver.toggled.connect(self._on_changed)

    def _on_changed(self) -> None:
        waits = self.scale.value() != self._loaded_scale
        self.form.setRowVisible(self._restart_note, waits)
        self.changed.emit()

    def load(self, preferences: InterfacePreferences) -> None:
        """Show PREFERENCES."""
        self._loaded_scale = preferences.scale_percent
        self.text_scale.setValue(preferences.font_percent)
        self.scale.setValue(preferences.scale_percent)
        self.guest_scale.setValue(preferences.guest_scale_percent)
        self.limit.value = preferences.guest_limit
        self.raise_hovered.setChecked(preferences.raise_hovered)
        self.screen_saver.setChecked(preferences.no_screen_saver)
        self._on_changed()

    def edited(self, preferences: InterfacePreferences) -> InterfacePreferences:
        """Return PREFERENCES with what the page holds."""
        limit = self.limit.value
        if limit.kind is not GuestLimit.SIZE:
            limit = replace(limit, size=preferences.guest_limit.size)
        return replace(
            preferences,
            font_percent=self.text_scale.value(),
            scale_percent=self.scale.value(),
            guest_scale_percent=self.guest_scale.value(),
            guest_limit=limit,
            raise_hovered=self.raise_hovered.isChecked(),
            no_screen_saver=self.screen_saver.isChecked(),
        )


class InterfacePage(PreferencePage):
    """The colours of the windows."""

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self.themes: dict[ColorTheme, QRadioButton] = {}
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        for theme, text in (
            (ColorTheme.AUTO, self.tr("&Follow the system")),
            (ColorTheme.LIGHT, self.tr("&Light")),
            (ColorTheme.DARK, self.tr("&Dark")),
        ):
            button = QRadioButton(text, holder)
            self._group.addButton(button)
            column.addWidget(button)
            self.themes[theme] = button
        self.add_row(
            self.tr("Color Theme:"),
            holder,
            self.tr("Dark text on light windows, or light text on dark ones; all windows follow."),
            focus=self.themes[ColorTheme.AUTO],
        )
        for button in self.themes.values():
            button.setAccessibleName(button.text().replace("&", ""))
        lend_focus(holder, self.themes[ColorTheme.AUTO])
        self._group.buttonClicked.connect(self.changed)

    def load(self, preferences: InterfacePreferences) -> None:
        """Show PREFERENCES."""
        self.themes[preferences.theme].setChecked(True)

    def edited(self, preferences: InterfacePreferences) -> InterfacePreferences:
        """Return PREFERENCES with what the page holds."""
        chosen = next((theme for theme, b in self.themes.items() if b.isChecked()), ColorTheme.AUTO)
        return replace(preferences, theme=chosen)
