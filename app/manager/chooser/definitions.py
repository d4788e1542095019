"""Order and openness of the groups, in the form in which VirtualBox keeps them in extra data.

The extra data key ``GUI/GroupDefinitions`` followed by the path of a group holds what is in that
group, separated by commas: ``go=NAME`` for an open group, ``gc=NAME`` for a closed one, ``m=UUID``
for a machine. VirtualBox writes ``g=`` for a closed group since 6.1 and reads every ``g`` with an
``o`` before the equals sign as open; other items (``n=GLOBAL``) are not machines or groups.
Which groups there are, and who is in them, is up to the settings of the machines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.common.translation import tr

DEFINITIONS_KEY: Final = "GUI/GroupDefinitions"
ROOT: Final = "/"
_FORBIDDEN: Final = '/,;\\="'


@dataclass(frozen=True)
class Definition:
    """What is in one group, in order.

    Attributes:
        groups: names of the groups in it, and whether each is open.
        machines: UUIDs of the machines in it.
    """

    groups: Mapping[str, bool]
    machines: Sequence[str]


def parse_definition(text: str) -> Definition:
    """Read the value of one key; what is not understood is left out."""
    groups: dict[str, bool] = {}
    machines: list[str] = []
    for item in text.replace(";", ",").split(","):
        kind, _equals, value = item.partition("=")
        if not value:
            continue
        if kind == "m":
            machines.append(value.strip("{}").lower())
        elif kind.startswith("g"):
            groups[value] = "o" in kind
    return Definition(groups, machines)


def format_definition(definition: Definition) -> str:
    """Return the text that :func:`parse_definition` and VirtualBox read."""
    groups = [f"{'go' if opened else 'gc'}={name}" for name, opened in definition.groups.items()]
    return ",".join([*groups, *(f"m={machine}" for machine in definition.machines)])


def join_path(parent: str, name: str) -> str:
    """Return the path of the group NAME in PARENT."""
    return f"{parent.rstrip('/')}/{name}"


def parent_path(path: str) -> str:
    """Return the path of the group that holds the group PATH."""
    return path.rpartition("/")[0] or ROOT


def group_name(path: str) -> str:
    """Return the last part of PATH."""
    return path.rpartition("/")[2]


def is_within(path: str, group: str) -> bool:
    """Tell whether PATH is GROUP or lies in it."""
    return group in {ROOT, path} or path.startswith(f"{group}/")


def moved_path(path: str, before: str, after: str) -> str:
    """Return where PATH is after the group BEFORE has become AFTER (which may be the root)."""
    if not is_within(path, before):
        return path
    return f"{after.rstrip('/')}{path[len(before):]}" or ROOT


def free_name(name: str, taken: set[str]) -> str:
    """Return NAME, or "NAME 2", "NAME 3"... when it is taken."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name} {number}", number + 1
    return found


def name_problem(name: str, taken: set[str]) -> str:
    """Return why a group cannot be called NAME, or an empty string."""
    if not name.strip():
        return tr("A group needs a name.")
    bad = sorted({character for character in name if character in _FORBIDDEN or character < " "})
    if bad:
        text = tr("The name of a group cannot contain {characters}.")
        return text.format(characters=" ".join(bad))
    if name in taken:
        return tr("There is a group “{name}” here already.").format(name=name)
    return ""
