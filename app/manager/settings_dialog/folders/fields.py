"""The editor of the page Shared Folders."""

import copy
from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.common.icons import icon
from app.manager.settings_dialog.context import Condition, DialogContext
from app.manager.settings_dialog.fields.editor import Editor
from app.manager.settings_dialog.folders.folder_dialog import SharedFolderDialog
from app.manager.settings_dialog.spec import FieldSpec
from app.manager.widgets.icon_button import IconButton, list_with_buttons
from app.settings.model import SharedFolder

_ROW: Final = Qt.ItemDataRole.UserRole


class SharedFolders(Editor):
    """Machine folders, which are settings, and the transient ones of a running machine.

    While the machine runs its transient folders can change; what was changed is done when the
    dialog saves, after the settings.
    """

    def __init__(self, context: DialogContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._condition = Condition.STOPPED
        self._transient_before: list[SharedFolder] = []
        self._transient: list[SharedFolder] = []
        context.further_calls.append(self.transient_calls)
        self.tree = QTreeWidget(self)
        self.tree.setAccessibleName(self.tr("Shared folders"))
        self.tree.setHeaderLabels(
            [self.tr("Name"), self.tr("Path"), self.tr("Auto-mount"), self.tr("Access"),
             self.tr("Mount Point")]
        )  # fmt: skip
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setStretchLastSection(False)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.hint = QLabel(self)
        self.hint.setWordWrap(True)
        self.add = IconButton("attachment-add", self.tr("Add a shared folder"), self)
        self.edit = IconButton("settings", self.tr("Edit the shared folder"), self)
        self.remove = IconButton("attachment-remove", self.tr("Remove the shared folder"), self)
        list_with_buttons(self, self.tree, self.hint, (self.add, self.edit, self.remove))
        self._first_field = self.tree
        self.tree.currentItemChanged.connect(self._update_buttons)
        self.tree.itemDoubleClicked.connect(lambda _item, _column: self.edit_current())
        self.add.clicked.connect(self.add_folder)
        self.edit.clicked.connect(self.edit_current)
        self.remove.clicked.connect(self.remove_current)

    # -- showing -------------------------------------------------------------------------------

    @property
    def _editable(self) -> list[SharedFolder]:
        """The folders that may change now: a running machine gets transient ones."""
        running = self._condition is Condition.RUNNING
        return self._transient if running else list(self._value or ())

    def follow_condition(self, condition: Condition) -> None:
        """Show the transient folders of a running machine."""
        if condition is self._condition:
            return
        self._condition = condition
        self._transient, self._transient_before = [], []
        if condition is Condition.RUNNING:
            params = {"id": self._context.machine.id}
            self._context.link.call(self, "shared_folder.list_transient", params, self._set_known)
        self.render_value(self._value or [])

    def _set_known(self, folders: list[SharedFolder]) -> None:
        self._transient_before, self._transient = folders, copy.deepcopy(folders)
        self.render_value(self._value or [])

    def render_value(self, value: list[SharedFolder]) -> None:
        """Show VALUE, and the transient folders."""
        self.tree.clear()
        running = self._condition is Condition.RUNNING
        self._add_group(self.tr("Machine Folders"), value, editable=not running)
        if running:
            self._add_group(self.tr("Transient Folders"), self._transient, editable=True)
        self.tree.expandAll()
        if running:
            text = self.tr(
                "The machine is running: folders that are added now are transient, they are "
                "shared until it stops."
            )
        elif value:
            text = ""
        else:
            text = self.tr("The guest can reach no folder of this computer.")
        self.hint.setText(text)
        self.hint.setVisible(bool(text))
        self._update_buttons()

    def _add_group(self, title: str, folders: list[SharedFolder], *, editable: bool) -> None:
        parent = QTreeWidgetItem(self.tree, [title])
        parent.setFirstColumnSpanned(True)
        for row, folder in enumerate(folders):
            item = QTreeWidgetItem(
                parent,
                [
                    folder.name,
                    folder.host_path,
                    self.tr("Yes") if folder.auto_mount else self.tr("No"),
                    self.tr("Full") if folder.writable else self.tr("Read-only"),
                    folder.auto_mount_point,
                ],
            )
            item.setIcon(0, icon("shared-folder"))
            item.setToolTip(1, folder.host_path)
            item.setData(0, _ROW, row if editable else -1)

    def _update_buttons(self) -> None:
        item = self.tree.currentItem()
        row = item.data(0, _ROW) if item is not None else None
        editable = row is not None and row >= 0
        self.edit.setEnabled(editable)
        self.remove.setEnabled(editable)
        if row is not None and not editable:
            reason = self.tr("Machine folders can change only while the machine is off.")
            self.remove.setToolTip(reason)
            self.edit.setToolTip(reason)
        else:
            self.remove.setToolTip(self.remove.accessibleName())
            self.edit.setToolTip(self.edit.accessibleName())
        self.add.setEnabled(self._condition is not Condition.SAVED)

    # -- editing -------------------------------------------------------------------------------

    def _set(self, folders: list[SharedFolder]) -> None:
        if self._condition is Condition.RUNNING:
            self._transient = folders
            self.render_value(self._value or [])
        else:
            self.take(folders)
            self.show_value(folders)

    def _open(self, folder: SharedFolder, row: int) -> SharedFolderDialog:
        every = [*(self._value or ()), *self._transient]
        taken = {each.name for each in every} - {folder.name}
        dialog = SharedFolderDialog(folder, taken, self.window())

        def accepted(changed: Any) -> None:
            folders = copy.deepcopy(self._editable)
            folders[row : row + 1] = [changed]
            self._set(folders)

        dialog.folder_accepted.connect(accepted)
        dialog.open()
        return dialog

    def add_folder(self) -> SharedFolderDialog:
        """Open the dialog for a new folder."""
        return self._open(SharedFolder(name="", host_path=""), len(self._editable))

    def edit_current(self) -> SharedFolderDialog | None:
        """Open the dialog for the current folder."""
        item = self.tree.currentItem()
        row = item.data(0, _ROW) if item is not None else None
        if row is None or row < 0:
            return None
        return self._open(self._editable[row], row)

    def remove_current(self) -> None:
        """Remove the current folder."""
        item = self.tree.currentItem()
        row = item.data(0, _ROW) if item is not None else None
        if row is not None and row >= 0:
            folders = copy.deepcopy(self._editable)
            del folders[row]
            self._set(folders)

    def transient_calls(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Return the calls that make the transient folders those that are shown."""
        machine_id = self._context.machine.id
        before = {folder.name: folder for folder in self._transient_before}
        after = {folder.name: folder for folder in self._transient}
        calls: list[tuple[str, Mapping[str, Any]]] = [
            ("shared_folder.remove_transient", {"id": machine_id, "name": name})
            for name in before
            if name not in after
        ]
        for name, folder in after.items():
            if name not in before:
                calls.append(
                    ("shared_folder.add_transient", {"id": machine_id, "folder": folder})
                )
            elif before[name] != folder:
                calls.append(
                    ("shared_folder.replace_transient", {"id": machine_id, "folder": folder})
                )
        return calls


def shared_folders(context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the shared folders."""
    return SharedFolders(context, parent)
