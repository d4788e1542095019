"""A small button that is an icon; its words are in the tool tip and for assistive programs."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.common.icons import icon


class IconButton(QToolButton):
    """A button with an icon that the keyboard reaches with Tab.

    Args:
        icon_name: see :func:`app.common.icons.icon`.
        tip: what it does.
        flat: without a frame until the pointer is on it.
    """

    def __init__(self, icon_name: str, tip: str, parent: QWidget, *, flat: bool = False) -> None:
        super().__init__(parent)
        self.setIcon(icon(icon_name))
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setAutoRaise(flat)
        # A click leaves the focus where the person works.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)


def list_with_buttons(
    owner: QWidget, items: QWidget, hint: QWidget, buttons: tuple[QToolButton, ...]
) -> None:
    """Lay out a list with the hint below it and the buttons that change it at its side."""
    tools = QVBoxLayout()
    tools.setSpacing(4)
    for button in buttons:
        tools.addWidget(button)
    tools.addStretch(1)
    left = QVBoxLayout()
    left.addWidget(items, 1)
    left.addWidget(hint)
    layout = QHBoxLayout(owner)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addLayout(left, 1)
    layout.addLayout(tools)
