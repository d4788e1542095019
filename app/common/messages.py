"""Message boxes that never stop the event loop of the caller (no nested exec)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QMessageBox, QWidget

from app.common.dialog_buttons import without_icons


@dataclass(frozen=True)
class Choice:
    """One button of a question.

    Attributes:
        text: what the button says, mnemonic included.
        role: where the platform puts it and what Escape means.
        chosen: called when it is pressed; None for a plain Cancel.
        default: Enter presses it.
    """

    text: str
    role: QMessageBox.ButtonRole
    chosen: Callable[[], None] | None = None
    default: bool = False


def show_error(
    parent: QWidget | None, title: str, sentence: str, *, details: str = ""
) -> QMessageBox:
    """Show SENTENCE with an error icon; DETAILS fold out on request."""
    return _show(parent, QMessageBox.Icon.Critical, title, sentence, details)


def show_warning(
    parent: QWidget | None, title: str, sentence: str, *, details: str = ""
) -> QMessageBox:
    """Show SENTENCE with a warning icon; DETAILS fold out on request."""
    return _show(parent, QMessageBox.Icon.Warning, title, sentence, details)


def ask(
    parent: QWidget | None,
    title: str,
    question: str,
    choices: Sequence[Choice],
    *,
    explanation: str = "",
    details: str = "",
    check_box: QCheckBox | None = None,
) -> QMessageBox:
    """Ask QUESTION; the chosen button's callback runs after the box has closed."""
    box = _new_box(parent, QMessageBox.Icon.Question, title, question, details)
    box.setInformativeText(explanation)
    if check_box is not None:
        box.setCheckBox(check_box)
    actions: dict[QAbstractButton, Callable[[], None] | None] = {}
    for choice in choices:
        button = box.addButton(choice.text, choice.role)
        actions[button] = choice.chosen
        if choice.default:
            box.setDefaultButton(button)
        if choice.role == QMessageBox.ButtonRole.RejectRole:
            box.setEscapeButton(button)

    def finished() -> None:
        chosen = actions.get(box.clickedButton())
        if chosen is not None:
            chosen()

    box.finished.connect(finished)
    box.open()
    return box


def _new_box(
    parent: QWidget | None, box_icon: QMessageBox.Icon, title: str, text: str, details: str
) -> QMessageBox:
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(box_icon)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    box.setDetailedText(details)
    box.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return box


def _show(
    parent: QWidget | None, box_icon: QMessageBox.Icon, title: str, text: str, details: str
) -> QMessageBox:
    box = _new_box(parent, box_icon, title, text, details)
    box.setStandardButtons(QMessageBox.StandardButton.Ok)
    without_icons(box)
    box.open()
    return box
