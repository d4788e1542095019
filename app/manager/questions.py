"""Which of the manager's questions are silenced, in the installation's extra data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from app.common.questions import (
    ALL_SUPPRESSED,
    SUPPRESSED_KEY,
    ask_unless_suppressed,
    format_suppressed,
    parse_suppressed,
)
from app.manager.layout_memory import LayoutMemory

RESET: Final = "confirmResetMachine"
POWER_OFF: Final = "confirmPowerOffMachine"
DISCARD_STATE: Final = "confirmDiscardSavedState"
START_MANY: Final = "confirmStartMultipleMachines"
RENAME_GROUP: Final = "confirmAutomaticCollisionResolve"


class Questions(QObject):
    """Asks, unless a person no longer wants to be asked."""

    def __init__(self, memory: LayoutMemory, window: QWidget) -> None:
        super().__init__(window)
        self._memory = memory
        self._window = window

    def is_suppressed(self, message: str) -> bool:
        """Tell whether the question MESSAGE is silenced."""
        names = self._names()
        return message in names or ALL_SUPPRESSED in names

    def suppress(self, message: str) -> None:
        """Silence the question MESSAGE from now on."""
        names = self._names()
        if message not in names:
            self._memory.store(SUPPRESSED_KEY, format_suppressed([*names, message]))

    def reset(self) -> None:
        """Ask everything again."""
        self._memory.store(SUPPRESSED_KEY, "")

    def confirm(
        self,
        message: str,
        title: str,
        question: str,
        button: str,
        action: Callable[[], None],
        *,
        explanation: str = "",
    ) -> QMessageBox | None:
        """Ask before ACTION; see :func:`app.common.questions.ask_unless_suppressed`."""
        return ask_unless_suppressed(
            self._window, self, message, title, question, button, action, explanation=explanation
        )

    def _names(self) -> list[str]:
        return parse_suppressed(self._memory.value(SUPPRESSED_KEY))
