"""A window beside the machine's that shows the engine's information items, for reading only."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.common.application import PRODUCT
from app.common.dialog_buttons import button_box

if TYPE_CHECKING:
    from app.api.errors import ApiError
    from app.console.console import Console
    from app.vmwindow.bridge import ConsoleBridge

_SIZE: Final = QSize(900, 560)
_LIST_WIDTH: Final = 180
_NAME: Final = Qt.ItemDataRole.UserRole


class InformationWindow(QDialog):
    """Items on the left, the text of the chosen one on the right.

    Args:
        console: the machine's console.
        bridge: asks the engine off the UI thread.
        parent: the machine's window.
    """

    def __init__(self, console: Console, bridge: ConsoleBridge, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"{console.machine} - {self.tr('Information Items')} - {PRODUCT}")
        self.resize(_SIZE)
        self._console = console
        self._bridge = bridge
        self._wanted = ""
        self.items = QListWidget()
        self.items.setAccessibleName(self.tr("Information items"))
        self.arguments = QLineEdit()
        self.arguments.setPlaceholderText(self.tr("for stats: a pattern such as /Devices/*"))
        self.arguments.setClearButtonEnabled(True)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(self.tr("Text of the item"))
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._lay_out()
        self.items.currentItemChanged.connect(self._on_item)
        self.arguments.returnPressed.connect(self.refresh)
        bridge.run(partial(self._ask, "help", ""), self._fill_items, self._on_failed)

    def _lay_out(self) -> None:
        label = QLabel(self.tr("&Arguments:"))
        label.setBuddy(self.arguments)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.arguments)
        right = QWidget()
        right_layout = QVBoxLayout(right)
        right_layout.setContentsMargins(0, 0, 0, 0)
        right_layout.addLayout(row)
        right_layout.addWidget(self.text)
        splitter = QSplitter()
        splitter.addWidget(self.items)
        splitter.addWidget(right)
        splitter.setSizes([_LIST_WIDTH, _SIZE.width() - _LIST_WIDTH])
        splitter.setStretchFactor(1, 1)
        buttons = button_box(self, QDialogButtonBox.StandardButton.Close)
        refresh = buttons.addButton(
            self.tr("&Refresh"), QDialogButtonBox.ButtonRole.ActionRole
        )
        # Enter in the field asks anew; no button shall answer it, too.
        for button in buttons.buttons():
            button.setAutoDefault(False)  # type: ignore[attr-defined]
        refresh.clicked.connect(self.refresh)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(splitter)
        layout.addWidget(buttons)

    # ------------------------------------------------------------------ items

    def show_item(self, name: str) -> None:
        """Show an item, as soon as the items are known."""
        self._wanted = name
        for row in range(self.items.count()):
            if self.items.item(row).data(_NAME) == name:
                self.items.setCurrentRow(row)

    def _ask(self, name: str, arguments: str) -> str:
        return self._console.vm.info(name, arguments)

    def _fill_items(self, overview: str) -> None:
        """Take the items from the text that lists them: a name, spaces, a sentence."""
        for line in overview.splitlines():
            name, _, sentence = line.partition(" ")
            item = QListWidgetItem(name)
            item.setData(_NAME, name)
            item.setToolTip(sentence.strip())
            self.items.addItem(item)
        self.show_item(self._wanted)

    def _on_item(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._wanted = item.data(_NAME)
            self.arguments.clear()
            self.refresh()

    def refresh(self) -> None:
        """Ask the engine for the item again."""
        name = self._wanted
        self._bridge.run(
            partial(self._ask, name, self.arguments.text().strip()),
            partial(self._show_text, name),
            self._on_failed,
        )

    def _show_text(self, name: str, text: str) -> None:
        # Another one may have been chosen meanwhile.
        if name == self._wanted:
            place = self.text.verticalScrollBar().value()
            self.text.setPlainText(text)
            self.text.verticalScrollBar().setValue(place)

    def _on_failed(self, error: ApiError) -> None:
        self.text.setPlainText(error.message)
