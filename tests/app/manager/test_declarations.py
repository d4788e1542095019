"""Tables must be complete: every state has a look, every icon that is named exists."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from app.api.structs import MachineInfo, MachineState, SessionState
from app.common.icons import ICON_FOLDER, IconNotFoundError, icon, os_icon
from app.manager.actions import SPECS, ActionSet
from app.manager.situation import Situation
from app.manager.states import state_look
from app.manager.tool import Tool, ToolScope, all_tools
from app.settings.guestos import os_types

SOURCES = [
    path
    for folder in ("manager", "common")
    for path in (Path(__file__).resolve().parents[3] / "app" / folder).rglob("*.py")
]


def machine(state, session=SessionState.UNLOCKED, **fields):
    return MachineInfo(id="1", name="m", state=state, session_state=session, **fields)


@pytest.mark.parametrize("state", [state for state in MachineState if state != MachineState.NULL])
def test_every_state_has_text_and_icon(qapp, state):
    look = state_look(machine(state))
    assert look.text != "Unknown"
    assert not icon(look.icon_name).isNull()


def test_spawning_shows_as_starting_and_inaccessible_wins(qapp):
    spawning = machine(MachineState.POWERED_OFF, SessionState.SPAWNING)
    assert state_look(spawning).text == "Starting"
    assert state_look(machine(MachineState.RUNNING, accessible=False)).text == "Inaccessible"


def test_every_named_icon_exists(qapp):
    names = {spec.icon_name for spec in SPECS} | {tool.icon_name for tool in all_tools()}
    pattern = re.compile(r"(?:\bicon\(|icon_name=|picture\(|_icon\()\s*\"([a-z0-9-]+)\"")
    for source in SOURCES:
        names.update(pattern.findall(source.read_text(encoding="utf-8")))
    assert len(names) > 30
    for name in names:
        assert (ICON_FOLDER / f"{name}.svg").is_file(), name


def test_every_guest_system_has_an_icon(qapp):
    unknown = {t.id for t in os_types() if os_icon(t.id).cacheKey() == icon("os-other").cacheKey()}
    assert not {os_id for os_id in unknown if os_id.startswith(("Win", "Linux", "Debian", "Mac"))}
    assert len(unknown) < 12


def test_unknown_icon_is_an_error(qapp):
    with pytest.raises(IconNotFoundError):
        icon("no-such-icon")


@pytest.mark.parametrize("path", sorted(ICON_FOLDER.glob("*.svg")), ids=lambda path: path.stem)
def test_icons_are_well_formed_and_scalable(path):
    root = ET.parse(path).getroot()
    assert root.get("viewBox")
    assert not list(root.iter("{http://www.w3.org/2000/svg}image"))


def situations(connected, subject):
    return [
        Situation(connected),
        Situation(connected, (subject,)),
        Situation(connected, (subject, machine(MachineState.POWERED_OFF))),
        Situation(connected, (subject,), ("/Group",)),
        Situation(connected, (), ("/Group", "/Other")),
    ]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_disabled_actions_say_why(qapp, spec):
    for state in MachineState:
        for session in SessionState:
            for accessible in (True, False):
                for connected in (True, False):
                    subject = machine(state, session, accessible=accessible)
                    for situation in situations(connected, subject):
                        reason = spec.blocked(situation)
                        assert isinstance(reason, str)
                        assert not reason or reason.endswith(".")


def test_shortcuts_are_unique(qapp):
    always = [spec.shortcut for spec in SPECS] + [tool.shortcut for tool in all_tools()]
    for tool in all_tools():
        used = [text for text in [*always, *(spec.shortcut for spec in tool.actions)] if text]
        assert len(used) == len(set(used)), tool.name


def test_menus_and_tool_bars_name_actions_that_exist(qapp):
    names = {*ActionSet(qapp).names(), "|"}
    assert {tool.scope for tool in all_tools()} == set(ToolScope)
    for tool in all_tools():
        assert not set(tool.menu) - names, tool.name
        assert not set(tool.tool_bar) - names, tool.name
        assert all(spec.name in {*tool.menu, *tool.tool_bar} for spec in tool.actions)


def test_an_action_declared_twice_is_an_error(qapp):
    tool = Tool(
        name="Double", scope=ToolScope.GLOBAL, order=0, title="&Double", tip="Twice",
        icon_name="tools", create=None, actions=(SPECS[0],),
    )  # fmt: skip
    with pytest.raises(ValueError, match="declared twice"):
        ActionSet(qapp, [tool])
