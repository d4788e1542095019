from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from engine.storage import tool
from engine.storage.create import create_medium
from engine.storage.medium import open_medium

from .images import FREE, MIB, VdiBytes

INFO_FIELDS = {
    "id", "path", "format", "variant", "device_type", "logical_size", "actual_size", "state",
    "access_error", "parent_id", "stores_id",
}


def run(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, list[dict[str, Any]]]:
    status = tool.main([str(argument) for argument in argv])
    captured = capsys.readouterr()
    assert captured.err == ""
    return status, [json.loads(line) for line in captured.out.splitlines()]


def test_create_dynamic(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.vdi"
    status, lines = run(capsys, "create", "--filename", path, "--size-bytes", 8 * MIB)
    assert status == 0
    result = lines[-1]["result"]
    assert set(result) == INFO_FIELDS
    assert result["path"] == str(path)
    assert (result["format"], result["variant"], result["device_type"], result["state"]) == (
        "VDI", "Standard", "HardDisk", "Created",
    )
    assert result["logical_size"] == 8 * MIB
    assert result["actual_size"] < MIB
    assert run(capsys, "info", path) == (0, [{"result": result}])


def test_create_fixed_reports_progress(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.vdi"
    status, lines = run(
        capsys, "create", "--filename", path, "--size-bytes", 64 * MIB,
        "--format", "VDI", "--variant", "Fixed",
    )
    assert status == 0
    progress = [line["progress"] for line in lines[:-1]]
    assert progress == sorted(set(progress))
    assert (progress[0], progress[-1]) == (0, 100)
    assert lines[-1]["result"]["actual_size"] >= 64 * MIB


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--size-bytes", 0], "VERR_INVALID_PARAMETER", "cannot have 0 bytes"),
        (["--size-bytes", 1 << 50], "VERR_INVALID_PARAMETER", "cannot have"),
        (["--size-bytes", "many"], "VERR_INVALID_PARAMETER", "invalid int value: 'many'"),
        ([], "VERR_INVALID_PARAMETER", "--size-bytes"),
        (["--size-bytes", MIB, "--format", "ZIP"], "VERR_INVALID_PARAMETER", "format 'ZIP'"),
        (["--size-bytes", MIB, "--format", "VHDX"], "VERR_INVALID_PARAMETER", "cannot be created"),
        (["--size-bytes", MIB, "--variant", "Diff"], "VERR_INVALID_PARAMETER", "Fixed and Standard"),
    ],
)
def test_create_refuses(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[object],
    code: str,
    sentence: str,
) -> None:
    status, lines = run(capsys, "create", "--filename", tmp_path / "a.vdi", *arguments)
    assert status == 1
    assert lines[-1]["error"]["code"] == code
    assert sentence in lines[-1]["error"]["message"]
    assert os.listdir(tmp_path) == []


def test_create_does_not_overwrite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.vdi"
    path.write_bytes(b"precious")
    status, lines = run(capsys, "create", "--filename", path, "--size-bytes", MIB)
    assert status == 1
    assert lines[-1]["error"]["code"] == "VERR_ALREADY_EXISTS"
    assert path.read_bytes() == b"precious"


def test_info_of_an_image_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = VdiBytes([FREE]).save(tmp_path / "a.vdi")
    with open_medium(path):
        status, lines = run(capsys, "info", path)
        assert (status, lines[0]["result"]["state"]) == (0, "LockedWrite")
        status, lines = run(capsys, "check", path)
        assert (status, lines[0]["error"]["code"]) == (1, "VERR_SHARING_VIOLATION")


def test_info_of_other_drives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.img"
    path.write_bytes(bytes(1440 * 1024))
    for kind, name in (("hdd", "HardDisk"), ("floppy", "Floppy"), ("dvd", "DVD")):
        status, lines = run(capsys, "info", path, "--type", kind)
        assert (status, lines[0]["result"]["device_type"]) == (0, name)
    status, lines = run(capsys, "info", path, "--type", "tape")
    assert (status, lines[0]["error"]["code"]) == (1, "VERR_INVALID_PARAMETER")


@pytest.mark.parametrize("command", ["info", "check"])
def test_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    status, lines = run(capsys, command, tmp_path / "no.vdi")
    assert (status, lines[0]["error"]["code"]) == (1, "VERR_FILE_NOT_FOUND")
    bad = VdiBytes([FREE], signature=7).save(tmp_path / "bad.vdi")
    status, lines = run(capsys, command, bad)
    assert (status, lines[0]["error"]["code"]) == (1, "VERR_VD_GEN_INVALID_HEADER")
    assert "0x00000007" in lines[0]["error"]["message"]


def test_names_of_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a b.vdi", "-x.vdi", "Scheibe \u00fc\u4e2d\U0001f4be.vdi", "n" * 251 + ".vdi"):
        path = tmp_path / name
        status, _lines = run(capsys, "create", f"--filename={path}", "--size-bytes", MIB)
        assert status == 0
        assert run(capsys, "info", "--", path)[1][0]["result"]["path"] == str(path)
    for name in ("n" * 256, "bad\udcff.vdi"):
        status, lines = run(capsys, "info", tmp_path / name)
        assert status == 1
        assert lines[0]["error"]["message"].endswith(".")


def test_check_lists_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = VdiBytes([0, FREE], [b"a"], allocated=2).save(tmp_path / "a.vdi")
    before = path.read_bytes()
    status, lines = run(capsys, "check", path)
    assert status == 0
    assert set(lines[0]["result"]) == INFO_FIELDS | {"findings"}
    assert lines[0]["result"]["findings"] == [
        "The header counts 2 stored blocks, and the block map holds 1."
    ]
    assert path.read_bytes() == before


SLOW_TOOL = """
import sys, time
from engine.storage import tool
from engine.storage.hostfile import HostFile
reserve = HostFile.reserve
def slow(self, offset, length):
    reserve(self, offset, length)
    time.sleep(0.2)
HostFile.reserve = slow
sys.exit(tool.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_cancels_and_leaves_nothing(tmp_path: Path, number: int) -> None:
    path = tmp_path / "a.vdi"
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_TOOL, "create", "--filename", path,
         "--size-bytes", str(512 * MIB), "--variant", "Fixed"],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline()) == {"progress": 0}
    assert len(os.listdir(tmp_path)) == 1
    process.send_signal(number)
    lines = process.stdout.read().splitlines()
    assert process.wait(30) == 1
    process.stdout.close()
    assert json.loads(lines[-1])["error"]["code"] == "VERR_CANCELLED"
    assert os.listdir(tmp_path) == []


def test_signal_handlers_are_put_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    tool.main(["info", str(tmp_path / "no.vdi")])
    assert signal.getsignal(signal.SIGTERM) is before


def test_runs_as_a_program_and_starts_quickly(tmp_path: Path) -> None:
    create_medium(tmp_path / "a.vdi", format_name="VDI", variant="Standard", size=MIB)
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "engine.storage.tool", "info", tmp_path / "a.vdi"],
        capture_output=True, check=True,
    )
    assert json.loads(done.stdout)["result"]["logical_size"] == MIB
    assert time.monotonic() - start < 5
