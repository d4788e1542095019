"""Serial Ports: four tabs, one per port."""

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.settings_dialog import setting_path
from app.manager.settings_dialog.fields.ports import com_port, existing
from app.manager.settings_dialog.port_rows import PORT_TITLES, address_rows, is_on, needs_port
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

_EXISTING: Final = str(QT_TRANSLATE_NOOP("SettingsDialog", "Connect to existing pipe/socket"))
_EXISTING_HELP: Final = str(
    QT_TRANSLATE_NOOP(
        "SettingsDialog", "Connect to a pipe or socket that is there instead of creating it."
    )
)
_NOT_CONNECTABLE: Final = str(
    QT_TRANSLATE_NOOP("SettingsDialog", "Only pipes and sockets can be connected to.")
)


def _tab(slot: int, title: str) -> TabSpec:
    port = f"hardware.serial_ports[{slot}]"

    def connected(settings: MachineSettings) -> bool:
        mode = setting_path.read(settings, f"{port}.mode")
        return is_on(settings, port) and mode != PortMode.DISCONNECTED

    def connectable(settings: MachineSettings) -> bool:
        mode = setting_path.read(settings, f"{port}.mode")
        return is_on(settings, port) and mode in {PortMode.HOST_PIPE, PortMode.TCP}

    needed = needs_port(port)
    return TabSpec(
        title,
        (
            FieldSpec(f"{port}.enabled"),
            *address_rows(port, com_port),
            FieldSpec(f"{port}.mode", requires=needed),
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
            FieldSpec(f"{port}.uart_type", requires=needed, note=NOT_YET),
        ),
    )


declare(
    PageSpec(
        "serial",
        str(QT_TRANSLATE_NOOP("SettingsDialog", "Serial Ports")),
        "serial",
        70,
        tuple(_tab(slot, title) for slot, title in enumerate(PORT_TITLES)),
    )
)
