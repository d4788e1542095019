"""General: what the machine is."""

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.common.translation import tr
from app.manager.details.section import Row, Subject, details_section


@details_section(
    "general",
    title=str(QT_TRANSLATE_NOOP("Details", "General")),
    icon_name="general",
    page="general",
    order=10,
)
def rows(subject: Subject) -> Sequence[Row]:
    """Return name, guest system, settings file and groups."""
    settings = subject.settings
    os_name = subject.os_type.description if subject.os_type else settings.os_type_id
    lines = [
        Row(tr("Name"), settings.name),
        Row(tr("Operating System"), os_name),
        Row(tr("Settings File"), subject.machine.settings_path),
    ]
    groups = [group for group in settings.groups if group != "/"]
    if groups:
        lines.append(Row(tr("Groups"), ", ".join(group.strip("/") for group in groups)))
    if subject.machine.last_error:
        lines.append(Row(tr("Last Problem"), subject.machine.last_error))
    return lines
