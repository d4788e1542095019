r"""The saved-state file: a header, then units.

Layout (little endian). Everything is checked by CRC-32 before it is used, and no length in the file
makes the reader allocate more than it is told to accept.

======  =====================================================================================
bytes   field
======  =====================================================================================
16      magic ``\x7fVitrineState\r\n\x1a``
4       version of the container, :data:`CONTAINER_VERSION`
4       length of the header
4       CRC-32 of the header
...     the header: JSON of :class:`Header`
...     units: ``UNIT``, version, name length, stored length, full length, CRC-32 of what is
        stored, name, and the data, deflated (RFC 1950)
...     ``TERM``, number of units, CRC-32 over the CRCs of all units
======  =====================================================================================

The terminator proves that nothing is missing: a file that ends early is no saved state. A file is
written beside its final name and gets that name when it is complete and on the disk.
"""

from __future__ import annotations

import os
import shutil
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Self

import msgspec

from engine.errors import SavedStateError
from engine.unfinished import unfinished_path, written_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAGIC: Final = b"\x7fVitrineState\r\n\x1a"
CONTAINER_VERSION: Final = 1
LARGEST_HEADER: Final = 16 << 20
LARGEST_UNIT: Final = 64 << 20
LONGEST_NAME: Final = 255
COMPRESSION_LEVEL: Final = 1  # memory of guests shrinks little further, and people wait

_COPIED_AT_ONCE: Final = 1 << 20
_PREAMBLE = struct.Struct("<16sIII")
_UNIT = struct.Struct("<4sHHIII")
_TERM = struct.Struct("<4sII")


class Header(msgspec.Struct, kw_only=True):
    """What a saved state is of, readable without loading it.

    Attributes:
        product: program and version that wrote it.
        created: UTC, ISO 8601.
        machine: name of the machine.
        ram_size: bytes of guest RAM.
        engine: execution engine that ran it.
        devices: configuration of each device by instance name, and its state's version.
        media: what was attached, by "instance/LUN": identity (UUID or path) and size in bytes.
        details: free texts for people.
    """

    product: str = ""
    created: str = ""
    machine: str = ""
    ram_size: int = 0
    engine: str = ""
    devices: dict[str, DeviceRecord] = {}
    media: dict[str, MediumRecord] = {}
    details: dict[str, str] = {}


class DeviceRecord(msgspec.Struct, kw_only=True):
    """A device as it was configured."""

    version: int
    config: dict[str, object] = {}


class MediumRecord(msgspec.Struct, kw_only=True):
    """An image as it was attached."""

    identity: str
    size: int


class StateWriter:
    """Writes a saved state; as a context manager it tidies up when something fails.

    Args:
        path: final name. header: see :class:`Header`.

    Raises:
        OSError: the file cannot be written (also from the other methods).
    """

    def __init__(self, path: str, header: Header) -> None:
        self._path = path
        self._temporary = str(unfinished_path(Path(path)))
        self._file: BinaryIO = open(self._temporary, "wb")  # noqa: SIM115 - closed by commit, abort
        self._count = 0
        self._crc = 0
        self._file.write(_packed(header))

    def add(self, name: str, version: int, data: bytes | memoryview) -> None:
        """Append a unit."""
        self.add_packed(name, version, len(data), zlib.compress(data, COMPRESSION_LEVEL))

    def add_packed(self, name: str, version: int, full_length: int, packed: bytes) -> None:
        """Append a unit whose data have been deflated already."""
        encoded = name.encode()
        check = zlib.crc32(packed)
        self._file.write(
            _UNIT.pack(b"UNIT", version, len(encoded), len(packed), full_length, check)
        )
        self._file.write(encoded)
        self._file.write(packed)
        self._count += 1
        self._crc = zlib.crc32(check.to_bytes(4, "little"), self._crc)

    def commit(self) -> None:
        """Finish: the file is on the disk under its name when this returns."""
        self._file.write(_TERM.pack(b"TERM", self._count, self._crc))
        self._publish()

    def copy_units(self, source: BinaryIO) -> None:
        """Take over the rest of another file, with its terminator, and finish."""
        shutil.copyfileobj(source, self._file, _COPIED_AT_ONCE)
        self._publish()

    def _publish(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._temporary, self._path)

    def abort(self) -> None:
        """Leave nothing behind."""
        self._file.close()
        with suppress(FileNotFoundError):
            os.unlink(self._temporary)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is not None:
            self.abort()


def _packed(header: Header) -> bytes:
    data = msgspec.json.encode(header)
    return _PREAMBLE.pack(MAGIC, CONTAINER_VERSION, len(data), zlib.crc32(data)) + data


