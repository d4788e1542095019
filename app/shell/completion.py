"""Completion of what is being typed: commands, machines, options, files and Python."""

from __future__ import annotations

import glob
import re
import rlcompleter
import shlex
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError
from app.api.schema import Facade
from app.cli.commands import ALIASES, MODULES, find_command
from app.shell.commands import COMMANDS
from app.shell.namespace import methods_of

if TYPE_CHECKING:
    from app.shell.shell import Shell

# Commands of vitrine-manage whose first word is a machine.
_OF_MACHINES: Final = frozenset((
    "adoptstate", "bandwidthctl", "clonevm", "controlvm", "debugvm", "discardstate", "getextradata",
    "modifyvm", "movevm", "setextradata", "showvminfo", "snapshot", "startvm", "storageattach",
    "storagectl", "unregistervm",
))  # fmt: skip
DELIMITERS: Final = " \t\n`!@#$%^&*()=+{}\\|;,<>?"
"""What separates words for completion; brackets and quotation marks belong to ``machines["``."""

_SUBSCRIPT: Final = re.compile(r"""(?P<start>machines\[(?P<quote>["']))(?P<name>[^"']*)""")
_ATTRIBUTE: Final = re.compile(r"(?P<object>.+)\.(?P<name>\w*)")


class Completer:
    """Finds what a word may become; asks the service for names of machines."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._found: list[str] = []

    def complete(self, text: str, state: int) -> str | None:
        """The candidate with number ``state``, as readline asks for it."""
        if state == 0:
            import readline

            before = readline.get_line_buffer()[: readline.get_begidx()]
            self._found = self.candidates(before, text)
        return self._found[state] if state < len(self._found) else None

    def candidates(self, before: str, text: str) -> list[str]:
        """What ``text`` may become when ``before`` stands left of it in the line."""
        try:
            if not before.strip():
                commands = {*COMMANDS, *MODULES, *ALIASES, *self._shell.aliases}
                names = [f"{name} " for name in commands if name.startswith(text)] if text else []
                return sorted({*names, *self._python(text)})
            if self._shell.is_command(before):
                return self._words(before, text)
            return self._python(text)
        except ApiError:
            return []

    def _words(self, before: str, text: str) -> list[str]:
        words = before.split()
        name = ALIASES.get(words[0], words[0])
        declared = COMMANDS.get(name)
        if name == "help":
            return sorted(each for each in {*COMMANDS, *MODULES} if each.startswith(text))
        if text.startswith("-") and declared is None and (found := find_command(name)):
            options = (each for option in found.options for each in option.names)
            return sorted(each for each in options if each.startswith(text))
        of_machine = declared.machine if declared is not None else name in _OF_MACHINES
        if of_machine and len(words) == 1:
            return self._machines(text)
        return sorted(glob.glob(f"{glob.escape(text)}*"))

    def _machines(self, text: str) -> list[str]:
        machines = self._shell.client.virtualbox.list_machines()
        return sorted(
            f"{shlex.quote(each.name)} " for each in machines if each.name.startswith(text)
        )

    def _python(self, text: str) -> list[str]:
        self._shell.refresh()
        if found := _SUBSCRIPT.fullmatch(text):
            machines = self._shell.client.virtualbox.list_machines()
            names = (each.name for each in machines if each.name.startswith(found["name"]))
            return sorted(f"{found['start']}{name}{found['quote']}]" for name in names)
        if attribute := _ATTRIBUTE.fullmatch(text):
            return self._attributes(attribute["object"], attribute["name"])
        completer = rlcompleter.Completer(self._shell.names)
        return sorted(set(completer.global_matches(text))) if text else []

    def _attributes(self, expression: str, start: str) -> list[str]:
        """Attributes of an object; only names, attributes and machines are evaluated."""
        if not re.fullmatch(r"\w+(\.\w+|\[(\"[^\"]*\"|'[^']*')\])*", expression):
            return []
        try:
            found = eval(expression, self._shell.names)  # noqa: S307 - see the pattern above
        except Exception:
            # Whatever an attribute of the person's objects does: there is nothing to offer.
            return []
        names = methods_of(found._name) if isinstance(found, Facade) else dir(found)
        hidden = not start.startswith("_")
        return sorted(
            f"{expression}.{name}"
            for name in names
            if name.startswith(start) and not (hidden and name.startswith("_"))
        )
