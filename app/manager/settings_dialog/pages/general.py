"""General: name and guest system, clipboard, how the machine is run, description."""

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.settings_dialog.fields.general import icon_file, os_type
from app.manager.settings_dialog.fields.simple import long_text, path_editor
from app.manager.settings_dialog.spec import (
    NOT_YET,
    FieldSpec,
    Heading,
    Level,
    PageSpec,
    Requirement,
    TabSpec,
    declare,
)
from app.manager.widgets.file_picker import PickMode
from app.manager.words import Words

_FRONTENDS: Final[Words] = {
    "": str(QT_TRANSLATE_NOOP("Words", "Default")),
    "gui": str(QT_TRANSLATE_NOOP("Words", "Window")),
    "headless": str(QT_TRANSLATE_NOOP("Words", "Headless")),
    "separate": str(QT_TRANSLATE_NOOP("Words", "Detachable")),
}
_NO_AUTOSTART = str(
    QT_TRANSLATE_NOOP("SettingsDialog", "Autostart is off: nothing follows from this setting.")
)
_NO_TELEPORTER = str(
    QT_TRANSLATE_NOOP("SettingsDialog", "The machine does not wait for another one.")
)
_NO_TRACING = str(QT_TRANSLATE_NOOP("SettingsDialog", "Tracing is switched off."))
_NO_DEBUGGER = str(QT_TRANSLATE_NOOP("SettingsDialog", "No guest debug provider is chosen."))
_AUTOSTART = Requirement(lambda settings: settings.autostart.enabled, _NO_AUTOSTART)
_TELEPORTER = Requirement(lambda settings: settings.teleporter.enabled, _NO_TELEPORTER)
_TRACING = Requirement(lambda settings: settings.debugging.tracing_enabled, _NO_TRACING)
_DEBUGGER = Requirement(
    lambda settings: settings.debugging.guest_debug_provider != "None", _NO_DEBUGGER
)

_BASIC = TabSpec(
    str(QT_TRANSLATE_NOOP("SettingsDialog", "&Basic")),
    (
        FieldSpec("name", Level.BASIC),
        FieldSpec(
            "os_type_id",
            Level.BASIC,
            label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Operating System")),
            editor=os_type,
        ),
        FieldSpec("icon", editor=icon_file),
        FieldSpec("name_sync"),
    ),
)
_ADVANCED = TabSpec(
    str(QT_TRANSLATE_NOOP("SettingsDialog", "&Advanced")),
    (
        FieldSpec("snapshot_folder", editor=path_editor(PickMode.FOLDER)),
        FieldSpec("hardware.clipboard_mode", Level.BASIC, note=NOT_YET),
        FieldSpec("hardware.clipboard_file_transfers", note=NOT_YET),
        FieldSpec("hardware.drag_and_drop_mode", Level.BASIC, note=NOT_YET),
        FieldSpec("process_priority", note=NOT_YET),
        FieldSpec("hardware.default_frontend", words=_FRONTENDS),
    ),
)
_RUNNING = TabSpec(
    str(QT_TRANSLATE_NOOP("SettingsDialog", "&Running")),
    (
        Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "Start with the host"))),
        FieldSpec("autostart.enabled"),
        FieldSpec("autostart.delay_s", requires=_AUTOSTART),
        FieldSpec("autostart.autostop"),
        Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "Teleporting"))),
        FieldSpec("teleporter.enabled", note=NOT_YET),
        FieldSpec("teleporter.address", requires=_TELEPORTER),
        FieldSpec("teleporter.port", requires=_TELEPORTER),
        FieldSpec("teleporter.password", requires=_TELEPORTER),
        Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "Debugging"))),
        FieldSpec("debugging.tracing_enabled", note=NOT_YET),
        FieldSpec("debugging.tracing_vm_access", requires=_TRACING),
        FieldSpec("debugging.tracing_config", requires=_TRACING),
        FieldSpec("debugging.guest_debug_provider", note=NOT_YET),
        FieldSpec("debugging.guest_debug_io", requires=_DEBUGGER),
        FieldSpec("debugging.guest_debug_address", requires=_DEBUGGER),
        FieldSpec("debugging.guest_debug_port", requires=_DEBUGGER),
    ),
)
_DESCRIPTION = TabSpec(
    str(QT_TRANSLATE_NOOP("SettingsDialog", "&Description")),
    (FieldSpec("description", Level.BASIC, editor=long_text, wide=True),),
)

declare(
    PageSpec(
        "general",
        str(QT_TRANSLATE_NOOP("SettingsDialog", "General")),
        "general",
        10,
        (_BASIC, _ADVANCED, _RUNNING, _DESCRIPTION),
    )
)
