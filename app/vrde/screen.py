"""The guest's screen as all clients of a server share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.vrde.damage import changed_tiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.pdm.display import Surface


class SharedScreen:
    """A copy of the screen that only changes in :meth:`look`. For one thread, the server's encoder.

    Args:
        surface: of the guest's screen.

    Attributes:
        pixels: (height, width) array of 0x00RRGGBB; another one after the size has changed.
    """

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        surface.update()
        self.pixels = self._source().copy()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        height, width = self.pixels.shape
        return width, height

    def look(self) -> NDArray[np.bool_] | None:
        """Bring the copy up to date.

        Returns:
            The tiles that have changed; None when the screen has another size now.
        """
        update = self._surface.update()
        source = self._source()
        if source.shape != self.pixels.shape:
            self.pixels = self._source().copy()
            return None
        dirty = [(0, len(source))] if update.resized else update.dirty
        tiles = changed_tiles(self.pixels, source, (0, 0))
        for first, end in dirty:
            tiles |= changed_tiles(self.pixels, source, (first, end))
            self.pixels[first:end] = source[first:end]
        return tiles

    def view(self, width: int, height: int) -> NDArray[np.uint32]:
        """Return the screen at a size: cut, or with black at the right and the lower edge."""
        if (width, height) == self.size:
            return self.pixels
        part = self.pixels[:height, :width]
        if part.shape == (height, width):
            return part
        whole = np.zeros((height, width), np.uint32)
        whole[: part.shape[0], : part.shape[1]] = part
        return whole

    def _source(self) -> NDArray[np.uint32]:
        pixels = self._surface.pixels
        # A screen that is off may have no pixels at all; a desktop of RFB has.
        return pixels if pixels.size else np.zeros((1, 1), np.uint32)
