"""System: memory, boot order, processors and switches of the board."""

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import QCheckBox, QFormLayout, QSpinBox, QTabWidget, QVBoxLayout, QWidget

from app.manager import host
from app.manager.memory_limits import memory_warning, set_memory_limits
from app.manager.settings_dialog.choice_box import ChoiceBox
from app.manager.settings_dialog.page import (
    PageContext,
    SettingsPage,
    declaration_of,
    settings_page,
    translated,
)
from app.manager.widgets.boot_order_editor import BootOrderEditor
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.memory_editor import MemoryEditor
from app.manager.widgets.paged_dialog import Problem
from app.manager.words import POINTING_DEVICES
from app.settings.enums import BootDevice, PointingDevice
from app.settings.hardware import CpuSettings, FirmwareSettings
from app.settings.model import HardwareSettings, MachineSettings


@settings_page(
    "system",
    title=str(QT_TRANSLATE_NOOP("SettingsDialog", "System")),
    icon_name="system",
    order=20,
    paths=(
        "hardware.memory_mb",
        "hardware.cpu",
        "hardware.firmware",
        "hardware.boot_order",
        "hardware.pointing_device",
        "hardware.rtc_utc",
    ),
)
class SystemPage(SettingsPage):
    """Tabs Motherboard and Processor."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        tabs = QTabWidget(self)
        self.memory = MemoryEditor(self)
        self.memory.set_accessible_name(
            translated(declaration_of(HardwareSettings, "memory_mb").label)
        )
        self.boot_order = BootOrderEditor(self)
        self.pointing_device = ChoiceBox(
            {PointingDevice.PS2_MOUSE: POINTING_DEVICES[PointingDevice.PS2_MOUSE]}, self
        )
        self.rtc_utc = _check_box(HardwareSettings, "rtc_utc", self)
        self.ioapic = _check_box(FirmwareSettings, "ioapic", self)
        self.processors = QSpinBox(self)
        self.processors.setRange(1, 64)
        tabs.addTab(self._new_motherboard(), self.tr("&Motherboard"))
        tabs.addTab(self._new_processor(), self.tr("&Processor"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(tabs)
        self.memory.value_changed.connect(self.changed)
        self.boot_order.order_changed.connect(self.changed)
        self.pointing_device.currentIndexChanged.connect(self.changed)
        self.rtc_utc.toggled.connect(self.changed)
        self.ioapic.toggled.connect(self.changed)

    def _new_motherboard(self) -> QWidget:
        board = QWidget(self)
        form = QFormLayout(board)
        form.setVerticalSpacing(10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.add_field(form, HardwareSettings, "memory_mb", self.memory)
        self.add_field(form, HardwareSettings, "boot_order", self.boot_order)
        self.add_field(form, HardwareSettings, "pointing_device", self.pointing_device)
        self.add_field(form, HardwareSettings, "rtc_utc", self.rtc_utc, label="")
        form.addRow("", self.ioapic)
        self.ioapic.setToolTip(
            self.tr(
                "Machines have no I/O APIC in this version of Vitrine; the setting is kept for "
                "later and for other programs."
            )
        )
        self.register_field(self.ioapic, hot=declaration_of(FirmwareSettings, "ioapic").hot)
        return board

    def _new_processor(self) -> QWidget:
        processor = QWidget(self)
        form = QFormLayout(processor)
        form.setVerticalSpacing(10)
        note = FieldMessage(processor)
        note.show_message(
            self.tr(
                "Machines have one processor in this version of Vitrine; a larger number is kept "
                "for later."
            ),
            Severity.NOTE,
        )
        self.add_field(form, CpuSettings, "count", self.processors)
        form.addRow("", note)
        return processor

    def set_live(self, live: bool) -> None:
        """Disable what may not change while the machine runs."""
        super().set_live(live)
        self.processors.setEnabled(False)

    def load(self, settings: MachineSettings) -> None:
        """Show SETTINGS."""
        hardware = settings.hardware
        set_memory_limits(self.memory, self.context.link)
        self.memory.value = hardware.memory_mb
        self.boot_order.set_order(hardware.boot_order)
        self.pointing_device.value = hardware.pointing_device
        self.ioapic.setChecked(hardware.firmware.ioapic)
        self.rtc_utc.setChecked(hardware.rtc_utc)
        self.processors.setValue(hardware.cpu.count)

    def store(self, settings: MachineSettings) -> None:
        """Write the page into SETTINGS."""
        hardware = settings.hardware
        hardware.memory_mb = self.memory.value
        hardware.boot_order = self.boot_order.order
        hardware.pointing_device = self.pointing_device.value
        hardware.rtc_utc = self.rtc_utc.isChecked()
        hardware.firmware.ioapic = self.ioapic.isChecked()

    def problems(self) -> Sequence[Problem]:
        """Return what is wrong or unwise."""
        found = []
        if self.memory.value > host.memory_mb():
            text = self.tr("The machine has more memory than this computer ({size} MB).")
            found.append(Problem(Severity.ERROR, text.format(size=host.memory_mb())))
        elif warning := memory_warning(self.memory.value):
            found.append(Problem(Severity.WARNING, warning))
        if all(device == BootDevice.NONE for device in self.boot_order.order):
            found.append(
                Problem(Severity.WARNING, self.tr("The machine has no device to boot from."))
            )
        if self.pointing_device.value != PointingDevice.PS2_MOUSE:
            found.append(
                Problem(
                    Severity.WARNING,
                    self.tr("This version of Vitrine offers a PS/2 mouse instead of the device."),
                )
            )
        return found


def _check_box(
    structure: type[HardwareSettings | FirmwareSettings], name: str, parent: QWidget
) -> QCheckBox:
    return QCheckBox(translated(declaration_of(structure, name).label), parent)
