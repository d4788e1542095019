"""Derives the icons for dark windows: ``python -m tools.dark_icons [--check]``, or ``make icons``.

The drawings use a fixed set of tones. Most read on light and on dark windows; the slate ones, in
which lines and housings are drawn, get lost on dark ones and are lightened here. A drawing without
them has no dark variant: the icon theme falls back to the light one.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ICONS: Final = Path(__file__).resolve().parents[1] / "resources" / "icons"
DARK: Final = ICONS / "dark"

_TONES: Final[Mapping[str, str]] = {
    "#4c5968": "#7f90a3",
    "#6b7a8c": "#a7b4c3",
    "#a9b5c2": "#c9d2dc",
    "#8a63c9": "#a583dc",
    "#2563a8": "#3d7fc9",
    "#30363d": "#4a535d",
}
_COLOUR: Final = re.compile("#[0-9a-f]{6}")


def dark_variant(drawing: str) -> str:
    """Return the SVG text DRAWING with the tones for dark windows."""
    return _COLOUR.sub(lambda found: _TONES.get(found.group(), found.group()), drawing)


def variants() -> dict[str, str]:
    """Return file names and texts of all dark variants that differ from the light drawing."""
    found = {}
    for path in sorted(ICONS.glob("*.svg")):
        drawing = path.read_text(encoding="utf-8")
        dark = dark_variant(drawing)
        if dark != drawing:
            found[path.name] = dark
    return found


def outdated() -> list[str]:
    """Return the names of dark variants that are missing, superfluous or not up to date."""
    wanted = variants()
    present = {path.name: path.read_text(encoding="utf-8") for path in DARK.glob("*.svg")}
    names = wanted.keys() | present.keys()
    return sorted(name for name in names if wanted.get(name) != present.get(name))


def main() -> int:
    """Write what is outdated; with ``--check`` only tell it, and return 1."""
    names = outdated()
    if "--check" in sys.argv[1:]:
        print("\n".join(names))
        return int(bool(names))
    wanted = variants()
    DARK.mkdir(exist_ok=True)
    for name in names:
        if name in wanted:
            (DARK / name).write_text(wanted[name], encoding="utf-8")
        else:
            (DARK / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
