"""Several parts of memory that are filled one after the other, as ``preadv`` does."""

from __future__ import annotations


def total(views: list[memoryview]) -> int:
    """Return how many bytes there are."""
    return sum(map(len, views))


def fill(views: list[memoryview], data: bytes) -> None:
    """Fill all parts; there are exactly as many bytes."""
    source, done = memoryview(data), 0
    for view in views:
        end = done + len(view)
        view[:] = source[done:end]
        done = end


def split(views: list[memoryview], count: int) -> tuple[list[memoryview], list[memoryview]]:
    """Divide the parts behind ``count`` bytes."""
    for n, view in enumerate(views):
        length = len(view)
        if count < length:
            if not count:
                return views[:n], views[n:]
            return [*views[:n], view[:count]], [view[count:], *views[n + 1 :]]
        count -= length
    return views, []
