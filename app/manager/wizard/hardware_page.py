"""Second page: memory and processors."""

from PySide6.QtWidgets import QFormLayout, QLabel, QSpinBox

from app.manager.memory_limits import memory_warning, set_memory_limits
from app.manager.service_link import ServiceLink
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.memory_editor import MemoryEditor
from app.manager.wizard.draft import MachineDraft
from app.manager.wizard.frame import WizardPage

# Unicorn, the execution engine of this version, has one virtual processor.
MAX_PROCESSORS = 1


class HardwarePage(WizardPage):
    """Memory starts at what the guest's makers recommend, until a person changes it."""

    def __init__(self, link: ServiceLink, draft: MachineDraft) -> None:
        super().__init__(
            self.tr("Hardware"),
            self.tr("Hardware"),
            self.tr(
                "Choose how much of this computer's memory the machine gets while it runs. The "
                "rest stays with this computer and its programs."
            ),
        )
        self._link = link
        self._draft = draft
        self._recommended = 0
        self.memory = MemoryEditor(self)
        self.memory.set_accessible_name(self.tr("Base memory"))
        self.memory_hint = QLabel(self)
        self.memory_message = FieldMessage(self)
        self.processors = QSpinBox(self)
        self.processors.setRange(1, MAX_PROCESSORS)
        self.processors.setEnabled(MAX_PROCESSORS > 1)
        self.processors.setAccessibleName(self.tr("Processors"))
        processor_note = FieldMessage(self)
        processor_note.show_message(
            self.tr("Machines have one processor in this version of Vitrine."), Severity.NOTE
        )
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(self.tr("Base &Memory:"), self.memory)
        form.addRow("", self.memory_hint)
        form.addRow("", self.memory_message)
        form.addRow(self.tr("&Processors:"), self.processors)
        form.addRow("", processor_note)
        self.memory.value_changed.connect(self._on_memory_changed)
        self.processors.valueChanged.connect(self._on_processors_changed)

    def enter(self) -> None:
        """Offer the recommended amount, unless another was chosen for the same guest."""
        set_memory_limits(self.memory, self._link)
        recommended = self._draft.os_type.recommended_memory_mb
        self.memory_hint.setText(
            self.tr("Recommended for {os}: {size} MB").format(
                os=self._draft.os_type.description, size=recommended
            )
        )
        if self._recommended != recommended:
            self._recommended = recommended
            self.memory.value = min(recommended, self.memory.spin.maximum())
        self._on_memory_changed(self.memory.value)
        self.memory.setFocus()

    def _on_memory_changed(self, megabytes: int) -> None:
        self._draft.memory_mb = megabytes
        self.memory_message.show_message(memory_warning(megabytes), Severity.WARNING)

    def _on_processors_changed(self, count: int) -> None:
        self._draft.cpu_count = count
