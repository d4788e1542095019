"""What differs between two settings, and whether a running machine may follow."""

from __future__ import annotations

from typing import Any

import msgspec

from app.settings.declare import Field, Items, fields_of
from app.settings.enums import DeviceType
from app.settings.hotplug import is_hot_pluggable
from app.settings.storage import MediumAttachment, StorageController


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that differs.

    Attributes:
        path: place in the tree, for example ``hardware.display.vram_mb``; items of lists are
            named by their keys: ``hardware.storage_controllers[IDE].attachments[1,0].medium``.
        label: caption of the setting, or its path when it has none.
        hot: a running machine may follow this change.
    """

    path: str
    label: str
    hot: bool


def changes(before: msgspec.Struct, after: msgspec.Struct) -> list[Change]:
    """Return the settings that differ, in their order of declaration."""
    found: list[Change] = []
    _compare(before, after, "", found)
    return found


def cold_changes(before: msgspec.Struct, after: msgspec.Struct) -> list[Change]:
    """Return the differences that only a stopped machine can follow."""
    return [change for change in changes(before, after) if not change.hot]


def _compare(before: Any, after: Any, prefix: str, found: list[Change]) -> None:
    for field in fields_of(type(before)):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old == new:
            continue
        path = f"{prefix}{field.name}"
        record = field.declaration
        if isinstance(record, Items):
            _compare_items(before, field, path, getattr(after, field.name), found)
        elif isinstance(old, msgspec.Struct):
            _compare(old, new, f"{path}.", found)
        else:
            found.append(_change(field, path, hot=record.hot and _may_follow(before, field)))


def _compare_items(
    owner: Any, field: Field, path: str, new: list[Any], found: list[Change]
) -> None:
    record, old = field.declaration, getattr(owner, field.name)
    assert isinstance(record, Items)
    if not record.key:
        found.append(_change(field, path, hot=record.hot))
        return
    olds = {_key(item, record): item for item in old}
    news = {_key(item, record): item for item in new}
    for key, item in olds.items():
        if key in news and news[key] != item:
            _compare(item, news[key], f"{path}[{key}].", found)
    found.extend(
        _change(field, f"{path}[{key}]", hot=record.hot or _may_come_and_go(owner, item))
        for key, item in (*olds.items(), *news.items())
        if (key in olds) != (key in news)
    )
    if list(olds) != list(news) and olds.keys() == news.keys():
        found.append(_change(field, path, hot=record.hot))


def _key(item: Any, record: Items) -> str:
    return ",".join(str(getattr(item, name)) for name in record.key)


def _change(field: Field, path: str, *, hot: bool) -> Change:
    return Change(path=path, label=field.declaration.label or path, hot=hot)


def _may_follow(owner: Any, field: Field) -> bool:
    """Media change while the machine runs in removable drives, and hard disks as hot plug."""
    if isinstance(owner, MediumAttachment) and field.name in ("medium", "host_drive"):
        return owner.type != DeviceType.HARD_DISK or owner.hotpluggable
    return True


def _may_come_and_go(owner: Any, item: Any) -> bool:
    return isinstance(owner, StorageController) and is_hot_pluggable(owner, item)
