"""The menus of a machine's window, and which of their items a machine's extra data leave out.

Keys and names of items are VirtualBox's. Menus are hidden by ``GUI/RestrictedRuntimeMenus``, items
by ``GUI/RestrictedRuntime<Menu>MenuActions``; both list names, separated by commas, and ``All``
stands for every one. Only what the window of this version has is listed here; other names in the
lists are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

MENUS_KEY: Final = "GUI/RestrictedRuntimeMenus"
_ALL: Final = "all"


@dataclass(frozen=True)
class RuntimeItem:
    """An item of a menu.

    Attributes:
        name: VirtualBox's word for it in the lists.
        title: what people read; translation context ``RuntimeMenus``.
        shown_as: name of the window's action, or English title of its sub-menu; empty: ``name``.
    """

    name: str
    title: str
    shown_as: str = ""

    @property
    def target(self) -> str:
        """Name of the action, or English title of the sub-menu, in the window."""
        return self.shown_as or self.name


@dataclass(frozen=True)
class RuntimeMenu:
    """A menu of the menu bar.

    Attributes:
        name: VirtualBox's word for it, which is its English title too.
        title: what people read; translation context ``RuntimeMenus``.
        items: in the order of the menu.
        key_name: the word in the key of its items where that is another one.
    """

    name: str
    title: str
    items: tuple[RuntimeItem, ...]
    key_name: str = ""

    @property
    def key(self) -> str:
        """Key of the extra data that list the hidden items."""
        return f"GUI/RestrictedRuntime{self.key_name or self.name}MenuActions"


def hidden_names(text: str, names: Collection[str]) -> set[str]:
    """Return those of NAMES that the list TEXT hides; upper and lower case are the same."""
    words = {word.strip().lower() for word in text.split(",")}
    return {name for name in names if _ALL in words or name.lower() in words}


def with_hidden(text: str, names: Collection[str], hidden: Iterable[str]) -> str:
    """Return the list TEXT with exactly HIDDEN of NAMES in it; words not in NAMES are kept."""
    chosen = set(hidden)
    known = {_ALL, *(name.lower() for name in names)}
    others = [word.strip() for word in text.split(",")]
    return ",".join(
        [name for name in names if name in chosen]
        + [word for word in others if word and word.lower() not in known]
    )


RUNTIME_MENUS: Final = (
    RuntimeMenu(
        "Machine",
        str(QT_TRANSLATE_NOOP("RuntimeMenus", "Machine")),
        (
            RuntimeItem("SettingsDialog", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Settings"))),
            RuntimeItem(
                "InformationDialog", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Session Information"))
            ),
            RuntimeItem("Pause", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Pause"))),
            RuntimeItem("Reset", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Reset"))),
            RuntimeItem("Detach", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Detach GUI"))),
            RuntimeItem("SaveState", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Save State"))),
            RuntimeItem("Shutdown", str(QT_TRANSLATE_NOOP("RuntimeMenus", "ACPI Shutdown"))),
            RuntimeItem("PowerOff", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Power Off"))),
        ),
    ),
    RuntimeMenu(
        "View",
        str(QT_TRANSLATE_NOOP("RuntimeMenus", "View")),
        (
            RuntimeItem(
                "Fullscreen", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Full-screen Mode")),
                "FullscreenMode",
            ),
            RuntimeItem(
                "Scale", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Scaled Mode")), "ScaleMode"
            ),
            RuntimeItem(
                "MinimizeWindow", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Minimize Window"))
            ),
            RuntimeItem(
                "AdjustWindow", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Adjust Window Size")),
                "WindowAdjust",
            ),
            RuntimeItem(
                "GuestAutoresize",
                str(QT_TRANSLATE_NOOP("RuntimeMenus", "Auto-resize Guest Display")),
            ),
            RuntimeItem(
                "TakeScreenshot", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Take Screenshot"))
            ),
            RuntimeItem("Recording", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Recording"))),
            RuntimeItem("VRDEServer", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Remote Display"))),
            RuntimeItem("MenuBar", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Menu Bar")), "Menu Bar"),
            RuntimeItem(
                "StatusBar", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Status Bar")), "Status Bar"
            ),
            RuntimeItem(
                "Resize", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Virtual Screen 1")),
                "Virtual Screen 1",
            ),
        ),
    ),
    RuntimeMenu(
        "Input",
        str(QT_TRANSLATE_NOOP("RuntimeMenus", "Input")),
        (
            RuntimeItem("Keyboard", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Keyboard"))),
            RuntimeItem("SoftKeyboard", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Soft Keyboard"))),
            RuntimeItem("TypeCAD", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Insert Ctrl-Alt-Del"))),
            RuntimeItem(
                "TypeCABS", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Insert Ctrl-Alt-Backspace"))
            ),
            RuntimeItem(
                "TypeCtrlBreak", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Insert Ctrl-Break"))
            ),
            RuntimeItem("TypeInsert", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Insert Insert"))),
            RuntimeItem(
                "TypePrintScreen", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Insert Print Screen"))
            ),
            RuntimeItem(
                "TypeAltPrintScreen",
                str(QT_TRANSLATE_NOOP("RuntimeMenus", "Insert Alt-Print Screen")),
            ),
            RuntimeItem(
                "TypeHostKeyCombo", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Insert the Host Key"))
            ),
            RuntimeItem("Mouse", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Mouse"))),
        ),
    ),
    RuntimeMenu(
        "Devices",
        str(QT_TRANSLATE_NOOP("RuntimeMenus", "Devices")),
        (
            RuntimeItem(
                "HardDrives", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Hard Disks")), "Hard Disks"
            ),
            RuntimeItem(
                "OpticalDevices", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Optical Drives")),
                "Optical Drives",
            ),
            RuntimeItem(
                "FloppyDevices", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Floppy Drives")),
                "Floppy Drives",
            ),
            RuntimeItem("Audio", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Audio"))),
            RuntimeItem("Network", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Network"))),
            RuntimeItem("USBDevices", str(QT_TRANSLATE_NOOP("RuntimeMenus", "USB")), "USB"),
            RuntimeItem(
                "SharedFolders", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Shared Folders")),
                "Shared Folders",
            ),
            RuntimeItem(
                "SharedClipboard", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Shared Clipboard")),
                "Shared Clipboard",
            ),
            RuntimeItem(
                "DragAndDrop", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Drag and Drop")),
                "Drag and Drop",
            ),
        ),
    ),
    RuntimeMenu(
        "Debug",
        str(QT_TRANSLATE_NOOP("RuntimeMenus", "Debug")),
        (
            RuntimeItem("Statistics", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Statistics"))),
            RuntimeItem("CommandLine", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Information Items"))),
        ),
        "Debugger",
    ),
    RuntimeMenu(
        "Help",
        str(QT_TRANSLATE_NOOP("RuntimeMenus", "Help")),
        (
            RuntimeItem("Contents", str(QT_TRANSLATE_NOOP("RuntimeMenus", "Contents"))),
            RuntimeItem("About", str(QT_TRANSLATE_NOOP("RuntimeMenus", "About Vitrine"))),
        ),
    ),
)  # fmt: skip
