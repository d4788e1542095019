"""Media whose disk is one :class:`~engine.storage.blockstore.BlockStore`, and media with parents.

Differencing images of some formats name the file that they build on. Such a parent is opened, for
reading, when the caller of the opening has not given one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from engine.storage.blockstore import (
    PACKED,
    READS_BELOW,
    Below,
    BlockStore,
)
from engine.storage.errors import MediumFormatError, MediumReadOnly
from engine.storage.flatstore import MutableStore
from engine.storage.hostfile import HostFile
from engine.storage.hostlock import LockMode
from engine.storage.medium import Allocation, DeviceType, Medium, detect_format, find_format
from engine.storage.vectors import total

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_CHAIN: Final = 100
"""Images above each other that are opened by the names in them."""


def open_named_parent(
    file: HostFile, names: Sequence[str], format_name: str | None = None
) -> Medium:
    """Open the image that ``file`` builds on, for reading.

    Args:
        file: the differencing image.
        names: absolute paths or paths from its folder; the first that exists is taken.
        format_name: the parent's format where the image says so.

    Raises:
        MediumFormatError: there is none of them, the chain is a loop, or the file is a raw one in
            another folder: an image that somebody made to do harm could show any file to the guest.
        MediumError: the parent cannot be used.
    """
    folder = file.path.parent
    chain = (*file.opened_for, file.identity())
    found = next((folder / name for name in names if name and (folder / name).is_file()), None)
    if found is None:
        raise MediumFormatError(
            f"The image '{file.path}' holds only the differences to another image, "
            f"'{next(filter(None, names), '')}', which does not exist.",
        )
    status = os.stat(found)
    _check_chain(found, (status.st_dev, status.st_ino), file, chain)
    lock = LockMode.NONE if file.lock is LockMode.NONE else LockMode.SHARED
    below = HostFile.open(found, writable=False, lock=lock)
    try:
        below.opened_for = chain
        kind = DeviceType.HARD_DISK
        declared = (
            detect_format(below, kind) if format_name is None else find_format(format_name, kind)
        )
        if declared.name == "RAW":
            _check_raw(found, file)
        return declared.open(below, kind, None)
    except BaseException:
        below.close()
        raise


def _check_raw(below: Path, file: HostFile) -> None:
    """Let only files beside the image be its parent when nothing in them tells what they are."""
    if below.resolve().parent != file.path.parent.resolve():
        raise MediumFormatError(
            f"The image '{file.path}' builds on '{below}', a raw file in another folder. It is not "
            f"opened by that name alone, because any file of this host could be meant; put both "
            f"into one folder.",
        )


def _check_chain(
    below: Path, identity: tuple[int, int], file: HostFile, chain: tuple[tuple[int, int], ...]
) -> None:
    if identity in chain:
        raise MediumFormatError(
            f"The image '{file.path}' builds on '{below}', which builds on it again.",
        )
    if len(chain) >= LONGEST_CHAIN:
        raise MediumFormatError(
            f"More than {LONGEST_CHAIN} images build on '{below}', one on the other.",
        )


class ChainedMedium(Medium):
    """A medium that may have opened its parent itself."""

    _owns_parent = False

    def _use_parent(self, names: Sequence[str], format_name: str | None = None) -> Medium:
        """Return the parent: the one that was given, or else the one that the image names."""
        if self._parent is None:
            self._parent = open_named_parent(self._file, names, format_name)
            self._owns_parent = True
        elif names and not self._parent.stores_uuid:
            self._check_name(names)
        return self._parent

    def _check_name(self, names: Sequence[str]) -> None:
        """Refuse another parent than the named one, if that is there: nothing else tells."""
        given = self._parent
        assert given is not None
        folder = self.path.parent
        there = [folder / name for name in names if name and (folder / name).is_file()]
        if there and not any(_same_file(given.path, each) for each in there):
            raise MediumFormatError(
                f"The image '{self.path}' builds on '{there[0]}' and not on '{given.path}'.",
            )

    def _refuse_parent(self) -> None:
        if self._parent is not None:
            raise MediumFormatError(
                f"The {self.format_name} image '{self.path}' is complete and not a difference to "
                f"'{self._parent.path}'.",
            )

    def _check_identity(self, parent: Medium, stored: UUID, modification: UUID | None) -> None:
        """Refuse a parent that holds another UUID, or was changed since.

        Args:
            parent: the open parent.
            stored: its UUID as this image knows it; null: not known.
            modification: UUID of its contents likewise.
        """
        if not parent.stores_uuid or not stored.int:
            return  # What follows from a path proves nothing.
        if parent.uuid != stored:
            raise MediumFormatError(
                f"UUID {parent.uuid} of the parent image '{parent.path}' does not match UUID "
                f"{stored} stored in '{self.path}'.",
            )
        found = parent.modification_uuid
        if found is not None and modification is not None and modification.int:
            if found == modification:
                return
            raise MediumFormatError(
                f"The parent image '{parent.path}' was changed after the differencing image "
                f"'{self.path}' was made: its modification UUID {found} does not match "
                f"{modification}.",
            )

    def _abandon(self) -> None:
        """Close the parent again, when the image itself turns out to be unusable."""
        if self._owns_parent and self._parent is not None:
            self._owns_parent = False
            self._parent.close()

    def release(self) -> None:
        """Finish, and close the parent where it is this medium's own."""
        try:
            super().release()
        finally:
            self._abandon()


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


