"""The tool that reads the logs of a machine."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.action_spec import ActionSpec
from app.manager.situation import needs_service
from app.manager.tool import Tool, ToolPane, ToolScope, Workspace, declare


def _create(workspace: Workspace) -> ToolPane:
    from app.manager.logs.pane import LogsPane

    return LogsPane(workspace)


_ACTIONS = (
    ActionSpec(
        "log-save",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Save…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Save the log as a file")),
        "log-save", "Ctrl+Shift+S", needs_service,
    ),
    ActionSpec(
        "log-find",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Find")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Find text in the log")),
        "find", "Ctrl+Shift+F", checkable=True,
    ),
    ActionSpec(
        "log-filter",
        str(QT_TRANSLATE_NOOP("ManagerAction", "F&ilter")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Show only lines that contain some terms")),
        "filter", "Ctrl+Shift+T", checkable=True,
    ),
    ActionSpec(
        "log-bookmark",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Bookmark")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Show the lines that were marked")),
        "bookmark", "Ctrl+Shift+D", checkable=True,
    ),
    ActionSpec(
        "log-preferences",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Preferences")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Choose how logs look")),
        "log-settings", "Ctrl+Shift+P", checkable=True,
    ),
    ActionSpec(
        "log-refresh",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Refresh")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Read what was added to the log (also F5 in it)")),
        "refresh", "Ctrl+Shift+R", needs_service,
    ),
    ActionSpec(
        "log-reload",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Re&load")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Read all logs anew; bookmarks go")),
        "reload", "", needs_service,
    ),
)  # fmt: skip

declare(
    Tool(
        name="Logs",
        scope=ToolScope.MACHINE,
        order=20,
        title=str(QT_TRANSLATE_NOOP("ManagerAction", "&Logs")),
        tip=str(QT_TRANSLATE_NOOP("ManagerAction", "Read what the machine has logged")),
        icon_name="logs",
        create=_create,
        shortcut="Ctrl+L",
        actions=_ACTIONS,
        menu_title=str(QT_TRANSLATE_NOOP("ManagerAction", "&Log")),
        menu=(
            "log-save", "|", "log-find", "log-filter", "log-bookmark", "log-preferences", "|",
            "log-refresh", "log-reload",
        ),
        tool_bar=(
            "log-save", "|", "log-find", "log-filter", "log-bookmark", "log-preferences",
            "log-refresh", "log-reload", "|", "settings", "discard", "start",
        ),
    )
)  # fmt: skip
