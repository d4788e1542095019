"""The units of systemd's user manager: installed by ``vitrine-autostart --install``.

The units are written with the absolute path of this installation, because the user manager has a
search path of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import resources
from app.settings.paths import home_folder

AUTOSTART_UNIT: Final = "vitrine-autostart.service"
UNITS: Final = (AUTOSTART_UNIT, "vitrine@.service")

_TEMPLATES: Final = Path(resources.__file__).with_name("systemd")
_TREE: Final = Path(__file__).parents[2]
_VARIABLES: Final = ("VITRINE_USER_HOME", "VBOX_USER_HOME")
_SECONDS: Final = 60.0


class UnitError(Exception):
    """The units could not be installed or removed; the text says why."""


def unit_folder() -> Path:
    """Folder of the user's own units; see systemd.unit(5)."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(home_folder(), ".config")
    return Path(base) / "systemd" / "user"


def unit_text(name: str) -> str:
    """A unit for this installation.

    Args:
        name: One of :data:`UNITS`.
    """
    variables = [f"{name}={os.environ[name]}" for name in _VARIABLES if os.environ.get(name)]
    autostart, tree = _program("vitrine-autostart", "app.headless.autostart")
    headless, _ = _program("vitrine-headless", "app.headless")
    if tree:
        variables.append(f"PYTHONPATH={_TREE}")
    environment = "".join(f"Environment={_quoted(each)}\n" for each in variables)
    text = (_TEMPLATES / name).read_text(encoding="utf-8")
    for mark, value in (
        ("@ENVIRONMENT@", environment),
        ("@AUTOSTART@", " ".join(_quoted(word, command=True) for word in autostart)),
        ("@HEADLESS@", " ".join(_quoted(word, command=True) for word in headless)),
    ):
        text = text.replace(mark, value)
    return text


def _program(script: str, module: str) -> tuple[list[str], bool]:
    """The command of a program, and whether it needs the source tree on the module path."""
    installed = Path(sys.executable).with_name(script)
    if installed.is_file():
        return [str(installed)], False
    return [sys.executable, "-m", module], True


def _quoted(word: str, *, command: bool = False) -> str:
    """A word as systemd.syntax(7) quotes it; ``$`` means something in commands only."""
    for special in ("\\", '"'):
        word = word.replace(special, f"\\{special}")
    word = word.replace("%", "%%")
    if command:
        word = word.replace("$", "$$")
    return f'"{word}"' if any(letter in word for letter in " \t'\"\\;") else word


def install(say: Callable[[str], None]) -> None:
    """Write the units, make them known and switch the one for autostart on.

    Raises:
        UnitError: They cannot be written, or systemd refused them; they stay where they are.
    """
    folder = unit_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in UNITS:
            _write(folder / name, unit_text(name))
            say(f"Installed '{folder / name}'.")
    except OSError as error:
        raise UnitError(f"The units cannot be written into '{folder}': {error}") from error
    _systemctl("daemon-reload")
    _systemctl("enable", AUTOSTART_UNIT)
    say("Machines whose autostart is on start with your next session.")
    say("For a start with the host, without anybody logged on: loginctl enable-linger")


def uninstall(say: Callable[[str], None]) -> None:
    """Switch the unit for autostart off and remove the units; running machines go on.

    Raises:
        UnitError: They cannot be removed, or systemd refused.
    """
    folder = unit_folder()
    present = [folder / name for name in UNITS if (folder / name).exists()]
    if not present:
        raise UnitError(f"There are no units of this program in '{folder}'.")
    _systemctl("disable", AUTOSTART_UNIT)
    try:
        for path in present:
            path.unlink()
            say(f"Removed '{path}'.")
    except OSError as error:
        raise UnitError(f"The units cannot be removed from '{folder}': {error}") from error
    _systemctl("daemon-reload")


def _write(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}-", delete=False, encoding="utf-8"
    ) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), 0o644)
    Path(file.name).replace(path)


def _systemctl(*words: str) -> None:
    command = ["systemctl", "--user", *words]
    line = " ".join(command)
    if shutil.which(command[0]) is None:
        raise UnitError(f"systemd is not installed here: '{line}' was not carried out.")
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UnitError(f"'{line}' did not end within {_SECONDS:g} s.") from error
    if done.returncode:
        why = done.stderr.strip() or f"exit code {done.returncode}"
        raise UnitError(f"'{line}' failed: {why}")
