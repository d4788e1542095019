"""Every setting that an option of ``modifyvm`` sets, for ``showvminfo --details``.

VirtualBox shows some settings nowhere. What a person has set here can be seen, whether or not the
engine honours it yet: the lines are derived from the declarations of the settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app.cli.output import on_off
from app.settings.declare import Group, Items, fields_of

if TYPE_CHECKING:
    from app.cli.vminfo import Subject
    from app.cli.vminfo.writer import InfoWriter

_ELSEWHERE: Final = ("description", "name")
"""Options whose values have lines of their own."""

_LONGEST: Final = 1000


def print_details(out: InfoWriter, subject: Subject) -> None:
    """All settings by option, in alphabetical order."""
    out.human("* Settings by option:")
    for option, value in sorted(set(_options(subject.settings, ""))):
        if option not in _ELSEWHERE:
            out.script(f"option[{option}]", value)
            out.human(f"{option}: {value}")


def _options(owner: msgspec.Struct, number: str) -> Iterator[tuple[str, str]]:
    """Options and values of a structure; ``number`` ends the options of a port or adapter."""
    for field in fields_of(type(owner)):
        declared = field.declaration
        value = getattr(owner, field.name)
        if isinstance(declared, Group):
            yield from _options(value, number)
        elif isinstance(declared, Items):
            for item in value:
                slot = getattr(item, "slot", None)
                # Snapshots hold hardware too, but modifyvm does not change that.
                if slot is not None:
                    yield from _options(item, str(slot + 1))
        elif declared.cli:
            yield f"{declared.cli}{number}", _word(value)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return on_off(value)
    if isinstance(value, dict):
        return ",".join(f"{key}={value[key]}" for key in sorted(value))
    if isinstance(value, list):
        return ",".join(str(each) for each in value)
    text = str(value)
    # The picture of a machine fills the screen and tells nothing.
    return text if len(text) <= _LONGEST else f"({len(text)} characters)"
