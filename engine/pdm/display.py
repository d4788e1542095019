"""What a graphics adapter offers to those who show, record or photograph its picture.

A consumer opens a :class:`Surface` and calls :meth:`Surface.update` as often as it wants a picture
(a window up to 60 times a second, a screenshot once), on a thread of its own: the adapter renders
from registers and video memory as they stand, converts only what has changed since that surface's
last update, and never makes the EMT wait.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(slots=True)
class Update:
    """What changed between two updates of a surface.

    Attributes:
        resized: width, height or the pixel array itself are new; everything is dirty.
        dirty: changed rows as (first, end) pairs, ascending, not overlapping.
    """

    resized: bool = False
    dirty: list[tuple[int, int]] = field(default_factory=list)


@runtime_checkable
class Surface(Protocol):
    """A picture of the guest's screen, owned by one consumer.

    Attributes:
        width, height: pixels, as the monitor would show them (text cells 9 dots wide where the
            adapter says so; scan-doubled modes with doubled rows).
        pixels: (height, width) array of 0x00RRGGBB; stays the same object until ``resized``.
        mode: description for people, e.g. ``text 80x25``, ``VBE 1024x768x32``, ``blank``.
    """

    width: int
    height: int
    pixels: NDArray[np.uint32]
    mode: str

    def update(self) -> Update:
        """Bring ``pixels`` up to date and tell what has changed."""


@runtime_checkable
class DisplayAdapter(Protocol):
    """A graphics adapter."""

    def open_surface(self) -> Surface:
        """Return a new surface, blank until its first update."""

    def screen_text(self) -> str | None:
        """Return the rows of a text mode joined by newlines, blanks cut; None in graphics."""
