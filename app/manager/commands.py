"""What the manager's actions do: calls to the service, questions, and errors in plain words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from app.api.errors import ApiError
from app.api.structs import MachineInfo, MachineState
from app.common.background import run_in_background
from app.manager.desktop_shortcut import create_shortcut
from app.manager.dialogs.registry_commands import RegistryCommands
from app.manager.notifications.center import NotificationCenter
from app.manager.questions import DISCARD_STATE, POWER_OFF, RESET, START_MANY, Questions
from app.manager.service_link import ServiceLink

Machines = Sequence[MachineInfo]

_SHOWN_NAMES = 10


class MachineCommands(QObject):
    """Commands on one or more machines.

    Attributes:
        registry: commands that bring machines into the list and out of it.

    Signals:
        message(str): something to tell in the status bar.
    """

    message = Signal(str)

    def __init__(
        self,
        link: ServiceLink,
        notifications: NotificationCenter,
        questions: Questions,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._link = link
        self._notifications = notifications
        self._questions = questions
        self._window = window
        self.registry = RegistryCommands(link, notifications, window)

    # -- life of machines ----------------------------------------------------------------------

    def start_or_show(self, machines: Machines) -> None:
        """Start those of MACHINES that do not run; if all run, bring their windows to the front."""
        resting = [machine for machine in machines if not machine.state.is_online]
        if resting:
            self.start(resting)
        else:
            self.show(machines)

    def show(self, machines: Machines) -> None:
        """Bring the windows of MACHINES to the front."""
        for machine in machines:
            failure = self.tr("The window of “{name}” cannot be shown")
            self._call(machine, "machine.show_window", failure)

    def start(self, machines: Machines, frontend: str = "gui") -> None:
        """Start MACHINES; several only after asking.

        Args:
            machines: none of them runs.
            frontend: ``gui`` (with a window), ``headless`` or ``separate`` (detachable).
        """
        if len(machines) == 1:
            self._launch(machines, frontend)
            return
        self._questions.confirm(
            START_MANY,
            self.tr("Start machines"),
            self.tr("Start {count} machines at once?").format(count=len(machines)),
            self.tr("&Start"),
            lambda: self._launch(machines, frontend),
            explanation=_names(machines),
        )

    def _launch(self, machines: Machines, frontend: str) -> None:
        for machine in machines:
            self._notifications.run(
                self,
                self.tr("Starting “{name}”").format(name=machine.name),
                "machine.launch",
                {"id": machine.id, "frontend": frontend},
                failure=self.tr("“{name}” could not be started").format(name=machine.name),
                cancellable=True,
            )

    def pause_or_resume(self, machines: Machines) -> None:
        """Pause those of MACHINES that run; if none does, resume them."""
        running = [each for each in machines if each.state is MachineState.RUNNING]
        for machine in running or machines:
            self._console(machine, "pause" if running else "resume")

    def reset(self, machines: Machines) -> None:
        """Reset MACHINES after asking."""
        self._confirm_and_tell(
            RESET,
            machines,
            self.tr("Reset"),
            self.tr("Do you really want to reset {machines}?"),
            self.tr("&Reset"),
            "reset",
            self.tr("What is not saved inside the machine will be lost."),
        )

    def save_state(self, machines: Machines) -> None:
        """Save the execution states of MACHINES, which end then."""
        for machine in machines:
            self._notifications.run(
                self,
                self.tr("Saving the state of “{name}”").format(name=machine.name),
                "machine.save_state",
                {"id": machine.id},
                failure=self.tr("The state of “{name}” was not saved").format(name=machine.name),
                cancellable=True,
            )

    def acpi_shutdown(self, machines: Machines) -> None:
        """Press the power buttons of MACHINES."""
        for machine in machines:
            self._console(machine, "power_button")

    def power_off(self, machines: Machines) -> None:
        """Pull the plugs of MACHINES after asking."""
        self._confirm_and_tell(
            POWER_OFF,
            machines,
            self.tr("Power off"),
            self.tr("Do you really want to power off {machines}?"),
            self.tr("&Power Off"),
            "power_off",
            self.tr(
                "This is like pulling the power cord: what is not saved inside the machine will "
                "be lost."
            ),
        )

    def _confirm_and_tell(
        self,
        message: str,
        machines: Machines,
        title: str,
        question: str,
        button: str,
        method: str,
        explanation: str,
    ) -> None:
        def confirmed() -> None:
            for machine in machines:
                self._console(machine, method)

        if len(machines) > 1:
            explanation = f"{explanation}\n\n{_names(machines)}"
        self._questions.confirm(
            message,
            title,
            question.format(machines=self._subject(machines)),
            button,
            confirmed,
            explanation=explanation,
        )

    def discard_saved_state(self, machines: Machines) -> None:
        """Throw the saved states of MACHINES away after asking."""

        def confirmed() -> None:
            for machine in machines:
                failure = self.tr("The saved state of “{name}” was not discarded")
                self._call(machine, "saved_state.discard", failure)

        self._questions.confirm(
            DISCARD_STATE,
            self.tr("Discard saved state"),
            self.tr("Discard the saved state of {machines}?").format(
                machines=self._subject(machines)
            ),
            self.tr("&Discard"),
            confirmed,
            explanation=self.tr(
                "The machine is powered off then, as if the plug had been pulled while it ran."
            ),
        )

    def refresh(self, machines: Machines) -> None:
        """Have the settings of MACHINES read anew (an inaccessible one may have been repaired)."""
        for machine in machines:
            self._call(machine, "machine.refresh", self.tr("“{name}” could not be read anew"))

    # -- desktop -------------------------------------------------------------------------------

    def show_in_file_manager(self, machines: Machines) -> None:
        """Open the folders of MACHINES in the desktop's file manager."""
        for folder in dict.fromkeys(Path(each.settings_path).parent for each in machines):
            if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
                self._notifications.show_error(
                    self.tr("Show in file manager"),
                    self.tr("No file manager was found to open {folder}.").format(folder=folder),
                )

    def create_shortcuts(self, machines: Machines) -> None:
        """Put an icon on the desktop for each of MACHINES that starts it."""
        for machine in machines:

            def made(path: Path, name: str = machine.name) -> None:
                text = self.tr("The shortcut to “{name}” is {path}.")
                self.message.emit(text.format(name=name, path=path))

            def failed(error: Exception, name: str = machine.name) -> None:
                title = self.tr("No shortcut to “{name}” was made").format(name=name)
                self._notifications.show_error(title, str(error))

            run_in_background(self, partial(create_shortcut, machine), made, failed)

    # -- calls ---------------------------------------------------------------------------------

    def _subject(self, machines: Machines) -> str:
        """Return how questions call MACHINES."""
        if len(machines) == 1:
            return self.tr("“{name}”").format(name=machines[0].name)
        return self.tr("these {count} machines").format(count=len(machines))

    def _console(self, machine: MachineInfo, method: str) -> None:
        self._call(machine, f"console.{method}", self.tr("“{name}” did not obey"))

    def _call(
        self,
        machine: MachineInfo,
        method: str,
        failure: str,
        done: Callable[..., None] | None = None,
    ) -> None:
        def failed(error: ApiError) -> None:
            self._notifications.show_error(failure.format(name=machine.name), error.message)

        self._link.call(self, method, {"id": machine.id}, done, failed)


def _names(machines: Machines) -> str:
    names = [machine.name for machine in machines[:_SHOWN_NAMES]]
    if len(machines) > _SHOWN_NAMES:
        names.append("…")
    return "\n".join(names)
