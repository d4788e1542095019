"""General: name, guest operating system, description."""

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import (
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.manager.settings_dialog.page import (
    PageContext,
    SettingsPage,
    declaration_of,
    settings_page,
    translated,
)
from app.manager.widgets.field_message import Severity
from app.manager.widgets.os_type_editor import OsTypeEditor
from app.manager.widgets.paged_dialog import Problem
from app.settings.model import MachineSettings


@settings_page(
    "general",
    title=str(QT_TRANSLATE_NOOP("SettingsDialog", "General")),
    icon_name="general",
    order=10,
    paths=("name", "os_type_id", "description"),
)
class GeneralPage(SettingsPage):
    """Tabs Basic and Description."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.tabs = QTabWidget(self)
        self.name = QLineEdit(self)
        self.name.setMaxLength(255)
        self.os_type = OsTypeEditor(self)
        self.description = QPlainTextEdit(self)
        self.description.setTabChangesFocus(True)
        declared = declaration_of(MachineSettings, "description")
        self.description.setAccessibleName(translated(declared.label))
        self.description.setToolTip(translated(declared.help))

        basic = QWidget(self)
        form = self.os_type.form
        self.add_field(form, MachineSettings, "name", self.name, row=0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.register_field(self.os_type, hot=declaration_of(MachineSettings, "os_type_id").hot)
        basic_layout = QVBoxLayout(basic)
        basic_layout.addWidget(self.os_type)
        basic_layout.addStretch(1)
        text = QWidget(self)
        QVBoxLayout(text).addWidget(self.description)
        self.tabs.addTab(basic, self.tr("&Basic"))
        self.tabs.addTab(text, self.tr("&Description"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tabs)

        self._fill_types()
        context.link.os_types_loaded.connect(self._fill_types)
        self.name.textChanged.connect(self.changed)
        self.os_type.os_type_changed.connect(self.changed)
        self.description.textChanged.connect(self.changed)

    def _fill_types(self) -> None:
        if self.context.link.os_types:
            self.os_type.set_types(self.context.link.os_types)

    def load(self, settings: MachineSettings) -> None:
        """Show SETTINGS."""
        self.name.setText(settings.name)
        self.os_type.choose(settings.os_type_id)
        self.description.setPlainText(settings.description)

    def store(self, settings: MachineSettings) -> None:
        """Write the page into SETTINGS."""
        settings.name = self.name.text().strip()
        settings.os_type_id = self.os_type.os_type_id or settings.os_type_id
        settings.description = self.description.toPlainText()

    def problems(self) -> Sequence[Problem]:
        """Return whether another machine has the name."""
        name = self.name.text().strip()
        others = (
            machine.name
            for machine in self.context.link.model.machines()
            if machine.id != self.context.machine.id
        )
        if name in others:
            text = self.tr("Another machine has the name “{name}”.").format(name=name)
            return [Problem(Severity.ERROR, text)]
        return ()
