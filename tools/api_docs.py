"""Reference pages of the Main API, made from its schema: ``docs/api``."""

from __future__ import annotations

import enum
import inspect
import typing
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from app.api import interfaces
from app.api.errors import ErrorCode
from app.api.events import Event
from app.api.messages import PROTOCOL_VERSION
from app.api.schema import METHODS, Method, load_interfaces
from tools.docstrings import Docstring, cell, markdown, member_texts, parse, table

FOLDER: Final = "api"

_INDEX_HEAD: Final = f"""\
# The Main API

Made by `make docs` from the declarations in `app/api`; do not edit.

Version {PROTOCOL_VERSION} of the schema. [ARCHITECTURE.md](../../ARCHITECTURE.md) tells what
happens between peers of different versions;
[examples/machine_life.py](../../examples/machine_life.py) is a whole script.
"""
_INDEX_TAIL: Final = """\
Besides: [structures](structs.md), [enumerations](enums.md), [events](events.md), [error
codes](errors.md), and the [settings](../settings.md) that `machine.get_settings` and
`machine.save_settings` carry.
"""
_STRUCTS_HEAD: Final = """\
# Structures

Maps on the wire, by the names of the fields. An older peer skips fields that it does not know; a
newer one fills in the defaults of those that are missing.
"""
_EVENTS_HEAD: Final = """\
# Events

Every client gets every event after its greeting, in the order in which things happened.
`client.events()` gives them as a queue with time-outs, `client.subscribe` calls a function,
`QtClient` emits signals.
"""
_ERRORS_HEAD: Final = """\
# Error codes

Every failed call raises `ApiError` with one of these codes, a sentence with the facts, and the
component that noticed. Names and numbers are VirtualBox's. The last column lists the methods whose
description names the code; any call can fail with `NS_ERROR_CALL_FAILED` (the connection ended),
`E_INVALIDARG` (a parameter of the wrong type) and `E_UNEXPECTED` (a program error).
"""


def pages() -> dict[str, str]:
    """Path below ``docs`` -> text of each page."""
    load_interfaces()
    named = {interface_name(cls): cls for cls in map(interfaces.__getattr__, interfaces.__all__)}
    result = {f"{FOLDER}/{name}.md": _interface_page(name, cls) for name, cls in named.items()}
    result[f"{FOLDER}/structs.md"] = _structs_page()
    result[f"{FOLDER}/enums.md"] = _enums_page()
    result[f"{FOLDER}/events.md"] = _events_page()
    result[f"{FOLDER}/errors.md"] = _errors_page()
    result[f"{FOLDER}/README.md"] = _index(named)
    return result


def interface_name(cls: type[Any]) -> str:
    """Name of an interface on the wire."""
    return cls.__module__.rpartition(".")[2]


# -- what the methods and events name ----------------------------------------------------------


def _types_in(hint: Any) -> Iterator[type[Any]]:
    for argument in typing.get_args(hint):
        yield from _types_in(argument)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct | enum.Enum):
        yield hint


def _named_types() -> dict[str, type[Any]]:
    """All structures and enumerations that travel, the settings apart; by name."""
    waiting = [
        hint
        for method in METHODS.values()
        for hint in (method.result_type, *(p.annotation for p in method.parameters.values()))
    ]
    waiting += [f.type for event in Event.registry.values() for f in msgspec.structs.fields(event)]
    found: dict[str, type[Any]] = {}
    while waiting:
        for cls in _types_in(waiting.pop()):
            if cls.__name__ in found or cls.__module__.startswith("app.settings"):
                if issubclass(cls, enum.Enum):
                    found[cls.__name__] = cls
                continue
            found[cls.__name__] = cls
            if issubclass(cls, msgspec.Struct):
                waiting += [f.type for f in msgspec.structs.fields(cls)]
    return dict(sorted(found.items()))


def _linked(annotation: Any) -> str:
    """A type as text, linked to its page where there is one."""
    text = annotation if isinstance(annotation, str) else _type_text(annotation)
    known = _named_types()
    linked = f"`{text}`"
    for name, cls in known.items():
        if name in text.replace("[", " ").replace("]", " ").replace(",", " ").split():
            page = "structs" if issubclass(cls, msgspec.Struct) else "enums"
            linked += f" ([{name}]({page}.md#{name.lower()}))"
    if "MachineSettings" in text or "GlobalSettings" in text:
        linked += " ([settings](../settings.md))"
    return linked


def _type_text(hint: Any) -> str:
    if typing.get_args(hint):
        return str(hint).replace("typing.", "").replace("app.api.structs.", "").replace(
            "app.api.basics.", ""
        )  # fmt: skip
    return getattr(hint, "__name__", str(hint))


# -- interfaces --------------------------------------------------------------------------------


def _interface_page(name: str, cls: type[Any]) -> str:
    module = parse(inspect.getmodule(cls).__doc__)
    described = parse(cls.__doc__)
    methods = [method for method in METHODS.values() if method.name.startswith(f"{name}.")]
    bound = methods[0].bound
    facade = f"client.{name}({bound})" if bound else f"client.{name}"
    parts = [
        f"# `{name}`: {module.summary.rpartition('`: ')[2].rstrip('.')}\n",
        *([module.body + "\n"] if module.body else []),
        f"{described.summary}\n",
        *([described.body + "\n"] if described.body else []),
        f"Façade in Python: `{facade}`.\n",
        table(
            ("method", "what it does"),
            [
                (f"[`{_short(method)}`](#{_short(method)})", parse(method.function.__doc__).summary)
                for method in methods
            ],
        ),
        *(_method_section(method) for method in methods),
    ]
    return "\n".join(parts)


