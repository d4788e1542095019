"""Shared Folders: folders of the host that the guest can reach."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.settings_dialog.folders.fields import shared_folders
from app.manager.settings_dialog.spec import FieldSpec, Level, PageSpec, TabSpec, declare

declare(
    PageSpec(
        "shared_folders",
        str(QT_TRANSLATE_NOOP("SettingsDialog", "Shared Folders")),
        "shared-folder",
        90,
        (
            TabSpec(
                "",
                (
                    FieldSpec(
                        "hardware.shared_folders",
                        Level.BASIC,
                        editor=shared_folders,
                        hot=True,
                        wide=True,
                        note=str(
                            QT_TRANSLATE_NOOP(
                                "SettingsDialog",
                                "Guests of this version of Vitrine cannot reach them yet; they "
                                "are kept for VirtualBox and for later versions.",
                            )
                        ),
                    ),
                ),
            ),
        ),
    )
)
