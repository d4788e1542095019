"""The reference page of the command line, made from the commands' declarations: ``docs/cli.md``."""

from __future__ import annotations

from typing import Final

from app.cli.commands import ALIASES, MODULES, Command, find_command
from app.cli.help import PROGRAM, usage_of
from app.cli.options import Option
from tools.docstrings import table

_HEAD: Final = f"""\
# {PROGRAM}

Made by `make docs` from the declarations in `app/cli/commands`; do not edit.

The grammar, the outputs and the exit codes are those of VBoxManage 7.1: 0 when it worked, 1 when it
failed, 2 when the command line is wrong. Errors go to standard error and start with
`VBoxManage: error:`; progress (`0%...10%...`) goes there, too. Options are written `--name=value`,
`--name value` or `--name:value`; where several spellings are listed, the later ones are those of
older releases. `@FILE` in place of the command or as the last word reads words from a file.
"""


def pages() -> dict[str, str]:
    """The page, by its path below ``docs``."""
    commands = [find_command(name) for name in sorted(MODULES)]
    parts = [
        _HEAD,
        table(
            ("command", "what it does"),
            [(f"[`{c.name}`](#{c.name})", c.summary) for c in commands if c is not None],
        ),
        *(_section(command) for command in commands if command is not None),
    ]
    return {"cli.md": "\n".join(parts)}


def _section(command: Command) -> str:
    old = sorted(name for name, new in ALIASES.items() if new == command.name)
    usage = usage_of(command).partition("\n\n")[2].rstrip()
    parts = [f"## {command.name}\n", command.summary + "\n", f"```\n{usage}\n```\n"]
    if old:
        parts.append("Also called " + ", ".join(f"`{name}`" for name in old) + ".\n")
    rows = [_row(option) for option in command.options if not option.hidden]
    if rows:
        parts.append(table(("option", "other spellings", "meaning"), rows))
    return "\n".join(parts)


def _row(option: Option) -> tuple[str, str, str]:
    others = ", ".join(f"`{name}`" for name in option.names[1:])
    return f"`{option.usage}`", others, option.help
