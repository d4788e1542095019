"""Serial Ports: four tabs, one per port."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.manager.settings_dialog.choice_box import ChoiceBox
from app.manager.settings_dialog.page import (
    PageContext,
    SettingsPage,
    declaration_of,
    settings_page,
    translated,
)
from app.manager.words import COM_PORTS, PORT_MODES
from app.settings.enums import PortMode
from app.settings.model import MachineSettings, SerialPort

_SLOTS = 4
_USER_DEFINED = ""


class HexSpinBox(QSpinBox):
    """Spin box that shows and takes hexadecimal numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDisplayIntegerBase(16)
        self.setPrefix("0x")
        self.setRange(0, 0xFFFF)
        self.setSingleStep(8)


class PortEditor(QWidget):
    """Editor of one port.

    Signals:
        changed(): a person changed something.
    """

    changed = Signal()

    def __init__(self, page: SettingsPage, slot: int) -> None:
        super().__init__(page)
        self.slot = slot
        enable_text = translated(declaration_of(SerialPort, "enabled").label)
        self.enabled = QCheckBox(enable_text, self)
        self.number = QComboBox(self)
        for name in COM_PORTS:
            self.number.addItem(name, name)
        self.number.addItem(self.tr("User-defined"), _USER_DEFINED)
        self.number.setAccessibleName(self.tr("Port number"))
        self.irq = QSpinBox(self)
        self.irq.setRange(0, 15)
        self.io_base = HexSpinBox(self)
        self.mode = ChoiceBox(PORT_MODES, self)
        self.existing = QCheckBox(self.tr("Connect to existing pipe/socket"), self)
        self.path = QLineEdit(self)
        self._hot: dict[QWidget, bool] = {}
        form = QFormLayout(self)
        form.setVerticalSpacing(10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(self.enabled)
        form.addRow(self.tr("Port Number:"), self._new_resources())
        self._add(form, "mode", self.mode)
        form.addRow("", self.existing)
        self._add(form, "path", self.path)
        for widget, field in ((self.enabled, "enabled"), (self.existing, "server")):
            self._hot[widget] = declaration_of(SerialPort, field).hot
        self._live = False
        self._connect()

    def _new_resources(self) -> QWidget:
        resources = QWidget(self)
        row = QHBoxLayout(resources)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.number)
        for field, widget in (("irq", self.irq), ("io_base", self.io_base)):
            label = translated(declaration_of(SerialPort, field).label)
            row.addSpacing(8)
            row.addWidget(QLabel(f"{label}:", resources))
            row.addWidget(widget)
            widget.setAccessibleName(label)
        row.addStretch(1)
        return resources

    def _add(self, form: QFormLayout, field: str, widget: QWidget) -> None:
        declared = declaration_of(SerialPort, field)
        widget.setToolTip(translated(declared.help))
        widget.setAccessibleName(translated(declared.label))
        form.addRow(f"{translated(declared.label)}:", widget)
        self._hot[widget] = declared.hot

    def _connect(self) -> None:
        self.number.currentIndexChanged.connect(self._on_number_changed)
        self.enabled.toggled.connect(self._on_changed)
        self.mode.currentIndexChanged.connect(self._on_changed)
        self.existing.toggled.connect(self._on_changed)
        self.path.textChanged.connect(self._on_changed)
        self.irq.valueChanged.connect(self._on_changed)
        self.io_base.valueChanged.connect(self._on_changed)

    def load(self, port: SerialPort) -> None:
        """Show PORT."""
        self.enabled.setChecked(port.enabled)
        self.irq.setMaximum(max(15, port.irq))
        self.irq.setValue(port.irq)
        self.io_base.setValue(port.io_base)
        resources = (port.io_base, port.irq)
        name = next((com for com, known in COM_PORTS.items() if known == resources), _USER_DEFINED)
        self.number.setCurrentIndex(self.number.findData(name))
        self.mode.value = port.mode
        self.existing.setChecked(not port.server)
        self.path.setText(port.path)
        self._update()

    def store(self, port: SerialPort) -> None:
        """Write the editor into PORT."""
        port.enabled = self.enabled.isChecked()
        port.irq = self.irq.value()
        port.io_base = self.io_base.value()
        port.mode = self.mode.value
        port.server = not self.existing.isChecked()
        port.path = self.path.text().strip()

    def set_live(self, live: bool) -> None:
        """Disable what may not change while the machine runs."""
        self._live = live
        self._update()

    def _on_number_changed(self) -> None:
        resources = COM_PORTS.get(str(self.number.currentData()))
        if resources is not None:
            self.io_base.setValue(resources[0])
            self.irq.setValue(resources[1])
        self._on_changed()

    def _on_changed(self) -> None:
        self._update()
        self.changed.emit()

    def _update(self) -> None:
        """Enable what means something for the chosen mode and may change now."""
        enabled = self.enabled.isChecked()
        cold = enabled and not self._live
        user_defined = self.number.currentData() == _USER_DEFINED
        mode = self.mode.value
        self.number.setEnabled(cold)
        self.irq.setEnabled(cold and user_defined)
        self.io_base.setEnabled(cold and user_defined)
        connectable = mode in {PortMode.HOST_PIPE, PortMode.TCP}
        for widget, wanted in (
            (self.enabled, True),
            (self.mode, enabled),
            (self.existing, enabled and connectable),
            (self.path, enabled and mode != PortMode.DISCONNECTED),
        ):
            widget.setEnabled(wanted and (self._hot[widget] or not self._live))


@settings_page(
    "serial",
    title=str(QT_TRANSLATE_NOOP("SettingsDialog", "Serial Ports")),
    icon_name="serial",
    order=70,
    paths=("hardware.serial_ports",),
)
class SerialPage(SettingsPage):
    """Tabs Port 1 to Port 4."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.tabs = QTabWidget(self)
        self.ports = [PortEditor(self, slot) for slot in range(_SLOTS)]
        for editor in self.ports:
            self.tabs.addTab(editor, self.tr("Port &{number}").format(number=editor.slot + 1))
            editor.changed.connect(self.changed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tabs)

    def load(self, settings: MachineSettings) -> None:
        """Show SETTINGS; a slot that they do not have shows the usual resources."""
        for editor in self.ports:
            editor.load(_find(settings, editor.slot) or _usual_port(editor.slot))

    def store(self, settings: MachineSettings) -> None:
        """Write the page into SETTINGS; a slot is added only when it differs from the usual."""
        for editor in self.ports:
            port = _find(settings, editor.slot)
            if port is not None:
                editor.store(port)
                continue
            port = _usual_port(editor.slot)
            editor.store(port)
            if port != _usual_port(editor.slot):
                settings.hardware.serial_ports.append(port)

    def set_live(self, live: bool) -> None:
        """Disable what may not change while the machine runs."""
        for editor in self.ports:
            editor.set_live(live)


def _find(settings: MachineSettings, slot: int) -> SerialPort | None:
    return next((port for port in settings.hardware.serial_ports if port.slot == slot), None)


def _usual_port(slot: int) -> SerialPort:
    io_base, irq = list(COM_PORTS.values())[slot]
    return SerialPort(slot=slot, io_base=io_base, irq=irq)
