"""``medium``: one known image."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from app.api.errors import ApiError, ErrorCode
from app.api.events import MediumConfigChanged
from app.api.structs import DeviceType, MediumInfo, MediumVariant
from app.service import media
from app.service.dispatch import CallContext, Style, handler
from app.service.library import require_files
from app.service.mediachanges import require_idle
from app.settings.storage import HardDisk

if TYPE_CHECKING:
    from app.service.library import KnownMedium, Record


def _find(context: CallContext, id: str) -> tuple[KnownMedium, MediumInfo]:  # noqa: A002
    library = context.service.library
    medium = library.require(id)
    return medium, library.describe([medium])[0]


def _changed(context: CallContext, medium: KnownMedium) -> None:
    context.service.hub.fire(MediumConfigChanged(id=medium.id))


@handler("medium.get_info", Style.WORKER)
def _get_info(context: CallContext, id: str) -> MediumInfo:  # noqa: A002
    return _find(context, id)[1]


@handler("medium.set_type", Style.WORKER)
def _set_type(context: CallContext, id: str, type: str) -> None:  # noqa: A002
    context.service.media_changes.set_type(_find(context, id)[1], type)


@handler("medium.set_auto_reset", Style.WORKER)
def _set_auto_reset(context: CallContext, id: str, auto_reset: bool) -> None:  # noqa: A002
    medium = context.service.library.require(id)
    if not medium.parent_id:
        raise ApiError(
            ErrorCode.VBOX_E_NOT_SUPPORTED, f"Medium '{medium.path}' is not differencing", "medium"
        )

    def change(record: Record) -> None:
        if isinstance(record, HardDisk):
            record.auto_reset = auto_reset

    context.service.media_changes.edit(medium, change)


@handler("medium.set_description", Style.WORKER)
def _set_description(context: CallContext, id: str, description: str) -> None:  # noqa: A002
    medium = context.service.library.require(id)

    def change(record: Record) -> None:
        record.description = description

    context.service.media_changes.edit(medium, change)


@handler("medium.set_property", Style.WORKER)
def _set_property(context: CallContext, id: str, name: str, value: str) -> None:  # noqa: A002
    medium = context.service.library.require(id)
    if medium.device_type is not DeviceType.HARD_DISK:
        raise ApiError(
            ErrorCode.VBOX_E_NOT_SUPPORTED,
            f"Only hard disks have properties, and '{medium.path}' is none.",
            "medium",
        )
    if not name:
        raise ApiError(ErrorCode.E_INVALIDARG, "A property needs a name.", "medium")

    def change(record: Record) -> None:
        if not isinstance(record, HardDisk):
            return
        record.properties.pop(name, None)
        if value:
            record.properties[name] = value

    context.service.media_changes.edit(medium, change)


@handler("medium.set_location", Style.WORKER)
def _set_location(context: CallContext, id: str, path: str) -> None:  # noqa: A002
    medium = context.service.library.require(id)
    require_files([medium])
    context.service.media_changes.relocate(medium, media.require_absolute(path, "medium"))
    _changed(context, medium)


@handler("medium.set_ids", Style.WORKER)
def _set_ids(context: CallContext, id: str, image_id: str, parent_id: str) -> str:  # noqa: A002
    medium, info = _find(context, id)
    _require_unused(info)
    for text in (image_id, parent_id):
        _check_uuid(text)
    media.set_medium_ids(medium.path, image_id, parent_id)
    wanted = str(uuid.UUID(image_id)) if image_id else medium.id
    if wanted != medium.id or parent_id:

        def change(record: Record) -> None:
            record.uuid = wanted
            if parent_id and isinstance(record, HardDisk):
                record.parent = str(uuid.UUID(parent_id))

        context.service.media_changes.edit(medium, change)
    return wanted


@handler("medium.resize", Style.WORKER, operation="Resizing medium")
def _resize(context: CallContext, id: str, size_bytes: int) -> None:  # noqa: A002
    medium, info = _find(context, id)
    require_idle(info)
    if info.children:
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_IN_USE,
            f"Cannot resize medium '{info.path}' because it has {len(info.children)} child media",
            "medium",
        )
    if size_bytes <= 0:
        raise ApiError(
            ErrorCode.E_INVALIDARG, f"A disk cannot have {size_bytes} bytes.", "medium"
        )
    media.resize_medium(medium.path, size_bytes, context.progress, context.cancelled.is_set)
    _changed(context, medium)


@handler("medium.compact", Style.WORKER, operation="Compacting medium")
def _compact(context: CallContext, id: str) -> None:  # noqa: A002
    medium, info = _find(context, id)
    require_idle(info)
    media.compact_medium(medium.path, context.progress, context.cancelled.is_set)
    _changed(context, medium)


@handler("medium.clone_to", Style.WORKER, operation="Creating clone medium")
def _clone_to(
    context: CallContext,
    id: str,  # noqa: A002 - name on the wire
    path: str,
    format: str,  # noqa: A002
    variant: MediumVariant,
) -> MediumInfo:
    medium = context.service.library.require(id)
    chain = context.service.library.images(medium)
    made = media.clone_medium(
        str(medium.path),
        path,
        format,
        variant,
        device_type=medium.device_type,
        bases=[str(below.path) for below in chain[:-1]],
        progress=context.progress,
        cancelled=context.cancelled.is_set,
    )
    known = context.service.media_changes.register(made)
    return context.service.library.describe_new(known, made)


@handler("medium.clone_over", Style.WORKER, operation="Creating clone medium")
def _clone_over(context: CallContext, id: str, target_id: str) -> MediumInfo:  # noqa: A002
    library = context.service.library
    medium = library.require(id)
    target, info = _find(context, target_id)
    _require_unused(info)
    media.clone_over(
        [str(below.path) for below in library.images(medium)],
        target.path,
        context.progress,
        context.cancelled.is_set,
    )
    _changed(context, target)
    return library.describe([target])[0]


@handler("medium.move_to", Style.WORKER, operation="Moving medium")
def _move_to(context: CallContext, id: str, path: str) -> None:  # noqa: A002
    medium, info = _find(context, id)
    require_files([medium])
    require_idle(info)
    target = media.require_absolute(path, "medium")
    if path.endswith(os.sep) or target.is_dir():
        target = target / medium.path.name
    if target == medium.path:
        return
    media.move_medium(medium.path, str(target), context.progress, context.cancelled.is_set)
    context.service.media_changes.relocate(medium, Path(target))
    _changed(context, medium)


@handler("medium.close", Style.WORKER)
def _close(context: CallContext, id: str) -> None:  # noqa: A002
    context.service.media_changes.close(context.service.library.require(id))


@handler("medium.delete_storage", Style.WORKER, operation="Deleting medium", cancelable=False)
def _delete_storage(context: CallContext, id: str) -> None:  # noqa: A002
    context.service.media_changes.delete_storage(context.service.library.require(id))


def _require_unused(info: MediumInfo) -> None:
    require_idle(info)
    if info.children or info.uses:
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_IN_USE,
            f"Medium '{info.path}' is used by {len(info.uses)} virtual machines and has "
            f"{len(info.children)} child media",
            "medium",
        )


def _check_uuid(text: str) -> None:
    try:
        uuid.UUID(text or str(uuid.UUID(int=1)))
    except ValueError as error:
        raise ApiError(ErrorCode.E_INVALIDARG, f"'{text}' is not a UUID.", "medium") from error
