"""The row of buttons below a dialog, without icons.

Qt gives its standard buttons the icons of the desktop's theme, or drawings of its own that are made
for light windows, and buttons with texts of ours none: side by side they look broken.
"""

from __future__ import annotations

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox, QWidget


def button_box(
    parent: QWidget | None, *standard: QDialogButtonBox.StandardButton
) -> QDialogButtonBox:
    """Return a row with STANDARD buttons; buttons with other texts can be added to it."""
    box = QDialogButtonBox(parent)
    for each in standard:
        box.addButton(each)
    without_icons(box)
    return box


def without_icons(box: QDialogButtonBox | QMessageBox) -> None:
    """Take the icons off the buttons that BOX has now."""
    for button in box.buttons():
        button.setIcon(QIcon())
