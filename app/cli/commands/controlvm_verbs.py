"""The verbs of ``controlvm``: how they are declared, and what they get."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from app.cli.errors import UsageError

if TYPE_CHECKING:
    from app.api.interfaces import Console, Machine
    from app.api.structs import MachineInfo
    from app.cli.context import Context


class Control(NamedTuple):
    """A verb as it was given.

    Attributes:
        context: This run of the command line.
        info: The machine.
        verb: Name of the verb without its number.
        number: The number at its end, 0 when it has none.
        words: What follows the verb.
    """

    context: Context
    info: MachineInfo
    verb: str
    number: int
    words: list[str]

    @property
    def console(self) -> Console:
        """The console of the machine."""
        return self.context.client.console(self.info.id)

    @property
    def machine(self) -> Machine:
        """The machine."""
        return self.context.client.machine(self.info.id)

    @property
    def spelling(self) -> str:
        """The verb as it was written."""
        return f"{self.verb}{self.number or ''}"

    def only(self, *names: str) -> list[str]:
        """Exactly these words.

        Raises:
            UsageError: One is missing, or there is another.
        """
        if len(self.words) < len(names):
            raise UsageError(f"Missing argument to '{self.spelling}': {names[len(self.words)]}")
        return self.at_most(len(names))

    def at_most(self, count: int) -> list[str]:
        """All words, which must not be more.

        Raises:
            UsageError: There are more; names the first of them.
        """
        if len(self.words) > count:
            raise UsageError(f"Invalid parameter '{self.words[count]}'")
        return self.words


Function = Callable[[Control], None]


class Verb(NamedTuple):
    """A verb: its usage after the machine's name, and what it does."""

    usage: str
    function: Function
    indexed: bool


verbs: dict[str, Verb] = {}


def verb(name: str, usage: str = "", *, indexed: bool = False) -> Callable[[Function], Function]:
    """Declare the function of a verb.

    Args:
        name: The verb, without its number.
        usage: What follows it.
        indexed: A number ends the name (``natpf1``).
    """

    def declare(function: Function) -> Function:
        verbs[name] = Verb(f"{name}{'<N>' if indexed else ''} {usage}".rstrip(), function, indexed)
        return function

    return declare
