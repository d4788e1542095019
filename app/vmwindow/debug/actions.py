"""The actions of the Debug menu."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.vmwindow.actionspec import NEEDS_ONLINE, ONLINE, ActionSpec

DEBUG_MENU: Final = str(QT_TRANSLATE_NOOP("VmActions", "De&bug"))

DEBUG_ACTIONS: Final = (
    ActionSpec(
        "Statistics", DEBUG_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&Statistics…")),
        "show_statistics", states=ONLINE, icon="statistics", reason=NEEDS_ONLINE,
    ),
    ActionSpec(
        "CommandLine", DEBUG_MENU, str(QT_TRANSLATE_NOOP("VmActions", "&Information Items…")),
        "show_information_items", states=ONLINE, icon="command-line", reason=NEEDS_ONLINE,
    ),
)  # fmt: skip
