"""Display: screens, remote display, recording."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.settings_dialog.fields.display import (
    frame_size,
    recording_mode,
    scale_factor,
    video_rate,
)
from app.manager.settings_dialog.fields.simple import path_editor
from app.manager.settings_dialog.fields.system import monitors, video_memory
from app.manager.settings_dialog.spec import (
    NOT_YET,
    FieldSpec,
    Level,
    PageSpec,
    Requirement,
    TabSpec,
    declare,
)
from app.manager.widgets.file_picker import PickMode

_SERVER = Requirement(
    lambda settings: settings.hardware.remote_display.enabled,
    str(QT_TRANSLATE_NOOP("SettingsDialog", "The remote display server is switched off.")),
)
_RECORDING = Requirement(
    lambda settings: settings.recording.enabled,
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Recording is switched off.")),
)
_ONE_SCREEN = str(
    QT_TRANSLATE_NOOP(
        "SettingsDialog",
        "Guests have one screen in this version of Vitrine; a larger number is kept for later.",
    )
)
_VGA = str(
    QT_TRANSLATE_NOOP(
        "SettingsDialog",
        "Guests see a VGA adapter with VESA modes in this version of Vitrine, whatever is chosen.",
    )
)
_SILENT = str(
    QT_TRANSLATE_NOOP("SettingsDialog", "Films that this version of Vitrine makes are silent.")
)

_SCREEN = TabSpec(
    str(QT_TRANSLATE_NOOP("SettingsDialog", "&Screen")),
    (
        FieldSpec(
            "hardware.display.vram_mb",
            Level.BASIC,
            editor=video_memory,
            keywords=str(QT_TRANSLATE_NOOP("SettingsDialog", "VRAM graphics")),
        ),
        FieldSpec(
            "hardware.display.monitor_count", Level.BASIC, editor=monitors, note=_ONE_SCREEN
        ),
        FieldSpec(
            "extra_data[GUI/ScaleFactor]",
            Level.BASIC,
            label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Scale Factor")),
            help=str(
                QT_TRANSLATE_NOOP(
                    "SettingsDialog", "How much larger the window shows the guest's screen."
                )
            ),
            editor=scale_factor,
        ),
        FieldSpec("hardware.display.controller", note=_VGA),
        FieldSpec("hardware.display.accelerate_3d", note=NOT_YET),
        FieldSpec("hardware.display.accelerate_2d_video", note=NOT_YET),
    ),
)
_REMOTE = TabSpec(
    str(QT_TRANSLATE_NOOP("SettingsDialog", "&Remote Display")),
    (
        FieldSpec("hardware.remote_display.enabled"),
        FieldSpec(
            "hardware.remote_display.properties[TCP/Ports]",
            label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Server Port")),
            help=str(
                QT_TRANSLATE_NOOP(
                    "SettingsDialog",
                    "Port on which clients are awaited; a list or range such as 5010-5020,5030 "
                    "takes the first that is free.",
                )
            ),
            requires=_SERVER,
        ),
        FieldSpec(
            "hardware.remote_display.properties[TCP/Address]",
            label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Server Address")),
            help=str(
                QT_TRANSLATE_NOOP(
                    "SettingsDialog",
                    "Address of this computer on which clients are awaited; all when empty.",
                )
            ),
            requires=_SERVER,
        ),
        FieldSpec("hardware.remote_display.auth_type", requires=_SERVER),
        FieldSpec("hardware.remote_display.auth_timeout_ms", requires=_SERVER),
        FieldSpec("hardware.remote_display.allow_multi_connection", requires=_SERVER),
        FieldSpec("hardware.remote_display.reuse_single_connection", requires=_SERVER),
        FieldSpec("hardware.remote_display.auth_library", requires=_SERVER),
        FieldSpec("hardware.remote_display.extension_pack", requires=_SERVER),
        FieldSpec("hardware.remote_display.properties", requires=_SERVER),
    ),
)
_RECORD = TabSpec(
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Re&cording")),
    (
        FieldSpec("recording.enabled"),
        FieldSpec("recording.screens[0].enabled", requires=_RECORDING),
        FieldSpec(
            "recording.screens[0].features",
            editor=recording_mode,
            requires=_RECORDING,
            note=_SILENT,
        ),
        FieldSpec(
            "recording.screens[0].file",
            editor=path_editor(PickMode.SAVE_FILE),
            requires=_RECORDING,
        ),
        FieldSpec(
            "recording.screens[0].width",
            label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Frame Size")),
            editor=frame_size,
            also=("recording.screens[0].height",),
            requires=_RECORDING,
        ),
        FieldSpec("recording.screens[0].fps", requires=_RECORDING),
        FieldSpec("recording.screens[0].rate_kbps", editor=video_rate, requires=_RECORDING),
        FieldSpec("recording.screens[0].max_time_s", requires=_RECORDING),
        FieldSpec("recording.screens[0].max_size_mb", requires=_RECORDING),
        FieldSpec("recording.screens[0].options", requires=_RECORDING),
    ),
)

declare(
    PageSpec(
        "display",
        str(QT_TRANSLATE_NOOP("SettingsDialog", "Display")),
        "display",
        30,
        (_SCREEN, _REMOTE, _RECORD),
    )
)
