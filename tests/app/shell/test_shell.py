"""Lines and scripts of the shell, carried out against a service in this process."""

from __future__ import annotations

import io
import os
import re
import signal

import pytest

from app.api import MachineState
from app.shell.completion import Completer
from app.shell.main import main
from app.shell.shell import Shell
from app.shell.tables import GREEN, Painter, wants_colours


@pytest.fixture
def shell(service):
    made = Shell(Painter(enabled=False))
    made.refresh()
    yield made
    made.close()


@pytest.fixture
def box(client, make_machine):
    return make_machine(client, "box")


@pytest.fixture
def run(service, capsys, tmp_path):
    """Runs the program with a script; returns exit code, output and errors."""

    def run_script(text, *words):
        path = tmp_path / "script"
        path.write_text(text)
        code = main([*words, str(path)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run_script


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("list", True), ("list vms", True), ("  list", False), ("list(machines)", False),
        ("list = 3", False), ("list == 3", True), ("save += 1", False), ("import os", False),
        ("showvminfo box", True), ("clonehd a b", True), ("!ls", True), ("nothing", False), ("", False),
        ("quit", True), ("start := 3", False), ("type: int = 3", False), ("# list", False),
    ],
)  # fmt: skip
def test_what_is_a_command(line, expected):
    assert Shell(Painter(enabled=False)).is_command(line) is expected


@pytest.mark.usefixtures("vm_processes")
def test_a_script_creates_runs_and_removes_a_machine(run, client, tmp_path):
    client.virtualbox.set_system_properties(default_machine_folder=str(tmp_path / "vms"))
    code, out, err = run("""\
create box DOS
with machines.box.edit() as settings:
    settings.hardware.memory_mb = 48
modify box --autostart-enabled on
assert machines["box"].memory_mb == 48
start box headless
list
assert machines.box.state is MachineState.RUNNING
print(machines.box.console.screen_text().split()[0])
pause box
wait box Paused 10
stop box poweroff
list runningvms
remove box
""")
    assert (code, err.replace("0%...10%...20%...30%...40%...50%...60%...70%...80%...90%...100%\n", "")) == (0, "")
    assert re.search(r"^box +Running +48 MB +DOS +[0-9a-f-]{36}$", out, re.MULTILINE)
    assert out.index("'box' runs.") < out.index("Hello") < out.index("'box' is off (PoweredOff).")
    assert out.endswith("files and folders are gone.\n")
    assert list((tmp_path / "vms").iterdir()) == []


def test_a_script_stops_at_what_fails_and_names_the_line(run):
    code, out, err = run("print(1)\nstart nobody\nprint(2)\n")
    assert (code, out) == (1, "1\n")
    assert "line 2: Could not find a registered machine named 'nobody'" in err
    code, out, err = run("x = '''\nlist\n'''\nprint(x.strip())\nif x:\n    1 / 0\n")
    assert (code, out) == (1, "list\n")
    assert "line 6" in err
    assert "ZeroDivisionError" in err
    assert "shell.py" not in err
    assert run("def broken(:\nlist\n")[0] == 1
    assert run("quit 7\nprint(1)\n")[:2] == (7, "")
    assert run("import sys\nsys.exit('no more')\n") == (1, "", "no more\n")
    assert "Unknown option: --bogus. See: help createvm" in run("createvm --bogus\n")[2]


def test_words_of_a_command_line(service, capsys, tmp_path):
    assert main(["-c", "import sys; print(sys.argv)", "a", "b"]) == 0
    assert capsys.readouterr().out == "['-c', 'a', 'b']\n"
    assert main(["--unknown"]) == 2
    assert main([str(tmp_path / "missing")]) == 1
    assert "cannot be read" in capsys.readouterr().err
    assert main(["-c", "list vms extra"]) == 1
    assert "Unknown list keyword: 'extra'" in capsys.readouterr().err


def test_without_a_service_one_sentence(home, monkeypatch, capsys):
    monkeypatch.setenv("VITRINE_USER_HOME", str(home / "file"))
    (home / "file").write_text("no folder")
    assert main(["-c", "list"]) == 1
    assert capsys.readouterr().err.startswith("vitrine-shell: error: ")


def test_typed_lines_go_on_after_an_error(shell, box, capsys):
    assert shell.run_line("for each in machines:") is True
    assert shell.run_line("for each in machines:\n    print(each)\n") is False
    assert shell.run_line("1 +") is False
    assert shell.run_line("info nobody") is False
    assert shell.run_line("info") is False
    assert shell.run_line("machines.box") is False
    printed = capsys.readouterr()
    assert printed.out == "box\n<machine 'box': PoweredOff>\n"
    assert "SyntaxError" in printed.err
    assert "error: VBOX_E_OBJECT_NOT_FOUND: Could not find" in printed.err
    assert "error: Usage: info MACHINE" in printed.err


def test_a_block_that_fails_changes_no_settings_and_frees_the_machine(shell, box):
    with pytest.raises(ZeroDivisionError), shell.names["machines"].box.edit() as settings:
        settings.hardware.memory_mb = 1 // 0
    with shell.names["machines"].box.edit() as settings:
        settings.hardware.memory_mb = 77
    assert shell.names["machines"]["box"].memory_mb == 77


