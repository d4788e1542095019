"""The text that describes a VMDK image: its identity, its parent and the files it is made of.

Reference: VMware, "Virtual Disk Format 5.0". The UUIDs in the disk database are VirtualBox's.
Lines that are not understood are kept.
"""

from __future__ import annotations

import os
import re
import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from engine.storage.errors import MediumFormatError, MediumParameterError
from engine.storage.medium import SECTOR_SIZE

DESCRIPTOR_MARK: Final = b"# Disk DescriptorFile"
LARGEST_DESCRIPTOR: Final = 1 << 20
NO_PARENT: Final = "ffffffff"
NULL_UUID: Final = uuid.UUID(int=0)
MOST_EXTENTS: Final = 4096
EXTENT_ENDINGS: Final = (".vmdk", ".img", ".raw", ".bin", ".dd", ".flat")
"""Of files that may be a part of a disk: a descriptor that somebody made to do harm could name
the settings of the machine beside it, and the guest would write over them."""

_EXTENT: Final = re.compile(
    r'(RW|RDONLY|NOACCESS)\s+(\d{1,19})\s+([A-Z]+)(?:\s+"([^"]*)"(?:\s+(\d{1,19}))?)?\s*$'
)
_ASSIGNMENT: Final = re.compile(r'\s*([\w.]+)\s*=\s*"?([^"\n]*?)"?\s*$')


@dataclass(frozen=True)
class ExtentLine:
    """A part of the disk.

    Attributes:
        writable: the line says RW.
        size: bytes.
        kind: SPARSE, FLAT, ZERO...
        name: of the file, in the folder of the descriptor.
        offset: of its first byte in the file.
    """

    writable: bool
    size: int
    kind: str
    name: str = ""
    offset: int = 0

    def __str__(self) -> str:
        offset = f" {self.offset // SECTOR_SIZE}" if self.kind == "FLAT" else ""
        access = "RW" if self.writable else "RDONLY"
        return f"{access} {self.size // SECTOR_SIZE} {self.kind} {quoted(self.name)}{offset}"


