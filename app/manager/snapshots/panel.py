"""What is known of the selected snapshot, and what can be changed of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.api.structs import MachineInfo, OsType
from app.common.dialog_buttons import button_box
from app.manager.snapshots.ages import absolute_text
from app.manager.snapshots.information import InformationTree
from app.manager.snapshots.thumbnail import ThumbnailButton
from app.manager.widgets.field_message import FieldMessage
from app.settings.model import MachineSettings, Snapshot


class SnapshotPanel(QTabWidget):
    """Tabs Attributes and Information.

    Attributes:
        name: name of the snapshot; for the current state, that of one to be taken.
        description: what people noted.
        taken: when it was taken.
        thumbnail: what was on the screen.
        information: what the machine was made of.

    Signals:
        apply_requested(str, str, str): a snapshot (UUID) shall have this name and description.
        take_requested(str, str): a snapshot shall be taken with this name and description.
        screenshot_requested(): the thumbnail was pressed.
    """

    apply_requested = Signal(str, str, str)
    take_requested = Signal(str, str)
    screenshot_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._snapshot: Snapshot | None = None
        self._take_problem = ""
        self._is_filling = False
        self.addTab(self._new_attributes(), self.tr("&Attributes"))
        self.information = InformationTree(self)
        self.addTab(self.information, self.tr("&Information"))

    def _new_attributes(self) -> QWidget:
        page = QWidget(self)
        self.name = QLineEdit(page)
        self.name.setMaxLength(255)
        self.name.setAccessibleName(self.tr("Name"))
        self.description = QPlainTextEdit(page)
        self.description.setAccessibleName(self.tr("Description"))
        self.description.setTabChangesFocus(True)
        self.description.setMinimumHeight(44)
        self.taken_label = QLabel(self.tr("Taken:"), page)
        self.taken = QLabel(page)
        self.taken.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.thumbnail = ThumbnailButton(page)
        self.thumbnail.clicked.connect(self.screenshot_requested)
        self.message = FieldMessage(page)
        buttons = button_box(page)
        self.apply_button = QPushButton(self.tr("Appl&y"), page)
        self.reset_button = QPushButton(self.tr("R&eset"), page)
        self.take_button = QPushButton(self.tr("Ta&ke"), page)
        role = QDialogButtonBox.ButtonRole
        buttons.addButton(self.apply_button, role.ApplyRole)
        buttons.addButton(self.take_button, role.ActionRole)
        buttons.addButton(self.reset_button, role.ResetRole)
        self.apply_button.clicked.connect(self._apply)
        self.take_button.clicked.connect(self._take)
        self.reset_button.clicked.connect(self.reset)
        form = QFormLayout()
        form.setVerticalSpacing(8)
        form.addRow(self.tr("&Name:"), self.name)
        form.addRow(self.taken_label, self.taken)
        form.addRow(self.tr("&Description:"), self.description)
        upper = QHBoxLayout()
        upper.addLayout(form, 1)
        upper.addWidget(self.thumbnail, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.addLayout(upper, 1)
        layout.addWidget(self.message)
        layout.addWidget(buttons)
        self.name.textChanged.connect(self._on_edited)
        self.description.textChanged.connect(self._on_edited)
        return page

    # -- showing -------------------------------------------------------------------------------

    def show_subject(
        self,
        machine: MachineInfo,
        settings: MachineSettings,
        os_type: OsType | None,
        snapshot: Snapshot | None,
        *,
        next_name: str,
        take_problem: str,
    ) -> None:
        """Show a snapshot; edits of the same one that were not applied stay.

        Args:
            machine: whose.
            settings: of the machine as it is.
            os_type: guest system of the machine.
            snapshot: what to show; None is the current state.
            next_name: offered for a snapshot of the current state.
            take_problem: why none can be taken now, or an empty string.
        """
        before = self._snapshot
        same = (before.uuid if before else "") == (snapshot.uuid if snapshot else "")
        keeps = same and before is not None and self._is_edited()
        self._snapshot, self._take_problem = snapshot, take_problem
        self._next_name = next_name
        if not keeps:
            self.reset()
        is_state = snapshot is None
        self.apply_button.setVisible(not is_state)
        self.reset_button.setVisible(not is_state)
        self.take_button.setVisible(is_state)
        self.taken.setVisible(not is_state)
        self.taken_label.setVisible(not is_state)
        if snapshot is not None:
            self.taken.setText(absolute_text(snapshot.time_stamp))
        self.information.show_information(machine, settings, os_type, snapshot)
        self._on_edited()

    _next_name = ""

    def reset(self) -> None:
        """Show the snapshot as it is."""
        snapshot = self._snapshot
        self._is_filling = True
        self.name.setText(snapshot.name if snapshot is not None else self._next_name)
        self.description.setPlainText(snapshot.description if snapshot is not None else "")
        self._is_filling = False
        self._on_edited()

    def _is_edited(self) -> bool:
        snapshot = self._snapshot
        return snapshot is not None and (
            self.name.text() != snapshot.name
            or self.description.toPlainText() != snapshot.description
        )

    def _on_edited(self) -> None:
        if self._is_filling:
            return
        problem = "" if self.name.text().strip() else self.tr("A snapshot needs a name.")
        self.message.show_message(problem)
        edited = self._is_edited()
        unchanged = "" if edited else self.tr("Nothing was changed.")
        for button, reason in (
            (self.apply_button, problem or unchanged),
            (self.reset_button, unchanged),
            (self.take_button, problem or self._take_problem),
        ):
            button.setEnabled(not reason)
            button.setToolTip(reason)

    def _apply(self) -> None:
        snapshot = self._snapshot
        if snapshot is not None:
            text = self.description.toPlainText()
            self.apply_requested.emit(snapshot.uuid, self.name.text().strip(), text)

    def _take(self) -> None:
        self.take_requested.emit(self.name.text().strip(), self.description.toPlainText())
