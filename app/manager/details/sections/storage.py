"""Storage: controllers and what is in their slots."""

from collections.abc import Sequence
from pathlib import PurePath

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.common.translation import tr
from app.manager.details.section import Row, Subject, details_section
from app.manager.words import DEVICE_TYPES, slot_name, word
from app.settings.model import MachineSettings, MediumAttachment


@details_section(
    "storage",
    title=str(QT_TRANSLATE_NOOP("Details", "Storage")),
    icon_name="storage",
    page="storage",
    order=40,
)
def rows(subject: Subject) -> Sequence[Row]:
    """Return one line per controller and one per slot in use."""
    lines: list[Row] = []
    for controller in subject.settings.hardware.storage_controllers:
        lines.append(Row(tr("Controller"), f"{controller.name} ({controller.type})"))
        lines.extend(
            Row(
                slot_name(controller, drive.port, drive.device),
                medium_text(subject.settings, drive),
                indent=True,
            )
            for drive in sorted(controller.attachments, key=lambda d: (d.port, d.device))
        )
    return lines or [Row(tr("Controller"), tr("Not attached"))]


def medium_text(settings: MachineSettings, drive: MediumAttachment) -> str:
    """Return what is in DRIVE: the file's name and the kind of drive, or that it is empty."""
    kind = word(DEVICE_TYPES, drive.type)
    if drive.host_drive:
        return tr("[{kind}] host drive {path}").format(kind=kind, path=drive.host_drive)
    medium = settings.media.find(drive.medium) if drive.medium else None
    if medium is None:
        return tr("[{kind}] Empty").format(kind=kind)
    return f"[{kind}] {PurePath(medium.location).name}"
