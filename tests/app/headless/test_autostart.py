"""Machines that start and end with the host: rules, order, autostop types and systemd's units."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import types

import pytest

from app.api import ApiError, ErrorCode, MachineInfo, MachineState
from app.headless import autostart
from app.headless.autostart import AutostartRun
from app.headless.autostartrules import Rule, RulesError, rule_for
from app.headless.units import AUTOSTART_UNIT, UNITS, unit_text
from app.settings.model import MachineSettings
from tests.app.service.fixtures import client, home, make_machine, service, vm_processes
from tests.app.service.support import client_of, wait_until

__all__ = ["client", "home", "make_machine", "service", "vm_processes"]

RULES = """\
# Nobody but two.
default_policy = deny
alice = {
    allow = true
    startup_delay = 10
}
"bob" = { allow = 1 } carol = { allow = false }
"""


@pytest.mark.parametrize(
    ("user", "rule"),
    [("alice", Rule(True, 10)), ("bob", Rule(True, 0)), ("carol", Rule(False, 0)), ("dave", Rule(False, 0))],
)
def test_rules_of_users(tmp_path, user, rule):
    file = tmp_path / "autostart.cfg"
    file.write_text(RULES)
    assert rule_for(user, file) == rule


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("default_policy = maybe", "line 1: default_policy is allow or deny, not 'maybe'"),
        ("a = {\n allow = perhaps\n}", "line 2: 'allow = perhaps' is no setting of a user"),
        ("a = {\n startup_delay = 4294967296 }", "line 2: 'startup_delay"),
        ("a = {\n allow = true\n", "a setting or a closing brace is expected"),
        ("a", "line 1: '=' is expected"),
        ("a = b", "'a' is neither default_policy nor a section"),
        ('\n"a', "line 2: '\"' is not expected"),
        ("= }", "line 1: a name is expected"),
    ],
)
def test_wrong_rules_are_refused_with_their_line(tmp_path, text, sentence):
    file = tmp_path / "autostart.cfg"
    file.write_text(text)
    with pytest.raises(RulesError, match="autostart.cfg' is wrong") as error:
        rule_for("a", file)
    assert sentence in str(error.value)
    with pytest.raises(RulesError, match="cannot be read"):
        rule_for("a", tmp_path / "missing")


class FakeClient:
    """Machines that note what happens to them."""

    def __init__(self):
        self.machines = {}
        self.settings = {}
        self.calls = []
        self.refusals = set()
        self.virtualbox = types.SimpleNamespace(list_machines=lambda: list(self.machines.values()))

    def add(self, name, state=MachineState.POWERED_OFF, **values):
        self.machines[name] = MachineInfo(id=name, name=name, state=state)
        self.settings[name] = MachineSettings(uuid=name, name=name)
        for key, value in values.items():
            setattr(self.settings[name].autostart, key, value)

    def machine(self, name):
        def end(what, state=MachineState.SAVED):
            self.calls.append((what, name))
            if (what, name) in self.refusals:
                raise ApiError(ErrorCode.E_FAIL, f"No {what}.", "machine")
            self.machines[name] = MachineInfo(id=name, name=name, state=state)

        return types.SimpleNamespace(
            get_settings=lambda: self.settings[name],
            launch=lambda frontend: end(f"launch {frontend}", MachineState.RUNNING),
            save_state=lambda: end("save"),
            power_off=lambda: end("poweroff", MachineState.POWERED_OFF),
            power_button=lambda: end("button", self.machines[name].state),
        )

    console = machine


def test_machines_start_in_the_order_of_their_delays(capsys):
    client = FakeClient()  # noqa: F811
    client.add("late", enabled=True, delay_s=30)
    client.add("never")
    client.add("soon", enabled=True, delay_s=5)
    client.add("broken", enabled=True, delay_s=5)
    client.add("runs", MachineState.RUNNING, enabled=True)
    client.refusals.add(("launch headless", "broken"))
    slept, said = [], []
    assert AutostartRun(client, said.append, sleep=slept.append).start(10) == 1
    assert [name for _, name in client.calls] == ["broken", "soon", "late"]
    assert slept == [15, 25]
    assert said == ["'soon' was started.", "'late' was started."]
    assert "error: 'broken': No launch headless." in capsys.readouterr().err


def test_each_autostop_type_is_honoured(monkeypatch, capsys):
    client = FakeClient()  # noqa: F811
    running = MachineState.RUNNING
    client.add("left", running)
    client.add("saved", running, autostop="SaveState")
    client.add("off", running, autostop="PowerOff")
    client.add("obeys", running, autostop="AcpiShutdown")
    client.add("sleeps", running, autostop="AcpiShutdown")
    client.add("paused", MachineState.PAUSED, autostop="AcpiShutdown")
    client.add("was off", autostop="SaveState")
    client.refusals.add(("save", "saved"))
    said = []

    def sleep(_seconds):
        # The guest that obeys does so while the program waits; then the time is over.
        client.machine("obeys").power_off()
        monkeypatch.setattr(autostart.time, "monotonic", lambda: float("inf"))

    assert AutostartRun(client, said.append, sleep=sleep).stop() == 1
    assert client.calls == [
        ("button", "obeys"), ("button", "sleeps"), ("save", "saved"), ("poweroff", "off"),
        ("save", "paused"), ("poweroff", "obeys"), ("save", "sleeps"),
    ]  # fmt: skip
    assert said[-2:] == ["'obeys' has shut down.", "'sleeps' did not shut down; its state was saved."]
    assert "'saved': No save." in capsys.readouterr().err


@pytest.mark.usefixtures("vm_processes")
def test_the_program_starts_and_ends_what_it_may(client, make_machine, home, capsys):  # noqa: F811
    wanted, other = make_machine(client, "wanted"), make_machine(client, "other")
    settings = client.machine(wanted.id).get_settings()
    settings.autostart.enabled, settings.autostart.autostop = True, "PowerOff"
    client.machine(wanted.id).save_settings(settings)
    rules = home / "autostart.cfg"
    rules.write_text("default_policy = deny")
    assert autostart.main(["--start"]) == 0
    assert "forbids" in capsys.readouterr().out
    rules.write_text("default_policy = broken")
    assert autostart.main(["--start"]) == 1
    assert "default_policy is allow or deny" in capsys.readouterr().err
    rules.unlink()
    assert autostart.main(["--start", "--quiet"]) == 0
    assert client.virtualbox.find_machine(wanted.id).state is MachineState.RUNNING
    assert client.virtualbox.find_machine(other.id).state is MachineState.POWERED_OFF
    assert autostart.main(["--stop"]) == 0
    assert capsys.readouterr().out == "'wanted' was switched off.\n"
    assert client.virtualbox.find_machine(wanted.id).state is MachineState.POWERED_OFF
    assert autostart.main([]) == 2


@pytest.fixture
def systemctl(tmp_path, monkeypatch):
    """A systemctl that notes what it is asked for; its folder."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "systemctl"
    program.write_text(f'#!/bin/sh\necho "$@" >>{folder}/calls\n[ ! -e {folder}/fail ] || {{ echo no bus >&2; exit 1; }}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config home"))
    return folder


def commands_of(unit):
    """Lines of a unit by their key, and the environment of its commands."""
    lines = [line.partition("=") for line in unit.splitlines() if not line.startswith(("#", "["))]
    values = {key: value for key, _, value in lines if key != "Environment"}
    environment = [shlex.split(value)[0].partition("=") for key, _, value in lines if key == "Environment"]
    return values, {key: value.replace("%%", "%") for key, _, value in environment}


def test_the_installed_units_do_what_they_say(home, vm_processes, make_machine, systemctl, tmp_path, capsys):  # noqa: F811
    assert autostart.main(["--install"]) == 0
    assert "loginctl enable-linger" in capsys.readouterr().out
    folder = tmp_path / "config home" / "systemd" / "user"
    assert sorted(path.name for path in folder.iterdir()) == [AUTOSTART_UNIT, "vitrine@.service"]
    calls = (systemctl / "calls").read_text()
    assert calls == f"--user daemon-reload\n--user enable {AUTOSTART_UNIT}\n"

    values, environment = commands_of((folder / AUTOSTART_UNIT).read_text())
    assert environment["VITRINE_USER_HOME"] == str(home)
    with client_of(start_service=True) as client:  # noqa: F811
        machine = make_machine(client, "box")
        settings = client.machine(machine.id).get_settings()
        settings.autostart.enabled, settings.autostart.autostop = True, "PowerOff"
        client.machine(machine.id).save_settings(settings)
        for key, state in (("ExecStart", MachineState.RUNNING), ("ExecStop", MachineState.POWERED_OFF)):
            # Another folder: systemd does not start programs in the source tree.
            subprocess.run(shlex.split(values[key]), env={**os.environ, **environment}, cwd=tmp_path, check=True)
            wait_until(lambda state=state: client.virtualbox.find_machine("box").state is state)
    one, _ = commands_of((folder / "vitrine@.service").read_text())
    done = subprocess.run(
        shlex.split(one["ExecStart"].replace("%i", "nobody")), env={**os.environ, **environment},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "named 'nobody'" in done.stderr) == (1, True)

    assert autostart.main(["--uninstall"]) == 0
    assert list(folder.iterdir()) == []
    assert autostart.main(["--uninstall"]) == 1
    assert "There are no units" in capsys.readouterr().err


def test_what_systemd_refuses_is_told(home, systemctl, monkeypatch, capsys):  # noqa: F811
    (systemctl / "fail").touch()
    assert autostart.main(["--install"]) == 1
    assert "'systemctl --user daemon-reload' failed: no bus" in capsys.readouterr().err
    monkeypatch.setenv("PATH", "/nowhere")
    assert autostart.main(["--install"]) == 1
    assert "systemd is not installed here" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_has_nothing_against_the_units(tmp_path, monkeypatch):
    monkeypatch.setenv("VITRINE_USER_HOME", str(tmp_path / 'a "b" 100% $c'))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in UNITS:
        unit = tmp_path / name.replace("@", "@guest")
        unit.write_text(unit_text(name))
        done = subprocess.run(["systemd-analyze", "--user", "verify", str(unit)], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_paths_are_quoted_as_systemd_reads_them(monkeypatch):
    monkeypatch.setenv("VITRINE_USER_HOME", '/tmp/a "b" 100%')
    assert r'Environment="VITRINE_USER_HOME=/tmp/a \"b\" 100%%"' in unit_text(AUTOSTART_UNIT)
