"""Telling the guest which size its screen should have, where its graphics adapter can."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from app.console.errors import invalid_state

if TYPE_CHECKING:
    from app.console.console import Console

_EMT_SECONDS: Final = 10.0


class HintRefusal(StrEnum):
    """Why the guest cannot be told a size; the values are sentences."""

    NO_HINTS = "The virtual graphics adapter cannot tell the guest a new size."
    NOT_LISTENING = "The guest's display driver does not listen to sizes that the host wishes."


@runtime_checkable
class SizeHints(Protocol):
    """A graphics adapter that tells its guest the size that the host wishes."""

    def hints_heard(self) -> bool:
        """Tell whether a driver in the guest listens. Any thread."""

    def hint_size(self, width: int, height: int) -> None:
        """Tell the guest a size in pixels. EMT."""


def why_no_size_hint(console: Console) -> HintRefusal | None:
    """Return why the guest cannot be told a size right now; None when it can."""
    display: object = console.vm.display
    if not isinstance(display, SizeHints):
        return HintRefusal.NO_HINTS
    return None if display.hints_heard() else HintRefusal.NOT_LISTENING


def hint_size(console: Console, width: int, height: int) -> None:
    """Tell the guest the size (pixels) that its screen should have; it follows or not.

    Raises:
        ApiError: ``VBOX_E_INVALID_VM_STATE``: it cannot be told now; says why.
    """
    refusal = why_no_size_hint(console)
    if refusal is not None:
        raise invalid_state(refusal.value)
    display: object = console.vm.display
    if isinstance(display, SizeHints):
        hints: SizeHints = display
        console.vm.post(lambda: hints.hint_size(width, height)).result(_EMT_SECONDS)
