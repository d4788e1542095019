"""The documents tell the truth, and the files around the code fit together."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tomllib
import types

import pytest

from engine.pdm import device as pdm_device
from tests.source_tree import ROOT, repository_files

DOCUMENTS = [path for path in repository_files() if path.suffix == ".md"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TOP_FOLDERS = ("app", "engine", "tests", "tools", "docs", "bench", "resources", ".ci")


def _name(path):
    return str(path.relative_to(ROOT))


def _text(name):
    return (ROOT / name).read_text(encoding="utf-8")


# ------------------------------------------------------------------ documents


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_links_lead_somewhere(document):
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_paths_in_documents_exist(document):
    """Whatever stands in backticks or code tags and looks like a path of the repository is one."""
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    quoted = re.findall(r"`([\w./-]+)`", text)
    paths = [name for name in quoted if name.split("/")[0] in TOP_FOLDERS and "/" in name]
    # The example of CONTRIBUTING.md stands there so that it need not stand here.
    missing = {name for name in paths if not (ROOT / name).exists()}
    assert missing - {"engine/devices/advantechwdt.py"} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_make_targets_in_documents_exist(document):
    targets = set(re.findall(r"^([a-z-]+):", _text("Makefile"), flags=re.MULTILINE))
    commands = re.findall(r"(?:^|`)make ([a-z -]+)", document.read_text(encoding="utf-8"), re.MULTILINE)
    named = {word for command in commands for word in command.split()}
    assert named - targets == set()


def test_the_licence_is_the_gpl_2():
    text = _text("LICENSE")
    assert text.lstrip().startswith("GNU GENERAL PUBLIC LICENSE")
    assert "Version 2, June 1991" in text
    assert text.rstrip().endswith("Public License instead of this License.")
    assert PROJECT["project"]["license"] == {"text": "GPL-2.0-or-later"}


def test_the_changelog_knows_the_version():
    assert f"## [{PROJECT['project']['version']}]" in _text("CHANGELOG.md")


def test_the_example_device_runs(monkeypatch):
    """The device of CONTRIBUTING.md, and the tests that it comes with."""
    blocks = re.findall(r"```python\n(.*?)```", _text("CONTRIBUTING.md"), flags=re.DOTALL)
    device_source, test_source = blocks
    monkeypatch.setattr(pdm_device, "_registry", dict(pdm_device.registry()))
    module = types.ModuleType("watchdog_example")
    # msgspec looks the module of a struct up to resolve its annotations.
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(device_source, "CONTRIBUTING.md (device)", "exec"), vars(module))
    assert "advantechwdt" in pdm_device.registry()

    namespace = {}
    exec(compile(test_source, "CONTRIBUTING.md (test)", "exec"), namespace)
    tests = [function for name, function in namespace.items() if name.startswith("test_")]
    assert len(tests) == 2
    for function in tests:
        function()


# ------------------------------------------------------------------ packaging


def test_scripts_lead_to_functions():
    project = PROJECT["project"]
    entries = {**project["scripts"], **project["gui-scripts"]}
    for target in entries.values():
        module, function = target.split(":")
        assert callable(getattr(importlib.import_module(module), function)), target


def test_constraints_allow_what_the_project_wants():
    """pip would fail in a fresh clone only; here it is seen at once."""
    from packaging.requirements import Requirement

    pinned = dict(
        line.replace("_", "-").lower().split("==")
        for line in _text("tools/constraints.txt").splitlines()
        if not line.startswith("#")
    )
    project = PROJECT["project"]
    for text in (*project["dependencies"], *project["optional-dependencies"]["dev"]):
        wanted = Requirement(text)
        version = pinned[wanted.name.lower()]
        assert version in wanted.specifier, f"{text}, but the constraint is {version}"


# ------------------------------------------------------------------ what must not be there


def _readable_files():
    for path in repository_files():
        data = path.read_bytes()
        if b"\0" not in data:
            yield path, data.decode("utf-8")


def test_the_repository_speaks_of_itself_alone():
    """No path or name of the place where it happened to be written."""
    # Put together here, so that this file does not contain them.
    words = ["/" + "work/", "/tmp/" + "brief", "fa" + "rm-", "sub" + "agent", "sub-" + "agent"]
    pattern = re.compile("|".join(rf"(?<![\w.]){re.escape(word)}" for word in words))
    found = [
        f"{_name(path)}: {match[0]}" for path, text in _readable_files() for match in pattern.finditer(text)
    ]
    assert found == []


def test_no_file_has_conflict_marks_or_tabs_for_indentation():
    found = []
    for path, text in _readable_files():
        if path.name in ("Makefile", "LICENSE"):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if line.startswith(("<" * 7, ">" * 7)) or (path.suffix == ".py" and line.startswith("\t")):
                found.append(f"{_name(path)}:{number}")
    assert found == []


# ------------------------------------------------------------------ set-up script


@pytest.fixture
def checkout(tmp_path):
    """A checkout without an environment, and a folder of programs that stand in for the system's."""
    root, programs = tmp_path / "checkout", tmp_path / "bin"
    (root / "tools").mkdir(parents=True)
    programs.mkdir()
    for name in ("tools/setup.sh", "tools/constraints.txt", "pyproject.toml"):
        (root / name).write_text(_text(name), encoding="utf-8")
    for name in ("sh", "dirname", "grep", "tr", "sed", "sort", "id", "env", "cat", "cksum"):
        for folder in ("/bin", "/usr/bin"):
            if os.path.exists(f"{folder}/{name}"):
                (programs / name).symlink_to(f"{folder}/{name}")
                break
    return root, programs


