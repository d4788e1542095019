"""Formats that are recognised and refused.

Without these, an image in such a format would pass for a raw disk, and the guest's first write
would destroy it. A format leaves this table when it gets a module of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn

from engine.storage.errors import MediumFormatError
from engine.storage.hostfile import HostFile
from engine.storage.medium import DeviceType, Medium, MediumFormat, register_format

HEAD_MARKS: Final = {

    "VHDX": (b"vhdxfile",),
    "QED": (b"QED\0",),
    "Parallels": (b"WithoutFreeSpace", b"WithouFreSpacExt"),
}
"""First bytes of the file."""

TAIL_MARKS: Final = {"DMG": (b"koly",)}
"""First bytes of the last sector: a fixed VHD, and every DMG, has its header there."""


def _recogniser(name: str) -> Callable[[bytes, bytes], bool]:
    heads = HEAD_MARKS.get(name, ())
    tails = TAIL_MARKS.get(name, ())

    def recognise(head: bytes, tail: bytes) -> bool:
        return head.startswith(heads) or tail.startswith(tails)

    return recognise


def _refuser(name: str) -> Callable[[HostFile, DeviceType, Medium | None], NoReturn]:
    def refuse(file: HostFile, device_type: DeviceType, parent: Medium | None) -> NoReturn:
        del device_type, parent
        raise MediumFormatError(
            f"'{file.path}' is a {name} image, a format that this version cannot open.",
        )

    return refuse


for _name in sorted(HEAD_MARKS.keys() | TAIL_MARKS.keys()):
    register_format(
        MediumFormat(
            name=_name,
            extensions=frozenset(),
            device_types=frozenset(DeviceType),
            open=_refuser(_name),
            recognise=_recogniser(_name),
        ),
    )