def _short(method: Method) -> str:
    return method.name.partition(".")[2]


def _method_section(method: Method) -> str:
    text = parse(method.function.__doc__)
    parts = [f"## {_short(method)}\n", f"```python\n{_signature(method)}\n```\n"]
    parts.append(text.summary + "\n")
    if text.body:
        parts.append(text.body + "\n")
    rows = _parameter_rows(method, text)
    if rows:
        parts.append(table(("parameter", "type", "meaning"), rows))
    if text.returns:
        parts.append(f"Returns: {text.returns}\n")
    for error, when in text.items.get("Raises", {}).items():
        parts.append(f"Raises `{error}`: {when}\n")
    return "\n".join(parts)


def _signature(method: Method) -> str:
    signature = inspect.signature(method.function)
    parameters = ", ".join(str(p) for p in list(signature.parameters.values())[1:])
    line = f"{_short(method)}({parameters}) -> {signature.return_annotation}"
    line = line.replace("'", "") if "'" in line and '"' not in line else line
    if len(line) <= 96:
        return line
    body = "".join(f"    {p},\n" for p in list(signature.parameters.values())[1:])
    return f"{_short(method)}(\n{body}) -> {signature.return_annotation}".replace("'", "")


def _parameter_rows(method: Method, text: Docstring) -> list[tuple[str, str, str]]:
    told = text.items.get("Args", {})
    rows = []
    for parameter in list(inspect.signature(method.function).parameters.values())[1:]:
        default = parameter.default
        meaning = told.get(parameter.name, "")
        if default is not inspect.Parameter.empty:
            shown = default.value if isinstance(default, enum.Enum) else default
            meaning += f" Default: `{shown!r}`."
        rows.append((f"`{parameter.name}`", _linked(parameter.annotation), meaning.strip()))
    return rows


# -- the other pages ---------------------------------------------------------------------------


def _fields_table(cls: type[msgspec.Struct]) -> str:
    told = parse(cls.__doc__).items.get("Attributes", {})
    rows = []
    for info in msgspec.structs.fields(cls):
        default = "" if info.default is msgspec.NODEFAULT else f"`{info.default!r}`"
        if isinstance(info.default, enum.Enum):
            default = f"`{info.default.value!r}`"
        rows.append((f"`{info.name}`", _linked(info.type), default, told.get(info.name, "")))
    return table(("field", "type", "default", "meaning"), rows) if rows else "No fields.\n"


def _type_section(cls: type[msgspec.Struct]) -> str:
    text = parse(cls.__doc__)
    parts = [f"## {cls.__name__}\n", text.summary + "\n"]
    if text.body:
        parts.append(text.body + "\n")
    return "\n".join([*parts, _fields_table(cls)])


def _structs_page() -> str:
    structs = [cls for cls in _named_types().values() if issubclass(cls, msgspec.Struct)]
    return "\n".join([_STRUCTS_HEAD, *map(_type_section, structs)])


def _enums_page() -> str:
    parts = ["# Enumerations\n\nTheir values travel as text.\n"]
    for cls in _named_types().values():
        if not issubclass(cls, enum.Enum):
            continue
        texts = member_texts(cls)
        rows = [(f"`{m.value}`", f"`{m.name}`", texts.get(m.name, "")) for m in cls]
        parts += [f"## {cls.__name__}\n", parse(cls.__doc__).summary + "\n"]
        parts.append(table(("value", "name in Python", "meaning"), rows))
    return "\n".join(parts)


def _events_page() -> str:
    ordered = sorted(Event.registry.values(), key=lambda cls: cls.__name__)
    return "\n".join([_EVENTS_HEAD, *map(_type_section, ordered)])


def _errors_page() -> str:
    texts = member_texts(ErrorCode)
    rows = []
    for code in ErrorCode:
        named = [
            f"[`{method.name}`]({method.name.replace('.', '.md#')})"
            # Not in the order of declaration: that is the order in which modules were imported.
            for _, method in sorted(METHODS.items())
            if f"``{code.name}``" in (method.function.__doc__ or "")
        ]
        number = f"`0x{code:08X}`"
        rows.append((f"`{code.name}`", number, texts.get(code.name, ""), ", ".join(named)))
    return "\n".join([_ERRORS_HEAD, table(("code", "number", "meaning", "named by"), rows)])


def _index(named: dict[str, type[Any]]) -> str:
    rows = []
    for name, cls in sorted(named.items()):
        count = sum(method.startswith(f"{name}.") for method in METHODS)
        summary = markdown(cell(parse(inspect.getmodule(cls).__doc__).summary))
        rows.append((f"[`{name}`]({name}.md)", str(count), summary))
    headings = ("interface", "methods", "what it is")
    return "\n".join([_INDEX_HEAD, table(headings, rows), _INDEX_TAIL])
