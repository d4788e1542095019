"""Editors of the page General: guest operating system, and the icon of the machine."""

import base64
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.common.background import run_in_background
from app.common.icons import os_icon
from app.common.messages import show_error
from app.manager.settings_dialog.context import DialogContext
from app.manager.settings_dialog.fields.editor import Editor
from app.manager.settings_dialog.spec import FieldSpec
from app.manager.widgets.file_picker import PickMode, new_file_dialog
from app.manager.widgets.os_type_editor import OsTypeEditor
from app.manager.widgets.tab_order import lend_focus

_ICON_SIZE = QSize(32, 32)
_LARGEST_ICON = 1 << 18
_PNG = b"\x89PNG\r\n\x1a\n"


class OsTypeField(Editor):
    """Type, subtype and version of the guest system."""

    def __init__(self, context: DialogContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.os_type = OsTypeEditor(self)
        self._hold(self.os_type)
        lend_focus(self, self.os_type.family)
        self._fill()
        context.link.os_types_loaded.connect(self._fill)
        self.os_type.os_type_changed.connect(self._on_changed)

    def _fill(self) -> None:
        if self._context.link.os_types:
            rendering, self._rendering = self._rendering, True
            self.os_type.set_types(self._context.link.os_types)
            self._rendering = rendering
            if self._value is not None:
                self.show_value(self._value)

    def _on_changed(self, os_type_id: str) -> None:
        if os_type_id:
            self.take(os_type_id)

    def render_value(self, value: str) -> None:
        """Show VALUE."""
        self.os_type.choose(value)


class IconField(Editor):
    """The picture of a machine: a PNG file, kept in base64."""

    shows_more = True

    def __init__(self, context: DialogContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.picture = QLabel(self)
        self.picture.setFixedSize(_ICON_SIZE)
        self.choose_button = QPushButton(self.tr("Choose…"), self)
        self.choose_button.setAccessibleName(self.tr("Choose an icon for the machine"))
        self.default_button = QPushButton(self.tr("Use That of the Guest System"), self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.picture)
        layout.addWidget(self.choose_button)
        layout.addWidget(self.default_button)
        layout.addStretch(1)
        lend_focus(self, self.choose_button)
        self.choose_button.clicked.connect(self._browse)
        self.default_button.clicked.connect(lambda: self._set(""))

    def render_value(self, value: str) -> None:
        """Show VALUE, or the icon of the guest system."""
        pixmap = QPixmap()
        if not value or not pixmap.loadFromData(_decoded(value)):
            os_type_id = self._context.draft.get("os_type_id")
            pixmap = os_icon(os_type_id).pixmap(_ICON_SIZE, self.devicePixelRatioF())
        else:
            pixmap = pixmap.scaled(
                _ICON_SIZE,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        self.picture.setPixmap(pixmap)
        self.default_button.setEnabled(bool(value))

    def _set(self, value: str) -> None:
        self.take(value)
        self.show_value(value)

    def _browse(self) -> None:
        dialog = new_file_dialog(
            self, PickMode.OPEN_FILE, self.tr("Icon of the machine"), self.tr("Pictures (*.png)")
        )
        dialog.fileSelected.connect(self.load_file)
        dialog.open()

    def load_file(self, path: str) -> None:
        """Take the PNG file at PATH."""

        def read() -> bytes:
            with Path(path).open("rb") as file:
                return file.read(_LARGEST_ICON + 1)

        def done(data: bytes) -> None:
            if not data.startswith(_PNG):
                self._refuse(self.tr("{path} is not a PNG file.").format(path=path))
            elif len(data) > _LARGEST_ICON:
                self._refuse(self.tr("{path} is larger than 256 KB.").format(path=path))
            else:
                self._set(base64.b64encode(data).decode("ascii"))

        run_in_background(self, read, done, lambda error: self._refuse(str(error)))

    def _refuse(self, reason: str) -> None:
        show_error(self, self.tr("The icon cannot be used"), reason)


def _decoded(text: str) -> bytes:
    """Return the bytes of a text in base64; none of a text that is not."""
    try:
        return base64.b64decode(text)
    except ValueError:
        return b""


def os_type(context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the guest system."""
    return OsTypeField(context, parent)


def icon_file(context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the machine's icon."""
    return IconField(context, parent)
