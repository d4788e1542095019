"""Display: the graphics adapter."""

from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import QFormLayout

from app.manager.settings_dialog.choice_box import ChoiceBox
from app.manager.settings_dialog.page import (
    PageContext,
    SettingsPage,
    declaration_of,
    settings_page,
    translated,
)
from app.manager.widgets.memory_editor import MemoryEditor
from app.settings.enums import GraphicsController
from app.settings.hardware import DisplaySettings
from app.settings.model import MachineSettings

# At 4 MB a screen of 1024x768 has all colours; beyond 128 MB the setting is for many monitors.
_ENOUGH_MB = 128
_CONTROLLERS = {
    controller.value: controller.value
    for controller in (
        GraphicsController.VBOX_VGA,
        GraphicsController.VMSVGA,
        GraphicsController.VBOX_SVGA,
    )
}


@settings_page(
    "display",
    title=str(QT_TRANSLATE_NOOP("SettingsDialog", "Display")),
    icon_name="display",
    order=30,
    paths=("hardware.display",),
)
class DisplayPage(SettingsPage):
    """Video memory and graphics controller."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.vram = MemoryEditor(self)
        self.vram.set_accessible_name(translated(declaration_of(DisplaySettings, "vram_mb").label))
        self.controller = ChoiceBox(_CONTROLLERS, self)
        form = QFormLayout(self)
        form.setContentsMargins(0, 4, 0, 0)
        form.setVerticalSpacing(10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.add_field(form, DisplaySettings, "vram_mb", self.vram)
        self.add_field(form, DisplaySettings, "controller", self.controller)
        self.vram.value_changed.connect(self.changed)
        self.controller.currentIndexChanged.connect(self.changed)

    def load(self, settings: MachineSettings) -> None:
        """Show SETTINGS."""
        properties = self.context.link.properties
        low = properties.min_guest_vram_mb if properties else 0
        high = properties.max_guest_vram_mb if properties else 256
        self.vram.set_range(low, high, good_until=_ENOUGH_MB, high_until=high)
        self.vram.value = settings.hardware.display.vram_mb
        self.controller.value = settings.hardware.display.controller

    def store(self, settings: MachineSettings) -> None:
        """Write the page into SETTINGS."""
        settings.hardware.display.vram_mb = self.vram.value
        settings.hardware.display.controller = self.controller.value
