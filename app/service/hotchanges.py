"""Which changes of the settings need a stopped machine.

Each setting declares whether it may change while the machine runs (``hot``). This compares two
versions of a machine's settings and names the changes that may not be made then.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from app.settings.declare import Field, Group, Items, fields_of
from app.settings.enums import DeviceType
from app.settings.hotplug import PlugChange, plug_changes
from app.settings.model import MachineSettings, MediumAttachment


class Slot(NamedTuple):
    """Where a drive is."""

    controller: str
    port: int
    device: int


def cold_changes(
    old: MachineSettings, new: MachineSettings, *, hot_plug: bool = True
) -> list[str]:
    """Names of the changed settings that need a stopped machine, as people know them.

    Args:
        old: the settings as they are.
        new: the settings as they shall be.
        hot_plug: hot-pluggable drives may come and go.
    """
    plugs = plug_changes(old.hardware, new.hardware)
    if hot_plug and plugs:
        refused = [_name_of(change) for change in plugs if not change.is_hot]
        others = _cold(_plugged(old, plugs), _plugged(new, []), ignore="media")
        return list(dict.fromkeys([*others, *refused]))
    # Registering a medium changes nothing for the guest; putting it into a drive does.
    return list(dict.fromkeys(_cold(old, new, ignore="media")))


def _name_of(change: PlugChange) -> str:
    drive = change.gone or change.come
    assert drive is not None
    return (
        f"the drive at port {drive.port}, device {drive.device} of '{change.controller.name}', "
        "which is not hot-pluggable"
    )


def _plugged(settings: MachineSettings, plugs: list[PlugChange]) -> MachineSettings:
    """The settings without the drives that have gone, with those that have come, in order."""
    settings = copy.deepcopy(settings)
    for controller, gone, come in plugs:
        present = settings.hardware.controller(controller.name)
        assert present is not None
        if gone is not None:
            present.attachments.remove(gone)
        if come is not None:
            present.attachments.append(come)
    for present in settings.hardware.storage_controllers:
        present.attachments.sort(key=lambda drive: (drive.port, drive.device))
    return settings


def medium_changes(
    old: MachineSettings, new: MachineSettings
) -> Iterator[tuple[Slot, MediumAttachment]]:
    """Removable drives whose medium differs, as the new settings have them."""
    for controller in new.hardware.storage_controllers:
        before = old.hardware.controller(controller.name)
        for drive in controller.attachments:
            was = before.attachment(drive.port, drive.device) if before is not None else None
            if drive.type == DeviceType.HARD_DISK:
                continue  # it is exchanged as a whole
            if was is not None and (was.medium, was.host_drive) != (drive.medium, drive.host_drive):
                yield Slot(controller.name, drive.port, drive.device), drive


def _cold(old: msgspec.Struct, new: msgspec.Struct, ignore: str = "") -> Iterator[str]:
    for field in fields_of(type(old)):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before == after or field.name == ignore:
            continue
        if isinstance(field.declaration, Group) or isinstance(before, msgspec.Struct):
            yield from _cold(before, after)
        elif _same_items(field, before, after):
            for item_before, item_after in zip(before, after, strict=True):
                yield from _cold(item_before, item_after)
        elif not field.declaration.hot or _is_fixed_disk(old):
            yield field.declaration.label or field.name


def _same_items(field: Field, before: Any, after: Any) -> bool:
    record = field.declaration
    if not isinstance(record, Items) or field.item is None or not record.key:
        return False
    return [_key(record, item) for item in before] == [_key(record, item) for item in after]


def _key(record: Items, item: msgspec.Struct) -> tuple[Any, ...]:
    return tuple(getattr(item, name) for name in record.key)


def _is_fixed_disk(owner: msgspec.Struct) -> bool:
    return isinstance(owner, MediumAttachment) and owner.type == DeviceType.HARD_DISK
