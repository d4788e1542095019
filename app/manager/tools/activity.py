"""The tool that shows what a running machine takes."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.action_spec import ActionSpec
from app.manager.situation import needs_service
from app.manager.tool import Tool, ToolPane, ToolScope, Workspace, declare


def _create(workspace: Workspace) -> ToolPane:
    from app.manager.activity.pane import ActivityPane

    return ActivityPane(workspace)


declare(
    Tool(
        name="VMActivity",
        scope=ToolScope.MACHINE,
        order=30,
        title=str(QT_TRANSLATE_NOOP("ManagerAction", "&Activity")),
        tip=str(QT_TRANSLATE_NOOP("ManagerAction", "See what the running machine takes")),
        icon_name="activity",
        create=_create,
        actions=(
            ActionSpec(
                "activity-export",
                str(QT_TRANSLATE_NOOP("ManagerAction", "&Export…")),
                str(QT_TRANSLATE_NOOP("ManagerAction", "Write the measurements to a text file")),
                "export",
            ),
            ActionSpec(
                "activity-overview",
                str(QT_TRANSLATE_NOOP("ManagerAction", "Activity &Overview")),
                str(QT_TRANSLATE_NOOP("ManagerAction", "See what all running machines take")),
                "activity-overview", "", needs_service,
            ),
        ),
        menu_title=str(QT_TRANSLATE_NOOP("ManagerAction", "&Activity")),
        menu=("activity-export", "activity-overview"),
        tool_bar=("activity-export", "activity-overview", "|", "settings", "discard", "start"),
    )
)  # fmt: skip
