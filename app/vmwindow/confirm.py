"""Questions before something that cannot be taken back, and the box about the program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QMessageBox, QWidget

from app.common.application import PRODUCT
from app.common.icons import icon
from app.common.messages import Choice, ask
from app.version import version
from app.vmwindow.preferences import Preferences

RESET: Final = "confirmResetMachine"
POWER_OFF: Final = "confirmPowerOffMachine"

_Role = QMessageBox.ButtonRole
Action = Callable[[], None]


def _ask_unless_silenced(
    parent: QWidget,
    preferences: Preferences,
    message: str,
    question: str,
    explanation: str,
    button: str,
    action: Action,
) -> QMessageBox | None:
    """Ask, or act at once when the person no longer wants to be asked."""
    if preferences.is_suppressed(message):
        action()
        return None
    silence = QCheckBox("Do not ask again")

    def confirmed() -> None:
        if silence.isChecked():
            preferences.suppress(message)
        action()

    box = ask(
        parent,
        PRODUCT,
        question,
        (
            Choice(button, _Role.AcceptRole, confirmed),
            Choice("Cancel", _Role.RejectRole, default=True),
        ),
        explanation=explanation,
    )
    box.setCheckBox(silence)
    return box


def ask_reset(
    parent: QWidget, machine: str, preferences: Preferences, reset: Action
) -> QMessageBox | None:
    """Ask whether the machine shall be reset."""
    return _ask_unless_silenced(
        parent, preferences, RESET,
        f"Reset the virtual machine “{machine}”?",
        "The guest restarts at once; what its programs have not saved is lost.",
        "&Reset", reset,
    )  # fmt: skip


def ask_power_off(
    parent: QWidget, machine: str, preferences: Preferences, power_off: Action
) -> QMessageBox | None:
    """Ask whether the machine shall be powered off."""
    return _ask_unless_silenced(
        parent, preferences, POWER_OFF,
        f"Power off the virtual machine “{machine}”?",
        "This is like pulling the plug; what its programs have not saved is lost.",
        "Power &Off", power_off,
    )  # fmt: skip


def ask_force_eject(parent: QWidget, drive: str, eject: Action) -> QMessageBox:
    """Ask whether a medium shall be taken away from a guest that has locked its drive."""
    return ask(
        parent,
        PRODUCT,
        f"The guest has locked the drive at {drive}.",
        (Choice("&Eject Anyway", _Role.AcceptRole, eject),
         Choice("Cancel", _Role.RejectRole, default=True)),
        explanation="It is using the medium; taking it away may confuse the guest.",
    )  # fmt: skip


def show_about(parent: QWidget) -> QMessageBox:
    """Show name, version and licence of the program."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(f"About {PRODUCT}")
    box.setIconPixmap(icon("vitrine").pixmap(64, 64))
    box.setText(f"<h3>{PRODUCT} {version()}</h3>")
    box.setInformativeText(
        "Create, configure and run PC virtual machines.<br><br>"
        "Free software under the GNU General Public License, version 2 or later."
    )
    box.open()
    return box
