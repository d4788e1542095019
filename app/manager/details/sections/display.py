"""Display: graphics adapter and its memory."""

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.common.translation import tr
from app.manager.details.section import Row, Subject, details_section


@details_section(
    "display",
    title=str(QT_TRANSLATE_NOOP("Details", "Display")),
    icon_name="display",
    page="display",
    order=30,
)
def rows(subject: Subject) -> Sequence[Row]:
    """Return video memory, controller and what is not at its default."""
    display = subject.settings.hardware.display
    lines = [Row(tr("Video Memory"), tr("{size} MB").format(size=display.vram_mb))]
    if display.monitor_count > 1:
        lines.append(Row(tr("Screens"), str(display.monitor_count)))
    lines.append(Row(tr("Graphics Controller"), display.controller))
    if display.accelerate_3d:
        lines.append(Row(tr("Acceleration"), tr("3D")))
    return lines
