"""Writes the reference pages in ``docs`` from the declarations: ``make docs``.

``python -m tools.docs --check`` writes nothing and ends with 1 when a page is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tools import api_docs, cli_docs, settings_docs

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"


def pages() -> dict[str, str]:
    """Path below ``docs`` -> text, of every page that is made."""
    return {**api_docs.pages(), **settings_docs.pages(), **cli_docs.pages()}


def stale(made: dict[str, str]) -> list[str]:
    """Pages that differ from what is in ``docs``, and files in ``docs/api`` that are not made."""
    found = [
        name
        for name, text in made.items()
        if not (DOCS / name).is_file() or (DOCS / name).read_text(encoding="utf-8") != text
    ]
    present = (DOCS / api_docs.FOLDER).glob("*")
    left_over = [str(path.relative_to(DOCS)) for path in present]
    return found + [name for name in left_over if name not in made]


def main(words: list[str]) -> int:
    """Write the pages, or check them."""
    made = pages()
    old = stale(made)
    if "--check" in words:
        for name in old:
            print(f"docs/{name} is out of date: run `make docs`", file=sys.stderr)
        return 1 if old else 0
    for name in old:
        path = DOCS / name
        if name in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[name], encoding="utf-8")
        else:
            path.unlink()
        print(f"docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
