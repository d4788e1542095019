"""Parallel Ports: two tabs, one per port."""

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.settings_dialog import setting_path
from app.manager.settings_dialog.fields.ports import lpt_port
from app.manager.settings_dialog.spec import (
    FieldSpec,
    PageSpec,
    Requirement,
    TabSpec,
    declare,
)
from app.settings.model import MachineSettings

_TITLES: Final = (
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Port &1")),
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Port &2")),
)
_OFF: Final = str(QT_TRANSLATE_NOOP("SettingsDialog", "The port is switched off."))
_NONE: Final = str(
    QT_TRANSLATE_NOOP(
        "SettingsDialog",
        "Machines have no parallel ports in this version of Vitrine; the setting is kept for "
        "VirtualBox and for later versions.",
    )
)


def _tab(slot: int, title: str) -> TabSpec:
    port = f"hardware.parallel_ports[{slot}]"

    def enabled(settings: MachineSettings) -> bool:
        return bool(setting_path.read(settings, f"{port}.enabled"))

    needed = Requirement(enabled, _OFF)
    return TabSpec(
        title,
        (
            FieldSpec(f"{port}.enabled", note=_NONE),
            FieldSpec(
                f"{port}.io_base",
                label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Port Number")),
                help=str(
                    QT_TRANSLATE_NOOP(
                        "SettingsDialog",
                        "Usual name of the port: it stands for an I/O port and an interrupt line.",
                    )
                ),
                editor=lpt_port,
                requires=needed,
            ),
            FieldSpec(f"{port}.irq", requires=needed),
            FieldSpec(f"{port}.io_base", requires=needed),
            FieldSpec(f"{port}.path", requires=needed),
        ),
    )


declare(
    PageSpec(
        "parallel",
        str(QT_TRANSLATE_NOOP("SettingsDialog", "Parallel Ports")),
        "parallel",
        75,
        tuple(_tab(slot, title) for slot, title in enumerate(_TITLES)),
    )
)
