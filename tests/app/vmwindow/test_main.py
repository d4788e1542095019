"""The VM window's process: options, failures at start, and being asked to end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.vmwindow.main import main
from app.vmwindow.signals import SignalWatch

ROOT = Path(__file__).resolve().parents[3]


def test_wrong_options(capsys):
    assert main(["--startvm", "x", "--fly"]) == 2
    assert "--fly" in capsys.readouterr().err


def test_signals_reach_the_event_loop(qtbot):
    asked = []
    before = signal.getsignal(signal.SIGTERM)
    watch = SignalWatch(lambda: asked.append(True))
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        qtbot.waitUntil(lambda: asked == [True])
    finally:
        watch.close()
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.e2e
def test_unknown_machine_is_told_on_standard_error():
    command = [sys.executable, "-m", "app", "--startvm", "Nobody", "--no-startvm-errormsgbox"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith("vitrine: error: ")
    assert "'Nobody'" in last
