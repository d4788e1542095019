"""The tool that manages host-only and NAT networks."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.action_spec import ActionSpec
from app.manager.situation import needs_service
from app.manager.tool import Tool, ToolPane, ToolScope, Workspace, declare


def _create(workspace: Workspace) -> ToolPane:
    from app.manager.network.pane import NetworkPane

    return NetworkPane(workspace)


_ACTIONS = (
    ActionSpec(
        "network-create",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Create")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Create a network of the open kind")),
        "network-add", "Ctrl+Shift+C", needs_service,
    ),
    ActionSpec(
        "network-remove",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Remove…")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Remove the selected network")),
        "network-remove", "Ctrl+Shift+R", needs_service,
    ),
    ActionSpec(
        "network-properties",
        str(QT_TRANSLATE_NOOP("ManagerAction", "&Properties")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Show the settings of the selected network")),
        "network-properties", "Ctrl+Shift+P", needs_service, checkable=True,
    ),
    ActionSpec(
        "network-refresh",
        str(QT_TRANSLATE_NOOP("ManagerAction", "Re&fresh")),
        str(QT_TRANSLATE_NOOP("ManagerAction", "Ask for the networks anew")),
        "refresh", "Ctrl+Shift+F", needs_service,
    ),
)  # fmt: skip

declare(
    Tool(
        name="Network",
        scope=ToolScope.GLOBAL,
        order=30,
        title=str(QT_TRANSLATE_NOOP("ManagerAction", "&Network Manager")),
        tip=str(QT_TRANSLATE_NOOP("ManagerAction", "Manage networks that machines share")),
        icon_name="network-manager",
        create=_create,
        shortcut="Ctrl+H",
        actions=_ACTIONS,
        menu_title=str(QT_TRANSLATE_NOOP("ManagerAction", "&Network")),
        menu=(
            "network-create", "network-remove", "|", "network-properties", "|", "network-refresh",
        ),
        tool_bar=(
            "network-create", "network-remove", "|", "network-properties", "network-refresh",
        ),
    )
)  # fmt: skip
