"""The shell: decides whether a line is a command or Python, and carries it out.

A line is a command when its first word is the name of one (with nothing but white space behind) and
the next does not make it an assignment. Words are split as a POSIX shell does. Everything else is
Python, which may call commands too: ``do("start box")``.
"""

from __future__ import annotations

import codeop
import contextlib
import keyword
import re
import shlex
import signal
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any, Final, TextIO

from app.api.errors import ApiError
from app.cli.commands import ALIASES, MODULES, find_command
from app.cli.context import Context
from app.cli.errors import CommandError, UsageError
from app.cli.options import Arguments, Parser
from app.shell.commands import COMMANDS
from app.shell.namespace import api_objects
from app.shell.tables import RED, Painter

if TYPE_CHECKING:
    from types import CodeType

    from app.api.client import Client

CLIENT_NAME: Final = "vitrine-shell"

_COMMAND_LINE: Final = re.compile(r"(?P<name>[A-Za-z]\w*)(?P<rest>\s.*)?", re.DOTALL)
_ASSIGNMENT: Final = re.compile(r"\s*([-+*/%@&|^:]|//|\*\*|<<|>>)?=(?!=)")


class ShellError(Exception):
    """A command could not be carried out.

    Attributes:
        sentence: Why.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Connection(Context):
    """The connection to the service; a new one is made after it was lost."""

    def __init__(self) -> None:
        super().__init__()
        self._lost = threading.Event()

    @property
    def client(self) -> Client:
        """The connection, which works unless it was lost this moment.

        Raises:
            ApiError: There is no service, and none can be started.
        """
        if self._lost.is_set():
            self.close()
            self._lost.clear()
        if self._client is None:
            from app.api.client import connect

            self._client = connect(
                client_name=CLIENT_NAME, on_lost=lambda _error: self._lost.set()
            )
        return self._client


class Shell:
    """Carries out lines, one after the other.

    Attributes:
        names: Global names of Python in the shell.
        aliases: Lines by the word that stands for them.
        painter: Of standard output.
        connection: To the service.
        interactive: Somebody types the lines.
    """

    def __init__(
        self, painter: Painter, *, error_painter: Painter | None = None, interactive: bool = False
    ) -> None:
        self.painter = painter
        self.interactive = interactive
        self.connection = Connection()
        self.aliases: dict[str, str] = {}
        self.names: dict[str, Any] = {"__name__": "__console__", "__doc__": None, "do": self.do}
        self._error_painter = error_painter or painter
        self._compiler = codeop.CommandCompiler()
        self._known: Client | None = None

    @property
    def client(self) -> Client:
        """The connection to the service."""
        return self.connection.client

    def close(self) -> None:
        """Hang up."""
        self.connection.close()

    def refresh(self) -> None:
        """Give Python the objects of the connection that there is now.

        Raises:
            ApiError: There is no service, and none can be started.
        """
        client = self.connection.client
        if client is not self._known:
            self._known = client
            self.names.update(api_objects(client))

    # -- commands ------------------------------------------------------------------------------

    def is_command(self, line: str) -> bool:
        """Whether a line is a command rather than Python."""
        if line.startswith("!"):
            return True
        found = _COMMAND_LINE.fullmatch(line.rstrip())
        if found is None or keyword.iskeyword(found["name"]):
            return False
        known = any(found["name"] in table for table in (COMMANDS, MODULES, ALIASES, self.aliases))
        return known and _ASSIGNMENT.match(found["rest"] or "") is None

    def do(self, line: str) -> None:
        """Carry out one command.

        Raises:
            ShellError: It failed; says why.
            ApiError: The service refused it.
        """
        self._do(line, depth=0)

    def _do(self, line: str, depth: int) -> None:
        line = line.strip()
        if line.startswith("!"):
            line = f"shell {line[1:]}"
        name, _, rest = line.partition(" ")
        if name in self.aliases:
            if depth > len(self.aliases):
                raise ShellError(f"The alias '{name}' stands for itself.")
            self._do(f"{self.aliases[name]} {rest}", depth + 1)
            return
        try:
            words = [rest.strip()] if name == "shell" else shlex.split(rest)
        except ValueError as error:
            raise ShellError(f"The line cannot be split into words: {error}.") from error
        found = COMMANDS.get(name)
        if found is None:
            self.manage([name, *words])
            return
        least, most = found.words
        if len(words) < least or -1 < most < len(words):
            raise ShellError(f"Usage: {name} {found.usage}".rstrip())
        found.function(self, words)

    def manage(self, words: list[str]) -> None:
        """Carry out a command of vitrine-manage.

        Raises:
            ShellError: It failed; says why.
            ApiError: The service refused it.
        """
        declared = find_command(words[0])
        if declared is None:
            raise ShellError(f"There is no command '{words[0]}'; see: help")
        if words[1:2] in (["--help"], ["-h"], ["-?"]):
            from app.cli.help import print_help

            print_help(declared)
            return
        before = signal.getsignal(signal.SIGINT)
        try:
            arguments = (
                Arguments([], words[1:]) if declared.raw
                else Parser(declared.options).parse(words[1:])
            )  # fmt: skip
            code = declared.function(self.connection, arguments)
        except UsageError as error:
            raise ShellError(f"{error.message}. See: help {declared.name}") from error
        except CommandError as error:
            raise ShellError(error.message) from error
        finally:
            # A cancelled operation of the command line leaves Ctrl+C to the system.
            with contextlib.suppress(ValueError):
                signal.signal(signal.SIGINT, before)
        if code:
            raise ShellError(f"{declared.name} failed.")

    # -- lines ---------------------------------------------------------------------------------

    def run_line(self, line: str) -> bool:
        """Carry out one line or block that was typed, and tell on standard error what went wrong.

        Returns:
            Whether more lines are needed: a block of Python is not complete.

        Raises:
            SystemExit: The person wants to leave.
        """
        if "\n" not in line and self.is_command(line):
            self._guarded(lambda: self.do(line))
            return False
        try:
            code = self._compiler(line, "<typed>", "single")
        except (SyntaxError, ValueError, OverflowError) as error:
            self.tell("".join(traceback.format_exception_only(error)).rstrip())
            return False
        if code is None:
            return True
        self._guarded(lambda: self._run_code(code))
        return False

    def run_script(self, text: str, name: str) -> bool:
        """Carry out a script: commands at the beginning of lines, Python between them.

        It ends at the first command or statement that fails, which standard error tells.

        Args:
            text: The script.
            name: What messages call it.

        Returns:
            Whether all of it worked.
        """
        return self._guarded(lambda: self._run_parts(text, name), place=name)

    def _run_parts(self, text: str, name: str) -> None:
        block: list[str] = []
        first = 1
        for number, line in enumerate([*text.splitlines(), ""], 1):
            if self.is_command(line) and (code := _compiled(block, first, name)) is not None:
                self._run_code(code)
                block, first = [], number + 1
                try:
                    self.do(line)
                except (ApiError, ShellError) as error:
                    raise ShellError(f"line {number}: {error}") from error
            else:
                block.append(line)
        source = "\n" * (first - 1) + "\n".join(block)
        self._run_code(compile(source, name, "exec"))

    def _run_code(self, code: CodeType) -> None:
        self.refresh()
        exec(code, self.names)  # noqa: S102 - running what the person wrote is the purpose

    def _guarded(self, action: Any, place: str = "") -> bool:
        """Run ``action``; returns whether it worked, and tells why it did not."""
        prefix = f"{place}: " if place else ""
        try:
            action()
        except SystemExit:
            raise
        except ShellError as error:
            self.tell(f"{prefix}error: {error.sentence}")
        except ApiError as error:
            self.tell(f"{prefix}error: {error.code.name}: {error.message}")
        except KeyboardInterrupt:
            self.tell(f"{prefix}interrupted")
        except BaseException as error:
            # The frames of the shell itself are of no interest to the person.
            error.__traceback__ = _of_the_person(error)
            self.tell("".join(traceback.format_exception(error)).rstrip())
        else:
            return True
        return False

    def tell(self, sentence: str, stream: TextIO | None = None) -> None:
        """Print an error."""
        sys.stdout.flush()
        print(self._error_painter.paint(sentence, RED), file=stream or sys.stderr, flush=True)


def _compiled(block: list[str], first: int, name: str) -> CodeType | None:
    """The code of a complete block; None: the next line belongs to it (a text, a bracket)."""
    try:
        return compile("\n" * (first - 1) + "\n".join(block) + "\n", name, "exec")
    except SyntaxError:
        return None


def _of_the_person(error: BaseException) -> Any:
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace
