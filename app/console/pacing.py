"""Typing as fast as the guest reads."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from app.console.pckeys import BREAK
from engine.keys import sequences

if TYPE_CHECKING:
    from engine.vm import VM

_PAUSE: Final = 0.01  # seconds until a keyboard that is full is looked at again


def pieces(codes: bytes, size: int) -> list[bytes]:
    """Cut scan codes of set 1 into pieces after which no key is down.

    Args:
        codes: make and break codes.
        size: bytes after which a piece ends as soon as all keys are up.
    """
    found: list[bytes] = []
    start = position = 0
    down: set[bytes] = set()
    for key in sequences(codes):
        position += len(key)
        name = key[:-1] + bytes((key[-1] & ~BREAK,))
        if key[-1] & BREAK:
            down.discard(name)
        else:
            down.add(name)
        if not down and position - start >= size:
            found.append(codes[start:position])
            start = position
    if start < len(codes):
        found.append(codes[start:])
    return found


def type_as_read(vm: VM, codes: bytes, seconds: float) -> int:
    """Send scan codes of set 1 as the keyboard has room for them.

    Args:
        vm: the machine.
        codes: make and break codes.
        seconds: how long to wait for room, in all.

    Returns:
        How many bytes the keyboard took.

    Raises:
        InvalidStateError: the machine is not on.
    """
    taken = 0
    deadline = time.monotonic() + seconds
    while taken < len(codes) and time.monotonic() < deadline:
        fitted = vm.type_scancodes(codes[taken:])
        taken += fitted
        if not fitted:
            time.sleep(_PAUSE)
    return taken
