r"""Icons on the desktop that start a machine, as freedesktop.org's desktop entries.

The format is that of the Desktop Entry Specification 1.5: values escape backslash, newline, tab and
carriage return, and arguments of ``Exec`` stand in double quotes in which ``"``, a back tick, ``$``
and ``\`` are escaped once more; a per cent sign is doubled.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from PySide6.QtCore import QStandardPaths

from app.api.structs import MachineInfo
from app.common.icons import ICON_FOLDER

_PROGRAM: Final = "vitrine"
_ROOT: Final = Path(__file__).resolve().parents[2]


def create_shortcut(machine: MachineInfo, folder: Path | None = None) -> Path:
    """Write the desktop entry of MACHINE and return its path; may block.

    Args:
        machine: what the entry starts.
        folder: where it goes; default: the desktop folder of the account.

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
    path = folder / f"{safe}.desktop"
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".", suffix=".tmp")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(desktop_entry(machine))
            file.flush()
            os.fsync(file.fileno())
            # Desktops start only entries that are marked as programs.
            os.chmod(temporary, 0o700)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def desktop_entry(machine: MachineInfo) -> str:
    """Return the text of the desktop entry of MACHINE."""
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        f"Name={_escape(machine.name)}",
        f"Icon={_escape(str(ICON_FOLDER / 'machine.svg'))}",
        f"Exec={' '.join(_quote(word) for word in (*_command(), '--startvm', machine.id))}",
        f"Path={_escape(str(_ROOT))}",
        "Terminal=false",
        "Categories=System;Emulator;",
    ]
    return "\n".join(lines) + "\n"


def _command() -> list[str]:
    installed = Path(sys.executable).with_name(_PROGRAM)
    return [str(installed)] if installed.is_file() else [sys.executable, "-m", "app"]


def _escape(value: str) -> str:
    for character, escaped in (("\\", "\\\\"), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        value = value.replace(character, escaped)
    return value


def _quote(word: str) -> str:
    quoted = "".join(f"\\{character}" if character in '"`$\\' else character for character in word)
    return _escape(f'"{quoted.replace("%", "%%")}"')
