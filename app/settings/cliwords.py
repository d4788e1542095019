"""How the command line spells values, derived from the declarations.

A switch is ``on`` or ``off``, a number is a number, a text is itself. A word of the settings files
is spelt in lower case, as VBoxManage spells it; the table here holds the exceptions. Words that
are unknown, of newer formats, stand for themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from app.settings import enums
from app.settings.declare import Field, Items, Setting, Special, fields_of
from app.settings.values import BadValueError, parse_number, parse_switch, parse_uuid

_AS_IN_FILES = (enums.AdapterType, enums.UartType, enums.StorageControllerType)
"""Words that are names of chips keep their case."""

_EXCEPTIONS: Mapping[type[StrEnum], Mapping[str, str]] = {
    enums.PointingDevice: {
        "PS2Mouse": "ps2", "USBMouse": "usb", "ComboMouse": "combo",
    },
    enums.Keyboard: {"PS2Keyboard": "ps2", "USBKeyboard": "usb", "ComboKeyboard": "combo"},
    enums.BootDevice: {"HardDisk": "disk", "Network": "net"},
    enums.TpmType: {"v1_2": "1.2", "v2_0": "2.0"},
    enums.Attachment: {"Internal": "intnet"},
    enums.PromiscuousMode: {"AllowNetwork": "allow-vms", "AllowAll": "allow-all"},
    enums.AudioDriver: {"DirectSound": "dsound"},
    enums.DeviceType: {"HardDisk": "hdd", "DVD": "dvddrive", "Floppy": "fdd"},
    enums.StorageControllerType: {
        "AHCI": "IntelAhci", "LsiLogic": "LSILogic", "LsiLogicSas": "LSILogicSAS",
        "VirtioSCSI": "VirtIO",
    },
}

_OTHER_SPELLINGS: Mapping[type[StrEnum], Mapping[str, str]] = {
    enums.Attachment: {"hostonlynet": "HostOnlyNetwork"},
    enums.BootDevice: {"hdd": "HardDisk", "network": "Network"},
    enums.AudioDriver: {"directsound": "DirectSound"},
    enums.StorageControllerType: {
        "virtio-scsi": "VirtioSCSI", "virtio-blk": "VirtioBlk", "sas": "LsiLogicSas",
    },
}
"""What VBoxManage takes too, or took in older releases."""


def word(choices: type[StrEnum], value: str) -> str:
    """Return the command line's word for a word of the settings files."""
    known = _EXCEPTIONS.get(choices, {}).get(value)
    if known is not None:
        return known
    return value if choices in _AS_IN_FILES else value.lower()


def words(choices: type[StrEnum]) -> list[str]:
    """Return all words that the command line takes, for usage and messages."""
    return [word(choices, each.value) for each in choices if each.value]


def from_word(choices: type[StrEnum], text: str) -> str:
    """Return the word of the settings files for one of the command line, whatever its case.

    Raises:
        BadValueError: there is no such word; names those that there are.
    """
    folded = text.lower()
    for each in choices:
        if folded in (word(choices, each.value).lower(), each.value.lower()):
            return each.value
    other = _OTHER_SPELLINGS.get(choices, {}).get(folded)
    if other is None:
        raise BadValueError(f"valid: {', '.join(words(choices))}")
    return other


def spell(field: Field, value: Any) -> str:
    """Return the command line's spelling of the value of a field."""
    record = field.declaration
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(record, Setting | Special) and record.choices is not None:
        if isinstance(value, list):
            return ",".join(word(record.choices, each) for each in value)
        return word(record.choices, value)
    if isinstance(value, list):
        return ",".join(str(each) for each in value)
    if isinstance(value, dict):
        return ",".join(f"{key}={text}" for key, text in value.items())
    return "" if value is None else str(value)


def parse(field: Field, text: str) -> Any:
    """Return the value of a field that a text of the command line stands for.

    Ranges are not checked here: see :func:`app.settings.codec.validated`.

    Raises:
        BadValueError: it stands for none; the message says what is expected.
    """
    record = field.declaration
    if field.type is bool:
        return parse_switch(text, absent=False)
    if field.type is int:
        return parse_number(text)
    if isinstance(record, Setting):
        if record.choices is not None:
            return from_word(record.choices, text)
        if record.form == "uuid" and text:
            return parse_uuid(text)
    return text


def spelled(settings: msgspec.Struct, path: str) -> str:
    """Return the command line's spelling of any setting.

    Args:
        settings: settings of a machine or a part of them.
        path: place in the tree, such as ``hardware.display.vram_mb``; items of a list by their
            key, as in :mod:`app.settings.changes`: ``hardware.network_adapters[0].type``.

    Raises:
        KeyError: there is no such setting or item.
    """
    owner: Any = settings
    *steps, last = path.split(".")
    for step in steps:
        name, _, key = step.partition("[")
        field = _field(owner, name)
        owner = getattr(owner, name)
        if key:
            owner = _item(field, owner, key.rstrip("]"), path)
    return spell(_field(owner, last), getattr(owner, last))


def _field(owner: Any, name: str) -> Field:
    for field in fields_of(type(owner)):
        if field.name == name:
            return field
    raise KeyError(name)


def _item(field: Field, values: list[Any], key: str, path: str) -> Any:
    record = field.declaration
    for value in values:
        if isinstance(record, Items):
            own = ",".join(str(getattr(value, name)) for name in record.key)
            if own == key:
                return value
    raise KeyError(path)
