"""Second page: memory, processors and firmware."""

from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QSpinBox

from app.manager.memory_limits import memory_warning, set_memory_limits
from app.manager.service_link import ServiceLink
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.memory_editor import MemoryEditor
from app.manager.wizard.draft import MachineDraft
from app.manager.wizard.frame import WizardPage
from app.settings.available import FIRMWARE, MAX_PROCESSORS, TPMS
from app.settings.enums import FirmwareType, TpmType

_EFI_IS_AVAILABLE = FirmwareType.EFI in FIRMWARE


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
            "system",
        )
        self._link = link
        self._draft = draft
        self._recommended_for = ""
        self.memory = MemoryEditor(self)
        self.memory.set_accessible_name(self.tr("Base memory"))
        self.memory_hint = QLabel(self)
        self.memory_message = FieldMessage(self)
        self.processors = QSpinBox(self)
        self.processors.setRange(1, MAX_PROCESSORS)
        self.processors.setEnabled(MAX_PROCESSORS > 1)
        self.processors.setAccessibleName(self.tr("Processors"))
        self.processors.setToolTip(self._processor_tip())
        self.efi = QCheckBox(self.tr("&Enable EFI"), self)
        self.efi.setEnabled(_EFI_IS_AVAILABLE)
        self.efi.setToolTip(
            self.tr("The machine starts with EFI firmware instead of a BIOS.")
            if _EFI_IS_AVAILABLE
            else self.tr("Machines have a BIOS only in this version of Vitrine.")
        )
        self.note = FieldMessage(self)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(self.tr("Base &Memory:"), self.memory)
        form.addRow("", self.memory_hint)
        form.addRow("", self.memory_message)
        form.addRow(self.tr("&Processors:"), self.processors)
        form.addRow("", self.efi)
        form.addRow("", self.note)
        self.memory.value_changed.connect(self._on_memory_changed)
        self.processors.valueChanged.connect(self._on_processors_changed)
        self.efi.toggled.connect(self._on_efi_toggled)

    def _processor_tip(self) -> str:
        return self.tr(
            "How many processors the guest sees. Several need a host with KVM; elsewhere the "
            "machine starts with one."
        )

    def enter(self) -> None:
        """Come up with the cursor in the memory."""
        self.refresh()
        self.memory.setFocus()

    def refresh(self) -> None:
        """Offer what is recommended, unless something else was chosen for the same guest."""
        set_memory_limits(self.memory, self._link)
        recommended = self._draft.os_type.recommended_memory_mb
        self.memory_hint.setText(
            self.tr("Recommended for {os}: {size} MB").format(
                os=self._draft.os_type.description, size=recommended
            )
        )
        if self._recommended_for != self._draft.os_type.id:
            self._recommended_for = self._draft.os_type.id
            self.memory.value = min(recommended, self.memory.spin.maximum())
            self.processors.setValue(self._draft.os_type.recommended_cpus)
            wants_efi = self._draft.os_type.recommended_firmware != FirmwareType.BIOS
            self.efi.setChecked(wants_efi and _EFI_IS_AVAILABLE)
        self._on_memory_changed(self.memory.value)
        self.note.show_message(self._shortcomings(), Severity.NOTE)

    def _shortcomings(self) -> str:
        """Tell what the guest would like to have and this version has not."""
        guest = self._draft.os_type
        missing = []
        if guest.recommended_firmware != FirmwareType.BIOS and not _EFI_IS_AVAILABLE:
            missing.append(self.tr("EFI firmware"))
        if guest.recommended_cpus > MAX_PROCESSORS:
            missing.append(self.tr("{count} processors").format(count=guest.recommended_cpus))
        if guest.tpm and TpmType.V2_0 not in TPMS:
            missing.append(self.tr("a TPM"))
        if not missing:
            return ""
        text = self.tr(
            "{os} asks for more than this version of Vitrine has, and may refuse to install: "
            "{missing}."
        )
        return text.format(os=guest.description, missing=", ".join(missing))

    def _on_memory_changed(self, megabytes: int) -> None:
        self._draft.memory_mb = megabytes
        self.memory_message.show_message(memory_warning(megabytes), Severity.WARNING)

    def _on_processors_changed(self, count: int) -> None:
        self._draft.cpu_count = count

    def _on_efi_toggled(self, enabled: bool) -> None:
        self._draft.efi = enabled
