"""Pictures that have moved up or down: what CopyRect is for (RFC 6143, 7.7.2).

Adapters do not tell that a guest has scrolled; it is found by comparing with the picture that the
client has. A few columns of tiles are looked at first, by hashes of windows as high as a tile, so
that a picture in which nothing has moved costs little. What they suggest is compared pixel by
pixel: a hash alone decides nothing.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from app.vrde.damage import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Rectangle,
    changed_tiles,
    tile_grid,
    tile_rectangles,
)
from app.vrde.encodings import cut
from app.vrde.protocol import RECTANGLE, Encoding

if TYPE_CHECKING:
    from numpy.typing import NDArray

_UNKNOWN: Final = 0xFFFFFFFF  # no pixel of a screen is that: they are 0x00RRGGBB
_PROBES: Final = 4
"""Columns of tiles that are searched for a move."""
_MIN_TILES: Final = 4
"""With less to send a move saves nothing worth the search."""
_LARGE: Final = 4
"""A change of more than this part of the screen is worth a thought about the processor."""
_MISSES: Final = 4
_MISSES_BEFORE: Final = 2
"""That count after a rest: the picture may become known a part at a time."""
_REST: Final = 32
"""Updates in which nothing is searched or noted, after so many misses in large changes."""
_PIXEL_WEIGHTS: Final = np.random.default_rng(6143).integers(
    1, 1 << 63, TILE_WIDTH, np.uint64
) | np.uint64(1)
_ROW_WEIGHTS: Final = np.random.default_rng(772).integers(
    1, 1 << 63, TILE_HEIGHT, np.uint64
) | np.uint64(1)


class Moved(NamedTuple):
    """What a client can copy from its own picture.

    Attributes:
        tiles: that are right after copying.
        distance: rows from where they are copied, downwards.
    """

    tiles: NDArray[np.bool_]
    distance: int


class ClientPicture:
    """The pixels that a client has been sent, as they were before its format and its losses.

    For the encoder's thread.

    Args:
        width: of the client's picture, pixels.
        height: of the client's picture.
    """

    def __init__(self, width: int, height: int) -> None:
        self._pixels = np.full((height, width), _UNKNOWN, np.uint32)
        self._blank = True
        self._misses = 0
        self._rest = 0

    def forget(self, area: Rectangle) -> None:
        """The client may have lost an area."""
        cut(self._pixels, area)[:] = _UNKNOWN

    def copies(
        self, pixels: NDArray[np.uint32], tiles: NDArray[np.bool_]
    ) -> tuple[list[bytes], NDArray[np.bool_]]:
        """Find what the client can copy, and note that it gets all of the tiles.

        Args:
            pixels: the screen, as large as the client's picture.
            tiles: to be sent.

        Returns:
            Rectangles of CopyRect in the order in which they must be sent, before all others; and
            the tiles that are still to be sent.
        """
        if self._rest:
            self._rest -= 1
            return [], tiles
        moved = None if self._blank else find_move(self._pixels, pixels, tiles)
        if moved is None and not self._blank and self._is_a_film(tiles):
            self._pixels.fill(_UNKNOWN)
            self._blank, self._rest, self._misses = True, _REST, _MISSES_BEFORE
            return [], tiles
        self._blank = False
        height, width = pixels.shape
        for area in tile_rectangles(tiles, width, height):
            cut(self._pixels, area)[:] = cut(pixels, area)
        if moved is None:
            return [], tiles
        self._misses = 0
        return _copy_rectangles(moved, width, height), tiles & ~moved.tiles

    def _is_a_film(self, tiles: NDArray[np.bool_]) -> bool:
        """Tell whether large parts have changed again and again, and nothing has moved."""
        if _LARGE * np.count_nonzero(tiles) <= tiles.size:
            return False
        self._misses += 1
        return self._misses >= _MISSES


def _copy_rectangles(moved: Moved, width: int, height: int) -> list[bytes]:
    areas = tile_rectangles(moved.tiles, width, height)
    # A copy must not overwrite what a later one takes: they go the way that the picture went.
    areas.sort(key=lambda area: area.y, reverse=moved.distance < 0)
    return [
        RECTANGLE.pack(*area, Encoding.COPY_RECT)
        + struct.pack(">HH", area.x, area.y + moved.distance)
        for area in areas
    ]


def find_move(
    old: NDArray[np.uint32], new: NDArray[np.uint32], tiles: NDArray[np.bool_]
) -> Moved | None:
    """Find the move up or down that explains most of what has changed.

    Args:
        old: a picture.
        new: the one that follows it, of the same size.
        tiles: that have changed.

    Returns:
        None when nothing seems to have moved.
    """
    if np.count_nonzero(tiles) < _MIN_TILES:
        return None
    rows = np.flatnonzero(tiles.any(axis=1))
    first, end = int(rows[0]), int(rows[-1]) + 1
    votes = [_votes(old, new, tiles, column, (first, end)) for column in _probes(tiles)]
    distances, counts = np.unique(np.concatenate(votes), return_counts=True)
    if not len(distances):
        return None
    distance = int(distances[counts.argmax()])
    same = tiles & _same_after(old, new, distance, (first, end))
    return Moved(same, distance) if np.count_nonzero(same) >= _MIN_TILES else None


def _probes(tiles: NDArray[np.bool_]) -> list[int]:
    """Columns that have changed most, spread over the picture."""
    counts = np.count_nonzero(tiles, axis=0)
    good = np.flatnonzero(2 * counts > counts.max())
    places = np.linspace(0, len(good) - 1, min(_PROBES, len(good)))
    return [int(column) for column in good[places.astype(np.intp)]]


def _votes(
    old: NDArray[np.uint32],
    new: NDArray[np.uint32],
    tiles: NDArray[np.bool_],
    column: int,
    rows: tuple[int, int],
) -> NDArray[np.intp]:
    """Distances to where tiles of a column have been, those that have been at one place only.

    Args:
        old: see :func:`find_move`.
        new: see :func:`find_move`.
        tiles: see :func:`find_move`.
        column: of tiles.
        rows: of tiles: the first, and the one after the last.
    """
    top = rows[0] * TILE_HEIGHT
    left = column * TILE_WIDTH
    place = (slice(top, rows[1] * TILE_HEIGHT), slice(left, left + TILE_WIDTH))
    before, after = _window_hashes(old[place]), _window_hashes(new[place])[::TILE_HEIGHT]
    values, places, counts = np.unique(before, return_index=True, return_counts=True)
    values, places = values[counts == 1], places[counts == 1]
    if not len(values):
        return np.empty(0, np.intp)
    wanted = np.flatnonzero(tiles[rows[0] : rows[0] + len(after), column])
    found = np.minimum(np.searchsorted(values, after[wanted]), len(values) - 1)
    known = values[found] == after[wanted]
    distances: NDArray[np.intp] = places[found[known]] - wanted[known] * TILE_HEIGHT
    return np.extract(distances, distances)


def _window_hashes(strip: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Hashes of all windows as high as a tile, by their first row."""
    if len(strip) < TILE_HEIGHT:
        return np.empty(0, np.uint64)
    rows = strip.astype(np.uint64) @ _PIXEL_WEIGHTS[: strip.shape[1]]
    hashes: NDArray[np.uint64] = sliding_window_view(rows, TILE_HEIGHT) @ _ROW_WEIGHTS
    return hashes


def _same_after(
    old: NDArray[np.uint32], new: NDArray[np.uint32], distance: int, rows: tuple[int, int]
) -> NDArray[np.bool_]:
    """Tiles of the new picture that are what is so many rows below them in the old one."""
    height = len(new)
    first = max(rows[0], -(distance // TILE_HEIGHT))
    top, bottom = first * TILE_HEIGHT, min(rows[1] * TILE_HEIGHT, height, height - distance)
    if bottom < height:
        bottom -= bottom % TILE_HEIGHT
    same = np.zeros(tile_grid(new.shape[1], height, (TILE_WIDTH, TILE_HEIGHT)), np.bool_)
    if bottom > top:
        source = old[top + distance : bottom + distance]
        found = ~changed_tiles(source, new[top:bottom], (0, bottom - top))
        same[first : first + len(found)] = found
    return same
