"""``vitrine-shell``: the options, the prompt and the history."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

import app.shell.builtins  # noqa: F401 - declares its commands
from app.api.errors import ApiError
from app.settings.paths import config_folder
from app.shell.completion import DELIMITERS, Completer
from app.shell.shell import Shell
from app.shell.tables import Painter, wants_colours
from app.version import version

PROGRAM: Final = "vitrine-shell"
HISTORY_FILE: Final = "shell_history"
STARTUP_FILE: Final = "shellrc"
_HISTORY_LINES: Final = 2000

EXIT_OK: Final = 0
EXIT_FAILED: Final = 1
EXIT_SYNTAX: Final = 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Shell for virtual machines: commands such as list, info, start and stop, and "
        "Python with the objects of the Main API.",
        epilog="Exit codes: 0 it worked, 1 a command or statement of -c or of a script failed, "
        "2 wrong options; quit CODE gives any other.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("-c", dest="code", metavar="CODE", help="carry out CODE and leave")
    add("-i", dest="stay", action="store_true", help="prompt after CODE or the script")
    add("--no-color", "--no-colour", action="store_true", help="no colours, as with NO_COLOR")
    add("-V", "--version", action="version", version=f"{PROGRAM} {version()}")
    add("script", nargs="?", metavar="FILE", help="script to carry out; -: standard input")
    add("arguments", nargs=argparse.REMAINDER, metavar="ARGUMENT", help="what sys.argv holds")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the shell.

    Args:
        argv: Options without the program's name; default: those of this process.

    Returns:
        0 when it worked, 1 when a command or statement failed, 2 for wrong options.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        options = _parser().parse_args(words)
    except SystemExit as stop:
        return int(stop.code or 0)
    if options.code is not None and options.script is not None:
        options.arguments.insert(0, options.script)
        options.script = None
    prompts = options.code is None and options.script is None and sys.stdin.isatty()
    colours = not options.no_color
    shell = Shell(
        Painter(enabled=colours and wants_colours(sys.stdout, os.environ)),
        error_painter=Painter(enabled=colours and wants_colours(sys.stderr, os.environ)),
        interactive=prompts or options.stay,
    )
    try:
        return _run(shell, options, prompts=prompts)
    except SystemExit as stop:
        return _exit_code(shell, stop)
    except BrokenPipeError:
        # The reader has seen enough (`vitrine-shell -c list | head -1`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    finally:
        shell.close()


def _exit_code(shell: Shell, stop: SystemExit) -> int:
    """As Python: a text is told, and means failure."""
    if stop.code is None or isinstance(stop.code, int):
        return stop.code or EXIT_OK
    shell.tell(str(stop.code))
    return EXIT_FAILED


def _run(shell: Shell, options: argparse.Namespace, *, prompts: bool) -> int:
    try:
        shell.refresh()
    except ApiError as error:
        shell.tell(f"{PROGRAM}: error: {error.message}")
        return EXIT_FAILED
    if prompts:
        _prompt(shell)
        return EXIT_OK
    name, text = ("-c", options.code) if options.code is not None else _script(shell, options)
    if text is None:
        return EXIT_FAILED
    sys.argv = [name, *options.arguments]
    worked = shell.run_script(text, name)
    sys.stdout.flush()
    if options.stay:
        _prompt(shell)
        return EXIT_OK
    return EXIT_OK if worked else EXIT_FAILED


def _script(shell: Shell, options: argparse.Namespace) -> tuple[str, str | None]:
    if options.script in (None, "-"):
        return "<stdin>", sys.stdin.read()
    try:
        return options.script, Path(options.script).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        shell.tell(f"{PROGRAM}: error: The script '{options.script}' cannot be read: {error}")
        return options.script, None


def _prompt(shell: Shell) -> None:
    """Carry out what is typed until the end of the input."""
    start = Path(config_folder()) / STARTUP_FILE
    print(f"Vitrine {version()}, Python {sys.version.split()[0]}. Type help, or quit to leave.")
    if start.is_file():
        with contextlib.suppress(OSError, UnicodeDecodeError):
            shell.run_script(start.read_text(encoding="utf-8"), str(start))
    with _line_editing(shell):
        block: list[str] = []
        while True:
            try:
                block.append(input("... " if block else "vitrine> "))
                shell.refresh()
            except EOFError:
                print()
                return
            except KeyboardInterrupt:
                block = []
                print()
                continue
            except ApiError as error:
                block = []
                shell.tell(f"error: {error.message}")
                continue
            if not shell.run_line("\n".join(block)):
                block = []


@contextlib.contextmanager
def _line_editing(shell: Shell) -> Iterator[None]:
    """Completion and history, where Python has readline (not on Windows)."""
    readline = _readline()
    if readline is None:
        yield
        return
    readline.set_completer_delims(DELIMITERS)
    readline.set_completer(Completer(shell).complete)
    libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
    file = Path(config_folder()) / HISTORY_FILE
    with contextlib.suppress(OSError):
        readline.read_history_file(file)
    readline.set_history_length(_HISTORY_LINES)
    try:
        yield
    finally:
        try:
            file.touch(mode=0o600)
            readline.write_history_file(file)
        except OSError as error:
            shell.tell(f"The history was not written: {error}")


def _readline() -> ModuleType | None:
    try:
        import readline
    except ImportError:
        return None
    return readline
