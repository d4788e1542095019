"""A combo box over words of the settings files that never loses a word it does not know."""

from PySide6.QtWidgets import QComboBox, QWidget

from app.manager.words import Words, word


class ChoiceBox(QComboBox):
    """Offers WORDS; a stored word outside of them is added while it is shown."""

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        for value in words:
            self.addItem(word(words, value), value)

    @property
    def value(self) -> str:
        """The chosen word as settings files spell it."""
        return str(self.currentData() or "")

    @value.setter
    def value(self, value: str) -> None:
        row = self.findData(value)
        if row < 0:
            self.addItem(word(self._words, value), value)
            row = self.count() - 1
        self.setCurrentIndex(row)
