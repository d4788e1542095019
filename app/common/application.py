"""Creates the QApplication of a Vitrine process."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from app.common.icons import icon
from app.version import DISTRIBUTION, version

PRODUCT = "Vitrine"


def create_application(argv: Sequence[str]) -> QApplication:
    """Return the process's QApplication, created and named on the first call.

    Args:
        argv: program name and arguments; Qt takes its own options (``-style``) out of them.
    """
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(list(argv))
    QCoreApplication.setApplicationName(PRODUCT)
    QCoreApplication.setApplicationVersion(version())
    QApplication.setDesktopFileName(DISTRIBUTION)
    QApplication.setWindowIcon(icon("vitrine"))
    return application
