"""Settings that two have changed at once: what each of them changed counts.

The three versions are *base*, which both started from, *theirs* and *ours*. A list whose items have
keys is merged item by item; everything else that both changed differently is a conflict.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

from app.settings.declare import Field, Items, fields_of

_S = TypeVar("_S", bound=msgspec.Struct)

_ABSENT: Final = object()


def merge(base: _S, theirs: _S, ours: _S) -> tuple[_S, list[str]]:
    """Settings with the changes of both.

    Returns:
        The settings, in which ours counts where both changed the same, and the names of those
        settings as people know them.
    """
    conflicts: dict[str, None] = {}
    return _struct(base, theirs, ours, conflicts), list(conflicts)


def _struct(base: Any, theirs: Any, ours: Any, conflicts: dict[str, None]) -> Any:
    declared = {field.name: field for field in fields_of(type(ours))}
    changes: dict[str, Any] = {}
    for name in ours.__struct_fields__:
        versions = getattr(base, name), getattr(theirs, name), getattr(ours, name)
        merged = _value(*versions, declared.get(name), name, conflicts)
        if merged is not versions[2]:
            changes[name] = merged
    return msgspec.structs.replace(ours, **changes) if changes else ours


def _value(
    base: Any, theirs: Any, ours: Any, field: Field | None, name: str, conflicts: dict[str, None]
) -> Any:
    if theirs in (base, ours):
        return ours
    if ours == base:
        return theirs
    if isinstance(ours, msgspec.Struct) and type(base) is type(theirs) is type(ours):
        return _struct(base, theirs, ours, conflicts)
    if isinstance(ours, dict) and isinstance(theirs, dict) and isinstance(base, dict):
        return _keyed(base, theirs, ours, name, conflicts)
    if field is not None and isinstance(field.declaration, Items) and field.declaration.key:
        merged = _items(base, theirs, ours, field, name, conflicts)
        if merged is not None:
            return merged
    conflicts[_label(field, name)] = None
    return ours


def _items(
    base: list[Any],
    theirs: list[Any],
    ours: list[Any],
    field: Field,
    name: str,
    conflicts: dict[str, None],
) -> list[Any] | None:
    """Lists merged item by item; None when the items cannot be told apart."""
    assert isinstance(field.declaration, Items)
    key = field.declaration.key
    was, theirs_by, ours_by = _by_key(base, key), _by_key(theirs, key), _by_key(ours, key)
    if (len(was), len(theirs_by), len(ours_by)) != (len(base), len(theirs), len(ours)):
        return None
    return list(_keyed(was, theirs_by, ours_by, _label(field, name), conflicts).values())


def _keyed(
    base: dict[Any, Any],
    theirs: dict[Any, Any],
    ours: dict[Any, Any],
    name: str,
    conflicts: dict[str, None],
) -> dict[Any, Any]:
    """Entries in the order of ours; what only they have comes last."""
    merged: dict[Any, Any] = {}
    for key in (*ours, *(key for key in theirs if key not in ours)):
        was, other = base.get(key, _ABSENT), theirs.get(key, _ABSENT)
        value = _value(was, other, ours.get(key, _ABSENT), None, name, conflicts)
        if value is not _ABSENT:
            merged[key] = value
    return merged


def _by_key(items: list[Any], key: tuple[str, ...]) -> dict[Any, Any]:
    return {tuple(getattr(item, name) for name in key): item for item in items}


def _label(field: Field | None, name: str) -> str:
    return field.declaration.label or name if field is not None else name
