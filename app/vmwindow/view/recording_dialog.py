"""Asks how the screen shall be recorded; the settings dialog of the manager has the same page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.common.dialog_buttons import button_box
from app.common.icons import icon
from app.settings.display import RecordingScreen

_MAX_RATE_KBPS: Final = 100_000
_MAX_FPS: Final = 60
_MAX_SECONDS: Final = 86_400
_MAX_MEGABYTES: Final = 1_048_576
_MIN_PIXELS: Final = 16
_MAX_PIXELS: Final = 8192


class RecordingDialog(QDialog):
    """Edits the recording of one screen.

    Args:
        screen: as it is now.
        default_file: where a recording without a file of its own goes.
        locked: why nothing can be changed now, a sentence; empty when it can.
        parent: the window.

    Signals:
        changed(RecordingScreen): the dialog was accepted.
    """

    changed = Signal(object)

    def __init__(
        self,
        screen: RecordingScreen,
        default_file: Path,
        locked: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Recording Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._screen = screen
        self._default_file = default_file
        self.file = QLineEdit(screen.file)
        self.file.setPlaceholderText(str(default_file))
        self.file.setMinimumWidth(360)
        pixels = (_MIN_PIXELS, _MAX_PIXELS)
        self.width_box = self._number(screen.width, *pixels, self.tr(" px"))
        self.height_box = self._number(screen.height, *pixels, self.tr(" px"))
        self.fps = self._number(screen.fps, 1, _MAX_FPS, self.tr(" pictures/s"))
        self.rate = self._number(screen.rate_kbps, 16, _MAX_RATE_KBPS, self.tr(" kbit/s"))
        self.max_time = self._number(screen.max_time_s, 0, _MAX_SECONDS, self.tr(" s"))
        self.max_size = self._number(screen.max_size_mb, 0, _MAX_MEGABYTES, self.tr(" MB"))
        for box in (self.max_time, self.max_size):
            box.setSpecialValueText(self.tr("No limit"))
        self._estimate = QLabel()
        self._estimate.setEnabled(False)
        self._build(locked)
        self.rate.valueChanged.connect(self._show_estimate)
        self._show_estimate()
        self.accepted.connect(lambda: self.changed.emit(self.screen_settings()))

    def screen_settings(self) -> RecordingScreen:
        """Return what the fields say."""
        return msgspec.structs.replace(
            self._screen,
            file=self.file.text().strip(),
            width=self.width_box.value(),
            height=self.height_box.value(),
            fps=self.fps.value(),
            rate_kbps=self.rate.value(),
            max_time_s=self.max_time.value(),
            max_size_mb=self.max_size.value(),
        )

    def _build(self, locked: str) -> None:
        form = QFormLayout()
        form.addRow(self.tr("File &path:"), self._with_button(self.file))
        form.addRow(self.tr("Frame &width:"), self.width_box)
        form.addRow(self.tr("Frame &height:"), self.height_box)
        form.addRow(self.tr("&Frame rate:"), self.fps)
        form.addRow(self.tr("&Quality:"), self.rate)
        form.addRow("", self._estimate)
        form.addRow(self.tr("Maximum &time:"), self.max_time)
        form.addRow(self.tr("Maximum &size:"), self.max_size)
        fields = QWidget()
        fields.setLayout(form)
        form.setContentsMargins(0, 0, 0, 0)
        fields.setEnabled(not locked)
        accepting = () if locked else (QDialogButtonBox.StandardButton.Ok,)
        buttons = button_box(self, *accepting, QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        if locked:
            layout.addWidget(QLabel(locked))
        layout.addWidget(fields)
        layout.addWidget(buttons)

    def _with_button(self, field: QLineEdit) -> QWidget:
        button = QToolButton()
        button.setIcon(icon("choose-file"))
        text = self.tr("Choose the file of the recording")
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.clicked.connect(self._choose)
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(field)
        layout.addWidget(button)
        row.setFocusProxy(field)
        return row

    def _choose(self) -> None:
        start = self.file.text() or str(self._default_file)
        dialog = QFileDialog(self, self.tr("File of the Recording"), str(Path(start).parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("WebM video (*.webm)"))
        dialog.setDefaultSuffix("webm")
        # A file that exists stays; the recording takes the next free name.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.selectFile(Path(start).name)
        dialog.fileSelected.connect(self.file.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @staticmethod
    def _number(value: int, least: int, most: int, suffix: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(min(least, value), max(most, value))
        box.setValue(value)
        box.setSuffix(suffix)
        return box

    def _show_estimate(self) -> None:
        megabytes = self.rate.value() * 60 / 8 / 1000
        self._estimate.setText(
            self.tr("About {n:.1f} MB for each minute of a moving picture.").format(n=megabytes)
        )


def open_recording_dialog(
    parent: QWidget,
    screen: RecordingScreen,
    default_file: Path,
    locked: str,
    changed: Callable[[RecordingScreen], None],
) -> RecordingDialog:
    """Show the dialog; CHANGED gets what was chosen."""
    dialog = RecordingDialog(screen, default_file, locked, parent)
    dialog.changed.connect(changed)
    dialog.open()
    return dialog
