"""Asks what shall become of a machine whose window is to be closed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.common.dialog_buttons import button_box
from app.common.icons import icon


class CloseAction(StrEnum):
    """What to do; the values are those of ``GUI/LastCloseAction``."""

    DETACH = "Detach"
    SAVE_STATE = "SaveState"
    SHUTDOWN = "Shutdown"
    POWER_OFF = "PowerOff"
    POWER_OFF_RESTORING_SNAPSHOT = "PowerOffRestoringSnapshot"


@dataclass(frozen=True)
class _Option:
    icon: str
    text: str
    explanation: str


_OPTIONS: Final = {
    CloseAction.DETACH: _Option(
        "detach",
        str(QT_TRANSLATE_NOOP("CloseDialog", "&Continue running in the background")),
        str(QT_TRANSLATE_NOOP(
            "CloseDialog",
            "Closes the window only. “Show” in the manager opens it again.",
        )),
    ),
    CloseAction.SAVE_STATE: _Option(
        "save-state",
        str(QT_TRANSLATE_NOOP("CloseDialog", "Sa&ve the machine state")),
        str(QT_TRANSLATE_NOOP(
            "CloseDialog",
            "Writes everything to a file. The machine goes on from there at its next start.",
        )),
    ),
    CloseAction.SHUTDOWN: _Option(
        "acpi-shutdown",
        str(QT_TRANSLATE_NOOP("CloseDialog", "&Send the shutdown signal")),
        str(QT_TRANSLATE_NOOP(
            "CloseDialog",
            "Presses the power button of the machine. The guest shuts down in order, if it "
            "listens.",
        )),
    ),
    CloseAction.POWER_OFF: _Option(
        "power-off",
        str(QT_TRANSLATE_NOOP("CloseDialog", "&Power off the machine")),
        str(QT_TRANSLATE_NOOP(
            "CloseDialog",
            "Like pulling the plug: what the guest has not written to its disks is lost.",
        )),
    ),
}  # fmt: skip
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
        self.setWindowTitle(self.tr("Close Virtual Machine"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._group = QButtonGroup(self)
        self._choices = tuple(action for action in _OPTIONS if action not in left_out)
        self._restores = preferred is CloseAction.POWER_OFF_RESTORING_SNAPSHOT
        self.restore_box = QCheckBox()
        self.restore_box.hide()
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        text = self.tr("The machine “{machine}” is still switched on. What shall happen to it?")
        question = QLabel(text.format(machine=machine))
        question.setTextFormat(Qt.TextFormat.PlainText)
        layout.addWidget(question)
        layout.addLayout(self._build_options(refused))
        buttons = button_box(
            self, QDialogButtonBox.StandardButton.Ok, QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        if self._restores:
            preferred = CloseAction.POWER_OFF
        possible = self._select(preferred, refused)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(possible)
        self.accepted.connect(lambda: self.chosen.emit(self.choice))

    @property
    def choice(self) -> CloseAction:
        """The selected choice."""
        choice = self._choices[self._group.checkedId()]
        if choice is CloseAction.POWER_OFF and self.restore_box.isChecked():
            return CloseAction.POWER_OFF_RESTORING_SNAPSHOT
        return choice

    def offer_restoring(self, snapshot: str) -> None:
        """Offer to go back to the current snapshot after power off; SNAPSHOT is its name."""
        if CloseAction.POWER_OFF not in self._choices:
            return
        button = self.button(CloseAction.POWER_OFF)
        # An ampersand in a caption would mark a mnemonic.
        name = snapshot.replace("&", "&&")
        text = self.tr("&Restore current snapshot “{name}”")
        self.restore_box.setText(text.format(name=name))
        self.restore_box.setEnabled(button.isChecked())
        self.restore_box.setChecked(self._restores)
        button.toggled.connect(self.restore_box.setEnabled)
        self.restore_box.show()

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
            radio = QRadioButton(self.tr(option.text))
            explanation = QLabel(refused.get(action) or self.tr(option.explanation))
            explanation.setIndent(22)
            for widget in (picture, radio, explanation):
                widget.setEnabled(action not in refused)
            self._group.addButton(radio, index)
            grid.addWidget(picture, 2 * index, 0, 2, 1, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(radio, 2 * index, 1)
            grid.addWidget(explanation, 2 * index + 1, 1)
            grid.setRowMinimumHeight(2 * index + 1, explanation.sizeHint().height() + 8)
        grid.addWidget(self.restore_box, 2 * len(self._choices), 1)
        self.restore_box.setStyleSheet("margin-left: 20px")
        grid.setColumnStretch(1, 1)
        return grid

    def _select(
        self, preferred: CloseAction | None, refused: Mapping[CloseAction, str]
    ) -> bool:
        """Select what was chosen last if it can be done; tell whether anything can."""
        allowed = [action for action in self._choices if action not in refused]
        if not allowed:
            return False
        button = self.button(preferred if preferred in allowed else allowed[0])
        button.setChecked(True)
        button.setFocus()
        return True
