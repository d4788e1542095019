"""The tool that manages the snapshots of a machine."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.action_spec import ActionSpec
from app.manager.situation import needs_service
from app.manager.tool import Tool, ToolPane, ToolScope, Workspace, declare


def _create(workspace: Workspace) -> ToolPane:
    from app.manager.snapshots.pane import SnapshotsPane

    return SnapshotsPane(workspace)


_ACTIONS = (
    ActionSpec(
        "snapshot-take",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Take…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Take a snapshot of the current state")),
        "snapshot-take", "Ctrl+Shift+T", needs_service,
    ),
    ActionSpec(
        "snapshot-delete",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Delete…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Delete the selected snapshot")),
        "snapshot-delete", "Ctrl+Shift+D", needs_service,
    ),
    ActionSpec(
        "snapshot-restore",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Restore…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Go back to the selected snapshot")),
        "snapshot-restore", "Ctrl+Shift+R", needs_service,
    ),
    ActionSpec(
        "snapshot-properties",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Properties")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Show what is known of the selected snapshot")),
        "snapshot-properties", "Ctrl+Shift+P", checkable=True,
    ),
    ActionSpec(
        "snapshot-clone",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Clone…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Make a new machine of the selected snapshot")),
        "snapshot-clone", "Ctrl+Shift+C", needs_service,
    ),
)  # fmt: skip

declare(
    Tool(
        name="Snapshots",
        scope=ToolScope.MACHINE,
        order=10,
        title=str(QT_TRANSLATE_NOOP("ManagerAction", "&Snapshots")),
        tip=str(QT_TRANSLATE_NOOP("ManagerAction", "Keep states of the machine to go back to")),
        icon_name="snapshots",
        create=_create,
        actions=_ACTIONS,
        menu_title=str(QT_TRANSLATE_NOOP("ManagerAction", "&Snapshot")),
        menu=(
            "snapshot-take", "snapshot-delete", "snapshot-restore", "snapshot-properties",
            "snapshot-clone",
        ),
        tool_bar=(
            "snapshot-take", "snapshot-delete", "snapshot-restore", "snapshot-properties",
            "snapshot-clone", "|", "settings", "discard", "start",
        ),
    )
)  # fmt: skip
