"""The rules of ARCHITECTURE.md that a program can check: who may import what, and how long."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.source_tree import ROOT, imports, module_name, parsed, python_files, within

QT = ("PySide6", "shiboken6")
# Package -> (what it must not import, modules of it that are exempt).
BOUNDARIES = {
    "engine": ((*QT, "app"), ()),
    "app.settings": ((*QT, "engine", "app.manager", "app.vmwindow", "app.console"), ()),
    "app.api": ((*QT, "engine", "app.manager", "app.vmwindow", "app.console"), ("app.api.qtclient",)),
    "app.service": ((*QT, "engine", "app.manager", "app.vmwindow", "app.console"), ()),
    "app.cli": ((*QT, "engine", "app.manager", "app.vmwindow", "app.console"), ()),
    "app.shell": ((*QT, "engine", "app.manager", "app.vmwindow", "app.console"), ()),
    "app.console": ((*QT, "app.manager", "app.vmwindow"), ()),
    "app.vrde": ((*QT, "app.manager", "app.vmwindow", "app.service"), ()),
    "app.headless": ((*QT, "app.manager", "app.vmwindow", "app.service"), ()),
    "app.manager": (("engine", "app.vmwindow", "app.console", "app.service"), ()),
    "app.vmwindow": (("app.manager", "app.service"), ()),
    "app.web": ((*QT, "engine", "app.manager", "app.vmwindow", "app.console", "app.service"), ()),
    "app.common": (("engine", "app.manager", "app.vmwindow", "app.console", "app.service"), ()),
    "resources": (("app", "engine"), ()),
}

# What every device may import, apart from the standard library and its own package: drives are the
# same at the ports of AHCI and on the cables of IDE, and SCSI units behind every host.
DEVICE_IMPORTS = ("engine.ata", "engine.scsi", "engine.pdm", "engine.errors", "msgspec", "numpy")
# The firmware configuration device hands out tables; building them is not a device's work.
# USB devices are the same whatever controller they are plugged into.
DEVICE_EXCEPTIONS = {
    "engine.devices.usb": {"engine.vusb"},
    "engine.devices.fwcfg": {"engine.acpi", "engine.smbios"},
}

MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 60
REASON = "# Length: "  # a comment that begins so, in the file's head or above the function

SOURCES = ("app", "engine", "resources", "bench", "tests", "tools")


@pytest.mark.parametrize("package", BOUNDARIES)
def test_no_import_crosses_a_boundary(package):
    forbidden, exempt = BOUNDARIES[package]
    found = [
        f"{path.relative_to(ROOT)}:{line}: {module}"
        for path in python_files(package.split(".", maxsplit=1)[0])
        if within(module_name(path), package) and module_name(path) not in exempt
        for module, line in imports(path)
        if any(within(module, name) for name in forbidden)
    ]
    assert found == []


def _device_of(module):
    """Return the file or package that a device is: engine.devices.vga for ...vga.crtc."""
    return ".".join(module.split(".")[:3])


def _device_imports():
    for path in python_files("engine"):
        module = module_name(path)
        if within(module, "engine.devices") and module != "engine.devices":
            for imported, line in imports(path):
                yield _device_of(module), imported, f"{path.relative_to(ROOT)}:{line}: {imported}"


def test_devices_know_only_the_device_model():
    found = []
    for device, imported, place in _device_imports():
        if imported.split(".")[0] in sys.stdlib_module_names or within(imported, device):
            continue
        if any(within(imported, name) for name in DEVICE_IMPORTS):
            continue
        if any(within(imported, name) for name in DEVICE_EXCEPTIONS.get(device, ())):
            continue
        found.append(place)
    assert found == []


def test_exceptions_for_devices_are_used():
    used = {(device, imported) for device, imported, _ in _device_imports()}
    for device, names in DEVICE_EXCEPTIONS.items():
        for name in names:
            assert any(d == device and within(i, name) for d, i in used), f"{device}: {name}"


@pytest.mark.parametrize(
    "modules", ["app.api.client", "app.service, app.service.__main__", "app.settings.machine_file"]
)
def test_light_processes_stay_light(modules):
    """A command-line call must not pay for Qt, the engine or numpy."""
    heavy = ("PySide6", "engine", "numpy", "unicorn")
    program = (
        f"import sys, {modules}\n"
        f"print(sorted(n for n in sys.modules if n.split('.')[0] in {heavy!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    assert done.stdout.strip() == "[]"


def test_the_engine_does_not_load_qt():
    program = "import sys, engine.vm, engine.runner\nprint([n for n in sys.modules if 'PySide6' in n])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_files_are_short():
    found = []
    for path in python_files(*SOURCES):
        lines = path.read_text(encoding="utf-8").splitlines()
        excused = any(line.startswith(REASON) for line in lines[:40])
        if len(lines) > MAX_FILE_LINES and not excused:
            found.append(f"{path.relative_to(ROOT)}: {len(lines)} lines")
    assert found == []


def _functions(tree):
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def test_functions_are_short():
    found = []
    for path in python_files(*SOURCES):
        lines = path.read_text(encoding="utf-8").splitlines()
        for function in _functions(parsed(path)):
            length = (function.end_lineno or 0) - function.lineno + 1
            first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
            excused = first > 1 and lines[first - 2].strip().startswith(REASON)
            if length > MAX_FUNCTION_LINES and not excused:
                found.append(f"{path.relative_to(ROOT)}:{function.lineno}: {length} lines")
    assert found == []


def test_no_module_imports_by_relative_name():
    """One way to write an import, so that the boundaries can be seen by eye too."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files("app", "engine")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert found == []
