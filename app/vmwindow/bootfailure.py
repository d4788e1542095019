"""Notices that the firmware has found nothing to boot from, and offers to insert a disc."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.api.errors import ApiError
from app.api.structs import MachineState
from app.common.dialog_buttons import button_box
from app.settings.enums import DeviceType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.console.media import DriveSlot
    from app.vmwindow.window import VmWindow

DIALOG: Final = "BootFailure"
"""Name of the dialog in ``GUI/RestrictedDialogs``."""

PHRASES: Final = ("No bootable device", "No bootable medium", "FATAL: Could not read from the boot")
"""What SeaBIOS and VirtualBox's BIOS write when they give up."""

_LOOK_MILLISECONDS: Final = 1500
_LOOKS: Final = 80  # two minutes: the firmware waits for a key for at most one


class BootFailureDialog(QDialog):
    """Explains, and asks for a disc image.

    Args:
        machine: its name.
        images: offered at once, the best first.
        refusal: why no disc can be inserted; empty when one can.
        parent: the machine's window.

    Signals:
        retry(str): insert this image and boot again; empty: boot again as it is.
        silenced(): never show this dialog again.
    """

    retry = Signal(str)
    silenced = Signal()

    def __init__(
        self, machine: str, images: Sequence[str], refusal: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("{machine}: Nothing to Boot").format(machine=machine))
        words = QLabel(
            self.tr(
                "The machine has found no operating system on any of its disks. To install one, "
                "choose the image of its installation disc (an .iso file); the machine then "
                "starts again from it."
            )
        )
        words.setWordWrap(True)
        self.path = QComboBox()
        self.path.setEditable(True)
        self.path.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.path.addItems(list(images))
        self.path.setAccessibleName(self.tr("Disc image"))
        self.path.setMinimumContentsLength(48)
        choose = QPushButton(self.tr("C&hoose…"))
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose)
        self.silence = QCheckBox(self.tr("Do not &show this again"))
        reason = QLabel(refusal)
        reason.setWordWrap(True)
        reason.setVisible(bool(refusal))
        for widget in (self.path, choose):
            widget.setEnabled(not refusal)
        row = QHBoxLayout()
        row.addWidget(self.path, 1)
        row.addWidget(choose)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addLayout(row)
        layout.addWidget(reason)
        layout.addWidget(self.silence)
        layout.addWidget(self._build_buttons(can_insert=not refusal))
        self.finished.connect(self._on_finished)

    def _build_buttons(self, *, can_insert: bool) -> QDialogButtonBox:
        role = QDialogButtonBox.ButtonRole
        buttons = button_box(self)
        cancel = buttons.addButton(self.tr("Cancel"), role.RejectRole)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.retry_button = buttons.addButton(self.tr("&Mount and Retry Boot"), role.AcceptRole)
        self.retry_button.setDefault(True)
        self.retry_button.clicked.connect(self.accept)

        def check() -> None:
            usable = Path(self.path.currentText()).expanduser().is_file()
            self.retry_button.setEnabled(can_insert and usable)
            self.retry_button.setToolTip("" if usable else self.tr("There is no such file."))

        self.path.editTextChanged.connect(check)
        check()
        return buttons

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a Disc Image"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self.tr("Optical disc images (*.iso *.ISO *.cdr);;All files (*)"))
        if self.path.currentText():
            dialog.selectFile(self.path.currentText())
        dialog.fileSelected.connect(self.path.setEditText)
        dialog.open()

    @Slot(int)
    def _on_finished(self, result: int) -> None:
        if self.silence.isChecked():
            self.silenced.emit()
        if result == QDialog.DialogCode.Accepted:
            self.retry.emit(str(Path(self.path.currentText()).expanduser()))


class BootWatch(QObject):
    """Looks at the screen of a machine that has just been switched on."""

    def __init__(self, window: VmWindow) -> None:
        super().__init__(window)
        self._window = window
        self._looks_left = 0
        self._dialog: BootFailureDialog | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)

    @Slot()
    def begin(self) -> None:
        """The machine boots: look at its screen for a while."""
        if not self._window.preferences.is_restricted(DIALOG):
            self._looks_left = _LOOKS
            self._timer.start()

    def _look(self) -> None:
        window = self._window
        self._looks_left -= 1
        if self._looks_left <= 0 or not window.console.state.is_online:
            self._timer.stop()
        elif window.isVisible() and window.console.state is MachineState.RUNNING:
            window.bridge.run(window.console.screen_text, self._read, self._unread)

    def _read(self, text: str) -> None:
        waiting = self._dialog is None and self._timer.isActive()
        if waiting and any(phrase in text for phrase in PHRASES):
            self._timer.stop()
            self._tell()

    def _unread(self, _error: ApiError) -> None:
        """The machine has just ended, or has no screen."""
        self._timer.stop()

    def _drive(self) -> DriveSlot | None:
        slots = self._window.console.drives
        return next((slot for slot in slots if slot.type is DeviceType.DVD), None)

    def _tell(self) -> None:
        window = self._window
        window.capture.release()
        drive = self._drive()
        refusal = "" if drive else self.tr("The machine has no optical drive to put a disc into.")
        images = window.offers.recent(DeviceType.DVD) if drive else []
        dialog = BootFailureDialog(window.console.machine, images, refusal, window)
        dialog.retry.connect(self._retry)
        dialog.silenced.connect(lambda: window.preferences.restrict(DIALOG))
        dialog.finished.connect(self._gone)
        self._dialog = dialog
        dialog.open()

    @Slot()
    def _gone(self) -> None:
        self._dialog = None

    @Slot(str)
    def _retry(self, image: str) -> None:
        window, drive = self._window, self._drive()
        if drive is None:
            return
        path = Path(image)

        def work() -> None:
            window.console.change_medium(drive, path, force=True)
            window.console.reset()

        def done(_nothing: object) -> None:
            window.offers.remember(DeviceType.DVD, path)
            self.begin()

        window.bridge.run(work, done)
