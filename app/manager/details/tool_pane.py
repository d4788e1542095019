"""The details pane as a tool: fetches what it shows."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from app.api.structs import MachineInfo
from app.manager.details.pane import DetailsPane
from app.manager.details.preview import UPDATE_KEY, PreviewBox
from app.manager.details.section import Subject
from app.manager.tool import ToolPane, Workspace
from app.settings.model import MachineSettings

_FOLDED_BOXES = "GUI/DetailsPageBoxes/Folded"


class DetailsToolPane(ToolPane):
    """Keeps the details equal to the machine; the folds are remembered.

    Attributes:
        details: the boxes.
        preview: the box with the screen of a running machine.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._machine: MachineInfo | None = None
        self.details = DetailsPane(self)
        # Empty boxes of no machine are nothing to look at.
        self.details.hide()
        self.preview = PreviewBox(
            workspace.link, lambda machine: workspace.commands.show([machine]), self.details
        )
        self.preview.setObjectName("preview")
        self.details.insert_box(1, self.preview)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.details)
        self.details.page_requested.connect(workspace.open_settings)
        workspace.memory.recall(
            _FOLDED_BOXES, lambda value: self.details.set_folded_sections(value.split(","))
        )
        self.details.folds_changed.connect(self._store_folds)
        workspace.memory.recall(UPDATE_KEY, self.preview.set_rate)
        self.preview.rate_chosen.connect(
            lambda rate: workspace.memory.store(UPDATE_KEY, rate)
        )
        workspace.link.os_types_loaded.connect(self._fetch)

    def show_machine(self, machine: MachineInfo) -> None:
        """Fetch the settings of MACHINE and show them."""
        if self._machine is None or self._machine.id != machine.id:
            self.details.hide()
        self._machine = machine
        self.preview.show_machine(machine)
        self._fetch()

    def _fetch(self) -> None:
        machine = self._machine
        if machine is None:
            return

        def done(settings: MachineSettings) -> None:
            # Another machine was selected, or it changed once more, while this was on its way.
            if machine is not self._machine:
                return
            os_type = self._workspace.link.os_type(settings.os_type_id)
            self.details.show_subject(Subject(machine, settings, os_type))
            self.details.show()

        self._workspace.link.call(self, "machine.get_settings", {"id": machine.id}, done)

    def _store_folds(self) -> None:
        self._workspace.memory.store(_FOLDED_BOXES, ",".join(self.details.folded_sections()))
