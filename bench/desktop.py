"""What the benchmarks with windows need: a screen, and an installation of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
SCREEN_VARIABLE = "VITRINE_TEST_SCREEN"


def on_a_screen(module: str) -> int | None:
    """Run a benchmark again on a virtual screen; None when this process is on one already."""
    if os.environ.get(SCREEN_VARIABLE) or not shutil.which("Xvfb"):
        return None
    command = ["tools/with-screen.sh", sys.executable, "-m", module]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def check_screen() -> None:
    """Refuse to open windows on somebody's desktop.

    Raises:
        FileNotFoundError: there is no virtual screen, or no xdotool to look for windows.
    """
    for program, there in (
        ("Xvfb", SCREEN_VARIABLE in os.environ),
        ("xdotool", shutil.which("xdotool")),
    ):
        if not there:
            raise FileNotFoundError(2, "not installed", program)


@contextmanager
def installation() -> Iterator[Path]:
    """Give an empty configuration folder, which child processes use too, and a folder beside it."""
    with tempfile.TemporaryDirectory(prefix="vb-") as folder:
        changes = {
            "VITRINE_USER_HOME": f"{folder}/config",
            "XDG_RUNTIME_DIR": f"{folder}/run",
            "VITRINE_SVC_IDLE": "1",
        }
        before = {name: os.environ.get(name) for name in changes}
        for name in ("config", "run"):
            (Path(folder) / name).mkdir(mode=0o700)
        os.environ.update(changes)
        try:
            yield Path(folder)
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``vitrine`` with arguments for the length of a block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "QT_QPA_PLATFORM": "xcb"},
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_window(title: str, timeout: float) -> None:
    """Wait until a window is on the screen; xdotool looks every 30 ms.

    Raises:
        TimeoutError: it has not come.
    """
    command = ["xdotool", "search", "--sync", "--onlyvisible", "--name", title]
    try:
        subprocess.run(command, stdout=subprocess.DEVNULL, timeout=timeout, check=True)
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"no window {title!r} in {timeout:.0f} s") from error
