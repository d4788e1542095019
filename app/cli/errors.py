"""What ends a command early, and the exit codes that scripts see."""

from __future__ import annotations

from typing import Final

EXIT_OK: Final = 0
EXIT_FAILURE: Final = 1
EXIT_SYNTAX: Final = 2


class UsageError(Exception):
    """The command line is wrong: exit code 2, after the usage of the command.

    Attributes:
        message: Sentence that names the word that is wrong.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class CommandError(Exception):
    """The command cannot be carried out: exit code 1. Nothing of it may have taken effect.

    Attributes:
        message: One or more sentences; each line gets the prefix of errors.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
