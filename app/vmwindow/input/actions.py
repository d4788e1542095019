"""The actions of the Input menu."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt

from app.vmwindow.actionspec import (
    NEEDS_ONLINE,
    NEEDS_RUNNING,
    RUNNING,
    RUNNING_OR_PAUSED,
    ActionSpec,
)

INPUT_MENU: Final = str(QT_TRANSLATE_NOOP("VmActions", "&Input"))
KEYBOARD_MENU: Final = INPUT_MENU + "/" + str(QT_TRANSLATE_NOOP("VmActions", "&Keyboard"))
MOUSE_MENU: Final = INPUT_MENU + "/" + str(QT_TRANSLATE_NOOP("VmActions", "&Mouse"))

INPUT_ACTIONS: Final = (
    ActionSpec(
        "SoftKeyboard", KEYBOARD_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&Soft Keyboard…")),
        "show_soft_keyboard", states=RUNNING_OR_PAUSED, icon="soft-keyboard", reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "TypeClipboard", KEYBOARD_MENU,
        str(QT_TRANSLATE_NOOP("VmActions", "&Type Text from the Clipboard")), "set_typing",
        states=RUNNING, icon="paste", checkable=True, reason=NEEDS_RUNNING,
    ),
    ActionSpec(
        "TypeCAD", KEYBOARD_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&Insert Ctrl-Alt-Del")),
        "type_ctrl_alt_del", Qt.Key.Key_Delete, RUNNING, separated=True, reason=NEEDS_RUNNING,
    ),
    ActionSpec(
        "TypeCABS", KEYBOARD_MENU,
        str(QT_TRANSLATE_NOOP("VmActions", "Insert Ctrl-Alt-&Backspace")),
        "type_ctrl_alt_backspace", Qt.Key.Key_Backspace, RUNNING, reason=NEEDS_RUNNING,
    ),
    ActionSpec(
        "TypeCtrlBreak", KEYBOARD_MENU, str(QT_TRANSLATE_NOOP("VmActions", "Insert Ctrl-B&reak")),
        "type_ctrl_break", states=RUNNING, reason=NEEDS_RUNNING,
    ),
    ActionSpec(
        "TypeInsert", KEYBOARD_MENU, str(QT_TRANSLATE_NOOP("VmActions", "Insert I&nsert")),
        "type_insert", states=RUNNING, reason=NEEDS_RUNNING,
    ),
    ActionSpec(
        "TypePrintScreen", KEYBOARD_MENU,
        str(QT_TRANSLATE_NOOP("VmActions", "Insert &Print Screen")), "type_print_screen",
        states=RUNNING, reason=NEEDS_RUNNING,
    ),
    ActionSpec(
        "TypeAltPrintScreen", KEYBOARD_MENU,
        str(QT_TRANSLATE_NOOP("VmActions", "Insert &Alt-Print Screen (SysRq)")),
        "type_alt_print_screen", states=RUNNING, reason=NEEDS_RUNNING,
    ),
    ActionSpec(
        "TypeHostKeyCombo", KEYBOARD_MENU,
        str(QT_TRANSLATE_NOOP("VmActions", "Insert the &Host Key")), "type_host_key",
        Qt.Key.Key_Insert, RUNNING, reason=NEEDS_RUNNING,
    ),
    ActionSpec(
        "AutoCaptureKeyboard", KEYBOARD_MENU,
        str(QT_TRANSLATE_NOOP("VmActions", "&Capture with the Focus")), "set_auto_capture_keyboard",
        checkable=True, separated=True,
    ),
    ActionSpec(
        "CaptureMouse", MOUSE_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&Capture the Mouse")),
        "set_mouse_captured", Qt.Key.Key_I, RUNNING, checkable=True, reason=NEEDS_RUNNING,
    ),
)  # fmt: skip
