"""Collects the texts of the program for the translators: ``make translations``.

``pyside6-lupdate`` finds the texts in the source; those of declarations (labels and helps of the
settings) are handed to it in a file made for the purpose. The Qt Linguist files in
``resources/translations`` are brought up to date and compiled. What still needs a translation is
told; ``--missing`` lists it.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from app.settings.declare import fields_of
from app.settings.model import MachineSettings
from tools.qm import compile_file, read_ts

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "resources" / "translations"
_LUPDATE: Final = Path(sys.executable).with_name("pyside6-lupdate")
_SOURCES: Final = ("app/common", "app/manager", "app/vmwindow")
_SETTINGS_CONTEXT: Final = "Settings"


def source_files() -> list[Path]:
    """Return the modules that may hold texts for people."""
    found = [path for folder in _SOURCES for path in (ROOT / folder).rglob("*.py")]
    return sorted(found)


def declared_texts() -> list[str]:
    """Return the labels and helps of the settings of a machine."""
    return sorted(set(_declared(MachineSettings, set())) - {""})


def _declared(structure: type[Any], seen: set[type[Any]]) -> Iterator[str]:
    seen.add(structure)
    for field in fields_of(structure):
        yield field.declaration.label
        yield field.declaration.help
        if field.item is not None and field.item not in seen:
            yield from _declared(field.item, seen)


def update(folder: Path = FOLDER) -> None:
    """Bring the Qt Linguist files in FOLDER up to date with the source; drop what is gone.

    Raises:
        subprocess.CalledProcessError: lupdate did not understand a source file.
    """
    with tempfile.TemporaryDirectory() as scratch:
        declared = Path(scratch, "declared.py")
        lines = [
            f"QT_TRANSLATE_NOOP({_SETTINGS_CONTEXT!r}, {_literal(text)})\n"
            for text in declared_texts()
        ]
        declared.write_text("".join(lines), encoding="utf-8")
        names = [str(path) for path in (*source_files(), declared)]
        files = [str(path) for path in sorted(folder.glob("*.ts"))]
        subprocess.run(
            [
                _LUPDATE, "-silent", "-no-obsolete", "-locations", "none", *names, "-ts", *files
            ],
            check=True,
            cwd=ROOT,
        )  # fmt: skip


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main() -> int:
    """Update, compile, and tell what is left to translate."""
    update()
    for path in sorted(FOLDER.glob("*.ts")):
        compile_file(path)
        language, messages = read_ts(path)
        missing = [message for message in messages if not message.finished]
        print(f"{language}: {len(messages)} texts, {len(missing)} to translate")
        if "--missing" in sys.argv[1:]:
            for message in missing:
                print(f"  {message.context}: {message.source!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
