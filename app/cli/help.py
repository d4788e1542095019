"""Usage and help texts, all of them derived from the declarations of the commands."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from app.cli.commands import MODULES, Command, command, find_command
from app.cli.output import banner

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments, Option

PROGRAM: Final = "vitrine-manage"
_WIDTH: Final = 100
_INDENT: Final = "    "


def usage_of(declared: Command) -> str:
    """The usage lines of a command, each with the program's name."""
    lines = declared.usage or (_derived_usage(declared),)
    wrapped = [
        textwrap.fill(
            f"{PROGRAM} {line}", _WIDTH, initial_indent="  ", subsequent_indent=_INDENT,
            break_on_hyphens=False, break_long_words=False,
        )
        for line in lines
    ]  # fmt: skip
    return "Usage:\n\n" + "\n".join(wrapped) + "\n"


def print_help(declared: Command) -> None:
    """Print what the command does, its usage and its options."""
    print(f"{declared.name}: {declared.summary}\n")
    print(usage_of(declared))
    described = [option for option in declared.options if option.help and not option.hidden]
    if described:
        print("Options:\n")
        print("\n".join(_described(option) for option in described))


def print_general_usage() -> None:
    """Print the banner and one usage line for each command."""
    print(banner())
    print("Usage:\n")
    print(f"  {PROGRAM} [-q | --nologo] [@<response-file>] <command> [<arguments>]")
    print(f"  {PROGRAM} help [<command>]")
    print(f"  {PROGRAM} --version\n")
    print("Commands:\n")
    width = max(len(name) for name in MODULES) + 2
    for name in MODULES:
        found = find_command(name)
        if found is not None:
            print(f"  {name:{width}}{found.summary}")


def _derived_usage(declared: Command) -> str:
    options = (f"[{option.usage}]" for option in declared.options if not option.hidden)
    return " ".join((declared.name, *options))


def _described(option: Option) -> str:
    names = textwrap.fill(
        ", ".join((option.usage, *option.names[1:])), _WIDTH, initial_indent=_INDENT,
        subsequent_indent=_INDENT * 3, break_on_hyphens=False,
    )  # fmt: skip
    text = textwrap.fill(
        option.help, _WIDTH, initial_indent=_INDENT * 2, subsequent_indent=_INDENT * 2
    )
    return f"{names}\n{text}\n"


@command("help", "Explain a command.", usage=("help [<command>]",))
def _help(_context: Context, arguments: Arguments) -> int:
    if not arguments.words:
        print_general_usage()
        return 0
    arguments.at_most(1)
    found = find_command(arguments.words[0])
    if found is None:
        from app.cli.errors import UsageError

        raise UsageError(f"Invalid command '{arguments.words[0]}'")
    print_help(found)
    return 0
