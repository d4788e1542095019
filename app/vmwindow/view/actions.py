"""The actions of the View menu, and those of other menus that concern the window itself."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt

from app.vmwindow.actionspec import NEEDS_ONLINE, ONLINE, ActionSpec

MENU_BAR_MENU: Final = "&View/&Menu Bar"
STATUS_BAR_MENU: Final = "&View/&Status Bar"
RECORDING_MENU: Final = "&View/&Recording"
PICTURE_MENU: Final = "&View/Guest &Picture"
MINI_MENU: Final = "&View/Mini Tool &Bar"
SCREEN_MENU: Final = "&View/&Virtual Screen 1"

VIEW_ACTIONS: Final = (
    ActionSpec(
        "FullscreenMode", "&View", "&Full-screen Mode", "toggle_fullscreen", Qt.Key.Key_F,
        icon="fullscreen", checkable=True,
    ),
    ActionSpec(
        "ScaleMode", "&View", "S&caled Mode", "toggle_scaled", Qt.Key.Key_C,
        icon="scaled", checkable=True,
    ),
    ActionSpec(
        "MinimizeWindow", "&View", "Minimi&ze Window", "showMinimized", Qt.Key.Key_M,
        icon="minimize", separated=True,
    ),
    ActionSpec(
        "WindowAdjust", "&View", "&Adjust Window Size", "adjust_window", Qt.Key.Key_A,
        icon="window-adjust",
    ),
    ActionSpec(
        "GuestAutoresize", "&View", "Auto-resize &Guest Display", "set_auto_resize",
        icon="auto-resize", checkable=True,
    ),
    ActionSpec(
        "TakeScreenshot", "&View", "Take Screensho&t…", "take_screenshot", Qt.Key.Key_E,
        ONLINE, "screenshot", separated=True, reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "RecordingSettings", RECORDING_MENU, "Recording &Settings…", "show_recording_settings",
        states=ONLINE, icon="settings", reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "Recording", RECORDING_MENU, "&Record the Screen", "set_recording",
        states=ONLINE, icon="recording", checkable=True, reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "MenuBarSettings", MENU_BAR_MENU, "Menu Bar &Settings…", "show_menu_bar_settings",
        icon="menu-bar",
    ),
    ActionSpec(
        "ToggleMenuBar", MENU_BAR_MENU, "Show &Menu Bar", "set_menu_bar_shown", checkable=True,
    ),
    ActionSpec(
        "StatusBarSettings", STATUS_BAR_MENU, "Status Bar &Settings…", "show_status_bar_settings",
        icon="status-bar",
    ),
    ActionSpec(
        "ToggleStatusBar", STATUS_BAR_MENU, "Show &Status Bar", "set_status_bar_shown",
        checkable=True,
    ),
    ActionSpec(
        "MiniToolBar", MINI_MENU, "Show in &Full Screen", "set_mini_tool_bar_shown",
        checkable=True,
    ),
    ActionSpec(
        "MiniToolBarTop", MINI_MENU, "At the &Upper Edge", "set_mini_tool_bar_at_top",
        checkable=True,
    ),
    ActionSpec(
        "PopupMenu", "&View", "P&op-up Menu", "pop_up_menu", Qt.Key.Key_Home,
    ),
    ActionSpec(
        "ScaleOneToOne", PICTURE_MENU, "At the Scale &Factor", "scale_one_to_one",
        checkable=True, group="scale",
    ),
    ActionSpec(
        "ScaleInteger", PICTURE_MENU, "Fitted in &Whole Steps", "scale_integer",
        checkable=True, group="scale",
    ),
    ActionSpec(
        "ScaleSmooth", PICTURE_MENU, "Fitted &Smoothly", "scale_smooth",
        checkable=True, group="scale",
    ),
)  # fmt: skip
