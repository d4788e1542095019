"""Edits of an element tree that keep its order of elements and its indentation."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from app.settings.document import local_name

_INDENT = "  "


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """Return the children of an element that have a name, whatever their namespace."""
    return [child for child in element if local_name(child) == name]


def child_at(element: etree._Element, path: Sequence[str]) -> etree._Element | None:
    """Return the first element at a path below an element, ``None`` when there is none."""
    current: etree._Element | None = element
    for name in path:
        if current is None:
            return None
        current = next((child for child in current if local_name(child) == name), None)
    return current


def insert(parent: etree._Element, child: etree._Element, index: int) -> None:
    """Insert a child on a line of its own."""
    depth = sum(1 for _ in parent.iterancestors())
    inner = "\n" + _INDENT * (depth + 1)
    reindent(child, depth + 1)
    if len(parent) == 0:
        if not (parent.text or "").strip():
            parent.text = inner
        child.tail = "\n" + _INDENT * depth
    elif index == 0:
        child.tail = inner
    else:
        before = parent[index - 1]
        child.tail = before.tail
        before.tail = inner
    parent.insert(index, child)


def append_item(parent: etree._Element, child: etree._Element) -> None:
    """Insert a child after all others."""
    insert(parent, child, len(parent))


def remove(element: etree._Element) -> None:
    """Take an element, with its line, out of its parent."""
    parent = element.getparent()
    if parent is None:
        return
    if element.getnext() is None:
        before = element.getprevious()
        if before is not None:
            before.tail = element.tail
        elif not (parent.text or "").strip():
            parent.text = None
    element.tail = None
    parent.remove(element)


def remove_if_empty(element: etree._Element, stop: etree._Element) -> None:
    """Take an element that holds nothing out of the tree, and then its parents up to ``stop``."""
    current: etree._Element | None = element
    while current is not None and current is not stop:
        if len(current) or current.attrib or (current.text or "").strip():
            return
        parent = current.getparent()
        remove(current)
        current = parent


def reindent(element: etree._Element, depth: int) -> None:
    """Indent the descendants of an element for its place in the tree."""
    if len(element) == 0:
        return
    if not (element.text or "").strip():
        element.text = "\n" + _INDENT * (depth + 1)
    for child in element:
        reindent(child, depth + 1)
        if not (child.tail or "").strip():
            last = child.getnext() is None
            child.tail = "\n" + _INDENT * (depth if last else depth + 1)