class Descriptor:
    """The lines of a descriptor."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    @classmethod
    def parse(cls, stored: bytes, path: Path) -> Self:
        """Read a descriptor.

        Raises:
            MediumFormatError: it is none, or has no content identifier.
        """
        text = stored.split(b"\0", 1)[0]
        if not text.lstrip().startswith(DESCRIPTOR_MARK):
            raise MediumFormatError(
                f"The VMDK image '{path}' is damaged: its descriptor begins with {text[:24]!r}.",
            )
        try:
            decoded = text.decode()
        except UnicodeDecodeError:
            decoded = text.decode("latin-1")
        return cls(decoded.splitlines())

    def get(self, key: str) -> str:
        """Return the value of a key; empty: there is none."""
        for line in self._lines:
            found = _ASSIGNMENT.match(line)
            if found and found[1].lower() == key.lower():
                return found[2].strip()
        return ""

    def uuid(self, name: str) -> uuid.UUID:
        """Return ``ddb.uuid.<name>``; null: there is none."""
        try:
            return uuid.UUID(self.get(f"ddb.uuid.{name}"))
        except ValueError:
            return NULL_UUID

    def extents(self, path: Path) -> list[ExtentLine]:
        """Return the parts of the disk in their order.

        Raises:
            MediumFormatError: there are none, too many, or files outside of the image's folder.
        """
        found = []
        for line in self._lines:
            match = _EXTENT.match(line.strip())
            if match is None:
                continue
            access, sectors, kind, name, offset = match.groups()
            if name is not None and (os.path.basename(name) != name or name in {"", ".", ".."}):
                raise MediumFormatError(
                    f"The VMDK image '{path}' has an extent '{name}' outside of its folder.",
                )
            found.append(
                ExtentLine(
                    writable=access == "RW",
                    size=int(sectors) * SECTOR_SIZE,
                    kind=kind,
                    name=name or "",
                    offset=int(offset or 0) * SECTOR_SIZE,
                )
            )
        if not 0 < len(found) <= MOST_EXTENTS:
            raise MediumFormatError(f"The VMDK image '{path}' has {len(found)} extents.")
        return found

    def change(self, values: dict[str, str]) -> Descriptor:
        """Return a descriptor with other values; those that it lacks are added, empty ones go."""
        missing = dict(values)
        lines = []
        for line in self._lines:
            found = _ASSIGNMENT.match(line)
            key = next((k for k in missing if found and found[1].lower() == k.lower()), None)
            if key is None:
                lines.append(line)
                continue
            value = missing.pop(key)
            if value:
                lines.append(assignment(key, value))
        for key, value in missing.items():
            if value:
                at = len(lines) if key.startswith("ddb.") else self._after_parent_cid(lines)
                lines.insert(at, assignment(key, value))
        return Descriptor(lines)

    @staticmethod
    def _after_parent_cid(lines: list[str]) -> int:
        for number, line in enumerate(lines):
            if line.startswith("parentCID"):
                return number + 1
        return 1

    def with_extents(self, extents: list[ExtentLine]) -> Descriptor:
        """Return a descriptor with other parts."""
        at = next(n for n, line in enumerate(self._lines) if _EXTENT.match(line.strip()))
        lines = [line for line in self._lines if not _EXTENT.match(line.strip())]
        lines[at:at] = [str(extent) for extent in extents]
        return Descriptor(lines)

    def pack(self) -> bytes:
        """Encode."""
        return ("\n".join(self._lines) + "\n").encode()


def quoted(value: str) -> str:
    """Return a text as it stands in a descriptor.

    Raises:
        MediumParameterError: it would end the quotation or the line, and there is no way to write
            such characters.
    """
    if '"' in value or (value and value.splitlines() != [value]):
        raise MediumParameterError(
            f"The descriptor of a VMDK image cannot hold {value!r}: a name in it must have neither "
            f"quotation marks nor line breaks.",
        )
    return f'"{value}"'


def assignment(key: str, value: str) -> str:
    """Return the line that gives a key its value.

    Raises:
        MediumParameterError: as :func:`quoted`.
    """
    plain = key in {"version", "CID", "parentCID"}
    return f"{key}={value if plain else quoted(value)}"


def new_cid() -> str:
    """Return a content identifier that tells nothing of what it stands for."""
    return f"{secrets.randbelow(0xFFFF_FFF0):08x}"


def new_descriptor(
    create_type: str,
    extents: list[ExtentLine],
    image_id: uuid.UUID,
    parent: dict[str, str] | None = None,
) -> Descriptor:
    """Describe a new image.

    Args:
        create_type: ``monolithicSparse``...
        extents: of the disk.
        image_id: its UUID.
        parent: keys and values that name the parent of a differencing image.
    """
    size = sum(extent.size for extent in extents)
    cylinders = max(1, min(16383, size // (16 * 63 * SECTOR_SIZE)))
    lines = [
        DESCRIPTOR_MARK.decode(),
        "version=1",
        f"CID={new_cid()}",
        f"parentCID={NO_PARENT}",
        f'createType="{create_type}"',
        "",
        "# Extent description",
        *map(str, extents),
        "",
        "# The disk Data Base",
        "#DDB",
        "",
        'ddb.virtualHWVersion = "4"',
        'ddb.adapterType="ide"',
        f'ddb.geometry.cylinders="{cylinders}"',
        'ddb.geometry.heads="16"',
        'ddb.geometry.sectors="63"',
        f'ddb.uuid.image="{image_id}"',
        f'ddb.uuid.modification="{uuid.uuid4()}"',
        f'ddb.uuid.parent="{NULL_UUID}"',
        f'ddb.uuid.parentmodification="{NULL_UUID}"',
    ]
    return Descriptor(lines).change(parent or {})
