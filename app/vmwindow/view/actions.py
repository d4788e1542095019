"""The actions of the View menu."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt

from app.vmwindow.actionspec import NEEDS_ONLINE, ONLINE, ActionSpec

VIEW_ACTIONS: Final = (
    ActionSpec(
        "ScaleOneToOne", "&View", "Show Guest Pixels &1:1", "scale_one_to_one",
        checkable=True, group="scale",
    ),
    ActionSpec(
        "ScaleInteger", "&View", "Scale in &Whole Steps", "scale_integer",
        checkable=True, group="scale",
    ),
    ActionSpec(
        "ScaleSmooth", "&View", "Scale &Smoothly to the Window", "scale_smooth",
        checkable=True, group="scale",
    ),
    ActionSpec(
        "MinimizeWindow", "&View", "&Minimize Window", "showMinimized", Qt.Key.Key_M,
        separated=True,
    ),
    ActionSpec("WindowAdjust", "&View", "&Adjust Window Size", "adjust_window", Qt.Key.Key_A),
    ActionSpec(
        "TakeScreenshot", "&View", "Take Screensho&t…", "take_screenshot", Qt.Key.Key_E,
        ONLINE, separated=True, reason=NEEDS_ONLINE,
    ),
)  # fmt: skip
