"""The actions of the View menu, and those of other menus that concern the window itself."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt

from app.vmwindow.actionspec import NEEDS_ONLINE, ONLINE, RUNNING_OR_PAUSED, ActionSpec

VIEW_MENU: Final = str(QT_TRANSLATE_NOOP("VmActions", "&View"))
MENU_BAR_MENU: Final = VIEW_MENU + "/" + str(QT_TRANSLATE_NOOP("VmActions", "&Menu Bar"))
STATUS_BAR_MENU: Final = VIEW_MENU + "/" + str(QT_TRANSLATE_NOOP("VmActions", "&Status Bar"))
RECORDING_MENU: Final = VIEW_MENU + "/" + str(QT_TRANSLATE_NOOP("VmActions", "&Recording"))
PICTURE_MENU: Final = VIEW_MENU + "/" + str(QT_TRANSLATE_NOOP("VmActions", "Guest &Picture"))
MINI_MENU: Final = VIEW_MENU + "/" + str(QT_TRANSLATE_NOOP("VmActions", "Mini Tool &Bar"))
SCREEN_MENU: Final = VIEW_MENU + "/" + str(QT_TRANSLATE_NOOP("VmActions", "&Virtual Screen 1"))

VIEW_ACTIONS: Final = (
    ActionSpec(
        "FullscreenMode", VIEW_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&Full-screen Mode")),
        "toggle_fullscreen", Qt.Key.Key_F, icon="fullscreen", checkable=True,
    ),
    ActionSpec(
        "ScaleMode", VIEW_MENU, str(QT_TRANSLATE_NOOP("VmActions", "S&caled Mode")),
        "toggle_scaled", Qt.Key.Key_C, icon="scaled", checkable=True,
    ),
    ActionSpec(
        "MinimizeWindow", VIEW_MENU, str(QT_TRANSLATE_NOOP("VmActions", "Minimi&ze Window")),
        "showMinimized", Qt.Key.Key_M, icon="minimize", separated=True,
    ),
    ActionSpec(
        "WindowAdjust", VIEW_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&Adjust Window Size")),
        "adjust_window", Qt.Key.Key_A, icon="window-adjust",
    ),
    ActionSpec(
        "GuestAutoresize", VIEW_MENU,
        str(QT_TRANSLATE_NOOP("VmActions", "Auto-resize &Guest Display")), "set_auto_resize",
        icon="auto-resize", checkable=True,
    ),
    ActionSpec(
        "TakeScreenshot", VIEW_MENU, str(QT_TRANSLATE_NOOP("VmActions", "Take Screensho&t…")),
        "take_screenshot", Qt.Key.Key_E, ONLINE, "screenshot", separated=True, reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "RecordingSettings", RECORDING_MENU,
        str(QT_TRANSLATE_NOOP("VmActions", "Recording &Settings…")), "show_recording_settings",
        states=ONLINE, icon="settings", reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "Recording", RECORDING_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&Record the Screen")),
        "set_recording", states=ONLINE, icon="recording", checkable=True, reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "VRDEServer", VIEW_MENU, str(QT_TRANSLATE_NOOP("VmActions", "R&emote Display")),
        "set_remote_display", states=RUNNING_OR_PAUSED, icon="remote-display", checkable=True,
        reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "MenuBarSettings", MENU_BAR_MENU,
        str(QT_TRANSLATE_NOOP("VmActions", "Menu Bar &Settings…")), "show_menu_bar_settings",
        icon="menu-bar",
    ),
    ActionSpec(
        "ToggleMenuBar", MENU_BAR_MENU, str(QT_TRANSLATE_NOOP("VmActions", "Show &Menu Bar")),
        "set_menu_bar_shown", checkable=True,
    ),
    ActionSpec(
        "StatusBarSettings", STATUS_BAR_MENU,
        str(QT_TRANSLATE_NOOP("VmActions", "Status Bar &Settings…")), "show_status_bar_settings",
        icon="status-bar",
    ),
    ActionSpec(
        "ToggleStatusBar", STATUS_BAR_MENU, str(QT_TRANSLATE_NOOP("VmActions", "Show Status &Bar")),
        "set_status_bar_shown", checkable=True,
    ),
    ActionSpec(
        "MiniToolBar", MINI_MENU, str(QT_TRANSLATE_NOOP("VmActions", "Show in &Full Screen")),
        "set_mini_tool_bar_shown", checkable=True,
    ),
    ActionSpec(
        "MiniToolBarTop", MINI_MENU, str(QT_TRANSLATE_NOOP("VmActions", "At the &Upper Edge")),
        "set_mini_tool_bar_at_top", checkable=True,
    ),
    ActionSpec(
        "PopupMenu", VIEW_MENU, str(QT_TRANSLATE_NOOP("VmActions", "P&op-up Menu")), "pop_up_menu",
        Qt.Key.Key_Home,
    ),
    ActionSpec(
        "ScaleOneToOne", PICTURE_MENU, str(QT_TRANSLATE_NOOP("VmActions", "At the Scale &Factor")),
        "scale_one_to_one", checkable=True, group="scale",
    ),
    ActionSpec(
        "ScaleInteger", PICTURE_MENU, str(QT_TRANSLATE_NOOP("VmActions", "Fitted in &Whole Steps")),
        "scale_integer", checkable=True, group="scale",
    ),
    ActionSpec(
        "ScaleSmooth", PICTURE_MENU, str(QT_TRANSLATE_NOOP("VmActions", "Fitted &Smoothly")),
        "scale_smooth", checkable=True, group="scale",
    ),
)  # fmt: skip
