"""What the manager's actions do: calls to the service, questions, and errors in plain words."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from app.api.errors import ApiError
from app.api.structs import MachineInfo, MachineState
from app.common.messages import Choice, ask, show_error
from app.manager.service_link import ServiceLink
from app.manager.states import is_online
from app.manager.widgets.file_picker import PickMode, new_file_dialog


class MachineCommands(QObject):
    """Commands on machines.

    Signals:
        machine_added(str): a machine was created or added; carries its id.
        message(str): something to tell in the status bar.
    """

    machine_added = Signal(str)
    message = Signal(str)

    def __init__(self, link: ServiceLink, window: QWidget) -> None:
        super().__init__(window)
        self._link = link
        self._window = window

    def start_or_show(self, machine: MachineInfo) -> None:
        """Start MACHINE, or bring the window of a running one to the front."""
        if machine.state.is_online:
            self._call(
                "machine.show_window",
                {"id": machine.id},
                self.tr("The window of “{name}” cannot be shown.").format(name=machine.name),
            )
            return
        self.message.emit(self.tr("Starting “{name}”…").format(name=machine.name))
        self._call(
            "machine.launch",
            {"id": machine.id},
            self.tr("“{name}” could not be started.").format(name=machine.name),
            lambda _result: self.message.emit(""),
        )

    def pause_or_resume(self, machine: MachineInfo) -> None:
        """Pause a running MACHINE, resume a paused one."""
        method = "resume" if machine.state is MachineState.PAUSED else "pause"
        self._console(machine, method)

    def reset(self, machine: MachineInfo) -> None:
        """Reset MACHINE after asking."""
        ask(
            self._window,
            self.tr("Reset machine"),
            self.tr("Do you really want to reset “{name}”?").format(name=machine.name),
            [
                Choice(
                    self.tr("&Reset"),
                    QMessageBox.ButtonRole.AcceptRole,
                    lambda: self._console(machine, "reset"),
                ),
                Choice(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole, default=True),
            ],
            explanation=self.tr("What is not saved inside the machine will be lost."),
        )

    def acpi_shutdown(self, machine: MachineInfo) -> None:
        """Press the power button of MACHINE."""
        self._console(machine, "power_button")

    def power_off(self, machine: MachineInfo) -> None:
        """Pull the plug of MACHINE after asking."""
        ask(
            self._window,
            self.tr("Power off machine"),
            self.tr("Do you really want to power off “{name}”?").format(name=machine.name),
            [
                Choice(
                    self.tr("&Power Off"),
                    QMessageBox.ButtonRole.AcceptRole,
                    lambda: self._console(machine, "power_off"),
                ),
                Choice(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole, default=True),
            ],
            explanation=self.tr(
                "This is like pulling the power cord: what is not saved inside the machine will "
                "be lost."
            ),
        )

    def add(self) -> None:
        """Let a person choose a .vbox file and register it."""
        dialog = new_file_dialog(
            self._window,
            PickMode.OPEN_FILE,
            self.tr("Add a machine"),
            self.tr("Machine files (*.vbox *.xml);;All files (*)"),
        )
        if self._link.properties is not None:
            dialog.setDirectory(self._link.properties.default_machine_folder)
        dialog.fileSelected.connect(self.add_file)
        dialog.open()

    def add_file(self, path: str) -> None:
        """Register the machine of the settings file PATH."""
        self._call(
            "virtualbox.open_machine",
            {"path": path},
            self.tr("The machine could not be added."),
            lambda machine: self.machine_added.emit(machine.id),
        )

    def remove(self, machine: MachineInfo) -> None:
        """Ask whether to remove MACHINE only or with its files, and list these."""
        if not machine.accessible:
            self._ask_remove(machine, [])
            return
        self._call(
            "virtualbox.list_machine_files",
            {"id": machine.id},
            self.tr("The files of “{name}” could not be listed.").format(name=machine.name),
            lambda files: self._ask_remove(machine, files),
        )

    def _ask_remove(self, machine: MachineInfo, files: list[str]) -> None:
        if is_online(machine):
            return
        choices = [
            Choice(
                self.tr("&Remove only"),
                QMessageBox.ButtonRole.AcceptRole,
                lambda: self._unregister(machine, delete_files=False),
            ),
            Choice(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole, default=True),
        ]
        explanation = self.tr("Its settings file stays where it is and can be added again later.")
        if files:
            choices.insert(
                0,
                Choice(
                    self.tr("&Delete all files"),
                    QMessageBox.ButtonRole.DestructiveRole,
                    lambda: self._unregister(machine, delete_files=True),
                ),
            )
            explanation = self._files_text(files)
        ask(
            self._window,
            self.tr("Remove machine"),
            self.tr("Remove “{name}” from the list of machines?").format(name=machine.name),
            choices,
            explanation=explanation,
        )

    def _files_text(self, files: list[str]) -> str:
        shown = 12
        lines = files[:shown]
        if len(files) > shown:
            lines = [*lines, self.tr("… and {count} more").format(count=len(files) - shown)]
        return self.tr(
            "You can keep its files, or delete them too. “Delete all files” deletes:\n\n{files}"
        ).format(files="\n".join(lines))

    def _unregister(self, machine: MachineInfo, *, delete_files: bool) -> None:
        self._call(
            "virtualbox.unregister_machine",
            {"id": machine.id, "delete_files": delete_files},
            self.tr("“{name}” could not be removed.").format(name=machine.name),
            lambda _deleted: self.message.emit(
                self.tr("“{name}” was removed.").format(name=machine.name)
            ),
        )

    def show_in_file_manager(self, machine: MachineInfo) -> None:
        """Open the folder of MACHINE in the desktop's file manager."""
        folder = Path(machine.settings_path).parent
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            show_error(
                self._window,
                self.tr("Show in file manager"),
                self.tr("No file manager was found to open {folder}.").format(folder=folder),
            )

    def _console(self, machine: MachineInfo, method: str) -> None:
        self._call(
            f"console.{method}",
            {"id": machine.id},
            self.tr("“{name}” did not obey.").format(name=machine.name),
        )

    def _call(
        self,
        method: str,
        params: Mapping[str, Any],
        failure: str,
        done: Callable[[Any], None] | None = None,
    ) -> None:
        def failed(error: ApiError) -> None:
            self.message.emit("")
            show_error(self._window, failure, f"{failure}\n\n{error.message}")

        self._link.call(self, method, params, done, failed)
