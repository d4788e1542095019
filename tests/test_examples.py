"""The example scripts run as their documentation says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.service.fixtures import home, vm_processes
from tests.app.service.support import client_of
from tests.source_tree import ROOT

__all__ = ["home", "vm_processes"]

# Boot sector: prints until the zero byte, then halts for good.
_CODE = bytes.fromhex("31c08ed8be147cac84c07409b40ebb0700cd10ebf2f4ebfd")
_TEXT = b"the example guest runs\0"


def _boot_floppy(path: Path) -> Path:
    code = bytearray(_CODE)
    code[5:7] = (0x7C00 + len(_CODE)).to_bytes(2, "little")
    sector = bytes(code) + _TEXT
    path.write_bytes(sector.ljust(510, b"\0") + b"\x55\xaa" + bytes(1440 * 1024 - 512))
    return path


def _run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    # The machine's folder is that of the properties, which must not be the person's own.
    properties = "client.virtualbox.set_system_properties"
    prepare = (
        "from app.api import connect\n"
        "with connect(client_name='test') as client:\n"
        f"    {properties}(default_machine_folder={str(home.parent / 'vms')!r})\n"
    )
    subprocess.run([sys.executable, "-c", prepare], cwd=ROOT, check=True, timeout=60)
    return subprocess.run(
        [sys.executable, "-m", "examples.machine_life", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def _in_order(text: str, *wanted: str) -> None:
    position = 0
    for words in wanted:
        position = text.find(words, position)
        assert position >= 0, (words, text)


def test_machine_life_with_a_played_machine(home, vm_processes):
    done = _run(home, "--seconds", "0.2")
    assert (done.returncode, done.stderr) == (0, "")
    _in_order(done.stdout, "created api-example {", "configured: 32 MB", "state: Running",
              "state: Paused", "screen: Hello", "state: PoweredOff", "removed")  # fmt: skip
    assert list((home.parent / "vms").rglob("*")) == []


def test_machine_life_tells_what_went_wrong(home, vm_processes):
    done = _run(home, "--frontend", "teletype")
    assert done.returncode == 1
    assert done.stderr.startswith("E_INVALIDARG: There is no front end 'teletype'")
    assert "removed" in done.stdout


@pytest.mark.e2e
def test_machine_life_with_a_real_machine(home, vm_processes, tmp_path, monkeypatch):
    monkeypatch.delenv("VITRINE_SVC_VM_COMMAND")
    floppy = _boot_floppy(tmp_path / "boot.img")
    done = _run(home, "--floppy", str(floppy), "--seconds", "3", "--keep")
    assert (done.returncode, done.stderr) == (0, "")
    _in_order(done.stdout, "state: Running", "state: Paused", "the example guest runs",
              "state: PoweredOff")  # fmt: skip
    assert (home.parent / "vms/api-example/api-example.vbox").is_file()


@pytest.fixture
def box(home, vm_processes, tmp_path):
    """A registered machine in a folder of the test."""
    with client_of(start_service=True) as client:
        client.virtualbox.set_system_properties(default_machine_folder=str(tmp_path / "vms"))
        yield client, client.virtualbox.create_machine("box", "DOS")


def _example(name: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", f"examples.{name}", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def test_an_example_for_each_task(box, tmp_path):
    client, machine = box
    assert machine.id in _example("list_machines")
    assert "'box' has 48 MB of memory" in _example("change_settings", "box", "48")
    assert client.virtualbox.find_machine("box").memory_mb == 48
    cloned = _example("snapshot_and_clone", "box", "copy")
    assert "'copy' is a copy of 'box'" in cloned
    assert client.virtualbox.find_machine("copy").memory_mb == 48
    assert client.virtualbox.find_machine("box").snapshot_name == ""
    assert "from the fake VM" in _example("type_and_look", "box", str(tmp_path / "a.png"))
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert client.virtualbox.find_machine("box").state == "PoweredOff"


def test_the_example_that_watches(box):
    client, machine = box
    watching = subprocess.Popen(
        [sys.executable, "-m", "examples.watch_events", "3"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert watching.stdout.readline() == "watching\n"
    client.virtualbox.unregister_machine(machine.id)
    output, _ = watching.communicate(timeout=60)
    assert output == f"{machine.id} is gone\n"


def test_the_script_of_the_shell(box, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "app.shell", "examples/life.vsh", "mine"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done
    _in_order(done.stdout, "Created 'mine'", "'mine' runs.", "mine  Running", "Hello", "'mine' is off", "Removed 'mine'")
    assert not (tmp_path / "vms" / "mine").exists()
