"""The dialog that removes machines from the list, and shows exactly what would be deleted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.api.copying import CleanupMode
from app.api.errors import ApiError
from app.api.structs import MachineInfo
from app.common.dialog_buttons import button_box
from app.common.icons import icon, os_icon, picture
from app.manager.service_link import ServiceLink
from app.manager.widgets.field_message import FieldMessage, Severity

_ICON = 32
_INSIDE = CleanupMode.UNREGISTER_ONLY
_ALL = CleanupMode.DETACH_ALL_RETURN_HARD_DISKS_ONLY


class RemoveDialog(QDialog):
    """Machines and their files; "Remove only", "Delete all files" or Cancel.

    Signals:
        removal_wanted(bool, object): delete the files too, and the :class:`CleanupMode`; the
            dialog closes.
    """

    removal_wanted = Signal(bool, object)

    def __init__(
        self, link: ServiceLink, machines: Sequence[MachineInfo], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("Remove Virtual Machines"))
        self._machines = list(machines)
        self._files: dict[tuple[str, CleanupMode], list[str]] = {}
        self._failures: dict[str, str] = {}
        self.question = QLabel(self._question_text(), self)
        self.question.setWordWrap(True)
        self.question.setTextFormat(Qt.TextFormat.PlainText)
        self.explanation = QLabel(self)
        self.explanation.setWordWrap(True)
        self.tree = QTreeWidget(self)
        self.tree.setHeaderHidden(True)
        self.tree.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.tree.setAccessibleName(self.tr("Files that would be deleted"))
        self.elsewhere = QCheckBox(
            self.tr("Delete hard disks &outside of the machines' folders too"), self
        )
        self.elsewhere.hide()
        self.elsewhere.toggled.connect(self._fill)
        self.message = FieldMessage(self)
        self._arrange()
        self._fetch(link)
        self._fill()

    def _question_text(self) -> str:
        if len(self._machines) == 1:
            text = self.tr("Remove “{name}” from the list of machines?")
            return text.format(name=self._machines[0].name)
        text = self.tr("Remove these {count} machines from the list?")
        return text.format(count=len(self._machines))

    def _arrange(self) -> None:
        self.buttons = button_box(self, QDialogButtonBox.StandardButton.Cancel)
        self.delete_button = self.buttons.addButton(
            self.tr("&Delete all files"), QDialogButtonBox.ButtonRole.DestructiveRole
        )
        self.remove_button = self.buttons.addButton(
            self.tr("&Remove only"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.delete_button.setAutoDefault(False)
        cancel = self.buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setDefault(True)
        cancel.setFocus()
        self.delete_button.clicked.connect(partial(self._finish, True))
        self.remove_button.clicked.connect(partial(self._finish, False))
        self.buttons.rejected.connect(self.reject)
        sign = QLabel(self)
        sign.setPixmap(picture("machine-remove", _ICON, self.devicePixelRatioF()))
        font = self.question.font()
        font.setBold(True)
        self.question.setFont(font)
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(self.question)
        words.addWidget(self.explanation)
        top = QHBoxLayout()
        top.setSpacing(14)
        top.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.elsewhere)
        layout.addWidget(self.message)
        layout.addWidget(self.buttons)
        self.resize(640, 400)

    # -- files ---------------------------------------------------------------------------------

    def _fetch(self, link: ServiceLink) -> None:
        for machine in self._machines:
            if not machine.accessible:
                continue
            for mode in (_INSIDE, _ALL):

                def failed(error: ApiError, machine_id: str = machine.id) -> None:
                    self._failures[machine_id] = error.message
                    self._fill()

                link.call(
                    self,
                    "virtualbox.list_machine_files",
                    {"id": machine.id, "cleanup": mode},
                    partial(self._on_files, machine.id, mode),
                    failed,
                )

    def _on_files(self, machine_id: str, mode: CleanupMode, files: list[str]) -> None:
        self._files[machine_id, mode] = files
        self._fill()

    @property
    def cleanup(self) -> CleanupMode:
        """Which hard disks go with the machines."""
        return _ALL if self.elsewhere.isChecked() else _INSIDE

    def files(self) -> list[str]:
        """Return the paths that "Delete all files" deletes, as far as they are known yet."""
        return [
            path
            for machine in self._machines
            for path in self._files.get((machine.id, self.cleanup), [])
        ]

    def _is_known(self, machine: MachineInfo) -> bool:
        asked_for = all((machine.id, mode) in self._files for mode in (_INSIDE, _ALL))
        return asked_for or machine.id in self._failures or not machine.accessible

    def _fill(self) -> None:
        known = all(self._is_known(machine) for machine in self._machines)
        self.tree.clear()
        for machine in self._machines:
            item = QTreeWidgetItem(self.tree, [machine.name])
            item.setIcon(0, os_icon(machine.os_type_id))
            self._fill_machine(item, machine)
        self.tree.expandAll()
        differs = any(
            self._files.get((machine.id, _ALL), []) != self._files.get((machine.id, _INSIDE), [])
            for machine in self._machines
        )
        self.elsewhere.setVisible(known and differs)
        count = len(self.files())
        self.delete_button.setEnabled(known and count > 0)
        self.delete_button.setToolTip(
            self.tr("Deletes the {count} files and folders in the list.").format(count=count)
            if count
            else self.tr("There are no files that could be deleted.")
        )
        self.explanation.setText(self._explanation_text(count, known=known))
        self.message.show_message(" ".join(self._failures.values()), Severity.WARNING)

    def _explanation_text(self, count: int, *, known: bool) -> str:
        if not known:
            return self.tr("The files of the machines are being looked for…")
        if not any(machine.accessible for machine in self._machines):
            return self.tr(
                "The settings cannot be read, so nobody can tell which files belong to the "
                "machine. “Remove only” forgets it and leaves all files where they are."
            )
        if not count:
            return self.tr("No file would be deleted; only the entry in the list goes.")
        return self.tr(
            "“Remove only” keeps all files; the machine can be added again later. “Delete all "
            "files” deletes what is listed here, and cannot be undone. What other machines use "
            "is never deleted."
        )

    def _fill_machine(self, item: QTreeWidgetItem, machine: MachineInfo) -> None:
        if not machine.accessible:
            item.setIcon(0, icon("state-inaccessible"))
            rows = [self.tr("Inaccessible: {reason}").format(reason=machine.access_error)]
        elif machine.id in self._failures:
            rows = [self.tr("Its files could not be listed.")]
        elif not self._is_known(machine):
            rows = [self.tr("Looking for its files…")]
        else:
            rows = self._files[machine.id, self.cleanup] or [self.tr("No files")]
        for row in rows:
            child = QTreeWidgetItem(item, [row])
            child.setToolTip(0, row)

    def _finish(self, delete_files: bool, _checked: bool = False) -> None:
        self.removal_wanted.emit(delete_files, self.cleanup)
        self.accept()
