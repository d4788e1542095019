"""Moving a machine to another folder, with all its files.

On one file system the folder is renamed. To another one everything is copied under a temporary
name, compared, renamed and registered before anything of the source is deleted: whenever it fails
or is killed, one place holds the whole machine, and the registry names that place.

A folder that is not the machine's alone (the settings file lies among other things) stays; only
files of the machine go.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from app.api.errors import ApiError, ErrorCode
from app.service.filecopy import copy_entries, entries_below, size_of, sync_folder
from app.service.files import delete_files, media_of, real_path
from app.service.holding import held
from app.service.media import require_absolute
from app.service.relocation import (
    move_files,
    move_files_back,
    owns_folder,
    with_relative_places,
)

if TYPE_CHECKING:
    from app.api.structs import MachineInfo
    from app.service.dispatch import CallContext
    from app.service.machine import Machine
    from app.service.registry import Registry
    from app.settings.model import MachineSettings

_logger = logging.getLogger(__name__)


def move_machine(context: CallContext, machine: Machine, folder: str | None) -> MachineInfo:
    """Move a machine into a folder; see ``machine.move``."""
    if folder is None:
        return machine.info
    registry = context.service.registry
    source = machine.folder
    with held(machine, context.peer):
        machine.require_accessible()
        alone = owns_folder(machine, registry)
        name = source.name if alone else machine.path.stem
        target = require_absolute(folder, "machine") / name
        if target == source:
            return machine.info
        _check_target(source, target, owns_folder=alone)
        _check_unshared(machine, registry)
        _make_base(target.parent)
        if not (alone and _rename(context, machine, target)):
            _copy_and_delete(context, machine, target, owns_folder=alone)
    _logger.info("'%s' was moved from '%s' to '%s'", machine.info.name, source, target)
    return machine.info


def _check_target(source: Path, target: Path, *, owns_folder: bool) -> None:
    if owns_folder and target.is_relative_to(source):
        raise ApiError(
            ErrorCode.E_INVALIDARG,
            f"The folder '{source}' cannot be moved into itself.",
            "machine",
        )
    if os.path.lexists(target):
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The folder '{target}' exists already; the machine was not moved.",
            "machine",
        )


def _check_unshared(machine: Machine, registry: Registry) -> None:
    """Refuse when another machine would no longer find its media."""
    folder = real_path(machine.folder)
    for other in registry.machines():
        if other is machine:
            continue
        for path in media_of(other):
            if path.is_relative_to(folder):
                raise ApiError(
                    ErrorCode.VBOX_E_OBJECT_IN_USE,
                    f"The machine '{other.info.name}' uses '{path}', which would be moved away.",
                    "machine",
                )


def _make_base(base: Path) -> None:
    try:
        base.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _file_error(f"The folder '{base}' cannot be made: {error.strerror}.") from error


def _rename(context: CallContext, machine: Machine, target: Path) -> bool:
    """Rename the folder; False when the target is on another file system."""
    source = machine.folder
    before = machine.settings
    place, old = target / machine.path.name, machine.path
    with context.service.registry.relocations.remembered(machine, place, before.name):
        try:
            move_files(old, place)
        except OSError as error:
            if error.errno == errno.EXDEV:
                return False
            raise _file_error(
                f"The folder '{source}' cannot be moved to '{target}': {error.strerror}."
            ) from error
        try:
            _settle(context, machine, place, with_relative_places(before, source))
        except BaseException:
            with machine.lock:
                move_files_back(machine, place, old, before)
            raise
    sync_folder(target.parent)
    return True


def _copy_and_delete(
    context: CallContext, machine: Machine, target: Path, *, owns_folder: bool
) -> None:
    source = machine.folder
    before = machine.settings
    old_path = machine.path
    entries = (
        list(entries_below(source))
        if owns_folder
        else _with_folders(source, context.service.registry.files_of(machine))
    )
    temporary = target.with_name(f".vitrine-{secrets.token_hex(8)}.tmp")
    try:
        temporary.mkdir(mode=0o700)
        _copy(context, source, temporary, entries)
        context.check_cancelled()
        temporary.rename(target)
    except BaseException as error:
        shutil.rmtree(temporary, ignore_errors=True)
        if isinstance(error, OSError):
            raise _file_error(f"'{target}' cannot be made: {error.strerror}.") from error
        raise
    sync_folder(target.parent)
    try:
        _settle(context, machine, target / old_path.name, with_relative_places(before, source))
    except BaseException:
        with machine.lock:
            machine.moved(old_path)
        shutil.rmtree(target, ignore_errors=True)
        raise
    _delete_source(source, entries, whole=owns_folder)


def _with_folders(source: Path, files: list[Path]) -> list[Path]:
    """Files below a folder with the folders that they need, those first."""
    needed: dict[Path, None] = {}
    for file in files:
        if file == source or not file.is_relative_to(source):
            continue
        for parent in reversed(file.relative_to(source).parents[:-1]):
            needed[source / parent] = None
        needed[file] = None
    return list(needed)


def _copy(context: CallContext, source: Path, target: Path, entries: list[Path]) -> None:
    total = size_of(entries)
    free = shutil.disk_usage(target).free
    if total > free:
        raise _file_error(
            f"The machine needs {total >> 20} MB, but only {free >> 20} MB are free in "
            f"'{target.parent}'."
        )
    done = 0

    def report(count: int) -> None:
        nonlocal done
        context.check_cancelled()
        done += count
        # Each byte is told twice: when it is written and when it is compared.
        context.progress(min(99, done * 99 // (2 * total or 1)), "Copying files")

    copy_entries(source, target, entries, report)


def _settle(
    context: CallContext, machine: Machine, path: Path, settings: MachineSettings
) -> None:
    """The machine lives at ``path`` now: tell its file, the registry and everybody."""
    registry = context.service.registry
    with registry.lock, machine.lock:
        old_folder = machine.folder
        machine.moved(path)
        machine.write_settings(settings)
        registry.renamed(machine, path, old_folder)


def _delete_source(source: Path, entries: list[Path], *, whole: bool) -> None:
    """Delete what was copied; what cannot be deleted is only in the way, so it fails nothing."""
    doomed = list(reversed(entries))
    try:
        delete_files([*doomed, source] if whole else doomed)
    except ApiError as error:
        _logger.warning("%s", error)


def _file_error(sentence: str) -> ApiError:
    return ApiError(ErrorCode.VBOX_E_FILE_ERROR, sentence, "machine")
