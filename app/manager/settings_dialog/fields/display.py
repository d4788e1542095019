"""Editors of the page Display: scale factor, size of recorded frames, what is recorded."""

from typing import Any, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from app.manager.settings_dialog.context import DialogContext
from app.manager.settings_dialog.fields.editor import Editor
from app.manager.settings_dialog.fields.simple import Choice
from app.manager.settings_dialog.fields.system import SliderField
from app.manager.settings_dialog.spec import FieldSpec
from app.manager.widgets.tab_order import lend_focus
from app.manager.words import Words

_TIMES: Final = "\N{MULTIPLICATION SIGN}"
_LEAST_SCALE, _MOST_SCALE = 100, 400
_FRAME_SIZES: Final = (
    (320, 200), (640, 480), (720, 400), (800, 600), (1024, 768), (1280, 720), (1280, 800),
    (1280, 1024), (1366, 768), (1440, 900), (1600, 900), (1680, 1050), (1920, 1080), (1920, 1200),
    (2560, 1440), (3840, 2160),
)  # fmt: skip
RECORDING_MODES: Final[Words] = {
    "video,audio": str(QT_TRANSLATE_NOOP("Words", "Video/Audio")),
    "video": str(QT_TRANSLATE_NOOP("Words", "Video Only")),
    "audio": str(QT_TRANSLATE_NOOP("Words", "Audio Only")),
}


class ScaleFactor(SliderField):
    """Per cent on the slider; a number such as 1.5 in the extra data, nothing for 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_LEAST_SCALE, _MOST_SCALE, "%", parent)
        self.spin.setSingleStep(25)
        self.slider.setSingleStep(5)

    def render_value(self, value: Any) -> None:
        """Show VALUE; of several screens the first one's."""
        try:
            factor = float(value.split(",", 1)[0] or 1)
        except ValueError:
            factor = 1.0
        super().render_value(round(factor * 100))

    def take(self, value: object) -> None:
        """Take a percentage as the text that the extra data hold."""
        percent = int(str(value))
        super().take("" if percent == _LEAST_SCALE else f"{percent / 100:g}")


class FrameSize(Editor):
    """Usual sizes, and the width; the height is a setting of its own beside it."""

    shows_more = True

    def __init__(self, context: DialogContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.presets = QComboBox(self)
        self.presets.addItem(self.tr("User-defined"))
        for width, height in _FRAME_SIZES:
            self.presets.addItem(f"{width} {_TIMES} {height}")
        self.width_box = self._new_box(self.tr("Frame width"))
        self.height_box = self._new_box(self.tr("Frame height"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.presets, self.width_box, QLabel(_TIMES, self), self.height_box):
            layout.addWidget(widget)
        layout.addStretch(1)
        lend_focus(self, self.presets)
        self._ignore_wheel(self.presets)
        self.presets.activated.connect(self._choose)
        self.width_box.valueChanged.connect(self._on_changed)
        self.height_box.valueChanged.connect(self._on_changed)

    def _new_box(self, name: str) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(0, 65535)
        box.setSingleStep(8)
        box.setAccessibleName(name)
        self._ignore_wheel(box)
        return box

    def render_value(self, value: int) -> None:
        """Show the width VALUE and the height that the draft has."""
        height = self._context.draft.get(_HEIGHT)
        self.width_box.setValue(value)
        self.height_box.setValue(height)
        self._show_preset((value, height))

    def _choose(self) -> None:
        row = self.presets.currentIndex()
        if row > 0:
            width, height = _FRAME_SIZES[row - 1]
            self.width_box.setValue(width)
            self.height_box.setValue(height)

    def _show_preset(self, size: tuple[int, int]) -> None:
        self.presets.setCurrentIndex(_FRAME_SIZES.index(size) + 1 if size in _FRAME_SIZES else 0)

    def _on_changed(self) -> None:
        if self._rendering:
            return
        size = (self.width_box.value(), self.height_box.value())
        self._show_preset(size)
        if self._context.draft.get(_HEIGHT) != size[1]:
            self._context.draft.set(_HEIGHT, size[1])
        self.take(size[0])


_HEIGHT: Final = "recording.screens[0].height"


class VideoRate(SliderField):
    """Kilobits per second, with the size of a recording that follows from them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(32, 8192, "kbps", parent)
        self.size_label = QLabel(self)
        layout = self.layout()
        if layout is not None:
            layout.addWidget(self.size_label)
        self.spin.valueChanged.connect(self._show_size)
        self._show_size()

    def _show_size(self) -> None:
        megabytes = self.spin.value() * 300 // 8 // 1024
        text = QCoreApplication.translate("SettingsDialog", "about {size} MB per 5-minute video")
        self.size_label.setText(text.format(size=megabytes))


def scale_factor(_context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the scale factor."""
    return ScaleFactor(parent)


def frame_size(context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the size of recorded frames."""
    return FrameSize(context, parent)


def video_rate(_context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the quality of recorded video."""
    return VideoRate(parent)


def recording_mode(_context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of what is recorded."""
    return Choice(RECORDING_MODES, parent)
