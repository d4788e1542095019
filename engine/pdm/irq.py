"""Interrupt lines.

A line is driven by one source; several lines may end in one input of an interrupt controller
(shared PCI interrupts), which then sees the logical OR. Devices drive lines and know nothing of
controllers and vectors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class IrqInput:
    """An input pin of an interrupt controller (or any other sink) with any number of sources."""

    __slots__ = ("_asserted", "_sinks", "name")

    def __init__(self, name: str, sink: Callable[[bool], None]) -> None:
        self.name = name
        self._sinks = [sink]
        self._asserted: set[IrqLine] = set()

    def drive(self, line: IrqLine, level: bool) -> None:
        """Take the new level of one source and pass the OR of all on when it changes."""
        before = bool(self._asserted)
        if level:
            self._asserted.add(line)
        else:
            self._asserted.discard(line)
        after = bool(self._asserted)
        if before != after:
            for sink in self._sinks:
                sink(after)

    def listen(self, sink: Callable[[bool], None]) -> None:
        """Tell another controller too, whose input is wired to the same line."""
        self._sinks.append(sink)

    @property
    def level(self) -> bool:
        """Whether at least one source asserts the input."""
        return bool(self._asserted)


class IrqLine:
    """The output of one source. ``set`` is cheap when the level does not change."""

    __slots__ = ("_input", "level", "name")

    def __init__(self, name: str, target: IrqInput | None = None) -> None:
        self.name = name
        self.level = False
        self._input = target

    def connect(self, target: IrqInput | None) -> None:
        """Move the line to another input (PCI interrupt routing), keeping its level."""
        if target is self._input:
            return
        if self._input and self.level:
            self._input.drive(self, False)
        self._input = target
        if target and self.level:
            target.drive(self, True)

    def set(self, level: bool) -> None:
        """Drive the line high (True) or low."""
        if level != self.level:
            self.level = level
            if self._input:
                self._input.drive(self, level)

    def pulse(self) -> None:
        """Drive the line low and high again: an edge, after which it stays high."""
        self.set(False)
        self.set(True)
