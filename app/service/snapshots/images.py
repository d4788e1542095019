"""Making, merging and deleting the images of a machine's snapshots, with the image worker."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MediumInfo
from app.service.imagework import (
    IsCancelled,
    ReportProgress,
    ignore_progress,
    never_cancelled,
    run_image_tool,
)
from app.service.library import no_file
from app.service.media import delete_image as remove_image
from app.service.media import make_room_for
from app.service.snapshots.tree import MergeStep, chain_of, children_of

if TYPE_CHECKING:
    from app.service.machine import Machine
    from app.settings.storage import HardDisk, MediaRegistry

_logger = logging.getLogger(__name__)


def path_of(machine: Machine, disk: HardDisk) -> Path:
    """The file of an image.

    Raises:
        ApiError: ``VBOX_E_NOT_SUPPORTED``: the disk is no file.
    """
    path = machine.image_path(disk)
    if path is None:
        raise no_file(disk)
    return path


def allocated(path: Path) -> int:
    """Bytes that a file takes on the host; 0 when there is none."""
    try:
        status = path.stat()
    except OSError:
        return 0
    blocks: int | None = getattr(status, "st_blocks", None)
    return status.st_size if blocks is None else blocks * 512


def create_differences(
    machine: Machine, media: MediaRegistry, new: Iterable[HardDisk]
) -> None:
    """Make differencing images upon those that are recorded as their parents.

    Raises:
        ApiError: One cannot be made; those before it are deleted again.
    """
    made: list[Path] = []
    try:
        for disk in new:
            path = make_room_for(str(path_of(machine, disk)))
            arguments = [
                "create", *_parents(machine, chain_of(media, disk.parent)),
                f"--filename={path}", f"--format={disk.format}", f"--uuid={disk.uuid}",
            ]  # fmt: skip
            run_image_tool(arguments, MediumInfo)
            made.append(path)
    except ApiError:
        delete_files(made)
        raise


def merge(
    machine: Machine,
    media: MediaRegistry,
    upper: str,
    *,
    forward: bool,
    progress: ReportProgress = ignore_progress,
    cancelled: IsCancelled = never_cancelled,
) -> None:
    """Copy between an image and the one that it builds on; headers stay as they are.

    Raises:
        ApiError: What the worker said, or ``E_ABORT``.
    """
    *below, disk = chain_of(media, upper)
    arguments = [
        "merge", *_parents(machine, below),
        f"--direction={'forward' if forward else 'backward'}", "--", str(path_of(machine, disk)),
    ]  # fmt: skip
    run_image_tool(arguments, dict[str, Any], progress, cancelled)


def reparent(
    machine: Machine, media: MediaRegistry, step: MergeStep, *, except_for: Sequence[str] = ()
) -> None:
    """Have the headers of images say on what they build after a merge.

    Args:
        machine: The machine.
        media: Its media before the merge.
        step: The merge.
        except_for: UUIDs of images whose headers are right already.

    Raises:
        ApiError: What the worker said.
    """
    below = chain_of(media, step.lower)
    if step.forward:
        below.pop()
    children = step.uppers if step.forward else [c.uuid for c in children_of(media, step.gone)]
    for child in children:
        if child in except_for:
            continue
        path = path_of(machine, chain_of(media, child)[-1])
        run_image_tool(
            ["reparent", *_parents(machine, below), "--", str(path)], dict[str, Any]
        )


def require_space(machine: Machine, media: MediaRegistry, steps: Iterable[MergeStep]) -> None:
    """Refuse merges for which there is no room.

    Raises:
        ApiError: ``VBOX_E_FILE_ERROR``: tells how much is needed and how much there is.
    """
    needed: dict[str, int] = {}
    for step in steps:
        lower = path_of(machine, chain_of(media, step.lower)[-1])
        for upper in step.uppers:
            path = path_of(machine, chain_of(media, upper)[-1])
            target, source = (path, lower) if step.forward else (lower, path)
            folder = str(target.parent)
            needed[folder] = needed.get(folder, 0) + allocated(source)
    for folder, size in needed.items():
        try:
            free = shutil.disk_usage(folder).free
        except OSError:
            continue  # The worker will say what is wrong with the folder.
        if free < size:
            raise ApiError(
                ErrorCode.VBOX_E_FILE_ERROR,
                f"Merging the images needs up to {size >> 20} MB in '{folder}', and {free >> 20} "
                "MB are free. Nothing was changed.",
                "snapshot",
            )


def delete_image(path: Path) -> None:
    """Delete an image that nobody needs, with all of its files; failing is told in the log."""
    if path.suffix.lower() == ".vdi":
        delete_files([path])
        return
    try:
        remove_image(path)
    except ApiError as error:
        _logger.error("'%s' is not needed any more and stays: %s", path, error)


def delete_files(paths: Iterable[Path]) -> None:
    """Delete files that nobody needs; what cannot be deleted is told in the log."""
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            _logger.error("'%s' is not needed any more and stays: %s", path, error)


def _parents(machine: Machine, chain: Sequence[HardDisk]) -> list[str]:
    return [f"--parent={disk.format}:{os.fspath(path_of(machine, disk))}" for disk in chain]
