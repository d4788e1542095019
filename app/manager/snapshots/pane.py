"""The Snapshots pane: the tree, what is known of the selected one, and what can be done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QMessageBox, QSplitter, QVBoxLayout

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineInfo, MachineState
from app.common.messages import Choice, ask
from app.manager.layout_memory import join_numbers, split_numbers
from app.manager.snapshots.panel import SnapshotPanel
from app.manager.snapshots.take_dialog import TakeSnapshotDialog, next_name
from app.manager.snapshots.thumbnail import ScreenshotDialog
from app.manager.snapshots.tree import CURRENT_STATE, SnapshotTree
from app.manager.states import is_online
from app.manager.tool import ToolPane, Workspace
from app.settings.model import MachineSettings, Snapshot

DETAILS_KEY: Final = "GUI/SnapshotManager/Details/Expanded"
SIZES_KEY: Final = "GUI/SnapshotManager/SplitterSizes"
_CONTEXT: Final = (
    "snapshot-take", "snapshot-delete", "snapshot-restore", "snapshot-properties", "snapshot-clone",
)  # fmt: skip
_SAVED: Final = frozenset({MachineState.SAVED, MachineState.ABORTED_SAVED})


class SnapshotsPane(ToolPane):
    """Tree above, attributes and information below.

    Attributes:
        tree: snapshots and the current state.
        panel: of the selected one; hidden until Properties shows it.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._machine: MachineInfo | None = None
        self._settings: MachineSettings | None = None
        self._picture_of = ""
        self.tree = SnapshotTree(self)
        self.tree.set_context_actions([workspace.actions[name] for name in _CONTEXT])
        self.panel = SnapshotPanel(self)
        self.panel.hide()
        self.splitter = QSplitter(Qt.Orientation.Vertical, self)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.tree)
        self.splitter.addWidget(self.panel)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([300, 260])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)
        self.tree.chosen.connect(self._on_chosen)
        self.tree.properties_requested.connect(lambda: self._show_panel(shown=True))
        self.panel.apply_requested.connect(self._edit)
        self.panel.take_requested.connect(self._take_of_shown)
        self.panel.screenshot_requested.connect(self._show_screenshot)
        memory = workspace.memory
        memory.recall(
            DETAILS_KEY, lambda value: self._show_panel(shown=value == "true", store=False)
        )
        memory.recall(SIZES_KEY, self._take_sizes)
        self.splitter.splitterMoved.connect(
            lambda: memory.store(SIZES_KEY, join_numbers(self.splitter.sizes()))
        )

    # -- showing -------------------------------------------------------------------------------

    @property
    def snapshot(self) -> Snapshot | None:
        """The selected snapshot; None for the current state."""
        return self.tree.selected_snapshot()

    def show_machine(self, machine: MachineInfo) -> None:
        """Fetch the snapshots of MACHINE and show them."""
        if self._machine is None or self._machine.id != machine.id:
            self._settings = None
            self.tree.clear()
        self._machine = machine

        def done(settings: MachineSettings) -> None:
            # Another machine was selected, or it changed once more, while this was on its way.
            if machine is self._machine:
                self._settings = settings
                self.tree.show_settings(machine, settings)
                self._on_chosen()

        def failed(error: ApiError) -> None:
            if error.code is ErrorCode.VBOX_E_OBJECT_NOT_FOUND:
                # The machine is gone, and so will be its row; nobody misses its snapshots.
                return
            title = self.tr("The snapshots of “{name}” cannot be shown").format(name=machine.name)
            self._workspace.notifications.show_error(title, error.message)

        self._workspace.link.call(
            self, "machine.get_settings", {"id": machine.id}, done, failed
        )

    def _on_chosen(self) -> None:
        machine, settings = self._machine, self._settings
        if machine is not None and settings is not None and not self.panel.isHidden():
            self.panel.show_subject(
                machine,
                settings,
                self._workspace.link.os_type(settings.os_type_id),
                self.snapshot,
                next_name=next_name(settings.snapshots),
                take_problem=self._take_problem(machine),
            )
            self._fetch_thumbnail(machine, settings)
        self.actions_changed.emit()

    def _fetch_thumbnail(self, machine: MachineInfo, settings: MachineSettings) -> None:
        snapshot = self.snapshot
        file = settings.state_file if snapshot is None else snapshot.state_file
        if snapshot is None and machine.state not in _SAVED:
            file = ""
        if file == self._picture_of:
            return
        self._picture_of = file
        self.panel.thumbnail.show_picture(b"")
        if not file:
            return

        def done(png: bytes) -> None:
            if self._picture_of == file:
                self.panel.thumbnail.show_picture(png)

        def failed(_error: ApiError) -> None:
            # A saved state that was used up meanwhile, or VirtualBox's, is shown without picture.
            done(b"")

        params = {**self._state_params(machine, snapshot), "thumbnail": True}
        self._workspace.link.call(self, "saved_state.read_screenshot", params, done, failed)

    @staticmethod
    def _state_params(machine: MachineInfo, snapshot: Snapshot | None) -> dict[str, Any]:
        return {"id": machine.id, "snapshot": snapshot.uuid if snapshot is not None else ""}

    def _show_screenshot(self) -> None:
        machine, snapshot = self._machine, self.snapshot
        if machine is None:
            return
        name = snapshot.name if snapshot is not None else machine.name
        title = self.tr("Screenshot of “{name}”").format(name=name)

        def failed(error: ApiError) -> None:
            self._workspace.notifications.show_error(title, error.message)

        self._workspace.link.call(
            self,
            "saved_state.read_screenshot",
            self._state_params(machine, snapshot),
            lambda png: ScreenshotDialog(title, png, self).show(),
            failed,
        )

    def _show_panel(self, *, shown: bool, store: bool = True) -> None:
        self.panel.setVisible(shown)
        self._workspace.actions["snapshot-properties"].setChecked(shown)
        if shown:
            self._on_chosen()
        if store:
            self._workspace.memory.store(DETAILS_KEY, "true" if shown else "")

    def _take_sizes(self, value: str) -> None:
        sizes = split_numbers(value)
        if len(sizes) == self.splitter.count():
            self.splitter.setSizes(sizes)

    # -- actions -------------------------------------------------------------------------------

    def perform(self, action: str) -> None:
        """Do what ACTION says."""
        commands: dict[str, Callable[[], object]] = {
            "snapshot-take": self.take,
            "snapshot-delete": self.delete,
            "snapshot-restore": self.restore,
            "snapshot-properties": lambda: self._show_panel(shown=self.panel.isHidden()),
            "snapshot-clone": self._clone,
        }
        commands[action]()

    def reason(self, action: str) -> str:
        """Return why ACTION cannot be performed now, or an empty string."""
        machine, settings = self._machine, self._settings
        if machine is None or settings is None:
            return self.tr("The snapshots are being fetched.")
        if action == "snapshot-properties":
            return ""
        if action == "snapshot-take":
            return self._take_problem(machine)
        if action == "snapshot-clone":
            running = self.snapshot is None and is_online(machine)
            return self.tr("A machine that runs cannot be cloned.") if running else ""
        snapshot = self.snapshot
        if snapshot is None:
            return self.tr("Select a snapshot.")
        if machine.state.is_transient:
            return self.tr("The machine is busy; wait until that has ended.")
        if action == "snapshot-restore" and is_online(machine):
            return self.tr("The machine is running; power it off first.")
        if action == "snapshot-delete":
            return _delete_problem(self, settings, snapshot)
        return ""

    def _take_problem(self, machine: MachineInfo) -> str:
        busy = machine.state.is_transient or machine.state is MachineState.STUCK
        return self.tr("The machine is busy; wait until that has ended.") if busy else ""

    def take(self) -> TakeSnapshotDialog | None:
        """Ask for a name and take a snapshot of the current state."""
        if self._machine is None or self._settings is None:
            return None
        dialog = TakeSnapshotDialog(self._machine, self._settings, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # Another machine may be selected when the dialog is answered.
        dialog.accepted_with.connect(partial(self._take, self._machine))
        dialog.open()
        return dialog

    def _take_of_shown(self, name: str, description: str) -> None:
        if self._machine is not None:
            self._take(self._machine, name, description)

    def _take(
        self,
        machine: MachineInfo,
        name: str,
        description: str,
        then: Callable[[], None] | None = None,
    ) -> None:
        def taken(_snapshot: Snapshot) -> None:
            if then is not None:
                then()

        self._workspace.notifications.run(
            self,
            self.tr("Taking the snapshot “{name}” of “{machine}”").format(
                name=name, machine=machine.name
            ),
            "snapshot.take",
            {"id": machine.id, "name": name, "description": description},
            taken,
            failure=self.tr("The snapshot “{name}” was not taken").format(name=name),
            cancellable=True,
        )

    def restore(self) -> QMessageBox | None:
        """Ask, take a snapshot of the current state if wanted, and go back to the selected one."""
        machine, snapshot, settings = self._machine, self.snapshot, self._settings
        if machine is None or snapshot is None or settings is None:
            return None
        keep = QCheckBox(self.tr("&Create a snapshot of the current machine state"))
        # What would be lost is offered to be kept.
        keep.setChecked(settings.current_state_modified)

        def restore() -> None:
            self._run(
                "snapshot.restore",
                machine,
                snapshot,
                self.tr("Restoring the snapshot “{name}” of “{machine}”"),
                self.tr("The snapshot “{name}” was not restored"),
            )
            if self._machine is not None and self._machine.id == machine.id:
                self.tree.select(CURRENT_STATE)

        def confirmed() -> None:
            if keep.isChecked():
                self._take(machine, next_name(settings.snapshots), "", restore)
            else:
                restore()

        explanation = self.tr(
            "The machine becomes what it was when the snapshot was taken. What has changed since "
            "is lost unless a snapshot of it is created first."
        )
        return self._confirm(
            self.tr("Restore snapshot"),
            self.tr("Restore the snapshot “{name}” of the machine “{machine}”?").format(
                name=snapshot.name, machine=machine.name
            ),
            self.tr("&Restore"),
            confirmed,
            explanation,
            keep,
        )

    def delete(self) -> QMessageBox | None:
        """Ask, and delete the selected snapshot."""
        machine, snapshot = self._machine, self.snapshot
        if machine is None or snapshot is None:
            return None

        def confirmed() -> None:
            self._run(
                "snapshot.delete",
                machine,
                snapshot,
                self.tr("Deleting the snapshot “{name}” of “{machine}”"),
                self.tr("The snapshot “{name}” was not deleted"),
            )

        explanation = self.tr(
            "The state that the snapshot holds is lost and cannot be gone back to. The current "
            "state and the other snapshots stay as they are. Merging the disk images may take "
            "time, and room on the disks of this computer meanwhile."
        )
        return self._confirm(
            self.tr("Delete snapshot"),
            self.tr("Delete the snapshot “{name}” of the machine “{machine}”?").format(
                name=snapshot.name, machine=machine.name
            ),
            self.tr("&Delete"),
            confirmed,
            explanation,
        )

    def _confirm(
        self,
        title: str,
        question: str,
        button: str,
        confirmed: Callable[[], None],
        explanation: str,
        check_box: QCheckBox | None = None,
    ) -> QMessageBox:
        role = QMessageBox.ButtonRole
        choices = (
            Choice(button, role.AcceptRole, confirmed),
            Choice(self.tr("Cancel"), role.RejectRole, default=True),
        )
        return ask(
            self.window(), title, question, choices, explanation=explanation, check_box=check_box
        )

    def _run(
        self, method: str, machine: MachineInfo, snapshot: Snapshot, title: str, failure: str
    ) -> None:
        self._workspace.notifications.run(
            self,
            title.format(name=snapshot.name, machine=machine.name),
            method,
            {"id": machine.id, "snapshot": snapshot.uuid},
            failure=failure.format(name=snapshot.name),
            cancellable=True,
        )

    def _edit(self, uuid: str, name: str, description: str) -> None:
        machine = self._machine
        if machine is None:
            return

        def failed(error: ApiError) -> None:
            title = self.tr("The snapshot “{name}” was not changed").format(name=name)
            self._workspace.notifications.show_error(title, error.message)

        params = {"id": machine.id, "snapshot": uuid, "name": name, "description": description}
        self._workspace.link.call(self, "snapshot.edit", params, None, failed)

    def _clone(self) -> None:
        if self._machine is not None:
            self._workspace.commands.registry.clone([self._machine], self.snapshot)


def _delete_problem(pane: SnapshotsPane, settings: MachineSettings, snapshot: Snapshot) -> str:
    children = [other for other in settings.snapshots if other.parent == snapshot.uuid]
    if not snapshot.parent and len(children) > 1:
        return pane.tr("It is the first snapshot, and more than one builds on it.")
    return ""
