"""Base of the editors of settings."""

from typing import Any, ClassVar

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.manager.settings_dialog.context import Condition
from app.manager.widgets.tab_order import lend_focus


class Editor(QWidget):
    """Shows the value of a setting and takes another one from a person.

    The value that was shown is kept until a person changes it, so that what an editor cannot show
    (words of newer files, numbers out of range) is never changed behind anybody's back.

    Signals:
        edited(): a person has changed the value.
    """

    edited = Signal()

    shows_more: ClassVar[bool] = False
    """Other settings change what is shown too, or the value is changed in place."""

    expands: ClassVar[bool] = True
    """An editor that fills the page takes all the height that is left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value: Any = None
        self._rendering = False
        # Of an editor with many parts: a focus proxy would get the focus a second time, after
        # the last part.
        self._first_field: QWidget | None = None

    @property
    def first_field(self) -> QWidget:
        """The part that gets the focus first."""
        return self._first_field or self.focusProxy() or self

    @property
    def value(self) -> Any:
        """The value as settings hold it."""
        return self._value

    def show_value(self, value: Any) -> None:
        """Show VALUE."""
        self._value = value
        self._rendering = True
        try:
            self.render_value(value)
        finally:
            self._rendering = False

    def render_value(self, value: Any) -> None:
        """Put VALUE into the widgets; for subclasses."""

    def take(self, value: Any) -> None:
        """Take what a person has entered; for subclasses. Nothing happens while one is shown."""
        if not self._rendering and value != self._value:
            self._value = value
            self.edited.emit()

    def set_names(self, name: str, description: str) -> None:
        """Tell assistive technology what is edited."""
        field = self.first_field
        if not field.accessibleName():
            field.setAccessibleName(name)
        field.setAccessibleDescription(description)

    def follow_condition(self, condition: Condition) -> None:
        """Allow what may change now; for editors of which only a part may."""

    def _hold(self, field: QWidget, *, stretch: bool = True) -> None:
        """Lay FIELD out as the only part of the editor."""
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(field, 1 if stretch else 0)
        if not stretch:
            layout.addStretch(1)
        lend_focus(self, field)

    def _ignore_wheel(self, field: QWidget) -> None:
        """Let the wheel scroll the page instead of changing a value that it happens to be over."""
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the wheel from fields that do not have the focus."""
        is_wheel = event.type() is QEvent.Type.Wheel
        if is_wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)
