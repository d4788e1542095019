"""``controlvm``: control a machine that runs, and change what may change meanwhile.

Each verb is a function of the modules beside this one, declared with
:func:`app.cli.commands.controlvm_verbs.verb`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from app.cli.commands import (
    command,
    controlvm_absent,  # noqa: F401 (declares verbs)
    controlvm_input,  # noqa: F401
    controlvm_run,  # noqa: F401
    controlvm_settings,  # noqa: F401
)
from app.cli.commands.controlvm_verbs import Control, verbs
from app.cli.errors import CommandError, UsageError

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments

_NUMBERED: Final = r"^(?P<stem>[a-z]+)(?P<index>\d+)$"


@command(
    "controlvm",
    "Control a running machine.",
    usage=[f"controlvm <uuid | vmname> {verbs[name].usage}" for name in sorted(verbs)],
    raw=True,
)
def controlvm(context: Context, arguments: Arguments) -> None:
    """Carry out one verb."""
    words = arguments.words
    if len(words) < 2:
        raise UsageError("Not enough parameters")
    name, index = _find(words[1])
    info = context.machine(words[0])
    if not info.state.is_online:
        raise CommandError(f"Machine '{words[0]}' is not currently running.")
    verbs[name].function(Control(context, info, name, index, words[2:]))


def _find(word: str) -> tuple[str, int]:
    """The verb that is meant and its number."""
    name = word.removeprefix("--")
    if name in verbs and not verbs[name].indexed:
        return name, 0
    match = re.match(_NUMBERED, name)
    if match is not None and match["stem"] in verbs and verbs[match["stem"]].indexed:
        return match["stem"], int(match["index"])
    raise UsageError(f"Invalid parameter '{word}'")
