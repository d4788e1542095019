"""What has changed on a screen, in tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TILE_WIDTH: Final = 64
TILE_HEIGHT: Final = 16


class Rectangle(NamedTuple):
    """Pixels of a screen."""

    x: int
    y: int
    width: int
    height: int

    def joined(self, other: Rectangle) -> Rectangle:
        """Return the smallest rectangle around both; one without pixels does not count."""
        if not other.width or not other.height:
            return self
        if not self.width or not self.height:
            return other
        x, y = min(self.x, other.x), min(self.y, other.y)
        right = max(self.x + self.width, other.x + other.width)
        bottom = max(self.y + self.height, other.y + other.height)
        return Rectangle(x, y, right - x, bottom - y)


def tile_grid(width: int, height: int, tile: tuple[int, int]) -> tuple[int, int]:
    """Return how many rows and columns of tiles cover a screen."""
    return -(-height // tile[1]), -(-width // tile[0])


class Damage:
    """Tiles of a screen that a client has not got yet. Small, whatever happens to the screen.

    Args:
        width: of the screen, pixels.
        height: of the screen, pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.tiles = np.ones(tile_grid(width, height, (TILE_WIDTH, TILE_HEIGHT)), np.bool_)

    def __bool__(self) -> bool:
        return bool(self.tiles.any())

    def add(self, tiles: NDArray[np.bool_]) -> None:
        """Add changed tiles of a screen that may have another size."""
        rows = min(len(tiles), len(self.tiles))
        columns = min(tiles.shape[1], self.tiles.shape[1])
        self.tiles[:rows, :columns] |= tiles[:rows, :columns]

    def add_rectangle(self, area: Rectangle) -> None:
        """Add whatever an area touches."""
        self.tiles[self._slices(area)] = True

    def touches(self, area: Rectangle) -> bool:
        """Tell whether anything in an area has changed."""
        return bool(self.tiles[self._slices(area)].any())

    def take(self, area: Rectangle) -> NDArray[np.bool_]:
        """Return which tiles of an area have changed, and forget them."""
        place = self._slices(area)
        taken = np.zeros_like(self.tiles)
        taken[place] = self.tiles[place]
        self.tiles[place] = False
        return taken

    def _slices(self, area: Rectangle) -> tuple[slice, slice]:
        x, y, width, height = area
        if not width or not height:
            return slice(0, 0), slice(0, 0)
        return (
            slice(y // TILE_HEIGHT, -(-(y + height) // TILE_HEIGHT)),
            slice(x // TILE_WIDTH, -(-(x + width) // TILE_WIDTH)),
        )


def rectangles(
    tiles: NDArray[np.bool_], tile: tuple[int, int], width: int, height: int
) -> list[Rectangle]:
    """Cover tiles with rectangles: runs in a row, and equal runs of rows below each other.

    Args:
        tiles: which tiles.
        tile: width and height of one, pixels.
        width: of the screen: tiles at its edges are cut.
        height: of the screen.
    """
    if tiles.all():
        return [Rectangle(0, 0, width, height)]
    found: list[Rectangle] = []
    open_runs: dict[tuple[int, int], int] = {}

    def close(run: tuple[int, int], first: int, end: int) -> None:
        x, y = run[0] * tile[0], first * tile[1]
        right, bottom = min(width, run[1] * tile[0]), min(height, end * tile[1])
        found.append(Rectangle(x, y, right - x, bottom - y))

    for row, line in enumerate(tiles):
        runs = _runs(line)
        for run in [each for each in open_runs if each not in runs]:
            close(run, open_runs.pop(run), row)
        for run in runs:
            open_runs.setdefault(run, row)
    for run, first in open_runs.items():
        close(run, first, len(tiles))
    return found


def tile_rectangles(tiles: NDArray[np.bool_], width: int, height: int) -> list[Rectangle]:
    """Cover tiles of :class:`Damage`; see :func:`rectangles`."""
    return rectangles(tiles, (TILE_WIDTH, TILE_HEIGHT), width, height)


def _runs(line: NDArray[np.bool_]) -> set[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(line, prepend=False, append=False)).tolist()
    return set(zip(edges[::2], edges[1::2], strict=True))


def changed_tiles(
    old: NDArray[np.uint32], new: NDArray[np.uint32], rows: tuple[int, int]
) -> NDArray[np.bool_]:
    """Compare rows of two pictures of the same size; tells the tiles of the whole picture.

    Args:
        old: the picture as it was.
        new: the picture as it is.
        rows: first row and the one after the last.
    """
    height, width = new.shape
    tiles = np.zeros(tile_grid(width, height, (TILE_WIDTH, TILE_HEIGHT)), np.bool_)
    first, end = rows[0] // TILE_HEIGHT * TILE_HEIGHT, rows[1]
    for top in range(first, end, TILE_HEIGHT):
        bottom = min(top + TILE_HEIGHT, height)
        columns = (old[top:bottom] != new[top:bottom]).any(axis=0)
        found = np.logical_or.reduceat(columns, np.arange(0, width, TILE_WIDTH))
        tiles[top // TILE_HEIGHT] = found
    return tiles
