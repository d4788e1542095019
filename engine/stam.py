"""STAM: counters that tell what the VM does.

A counter is a plain attribute behind a path such as ``/IOM/Port/0x3f8/Read``; it costs an integer
addition. Nothing is computed until somebody asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Counter:
    """Counts events. ``counter.value += 1`` is the whole interface of the hot path."""

    __slots__ = ("unit", "value")

    def __init__(self, unit: str = "times") -> None:
        self.unit = unit
        self.value = 0


class Statistics:
    """All counters of a VM by path."""

    def __init__(self) -> None:
        self._counters: dict[str, Counter] = {}
        self._sources: list[Callable[[], Iterator[tuple[str, int, str]]]] = []

    def counter(self, path: str, unit: str = "times") -> Counter:
        """Return the counter at ``path``, made on first use."""
        return self._counters.setdefault(path, Counter(unit))

    def add_source(self, source: Callable[[], Iterator[tuple[str, int, str]]]) -> None:
        """Add rows (path, value, unit) that are computed when somebody asks."""
        self._sources.append(source)

    def reset(self, paths: Iterable[str]) -> int:
        """Set the counters at these paths back to 0; computed rows cannot be. Returns how many."""
        found = [self._counters[path] for path in paths if path in self._counters]
        for counter in found:
            counter.value = 0
        return len(found)

    def snapshot(self) -> dict[str, tuple[int, str]]:
        """Return value and unit of every counter, sorted by path."""
        rows = {path: (c.value, c.unit) for path, c in self._counters.items()}
        for source in self._sources:
            rows.update({path: (value, unit) for path, value, unit in source()})
        return dict(sorted(rows.items()))
