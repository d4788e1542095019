"""Editors of the pages System and Display: memory, processors, boot order, words that are texts."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QSlider, QSpinBox, QWidget

from app.manager.memory_limits import set_memory_limits
from app.manager.settings_dialog import setting_path
from app.manager.settings_dialog.context import DialogContext
from app.manager.settings_dialog.fields.editor import Editor
from app.manager.settings_dialog.spec import FieldSpec
from app.manager.widgets.boot_order_editor import BootOrderEditor
from app.manager.widgets.memory_editor import MemoryEditor
from app.manager.widgets.tab_order import lend_focus
from app.settings.declare import Setting

# At 4 MB a screen of 1024x768 has all colours; beyond 128 MB the setting is for many monitors.
_ENOUGH_VRAM_MB = 128
_MOST_SHOWN_CPUS = 2


class MemoryField(Editor):
    """Base memory, with the host's memory as the scale."""

    def __init__(self, context: DialogContext, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.memory = MemoryEditor(self)
        self.memory.set_accessible_name(name)
        self._ignore_wheel(self.memory.spin)
        self._ignore_wheel(self.memory.slider)
        set_memory_limits(self.memory, context.link)
        self._hold(self.memory)
        self.memory.value_changed.connect(self.take)

    def render_value(self, value: int) -> None:
        """Show VALUE."""
        self.memory.value = value


class VideoMemoryField(Editor):
    """Video memory, with the most that the service allows as the scale."""

    def __init__(self, context: DialogContext, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.memory = MemoryEditor(self)
        self.memory.set_accessible_name(name)
        self._ignore_wheel(self.memory.spin)
        self._ignore_wheel(self.memory.slider)
        properties = context.link.properties
        low = properties.min_guest_vram_mb if properties else 0
        high = properties.max_guest_vram_mb if properties else 256
        self.memory.set_range(low, high, good_until=_ENOUGH_VRAM_MB, high_until=high)
        self._hold(self.memory)
        self.memory.value_changed.connect(self.take)

    def render_value(self, value: int) -> None:
        """Show VALUE."""
        self.memory.value = value


class SliderField(Editor):
    """A number with slider and spin box."""

    def __init__(self, low: int, high: int, unit: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setMinimumWidth(160)
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.spin = QSpinBox(self)
        if unit:
            self.spin.setSuffix(f" {unit}")
        self._low, self._high = QLabel(self), QLabel(self)
        self._set_range(low, high)
        for part in (self.slider, self.spin):
            self._ignore_wheel(part)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(10)
        layout.setVerticalSpacing(1)
        layout.addWidget(self.slider, 0, 0, 1, 2)
        layout.addWidget(self.spin, 0, 2)
        layout.addWidget(self._low, 1, 0)
        layout.addWidget(self._high, 1, 1, Qt.AlignmentFlag.AlignRight)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        lend_focus(self, self.spin)
        self.slider.valueChanged.connect(self.spin.setValue)
        self.spin.valueChanged.connect(self.slider.setValue)
        self.spin.valueChanged.connect(self.take)

    def set_names(self, name: str, description: str) -> None:
        """Name both parts."""
        super().set_names(name, description)
        self.slider.setAccessibleName(name)

    def _set_range(self, low: int, high: int) -> None:
        self.slider.setRange(low, high)
        self.spin.setRange(low, high)
        step = max(1, (high - low) // 16)
        self.slider.setTickInterval(step)
        self.slider.setPageStep(step)
        self._low.setText(f"{low}{self.spin.suffix()}")
        self._high.setText(f"{high}{self.spin.suffix()}")

    def render_value(self, value: int) -> None:
        """Show VALUE; the range grows when it is outside."""
        if not self.spin.minimum() <= value <= self.spin.maximum():
            self._set_range(min(value, self.spin.minimum()), max(value, self.spin.maximum()))
        self.spin.setValue(value)


class BootOrderField(Editor):
    """The four boot positions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.order = BootOrderEditor(self)
        self._hold(self.order)
        self.order.order_changed.connect(lambda: self.take(self.order.order))

    def render_value(self, value: list[str]) -> None:
        """Show VALUE; what is shown already stays, with the current row."""
        if self.order.order != value:
            self.order.set_order(value)


def memory(context: DialogContext, spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the base memory."""
    return MemoryField(context, spec.title, parent)


def video_memory(context: DialogContext, spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the video memory."""
    return VideoMemoryField(context, spec.title, parent)


def boot_order(_context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the boot order."""
    return BootOrderField(parent)


def processors(context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the number of processors: up to twice as many as the host has."""
    properties = context.link.properties
    high = properties.max_guest_cpu_count if properties else 64
    if context.host is not None:
        high = min(high, 2 * max(1, context.host.processor_online_count))
    return SliderField(1, max(high, _MOST_SHOWN_CPUS), parent=parent)


def monitors(context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the number of screens: eight on the scale, more where they are set."""
    properties = context.link.properties
    return SliderField(1, min(8, properties.max_guest_monitors if properties else 8), parent=parent)


def slider(_context: DialogContext, spec: FieldSpec, parent: QWidget) -> Editor:
    """Return a slider over the declared range."""
    record = setting_path.declared(spec.path).declaration
    if not isinstance(record, Setting) or record.ge is None or record.le is None:
        raise TypeError(f"{spec.path} declares no range.")
    return SliderField(record.ge, record.le, record.unit, parent)
