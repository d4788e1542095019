"""Questions before something that cannot be taken back, and the box about the program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from app.common.application import PRODUCT
from app.common.dialog_buttons import without_icons
from app.common.icons import icon
from app.common.messages import Choice, ask
from app.common.questions import ask_unless_suppressed
from app.common.translation import tr
from app.version import version
from app.vmwindow.preferences import Preferences

RESET: Final = "confirmResetMachine"
POWER_OFF: Final = "confirmPowerOffMachine"

_Role = QMessageBox.ButtonRole
Action = Callable[[], None]


def ask_reset(
    parent: QWidget, machine: str, preferences: Preferences, reset: Action
) -> QMessageBox | None:
    """Ask whether the machine shall be reset."""
    return ask_unless_suppressed(
        parent, preferences, RESET, PRODUCT,
        tr("Reset the virtual machine “{machine}”?").format(machine=machine),
        tr("&Reset"), reset,
        explanation=tr("The guest restarts at once; what its programs have not saved is lost."),
    )  # fmt: skip


def ask_power_off(
    parent: QWidget, machine: str, preferences: Preferences, power_off: Action
) -> QMessageBox | None:
    """Ask whether the machine shall be powered off."""
    return ask_unless_suppressed(
        parent, preferences, POWER_OFF, PRODUCT,
        tr("Power off the virtual machine “{machine}”?").format(machine=machine),
        tr("Power &Off"), power_off,
        explanation=tr(
            "This is like pulling the plug; what its programs have not saved is lost."
        ),
    )  # fmt: skip


def ask_force_eject(parent: QWidget, drive: str, eject: Action) -> QMessageBox:
    """Ask whether a medium shall be taken away from a guest that has locked its drive."""
    return ask(
        parent,
        PRODUCT,
        tr("The guest has locked the drive at {drive}.").format(drive=drive),
        (Choice(tr("&Eject Anyway"), _Role.AcceptRole, eject),
         Choice(tr("Cancel"), _Role.RejectRole, default=True)),
        explanation=tr("It is using the medium; taking it away may confuse the guest."),
    )  # fmt: skip


def ask_unplug(parent: QWidget, disk: str, unplug: Action) -> QMessageBox:
    """Ask whether a hard disk shall be taken away from a running guest."""
    return ask(
        parent,
        PRODUCT,
        tr("Unplug the hard disk “{disk}”?").format(disk=disk),
        (Choice(tr("&Unplug"), _Role.AcceptRole, unplug),
         Choice(tr("Cancel"), _Role.RejectRole, default=True)),
        explanation=tr(
            "The guest loses what it has not written yet; let it release the disk first."
        ),
    )  # fmt: skip


def show_about(parent: QWidget) -> QMessageBox:
    """Show name, version and licence of the program."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(tr("About {product}").format(product=PRODUCT))
    box.setIconPixmap(icon("vitrine").pixmap(64, 64))
    box.setText(f"<h3>{PRODUCT} {version()}</h3>")
    box.setInformativeText(
        tr(
            "Create, configure and run PC virtual machines.<br><br>"
            "Free software under the GNU General Public License, version 2 or later."
        )
    )
    box.setStandardButtons(QMessageBox.StandardButton.Ok)
    without_icons(box)
    box.open()
    return box
