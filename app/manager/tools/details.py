"""The tool that shows what a machine is made of."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.tool import Tool, ToolPane, ToolScope, Workspace, declare


def _create(workspace: Workspace) -> ToolPane:
    from app.manager.details.tool_pane import DetailsToolPane

    return DetailsToolPane(workspace)


declare(
    Tool(
        name="Details",
        scope=ToolScope.MACHINE,
        order=0,
        title=str(QT_TRANSLATE_NOOP("ManagerAction", "&Details")),
        tip=str(QT_TRANSLATE_NOOP("ManagerAction", "See what the machine is made of")),
        icon_name="details",
        create=_create,
        tool_bar=("new", "add", "|", "settings", "discard", "start"),
    )
)
