"""Serial Ports: those that the machine has."""

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.common.translation import tr
from app.manager.details.section import Row, Subject, details_section
from app.manager.words import PORT_MODES, com_port_name, word
from app.settings.enums import PortMode


@details_section(
    "serial",
    title=str(QT_TRANSLATE_NOOP("Details", "Serial Ports")),
    icon_name="serial",
    page="serial",
    order=70,
)
def rows(subject: Subject) -> Sequence[Row]:
    """Return one line per enabled port."""
    lines = []
    for port in subject.settings.hardware.serial_ports:
        if not port.enabled:
            continue
        value = f"{com_port_name(port)}, {word(PORT_MODES, port.mode)}"
        if port.path and port.mode != PortMode.DISCONNECTED:
            value += f" ({port.path})"
        lines.append(Row(tr("Port {number}").format(number=port.slot + 1), value))
    return lines
