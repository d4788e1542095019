"""Audio: adapter and what the host does with its sound."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.settings_dialog.spec import (
    FieldSpec,
    Level,
    PageSpec,
    Requirement,
    TabSpec,
    declare,
)

_ENABLED = Requirement(
    lambda settings: settings.hardware.audio.enabled,
    str(QT_TRANSLATE_NOOP("SettingsDialog", "The machine has no audio adapter.")),
)
_CHOSEN = Requirement(
    lambda settings: (
        settings.hardware.audio.enabled and not settings.hardware.audio.use_default_driver
    ),
    str(QT_TRANSLATE_NOOP("SettingsDialog", "The default driver of the host is used.")),
)
declare(
    PageSpec(
        "audio",
        str(QT_TRANSLATE_NOOP("SettingsDialog", "Audio")),
        "audio",
        50,
        (
            TabSpec(
                "",
                (
                    FieldSpec(
                        "hardware.audio.enabled",
                        Level.BASIC,
                        keywords=str(QT_TRANSLATE_NOOP("SettingsDialog", "sound")),
                    ),
                    FieldSpec("hardware.audio.use_default_driver", requires=_ENABLED),
                    FieldSpec("hardware.audio.driver", Level.BASIC, requires=_CHOSEN),
                    FieldSpec("hardware.audio.controller", Level.BASIC, requires=_ENABLED),
                    FieldSpec("hardware.audio.codec", requires=_ENABLED),
                    FieldSpec("hardware.audio.enabled_out", Level.BASIC, requires=_ENABLED),
                    FieldSpec("hardware.audio.enabled_in", Level.BASIC, requires=_ENABLED),
                    FieldSpec("hardware.audio.properties", requires=_ENABLED),
                ),
            ),
        ),
    )
)
