"""Editors for switches, words, numbers and texts, and which of them a declaration asks for."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPlainTextEdit, QSpinBox, QWidget

from app.manager.settings_dialog import setting_path
from app.manager.settings_dialog.context import DialogContext
from app.manager.settings_dialog.fields.choice_box import ChoiceBox
from app.manager.settings_dialog.fields.editor import Editor
from app.manager.settings_dialog.fields.vocabulary import words_of
from app.manager.settings_dialog.spec import FieldSpec, setting_text
from app.manager.widgets.file_picker import FilePicker, PickMode
from app.manager.words import Words
from app.settings.declare import Setting

_MAX_SPIN = 2**31 - 1
_HEX_DIGITS = 4


class Switch(Editor):
    """A check box that carries its caption itself."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox(text, self)
        self._hold(self.box)
        self.box.toggled.connect(self.take)

    def render_value(self, value: bool) -> None:
        """Show VALUE."""
        self.box.setChecked(value)


class Choice(Editor):
    """One of some words."""

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = ChoiceBox(words, self)
        self._ignore_wheel(self.box)
        self._hold(self.box, stretch=False)
        self.box.currentIndexChanged.connect(lambda: self.take(self.box.value))

    def render_value(self, value: str) -> None:
        """Show VALUE."""
        self.box.value = value


class Number(Editor):
    """A whole number with its unit."""

    def __init__(
        self,
        low: int,
        high: int,
        *,
        unit: str = "",
        zero: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.spin = QSpinBox(self)
        self.spin.setRange(max(low, -_MAX_SPIN), min(high, _MAX_SPIN))
        self.spin.setSpecialValueText(zero)
        self.spin.setAccelerated(True)
        if unit:
            self.spin.setSuffix(f" {unit}")
        self._ignore_wheel(self.spin)
        self._hold(self.spin, stretch=False)
        self.spin.valueChanged.connect(self.take)

    def render_value(self, value: int) -> None:
        """Show VALUE; the range grows when it is outside."""
        shown = max(-_MAX_SPIN, min(value, _MAX_SPIN))
        self.spin.setRange(min(self.spin.minimum(), shown), max(self.spin.maximum(), shown))
        self.spin.setValue(shown)


class HexNumber(Editor):
    """A number of up to four hexadecimal digits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spin = QSpinBox(self)
        self.spin.setDisplayIntegerBase(16)
        self.spin.setPrefix("0x")
        self.spin.setRange(0, (1 << 4 * _HEX_DIGITS) - 1)
        self.spin.setSingleStep(8)
        self._ignore_wheel(self.spin)
        self._hold(self.spin, stretch=False)
        self.spin.valueChanged.connect(self.take)

    def render_value(self, value: int) -> None:
        """Show VALUE."""
        self.spin.setValue(value)


class Text(Editor):
    """One line of text."""

    def __init__(self, *, max_length: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QLineEdit(self)
        self.edit.setMinimumWidth(240)
        if max_length is not None:
            self.edit.setMaxLength(max_length)
        self._hold(self.edit)
        self.edit.textChanged.connect(lambda text: self.take(text.strip()))

    def render_value(self, value: str) -> None:
        """Show VALUE, without moving the cursor of somebody who is typing it."""
        if self.edit.text().strip() != value:
            self.edit.setText(value)


class LongText(Editor):
    """Several lines of text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QPlainTextEdit(self)
        self.edit.setTabChangesFocus(True)
        self._hold(self.edit)
        self.edit.textChanged.connect(lambda: self.take(self.edit.toPlainText()))

    def render_value(self, value: str) -> None:
        """Show VALUE, without moving the cursor of somebody who is typing it."""
        if self.edit.toPlainText() != value:
            self.edit.setPlainText(value)


class PathField(Editor):
    """A path with a button that opens a file dialog."""

    def __init__(
        self, mode: PickMode, title: str, filters: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.picker = FilePicker(mode, title=title, filters=filters, parent=self)
        self._hold(self.picker)
        self.picker.path_changed.connect(lambda _path: self.take(self.picker.path))

    def render_value(self, value: str) -> None:
        """Show VALUE."""
        if self.picker.path != value:
            self.picker.path = value


class PropertyText(Editor):
    """Names with values, one ``name=value`` per line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QPlainTextEdit(self)
        self.edit.setTabChangesFocus(True)
        self.edit.setPlaceholderText(self.tr("name=value, one per line"))
        self.edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.edit.setFixedHeight(self.edit.fontMetrics().lineSpacing() * 3 + 12)
        self.edit.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._hold(self.edit)
        self.edit.textChanged.connect(lambda: self.take(self._parsed()))

    def _parsed(self) -> dict[str, str]:
        pairs = (line.partition("=") for line in self.edit.toPlainText().splitlines())
        return {name.strip(): value.strip() for name, _sign, value in pairs if name.strip()}

    def render_value(self, value: dict[str, str]) -> None:
        """Show VALUE."""
        if self._parsed() != value:
            self.edit.setPlainText("\n".join(f"{name}={text}" for name, text in value.items()))


def make_editor(context: DialogContext, spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor that SPEC names, or the usual one for the type of its setting.

    Raises:
        TypeError: there is no usual editor for the type.
    """
    if spec.editor is not None:
        return spec.editor(context, spec, parent)
    field = setting_path.declared(spec.path)
    record = field.declaration
    words = spec.words or words_of(getattr(record, "choices", None))
    if words is not None:
        return Choice(words, parent)
    if field.type is bool:
        return Switch(spec.title, parent)
    if field.type is int and isinstance(record, Setting):
        if record.form == "hex":
            return HexNumber(parent)
        low = _MAX_SPIN * -1 if record.ge is None else record.ge
        high = _MAX_SPIN if record.le is None else record.le
        return Number(low, high, unit=setting_text(record.unit), parent=parent)
    if field.type is str or spec.path.endswith("]"):
        limit = record.max_length if isinstance(record, Setting) else None
        return Text(max_length=limit, parent=parent)
    if field.type == dict[str, str]:
        return PropertyText(parent)
    raise TypeError(f"There is no editor for {spec.path} of type {field.type}.")


def path_editor(mode: PickMode) -> Any:
    """Return a factory of path editors for :attr:`FieldSpec.editor`."""

    def make(_context: DialogContext, spec: FieldSpec, parent: QWidget) -> Editor:
        return PathField(mode, spec.title, parent=parent)

    return make


def long_text(_context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return an editor for several lines; for :attr:`FieldSpec.editor`."""
    return LongText(parent)


def switch_text(on: str = "true", off: str = "") -> Any:
    """Return a factory of check boxes over two texts, as extra data spell switches."""

    def make(_context: DialogContext, spec: FieldSpec, parent: QWidget) -> Editor:
        return TextSwitch(spec.title, on, off, parent)

    return make


class TextSwitch(Editor):
    """A check box over two texts, as extra data spell switches."""

    def __init__(self, text: str, on: str, off: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._on, self._off = on, off
        self.box = QCheckBox(text, self)
        self._hold(self.box)
        self.box.toggled.connect(lambda checked: self.take(self._on if checked else self._off))

    def render_value(self, value: str) -> None:
        """Show VALUE; what an absent text means is the side whose text is empty."""
        checked = value.lower() in {"true", "yes", "on", "1"}
        self.box.setChecked(value != self._off if self._on == "" else checked)
