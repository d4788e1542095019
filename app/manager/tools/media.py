"""The tool that manages disk images."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.action_spec import ActionSpec
from app.manager.situation import needs_service
from app.manager.tool import Tool, ToolPane, ToolScope, Workspace, declare


def _create(workspace: Workspace) -> ToolPane:
    from app.manager.media.pane import MediaPane

    return MediaPane(workspace)


_ACTIONS = (
    ActionSpec(
        "medium-add",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Add…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Add an existing image file")),
        "medium-add", "Ctrl+Shift+A", needs_service,
    ),
    ActionSpec(
        "medium-create",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Create…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Create a new image file")),
        "medium-create", "", needs_service,
    ),
    ActionSpec(
        "medium-copy",
        str(QT_TRANSLATE_NOOP("ManagerAction", "C&opy…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Copy the selected medium into a new image file")),
        "medium-copy", "Ctrl+Shift+C", needs_service,
    ),
    ActionSpec(
        "medium-move",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Move…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Move the image file of the selected medium")),
        "medium-move", "Ctrl+Shift+M", needs_service,
    ),
    ActionSpec(
        "medium-remove",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Remove…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Forget the selected medium or delete its file")),
        "medium-remove", "Ctrl+Shift+R", needs_service,
    ),
    ActionSpec(
        "medium-release",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Re&lease…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Detach the selected medium from all machines")),
        "medium-release", "Ctrl+Shift+L", needs_service,
    ),
    ActionSpec(
        "medium-compact",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Compac&t")),
        str(
            QT_TRANSLATE_NOOP(
                "ManagerAction", "Give room that holds nothing but zeros back to the host"
            )
        ),
        "medium-compact", "", needs_service,
    ),
    ActionSpec(
        "medium-clear",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Cl&ear…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Remove all inaccessible media from the list")),
        "clear", "", needs_service,
    ),
    ActionSpec(
        "medium-search",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Search")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Search media by name or UUID")),
        "medium-search", "", needs_service, checkable=True,
    ),
    ActionSpec(
        "medium-properties",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Properties")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Show what is known of the selected medium")),
        "medium-properties", "Ctrl+Shift+P", needs_service, checkable=True,
    ),
    ActionSpec(
        "medium-refresh",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Re&fresh")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Look at all image files anew")),
        "refresh", "Ctrl+Shift+F", needs_service,
    ),
)  # fmt: skip

declare(
    Tool(
        name="Media",
        scope=ToolScope.GLOBAL,
        order=20,
        title=str(QT_TRANSLATE_NOOP("ManagerAction", "&Virtual Media Manager")),
        tip=str(QT_TRANSLATE_NOOP("ManagerAction", "Manage disk images and see who uses them")),
        icon_name="media",
        create=_create,
        shortcut="Ctrl+D",
        actions=_ACTIONS,
        menu_title=str(QT_TRANSLATE_NOOP("ManagerAction", "Me&dium")),
        menu=(
            "medium-add", "medium-create", "|", "medium-copy", "medium-move", "medium-remove",
            "medium-release", "medium-compact", "medium-clear", "|", "medium-search",
            "medium-properties", "|", "medium-refresh",
        ),
        tool_bar=(
            "medium-add", "medium-create", "|", "medium-copy", "medium-move", "medium-remove",
            "medium-release", "medium-clear", "|", "medium-search", "medium-properties",
            "medium-refresh",
        ),
    )
)  # fmt: skip
