"""The one interface of all image formats, and the registry through which they are found.

A format is a subclass of :class:`Medium` in a module of :mod:`engine.storage.formats`, declared
with :func:`medium_format`. Nothing else lists it. The format of a file is found by its content;
the extension only decides what to say about a file whose content nobody recognises.
"""

from __future__ import annotations

import enum
import functools
import importlib
import os
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Literal, Protocol, Self, TypeVar
from uuid import UUID

import msgspec

from engine.storage.errors import (
    MediumFormatError,
    MediumIOError,
    MediumLocked,
    MediumParameterError,
    MediumReadOnly,
)
from engine.storage.hostfile import HostFile
from engine.storage.hostlock import LockMode
from engine.storage.vectors import fill, total

SECTOR_SIZE: Final = 512
PROBE_BYTES: Final = 4096
"""How much of the start of a file a format sees to recognise it."""

DeviceTypeName = Literal["hdd", "dvd", "floppy"]


class DeviceType(enum.StrEnum):
    """Kind of drive an image belongs into."""

    HARD_DISK = "hdd"
    DVD = "dvd"
    FLOPPY = "floppy"

    @property
    def settings_name(self) -> str:
        """The name in settings files and in the Main API."""
        return {"hdd": "HardDisk", "dvd": "DVD", "floppy": "Floppy"}[self.value]

    @property
    def description(self) -> str:
        """The name in sentences, with its article."""
        return {"hdd": "a hard disk", "dvd": "an optical disc", "floppy": "a floppy disk"}[
            self.value
        ]


class Allocation(enum.Enum):
    """Where an image of a chain has the bytes of a range from."""

    STORED = "stored"
    """The image holds them."""
    ZERO = "zero"
    """They are zeros, whatever the parent holds."""
    PARENT = "parent"
    """The parent has them; zeros where there is none."""


class MediumInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to know about an image without using it; field for field the API's record.

    Attributes:
        id: UUID in lower case without braces.
        path: absolute path of the image file.
        format: name of the format, ``VDI``, ``RAW``...
        variant: ``Standard``, ``Fixed``, ``Diff``, ``Split2G``, ``FixedSplit2G`` or ``Stream``.
        device_type: ``HardDisk``, ``DVD`` or ``Floppy``.
        logical_size: bytes that the guest sees.
        actual_size: bytes that the file occupies on the host.
        state: ``Created``, ``LockedRead`` or ``LockedWrite``.
        access_error: why it cannot be used, or empty.
        parent_id: UUID of the image that a differencing image builds on, or empty.
        stores_id: the image holds its UUID itself; else ``id`` follows from the path.
    """

    id: str
    path: str
    format: str
    variant: str
    device_type: str
    logical_size: int
    actual_size: int
    state: str
    access_error: str = ""
    parent_id: str = ""
    stores_id: bool = False


class Medium(ABC):
    """An open image. For one thread at a time; offsets and lengths are bytes of any alignment.

    Attributes:
        format_name: name of the format, set by :func:`medium_format`.
        variant: ``Standard`` (grows on demand), ``Fixed`` (all room taken) or ``Diff``.
        uuid: identity of the image; derived from the path where the format stores none.
        stores_uuid: the format stores it.
        parent_uuid: of a differencing image's parent, else None.
        modification_uuid: of the contents; None where the format stores none.
        size: bytes that the guest sees, a multiple of ``sector_size``.
        sector_size: bytes in a sector of the drive.
        device_type: the kind of drive it was opened for.
        read_only: writes are refused.
        path: absolute path of the image file.
    """

    format_name: ClassVar[str] = ""

    variant: str
    uuid: UUID
    stores_uuid: bool = False
    parent_uuid: UUID | None = None
    modification_uuid: UUID | None = None
    size: int
    sector_size: int = SECTOR_SIZE
    read_only: bool

    def __init__(self, file: HostFile, device_type: DeviceType, parent: Medium | None) -> None:
        """Read and validate what the file says about itself.

        Raises:
            MediumFormatError: with the fact that makes the file unusable.
        """
        self._file = file
        self._parent = parent
        self.device_type = device_type
        self.read_only = not file.writable

    @property
    def path(self) -> Path:
        """Absolute path of the image file."""
        return self._file.path

    @abstractmethod
    def read(self, offset: int, length: int) -> bytes:
        """Return exactly ``length`` bytes from a byte offset.

        Raises:
            MediumIOError: the range lies outside the image, or the host could not read.
        """

    def read_into(self, offset: int, views: list[memoryview]) -> None:
        """Fill parts of memory, in order, with the bytes from a byte offset on.

        Raises:
            MediumIOError: as :meth:`read`; the memory then holds anything.
        """
        fill(views, self.read(offset, total(views)))

    @abstractmethod
    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Write bytes at a byte offset; they survive the death of this process.

        Raises:
            MediumReadOnly: the image was opened for reading.
            MediumFull: no room on the host. The image stays consistent, and the same write may be
                tried again.
            MediumIOError: the range lies outside the image, or the host could not write.
        """

    def flush(self) -> None:
        """Make everything written survive a crash of the host.

        Raises:
            MediumFull: data that the host had accepted found no room after all.
            MediumIOError: data that the host had accepted could not be written.
        """
        self._file.sync()

    @abstractmethod
    def discard(self, offset: int, length: int) -> None:
        """Tell that the guest no longer needs a range; it then reads as zeros or as before.

        Raises:
            MediumReadOnly: the image was opened for reading.
            MediumIOError: the range lies outside the image.
        """

    def may_hold_data(self, offset: int, length: int) -> bool:
        """Tell whether a range may read as anything but zeros; False spares the reading."""
        del offset, length
        return True

    def allocation(self, offset: int, length: int) -> tuple[Allocation, int]:
        """Tell where the bytes from an offset come from, and how many of ``length`` do.

        Formats without parents need not know; those with parents must tell what is the parent's.
        """
        stored = self.may_hold_data(offset, length)
        return (Allocation.STORED if stored else Allocation.ZERO), length

    def keep_modification_uuid(self) -> None:
        """Let the next writes leave ``modification_uuid`` alone: what children read stays true.

        For merges, which write into an image what a child of it already holds, or what it has read
        from its parent before.
        """
        del self

    def replace_parent(self, parent: Medium | None) -> None:
        """Read from another opening of the parent, or from what has taken its place.

        What is read through the image stays the same: the caller sees to that.
        """
        self._parent = parent

    def take_lock(self, mode: LockMode) -> bool:
        """Change the lock of the open file; tells whether nobody else stood in the way."""
        return self._file.take_lock(mode)

    def bypass_cache(self) -> bool:
        """Go past the host's cache from now on; tells whether its file systems can do that."""
        return self._file.bypass_cache()

    def check(self) -> list[str]:
        """Return a sentence for each irregularity that does not keep the image from being used."""
        return []

    def finish(self) -> None:
        """Bring the file into its final shape and flush it, but leave it open.

        Raises:
            MediumFull, MediumIOError: as ``flush``.
        """
        self._file.sync()

    def release(self) -> None:
        """Finish, and close everything but the file that the medium was made of.

        Raises:
            MediumFull, MediumIOError: as ``flush``.
        """
        self.finish()

    def close(self) -> None:
        """Flush, and release the file and its lock; a second call does nothing.

        Raises:
            MediumFull, MediumIOError: as ``flush``; the file is released all the same.
        """
        try:
            self.release()
        finally:
            self._file.close()

    def other_files(self) -> list[Path]:
        """Return the files besides ``path`` in which the image keeps its data."""
        return []

    def _allocated_bytes(self) -> int:
        return self._file.allocated_bytes()

    def info(self) -> MediumInfo:
        """Describe the image; ``state`` tells how this opening holds it."""
        states = {LockMode.EXCLUSIVE: "LockedWrite", LockMode.SHARED: "LockedRead"}
        return MediumInfo(
            id=str(self.uuid),
            path=str(self.path),
            format=self.format_name,
            variant=self.variant,
            device_type=self.device_type.settings_name,
            logical_size=self.size,
            actual_size=self._allocated_bytes(),
            state=states.get(self._file.lock, "Created"),
            parent_id=str(self.parent_uuid) if self.parent_uuid is not None else "",
            stores_id=self.stores_uuid,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _check_range(self, offset: int, length: int) -> None:
        if offset < 0 or length < 0 or offset + length > self.size:
            raise MediumIOError(
                f"{length} bytes at offset {offset} lie outside the image '{self.path}' of "
                f"{self.size} bytes.",
            )

    def _check_writable(self, offset: int, length: int) -> None:
        if self.read_only:
            raise MediumReadOnly(f"The image '{self.path}' is open for reading only.")
        self._check_range(offset, length)


MediumOpener = Callable[[HostFile, DeviceType, Medium | None], Medium]
"""Makes a medium of an open file; the file stays the caller's when this raises."""


class MediumCreator(Protocol):
    """Writes a new image into an empty file."""

    def __call__(
        self,
        file: HostFile,
        size: int,
        variant: str,
        progress: Callable[[int], None],
    ) -> None:
        """Lay out an image of ``size`` bytes, reporting per cent done.

        Raises:
            MediumParameterError: the size does not fit the format.
            MediumFull: no room on the host.
        """


class MediumExporter(Protocol):
    """Writes a complete image of a variant that can only be written from its start to its end."""

    def __call__(
        self, source: Medium, file: HostFile, size: int, progress: Callable[[int], None]
    ) -> None:
        """Fill an empty file with ``size`` bytes of ``source``, and zeros behind its end.

        Raises:
            MediumParameterError: the size does not fit the format.
            MediumFull: no room on the host.
        """


class DifferenceCreator(Protocol):
    """Writes a new differencing image into an empty file."""

    def __call__(self, file: HostFile, parent: Medium, image_id: UUID | None) -> None:
        """Lay out an image that reads as ``parent`` and has its size.

        Args:
            file: empty; its path is a temporary one in the folder of the final one.
            parent: open; of any format.
            image_id: UUID of the new image, None for a new one.

        Raises:
            MediumParameterError: the parent cannot be one in this format.
            MediumFull: no room on the host.
        """


class MediumMaintenance(Protocol):
    """What a format can do to an image that nobody uses, given the open file."""

    def grow(self, file: HostFile, size: int, progress: Callable[[int], None]) -> bool:
        """Make the disk larger where the image stands; False when it has to be written anew.

        A crash leaves the image with the old or the new size; so does an exception of
        ``progress``, with the old one.

        Raises:
            MediumParameterError: the size is smaller, or does not fit the format.
        """

    def rewrite(
        self, file: HostFile, target: HostFile, size: int | None, progress: Callable[[int], None]
    ) -> None:
        """Write the same image into an empty file, without blocks of zeros; None: no new size.

        Raises:
            MediumParameterError: the size is smaller, or does not fit the format.
        """

    def shrinks(self, file: HostFile) -> bool:
        """Tell whether blocks of zeros need not be stored: the image is not a fixed one."""

    def set_ids(self, file: HostFile, image_id: UUID | None, parent_id: UUID | None) -> None:
        """Store other UUIDs, None for no change.

        Raises:
            MediumParameterError: an image that is no difference gets no parent.
        """

    def set_parent(self, file: HostFile, parent: Medium | None) -> None:
        """Have the image build on another open image, None: on nothing, as a complete one.

        What the image itself holds stays as it is. A crash leaves the old or the new parent.

        Raises:
            MediumParameterError: an image of this kind can have no parent.
        """


@dataclass(frozen=True)
class MediumFormat:
    """The declaration of a format.

    Attributes:
        name: as in settings files.
        extensions: of its files, lower case with the dot.
        device_types: the drives it may be put into.
        open: makes a medium of a file.
        recognise: tells by the first ``PROBE_BYTES`` bytes and the last ``SECTOR_SIZE`` bytes;
            None for a format without any mark, which takes what no other format recognises.
        create: lays out a new image; None for formats that are only read.
        variants: that ``create`` can make.
        create_difference: lays out a new differencing image; None for formats without them.
        maintenance: for images that nobody uses; None where the format has none.
        exporters: by the variants that are written from start to end.
        aliases: other names by which the format may be asked for.
    """

    name: str
    extensions: frozenset[str]
    device_types: frozenset[DeviceType]
    open: MediumOpener
    recognise: Callable[[bytes, bytes], bool] | None = None
    create: MediumCreator | None = None
    variants: frozenset[str] = frozenset()
    create_difference: DifferenceCreator | None = None
    maintenance: MediumMaintenance | None = None
    exporters: Mapping[str, MediumExporter] = field(default_factory=dict)
    aliases: frozenset[str] = frozenset()


_formats: list[MediumFormat] = []
_MediumClass = TypeVar("_MediumClass", bound=type[Medium])


def register_format(declaration: MediumFormat) -> None:
    """Add a format; called while the module that declares it is being imported."""
    _formats.append(declaration)


def medium_format(
    name: str,
    *,
    extensions: tuple[str, ...],
    device_types: tuple[DeviceType, ...],
    recognise: Callable[[bytes, bytes], bool] | None = None,
    create: MediumCreator | None = None,
    variants: tuple[str, ...] = (),
    create_difference: DifferenceCreator | None = None,
    maintenance: MediumMaintenance | None = None,
    exporters: Mapping[str, MediumExporter] | None = None,
    aliases: tuple[str, ...] = (),
) -> Callable[[_MediumClass], _MediumClass]:
    """Declare the decorated class, called with (file, device type, parent), as a format."""

    def declare(medium_class: _MediumClass) -> _MediumClass:
        medium_class.format_name = name
        register_format(
            MediumFormat(
                name=name,
                extensions=frozenset(extensions),
                device_types=frozenset(device_types),
                open=medium_class,
                recognise=recognise,
                create=create,
                variants=frozenset(variants),
                create_difference=create_difference,
                maintenance=maintenance,
                exporters=exporters or {},
                aliases=frozenset(aliases),
            ),
        )
        return medium_class

    return declare


@functools.cache
def registered_formats() -> tuple[MediumFormat, ...]:
    """Every declared format; the first call imports all of :mod:`engine.storage.formats`."""
    package = importlib.import_module("engine.storage.formats")
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
    return tuple(_formats)


def open_medium(
    path: str | os.PathLike[str],
    *,
    read_only: bool = False,
    device_type: DeviceType | DeviceTypeName = DeviceType.HARD_DISK,
    format_name: str | None = None,
    parent: Medium | None = None,
    lock: LockMode | None = None,
) -> Medium:
    """Open an image; its content decides the format unless the caller knows it.

    Args:
        path: the image file.
        read_only: open for reading; implied for optical discs.
        device_type: the kind of drive it is put into.
        format_name: the format as recorded in the settings. A guest can write another format's
            mark into its raw disk, so what is once known to be raw must be opened by name.
        parent: what a differencing image is the difference to; stays the caller's to close.
        lock: None locks out other writers, and when writing other readers too; ``LockMode.NONE``
            is for looking at an image that somebody else uses.

    Raises:
        MediumNotFound, MediumFormatError, MediumLocked, MediumReadOnly, MediumIOError: each with
            the path and the fact in its sentence.
    """
    kind = DeviceType(device_type)
    writable = not read_only and kind is not DeviceType.DVD
    file = HostFile.open(path, writable=writable, lock=lock)
    try:
        found = detect_format(file, kind) if format_name is None else find_format(format_name, kind)
        return found.open(file, kind, parent)
    except BaseException:
        file.close()
        raise


def examine_medium(
    path: str | os.PathLike[str],
    device_type: DeviceType | DeviceTypeName = DeviceType.HARD_DISK,
) -> MediumInfo:
    """Describe an image that may be in use; ``state`` tells whether somebody writes to it.

    Raises:
        MediumError: the image is missing, damaged or unreadable.
    """
    try:
        with open_medium(path, read_only=True, device_type=device_type) as medium:
            return msgspec.structs.replace(medium.info(), state="Created")
    except MediumLocked:
        with open_medium(
            path,
            read_only=True,
            device_type=device_type,
            lock=LockMode.NONE,
        ) as medium:
            return msgspec.structs.replace(medium.info(), state="LockedWrite")


def find_format(name: str, kind: DeviceType) -> MediumFormat:
    """Return the format of that name for that kind of drive; upper and lower case are the same.

    Raises:
        MediumParameterError: there is none.
    """
    for declared in registered_formats():
        names = {each.casefold() for each in (declared.name, *declared.aliases)}
        if name.casefold() in names and kind in declared.device_types:
            return declared
    raise MediumParameterError(f"There is no image format '{name}' for {kind.description}.")


def detect_format(file: HostFile, kind: DeviceType) -> MediumFormat:
    """Return the format that the content of a file shows.

    Raises:
        MediumFormatError: it is not for that kind of drive.
    """
    head = file.read(0, PROBE_BYTES)
    tail = file.read(max(0, file.size - SECTOR_SIZE), SECTOR_SIZE)
    formats = registered_formats()
    # What the guest has put into the last sector must not outweigh a mark in the header.
    found = next(
        (f for end in (b"", tail) for f in formats if f.recognise and f.recognise(head, end)),
        None,
    )
    if found is None:
        # A damaged mark: the format's own check then says what is wrong with it.
        extension = file.path.suffix.lower()
        found = next((f for f in formats if f.recognise and extension in f.extensions), None)
    if found is None:
        return next(f for f in formats if f.recognise is None and kind in f.device_types)
    if kind not in found.device_types:
        belongs = " or ".join(sorted(t.description for t in found.device_types))
        raise MediumFormatError(
            f"'{file.path}' is a {found.name} image, which is {belongs} and not "
            f"{kind.description}.",
        )
    return found