def _program(folder, name, script):
    path = folder / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def _dpkg_knows_all_but(folder, missing):
    script = f'shift 2; for p; do [ "$p" = {missing} ] || echo "installed=$p"; done'
    _program(folder, "dpkg-query", script)


def _setup(checkout, purpose="run"):
    root, programs = checkout
    return subprocess.run(
        ["/bin/sh", str(root / "tools" / "setup.sh"), purpose],
        env={"PATH": str(programs), "HOME": str(root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_setup_names_missing_packages_when_it_may_not_install_them(checkout):
    _, programs = checkout
    _dpkg_knows_all_but(programs, "seabios")
    _program(programs, "apt-cache", "exit 0")
    _program(programs, "id", "echo 1000")
    _program(programs, "python3", "exit 1")
    done = _setup(checkout)
    sentence = "you can install with: sudo apt-get install seabios\n"
    assert [line for line in done.stderr.splitlines(keepends=True) if line.endswith(sentence)]


def test_setup_installs_missing_packages_as_root(checkout):
    """All at once, and one by one when that fails: an unknown name keeps no other away."""
    root, programs = checkout
    _program(programs, "dpkg-query", "exit 1")
    _program(programs, "apt-cache", "exit 0")
    _program(programs, "id", "echo 0")
    _program(programs, "apt-get", f'echo "$@" >>{root}/called; case "$*" in *gl1*) exit 100 ;; esac')
    _program(programs, "python3", "exit 1")
    _setup(checkout)
    calls = (root / "called").read_text(encoding="utf-8").splitlines()
    assert "update" in calls[0]
    assert calls[1].split()[-3:] == ["libfontconfig1", "libglib2.0-0", "fonts-dejavu-core"]
    assert calls[2].endswith("--no-install-recommends seabios")
    assert calls[-1].endswith("--no-install-recommends fonts-dejavu-core")


def test_setup_takes_either_name_of_a_renamed_package(checkout):
    _, programs = checkout
    _dpkg_knows_all_but(programs, "libglib2.0-0")
    _program(programs, "python3", "exit 1")
    assert "missing" not in _setup(checkout).stderr


def test_setup_refuses_an_old_python_with_a_sentence(checkout):
    _, programs = checkout
    old = 'case "$*" in *python_version*) echo 3.9.2 ;; *) exit 1 ;; esac'
    _program(programs, "python3", old)
    done = _setup(checkout)
    assert done.returncode == 1
    assert "Vitrine needs Python 3.11 or newer, and python3 is 3.9.2" in done.stderr


def test_setup_asks_for_the_venv_module_that_debian_splits_off(checkout):
    _, programs = checkout
    _dpkg_knows_all_but(programs, "python3.11-venv")
    _program(programs, "id", "echo 1000")
    _program(programs, "apt-cache", '[ "$2" = python3.11-venv ]')
    without_ensurepip = 'case "$*" in *ensurepip*) exit 1 ;; *print*) echo 3.11 ;; esac'
    _program(programs, "python3", without_ensurepip)
    done = _setup(checkout)
    assert done.returncode == 1
    assert "install with: sudo apt-get install python3.11-venv\n" in done.stderr
    assert done.stderr.endswith("python3 cannot make virtual environments: its module ensurepip is missing\n")


@pytest.fixture
def environment(checkout):
    """A virtual environment that notes what it is asked for; nothing is missing on the system."""
    root, programs = checkout
    _dpkg_knows_all_but(programs, "nothing")
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "pyvenv.cfg").write_text("version = 3.11.2\n", encoding="utf-8")
    _program(root / ".venv" / "bin", "python", f'echo "$@" >>{root}/calls')
    _program(root / ".venv" / "bin", "pip", "exit 1")

    def installations():
        calls = (root / "calls").read_text(encoding="utf-8").splitlines()
        return sum("-m pip install" in call for call in calls)

    return installations


def test_setup_installs_again_only_after_a_change(checkout, environment):
    root, _ = checkout
    for _ in range(2):
        assert _setup(checkout).returncode == 0
        assert environment() == 1
    with (root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert _setup(checkout).returncode == 0
    assert environment() == 2


def test_the_environment_of_the_tests_serves_the_program_too(checkout, environment):
    assert _setup(checkout, "test").returncode == 0
    assert _setup(checkout, "run").returncode == 0
    assert environment() == 1


def test_setup_stops_when_qt_cannot_show_windows(checkout, environment):
    _, programs = checkout
    _program(programs, "ldd", 'echo "	libxcb-cursor.so.0 => not found"')
    done = _setup(checkout)
    assert done.returncode == 1
    assert "this system lacks libxcb-cursor.so.0\n" in done.stderr


def test_setup_refuses_an_unknown_purpose(checkout):
    done = _setup(checkout, "dance")
    assert (done.returncode, "usage:" in done.stderr) == (2, True)


@pytest.mark.parametrize("script", ["tools/setup.sh", "tools/with-screen.sh", ".ci/run"])
def test_scripts_can_be_run(script):
    path = ROOT / script
    shell = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("#!").split()
    done = subprocess.run([*shell, "-n", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert os.access(path, os.X_OK)
