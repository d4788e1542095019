"""USB: the controller, and which devices of the host the machine gets."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.settings_dialog.spec import (
    FieldSpec,
    Heading,
    Level,
    PageSpec,
    Requirement,
    TabSpec,
    declare,
)
from app.manager.settings_dialog.usb.fields import controllers, filters

_NO_FILTERS = str(
    QT_TRANSLATE_NOOP(
        "SettingsDialog",
        "Guests of this version of Vitrine do not get devices of this computer; the filters are "
        "kept for VirtualBox and for later versions.",
    )
)

declare(
    PageSpec(
        "usb",
        str(QT_TRANSLATE_NOOP("SettingsDialog", "USB")),
        "usb",
        80,
        (
            TabSpec(
                "",
                (
                    FieldSpec(
                        "hardware.usb_controllers",
                        Level.BASIC,
                        editor=controllers,
                        wide=True,
                        keywords=str(
                            QT_TRANSLATE_NOOP("SettingsDialog", "USB 1.1 2.0 3.0 OHCI EHCI xHCI")
                        ),
                    ),
                    Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "USB Device Filters"))),
                    FieldSpec(
                        "hardware.usb_filters",
                        editor=filters,
                        wide=True,
                        note=_NO_FILTERS,
                        requires=Requirement(
                            lambda settings: bool(settings.hardware.usb_controllers),
                            str(
                                QT_TRANSLATE_NOOP(
                                    "SettingsDialog", "The machine has no USB controller."
                                )
                            ),
                        ),
                    ),
                ),
            ),
        ),
    )
)
