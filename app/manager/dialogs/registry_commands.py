"""What brings machines into the list and out of it: add, import, clone, move, remove."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.api.copying import CleanupMode
from app.api.structs import MachineInfo
from app.manager.dialogs.clone import CloneRequest, CloneWizard
from app.manager.dialogs.import_machines import ImportMachinesDialog
from app.manager.dialogs.move import MoveDialog
from app.manager.dialogs.remove import RemoveDialog
from app.manager.notifications.center import NotificationCenter
from app.manager.service_link import ServiceLink
from app.manager.widgets.file_picker import PickMode, new_file_dialog
from app.settings.model import Snapshot

Machines = Sequence[MachineInfo]


class RegistryCommands(QObject):
    """Commands on the list of machines; whatever takes time has a notification.

    Signals:
        machine_added(str): a machine was added or cloned; carries its id.
    """

    machine_added = Signal(str)

    def __init__(
        self, link: ServiceLink, notifications: NotificationCenter, window: QWidget
    ) -> None:
        super().__init__(window)
        self._link = link
        self._notifications = notifications
        self._window = window

    # -- adding --------------------------------------------------------------------------------

    def add(self) -> None:
        """Let a person choose settings files, and register their machines."""
        dialog = self._file_dialog(PickMode.OPEN_FILE, self.tr("Add Machines"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self.add_paths)
        dialog.open()

    def add_folder(self) -> None:
        """Let a person choose the folder of a machine, and register it."""
        dialog = self._file_dialog(PickMode.FOLDER, self.tr("Add the Machine in a Folder"))
        dialog.fileSelected.connect(lambda path: self.add_paths([path]))
        dialog.open()

    def _file_dialog(self, mode: PickMode, title: str) -> QFileDialog:
        filters = self.tr("Machine files (*.vbox *.xml);;All files (*)")
        dialog = new_file_dialog(
            self._window, mode, title, "" if mode is PickMode.FOLDER else filters
        )
        if self._link.properties is not None:
            dialog.setDirectory(self._link.properties.default_machine_folder)
        return dialog

    def add_paths(self, paths: Sequence[str]) -> None:
        """Register the machines of settings files, or of folders that hold one, in order."""
        waiting = list(dict.fromkeys(paths))

        def add_next(_previous: object = None) -> None:
            if waiting:
                self._add_one(waiting.pop(0), add_next)

        add_next()

    def _add_one(self, path: str, then: Any) -> None:
        def added(machine: MachineInfo) -> None:
            self.machine_added.emit(machine.id)
            then()

        self._notifications.run(
            self,
            self.tr("Adding {path}").format(path=path),
            "virtualbox.open_machine",
            {"path": path},
            added,
            failure=self.tr("The machine could not be added"),
            failed=then,
        )

    def import_machines(self) -> ImportMachinesDialog:
        """Offer the machines of an installed VirtualBox."""
        dialog = ImportMachinesDialog(self._link, self._window)
        dialog.paths_chosen.connect(self.add_paths)
        dialog.open()
        return dialog

    # -- copies and places ---------------------------------------------------------------------

    def clone(self, machines: Machines, snapshot: Snapshot | None = None) -> CloneWizard:
        """Ask how to clone the first of MACHINES, or a snapshot of it, and do that."""
        wizard = CloneWizard(self._link, machines[0], snapshot, self._window)
        wizard.clone_wanted.connect(self._clone)
        wizard.open()
        return wizard

    def _clone(self, request: CloneRequest) -> None:
        if not request.linked_base:
            self._run_clone(request, request.params())
            return

        def taken(snapshot: Snapshot) -> None:
            self._run_clone(request, {**request.params(), "snapshot": snapshot.uuid})

        name = request.machine.name
        self._notifications.run(
            self,
            self.tr("Taking a snapshot of “{name}”").format(name=name),
            "snapshot.take",
            {"id": request.machine.id, "name": request.linked_base},
            taken,
            failure=self.tr("No linked clone of “{name}” was made").format(name=name),
        )

    def _run_clone(self, request: CloneRequest, params: dict[str, Any]) -> None:
        source, clone = request.machine.name, request.name
        self._notifications.run(
            self,
            self.tr("Cloning “{source}” to “{clone}”").format(source=source, clone=clone),
            "machine.clone",
            params,
            lambda machine: self.machine_added.emit(machine.id),
            failure=self.tr("“{source}” could not be cloned").format(source=source),
            cancellable=True,
        )

    def move(self, machines: Machines) -> MoveDialog:
        """Ask where the first of MACHINES shall be moved, and do that."""
        machine = machines[0]
        dialog = MoveDialog(machine, self._window)
        dialog.move_wanted.connect(partial(self._move, machine))
        dialog.open()
        return dialog

    def _move(self, machine: MachineInfo, folder: str) -> None:
        self._notifications.run(
            self,
            self.tr("Moving “{name}” to {folder}").format(name=machine.name, folder=folder),
            "machine.move",
            {"id": machine.id, "folder": folder},
            failure=self.tr("“{name}” could not be moved").format(name=machine.name),
            cancellable=True,
        )

    # -- removing ------------------------------------------------------------------------------

    def remove(self, machines: Machines) -> RemoveDialog:
        """Ask whether to remove MACHINES only or with their files, which are listed."""
        dialog = RemoveDialog(self._link, machines, self._window)
        dialog.removal_wanted.connect(partial(self._unregister, tuple(machines)))
        dialog.open()
        return dialog

    def _unregister(
        self, machines: Machines, delete_files: bool, cleanup: CleanupMode
    ) -> None:
        for machine in machines:
            self._notifications.run(
                self,
                self.tr("Removing “{name}”").format(name=machine.name),
                "virtualbox.unregister_machine",
                {
                    "id": machine.id,
                    "delete_files": delete_files and machine.accessible,
                    "cleanup": cleanup,
                },
                failure=self.tr("“{name}” could not be removed").format(name=machine.name),
            )
