r"""Icons on the desktop that start a machine.

Linux and other free desktops get an entry of freedesktop.org's Desktop Entry Specification 1.5:
values escape backslash, newline, tab and carriage return, and arguments of ``Exec`` stand in
double quotes in which ``"``, a back tick, ``$`` and ``\`` are escaped once more; a per cent sign is
doubled.

Windows gets a shell link, which its own script host writes (``WScript.Shell``, reached through
PowerShell): the format has no other writer that is always there. macOS has aliases to files only,
and no file starts a machine; it gets a script that the Terminal runs.
"""

import base64
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from PySide6.QtCore import QStandardPaths

from app.api.structs import MachineInfo
from app.common.icons import ICON_FOLDER

_PROGRAM: Final = "vitrine"
_ROOT: Final = Path(__file__).resolve().parents[2]
_LINK_SECONDS: Final = 30
# PowerShell takes curly single quotes for straight ones.
_QUOTES: Final = "'\u2018\u2019\u201a\u201b"


def create_shortcut(
    machine: MachineInfo, folder: Path | None = None, platform: str = sys.platform
) -> Path:
    """Put an icon that starts MACHINE on the desktop and return its path; may block.

    Args:
        machine: what it starts.
        folder: where it goes; default: the desktop folder of the account.
        platform: as ``sys.platform`` names the desktop.

    Raises:
        OSError: it cannot be written.
    """
    if folder is None:
        places = QStandardPaths.standardLocations(
            QStandardPaths.StandardLocation.DesktopLocation
        )
        folder = Path(places[0])
    folder.mkdir(parents=True, exist_ok=True)
    safe = "".join("_" if character in '/\\:*?"<>|' else character for character in machine.name)
    if platform == "win32":
        path = folder / f"{safe}.lnk"
        _make_link(path, machine)
    elif platform == "darwin":
        path = folder / f"{safe}.command"
        _write_program(path, terminal_script(machine))
    else:
        path = folder / f"{safe}.desktop"
        _write_program(path, desktop_entry(machine))
    return path


def _write_program(path: Path, text: str) -> None:
    """Write TEXT into a file that may be run; the one that was there is replaced as a whole."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            # Desktops start only entries that are marked as programs.
            os.chmod(temporary, 0o700)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _make_link(path: Path, machine: MachineInfo) -> None:
    # Only an encoded script keeps every letter, whatever the console's code page is.
    script = base64.b64encode(link_script(path, machine).encode("utf-16-le")).decode("ascii")
    command = [
        "powershell", "-NoProfile", "-NonInteractive", "-OutputFormat", "Text",
        "-EncodedCommand", script,
    ]  # fmt: skip
    try:
        subprocess.run(
            command, capture_output=True, text=True, timeout=_LINK_SECONDS, check=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise OSError(f"PowerShell did not write {path} within {_LINK_SECONDS} s.") from error
    except subprocess.CalledProcessError as error:
        raise OSError(f"PowerShell could not write {path}: {error.stderr.strip()}") from error


def link_script(path: Path, machine: MachineInfo) -> str:
    """Return the PowerShell script that writes the shell link PATH to MACHINE."""
    program, *arguments = _start_command(machine)
    values = {
        "TargetPath": program,
        "Arguments": subprocess.list2cmdline(arguments),
        "WorkingDirectory": str(_ROOT),
        "Description": machine.name,
    }
    lines = [
        "$ErrorActionPreference = 'Stop'",
        f"$link = (New-Object -ComObject WScript.Shell).CreateShortcut({_literal(str(path))})",
        *(f"$link.{name} = {_literal(value)}" for name, value in values.items()),
        "$link.Save()",
    ]
    return "\n".join(lines) + "\n"


def _literal(text: str) -> str:
    """Return TEXT as a literal of PowerShell."""
    doubled = "".join(each * 2 if each in _QUOTES else each for each in text)
    return f"'{doubled}'"


def terminal_script(machine: MachineInfo) -> str:
    """Return the script that starts MACHINE and lets the Terminal go."""
    lines = [
        "#!/bin/sh",
        f"cd {shlex.quote(str(_ROOT))} || exit 1",
        f"nohup {shlex.join(_start_command(machine))} >/dev/null 2>&1 &",
    ]
    return "\n".join(lines) + "\n"


def desktop_entry(machine: MachineInfo) -> str:
    """Return the text of the desktop entry of MACHINE."""
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        f"Name={_escape(machine.name)}",
        f"Icon={_escape(str(ICON_FOLDER / 'machine.svg'))}",
        f"Exec={' '.join(_quote(word) for word in _start_command(machine))}",
        f"Path={_escape(str(_ROOT))}",
        "Terminal=false",
        "Categories=System;Emulator;",
    ]
    return "\n".join(lines) + "\n"


def _start_command(machine: MachineInfo) -> list[str]:
    # Scripts of an installation end in .exe on Windows.
    program = Path(sys.executable).with_name(_PROGRAM + Path(sys.executable).suffix)
    command = [str(program)] if program.is_file() else [sys.executable, "-m", "app"]
    return [*command, "--startvm", machine.id]


def _escape(value: str) -> str:
    for character, escaped in (("\\", "\\\\"), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        value = value.replace(character, escaped)
    return value


def _quote(word: str) -> str:
    quoted = "".join(f"\\{character}" if character in '"`$\\' else character for character in word)
    return _escape(f'"{quoted.replace("%", "%%")}"')
