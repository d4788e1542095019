"""What the manager's shortcuts are called in the preferences."""

from PySide6.QtCore import QCoreApplication

from app.manager.action_spec import ActionSpec
from app.manager.actions import SPECS, opener_spec
from app.manager.preferences.shortcut_table import ShortcutRow
from app.manager.shortcut_names import stored_name
from app.manager.tool import all_tools


def _caption(spec: ActionSpec) -> str:
    text = QCoreApplication.translate("ManagerAction", spec.text)
    return text.replace("&", "").rstrip("…").strip("[]")


def manager_rows() -> list[ShortcutRow]:
    """Return a row for every action of the manager; actions of a tool name the tool too."""
    rows = [_row(spec, "", "") for spec in SPECS]
    for tool in all_tools():
        rows.append(_row(opener_spec(tool), "", ""))
        title = QCoreApplication.translate("ManagerAction", tool.title).replace("&", "")
        rows += [_row(spec, title, tool.name) for spec in tool.actions]
    return rows


def _row(spec: ActionSpec, place: str, menu: str) -> ShortcutRow:
    caption = f"{place}: {_caption(spec)}" if place else _caption(spec)
    return ShortcutRow(stored_name(spec.name), caption, spec.shortcut, spec.shortcut, menu)
