"""Serial Ports: four tabs, one per port."""

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.settings_dialog import setting_path
from app.manager.settings_dialog.fields.ports import com_port, existing
from app.manager.settings_dialog.spec import (
    NOT_YET,
    FieldSpec,
    PageSpec,
    Requirement,
    TabSpec,
    declare,
)
from app.settings.enums import PortMode
from app.settings.model import MachineSettings

_TITLES: Final = (
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Port &1")),
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Port &2")),
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Port &3")),
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Port &4")),
)
_EXISTING: Final = str(QT_TRANSLATE_NOOP("SettingsDialog", "Connect to existing pipe/socket"))
_EXISTING_HELP: Final = str(
    QT_TRANSLATE_NOOP(
        "SettingsDialog", "Connect to a pipe or socket that is there instead of creating it."
    )
)
_NOT_CONNECTABLE: Final = str(
    QT_TRANSLATE_NOOP("SettingsDialog", "Only pipes and sockets can be connected to.")
)
_OFF: Final = str(QT_TRANSLATE_NOOP("SettingsDialog", "The port is switched off."))


def _tab(slot: int, title: str) -> TabSpec:
    port = f"hardware.serial_ports[{slot}]"

    def enabled(settings: MachineSettings) -> bool:
        return bool(setting_path.read(settings, f"{port}.enabled"))

    def connected(settings: MachineSettings) -> bool:
        mode = setting_path.read(settings, f"{port}.mode")
        return enabled(settings) and mode != PortMode.DISCONNECTED

    def connectable(settings: MachineSettings) -> bool:
        mode = setting_path.read(settings, f"{port}.mode")
        return enabled(settings) and mode in {PortMode.HOST_PIPE, PortMode.TCP}

    needs_port = Requirement(enabled, _OFF)
    return TabSpec(
        title,
        (
            FieldSpec(f"{port}.enabled"),
            FieldSpec(
                f"{port}.io_base",
                label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Port Number")),
                help=str(
                    QT_TRANSLATE_NOOP(
                        "SettingsDialog",
                        "Usual name of the port: it stands for an I/O port and an interrupt line.",
                    )
                ),
                editor=com_port,
                requires=needs_port,
            ),
            FieldSpec(f"{port}.irq", requires=needs_port),
            FieldSpec(f"{port}.io_base", requires=needs_port),
            FieldSpec(f"{port}.mode", requires=needs_port),
            FieldSpec(
                f"{port}.server",
                label=_EXISTING,
                help=_EXISTING_HELP,
                editor=existing,
                requires=Requirement(connectable, _NOT_CONNECTABLE),
            ),
            FieldSpec(
                f"{port}.path",
                requires=Requirement(
                    connected,
                    str(QT_TRANSLATE_NOOP("SettingsDialog", "The port is disconnected.")),
                ),
            ),
            FieldSpec(f"{port}.uart_type", requires=needs_port, note=NOT_YET),
        ),
    )


declare(
    PageSpec(
        "serial",
        str(QT_TRANSLATE_NOOP("SettingsDialog", "Serial Ports")),
        "serial",
        70,
        tuple(_tab(slot, title) for slot, title in enumerate(_TITLES)),
    )
)
