"""Commands whose first word says what to do, such as ``natnetwork add``.

Each subcommand is a function with options of its own. The command itself is declared ``raw``: its
words are parsed when the subcommand is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from app.cli.errors import UsageError
from app.cli.options import Arguments, Option, Parser

if TYPE_CHECKING:
    from app.cli.commands import Function
    from app.cli.context import Context


class _Subcommand(msgspec.Struct, frozen=True):
    function: Function
    options: tuple[Option, ...]
    prepare: Callable[[list[str]], Iterable[str]]


class Subcommands:
    """The subcommands of one command; used as a decorator."""

    def __init__(self) -> None:
        self._table: dict[str, _Subcommand] = {}

    @property
    def options(self) -> tuple[Option, ...]:
        """Options of all of them, for the help of the command."""
        found = {each.names: each for sub in self._table.values() for each in sub.options}
        return tuple(found.values())

    def add(
        self,
        *names: str,
        options: Sequence[Option] = (),
        prepare: Callable[[list[str]], Iterable[str]] = list,
    ) -> Callable[[Function], Function]:
        """Declare the function that carries out a subcommand.

        Args:
            names: Its name and other spellings.
            options: What it takes.
            prepare: Rewrites its words before they are parsed.
        """

        def declare(function: Function) -> Function:
            subcommand = _Subcommand(function, tuple(options), prepare)
            self._table.update(dict.fromkeys(names, subcommand))
            return function

        return declare

    def run(self, context: Context, arguments: Arguments, *, position: int = 0) -> int | None:
        """Carry out the subcommand that the word at ``position`` names.

        The function gets the other words and options.

        Raises:
            UsageError: There is no such subcommand, or its words are wrong.
        """
        words = list(arguments.words)
        if len(words) <= position:
            raise UsageError("No subcommand specified")
        name = words.pop(position)
        subcommand = self._table.get(name)
        if subcommand is None:
            raise UsageError(f"Unknown subcommand '{name}'")
        parser = Parser(subcommand.options)
        return subcommand.function(context, parser.parse(list(subcommand.prepare(words))))
