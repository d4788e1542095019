"""How a setting is declared: once, as metadata of a typed field.

A field of the settings model is an ``Annotated`` type whose metadata comes from one of the
functions here.  The XML codec, the options of ``modifyvm``, the REST schema, the forms and the
reference pages are all derived from that one declaration:

* :func:`setting` for a single value (a number, a switch, a name, a text);
* :func:`group` for a nested structure;
* :func:`items` for a list of structures, one XML element each;
* :func:`mapping` for ``name``/``value`` pairs;
* :func:`special` for the few places where the file format follows no rule.

Versions of the file format are given by their minor number: 16 means files of version 1.16.
An XML place is a path relative to the element of the structure that owns the field; its last
step may be an attribute (``@name``).  A place that moved in the course of the format's history is
declared as several :class:`Place` objects.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal

import msgspec

NEWEST_MINOR = 20
"""The newest version of the file format that this program knows (1.20)."""

Form = Literal["plain", "hex", "uuid"]
"""How a value is spelt in XML: as it is, as ``0x…``, as a UUID in braces."""


class Place(msgspec.Struct, frozen=True):
    """One XML place of a field, valid from version 1.``since`` on."""

    path: str
    since: int = 0


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """What every kind of field declares.

    Attributes:
        places: XML places, oldest first; reading tries all, writing takes the newest valid one.
        since: minor version that introduced the field; writing it raises an older file to this.
        cli: option of ``modifyvm`` without the leading dashes, empty when there is none; of a
            list's item it gets the item's number at its end (``--nic1``).
        old_cli: other spellings of the option, those of releases before 7.0 among them.
        label: caption in forms, with the words of VirtualBox's settings dialog.
        help: one sentence for tool tips, ``--help`` and the reference.
        hot: the field may change while the machine runs.
    """

    places: tuple[Place, ...] = ()
    since: int = 0
    cli: str = ""
    old_cli: tuple[str, ...] = ()
    label: str = ""
    help: str = ""
    hot: bool = False


class Setting(Declaration, frozen=True, kw_only=True):
    """A single value.

    Attributes:
        unit: unit of a number, for forms and messages.
        choices: the known words of an open enumeration.  The field stays a ``str`` so that words
            of newer versions of the format survive.
        choices_since: words that need a newer file than the field itself.
        absent: what absence of the attribute means in files of version 1.20, if that is not the
            default of the field (which is the value for new machines).
        absent_before: {minor: value}: what absence means in files older than 1.minor.
        form: spelling in XML.
        words: spelling of false and true in XML.
        always: written even when the value is what absence means.
        ge: smallest allowed number.
        le: largest allowed number.
        max_length: largest allowed number of characters.
    """

    unit: str = ""
    choices: type[StrEnum] | None = None
    choices_since: Mapping[str, int] = {}
    absent: Any = msgspec.UNSET
    absent_before: Mapping[int, Any] = {}
    form: Form = "plain"
    words: tuple[str, str] = ("false", "true")
    always: bool = False
    ge: int | None = None
    le: int | None = None
    max_length: int | None = None


class Group(Declaration, frozen=True, kw_only=True):
    """A nested structure; an empty path means that it shares the element of its owner."""


class Items(Declaration, frozen=True, kw_only=True):
    """A list of structures, one element each.

    Attributes:
        key: fields that identify an item across changes; without any, the position does.
        nest: for trees kept as flat lists: path from an element to its children's elements,
            empty when they are direct children.  ``None``: the list is flat in the file too.
        parent: for trees: the field that holds the key of the parent, empty for a root.
        older: name under which the XML codec knows what older files hold in another form.
    """

    key: tuple[str, ...] = ()
    nest: str | None = None
    parent: str = ""
    older: str = ""


class NameValues(Declaration, frozen=True, kw_only=True):
    """A ``dict[str, str]``, one element with ``name`` and ``value`` attributes per entry."""


class Special(Declaration, frozen=True, kw_only=True):
    """A place with rules of its own.

    Attributes:
        shape: name under which the XML codec of this place is registered.
        choices: the known words of an open enumeration.
    """

    shape: str = ""
    choices: type[StrEnum] | None = None


Where = str | Sequence[Place]


def _places(xml: Where) -> tuple[Place, ...]:
    return (Place(xml),) if isinstance(xml, str) else tuple(xml)


def setting(
    xml: Where,
    *,
    ge: int | None = None,
    le: int | None = None,
    max_length: int | None = None,
    **declared: Any,
) -> msgspec.Meta:
    """Declare a single value; see :class:`Setting` for the keywords."""
    record = Setting(places=_places(xml), ge=ge, le=le, max_length=max_length, **declared)
    constraints: dict[str, Any] = {"ge": ge, "le": le, "max_length": max_length}
    given = {name: bound for name, bound in constraints.items() if bound is not None}
    return msgspec.Meta(**given, extra={"declaration": record})


def group(xml: Where = "", **declared: Any) -> msgspec.Meta:
    """Declare a nested structure; see :class:`Group`."""
    return msgspec.Meta(extra={"declaration": Group(places=_places(xml), **declared)})


def items(xml: Where, **declared: Any) -> msgspec.Meta:
    """Declare a list of structures; the last step of the path names the items' element."""
    return msgspec.Meta(extra={"declaration": Items(places=_places(xml), **declared)})