class StoredMedium(ChainedMedium):
    """A medium whose disk is one block store; subclasses make the store."""

    _store: BlockStore
    _modified = False

    def __init__(self, file: HostFile, device_type: DeviceType, parent: Medium | None) -> None:
        super().__init__(file, device_type, parent)
        self._belows: list[Below] = []

    def _writable_store(self) -> MutableStore:
        if not isinstance(self._store, MutableStore):
            raise MediumReadOnly(
                f"The image '{self.path}' can only be read: {self.format_name} images like this "
                f"one are not written.",
            )
        return self._store

    def _mark_modified(self) -> None:
        """Note in the image that its contents are about to change; called once."""

    def keep_modification_uuid(self) -> None:
        """See :meth:`engine.storage.medium.Medium.keep_modification_uuid`."""
        self._modified = True

    def _below(self, start: int = 0) -> Below | None:
        """What a store of this medium reads where it holds nothing itself."""
        if self._parent is None:
            return None
        below = Below(self._parent, start)
        self._belows.append(below)
        return below

    def replace_parent(self, parent: Medium | None) -> None:
        """See :meth:`engine.storage.medium.Medium.replace_parent`."""
        self._abandon()
        super().replace_parent(parent)
        for below in self._belows:
            below.medium = parent

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the disk; what is not stored reads as the parent or as zeros."""
        self._check_range(offset, length)
        return self._store.read(offset, length) if length else b""

    def read_into(self, offset: int, views: list[memoryview]) -> None:
        """As :meth:`read`, into parts of memory."""
        self._check_range(offset, total(views))
        self._store.read_into(offset, views)

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Write bytes of the disk, storing blocks that were not stored yet."""
        view = memoryview(data).cast("B")
        self._check_writable(offset, len(view))
        store = self._writable_store()
        if not self._modified and view:
            self._mark_modified()
            self._modified = True
        store.write(offset, view)

    def discard(self, offset: int, length: int) -> None:
        """Give the room back to the host where the format can; see ``Medium.discard``."""
        self._check_writable(offset, length)
        store = self._writable_store()
        if not self._modified and length:
            self._mark_modified()
            self._modified = True
        store.discard(offset, length)

    def may_hold_data(self, offset: int, length: int) -> bool:
        """As the maps of this image and its parents tell."""
        self._check_range(offset, length)
        return self._store.may_hold_data(offset, length)

    def allocation(self, offset: int, length: int) -> tuple[Allocation, int]:
        """As the map of this image tells."""
        self._check_range(offset, length)
        if not length:
            return Allocation.ZERO, 0
        position, count = self._store.run_at(offset, length)
        if position >= 0 or position == PACKED:
            return Allocation.STORED, count
        return (Allocation.PARENT if position == READS_BELOW else Allocation.ZERO), count

    def check(self) -> list[str]:
        """Return what opening for writing, or the next writes, would put right."""
        return self._store.check()

    def flush(self) -> None:
        """Make everything written survive a crash of the host."""
        self._store.flush()
        super().flush()

    def finish(self) -> None:
        """Bring the file into its final shape, and flush."""
        self._store.finish()
        super().finish()


class ReadOnlyMedium(StoredMedium):
    """A medium of a format that is only read, even if its file could be written."""

    def __init__(self, file: HostFile, device_type: DeviceType, parent: Medium | None) -> None:
        super().__init__(file, device_type, parent)
        self.read_only = True
        if file.lock is LockMode.EXCLUSIVE:
            file.take_lock(LockMode.SHARED)
        self.variant = "Standard"
        self.uuid = uuid5(NAMESPACE_URL, file.path.as_uri())
