"""Holding a machine while a long operation works on its files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.api.structs import LockType

if TYPE_CHECKING:
    from app.service.machine import Machine
    from app.service.peer import Peer


@contextmanager
def held(machine: Machine, peer: Peer) -> Iterator[None]:
    """Keep everybody else from starting or changing a machine.

    Raises:
        ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: somebody else holds it; tells who.
    """
    with machine.lock:
        already = machine.lock_type_of(peer) is LockType.WRITE
        if not already:
            machine.lock_for(peer, LockType.WRITE)
    try:
        yield
    finally:
        if not already:
            machine.release_lock_of(peer)
