"""Above and below the list of pages: the search box with its results, and Basic / Expert."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.common.icons import icon
from app.manager.settings_dialog.search import find
from app.manager.settings_dialog.spec import Level, Spot

_MOST_RESULTS = 40


class SearchBox(QLineEdit):
    """Line for words; Down goes to the results, Escape empties it.

    Signals:
        down_pressed(): the results should get the focus.
    """

    down_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(self.tr("Search settings"))
        self.setAccessibleName(self.tr("Search settings"))
        self.setToolTip(self.tr("Find any setting by its name or meaning (Ctrl+F)"))
        self.setClearButtonEnabled(True)
        self.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        find_action = QAction(self)
        find_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Find))
        find_action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        find_action.triggered.connect(self._start)
        # An action of the window works wherever the focus is.
        (parent or self).addAction(find_action)

    def _start(self) -> None:
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Down, Escape, and Enter, which would press OK otherwise."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.returnPressed.emit()
        elif event.key() == Qt.Key.Key_Down:
            self.down_pressed.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class SearchResults(QWidget):
    """The settings that were found, or a sentence.

    Signals:
        chosen(object): the Spot of the setting that a person wants to see.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Settings found"))
        self.list.setWordWrap(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.list.setSpacing(1)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.nothing = QLabel(self)
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.nothing, 1)
        self.list.itemActivated.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        self._spots: list[Spot] = []

    def show_results(self, text: str, *, expert: bool) -> None:
        """Show what is found for TEXT; unless EXPERT, those that only experts see are marked."""
        self._spots = list(find(text)[:_MOST_RESULTS])
        self.list.clear()
        for spot in self._spots:
            place = spot.place
            if spot.field.level is Level.EXPERT and not expert:
                place = self.tr("{place} (Expert)").format(place=place)
            item = QListWidgetItem(f"{spot.field.title}\n{place}", self.list)
            item.setToolTip(spot.field.help_text)
        self.list.setVisible(bool(self._spots))
        self.nothing.setHidden(bool(self._spots))
        self.nothing.setText(self.tr("No setting has to do with “{text}”.").format(text=text))

    def choose_first(self) -> None:
        """Choose the first result, if there is one."""
        if self._spots:
            self.chosen.emit(self._spots[0])

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self._spots[self.list.row(item)])


class LevelSwitch(QWidget):
    """The buttons Basic and Expert.

    Signals:
        switched(bool): a person wants to see everything (True), or what most people need.
    """

    switched = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.basic = self._new_button(
            self.tr("&Basic"), self.tr("Show the settings that most people need")
        )
        self.expert = self._new_button(self.tr("&Expert"), self.tr("Show all settings"))
        group = QButtonGroup(self)
        group.setExclusive(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for button in (self.basic, self.expert):
            # In dark windows the shades of the two buttons differ little.
            button.toggled.connect(partial(_set_bold, button))
            group.addButton(button)
            layout.addWidget(button)
        self.basic.setChecked(True)
        self.basic.clicked.connect(lambda: self.switched.emit(False))
        self.expert.clicked.connect(lambda: self.switched.emit(True))

    def _new_button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return button

    @property
    def is_expert(self) -> bool:
        """True while everything is shown."""
        return self.expert.isChecked()

    def show_level(self, *, expert: bool) -> None:
        """Show which level is on."""
        (self.expert if expert else self.basic).setChecked(True)


def _set_bold(button: QToolButton, bold: bool) -> None:
    font = button.font()
    font.setBold(bold)
    button.setFont(font)
