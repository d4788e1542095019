"""Shared Folders: folders of the host that the guest may reach."""

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.common.translation import tr
from app.manager.details.section import Row, Subject, details_section


@details_section(
    "shared_folders",
    title=str(QT_TRANSLATE_NOOP("Details", "Shared Folders")),
    icon_name="shared-folders",
    page="shared_folders",
    order=90,
)
def rows(subject: Subject) -> Sequence[Row]:
    """Return name and place of each folder."""
    folders = subject.settings.hardware.shared_folders
    if not folders:
        return [Row(tr("Shared Folders"), tr("None"))]
    return [Row(folder.name, folder.host_path) for folder in folders]
