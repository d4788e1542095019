"""Asks what shall become of a machine whose window is to be closed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.common.icons import icon


class CloseAction(StrEnum):
    """What to do; the values are those of ``GUI/LastCloseAction``."""

    DETACH = "Detach"
    SHUTDOWN = "Shutdown"
    POWER_OFF = "PowerOff"


@dataclass(frozen=True)
class _Option:
    icon: str
    text: str
    explanation: str


_OPTIONS: Final = {
    CloseAction.DETACH: _Option(
        "detach",
        "&Continue running in the background",
        "Closes the window only. “Show” in the manager opens it again.",
    ),
    CloseAction.SHUTDOWN: _Option(
        "acpi-shutdown",
        "&Send the shutdown signal",
        "Presses the power button of the machine. The guest shuts down in order, if it listens.",
    ),
    CloseAction.POWER_OFF: _Option(
        "power-off",
        "&Power off the machine",
        "Like pulling the plug: what the guest has not written to its disks is lost.",
    ),
}
_ICON_SIZE: Final = 32


class CloseDialog(QDialog):
    """The choices of closing; remembers nothing itself.

    Args:
        machine: name of the machine.
        preferred: what was chosen last time.
        refused: sentences that tell why a choice cannot be taken now.
        left_out: choices that this window never has.
        parent: the window.

    Signals:
        chosen(CloseAction): the dialog was accepted with this choice.
    """

    chosen = Signal(object)

    def __init__(
        self,
        machine: str,
        preferred: CloseAction | None,
        refused: Mapping[CloseAction, str],
        parent: QWidget | None = None,
        *,
        left_out: Collection[CloseAction] = (),
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Close Virtual Machine")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._group = QButtonGroup(self)
        self._choices = tuple(action for action in CloseAction if action not in left_out)
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        question = QLabel(f"The machine “{machine}” is still switched on. What shall happen to it?")
        question.setTextFormat(Qt.TextFormat.PlainText)
        layout.addWidget(question)
        layout.addLayout(self._build_options(refused))
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self._select(preferred, refused)
        self.accepted.connect(lambda: self.chosen.emit(self.choice))

    @property
    def choice(self) -> CloseAction:
        """The selected choice."""
        return self._choices[self._group.checkedId()]

    def button(self, action: CloseAction) -> QRadioButton:
        """Return the radio button of a choice."""
        button = self._group.button(self._choices.index(action))
        assert isinstance(button, QRadioButton)
        return button

    def _build_options(self, refused: Mapping[CloseAction, str]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(8, 8, 8, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        for index, action in enumerate(self._choices):
            option = _OPTIONS[action]
            picture = QLabel()
            picture.setPixmap(icon(option.icon).pixmap(QSize(_ICON_SIZE, _ICON_SIZE)))
            radio = QRadioButton(option.text)
            explanation = QLabel(refused.get(action, option.explanation))
            explanation.setIndent(22)
            for widget in (picture, radio, explanation):
                widget.setEnabled(action not in refused)
            self._group.addButton(radio, index)
            grid.addWidget(picture, 2 * index, 0, 2, 1, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(radio, 2 * index, 1)
            grid.addWidget(explanation, 2 * index + 1, 1)
            grid.setRowMinimumHeight(2 * index + 1, explanation.sizeHint().height() + 8)
        grid.setColumnStretch(1, 1)
        return grid

    def _select(
        self, preferred: CloseAction | None, refused: Mapping[CloseAction, str]
    ) -> None:
        allowed = [action for action in self._choices if action not in refused]
        choice = preferred if preferred in allowed else allowed[0]
        assert choice is not None
        button = self.button(choice)
        button.setChecked(True)
        button.setFocus()
