"""The New Virtual Machine wizard."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.api.structs import MachineInfo
from app.manager.layout_memory import LayoutMemory
from app.manager.service_link import ServiceLink
from app.manager.wizard.creator import MachineCreator
from app.manager.wizard.disk_page import DiskPage
from app.manager.wizard.draft import MachineDraft
from app.manager.wizard.frame import Wizard
from app.manager.wizard.hardware_page import HardwarePage
from app.manager.wizard.name_page import NamePage
from app.manager.wizard.summary_page import SummaryPage

EXPERT_MODE_KEY: Final = "GUI/Settings/ExpertMode"
"""Extra data: a person wants to see everything, here as in the settings."""


class NewMachineWizard(Wizard):
    """Guides through the creation of a machine.

    Args:
        link: reaches the service.
        parent: window that the dialog belongs to.
        memory: keeps whether the mode for experts was wanted last.

    Signals:
        machine_created(str): it exists; carries its id.
    """

    machine_created = Signal(str)

    def __init__(
        self,
        link: ServiceLink,
        parent: QWidget | None = None,
        memory: LayoutMemory | None = None,
    ) -> None:
        super().__init__(
            self.tr("Create Virtual Machine"),
            "new",
            self.tr("&Finish"),
            parent,
            has_expert_mode=True,
        )
        self._link = link
        self._creator: MachineCreator | None = None
        self.draft = MachineDraft()
        self.name_page = NamePage(link, self.draft)
        self.hardware_page = HardwarePage(link, self.draft)
        self.disk_page = DiskPage(link, self.draft)
        self.summary_page = SummaryPage(self.draft)
        self.set_pages([self.name_page, self.hardware_page, self.disk_page, self.summary_page])
        if memory is not None:
            self.set_expert(memory.value(EXPERT_MODE_KEY) == "true")
            self.expert_changed.connect(
                lambda expert: memory.store(EXPERT_MODE_KEY, "true" if expert else "false")
            )

    def finish(self) -> None:
        """Create the machine; the dialog stays open until that has worked."""
        creator = MachineCreator(self._link, self.draft, self)
        creator.progressed.connect(self._on_progress)
        creator.created.connect(self._on_created)
        creator.failed.connect(self._on_failed)
        creator.cancelled.connect(self._on_cancelled)
        self._creator = creator
        self.set_busy(self.tr("Creating the machine…"))
        creator.start()

    def cancel_work(self) -> None:
        """Give the creation up."""
        if self._creator is not None:
            self._creator.cancel()

    def _on_progress(self, text: str, percent: int) -> None:
        self.progress_text.setText(text)
        self.set_progress(percent)

    def _on_created(self, machine: MachineInfo) -> None:
        self.set_busy("")
        self.machine_created.emit(machine.id)
        self.accept()

    def _on_failed(self, reason: str) -> None:
        self.show_failure(
            self.tr("The machine was not created. {reason}").format(reason=reason)
        )

    def _on_cancelled(self) -> None:
        self.set_busy("")
