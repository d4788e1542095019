"""Machines with real guests, switched off at the end of each test."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

import pytest

from tests.guests.machine import GuestMachine


@pytest.fixture
def machine(firmware):
    """Function that starts a machine: ``machine(cdrom=..., disk=..., memory_mb=...)``."""

    def start(stack: ExitStack, **options) -> GuestMachine:
        return stack.enter_context(GuestMachine(**options))

    with ExitStack() as stack:
        yield partial(start, stack)
