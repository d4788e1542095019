"""The tool that greets."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.tool import Tool, ToolPane, ToolScope, Workspace, declare


def _create(workspace: Workspace) -> ToolPane:
    from app.manager.panes import WelcomePane

    return WelcomePane(workspace)


declare(
    Tool(
        name="Welcome",
        scope=ToolScope.GLOBAL,
        order=0,
        title=str(QT_TRANSLATE_NOOP("ManagerAction", "&Welcome Screen")),
        tip=str(QT_TRANSLATE_NOOP("ManagerAction", "See what can be done first")),
        icon_name="welcome",
        create=_create,
        tool_bar=("preferences", "|", "new", "add"),
    )
)
