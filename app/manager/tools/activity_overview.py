"""The tool that shows what all running machines and the host take."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.action_spec import ActionSpec
from app.manager.situation import needs_service
from app.manager.tool import Tool, ToolPane, ToolScope, Workspace, declare


def _create(workspace: Workspace) -> ToolPane:
    from app.manager.activity.overview import OverviewPane

    return OverviewPane(workspace)


declare(
    Tool(
        name="VMActivityOverview",
        scope=ToolScope.GLOBAL,
        order=50,
        title=str(QT_TRANSLATE_NOOP("ManagerAction", "VM Activity &Overview")),
        tip=str(QT_TRANSLATE_NOOP("ManagerAction", "See what all running machines take")),
        icon_name="activity-overview",
        create=_create,
        actions=(
            ActionSpec(
                "overview-columns",
                str(QT_TRANSLATE_NOOP("ManagerAction", "&Columns…")),
                str(QT_TRANSLATE_NOOP("ManagerAction", "Choose the columns of the table")),
                "columns",
            ),
            ActionSpec(
                "overview-vm-activity",
                str(QT_TRANSLATE_NOOP("ManagerAction", "VM &Activity")),
                str(QT_TRANSLATE_NOOP("ManagerAction", "Show charts of the selected machine")),
                "activity", "", needs_service,
            ),
        ),
        menu_title=str(QT_TRANSLATE_NOOP("ManagerAction", "&Activities")),
        menu=("overview-columns", "overview-vm-activity"),
        tool_bar=("overview-columns", "overview-vm-activity"),
    )
)  # fmt: skip
