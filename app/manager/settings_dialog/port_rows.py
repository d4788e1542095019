"""What serial and parallel ports have in common on their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.settings_dialog import setting_path
from app.manager.settings_dialog.spec import FieldSpec, Requirement
from app.settings.model import MachineSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from app.manager.settings_dialog.context import DialogContext
    from app.manager.settings_dialog.fields.editor import Editor

PORT_TITLES: Final = (
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Port &1")),
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Port &2")),
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Port &3")),
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Port &4")),
)
_OFF: Final = str(QT_TRANSLATE_NOOP("SettingsDialog", "The port is switched off."))


def is_on(settings: MachineSettings, port: str) -> bool:
    """Tell whether the port at the path PORT is switched on."""
    return bool(setting_path.read(settings, f"{port}.enabled"))


def needs_port(port: str) -> Requirement:
    """Return the requirement that the port at the path PORT is switched on."""
    return Requirement(lambda settings: is_on(settings, port), _OFF)


def address_rows(
    port: str, number: Callable[[DialogContext, FieldSpec, QWidget], Editor]
) -> Sequence[FieldSpec]:
    """Return the rows of number, interrupt line and I/O port.

    Args:
        port: path of the port in the settings.
        number: makes the editor of the usual names, such as COM1.
    """
    needed = needs_port(port)
    return (
        FieldSpec(
            f"{port}.io_base",
            label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Port Number")),
            help=str(
                QT_TRANSLATE_NOOP(
                    "SettingsDialog",
                    "Usual name of the port: it stands for an I/O port and an interrupt line.",
                )
            ),
            editor=number,
            requires=needed,
        ),
        FieldSpec(f"{port}.irq", requires=needed),
        FieldSpec(f"{port}.io_base", requires=needed),
    )
