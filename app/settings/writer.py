"""From settings to elements: the least edits that make a document say what the settings say.

For each field the writer compares what the document says (by the defaults of the file's version)
with what is wanted, and edits only where they differ.  So a document that already says it is not
touched, and neither is anything in it that has no declaration.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import msgspec
from lxml import etree

from app.settings import editing
from app.settings.declare import Group, Items, NameValues, Setting, Special
from app.settings.document import Document, local_name
from app.settings.errors import SettingsError, SettingsErrorCode
from app.settings.plan import FieldPlan, Path, Target, plan_of, shares_element
from app.settings.reader import Reader, Scope, TreeItem
from app.settings.values import BadValueError, checked_text, parse, spell

ShapeWriter = Callable[["Writer", "Owner", FieldPlan, Any], None]
_shapes: dict[str, ShapeWriter] = {}


def shape_writer(name: str) -> Callable[[ShapeWriter], ShapeWriter]:
    """Register the function that writes the special fields of a shape."""

    def register(function: ShapeWriter) -> ShapeWriter:
        _shapes[name] = function
        return function

    return register


OlderFormWriter = Callable[["Writer", "Owner", FieldPlan, list[Any]], bool]
_older_forms: dict[str, OlderFormWriter] = {}


def older_form_writer(name: str) -> Callable[[OlderFormWriter], OlderFormWriter]:
    """Register the function that removes the older form of a list, if it must not stay.

    It tells whether the list has to be written in its newer form.
    """

    def register(function: OlderFormWriter) -> OlderFormWriter:
        _older_forms[name] = function
        return function

    return register


class Owner:
    """The element of a structure while its fields are written.

    Attributes:
        element: the element.
        cls: class of the structure that owns the element; groups that share it keep their
            owner's class, which knows the order of all its children.
    """

    def __init__(self, element: etree._Element, cls: type[msgspec.Struct]) -> None:
        self.element = element
        self.cls = cls


class Writer:
    """Writes structures into the elements of one document.

    Attributes:
        document: the document that is edited.
        minor: version of the format to write.
        was_minor: version of the format in which the document was before.
        required: highest version that one of the edits needs.
        edits: number of edits made.
    """

    def __init__(self, document: Document, minor: int) -> None:
        self.document = document
        self.minor = minor
        self.was_minor = document.version.minor
        self.required = 0
        self.edits = 0
        self.reader = Reader(document.path, minor)
        self._created: set[etree._Element] = set()

    def root(self, element: etree._Element, value: msgspec.Struct, *, created: bool) -> None:
        """Write the structure of the document's content."""
        if created:
            self._created.add(element)
        self.struct(Owner(element, type(value)), value)

    def struct(self, owner: Owner, value: msgspec.Struct) -> None:
        """Write a structure into its element."""
        for plan in plan_of(type(value), self.minor).fields:
            self.field(owner, plan, getattr(value, plan.field.name))

    def field(self, owner: Owner, plan: FieldPlan, value: Any) -> None:
        """Write one field of a structure."""
        field = plan.field
        record = field.declaration
        if isinstance(record, Setting):
            self.setting(owner, plan, value)
        elif isinstance(record, Group):
            self._group(owner, plan, value)
        elif isinstance(record, Items):
            self.items(owner, plan, record, value)
        elif isinstance(record, NameValues):
            self.name_values(owner, plan, value)
        elif isinstance(record, Special):
            _shapes[record.shape](self, owner, plan, value)

    # --- single values -------------------------------------------------------------------------

    def setting(self, owner: Owner, plan: FieldPlan, value: Any) -> None:
        """Write a single value."""
        found = self._find_value(owner, plan)
        if found is not None:
            element, target, text = found
            stays = self._belongs(plan, target)
            if stays and self._means(plan, text, value):
                return
            if stays and not _is_nothing(plan, value):
                self._put(plan, value, element, target)
                return
            self._drop_value(owner, element, target)
            if _is_nothing(plan, value):
                return
        elif not self._must_say(owner, plan, value):
            return
        target = self.place(owner, plan)
        self._put(plan, value, self.element(owner, target.path), target)

    def _must_say(self, owner: Owner, plan: FieldPlan, value: Any) -> bool:
        """Tell whether a value that the document does not hold has to be written."""
        record = plan.field.declaration
        always = isinstance(record, Setting) and record.always
        if value is None or (_is_nothing(plan, value) and not always):
            return False
        if value != plan.absent:
            return True
        introduced = owner.element in self._created or self.was_minor < record.since
        return always and introduced and record.since <= self.minor

    def _find_value(
        self, owner: Owner, plan: FieldPlan
    ) -> tuple[etree._Element, Target, str] | None:
        for target in plan.targets:
            element = editing.child_at(owner.element, target.path)
            if element is None:
                continue
            text = element.get(target.attribute) if target.attribute else element.text
            if text is not None:
                return element, target, text
        return None

    def _means(self, plan: FieldPlan, text: str, value: Any) -> bool:
        try:
            return bool(parse(plan.field, text) == value)
        except BadValueError:
            return False

    def _belongs(self, plan: FieldPlan, target: Target) -> bool:
        """Tell whether a place may stay: it moves only together with the file's version."""
        if self.minor == self.was_minor:
            return True
        valid = [each.since for each in plan.targets if each.since <= self.minor]
        return target.since == max(valid, default=target.since)

    def _put(
        self, plan: FieldPlan, value: Any, element: etree._Element, target: Target
    ) -> None:
        if value != plan.absent:
            self.require(plan, value)
        try:
            text = spell(plan.field, value)
        except BadValueError as error:
            label = plan.field.declaration.label or plan.field.name
            raise SettingsError(
                SettingsErrorCode.INVALID_ARGUMENT, f"{label} cannot be {value!r}: {error}"
            ) from error
        if target.attribute:
            element.set(target.attribute, text)
        else:
            element.text = text
        self.edits += 1

    def _drop_value(self, owner: Owner, element: etree._Element, target: Target) -> None:
        if target.attribute:
            del element.attrib[target.attribute]
        else:
            element.text = None
        self.edits += 1
        if element is not owner.element:
            editing.remove_if_empty(element, owner.element)

    def require(self, plan: FieldPlan, value: Any) -> None:
        """Note that a value needs at least the version of its declaration."""
        record = plan.field.declaration
        needed = record.since
        if isinstance(record, Setting) and isinstance(value, str):
            needed = max(needed, record.choices_since.get(value, 0))
        self.required = max(self.required, needed)

    # --- elements ------------------------------------------------------------------------------

    def place(self, owner: Owner, plan: FieldPlan) -> Target:
        """Return the place where a field is to be written.

        That is the newest one which the version knows; among several of the same version one
        whose element exists, else the last declared.
        """
        usable = [target for target in plan.targets if target.since <= self.minor]
        newest = max((target.since for target in usable), default=0)
        best = [target for target in usable or plan.targets if target.since >= newest]
        for target in best:
            if editing.child_at(owner.element, target.path) is not None:
                return target
        return best[-1]

    def element(self, owner: Owner, path: Path) -> etree._Element:
        """Return the element at a path below an owner, creating what is missing of it."""
        current = owner.element
        for length in range(1, len(path) + 1):
            found = editing.child_at(current, path[length - 1 : length])
            if found is None:
                found = self.create(path[length - 1])
                order = plan_of(owner.cls, self.minor).order
                index = _insertion_index(current, path[:length], order)
                editing.insert(current, found, index)
                self._created.add(found)
                self.edits += 1
            current = found
        return current

    def create(self, name: str) -> etree._Element:
        """Return a new element that is not yet in the tree."""
        element = self.document.root.makeelement(self.document.tag(name))
        self._created.add(element)
        return element

    def created(self, element: etree._Element) -> bool:
        """Tell whether an element was created by this writer."""
        return element in self._created

    def remove(self, element: etree._Element) -> None:
        """Take an element out of the tree."""
        editing.remove(element)
        self.edits += 1

    # --- groups, lists, trees ------------------------------------------------------------------

    def _group(self, owner: Owner, plan: FieldPlan, value: msgspec.Struct) -> None:
        if shares_element(plan.field):
            edits = self.edits
            self.struct(owner, value)
            if self.edits > edits and value != self.reader.struct(type(value), None):
                self.require(plan, value)
            return
        for target in plan.targets:
            element = editing.child_at(owner.element, target.path)
            if element is not None:
                self.struct(Owner(element, type(value)), value)
                return
        if value == self.reader.struct(type(value), None):
            return
        self.require(plan, value)
        element = self.element(owner, self.place(owner, plan).path)
        self.struct(Owner(element, type(value)), value)

    def scope(self, owner: Owner) -> Scope:
        """Return the owner's element with its index, as the reader sees it."""
        return self.reader.scope(owner.cls, owner.element)

    def items(self, owner: Owner, plan: FieldPlan, record: Items, values: list[Any]) -> None:
        """Write a list or tree of structures.

        Raises:
            SettingsError: a value of a tree comes before its parent, or has none.
        """
        if record.older and not _older_forms[record.older](self, owner, plan, values):
            return
        present = self.reader.elements(self.scope(owner), plan)
        if not values and not present:
            return
        matched = self._match(record, plan, present, values)
        if any(element is None for element in matched):
            self.require(plan, values)
        name = plan.targets[0].path[-1]
        target = self._container_target(plan, present)
        by_key: dict[str, etree._Element] = {}
        wanted: dict[etree._Element, list[etree._Element]] = defaultdict(list)
        for value, match in zip(values, matched, strict=True):
            element = match if match is not None else self.create(name)
            container = self._container(owner, record, target, value, by_key)
            self._adopt(owner, container, element)
            wanted[container].append(element)
            if record.parent:
                by_key[getattr(value, record.key[0])] = element
            self.struct(Owner(element, type(value)), value)
        kept = {element for group in wanted.values() for element in group}
        for item in present:
            if item.element not in kept:
                self._discard(owner, item.element)
        for container, elements in wanted.items():
            self._sort(container, elements)

    def _container_target(self, plan: FieldPlan, present: list[TreeItem]) -> Path:
        """Return the path of the container; a list stays where it is unless the file is raised."""
        usable = [target for target in plan.targets if target.since <= self.minor]
        path = max(usable or plan.targets, key=lambda target: target.since).path
        if present and self.minor == self.was_minor:
            for target in plan.targets:
                holder = present[0].element.getparent()
                names = [local_name(present[0].element)]
                while holder is not None and len(names) < len(target.path):
                    names.insert(0, local_name(holder))
                    holder = holder.getparent()
                if tuple(names) == target.path:
                    return target.path[:-1]
        return path[:-1]

    def _container(
        self,
        owner: Owner,
        record: Items,
        path: Path,
        value: Any,
        by_key: dict[str, etree._Element],
    ) -> etree._Element:
        parent = getattr(value, record.parent) if record.parent else ""
        if not parent:
            return self.element(owner, path)
        if parent not in by_key:
            raise SettingsError(
                SettingsErrorCode.INVALID_ARGUMENT,
                f"{parent} is named as a parent but does not come before its children",
            )
        holder = by_key[parent]
        for name in (record.nest or "").split("/"):
            if name:
                below = editing.child_at(holder, [name])
                if below is None:
                    below = self.create(name)
                    editing.append_item(holder, below)
                    self.edits += 1
                holder = below
        return holder

    def _adopt(
        self, owner: Owner, container: etree._Element, element: etree._Element
    ) -> None:
        """Bring an element into its container, after the others of its name."""
        if element.getparent() is container:
            return
        if element.getparent() is not None:
            self._discard(owner, element)
        index = len(container)
        same = editing.children(container, local_name(element))
        if same:
            index = container.index(same[-1]) + 1
        elif container is owner.element:
            path = (local_name(element),)
            index = _insertion_index(container, path, plan_of(owner.cls, self.minor).order)
        editing.insert(container, element, index)
        self.edits += 1

    def _discard(self, owner: Owner, element: etree._Element) -> None:
        """Take an element out of the tree, and its container when nothing is left in it."""
        container = element.getparent()
        self.remove(element)
        if container is not None and container is not owner.element:
            editing.remove_if_empty(container, owner.element)

    def _sort(self, container: etree._Element, wanted: list[etree._Element]) -> None:
        """Bring the elements of a list into the order of their values."""
        chosen = set(wanted)
        present = [element for element in container if element in chosen]
        if present == wanted:
            return
        start = container.index(present[0])
        for element in wanted:
            editing.remove(element)
        for offset, element in enumerate(wanted):
            editing.insert(container, element, min(start + offset, len(container)))
        self.edits += 1

    def _match(
        self, record: Items, plan: FieldPlan, present: list[TreeItem], values: list[Any]
    ) -> list[etree._Element | None]:
        """Find the element of each value: by its key, or by its position without one."""
        if not record.key:
            elements: list[etree._Element | None] = [item.element for item in present]
            missing = max(0, len(values) - len(elements))
            return (elements + [None] * missing)[: len(values)]
        key_plans = [
            each
            for each in plan_of(plan.field.item, self.minor).fields
            if each.field.name in record.key
        ]
        by_key: dict[tuple[Any, ...], list[etree._Element]] = defaultdict(list)
        for item in present:
            scope = self.reader.scope(plan.field.item, item.element)
            key = tuple(self.reader.field(scope, each) for each in key_plans)
            by_key[key].append(item.element)
        result: list[etree._Element | None] = []
        for value in values:
            key = tuple(getattr(value, each.field.name) for each in key_plans)
            same = by_key.get(key)
            result.append(same.pop(0) if same else None)
        return result

    def name_values(self, owner: Owner, plan: FieldPlan, values: dict[str, str]) -> None:
        """Write name/value pairs."""
        present = self.reader.elements(self.scope(owner), plan)
        known: dict[str, etree._Element] = {}
        for item in present:
            name = item.element.get("name", "")
            if name not in values:
                self.remove(item.element)
                continue
            known[name] = item.element
        for name, value in values.items():
            element = known.get(name)
            if element is None:
                self.require(plan, value)
                path = self.place(owner, plan).path
                element = self.create(path[-1])
                self.attribute(element, "name", name)
                editing.append_item(self.element(owner, path[:-1]), element)
                self.edits += 1
            if element.get("value", "") != value or element in self._created:
                self.attribute(element, "value", value)

    def attribute(self, element: etree._Element, name: str, text: str) -> None:
        """Set an attribute.

        Raises:
            SettingsError: the text holds characters that XML cannot hold.
        """
        try:
            element.set(name, checked_text(text))
        except BadValueError as error:
            raise SettingsError(
                SettingsErrorCode.INVALID_ARGUMENT,
                f"attribute {name} of {local_name(element)} cannot be {text!r}: {error}",
            ) from error
        self.edits += 1


def _is_nothing(plan: FieldPlan, value: Any) -> bool:
    """Tell whether a value is said by saying nothing: an empty text whose absence means it."""
    return value is None or (value == "" and plan.absent in ("", None))


def _insertion_index(parent: etree._Element, path: Path, order: dict[Path, int]) -> int:
    """Return the position at which a new child keeps the declared order of its siblings."""
    rank = order.get(path, len(order))
    position = 0
    for index, child in enumerate(parent):
        sibling = (*path[:-1], local_name(child))
        if order.get(sibling, -1) <= rank:
            position = index + 1
    return position
