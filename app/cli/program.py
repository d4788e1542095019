"""The program: global options, finding the command, exit codes and the shape of errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from app.cli.commands import Command, find_command
from app.cli.context import Context
from app.cli.errors import EXIT_FAILURE, EXIT_OK, EXIT_SYNTAX, CommandError, UsageError
from app.cli.options import Arguments, Parser

if TYPE_CHECKING:
    import traceback

    from app.api.errors import ApiError

ERROR_PREFIX: Final = "VBoxManage: error: "
"""Scripts tell failures by these words (Vagrant searches standard error for them), so they are
part of the interface, whatever the program is called."""

_RESPONSE_FILE_LIMIT: Final = 1 << 20


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command line.

    Args:
        argv: Words without the program's name; default: those of this process.

    Returns:
        0 when it worked, 1 when it failed, 2 when the command line is wrong.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    context = Context()
    try:
        code = _run(context, words)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough (`list vms | head`); Python would complain at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = EXIT_OK
    except KeyboardInterrupt:
        code = EXIT_FAILURE
    finally:
        context.close()
    return code


def _run(context: Context, words: list[str]) -> int:
    try:
        rest, show_version = _global_options(words)
    except UsageError as error:
        _print_errors(error.message)
        return EXIT_SYNTAX
    if show_version:
        from app.cli.output import compatible_version

        print(compatible_version())
        return EXIT_OK
    if not rest:
        from app.cli.help import print_general_usage

        print_general_usage()
        return EXIT_OK
    command = find_command(rest[0])
    if command is None:
        from app.cli.output import banner

        sys.stderr.write(banner() + "\n")
        _print_errors(f"Invalid command '{rest[0]}'")
        return EXIT_SYNTAX
    return _carry_out(context, command, rest[1:])


def _carry_out(context: Context, command: Command, words: list[str]) -> int:
    from app.api.errors import ApiError

    try:
        if words and words[0] in ("--help", "-h", "-?"):
            from app.cli.help import print_help

            print_help(command)
            return EXIT_OK
        parser = None if command.raw else Parser(command.options)
        arguments = Arguments([], words) if parser is None else parser.parse(words)
        return command.function(context, arguments) or EXIT_OK
    except UsageError as error:
        from app.cli.help import usage_of

        sys.stdout.flush()
        sys.stderr.write(usage_of(command) + "\n")
        _print_errors(error.message)
        return EXIT_SYNTAX
    except CommandError as error:
        sys.stdout.flush()
        _print_errors(error.message)
        return EXIT_FAILURE
    except ApiError as error:
        sys.stdout.flush()
        print_api_error(error)
        return EXIT_FAILURE


def _global_options(words: list[str]) -> tuple[list[str], bool]:
    """What follows the options that precede the command, and whether the version is wanted."""
    position = 0
    while position < len(words):
        word = words[position]
        if word in ("-V", "--version", "-v"):
            return [], True
        if word in ("-q", "--nologo", "-nologo"):
            position += 1
        elif word in ("--settingspw", "--settingspwfile"):
            # The password opens encrypted media, which this version does not have.
            if position + 1 >= len(words):
                raise UsageError(f"Missing value for option '{word}'")
            position += 2
        elif word in ("-h", "-?", "--help"):
            return ["help"], False
        elif word.startswith("@"):
            words[position : position + 1] = _response_file(word[1:])
        elif word.startswith("-"):
            raise UsageError(f"Unknown option: {word}")
        else:
            break
    rest = words[position:]
    if len(rest) > 1 and rest[-1].startswith("@") and os.path.isfile(rest[-1][1:]):
        rest[-1:] = _response_file(rest[-1][1:])
    return rest, False


def _response_file(path: str) -> list[str]:
    """Words in a response file, split as a shell splits them."""
    import shlex

    try:
        with open(path, encoding="utf-8") as file:
            return shlex.split(file.read(_RESPONSE_FILE_LIMIT), comments=True)
    except (OSError, ValueError) as error:
        raise UsageError(f"The response file '{path}' cannot be used: {error}") from error


def _print_errors(message: str) -> None:
    for line in message.splitlines() or [""]:
        sys.stderr.write(f"{ERROR_PREFIX}{line}\n")


def print_api_error(error: ApiError) -> None:
    """Say on standard error what the service refused, in the lines of VBoxManage."""
    component, interface = _COMPONENTS.get(error.component, ("VirtualBoxWrap", "IVirtualBox"))
    _print_errors(error.message)
    _print_errors(
        f"Details: code {error.code.name} (0x{error.code:08x}), component {component}, "
        f"interface {interface}, callee nsISupports"
    )
    place = _place_of_call(error)
    if place is not None:
        _print_errors(f'Context: "{place.name}" at line {place.lineno} of file {place.filename}')


_COMPONENTS: Final = {
    "machine": ("MachineWrap", "IMachine"),
    "session": ("SessionMachine", "IMachine"),
    "console": ("ConsoleWrap", "IConsole"),
    "medium": ("MediumWrap", "IMedium"),
    "progress": ("ProgressWrap", "IProgress"),
    "host": ("HostWrap", "IHost"),
    "snapshot": ("SnapshotWrap", "ISnapshot"),
}
"""Component and interface that VirtualBox names, by the component of our errors."""


def _place_of_call(error: ApiError) -> traceback.FrameSummary | None:
    """The line of a command that made the call which failed."""
    import traceback

    commands = os.path.join("app", "cli", "commands")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        # Where a command itself refuses a value, the line of interest is the one that asked.
        refusal = (frame.line or "").startswith("raise ")
        if commands in frame.filename and not refusal:
            return traceback.FrameSummary(
                os.path.basename(frame.filename), frame.lineno, frame.line or frame.name
            )
    return None
