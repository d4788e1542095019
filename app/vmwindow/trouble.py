"""The dialog about a machine whose host has failed it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox, QWidget

from app.common.messages import Choice, ask
from app.common.translation import tr

if TYPE_CHECKING:
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
        tr("{machine} has been paused").format(machine=machine),
        error.message,
        (
            Choice(tr("&Try Again"), _Role.AcceptRole, resume, default=True),
            Choice(tr("Power &Off"), _Role.DestructiveRole, power_off),
            Choice(tr("&Leave Paused"), _Role.RejectRole),
        ),
        explanation=tr(
            "Nothing is lost: remove the cause, then let the machine try again. It can also stay "
            "paused and be resumed later from the Machine menu."
        ),
        details=tr("Error: {id}").format(id=error.error_id),
    )
    box.setIcon(QMessageBox.Icon.Warning)
    return box
