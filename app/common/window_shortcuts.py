"""The keys that a machine's window obeys together with the host key, as the preferences list them.

The window declares its actions itself (:mod:`app.vmwindow.actions`); the manager, which must not
know the window, offers their keys for change. A test compares the two.
"""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtGui import QKeySequence


@dataclass(frozen=True)
class WindowShortcut:
    """An action of the window that a key may be given to.

    Attributes:
        name: VirtualBox's name of the action, as in ``GUI/Input/MachineShortcuts``.
        text: what it does, context ``WindowShortcut``.
        key: built-in key as portable text, empty for none.
    """

    name: str
    text: str
    key: str = ""

    @property
    def caption(self) -> str:
        """What it does, in the language of the user interface."""
        return QCoreApplication.translate("WindowShortcut", self.text)


WINDOW_SHORTCUTS: Final = (
    WindowShortcut(
        "SettingsDialog", str(QT_TRANSLATE_NOOP("WindowShortcut", "Settings…")), "S"
    ),
    WindowShortcut("Pause", str(QT_TRANSLATE_NOOP("WindowShortcut", "Pause")), "P"),
    WindowShortcut("Reset", str(QT_TRANSLATE_NOOP("WindowShortcut", "Reset")), "R"),
    WindowShortcut(
        "Detach",
        str(QT_TRANSLATE_NOOP("WindowShortcut", "Detach GUI")),
    ),
    WindowShortcut(
        "InformationDialog",
        str(QT_TRANSLATE_NOOP("WindowShortcut", "Session Information…")),
        "N",
    ),
    WindowShortcut("SaveState", str(QT_TRANSLATE_NOOP("WindowShortcut", "Save State")), "V"),
    WindowShortcut("Shutdown", str(QT_TRANSLATE_NOOP("WindowShortcut", "ACPI Shutdown")), "H"),
    WindowShortcut("PowerOff", str(QT_TRANSLATE_NOOP("WindowShortcut", "Power Off"))),
    WindowShortcut("Close", str(QT_TRANSLATE_NOOP("WindowShortcut", "Close…")), "Q"),
    WindowShortcut(
        "FullscreenMode",
        str(QT_TRANSLATE_NOOP("WindowShortcut", "Full-screen Mode")),
        "F",
    ),
    WindowShortcut(
        "ScaleMode",
        str(QT_TRANSLATE_NOOP("WindowShortcut", "Scaled Mode")),
        "C",
    ),
    WindowShortcut(
        "MinimizeWindow", str(QT_TRANSLATE_NOOP("WindowShortcut", "Minimize Window")), "M"
    ),
    WindowShortcut(
        "WindowAdjust", str(QT_TRANSLATE_NOOP("WindowShortcut", "Adjust Window Size")), "A"
    ),
    WindowShortcut(
        "GuestAutoresize",
        str(QT_TRANSLATE_NOOP("WindowShortcut", "Auto-resize Guest Display")),
    ),
    WindowShortcut(
        "TakeScreenshot", str(QT_TRANSLATE_NOOP("WindowShortcut", "Take Screenshot…")), "E"
    ),
    WindowShortcut(
        "Recording",
        str(QT_TRANSLATE_NOOP("WindowShortcut", "Record the Screen")),
    ),
    WindowShortcut(
        "VRDEServer",
        str(QT_TRANSLATE_NOOP("WindowShortcut", "Remote Display")),
    ),
    WindowShortcut(
        "PopupMenu",
        str(QT_TRANSLATE_NOOP("WindowShortcut", "Pop-up Menu")),
        "Home",
    ),
    WindowShortcut("TypeCAD", str(QT_TRANSLATE_NOOP("WindowShortcut", "Ctrl-Alt-Del")), "Del"),
    WindowShortcut(
        "TypeCABS",
        str(QT_TRANSLATE_NOOP("WindowShortcut", "Ctrl-Alt-Backspace")),
        "Backspace",
    ),
    WindowShortcut("TypeCtrlBreak", str(QT_TRANSLATE_NOOP("WindowShortcut", "Ctrl-Break"))),
    WindowShortcut("TypeInsert", str(QT_TRANSLATE_NOOP("WindowShortcut", "Insert"))),
    WindowShortcut("TypePrintScreen", str(QT_TRANSLATE_NOOP("WindowShortcut", "Print Screen"))),
    WindowShortcut(
        "TypeAltPrintScreen", str(QT_TRANSLATE_NOOP("WindowShortcut", "Alt Print Screen"))
    ),
    WindowShortcut(
        "TypeHostKeyCombo", str(QT_TRANSLATE_NOOP("WindowShortcut", "Host Key")), "Ins"
    ),
    WindowShortcut(
        "TypeClipboard",
        str(QT_TRANSLATE_NOOP("WindowShortcut", "Type Text from the Clipboard")),
    ),
    WindowShortcut(
        "CaptureMouse", str(QT_TRANSLATE_NOOP("WindowShortcut", "Capture the Mouse")), "I"
    ),
)


def key_of_sequence(sequence: str) -> int | None:
    """Return the key (``Qt.Key``) of a portable SEQUENCE of one key, or None when it is empty."""
    keys = QKeySequence(sequence, QKeySequence.SequenceFormat.PortableText)
    return keys[0].key().value if keys.count() else None  # type: ignore[index]


def key_text(key: int) -> str:
    """Return what people call a key (``Qt.Key``), such as ``Del``."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
