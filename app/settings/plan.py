"""What the XML codec precomputes from the declarations of a structure class."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import msgspec

from app.settings.declare import Field, Group, Setting, fields_of

Path = tuple[str, ...]
"""Names of nested elements, relative to the element of the owner."""


class Target(NamedTuple):
    """A place of a field, split into its element and its attribute.

    ``attribute`` is empty when the text or the elements themselves are meant.
    """

    path: Path
    attribute: str
    since: int


class FieldPlan(NamedTuple):
    """A field with its places in the order in which a reader tries them."""

    field: Field
    targets: tuple[Target, ...]
    absent: Any


class StructPlan(NamedTuple):
    """Fields of a structure class for one version of the format.

    Attributes:
        fields: the fields in their order of declaration.
        containers: all paths at which a reader has to look for elements, with their prefixes.
        order: rank of an element path among its siblings when it has to be created.
    """

    fields: tuple[FieldPlan, ...]
    containers: frozenset[Path]
    order: dict[Path, int]


def split(path: str, since: int = 0) -> Target:
    """Split the path of a declared place."""
    steps = [step for step in path.split("/") if step]
    attribute = ""
    if steps and steps[-1].startswith("@"):
        attribute = steps.pop()[1:]
    return Target(tuple(steps), attribute, since)


@functools.cache
def plan_of(cls: type[msgspec.Struct], minor: int) -> StructPlan:
    """Return the plan of a structure class for files of version 1.``minor``."""
    plans = []
    containers: set[Path] = set()
    order: dict[Path, int] = {}
    for field in fields_of(cls):
        targets = tuple(split(place.path, place.since) for place in field.declaration.places)
        usable = [target for target in targets if target.since <= minor]
        later = [target for target in targets if target.since > minor]
        ranked = sorted(usable, key=lambda target: -target.since) + later
        absent = field.absent_value(minor) if isinstance(field.declaration, Setting) else None
        plans.append(FieldPlan(field, tuple(ranked), absent))
        for target in targets:
            _add(target.path, containers, order)
        if shares_element(field):
            inner = plan_of(field.item, minor)
            for path in (*inner.order, *inner.containers):
                _add(path, containers, order)
    return StructPlan(tuple(plans), frozenset(containers), order)


def shares_element(field: Field) -> bool:
    """Tell whether a field is a group that lives in the element of its owner."""
    record = field.declaration
    return isinstance(record, Group) and all(place.path == "" for place in record.places)


def _add(path: Path, containers: set[Path], order: dict[Path, int]) -> None:
    for length in range(1, len(path) + 1):
        prefix = path[:length]
        containers.add(prefix)
        order.setdefault(prefix, len(order))
