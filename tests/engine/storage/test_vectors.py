"""Parts of memory that are filled one after the other."""

from __future__ import annotations

import pytest

from engine.storage.vectors import fill, split, total


def _parts(*sizes):
    return [memoryview(bytearray(size)) for size in sizes]


@pytest.mark.parametrize("count", range(8))
def test_both_sides_of_a_division_are_the_whole(count):
    parts = _parts(3, 0, 2, 2)
    left, right = split(parts, count)
    assert (total(left), total(right)) == (count, 7 - count)
    fill(left, b"l" * count)
    fill(right, b"r" * (7 - count))
    assert b"".join(parts) == b"l" * count + b"r" * (7 - count)
