"""User Interface: how the window of the machine looks; kept in the machine's extra data."""

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.settings_dialog.fields.simple import switch_text
from app.manager.settings_dialog.fields.user_interface import (
    INDICATORS,
    MENU_ITEM_PATHS,
    MENUS_PATH,
    VISUAL_STATE_PATHS,
    check_list,
    menu_tree,
    visual_state,
)
from app.manager.settings_dialog.spec import (
    FieldSpec,
    Heading,
    PageSpec,
    Requirement,
    TabSpec,
    declare,
)

_MENU_BAR: Final = "extra_data[GUI/MenuBar/Enabled]"
_STATUS_BAR: Final = "extra_data[GUI/StatusBar/Enabled]"
_ORDER: Final = "extra_data[GUI/StatusBar/IndicatorOrder]"
_TOOL_BAR: Final = "extra_data[GUI/ShowMiniToolBar]"


def _shown(key: str, reason: str) -> Requirement:
    return Requirement(lambda settings: settings.extra_data.get(key, "") != "false", reason)


declare(
    PageSpec(
        "user_interface",
        str(QT_TRANSLATE_NOOP("SettingsDialog", "User Interface")),
        "user-interface",
        100,
        (
            TabSpec(
                "",
                (
                    FieldSpec(
                        VISUAL_STATE_PATHS[0],
                        label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Visual State")),
                        help=str(
                            QT_TRANSLATE_NOOP(
                                "SettingsDialog",
                                "How the window of the machine starts. Seamless is kept for "
                                "VirtualBox: this version of Vitrine starts with a window then.",
                            )
                        ),
                        editor=visual_state,
                        also=VISUAL_STATE_PATHS[1:],
                    ),
                    Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "Mini ToolBar"))),
                    FieldSpec(
                        _TOOL_BAR,
                        label=str(
                            QT_TRANSLATE_NOOP("SettingsDialog", "Show in Full-screen/Seamless")
                        ),
                        help=str(
                            QT_TRANSLATE_NOOP(
                                "SettingsDialog",
                                "A small tool bar appears at the edge of the screen.",
                            )
                        ),
                        editor=switch_text("", "false"),
                    ),
                    FieldSpec(
                        "extra_data[GUI/MiniToolBarAlignment]",
                        label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Show at Top of Screen")),
                        help=str(
                            QT_TRANSLATE_NOOP(
                                "SettingsDialog",
                                "The small tool bar is at the upper edge instead of the lower one.",
                            )
                        ),
                        editor=switch_text("top", ""),
                        requires=_shown(
                            "GUI/ShowMiniToolBar",
                            str(QT_TRANSLATE_NOOP("SettingsDialog", "There is no small tool bar.")),
                        ),
                    ),
                    Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "Menu bar"))),
                    FieldSpec(
                        _MENU_BAR,
                        label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Show the menu bar")),
                        help=str(
                            QT_TRANSLATE_NOOP(
                                "SettingsDialog", "The window of the machine has a menu bar."
                            )
                        ),
                        editor=switch_text("", "false"),
                    ),
                    FieldSpec(
                        MENUS_PATH,
                        label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Menus")),
                        help=str(
                            QT_TRANSLATE_NOOP(
                                "SettingsDialog",
                                "Menus that the window offers when the machine starts the next "
                                "time, and their items. Keys of hidden items still work.",
                            )
                        ),
                        editor=menu_tree,
                        also=MENU_ITEM_PATHS,
                        requires=_shown(
                            "GUI/MenuBar/Enabled",
                            str(QT_TRANSLATE_NOOP("SettingsDialog", "There is no menu bar.")),
                        ),
                    ),
                    Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "Status bar"))),
                    FieldSpec(
                        _STATUS_BAR,
                        label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Show the status bar")),
                        help=str(
                            QT_TRANSLATE_NOOP(
                                "SettingsDialog", "The window of the machine has a status bar."
                            )
                        ),
                        editor=switch_text("", "false"),
                    ),
                    FieldSpec(
                        "extra_data[GUI/RestrictedStatusBarIndicators]",
                        label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Indicators")),
                        help=str(
                            QT_TRANSLATE_NOOP(
                                "SettingsDialog", "Symbols in the status bar, and their order."
                            )
                        ),
                        editor=check_list(INDICATORS, _ORDER),
                        also=(_ORDER,),
                        requires=_shown(
                            "GUI/StatusBar/Enabled",
                            str(QT_TRANSLATE_NOOP("SettingsDialog", "There is no status bar.")),
                        ),
                    ),
                ),
            ),
        ),
    )
)
