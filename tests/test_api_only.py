"""Front ends reach machines through the Main API and in no other way.

They neither read nor write settings files: what the service does not know of, other clients would
not see, and a save of somebody else would undo it.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

from tests.source_tree import ROOT, imports, module_name, parsed, python_files, within

FRONT_ENDS = (
    "app.cli",
    "app.common",
    "app.console",
    "app.headless",
    "app.manager",
    "app.shell",
    "app.vmwindow",
    "app.vrde",
    "app.web",
)
# What reads and writes settings files, and what runs in the service.
BEHIND_THE_API = (
    "app.service",
    "app.settings.codec",
    "app.settings.document",
    "app.settings.files",
    "app.settings.global_file",
    "app.settings.machine_file",
    "app.settings.reader",
    "app.settings.writer",
)
# What settings files are read and written with; only SOAP, whose messages are XML, needs it, too.
XML_LIBRARIES = ("lxml", "xml")
SPEAKS_XML = "app.web.soap"
# Modules of front ends that write files -> which.
WRITERS = {
    "app.cli.commands.controlvm_run": "the picture of screenshotpng",
    "app.cli.commands.convertfromraw": "standard input, until it is an image",
    "app.console.releaselog": "VBox.log",
    "app.console.saving": "takes away a saved state that the service does not want",
    "app.console.webm": "recording of the screen",
    "app.headless.units": "units of systemd that a person installs",
    "app.manager.activity.pane": "values that a person saves",
    "app.manager.desktop_shortcut": "starter on the desktop",
    "app.manager.logs.saving": "log that a person saves",
    "app.shell.main": "history of the shell",
    "app.vmwindow.screenshot": "picture that a person saves",
    "app.vrde.certificate": "certificate of the remote display",
    "app.web.logfile": "log of the web service",
    "app.web.main": "the file with its process",
    "app.web.users": "who may log on, with hashes of their passwords",
}
_MODE = re.compile(r"[rbt]*[wax+][bt+]*")
_WRITING_METHODS = {"write_text", "write_bytes", "rename", "replace", "unlink", "touch"}


def _modules(*packages):
    for path in python_files("app"):
        name = module_name(path)
        if any(within(name, package) for package in packages):
            yield name, path


def test_front_ends_import_nothing_from_behind_the_api():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {imported}"
        for name, path in _modules(*FRONT_ENDS)
        for imported, line in imports(path)
        if any(
            within(imported, hidden)
            for hidden in BEHIND_THE_API + (() if within(name, SPEAKS_XML) else XML_LIBRARIES)
        )
    ]
    assert found == []


@pytest.mark.parametrize("program", ["app.manager.main", "app.vmwindow.main", "app.cli.program"])
def test_front_ends_do_not_load_it_by_detours(program):
    code = (
        f"import sys, {program}\n"
        f"print(sorted(name for name in sys.modules if name in {BEHIND_THE_API + XML_LIBRARIES!r}\n"
        "    or name.startswith(('lxml.', 'app.service.'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


def _mode(call):
    """Mode of a call of ``open(path, mode)`` or ``path.open(mode)``, as far as it is written out."""
    by_name = [word.value for word in call.keywords if word.arg == "mode"]
    is_method = isinstance(call.func, ast.Attribute) and call.func.attr == "open"
    given = by_name or call.args[0 if is_method else 1 :][:1]
    return str(given[0].value) if given and isinstance(given[0], ast.Constant) else "r"


def _writes(tree):
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        opens = name in ("open", "fdopen") and _MODE.fullmatch(_mode(call)) is not None
        # str.replace takes two arguments, Path.replace one; those of structs write nothing.
        is_struct = ast.unparse(call.func) in ("msgspec.structs.replace", "dataclasses.replace")
        one_name = len(call.args) == 1 and not call.keywords and not is_struct
        suits = {"replace": one_name, "touch": not call.args}  # Path.touch() names nothing
        moves = name in _WRITING_METHODS and suits.get(name, True)
        if opens or moves or name == "QSaveFile":
            yield call.lineno


def test_front_ends_write_no_files_but_their_own():
    found = {
        name: list(_writes(parsed(path)))
        for name, path in _modules(*FRONT_ENDS)
        if any(_writes(parsed(path)))
    }
    assert {name: lines for name, lines in found.items() if name not in WRITERS} == {}


def test_the_test_sees_what_it_looks_for():
    for text in ("open('x.vbox', 'w')", "Path(p).write_text('')", "os.rename(a, b)",
                 "Path(a).replace(b)", "path.open(mode='ab')", "path.touch()"):  # fmt: skip
        assert list(_writes(ast.parse(text))) == [1], text
    for text in ("open('x')", "text.replace('a', 'b')", "open(path, encoding='utf-8')",
                 "msgspec.structs.replace(rule)", "draft.touch(path)"):  # fmt: skip
        assert list(_writes(ast.parse(text))) == [], text
