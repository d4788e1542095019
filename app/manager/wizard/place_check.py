"""Checks name and folder of a machine that is to be made, without blocking."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.api.errors import ApiError
from app.manager.host import PathFacts, look_at_path
from app.manager.service_link import ServiceLink

_DELAY_MS = 150


class PlaceCheck(QObject):
    """Where a machine of a name would be, and what speaks against it.

    Attributes:
        name_problem: sentence about the name, or empty.
        folder_problem: sentence about the folder, or empty.
        settings_path: the settings file that would be written; empty while something is wrong or
            not known yet.

    Signals:
        finished(): the attributes have new values.
    """

    finished = Signal()

    def __init__(self, link: ServiceLink, parent: QObject) -> None:
        super().__init__(parent)
        self._link = link
        self._wanted = ("", "", "/")
        self._round = 0
        self._is_open = False
        self.name_problem = ""
        self.folder_problem = ""
        self.settings_path = ""
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_DELAY_MS)
        self._later.timeout.connect(self._check)

    @property
    def is_settled(self) -> bool:
        """True when nothing is being checked."""
        return not self._later.isActive() and not self._is_open

    def check(self, name: str, folder: str, group: str = "/", *, now: bool = False) -> None:
        """Check NAME in FOLDER; answers to what was asked before are dropped.

        Args:
            name: name of the machine.
            folder: folder that gets the machine's folder.
            group: group of the machine, whose parts are folders between the two.
            now: do not wait for more typing.
        """
        self._wanted = (name, folder, group)
        self._round += 1
        self.settings_path = ""
        if now:
            self._check()
        else:
            self._later.start()

    def _check(self) -> None:
        self._later.stop()
        name, folder, group = self._wanted
        current = self._round
        self.settings_path = self.name_problem = ""
        self.folder_problem = self._problem_of_folder(folder)
        self._is_open = False
        if not name:
            self.name_problem = self.tr("The machine needs a name.")
        elif any(machine.name == name for machine in self._link.model.machines()):
            self.name_problem = self.tr("A machine of the name “{name}” exists already.").format(
                name=name
            )
        if self.name_problem:
            self.finished.emit()
            return
        self._is_open = True

        def composed(path: str) -> None:
            if current == self._round:
                look_at_path(self, str(Path(path).parent), lambda facts: looked(path, facts))

        def refused(error: ApiError) -> None:
            if current == self._round:
                self.name_problem = error.message
                self._finish()

        def looked(path: str, facts: PathFacts) -> None:
            if current == self._round:
                self._judge(path, facts)
                self._finish()

        params = {"name": name, "base_folder": folder or None, "group": group}
        self._link.call(
            self, "virtualbox.compose_machine_filename", params, composed, refused
        )

    def _problem_of_folder(self, folder: str) -> str:
        if not folder:
            return self.tr("Choose the folder for the new machine.")
        if not Path(folder).is_absolute():
            return self.tr("The folder must be a complete path, such as {example}.").format(
                example=Path.home()
            )
        return ""

    def _judge(self, settings_path: str, facts: PathFacts) -> None:
        if self.folder_problem:
            return
        if facts.exists:
            self.name_problem = self.tr(
                "The folder {folder} exists already. Choose another name."
            ).format(folder=facts.path)
        elif not facts.creatable:
            self.folder_problem = self.tr("The folder {folder} cannot be created.").format(
                folder=facts.path
            )
        else:
            self.settings_path = settings_path

    def _finish(self) -> None:
        self._is_open = False
        self.finished.emit()
