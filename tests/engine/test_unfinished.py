"""What killed processes leave behind goes; what anybody still works on stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine import unfinished
from engine.storage.create import create_medium
from engine.unfinished import remove_leftovers, unfinished_path

ROOT = Path(__file__).parents[2]
HALF_DONE = """
import os, signal, sys
from pathlib import Path
from engine.storage.create import new_file
with new_file(Path(sys.argv[1])) as file:
    file.write(0, b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_next_image_removes_what_a_killed_process_has_left(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HALF_DONE, tmp_path / "killed.vdi"]
    killed = subprocess.run(command, cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    left = list(tmp_path.iterdir())
    assert [each.read_bytes() for each in left] == [b"half"]
    create_medium(tmp_path / "next.vdi", format_name="VDI", variant="Standard", size=1 << 20)
    assert [each.name for each in tmp_path.iterdir()] == ["next.vdi"]


def test_unfinished_files_of_the_living_and_of_other_hosts_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = unfinished_path(tmp_path / "a")
    ours.touch()
    with monkeypatch.context() as patch:
        patch.setattr(unfinished.platform, "node", lambda: "another")
        patch.setattr(os, "getpid", lambda: 2**22 + 5)  # No process can have it.
        theirs = unfinished_path(tmp_path / "a")
        theirs.touch()
    others = [tmp_path / name for name in (".vitrine-1.tmp", "a.tmp", ".vitrine-x-1-y.tmp")]
    for each in others:
        each.touch()
    remove_leftovers(tmp_path)
    assert set(tmp_path.iterdir()) == {ours, theirs, *others}


def test_folder_that_is_not_there_is_told_by_the_work(tmp_path: Path) -> None:
    assert unfinished_path(tmp_path / "no" / "a").parent == tmp_path / "no"
