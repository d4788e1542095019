"""Options of ``modifyvm`` that set one value: derived from the declarations of the settings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from app.cli.commands.modifyvm_draft import (
    Declared,
    Draft,
    bad_argument,
    bad_format,
    declared_fields,
    invalid,
    modifications,
    modifies,
)
from app.cli.errors import UsageError
from app.settings import cliwords
from app.settings.declare import Field, Setting
from app.settings.values import BadValueError

if TYPE_CHECKING:
    from app.cli.options import Given

_EMPTY_WORDS: Final = {
    "bridge-adapter": "none",
    "host-only-adapter": "none",
    "host-only-net": "none",
    "intnet": "none",
    "nat-net": "default",
    "nic-bandwidth-group": "none",
    "default-frontend": "default",
    "vrde-auth-library": "default",
    "vrde-extpack": "default",
    "audio-codec": "default",
}
"""Words that stand for an empty text."""

_RANGES: Final = {
    "memory": "Invalid RAM size: {value} MB (must be in range [{low}, {high}] MB)",
    "vram": "Invalid VRAM size: {value} MB (must be in range [{low}, {high}] MB)",
    "cpus": "Invalid virtual CPU count: {value} (must be in range [{low}, {high}])",
    "cpu-execution-cap": (
        "Invalid CPU execution cap value: {value} (must be in range [{low}, {high}])"
    ),
    "monitor-count": "Invalid monitor count: {value} (must be in range [{low}, {high}])",
    "nic-boot-prio": "Invalid boot priority '{value}' specified for NIC {index}",
}
"""Sentences of VirtualBox for numbers out of range, because scripts search for them."""

_WORDS: Final = {
    "nic-type": "Invalid type '{value}' specified for NIC {index}",
    "nic-promisc": "Unknown promiscuous mode policy '{value}'",
}
"""Sentences of VirtualBox for unknown words."""


def declare_options() -> None:
    """Declare the options of all settings that no function of its own applies."""
    for key, declared in declared_fields().items():
        if key in modifications or not isinstance(declared.field.declaration, Setting):
            continue
        numbered = declared.slots and declared.path[-1] != "screens"
        modifies(
            key, value=_value_name(declared.field), indexed=declared.slots if numbered else 0
        )(partial(_apply, declared))


def _apply(declared: Declared, draft: Draft, given: Given) -> None:
    value = _value(declared.field, given)
    for owner in draft.owners(declared, given.index):
        setattr(owner, declared.field.name, value)


def _value_name(field: Field) -> str:
    record = field.declaration
    if field.type is bool:
        return "on | off"
    if isinstance(record, Setting) and record.choices is not None:
        return " | ".join(cliwords.words(record.choices))
    if field.type is int:
        return getattr(record, "unit", "") or "number"
    return "text"


def _value(field: Field, given: Given) -> Any:
    """The value of an option.

    Raises:
        UsageError: It cannot be understood.
        ApiError: It is out of range.
    """
    key = given.key
    if field.type is str and given.value.lower() == _EMPTY_WORDS.get(key, ""):
        return ""
    try:
        value = cliwords.parse(field, given.value)
    except BadValueError as error:
        if key in _WORDS:
            text = _WORDS[key].format(value=given.value, index=given.index)
            raise UsageError(text) from error
        choices = getattr(field.declaration, "choices", None)
        raise (bad_format(given) if choices is None else bad_argument(given, str(error))) from error
    _check_range(field, given, value)
    return value


def _check_range(field: Field, given: Given, value: Any) -> None:
    record = field.declaration
    if not isinstance(record, Setting) or isinstance(value, bool):
        return
    if isinstance(value, str):
        if record.max_length is not None and len(value) > record.max_length:
            raise invalid(f"{record.label} has more than {record.max_length} characters")
        return
    if not isinstance(value, int):
        return
    low, high = record.ge, record.le
    if (low is not None and value < low) or (high is not None and value > high):
        plain = "Invalid {label}: {value} (must be in range [{low}, {high}])"
        sentence = _RANGES.get(given.key, plain)
        raise invalid(
            sentence.format(
                label=record.label.lower(), value=value, low=low, high=high, index=given.index
            )
        )
