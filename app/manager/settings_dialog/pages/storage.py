"""Storage: controllers, drives, and the media in them."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.settings_dialog.spec import FieldSpec, Level, PageSpec, TabSpec, declare
from app.manager.settings_dialog.storage.editor import PATH, storage

declare(
    PageSpec(
        "storage",
        str(QT_TRANSLATE_NOOP("SettingsDialog", "Storage")),
        "storage",
        40,
        (
            TabSpec(
                "",
                (
                    FieldSpec(
                        PATH,
                        Level.BASIC,
                        editor=storage,
                        hot=True,
                        wide=True,
                        keywords=str(
                            QT_TRANSLATE_NOOP(
                                "SettingsDialog",
                                "hard disk optical drive floppy image ISO CD DVD controller SATA "
                                "IDE SCSI NVMe host I/O cache port count solid-state drive "
                                "hot-pluggable passthrough live",
                            )
                        ),
                    ),
                ),
            ),
        ),
    )
)