def copy_with_header(source: str, target: str, header: Header) -> None:
    """Write a saved state with the units of another and a header of its own.

    Raises:
        SavedStateError: the source is no saved state.
        OSError: a file cannot be read or written; there is no target then.
    """
    with open(source, "rb") as file, StateWriter(target, header) as writer:
        preamble = file.read(_PREAMBLE.size)
        if len(preamble) < _PREAMBLE.size or not preamble.startswith(MAGIC):
            raise SavedStateError(f"'{source}' is not a saved state.")
        file.seek(_PREAMBLE.unpack(preamble)[2], os.SEEK_CUR)
        writer.copy_units(file)


def copy_file(source: str, target: str) -> None:
    """Copy a file that is no saved state; it appears when it is complete and on the disk.

    Raises:
        OSError: a file cannot be read or written; there is no target then.
    """
    with open(source, "rb") as file, written_whole(Path(target)) as copy:
        shutil.copyfileobj(file, copy, _COPIED_AT_ONCE)


class Unit:
    """A unit as it was read.

    Attributes:
        name, version: which state it is. data: its contents.
    """

    __slots__ = ("data", "name", "version")

    def __init__(self, name: str, version: int, data: bytes) -> None:
        self.name = name
        self.version = version
        self.data = data


class StateReader:
    """Reads a saved state, which may be damaged or made to do harm.

    Args:
        path: the file.

    Attributes:
        header: see :class:`Header`.

    Raises:
        SavedStateError: it is no saved state, or a damaged one; says what and where.
        OSError: the file cannot be read.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: BinaryIO = open(path, "rb")  # noqa: SIM115 - closed by close
        try:
            self._size = os.fstat(self._file.fileno()).st_size
            self.header = self._read_header()
        except BaseException:
            self._file.close()
            raise

    def _read_header(self) -> Header:
        raw = self._file.read(_PREAMBLE.size)
        if len(raw) < _PREAMBLE.size or raw[: len(MAGIC)] != MAGIC:
            if raw.startswith(b"\x7fVirtualBox SavedState"):
                raise SavedStateError(
                    f"'{self._path}' was saved by VirtualBox. Only VirtualBox can go on from it; "
                    "discard the saved state to start the machine anew."
                )
            raise SavedStateError(f"'{self._path}' is not a saved state.")
        _, version, length, check = _PREAMBLE.unpack(raw)
        if version > CONTAINER_VERSION:
            raise SavedStateError(
                f"'{self._path}' was saved by a newer version of this program (format {version}; "
                f"this one reads up to {CONTAINER_VERSION})."
            )
        if length > LARGEST_HEADER:
            raise self._damaged(f"its header claims {length} bytes")
        data = self._file.read(length)
        if len(data) != length or zlib.crc32(data) != check:
            raise self._damaged("its header does not match its checksum")
        try:
            return msgspec.json.decode(data, type=Header)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._damaged(f"its header cannot be understood ({error})") from error

    def units(
        self, *, largest: Callable[[str], int] = lambda _name: LARGEST_UNIT
    ) -> Iterator[Unit]:
        """Yield the units in the order of the file; ends only after the terminator.

        Args:
            largest: the most bytes to accept for a unit of a name.

        Raises:
            SavedStateError: something is damaged or missing.
        """
        count = check_all = 0
        while True:
            place = self._file.tell()
            magic = self._file.read(4)
            if magic == b"TERM":
                self._check_end(count, check_all)
                return
            rest = self._file.read(_UNIT.size - 4)
            if magic != b"UNIT" or len(rest) != _UNIT.size - 4:
                raise self._damaged(f"it ends or has no unit at byte {place}")
            _, version, name_length, stored, full, check = _UNIT.unpack(magic + rest)
            if name_length > LONGEST_NAME or stored > self._size - place:
                raise self._damaged(f"the unit at byte {place} claims {stored} bytes")
            name = self._file.read(name_length).decode("utf-8", "replace")
            if full > largest(name):
                raise self._damaged(f"the unit {name!r} claims {full} bytes")
            yield Unit(name, version, self._inflate(name, self._file.read(stored), full, check))
            count += 1
            check_all = zlib.crc32(check.to_bytes(4, "little"), check_all)

    def _inflate(self, name: str, packed: bytes, full: int, check: int) -> bytes:
        if zlib.crc32(packed) != check:
            raise self._damaged(f"the unit {name!r} does not match its checksum")
        inflater = zlib.decompressobj()
        try:
            data = inflater.decompress(packed, full + 1)
        except zlib.error as error:
            raise self._damaged(f"the unit {name!r} cannot be unpacked ({error})") from error
        if len(data) != full or not inflater.eof:
            raise self._damaged(f"the unit {name!r} has not the {full} bytes that it claims")
        return data

    def _check_end(self, count: int, check: int) -> None:
        rest = self._file.read(_TERM.size - 4)
        if len(rest) != _TERM.size - 4 or _TERM.unpack(b"TERM" + rest)[1:] != (count, check):
            raise self._damaged("units are missing from it")

    def _damaged(self, what: str) -> SavedStateError:
        return SavedStateError(f"The saved state '{self._path}' is damaged: {what}.")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()