def mapping(xml: Where, **declared: Any) -> msgspec.Meta:
    """Declare name/value pairs; the last step of the path names the entries' element."""
    return msgspec.Meta(extra={"declaration": NameValues(places=_places(xml), **declared)})


def special(shape: str, xml: Where = "", **declared: Any) -> msgspec.Meta:
    """Declare a place with rules of its own, which the XML codec knows as ``shape``."""
    record = Special(places=_places(xml), shape=shape, **declared)
    return msgspec.Meta(extra={"declaration": record})


class Field(msgspec.Struct, frozen=True):
    """One declared field of a structure, as the derivations see it.

    Attributes:
        name: attribute name in the structure.
        type: the Python type without metadata; for lists the list type.
        item: the structure class of a group or of the items of a list, else ``None``.
        declaration: what was declared.
        default: the value for new machines, ``msgspec.NODEFAULT`` for required fields.
    """

    name: str
    type: Any
    item: Any
    declaration: Declaration
    default: Any

    def absent_value(self, minor: int) -> Any:
        """Return what absence of a single value means in a file of version 1.``minor``."""
        record = self.declaration
        if isinstance(record, Setting):
            for before in sorted(record.absent_before):
                if minor < before:
                    return record.absent_before[before]
            if record.absent is not msgspec.UNSET:
                return record.absent
        return self.default


def fields_of(cls: type[msgspec.Struct]) -> tuple[Field, ...]:
    """Return the declared fields of a structure class in their order of declaration."""
    return _fields_of(cls)


@functools.cache
def _fields_of(cls: type[msgspec.Struct]) -> tuple[Field, ...]:
    hints = typing.get_type_hints(cls, include_extras=True)
    found = []
    for info in msgspec.structs.fields(cls):
        hint = hints[info.name]
        record = _declaration(hint)
        if record is None:
            continue
        plain = _without_none(typing.get_args(hint)[0])
        item = typing.get_args(plain)[0] if typing.get_origin(plain) is list else plain
        is_struct = isinstance(item, type) and issubclass(item, msgspec.Struct)
        default = info.default
        if info.default_factory is not msgspec.NODEFAULT:
            default = info.default_factory()
        found.append(Field(info.name, plain, item if is_struct else None, record, default))
    return tuple(found)


def _declaration(hint: Any) -> Declaration | None:
    for meta in getattr(hint, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.extra and "declaration" in meta.extra:
            return typing.cast("Declaration", meta.extra["declaration"])
    return None


def _without_none(hint: Any) -> Any:
    if isinstance(hint, types.UnionType):
        rest = [arg for arg in typing.get_args(hint) if arg is not types.NoneType]
        if len(rest) == 1:
            return rest[0]
    return hint