def test_images_are_registered_until_they_are_not(shell, capsys, tmp_path):
    file = tmp_path / "disk.vdi"
    shell.do(f"createHdd 1 {file}")
    for line, known in ((f"unregisterHdd {file}", False), (f"registerHdd {file}", True), (f"removeHdd {file}", False)):
        shell.do(line)
        capsys.readouterr()
        shell.do("media")
        assert (str(file) in capsys.readouterr().out) is known
    assert not file.exists()


def test_what_cannot_be_read_and_what_is_not_there_is_told(shell, box, client, capsys):
    with open(client.virtualbox.find_machine("box").settings_path, "w") as file:
        file.write("<")
    with pytest.raises(AttributeError, match="A machine has no 'description'"):
        _ = shell.names["machines"].box.description
    client.machine(box.id).refresh()
    shell.do("list")
    assert re.search(r"^box +Inaccessible", capsys.readouterr().out, re.MULTILINE)


def test_counters_are_a_table(shell, box, vm_processes, capsys):
    shell.do("start box headless")
    capsys.readouterr()
    shell.do("stats box /EM/Runs")
    assert capsys.readouterr().out == "Counter   Value  Unit\n/EM/Runs  7      times\n"
    shell.do("stop box poweroff")


def test_aliases_and_loops(shell, box, capsys):
    shell.do("alias on getextra {}".replace("{}", "box"))
    shell.do("setextra box some 'two words'")
    shell.do("on some")
    shell.do("foreachvm getextra {} some")
    assert capsys.readouterr().out == "Value: two words\n" * 2
    shell.do("alias loop loop")
    with pytest.raises(Exception, match="stands for itself"):
        shell.do("loop")


def test_the_connection_is_made_anew(shell, box, capsys):
    before = shell.client
    before._channel.dispose()
    shell.connection._lost.wait(10)
    assert shell.connection._lost.is_set()
    shell.refresh()
    assert shell.client is not before
    assert shell.names["machines"].box.state is MachineState.POWERED_OFF


def test_ctrl_c_is_the_shells_again_after_a_command(shell, box):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    shell.do("list vms")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_help_knows_every_command(shell, capsys):
    shell.do("help")
    text = capsys.readouterr().out
    for word in ("start MACHINE [gui|headless|separate]", "modifyvm", "monitorVBox", "Any other line"):
        assert word in text
    shell.do("help startvm")
    assert "vitrine-manage startvm" in capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        ("", "remov", ["remove ", "removeHdd ", "removeVm "]),
        ("start ", "b", ["box "]),
        ("modifyvm ", "b", ["box "]),
        ("createvm ", "--ost", ["--ostype"]),
        ("help ", "monitorV", ["monitorVBox"]),
        ("", "machines.b", ["machines.box"]),
        ("print(", 'machines["b', ['machines["box"]']),
        ("", "machines.box.sta", ["machines.box.state"]),
        ("", "vbox.create_ma", ["vbox.create_machine"]),
        ("x = ", "machines.box.console.pow", ["machines.box.console.power_button", "machines.box.console.power_off"]),
        ("", "MachineState.RUNN", ["MachineState.RUNNING"]),
        ("", "os.system('x').", []),
    ],
)  # fmt: skip
def test_completion(shell, box, before, text, expected):
    assert Completer(shell).candidates(before, text) == expected


def test_colours_only_on_terminals_that_want_them():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    assert wants_colours(Terminal(), {"TERM": "xterm"})
    assert not wants_colours(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"})
    assert not wants_colours(Terminal(), {"TERM": "dumb"})
    assert not wants_colours(io.StringIO(), {"TERM": "xterm"})


def test_tables_align_and_names_cannot_write_to_the_terminal():
    rows = [("a\x1b[2J", MachineState.RUNNING), ("日本", MachineState.SAVED)]
    plain = Painter(enabled=False).table(("Name", "State"), rows)
    assert plain == "Name   State\na?[2J  Running\n日本   Saved"
    assert f"{GREEN}Running" in Painter(enabled=True).table(("Name", "State"), rows)


def test_history_and_completion_at_a_terminal(service, box, home):
    """A real terminal: typed keys, the completed name, the coloured table, the history file."""
    import pty
    import subprocess
    import sys

    from tests.app.service.support import ROOT

    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "app.shell"], cwd=ROOT, stdin=follower, stdout=follower,
        stderr=follower, env={**os.environ, "TERM": "xterm", "NO_COLOR": ""},
    )  # fmt: skip
    os.close(follower)
    seen = b""

    def until(words):
        nonlocal seen
        while words not in seen:
            seen += os.read(leader, 4096)

    try:
        until(b"vitrine> ")
        os.write(leader, b"info b\t\n")
        until(b"Settings file")
        until(b"\x1b[1m")
        os.write(leader, b"quit\n")
        assert process.wait(20) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(leader)
    assert (home / "shell_history").read_text().splitlines() == ["info box ", "quit"]
