"""Translation of texts that stand outside of QObject classes."""

from PySide6.QtCore import QCoreApplication


def tr(text: str) -> str:
    """Return the literal TEXT in the language of the user interface.

    pyside6-lupdate files what is passed to a free ``tr`` under the empty context. Texts of tables
    are marked with QT_TRANSLATE_NOOP and looked up with their own context instead.
    """
    return QCoreApplication.translate("", text)
