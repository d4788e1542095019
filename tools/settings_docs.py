"""The reference page of the settings, made from their declarations: ``docs/settings.md``."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from app.settings.declare import (
    NEWEST_MINOR,
    Declaration,
    Field,
    Items,
    Setting,
    Special,
    fields_of,
)
from app.settings.installation import GlobalSettings
from app.settings.model import MachineSettings
from tools.docstrings import parse, table

_HEADINGS = ("setting", "meaning", "option", "place in the file", "values", "default")

_HEAD: Final = f"""\
# Settings

Made by `make docs` from the declarations in `app/settings`; do not edit.

A place is a path of elements below that of its section's heading; `@name` is an attribute. `1.15:`
before a place or a default means: in files of this version of the format and newer ones (the newest
that is known is 1.{NEWEST_MINOR}). A setting marked *hot* may change while the machine runs.
Defaults are those of a setting that a file does not mention.
"""


def pages() -> dict[str, str]:
    """The page, by its path below ``docs``."""
    parts = [
        _HEAD,
        "# NAME.vbox: a machine\n",
        *_sections(MachineSettings, "Machine", set()),
        "# VirtualBox.xml: the installation\n",
        *_sections(GlobalSettings, "Global", set()),
    ]
    return {"settings.md": "\n".join(parts)}


def _sections(cls: type[msgspec.Struct], path: str, seen: set[type[Any]]) -> Iterator[str]:
    """A section for a structure and one for each that it holds, at their first mention."""
    seen.add(cls)
    fields = fields_of(cls)
    yield f"## {cls.__name__}\n"
    yield f"{parse(cls.__doc__).summary} Element `{path}`.\n"
    plain = [_row(field) for field in fields if field.item is None]
    nested = [_nested_row(field, path) for field in fields if field.item is not None]
    if plain:
        yield table(_HEADINGS, plain)
    if nested:
        yield table(("holds", "meaning", "of type", "place in the file"), nested)
    for field in fields:
        if field.item is not None and field.item not in seen:
            yield from _sections(field.item, _below(path, field.declaration), seen)


def _below(path: str, declaration: Declaration) -> str:
    newest = declaration.places[-1].path if declaration.places else ""
    return f"{path}/{newest}" if newest else path


def _nested_row(field: Field, path: str) -> tuple[str, str, str, str]:
    kind = f"[{field.item.__name__}](#{field.item.__name__.lower()})"
    if isinstance(field.declaration, Items) or str(field.type).startswith("list"):
        kind = f"list of {kind}"
    where = _below(path, field.declaration)
    return f"`{field.name}`", _meaning(field), kind, f"`{where}`"


def _row(field: Field) -> tuple[str, ...]:
    declaration = field.declaration
    options = [f"`--{name}`" for name in (declaration.cli, *declaration.old_cli) if name]
    return (
        f"`{field.name}`",
        _meaning(field),
        ", ".join(options),
        _places(declaration),
        _values(field),
        _defaults(field),
    )


def _meaning(field: Field) -> str:
    declaration = field.declaration
    label = f"**{declaration.label}**." if declaration.label else ""
    hot = "*hot*" if declaration.hot else ""
    return " ".join(text for text in (label, declaration.help, hot) if text)


def _places(declaration: Declaration) -> str:
    places = []
    for place in declaration.places:
        since = max(place.since, declaration.since if place is declaration.places[0] else 0)
        places.append(f"1.{since}: `{place.path}`" if since else f"`{place.path}`")
    return "; ".join(places)


def _values(field: Field) -> str:
    declaration = field.declaration
    if isinstance(declaration, Setting | Special) and declaration.choices is not None:
        return ", ".join(f"`{word.value}`" for word in declaration.choices)
    if not isinstance(declaration, Setting):
        return _type_name(field.type)
    text = _type_name(field.type)
    if declaration.ge is not None or declaration.le is not None:
        low = "" if declaration.ge is None else str(declaration.ge)
        high = "" if declaration.le is None else str(declaration.le)
        text = f"{low} to {high}".strip()
    if declaration.max_length is not None:
        text += f", at most {declaration.max_length} characters"
    if declaration.form != "plain":
        text += f", as {declaration.form}"
    return f"{text} {declaration.unit}".strip()


def _type_name(hint: Any) -> str:
    if hint is bool:
        return "`false`, `true`"
    names = {int: "number", str: "text", dt.datetime: "time"}
    return names.get(hint, str(hint))


def _defaults(field: Field) -> str:
    declaration = field.declaration
    if field.default is msgspec.NODEFAULT:
        return "must be there"
    if not isinstance(declaration, Setting):
        return _value(field.default)
    changes = sorted(declaration.absent_before)
    if not changes:
        return _value(field.absent_value(NEWEST_MINOR))
    steps = [_value(field.absent_value(changes[0] - 1))]
    steps += [f"1.{minor}: {_value(field.absent_value(minor))}" for minor in changes]
    return "; ".join(steps)


def _value(value: object) -> str:
    if isinstance(value, enum.Enum):
        value = value.value
    if value is None or value in ("", [], {}):
        return "none"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return f"`{value}`"
