"""Docstrings of the house style, taken apart and turned into Markdown for the reference pages."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

_SECTIONS: Final = ("Args", "Attributes", "Raises", "Returns")
_ROLE = re.compile(r":(?:mod|class|meth|func|data|attr):`~?([^`]+)`")
_ITEM = re.compile(r"(?P<name>[\w, ]+): (?P<text>.*)")


@dataclass
class Docstring:
    """A docstring in parts.

    Attributes:
        summary: The first sentence.
        body: What follows it.
        items: Section -> name -> text (``Args``, ``Attributes``, ``Raises``).
        returns: Text of ``Returns``.
    """

    summary: str = ""
    body: str = ""
    items: dict[str, dict[str, str]] = field(default_factory=dict)
    returns: str = ""


def parse(text: str | None) -> Docstring:
    """Take a docstring apart; all of its texts become Markdown."""
    parts: dict[str, list[str]] = {"": []}
    section = ""
    for line in inspect.cleandoc(text or "").splitlines():
        heading = line.removesuffix(":")
        if line.endswith(":") and heading in _SECTIONS:
            section = heading
            parts[section] = []
        else:
            parts[section].append(line)
    summary, _, body = "\n".join(parts.pop("")).partition("\n\n")
    found = Docstring(markdown(_joined(summary)), markdown(body.strip()))
    found.returns = markdown(_joined("\n".join(parts.pop("Returns", []))))
    found.items = {name: _items(lines) for name, lines in parts.items()}
    return found


def _joined(text: str) -> str:
    return " ".join(text.split())


def _items(lines: Sequence[str]) -> dict[str, str]:
    items: dict[str, str] = {}
    name = ""
    for line in lines:
        match = _ITEM.fullmatch(line.strip()) if line.startswith("    ") else None
        if match is not None and not line.startswith("     "):
            name = match["name"]
            items[name] = match["text"]
        elif line.strip() and name:
            items[name] += " " + line.strip()
    return {name: markdown(text) for name, text in items.items()}


def markdown(text: str) -> str:
    """Roles and literals of reStructuredText as Markdown."""
    text = _ROLE.sub(lambda match: f"`{match[1].rpartition('.')[2] or match[1]}`", text)
    return text.replace("``", "`")


def cell(text: str) -> str:
    """Text that fits into one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def member_texts(cls: type[Any]) -> dict[str, str]:
    """Texts that stand below the members of an enumeration (or the attributes of a class)."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    texts = {}
    for member, text in itertools.pairwise(body):
        is_text = isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(member, ast.Assign) and isinstance(member.targets[0], ast.Name) and is_text:
            texts[member.targets[0].id] = markdown(_joined(str(text.value.value)))
    return texts
