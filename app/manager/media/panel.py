"""What is known of the selected medium, and what can be changed of it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.api.structs import DeviceType, MediumFormatInfo, MediumInfo, MediumState
from app.common.dialog_buttons import button_box
from app.manager.media.words import (
    MEDIUM_TYPES,
    TYPE_HELP,
    details_text,
    size_texts,
    translated,
    type_text,
    uses_text,
)
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.file_picker import FilePicker, PickMode
from app.manager.widgets.size_editor import MAX_DISK_BYTES, SizeEditor
from app.settings.enums import MediumType

# Hard disks only; a type that an older version stored is offered in addition.
_OFFERED = (
    MediumType.NORMAL, MediumType.IMMUTABLE, MediumType.WRITETHROUGH, MediumType.SHAREABLE,
    MediumType.MULTI_ATTACH,
)  # fmt: skip


@dataclass(frozen=True)
class MediumEdit:
    """What is to be changed of a medium; None leaves it as it is.

    Attributes:
        type: behaviour with snapshots and sharing.
        path: where the image file shall be.
        description: what people noted.
        size: bytes that the guest shall see.
    """

    type: str | None = None
    path: str | None = None
    description: str | None = None
    size: int | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing is to be changed."""
        return self == MediumEdit()


class MediumPanel(QWidget):
    """Tabs Attributes and Information.

    Attributes:
        type: behaviour with snapshots and sharing.
        location: path of the image.
        description: what people noted.
        disk_size: bytes that the guest sees; larger means resizing.

    Signals:
        apply_requested(object, object): the MediumInfo shall be changed by this MediumEdit.
        edited(): there is something to apply, or nothing any more.
    """

    apply_requested = Signal(object, object)
    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._medium: MediumInfo | None = None
        self._format: MediumFormatInfo | None = None
        self._shown_size = 0
        self._is_filling = False
        self._values: dict[str, QLabel] = {}
        self.hint = QLabel(self.tr("Select a medium to see what is known of it."), self)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setWordWrap(True)
        self.tabs = QTabWidget(self)
        self.tabs.addTab(self._new_attributes(), self.tr("&Attributes"))
        self.tabs.addTab(_scrolling(self._new_information()), self.tr("&Information"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.hint, 1)
        layout.addWidget(self.tabs, 1)
        self.show_medium(None, None)

    def _new_attributes(self) -> QWidget:
        page, fields = QWidget(self), QWidget(self)
        self.type = QComboBox(page)
        self.type.setAccessibleName(self.tr("Type"))
        self.type_help = FieldMessage(page)
        self.location = FilePicker(
            PickMode.SAVE_FILE, title=self.tr("Location of the image file"), parent=page
        )
        self.description = QPlainTextEdit(page)
        self.description.setAccessibleName(self.tr("Description"))
        self.description.setTabChangesFocus(True)
        self.description.setMinimumHeight(40)
        self.description.setMaximumHeight(60)
        self.disk_size = SizeEditor(page)
        self.disk_size.set_accessible_name(self.tr("Size"))
        self.message = FieldMessage(page)
        self.buttons = button_box(page)
        self.apply_button = self._new_button(
            self.tr("Appl&y"), QDialogButtonBox.ButtonRole.ApplyRole, self._apply
        )
        self.reset_button = self._new_button(
            self.tr("R&eset"), QDialogButtonBox.ButtonRole.ResetRole, self.reset
        )
        self.form = QFormLayout()
        self.form.setVerticalSpacing(8)
        fields_layout = QVBoxLayout(fields)
        fields_layout.setContentsMargins(12, 10, 12, 8)
        fields_layout.addLayout(self.form)
        fields_layout.addStretch(1)
        self.form.addRow(self.tr("&Type:"), self.type)
        self.form.addRow("", self.type_help)
        self.form.addRow(self.tr("&Location:"), self.location)
        self.form.addRow(self.tr("Des&cription:"), self.description)
        self.form.addRow(self.tr("&Size:"), self.disk_size)
        # What was changed, and whether it can be applied, is seen whatever the height.
        footer = QVBoxLayout()
        footer.setContentsMargins(12, 4, 12, 8)
        footer.addWidget(self.message)
        footer.addWidget(self.buttons)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(_scrolling(fields), 1)
        layout.addLayout(footer)
        self.type.currentIndexChanged.connect(self._on_edited)
        self.location.path_changed.connect(self._on_edited)
        self.description.textChanged.connect(self._on_edited)
        self.disk_size.value_changed.connect(self._on_edited)
        return page

    def _new_button(
        self, text: str, role: QDialogButtonBox.ButtonRole, slot: object
    ) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(slot)
        self.buttons.addButton(button, role)
        return button

    def _new_information(self) -> QWidget:
        page = QWidget(self)
        form = QFormLayout(page)
        form.setContentsMargins(12, 10, 12, 8)
        form.setVerticalSpacing(6)
        for key, caption in (
            ("type", self.tr("Type:")),
            ("format", self.tr("Format:")),
            ("virtual", self.tr("Virtual Size:")),
            ("actual", self.tr("Actual Size:")),
            ("details", self.tr("Storage Details:")),
            ("location", self.tr("Location:")),
            ("uses", self.tr("Attached To:")),
            ("id", self.tr("UUID:")),
        ):
            value = QLabel(page)
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setWordWrap(True)
            value.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            value.setAccessibleName(caption.rstrip(":"))
            form.addRow(caption, value)
            self._values[key] = value
        self.problem = FieldMessage(page)
        form.addRow(self.problem)
        return page

    # -- showing -------------------------------------------------------------------------------

    @property
    def medium(self) -> MediumInfo | None:
        """The medium that is shown."""
        return self._medium

    def text(self, key: str) -> str:
        """Return a value of the tab Information: format, virtual, actual, uses, id..."""
        return self._values[key].text()

    def show_medium(self, medium: MediumInfo | None, fmt: MediumFormatInfo | None) -> None:
        """Show MEDIUM; edits of the same medium that were not applied stay.

        Args:
            medium: what to show; None: nothing is selected.
            fmt: its format, None when that is not known.
        """
        if medium == self._medium and fmt == self._format and medium is not None:
            return
        old, pending = self._medium, self.edit()
        self._medium, self._format = medium, fmt
        self.hint.setVisible(medium is None)
        self.tabs.setVisible(medium is not None)
        if medium is None:
            return
        self._fill(medium)
        if old is not None and old.id == medium.id:
            self._take(pending)
        self._on_edited()

    def _fill(self, medium: MediumInfo) -> None:
        self._is_filling = True
        is_disk = medium.device_type is DeviceType.HARD_DISK
        self.form.setRowVisible(self.type, is_disk)
        # Nobody knows the size of an image that cannot be read.
        self.form.setRowVisible(self.disk_size, is_disk and not self._is_broken)
        self._fill_types(medium)
        self.location.path = medium.path
        self.description.setPlainText(medium.description)
        self.disk_size.set_maximum(max(MAX_DISK_BYTES, medium.logical_size))
        self.disk_size.value = medium.logical_size
        self._shown_size = self.disk_size.value
        virtual, actual = size_texts(medium)
        for key, text in (
            ("type", type_text(medium)),
            ("format", medium.format),
            ("virtual", virtual),
            ("actual", actual),
            ("details", details_text(medium) if is_disk else self.tr("Image file")),
            # Labels break lines at blanks only; an invisible one after each slash lets paths wrap.
            ("location", medium.path.replace("/", "/\u200b")),
            ("uses", uses_text(medium)),
            ("id", medium.id),
        ):
            self._values[key].setText(text)
        self.problem.show_message(medium.access_error)
        self._explain_disabled(medium)
        self._is_filling = False

    def _fill_types(self, medium: MediumInfo) -> None:
        self.type.clear()
        if medium.parent_id:
            self.type.addItem(type_text(medium), medium.type)
            return
        offered = [str(each) for each in _OFFERED]
        for name in offered if medium.type in offered else [*offered, medium.type]:
            self.type.addItem(translated(MEDIUM_TYPES.get(name, name)), name)
        self.type.setCurrentIndex(self.type.findData(medium.type))

    def _explain_disabled(self, medium: MediumInfo) -> None:
        broken = medium.state is MediumState.INACCESSIBLE
        locked = medium.state in {MediumState.LOCKED_READ, MediumState.LOCKED_WRITE}
        busy = self.tr("The image is in use.") if locked else ""
        type_reason = busy
        if medium.parent_id:
            type_reason = self.tr("A differencing image follows the type of its base.")
        elif len(medium.uses) > 1:
            type_reason = self.tr("Several machines use it; release it first.")
        size_reason = busy
        if broken:
            size_reason = self.tr("The image is inaccessible.")
        elif medium.children:
            size_reason = self.tr("Other images build on it.")
        elif self._format is not None and not self._format.maintained:
            size_reason = self.tr("Images of the format {name} cannot be resized.").format(
                name=medium.format
            )
        for widget, reason in (
            (self.type, type_reason), (self.disk_size, size_reason), (self.location, busy)
        ):  # fmt: skip
            widget.setEnabled(not reason)
            widget.setToolTip(reason)

    # -- editing -------------------------------------------------------------------------------

    def edit(self) -> MediumEdit:
        """Return what differs from the medium as it is."""
        medium = self._medium
        if medium is None:
            return MediumEdit()
        chosen = self.type.currentData()
        text = self.description.toPlainText()
        return MediumEdit(
            type=chosen if self.type.isEnabled() and chosen != medium.type else None,
            path=self.location.path if self.location.path != medium.path else None,
            description=text if text != medium.description else None,
            size=self.disk_size.value if self.disk_size.value != self._shown_size else None,
        )

    def reset(self) -> None:
        """Show the medium as it is."""
        if self._medium is not None:
            self._fill(self._medium)
            self._on_edited()

    def _take(self, edit: MediumEdit) -> None:
        if edit.type is not None and self.type.isEnabled():
            self.type.setCurrentIndex(self.type.findData(edit.type))
        if edit.path is not None and self.location.isEnabled():
            self.location.path = edit.path
        if edit.description is not None:
            self.description.setPlainText(edit.description)
        if edit.size is not None and self.disk_size.isEnabled():
            self.disk_size.value = edit.size

    def _problem(self, edit: MediumEdit) -> str:
        medium = self._medium
        if medium is None:
            return ""
        if edit.path is not None and not edit.path.startswith(("/", "\\\\")) and (
            edit.path[1:3] not in {":\\", ":/"}
        ):
            return self.tr("The location must be a complete path.")
        if edit.size is not None and edit.size < medium.logical_size:
            return self.tr("A disk can be made larger, but not smaller.")
        return ""

    def _note(self, edit: MediumEdit) -> str:
        if edit.path is not None and self._is_broken:
            return self.tr("The image is looked for at the new location; no file is moved.")
        if edit.size is not None:
            return self.tr(
                "The disk becomes larger, not the partitions on it; a tool of the guest system "
                "extends those."
            )
        return ""

    @property
    def _is_broken(self) -> bool:
        return self._medium is not None and self._medium.state is MediumState.INACCESSIBLE

    def _on_edited(self) -> None:
        if self._is_filling:
            return
        help_text = ""
        if self._medium is not None and not self._medium.parent_id:
            help_text = TYPE_HELP.get(self.type.currentData() or "", "")
        self.type_help.show_message(translated(help_text) if help_text else "", Severity.NOTE)
        edit = self.edit()
        problem = self._problem(edit)
        severity = Severity.ERROR if problem else Severity.NOTE
        note = self._note(edit)
        if not problem and not note and self._medium is not None:
            note, severity = self._medium.access_error, Severity.WARNING
        self.message.show_message(problem or note, severity)
        unchanged = self.tr("Nothing was changed.") if edit.is_empty else ""
        self.apply_button.setEnabled(not problem and not edit.is_empty)
        self.apply_button.setToolTip(problem or unchanged)
        self.reset_button.setEnabled(not edit.is_empty)
        self.reset_button.setToolTip(unchanged)
        self.edited.emit()

    def _apply(self) -> None:
        if self._medium is not None:
            self.apply_requested.emit(self._medium, self.edit())


def _scrolling(page: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidget(page)
    # Both would paint the colour of windows over that of tabs.
    area.viewport().setAutoFillBackground(False)
    page.setAutoFillBackground(False)
    return area
