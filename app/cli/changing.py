"""Changing the settings of a machine: locked, read, changed, saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.settings.model import MachineSettings


@contextmanager
def changed_settings(context: Context, name_or_id: str) -> Iterator[MachineSettings]:
    """The settings of a machine, which are saved unless the block fails.

    Raises:
        ApiError: There is no such machine, it is locked, or its settings cannot be saved.
    """
    from app.api.structs import LockType

    machine = context.client.machine(context.machine(name_or_id).id)
    machine.lock(LockType.WRITE)
    try:
        settings = machine.get_settings()
        yield settings
        machine.save_settings(settings)
    finally:
        machine.unlock()
