"""The dialog in which a medium is chosen for a drive."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.api.errors import ApiError, ErrorCode
from app.api.qtclient import QtCall
from app.api.structs import DeviceType, MediumInfo
from app.common.dialog_buttons import button_box
from app.common.icons import icon
from app.manager.media.commands import image_filter, new_creation_dialog
from app.manager.media.orders import Order
from app.manager.media.store import MediaStore
from app.manager.media.tree import MediumTree
from app.manager.media.words import (
    ADD_TITLES,
    CHOOSE_TITLES,
    EMPTY_TEXTS,
    file_name,
    translated,
)
from app.manager.service_link import ServiceLink
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.file_picker import PickMode, new_file_dialog

_LEAST_WIDTH: Final = 560


class MediumSelector(QDialog):
    """Known media in two groups, Attached and Not Attached; new ones can be added and created.

    Args:
        link: calls the service.
        kind: which media are offered.
        unavailable: why media, by their UUIDs, cannot be chosen.
        can_leave_empty: offer to leave the drive empty.
        current: UUID of the medium that is in the drive.
        folder: where images are looked for and made at first; default: that of the machines.
        stem: suggested name of a new image, without extension; default: a general one.
        parent: window that the dialog belongs to.

    Signals:
        medium_chosen(object): the MediumInfo that was chosen; the dialog closes.
        left_empty(): the drive shall be empty; the dialog closes.
    """

    medium_chosen = Signal(object)
    left_empty = Signal()

    def __init__(
        self,
        link: ServiceLink,
        kind: DeviceType,
        parent: QWidget | None = None,
        *,
        unavailable: Mapping[str, str] | None = None,
        can_leave_empty: bool = False,
        current: str = "",
        folder: str = "",
        stem: str = "",
    ) -> None:
        super().__init__(parent)
        self._link = link
        self._kind = kind
        self._unavailable = dict(unavailable or {})
        self._folder = folder
        self._stem = stem
        self._wanted = current
        self._work: QtCall | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(translated(CHOOSE_TITLES[kind]))
        self.store = MediaStore(link, (kind,), self)
        self.add_button = self._new_tool("medium-add", self.tr("&Add…"))
        self.create_button = self._new_tool("medium-create", self.tr("&Create…"))
        self.refresh_button = self._new_tool("refresh", self.tr("Re&fresh"))
        if kind is DeviceType.DVD:
            self.create_button.setEnabled(False)
            self.create_button.setToolTip(
                self.tr("This version cannot make optical disks; add an image file instead.")
            )
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search by name or UUID"))
        self.search.setAccessibleName(self.tr("Search by name or UUID"))
        self.search.setClearButtonEnabled(True)
        self.tree = MediumTree(self)
        self.tree.setAccessibleName(self.tr("Media"))
        self.tree.hide()
        self.note = QLabel(self.tr("Looking at the media…"), self)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.note.setWordWrap(True)
        self.message = FieldMessage(self)
        self.progress = QProgressBar(self)
        self.progress.setAccessibleName(self.tr("Progress"))
        self.progress.hide()
        self._build(can_leave_empty=can_leave_empty)
        self._connect()
        self._show_selected()

    def _new_tool(self, icon_name: str, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(icon_name))
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _build(self, *, can_leave_empty: bool) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(6)
        for button in (self.add_button, self.create_button, self.refresh_button):
            tools.addWidget(button)
        tools.addSpacing(12)
        tools.addWidget(self.search, 1)
        buttons = button_box(self, QDialogButtonBox.StandardButton.Cancel)
        self.choose_button = buttons.addButton(
            self.tr("C&hoose"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.empty_button: QPushButton | None = None
        if can_leave_empty:
            self.empty_button = buttons.addButton(
                self.tr("Leave &Empty"), QDialogButtonBox.ButtonRole.ActionRole
            )
            self.empty_button.clicked.connect(self._leave_empty)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(10)
        layout.addLayout(tools)
        layout.addWidget(self.note, 1)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.message)
        layout.addWidget(self.progress)
        layout.addWidget(buttons)
        self.resize(_LEAST_WIDTH, 420)

    def _connect(self) -> None:
        self.add_button.clicked.connect(self._add)
        self.create_button.clicked.connect(self._create)
        self.refresh_button.clicked.connect(self.store.refresh)
        self.search.textChanged.connect(self._fill)
        self.store.changed.connect(self._fill)
        self.store.failed.connect(self.message.show_message)
        self.tree.medium_selected.connect(self._show_selected)
        self.tree.medium_activated.connect(self.accept)

    # -- what is shown -------------------------------------------------------------------------

    def _fill(self) -> None:
        if not self.store.is_loaded(self._kind):
            return
        media = self.store.media(self._kind)
        wanted = self.search.text().strip().casefold()
        found = [each for each in media if _matches(each, wanted)] if wanted else list(media)
        attached, free = split_by_use(found)
        self.tree.show_groups(
            ((self.tr("Attached"), attached), (self.tr("Not Attached"), free)), self._unavailable
        )
        self.tree.setVisible(bool(found))
        self.note.setVisible(not found)
        self.note.setText(
            self.tr("No medium matches “{text}”.").format(text=self.search.text())
            if media
            else translated(EMPTY_TEXTS[self._kind])
        )
        if self._wanted and self.tree.select_medium(self._wanted):
            self._wanted = ""
        elif wanted and self.tree.current_medium() is None:
            self.tree.select_first()
        self._show_selected()

    def _show_selected(self) -> None:
        medium = self.tree.current_medium()
        busy = self._work is not None
        self.choose_button.setEnabled(medium is not None and not busy)
        self.choose_button.setToolTip("" if medium is not None else self.tr("Select a medium."))
        if busy:
            return
        if medium is not None and medium.access_error:
            self.message.show_message(medium.access_error, Severity.WARNING)
        else:
            self.message.clear()

    def showEvent(self, event: QShowEvent) -> None:
        """Follow what changes while the dialog is open."""
        super().showEvent(event)
        self.store.when_formats_known(self, lambda: None)
        self.store.watch()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask the service no more."""
        self.store.watch(watched=False)
        super().hideEvent(event)

    # -- new media -----------------------------------------------------------------------------

    def _start_folder(self) -> str:
        if self._folder or self._link.properties is None:
            return self._folder
        return self._link.properties.default_machine_folder

    def _add(self) -> None:
        dialog = new_file_dialog(
            self,
            PickMode.OPEN_FILE,
            translated(ADD_TITLES[self._kind]),
            image_filter(self.store, self._kind),
        )
        dialog.setDirectory(self._start_folder())
        dialog.fileSelected.connect(self.add_file)
        dialog.open()

    def add_file(self, path: str) -> None:
        """Make the image file PATH known and select it."""
        name = Path(path).name
        self._carry_out(
            Order(
                self.tr("Adding “{name}”").format(name=name),
                self.tr("“{name}” could not be added").format(name=name),
                "virtualbox.open_medium",
                {"path": path, "device_type": self._kind, "register": True},
            )
        )

    def _create(self) -> None:
        self.store.when_formats_known(self, self._open_creation)

    def _open_creation(self) -> None:
        dialog = new_creation_dialog(
            self._link, self.store, self._kind, self._start_folder(), self, stem=self._stem
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.order_given.connect(self._carry_out)
        dialog.open()

    def _carry_out(self, order: Order) -> None:
        self._set_work(
            self._link.call(
                self, order.method, copy.copy(order.params), self._made,
                lambda error: self._on_failed(order, error),
                lambda percent, _text: self.progress.setValue(percent),
            )
        )  # fmt: skip
        self.message.show_message(order.title, Severity.NOTE)

    def _set_work(self, work: QtCall | None) -> None:
        self._work = work
        self.progress.setRange(0, 100)
        self.progress.setValue(0)
        self.progress.setVisible(work is not None)
        for button in (self.add_button, self.refresh_button):
            button.setEnabled(work is None)
        self.create_button.setEnabled(work is None and self._kind is not DeviceType.DVD)
        self._show_selected()

    def _made(self, medium: MediumInfo) -> None:
        self._set_work(None)
        self.search.clear()
        self._wanted = medium.id
        if self.tree.select_medium(medium.id):
            self._wanted = ""
        else:
            self.store.refresh()

    def _on_failed(self, order: Order, error: ApiError) -> None:
        self._set_work(None)
        if error.code != ErrorCode.E_ABORT:
            self.message.show_message(f"{order.failure}: {error.message}")

    # -- closing -------------------------------------------------------------------------------

    def accept(self) -> None:
        """Hand out what is selected and close."""
        medium = self.tree.current_medium()
        if medium is not None and self._work is None:
            self.medium_chosen.emit(medium)
            super().accept()

    def reject(self) -> None:
        """Cancel the work that goes on, otherwise close."""
        if self._work is not None:
            self._work.cancel()
        else:
            super().reject()

    def _leave_empty(self) -> None:
        self.left_empty.emit()
        super().accept()


def choose_medium(
    parent: QWidget | None,
    link: ServiceLink,
    device_type: DeviceType,
    chosen: Callable[[MediumInfo], None],
    *,
    left_empty: Callable[[], None] | None = None,
    unavailable: Mapping[str, str] | None = None,
    current: str = "",
    folder: str = "",
    stem: str = "",
) -> MediumSelector:
    """Open the dialog in which a medium for a drive is chosen; returns at once.

    Args:
        parent: window that the dialog belongs to.
        link: calls the service.
        device_type: kind of drive.
        chosen: gets the medium; not called when the dialog is cancelled.
        left_empty: called when the drive shall be empty; None: that is not offered.
        unavailable: why media, by their UUIDs, cannot be chosen ("It is in another drive...").
        current: UUID of the medium that is in the drive.
        folder: where images are looked for and made at first.
        stem: suggested name of a new image, without extension.
    """
    dialog = MediumSelector(
        link, device_type, parent, unavailable=unavailable, current=current, folder=folder,
        stem=stem, can_leave_empty=left_empty is not None,
    )  # fmt: skip
    dialog.medium_chosen.connect(chosen)
    if left_empty is not None:
        dialog.left_empty.connect(left_empty)
    dialog.open()
    return dialog


def split_by_use(media: Sequence[MediumInfo]) -> tuple[list[MediumInfo], list[MediumInfo]]:
    """Return those of MEDIA that machines use, and the others; chains stay together.

    An image counts as used when one that builds on it is.
    """
    by_id = {medium.id: medium for medium in media}
    roots = {medium.id: _root(medium, by_id) for medium in media}
    used_roots = {roots[medium.id] for medium in media if medium.uses}
    attached = [medium for medium in media if roots[medium.id] in used_roots]
    return attached, [medium for medium in media if roots[medium.id] not in used_roots]


def _root(medium: MediumInfo, by_id: Mapping[str, MediumInfo]) -> str:
    seen = {medium.id}
    while medium.parent_id in by_id and medium.parent_id not in seen:
        medium = by_id[medium.parent_id]
        seen.add(medium.id)
    return medium.id


def _matches(medium: MediumInfo, wanted: str) -> bool:
    return wanted in file_name(medium).casefold() or wanted.strip("{}") in medium.id
