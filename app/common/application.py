"""Creates the QApplication of a Vitrine process, and makes it look as people prefer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from app.common.collector import GuiThreadCollector
from app.common.icons import icon
from app.common.language import LanguageSwitch
from app.common.preferences import LEAST_PERCENT, InterfacePreferences
from app.common.theme import ThemeSwitch
from app.version import DISTRIBUTION, version

PRODUCT = "Vitrine"
SCALE_VARIABLE: Final = "QT_SCALE_FACTOR"


class Look(QObject):
    """The look of the process: language, colours and size of texts.

    Signals:
        language_changed(): another language is in use; texts that are shown are still in the old.
    """

    language_changed = Signal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._font = QFont(application.font())
        self._font_percent = LEAST_PERCENT
        self.theme = ThemeSwitch(application)
        self.language = LanguageSwitch(application)

    def show(self, preferences: InterfacePreferences) -> None:
        """Show PREFERENCES; what is shown already costs nothing."""
        self.theme.show(preferences.theme)
        if preferences.font_percent != self._font_percent:
            self._font_percent = preferences.font_percent
            font = QFont(self._font)
            font.setPointSizeF(font.pointSizeF() * preferences.font_percent / 100)
            QApplication.setFont(font)
        if self.language.use(preferences.language):
            self.language_changed.emit()


def create_application(
    argv: Sequence[str], preferences: InterfacePreferences | None = None
) -> QApplication:
    """Return the process's QApplication, created and named on the first call.

    Args:
        argv: program name and arguments; Qt takes its own options (``-style``) out of them.
        preferences: its look; the scale factor can only be obeyed by the first call.
    """
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        if preferences is not None and preferences.scale_percent != LEAST_PERCENT:
            # Who sets the variable for one start knows better than the preferences.
            os.environ.setdefault(SCALE_VARIABLE, f"{preferences.scale_percent / 100:g}")
        application = QApplication(list(argv))
    QCoreApplication.setApplicationName(PRODUCT)
    QCoreApplication.setApplicationVersion(version())
    QApplication.setDesktopFileName(DISTRIBUTION)
    if application.findChild(GuiThreadCollector) is None:
        GuiThreadCollector(application)
    look = look_of(application)
    if preferences is not None:
        look.show(preferences)
    QApplication.setWindowIcon(icon("vitrine"))
    return application


def look_of(application: QApplication) -> Look:
    """Return the look of the process's application."""
    look = application.findChild(Look)
    return look if look is not None else Look(application)
