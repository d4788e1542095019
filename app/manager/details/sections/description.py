"""Description: the free text about the machine."""

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.details.section import Row, Subject, details_section


@details_section(
    "description",
    title=str(QT_TRANSLATE_NOOP("Details", "Description")),
    icon_name="description",
    page="general",
    order=100,
)
def rows(subject: Subject) -> Sequence[Row]:
    """Return the text as one line without label."""
    text = subject.settings.description.strip()
    return [Row("", text)] if text else []
