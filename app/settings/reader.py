"""From elements to settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

import msgspec
from lxml import etree

from app.settings import editing
from app.settings.declare import Field, Group, Items, NameValues, Setting, Special
from app.settings.document import line_of, local_name
from app.settings.errors import xml_error
from app.settings.plan import FieldPlan, Path, Target, plan_of, shares_element
from app.settings.values import BadValueError, parse

MAX_SNAPSHOT_DEPTH = 250
"""Depth to which trees may be nested, as in VirtualBox."""

T = TypeVar("T", bound=msgspec.Struct)

Index = dict[Path, etree._Element]
"""First element at each path that a structure class declares, below the element of the owner."""

Shape = Callable[["Reader", "Scope", FieldPlan], Any]
_shapes: dict[str, Shape] = {}

OlderForm = Callable[["Reader", "Scope", FieldPlan, list[Any]], None]
_older_forms: dict[str, OlderForm] = {}


def shape_reader(name: str) -> Callable[[Shape], Shape]:
    """Register the function that reads the special fields of a shape."""

    def register(function: Shape) -> Shape:
        _shapes[name] = function
        return function

    return register


def older_form_reader(name: str) -> Callable[[OlderForm], OlderForm]:
    """Register the function that adds what older files hold of a list in another form."""

    def register(function: OlderForm) -> OlderForm:
        _older_forms[name] = function
        return function

    return register


class Scope(NamedTuple):
    """The element of a structure with its index; both are empty when the element is absent."""

    element: etree._Element | None
    by_path: Index

    def find(self, target: Target) -> etree._Element | None:
        """Return the first element at a place."""
        return self.by_path.get(target.path) if target.path else self.element


class TreeItem(NamedTuple):
    """An element of a list or tree, with the element that it is nested in."""

    element: etree._Element
    parent: etree._Element | None


class Reader:
    """Reads structures from the elements of one file.

    Attributes:
        path: name of the file, for messages.
        minor: version of the format by which defaults are chosen.
    """

    def __init__(self, path: str, minor: int) -> None:
        self.path = path
        self.minor = minor

    def struct(self, cls: type[T], element: etree._Element | None) -> T:
        """Read a structure from its element, or its defaults when the element is absent.

        Raises:
            SettingsError: a value cannot be understood or a required one is missing.
        """
        return self._struct(cls, self.scope(cls, element))

    def scope(self, cls: type[msgspec.Struct], element: etree._Element | None) -> Scope:
        """Index the elements below the element of a structure."""
        index: Index = {}
        if element is not None:
            _fill(index, element, (), plan_of(cls, self.minor).containers)
        return Scope(element, index)

    def _struct(self, cls: type[T], scope: Scope) -> T:
        values = {}
        for plan in plan_of(cls, self.minor).fields:
            values[plan.field.name] = self.field(scope, plan)
        return cls(**values)

    def field(self, scope: Scope, plan: FieldPlan) -> Any:
        """Read one field of a structure."""
        field = plan.field
        record = field.declaration
        if isinstance(record, Setting):
            return self.setting(scope, plan)
        if isinstance(record, Group):
            if shares_element(field):
                return self._struct(field.item, scope)
            found = (scope.find(target) for target in plan.targets)
            element = next((element for element in found if element is not None), None)
            return self.struct(field.item, element)
        if isinstance(record, Items):
            return self.items(scope, plan)
        if isinstance(record, NameValues):
            return self.name_values(scope, plan)
        if isinstance(record, Special):
            return _shapes[record.shape](self, scope, plan)
        raise TypeError(f"{field.name} has no known kind of declaration")

    def setting(self, scope: Scope, plan: FieldPlan) -> Any:
        """Read a single value."""
        for target in plan.targets:
            element = scope.find(target)
            if element is None:
                continue
            text = element.get(target.attribute) if target.attribute else element.text
            if text is not None:
                return self.value(plan.field, element, target.attribute, text)
        if plan.absent is msgspec.NODEFAULT:
            owner = local_name(scope.element) if scope.element is not None else self.path
            line = line_of(scope.element) if scope.element is not None else 0
            name = plan.targets[0].attribute
            raise xml_error(self.path, line, f"attribute {name} of {owner} is missing")
        return plan.absent

    def value(self, field: Field, element: etree._Element, attribute: str, text: str) -> Any:
        """Understand the text of a value.

        Raises:
            SettingsError: it is not one.
        """
        try:
            return parse(field, text)
        except BadValueError as error:
            place = f"attribute {attribute} of " if attribute else ""
            shown = text if len(text) <= 80 else text[:77] + "..."
            fact = f'{place}{local_name(element)} is "{shown}", but {error}'
            raise xml_error(self.path, line_of(element), fact) from error

    def elements(self, scope: Scope, plan: FieldPlan) -> list[TreeItem]:
        """Return the elements of a list or tree, in the order of the file, parents first."""
        found: list[TreeItem] = []
        record = plan.field.declaration
        for target in plan.targets:
            container = (
                scope.by_path.get(target.path[:-1]) if len(target.path) > 1 else scope.element
            )
            if container is None:
                continue
            for element in editing.children(container, target.path[-1]):
                found.append(TreeItem(element, None))
                if isinstance(record, Items) and record.nest is not None:
                    found.extend(self._nested(element, target.path[-1], record.nest))
        return found

    def _nested(self, top: etree._Element, name: str, nest: str) -> Iterator[TreeItem]:
        steps = nest.split("/") if nest else []
        pending = [(top, 1)]
        while pending:
            parent, depth = pending.pop(0)
            if depth > MAX_SNAPSHOT_DEPTH:
                fact = f"{name} is nested deeper than {MAX_SNAPSHOT_DEPTH}"
                raise xml_error(self.path, line_of(parent), fact)
            container = editing.child_at(parent, steps)
            if container is None:
                continue
            for child in editing.children(container, name):
                yield TreeItem(child, parent)
                pending.append((child, depth + 1))

    def items(self, scope: Scope, plan: FieldPlan) -> list[Any]:
        """Read a list or tree of structures."""
        record = plan.field.declaration
        result: list[Any] = []
        keys: dict[etree._Element, str] = {}
        for item in self.elements(scope, plan):
            value = self.struct(plan.field.item, item.element)
            if isinstance(record, Items) and record.parent:
                keys[item.element] = getattr(value, record.key[0])
                if item.parent is not None:
                    setattr(value, record.parent, keys[item.parent])
            result.append(value)
        if isinstance(record, Items) and record.older:
            _older_forms[record.older](self, scope, plan, result)
        return result

    def name_values(self, scope: Scope, plan: FieldPlan) -> dict[str, str]:
        """Read name/value pairs."""
        return {
            item.element.get("name", ""): item.element.get("value", "")
            for item in self.elements(scope, plan)
        }


def _fill(
    index: Index, element: etree._Element, path: Path, containers: frozenset[Path]
) -> None:
    for child in element:
        below = (*path, local_name(child))
        if below in containers and below not in index:
            index[below] = child
            _fill(index, child, below, containers)
