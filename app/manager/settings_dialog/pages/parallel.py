"""Parallel Ports: two tabs, one per port."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.settings_dialog.fields.ports import lpt_port
from app.manager.settings_dialog.port_rows import PORT_TITLES, address_rows, needs_port
from app.manager.settings_dialog.spec import (
    FieldSpec,
    PageSpec,
    TabSpec,
    declare,
)


def _tab(slot: int, title: str) -> TabSpec:
    port = f"hardware.parallel_ports[{slot}]"
    needed = needs_port(port)
    return TabSpec(
        title,
        (
            FieldSpec(f"{port}.enabled"),
            *address_rows(port, lpt_port),
            FieldSpec(f"{port}.path", requires=needed),
        ),
    )


declare(
    PageSpec(
        "parallel",
        str(QT_TRANSLATE_NOOP("SettingsDialog", "Parallel Ports")),
        "parallel",
        75,
        tuple(_tab(slot, title) for slot, title in enumerate(PORT_TITLES[:2])),
    )
)
