"""The veil over the guest's screen while its state is saved or restored, with progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.api.structs import MachineState

_VEIL: Final = QColor(20, 24, 32, 150)
_PLATE_WIDTH: Final = 22  # in average characters


class ProgressVeil(QWidget):
    """Covers its parent while the machine is being saved or restored.

    Args:
        parent: what is covered.
        cancel: gives up saving; returns at once.
    """

    def __init__(self, parent: QWidget, cancel: Callable[[], None]) -> None:
        super().__init__(parent)
        self._covered = parent
        self._cancel = cancel
        plate = QFrame()
        plate.setAutoFillBackground(True)
        plate.setFrameShape(QFrame.Shape.StyledPanel)
        plate.setMinimumWidth(_PLATE_WIDTH * self.fontMetrics().averageCharWidth() * 2)
        self.label = QLabel()
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.button = QPushButton(self.tr("Cancel"))
        self.button.clicked.connect(self._on_cancel)
        inner = QVBoxLayout(plate)
        inner.setContentsMargins(20, 16, 20, 16)
        inner.addWidget(self.label)
        inner.addWidget(self.bar)
        inner.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)
        outer = QVBoxLayout(self)
        outer.addWidget(plate, 0, Qt.AlignmentFlag.AlignCenter)
        parent.installEventFilter(self)
        self.hide()

    @Slot(object)
    def follow(self, state: MachineState) -> None:
        """Appear and go away with the machine's state."""
        saving = state is MachineState.SAVING
        shown = saving or state is MachineState.RESTORING
        if shown and self.isHidden():
            self.bar.setValue(0)
            self.button.setEnabled(True)
            self.button.setVisible(saving)
            self.label.setText(
                self.tr("Saving the state of the machine…")
                if saving
                else self.tr("Restoring the state of the machine…")
            )
            self._cover()
            self.raise_()
        self.setVisible(shown)

    @Slot(int)
    def show_progress(self, percent: int) -> None:
        """Show how far it is."""
        self.bar.setValue(percent)

    @Slot()
    def _on_cancel(self) -> None:
        self.button.setEnabled(False)
        self.label.setText(self.tr("Giving up; the machine goes on in a moment…"))
        self._cancel()

    def _cover(self) -> None:
        self.setGeometry(self._covered.rect())

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Stay as big as what is covered."""
        if event.type() == QEvent.Type.Resize:
            self._cover()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim the guest's screen."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), _VEIL)
