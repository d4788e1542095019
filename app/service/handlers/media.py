"""``virtualbox``: the methods that concern media."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.structs import (
    DeviceType,
    HostDrive,
    MediumFormatInfo,
    MediumInfo,
    MediumVariant,
)
from app.service import media
from app.service.dispatch import CallContext, Style, handler
from app.service.host.drives import host_drives
from app.service.library import REMOVABLE_TYPES


@handler("virtualbox.list_media", Style.WORKER)
def _list_media(context: CallContext, device_type: DeviceType) -> list[MediumInfo]:
    library = context.service.library
    return library.describe(library.listed(device_type))


@handler("virtualbox.find_medium", Style.WORKER)
def _find_medium(
    context: CallContext, location: str, device_type: DeviceType | None
) -> MediumInfo:
    library = context.service.library
    return library.describe([library.require(location, device_type)])[0]


@handler("virtualbox.create_medium", Style.WORKER, operation="Creating medium")
def _create_medium(
    context: CallContext,
    path: str,
    size_bytes: int,
    format: str,  # noqa: A002 - name on the wire
    variant: MediumVariant,
    device_type: DeviceType | None,
    register: bool,
    formatted: bool,
    parent: str,
) -> MediumInfo:
    if parent:
        return _create_difference(context, path, format, parent, register=register)
    made = media.create_medium(
        path,
        size_bytes,
        format,
        variant,
        device_type=device_type or DeviceType.HARD_DISK,
        formatted=formatted,
        progress=lambda percent: context.progress(percent, f"Creating '{os.path.basename(path)}'"),
        cancelled=context.cancelled.is_set,
    )
    return _registered(context, made) if register else made


def _create_difference(
    context: CallContext, path: str, image_format: str, parent: str, *, register: bool
) -> MediumInfo:
    library = context.service.library
    below = library.require(parent, DeviceType.HARD_DISK)
    images = [(each.format, each.path) for each in library.images(below)]
    made = media.create_difference(images, media.require_absolute(path, "medium"), image_format)
    return _registered(context, made) if register else made


@handler("virtualbox.open_medium", Style.WORKER)
def _open_medium(
    context: CallContext, path: str, device_type: DeviceType, register: bool
) -> MediumInfo:
    library = context.service.library
    known = library.find(path, device_type)
    if known is not None and register:
        return library.describe([known])[0]
    file = media.require_absolute(path, "medium")
    if not file.exists():
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"Could not find file for the medium '{file}' (VERR_FILE_NOT_FOUND)",
            "medium",
        )
    info = media.open_medium(path, device_type, cancelled=context.cancelled.is_set)
    if register:
        return _registered(context, info)
    return msgspec.structs.replace(info, type=REMOVABLE_TYPES.get(device_type, info.type))


@handler("virtualbox.convert_from_raw", Style.WORKER, operation="Converting from raw image file")
def _convert_from_raw(
    context: CallContext,
    source: str,
    path: str,
    format: str,  # noqa: A002 - name on the wire
    variant: MediumVariant,
    image_id: str,
) -> MediumInfo:
    return media.convert_from_raw(
        source,
        path,
        format,
        variant,
        image_id=image_id,
        progress=context.progress,
        cancelled=context.cancelled.is_set,
    )


@handler("virtualbox.list_medium_formats", Style.WORKER)
def _list_medium_formats(_context: CallContext) -> list[MediumFormatInfo]:
    return media.medium_formats()


@handler("virtualbox.list_host_drives", Style.WORKER)
def _list_host_drives(_context: CallContext, device_type: DeviceType) -> list[HostDrive]:
    return host_drives(device_type)


@handler("virtualbox.set_image_uuid", Style.WORKER)
def _set_image_uuid(context: CallContext, path: str, image_id: str) -> str:
    file = media.require_absolute(path, "medium")
    known = context.service.library.find(str(file))
    if known is not None and known.uses:
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_IN_USE,
            f"Medium '{known.path}' is attached to {len(known.uses)} virtual machines; its UUID "
            "cannot be changed.",
            "medium",
        )
    try:
        wanted = str(uuid.UUID(image_id)) if image_id else str(uuid.uuid4())
    except ValueError as error:
        raise ApiError(ErrorCode.E_INVALIDARG, f"'{image_id}' is not a UUID.", "medium") from error
    media.set_medium_ids(Path(file), wanted)
    return wanted


def _registered(context: CallContext, info: MediumInfo) -> MediumInfo:
    medium = context.service.media_changes.register(info)
    return context.service.library.describe_new(medium, info)
