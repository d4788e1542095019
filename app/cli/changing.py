"""Changing the settings of a machine: locked, read, changed, saved."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.api.basics import LockType

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.settings.model import MachineSettings


@contextmanager
def changed_settings(
    context: Context,
    name_or_id: str,
    lock_type: LockType = LockType.WRITE,
    *,
    force_unplug: bool = False,
) -> Iterator[MachineSettings]:
    """The settings of a machine, which are saved unless the block fails.

    Only what the block changes is stored: with a shared lock others may change the machine too.

    Args:
        context: The connection to the service.
        name_or_id: The machine.
        lock_type: How it is locked meanwhile; a machine that runs can only be shared.
        force_unplug: Drives leave a running machine even when the guest does not give them up.

    Raises:
        ApiError: There is no such machine, it is locked, or its settings cannot be saved.
    """
    machine = context.client.machine(context.machine(name_or_id).id)
    machine.lock(lock_type)
    try:
        base = machine.get_settings()
        settings = copy.deepcopy(base)
        yield settings
        machine.save_settings(settings, base, force_unplug)
    finally:
        machine.unlock()
