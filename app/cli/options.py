"""Options of commands: declared once, then parsed, explained and checked from the declaration.

The grammar is that of VBoxManage (IPRT's ``RTGetOpt``): options and words in any order, a value
as the next word or after ``=`` or ``:``, several spellings of one option, options with a number
at their end (``--nic1``). The order of options is kept because it means something to ``modifyvm``.
``argparse`` has no such numbered options, keeps no order and exits by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, overload

import msgspec

from app.cli.errors import UsageError

_INDEXED: Final = r"^(?P<stem>--?.*?\D)(?P<index>\d+)$"


class Option(msgspec.Struct, frozen=True):
    """One option of a command.

    Attributes:
        names: Spellings with their dashes, the one of the documentation first.
        value: What the value is called in the usage; empty for a switch without value.
        help: One sentence for the command's help.
        indexed: Highest number that ends the name, counted from 1; 0: the name ends as it stands.
        extra_values: Names of further words that belong to the option, such as the interrupt
            after ``--uart1 0x3f8``.
        ends_extra: First words after which no extra value follows (``--uart1 off``).
        begins_extra: The only first words after which extra values follow (``--nat-pf1 delete``);
            empty: all do.
        hidden: An old spelling that the usage does not show.
    """

    names: tuple[str, ...]
    value: str = ""
    help: str = ""
    indexed: int = 0
    extra_values: tuple[str, ...] = ()
    ends_extra: frozenset[str] = frozenset()
    begins_extra: frozenset[str] = frozenset()
    hidden: bool = False

    @property
    def key(self) -> str:
        """Name of the option without dashes; identifies it in :class:`Arguments`."""
        return self.names[0].lstrip("-")

    def takes_extra(self, value: str) -> bool:
        """Whether extra values follow this one."""
        folded = value.lower()
        if self.begins_extra:
            return folded in self.begins_extra
        return folded not in self.ends_extra

    @property
    def usage(self) -> str:
        """The option as the usage shows it."""
        name = f"{self.names[0]}<1-{self.indexed}>" if self.indexed else self.names[0]
        words = "".join(f" <{word}>" for word in self.extra_values)
        return f"{name}=<{self.value}>{words}" if self.value else name


class Given(msgspec.Struct, frozen=True):
    """An option as it was given.

    Attributes:
        key: :attr:`Option.key`.
        value: Its value; empty for a switch.
        index: Number at the end of its name, 0 when it has none.
        extra: Words after the value.
        spelling: How it was written, for messages.
    """

    key: str
    value: str
    index: int
    extra: tuple[str, ...]
    spelling: str


class Arguments:
    """The parsed words of a command.

    Attributes:
        given: Options in the order of the command line.
        words: What is not an option.
    """

    def __init__(self, given: list[Given], words: list[str]) -> None:
        self.given = given
        self.words = words

    def has(self, key: str) -> bool:
        """Whether the option was given."""
        return any(option.key == key for option in self.given)

    @overload
    def get(self, key: str) -> str | None: ...
    @overload
    def get(self, key: str, default: str) -> str: ...
    def get(self, key: str, default: str | None = None) -> str | None:
        """Value of the option, the last one when it was given several times."""
        for option in reversed(self.given):
            if option.key == key:
                return option.value
        return default

    def all(self, key: str) -> list[str]:
        """Values of all options with this key, in order."""
        return [option.value for option in self.given if option.key == key]

    def require(self, key: str) -> str:
        """Value of an option that must have been given.

        Raises:
            UsageError: It is missing.
        """
        value = self.get(key)
        if value is None:
            raise UsageError(f"Missing required option: --{key}")
        return value

    def word(self, position: int, what: str) -> str:
        """The word at ``position`` (from 0); ``what`` names it when it is missing.

        Raises:
            UsageError: There are not so many words.
        """
        if position >= len(self.words):
            raise UsageError(f"Missing {what}")
        return self.words[position]

    def at_most(self, count: int) -> None:
        """Check that no more than ``count`` words were given.

        Raises:
            UsageError: There is another; names it.
        """
        if len(self.words) > count:
            raise UsageError(f"Invalid parameter '{self.words[count]}'")


class Parser:
    """Parses the words of one command."""

    def __init__(self, options: Sequence[Option]) -> None:
        self._plain: dict[str, Option] = {}
        self._indexed: dict[str, Option] = {}
        for option in options:
            table = self._indexed if option.indexed else self._plain
            for name in option.names:
                table[name] = option

    def parse(self, words: Sequence[str]) -> Arguments:
        """Take the words apart.

        Raises:
            UsageError: An unknown option, a missing value or one that none was expected for.
        """
        given: list[Given] = []
        rest: list[str] = []
        source = iter(words)
        for word in source:
            if word == "--":
                rest.extend(source)
            elif word.startswith("-") and len(word) > 1 and not _is_number(word):
                given.append(self._option(word, source))
            else:
                rest.append(word)
        return Arguments(given, rest)

    def _option(self, word: str, source: Iterator[str]) -> Given:
        name, attached = _split(word)
        option, index = self._find(name, word)
        if not option.value:
            if attached is not None:
                raise UsageError(f"Option '{name}' does not take a value: '{word}'")
            return Given(option.key, "", index, (), name)
        value = next(source, None) if attached is None else attached
        if value is None:
            raise UsageError(f"Missing value for option '{name}'")
        extra: list[str] = []
        if option.takes_extra(value):
            for wanted in option.extra_values:
                following = next(source, None)
                if following is None:
                    raise UsageError(f"Missing {wanted} after '{name} {value}'")
                extra.append(following)
        return Given(option.key, value, index, tuple(extra), name)

    def _find(self, name: str, word: str) -> tuple[Option, int]:
        option = self._plain.get(name)
        if option is not None:
            return option, 0
        match = re.match(_INDEXED, name)
        option = self._indexed.get(match["stem"]) if match else None
        if option is None or match is None:
            raise UsageError(f"Unknown option: {word}")
        index = int(match["index"])
        if not 1 <= index <= option.indexed:
            raise UsageError(
                f"Invalid number in option '{name}': it goes from 1 to {option.indexed}"
            )
        return option, index


def _split(word: str) -> tuple[str, str | None]:
    """Name and attached value of an option word."""
    for position, character in enumerate(word):
        if character in "=:" and position > 1:
            return word[:position], word[position + 1 :]
    return word, None


def _is_number(word: str) -> bool:
    return word[1:].isdigit()
