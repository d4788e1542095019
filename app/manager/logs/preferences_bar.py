"""How logs look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QCheckBox, QFontDialog, QLabel, QPushButton, QSpinBox, QWidget

from app.manager.logs.bars import LogBar
from app.manager.logs.view import fixed_font

OPTIONS_KEY: Final = "GUI/LogViewerOptions"
_SMALLEST, _LARGEST = 6, 44


@dataclass(frozen=True)
class LogLook:
    """How logs are shown.

    Attributes:
        numbers: lines have numbers.
        wraps: long lines are broken.
        size: of the font in points; 0: as the desktop wants it.
        family: of the font; empty: the desktop's fixed font.
    """

    numbers: bool = True
    wraps: bool = False
    size: int = 0
    family: str = ""

    @classmethod
    def parse(cls, text: str) -> LogLook:
        """Return what :meth:`words` wrote; words that are not known are skipped."""
        look = cls()
        for word in text.split(","):
            name, _, value = word.partition("=")
            if name == "hideLineNumbers":
                look = replace(look, numbers=False)
            elif name == "wrapLines":
                look = replace(look, wraps=True)
            elif name == "fontSize" and value.isdecimal():
                look = replace(look, size=min(_LARGEST, max(_SMALLEST, int(value))))
            elif name == "fontFamily":
                look = replace(look, family=value)
        return look

    def words(self) -> str:
        """Return the look as a value of extra data; empty for the usual one."""
        found = []
        if not self.numbers:
            found.append("hideLineNumbers")
        if self.wraps:
            found.append("wrapLines")
        if self.size:
            found.append(f"fontSize={self.size}")
        if self.family:
            found.append(f"fontFamily={self.family.replace(',', ' ')}")
        return ",".join(found)

    @property
    def font(self) -> QFont:
        """The font."""
        font = fixed_font()
        if self.family:
            font.setFamily(self.family)
        if self.size:
            font.setPointSize(self.size)
        return font


class PreferencesBar(LogBar):
    """Line numbers, wrapping, size and kind of the font.

    Signals:
        look_changed(): logs shall look otherwise; see :attr:`look`.
    """

    look_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Preferences of the log viewer"))
        self._look = LogLook()
        self.numbers = QCheckBox(self.tr("Line n&umbers"), self)
        self.wraps = QCheckBox(self.tr("Wra&p lines"), self)
        self.font_size = QSpinBox(self)
        self.font_size.setRange(_SMALLEST, _LARGEST)
        self.font_size.setSuffix(self.tr(" pt"))
        self.font_size.setAccessibleName(self.tr("Font size"))
        label = QLabel(self.tr("Font si&ze:"), self)
        label.setBuddy(self.font_size)
        self.choose = QPushButton(self.tr("Choose F&ont…"), self)
        self.reset = QPushButton(self.tr("Rese&t"), self)
        self.reset.setToolTip(self.tr("Show logs as they were shown at first"))
        for widget in (self.numbers, self.wraps, label, self.font_size, self.choose, self.reset):
            self.row.addWidget(widget)
        self.row.addStretch(1)
        self.set_look(LogLook())
        self.numbers.toggled.connect(lambda on: self._change(replace(self._look, numbers=on)))
        self.wraps.toggled.connect(lambda on: self._change(replace(self._look, wraps=on)))
        self.font_size.valueChanged.connect(
            lambda size: self._change(replace(self._look, size=size))
        )
        self.choose.clicked.connect(self._choose_font)
        self.reset.clicked.connect(lambda: self._change(LogLook()))

    @property
    def look(self) -> LogLook:
        """How logs shall look."""
        return self._look

    def set_look(self, look: LogLook) -> None:
        """Show LOOK; nothing is emitted."""
        self._look = look
        for widget in (self.numbers, self.wraps, self.font_size):
            widget.blockSignals(True)
        self.numbers.setChecked(look.numbers)
        self.wraps.setChecked(look.wraps)
        self.font_size.setValue(look.size or look.font.pointSize())
        for widget in (self.numbers, self.wraps, self.font_size):
            widget.blockSignals(False)
        text = self.tr("Logs are shown in {family}.").format(family=look.font.family())
        self.choose.setToolTip(text)

    def _change(self, look: LogLook) -> None:
        if look != self._look:
            self.set_look(look)
            self.look_changed.emit()

    def _choose_font(self) -> None:
        dialog = QFontDialog(self._look.font, self)
        dialog.setOption(QFontDialog.FontDialogOption.MonospacedFonts)
        dialog.setWindowTitle(self.tr("Font of logs"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.fontSelected.connect(self._take_font)
        dialog.open()

    def _take_font(self, font: QFont) -> None:
        size = max(_SMALLEST, min(_LARGEST, font.pointSize()))
        self._change(replace(self._look, family=font.family(), size=size))
