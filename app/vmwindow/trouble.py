"""Dialogs about a machine in trouble: the host failed it, or the engine did."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox, QWidget

from app.common.messages import Choice, ask

if TYPE_CHECKING:
    from pathlib import Path

    from app.console.events import RuntimeErrorRaised

_Role = QMessageBox.ButtonRole


def show_runtime_error(
    parent: QWidget,
    machine: str,
    error: RuntimeErrorRaised,
    resume: Callable[[], None],
    power_off: Callable[[], None],
) -> QMessageBox:
    """The host failed the guest (a full disk...): the machine is paused and can go on later."""
    box = ask(
        parent,
        f"{machine} has been paused",
        error.message,
        (
            Choice("&Try Again", _Role.AcceptRole, resume, default=True),
            Choice("Power &Off", _Role.DestructiveRole, power_off),
            Choice("&Leave Paused", _Role.RejectRole),
        ),
        explanation="Nothing is lost: remove the cause, then let the machine try again. It can "
        "also stay paused and be resumed later from the Machine menu.",
        details=f"Error: {error.error_id}",
    )
    box.setIcon(QMessageBox.Icon.Warning)
    return box


def show_guru_meditation(
    parent: QWidget,
    machine: str,
    error: RuntimeErrorRaised,
    log_folder: Path,
    power_off: Callable[[], None],
) -> QMessageBox:
    """The engine cannot go on: what happened, where the evidence is, and the way out."""
    box = ask(
        parent,
        f"{machine}: Guru Meditation",
        f"The virtual machine has been stopped because of an error from which it cannot go on.\n\n"
        f"{error.message}",
        (
            Choice("Power &Off", _Role.DestructiveRole, power_off, default=True),
            Choice("&Leave Stopped", _Role.RejectRole),
        ),
        explanation=f"The log VBox.log and a picture of the screen, VBox.png, are in {log_folder}. "
        "Please keep both when you report the problem.",
        details=f"Error: {error.error_id}",
    )
    box.setIcon(QMessageBox.Icon.Critical)
    return box
