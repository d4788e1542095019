"""Creating, copying, changing and looking at disk images; which of them are known is not asked.

:mod:`app.service.imagework` has the work done.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.api.errors import ApiError, ErrorCode
from app.api.structs import DeviceType, MediumFormatInfo, MediumInfo, MediumVariant
from app.service.imagework import (
    IsCancelled,
    ReportProgress,
    ignore_progress,
    never_cancelled,
    run_image_tool,
)
from app.service.mediumfacts import TOOL_TYPES


def create_medium(
    path: str,
    size_bytes: int,
    format_name: str,
    variant: MediumVariant,
    *,
    device_type: DeviceType = DeviceType.HARD_DISK,
    formatted: bool = False,
    progress: ReportProgress = ignore_progress,
    cancelled: IsCancelled = never_cancelled,
) -> MediumInfo:
    """Create an image; see ``virtualbox.create_medium``."""
    if size_bytes <= 0:
        raise ApiError(
            ErrorCode.E_INVALIDARG, f"A disk of {size_bytes} bytes cannot be created.", "medium"
        )
    file = make_room_for(path)
    arguments = [
        "create", f"--filename={file}", f"--size-bytes={size_bytes}", f"--format={format_name}",
        f"--variant={variant}", f"--type={TOOL_TYPES[device_type]}",
        *(["--formatted"] if formatted else []),
    ]  # fmt: skip
    return run_image_tool(arguments, MediumInfo, progress, cancelled)


def open_medium(
    path: str, device_type: DeviceType, *, cancelled: IsCancelled = never_cancelled
) -> MediumInfo:
    """Look at an image; see ``virtualbox.open_medium``."""
    file = require_absolute(path, "medium")
    arguments = ["info", f"--type={TOOL_TYPES[device_type]}", "--", str(file)]
    return run_image_tool(arguments, MediumInfo, cancelled=cancelled)


def clone_medium(
    source: str,
    target: str,
    format_name: str,
    variant: MediumVariant = MediumVariant.STANDARD,
    *,
    device_type: DeviceType = DeviceType.HARD_DISK,
    bases: Sequence[str] = (),
    image_id: str = "",
    progress: ReportProgress = ignore_progress,
    cancelled: IsCancelled = never_cancelled,
) -> MediumInfo:
    """Copy what a guest would read in an image into a new, complete one with a UUID of its own.

    Args:
        source: Image, not in use for writing.
        target: New file; its folder is made when missing.
        format_name: Format of the new image.
        variant: Its allocation.
        device_type: Kind of drive both are for.
        bases: Images that a differencing ``source`` builds on, the base first.
        image_id: UUID of the new image; empty: a new one.
        progress: Called with 0 to 100.
        cancelled: Asked now and then; no file is left when it says so.

    Raises:
        ApiError: ``VBOX_E_FILE_ERROR`` (exists, disk full...), ``VBOX_E_OBJECT_IN_USE`` (a VM
            writes to the source), ``E_INVALIDARG`` (format or variant), ``E_ABORT`` (cancelled).
    """
    arguments = [
        "clone", *(f"--base={base}" for base in bases), f"--target={make_room_for(target)}",
        f"--format={format_name}", f"--variant={variant}", f"--type={TOOL_TYPES[device_type]}",
        *([f"--uuid={image_id}"] if image_id else []),
        "--", str(require_absolute(source, "medium")),
    ]  # fmt: skip
    return run_image_tool(arguments, MediumInfo, progress, cancelled)


def create_difference(
    parents: Sequence[tuple[str, Path]], target: Path, format_name: str, image_id: str = ""
) -> MediumInfo:
    """Make an image that holds differences to others, and nothing yet.

    Args:
        parents: Format and file of the images that it builds on, the base first.
        target: New file.
        format_name: Its format.
        image_id: Its UUID; empty: a new one.

    Raises:
        ApiError: What the image worker said; no file is left.
    """
    arguments = [
        "create", *_images("parent", parents), f"--filename={make_room_for(str(target))}",
        f"--format={format_name}", *([f"--uuid={image_id}"] if image_id else []),
    ]  # fmt: skip
    return run_image_tool(arguments, MediumInfo)


def clone_difference(
    sources: Sequence[tuple[str, Path]],
    parents: Sequence[tuple[str, Path]],
    target: Path,
    image_id: str,
    progress: ReportProgress,
    cancelled: IsCancelled,
) -> str:
    """Copy what the last of ``sources`` holds itself into a new image upon copies of the others.

    Returns:
        Its UUID.

    Raises:
        ApiError: What the image worker said, or ``E_ABORT``; no file is left.
    """
    arguments = [
        "clone-difference", *_images("source", sources), *_images("parent", parents),
        f"--target={make_room_for(str(target))}", f"--uuid={image_id}",
    ]  # fmt: skip
    return run_image_tool(arguments, MediumInfo, progress, cancelled).id


def _images(option: str, images: Sequence[tuple[str, Path]]) -> list[str]:
    return [f"--{option}={image_format}:{path}" for image_format, path in images]


def clone_over(
    chain: Sequence[str], target: Path, progress: ReportProgress, cancelled: IsCancelled
) -> None:
    """Give an existing image the contents of the last of ``chain``, as much as fits."""
    arguments = [
        "clone", *(f"--base={base}" for base in chain[:-1]), f"--target={target}", "--existing",
        "--", chain[-1],
    ]  # fmt: skip
    _change(arguments, progress, cancelled)


@functools.cache
def medium_formats() -> list[MediumFormatInfo]:
    """Formats that the engine knows, one entry for each kind of drive."""
    return run_image_tool(["formats"], list[MediumFormatInfo])


def convert_from_raw(
    source: str,
    target: str,
    format_name: str,
    variant: MediumVariant,
    *,
    image_id: str = "",
    progress: ReportProgress = ignore_progress,
    cancelled: IsCancelled = never_cancelled,
) -> MediumInfo:
    """Make an image of the bytes of a file; see ``virtualbox.convert_from_raw``."""
    arguments = [
        "convert", f"--target={make_room_for(target)}", f"--format={format_name}",
        f"--variant={variant}", *([f"--uuid={image_id}"] if image_id else []),
        "--", str(require_absolute(source, "medium")),
    ]  # fmt: skip
    return run_image_tool(arguments, MediumInfo, progress, cancelled)


def resize_medium(
    path: Path, size_bytes: int, progress: ReportProgress, cancelled: IsCancelled
) -> None:
    """Make the disk of an image larger."""
    _change(["resize", f"--size-bytes={size_bytes}", "--", str(path)], progress, cancelled)


def compact_medium(path: Path, progress: ReportProgress, cancelled: IsCancelled) -> None:
    """Write an image anew without blocks of zeros."""
    _change(["compact", "--", str(path)], progress, cancelled)


def move_medium(
    path: Path, target: str, progress: ReportProgress, cancelled: IsCancelled
) -> None:
    """Give an image another name or place."""
    _change(["move", f"--target={make_room_for(target)}", "--", str(path)], progress, cancelled)


def delete_image(path: Path) -> None:
    """Remove an image with all of its files; nothing happens when it is not there."""
    if path.exists():
        _change(["delete", "--", str(path)], ignore_progress, never_cancelled)


def set_medium_ids(path: Path, image_id: str = "", parent_id: str = "") -> None:
    """Store other UUIDs in an image; empty: no change."""
    arguments = ["set-ids"]
    arguments += [f"--uuid={image_id}"] if image_id else []
    arguments += [f"--parent-uuid={parent_id}"] if parent_id else []
    _change([*arguments, "--", str(path)], ignore_progress, never_cancelled)


def _change(arguments: list[str], progress: ReportProgress, cancelled: IsCancelled) -> None:
    run_image_tool(arguments, dict[str, Any], progress, cancelled)


def make_room_for(path: str) -> Path:
    """``path`` as a normal absolute path whose folder exists.

    Raises:
        ApiError: ``E_INVALIDARG`` (relative), ``VBOX_E_FILE_ERROR`` (no folder can be made there).
    """
    file = require_absolute(path, "medium")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The folder '{file.parent}' cannot be made: {error.strerror}.",
            "medium",
        ) from error
    return file


def require_absolute(path: str, component: str) -> Path:
    """``path`` as a normal absolute path.

    Raises:
        ApiError: ``E_INVALIDARG``: it is relative or holds a zero byte.
    """
    if "\0" in path or not os.path.isabs(path):
        raise ApiError(
            ErrorCode.E_INVALIDARG, f"'{path}' is not an absolute path.", component
        )
    return Path(os.path.normpath(path))
