"""Label and small files of an optical image (ECMA-119, with Rock Ridge and Joliet names).

Images come from anywhere: every number is checked before it is used, and at most a few hundred KiB
are read. Times, permissions and files in several extents are of no interest here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

SECTOR: Final = 2048
"""Bytes of a logical sector (ECMA-119 6.1.2)."""

_FIRST_DESCRIPTOR: Final = 16
_MOST_DESCRIPTORS: Final = 32
_IDENTIFIER: Final = b"CD001"
_PRIMARY, _SUPPLEMENTARY, _TERMINATOR = 1, 2, 255
_JOLIET_ESCAPES: Final = (b"%/@", b"%/C", b"%/E")

_LARGEST_FOLDER: Final = 512 << 10
_LARGEST_TEXT: Final = 64 << 10
_DIRECTORY_FLAG: Final = 2


class _Record(NamedTuple):
    """A directory record (ECMA-119 9.1).

    Attributes:
        name: as people see it.
        sector: first sector of the content.
        size: bytes of the content.
        is_folder: the content is a directory.
    """

    name: str
    sector: int
    size: int
    is_folder: bool


class NotAnIsoImageError(Exception):
    """The file holds no ISO 9660 file system."""


class IsoImage:
    """What an ISO 9660 image says of itself.

    Args:
        file: the image, readable and seekable; stays the caller's.

    Attributes:
        label: volume identifier without the blanks behind it.
        application: application identifier, may be empty.

    Raises:
        NotAnIsoImageError: there is no primary volume descriptor.
        OSError: the file cannot be read.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.label = ""
        self.application = ""
        self._roots: list[tuple[_Record, bool]] = []
        self._read_descriptors()
        if not self._roots:
            raise NotAnIsoImageError("The file has no volume descriptor of ISO 9660.")

    def _read_descriptors(self) -> None:
        for number in range(_MOST_DESCRIPTORS):
            descriptor = self._read(_FIRST_DESCRIPTOR + number, SECTOR)
            if len(descriptor) < SECTOR or descriptor[1:6] != _IDENTIFIER:
                return
            kind = descriptor[0]
            if kind == _TERMINATOR:
                return
            root = _record(descriptor[156:190], joliet=False)
            if kind == _PRIMARY and not self._roots:
                self.label = _text(descriptor[40:72])
                self.application = _text(descriptor[574:702])
                self._roots.append((root, False))
            elif kind == _SUPPLEMENTARY and descriptor[88:91] in _JOLIET_ESCAPES:
                self._roots.append((root, True))

    def read_text(self, path: str) -> str | None:
        """Return the beginning of a text file, at most 64 KiB; None when it is not there.

        Args:
            path: from the root with slashes; upper and lower case are the same.
        """
        for root, joliet in self._roots:
            found: _Record | None = root
            for step in path.strip("/").split("/"):
                found = self._find(found, step, joliet=joliet) if found is not None else None
            if found is not None and not found.is_folder:
                content = self._read(found.sector, min(found.size, _LARGEST_TEXT))
                encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
                return content.decode(encoding, "replace")
        return None

    def _find(self, folder: _Record, name: str, *, joliet: bool) -> _Record | None:
        if not folder.is_folder:
            return None
        wanted = name.casefold()
        for record in self._records(folder, joliet=joliet):
            if record.name.casefold() == wanted:
                return record
        return None

    def _records(self, folder: _Record, *, joliet: bool) -> Iterator[_Record]:
        content = self._read(folder.sector, min(folder.size, _LARGEST_FOLDER))
        place = 0
        while place < len(content):
            length = content[place]
            if length == 0:
                # Records do not cross sectors; the rest of this one is empty.
                place += SECTOR - place % SECTOR
                continue
            raw = content[place : place + length]
            place += length
            if len(raw) >= 34 and raw[32] + 33 <= len(raw):
                yield _record(raw, joliet=joliet)

    def _read(self, sector: int, size: int) -> bytes:
        self._file.seek(sector * SECTOR)
        return self._file.read(size)


def _record(raw: bytes, *, joliet: bool) -> _Record:
    sector, size = struct.unpack_from("<I4xI", raw, 2)
    name_length = raw[32]
    name = raw[33 : 33 + name_length]
    if joliet:
        text = name.decode("utf-16-be", "replace")
    else:
        # The system use area begins at an even place (ECMA-119 9.1.12).
        area = raw[33 + name_length + (1 - name_length % 2) :]
        text = _rock_ridge_name(area) or name.decode("ascii", "replace")
    text = text.partition(";")[0].rstrip(".")
    return _Record(text, sector, size, bool(raw[25] & _DIRECTORY_FLAG))


def _rock_ridge_name(area: bytes) -> str:
    """The alternate name in a system use area (RRIP 1.12, 4.1.4); empty when there is none."""
    name = b""
    place = 0
    while place + 4 <= len(area):
        length = area[place + 2]
        if length < 4:
            break
        if area[place : place + 2] == b"NM":
            name += area[place + 5 : place + length]
        place += length
    return name.decode("utf-8", "replace")


def _text(field: bytes) -> str:
    return field.decode("utf-8", "replace").replace("\0", " ").strip()
