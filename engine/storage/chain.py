"""A hard disk made of several images: a complete one, and differences to it, one upon the other.

What the guest writes goes into the last image, the *top*; those below are only read. While a
machine runs a new top may be put on (a snapshot), and neighbours may be merged
(:mod:`engine.storage.merge`). One lock makes each of that a moment for whoever reads and writes.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from engine.storage.create import create_difference_on
from engine.storage.errors import MediumError, MediumParameterError
from engine.storage.hostfile import WouldWait, may_wait
from engine.storage.hostlock import LockMode
from engine.storage.medium import DeviceType, Medium, MediumInfo, open_medium

if TYPE_CHECKING:
    from uuid import UUID

_FRAMES_PER_IMAGE: Final = 4
"""Python frames that a read needs for each image that it goes through."""


@dataclass(frozen=True)
class ImageFile:
    """An image of a chain.

    Attributes:
        path: its file.
        format_name: as recorded in the settings; None lets the content decide.
    """

    path: str | os.PathLike[str]
    format_name: str | None = None


def open_images(
    images: Sequence[ImageFile],
    *,
    device_type: DeviceType = DeviceType.HARD_DISK,
    read_only: bool = True,
    lock: LockMode | None = None,
) -> list[Medium]:
    """Open images that build on each other, the complete one first; all but the last for reading.

    Args:
        images: the base first.
        device_type: the kind of drive.
        read_only: the last one is only read as well.
        lock: as in :func:`engine.storage.medium.open_medium`, for the last image; the others are
            locked for reading, or not at all when it is ``LockMode.NONE``.

    Raises:
        MediumError: one is missing, damaged or in use, or they do not belong together.
    """
    if not images:
        raise MediumParameterError("No image was named.")
    _refuse_twice(images)
    needed = _FRAMES_PER_IMAGE * len(images) + 1000
    if needed > sys.getrecursionlimit():
        sys.setrecursionlimit(needed)
    opened: list[Medium] = []
    try:
        for image in images:
            is_top = len(opened) + 1 == len(images)
            medium = open_medium(
                image.path,
                read_only=read_only or not is_top,
                device_type=device_type,
                format_name=image.format_name,
                parent=opened[-1] if opened else None,
                lock=lock if is_top or lock is LockMode.NONE else None,
            )
            opened.append(medium)
    except BaseException:
        close_images(opened)
        raise
    return opened


def _refuse_twice(images: Sequence[ImageFile]) -> None:
    seen: set[str] = set()
    for image in images:
        path = os.path.realpath(image.path)
        if path in seen:
            raise MediumParameterError(
                f"The image '{image.path}' is in its chain of images twice, so that it would "
                "build on itself.",
            )
        seen.add(path)


def close_images(images: Sequence[Medium]) -> None:
    """Close images, the last one first, even when closing one of them fails.

    Raises:
        MediumError: the first failure, after all were tried.
    """
    failure: MediumError | None = None
    for medium in reversed(images):
        try:
            medium.close()
        except MediumError as error:
            failure = failure or error
    if failure is not None:
        raise failure


class DiskChain:
    """The images of a hard disk as one medium, as a drive uses it. For any thread.

    Attributes:
        lock: held during each operation; whoever needs several in one moment takes it.
    """

    def __init__(
        self,
        images: Sequence[ImageFile],
        *,
        read_only: bool = False,
        lock: LockMode | None = None,
        host_cache: bool = True,
    ) -> None:
        """Open the images, the base first.

        Without ``host_cache`` requests go past the host's cache where its file system can do that.

        Raises:
            MediumError: as :func:`open_images`.
        """
        self.lock = threading.RLock()
        self._images = open_images(images, read_only=read_only, lock=lock)
        self._formats = [image.format_name for image in images]
        self._host_cache = host_cache
        for image_in_use in self._images:
            self._use(image_in_use)
        # Images whose locks are kept while another opening of the same file is in use.
        self._guards: dict[int, Medium] = {}
        self._mirror: Medium | None = None
        self._mirror_error: MediumError | None = None
        self._closed = False

    # -- what a drive asks for -------------------------------------------------------------------

    @property
    def uuid(self) -> UUID:
        """Identity of the disk: that of its base, so that it stays the same with snapshots."""
        return self._images[0].uuid

    @property
    def size(self) -> int:
        """Bytes that the guest sees."""
        return self._images[-1].size

    @property
    def sector_size(self) -> int:
        """Bytes in a sector."""
        return self._images[-1].sector_size

    @property
    def read_only(self) -> bool:
        """Writes are refused."""
        return self._images[-1].read_only

    @property
    def path(self) -> Path:
        """The top image."""
        return self._images[-1].path

    @property
    def paths(self) -> list[Path]:
        """All images, the base first."""
        return [medium.path for medium in self._images]

    def read(self, offset: int, length: int) -> bytes:
        """As :meth:`engine.storage.medium.Medium.read`."""
        if not self.lock.acquire(blocking=may_wait()):
            raise WouldWait
        try:
            return self._images[-1].read(offset, length)
        finally:
            self.lock.release()

    def read_into(self, offset: int, views: list[memoryview]) -> None:
        """As :meth:`engine.storage.medium.Medium.read_into`."""
        if not self.lock.acquire(blocking=may_wait()):
            raise WouldWait
        try:
            self._images[-1].read_into(offset, views)
        finally:
            self.lock.release()

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """As :meth:`engine.storage.medium.Medium.write`."""
        with self.lock:
            self._images[-1].write(offset, data)
            if self._mirror is not None:
                try:
                    self._mirror.write(offset, data)
                except MediumError as error:
                    # The merge fails, not the guest: the top has the data.
                    self._mirror, self._mirror_error = None, error

    def discard(self, offset: int, length: int) -> None:
        """As :meth:`engine.storage.medium.Medium.discard`; nothing while the top is merged."""
        with self.lock:
            if self._mirror is None:
                self._images[-1].discard(offset, length)

    def flush(self) -> None:
        """As :meth:`engine.storage.medium.Medium.flush`."""
        with self.lock:
            self._images[-1].flush()

    def close(self) -> None:
        """Flush and release all images; a second call does nothing.

        Raises:
            MediumError: data that the host had accepted could not be written; everything is
                released all the same.
        """
        with self.lock:
            self._closed = True
            guards, self._guards = list(self._guards.values()), {}
            close_images([*guards, *self._images])

    def info(self) -> MediumInfo:
        """Describe the top image."""
        with self.lock:
            return self._images[-1].info()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- another top -----------------------------------------------------------------------------

    def put_on(
        self, path: str | os.PathLike[str], format_name: str, image_id: UUID | None = None
    ) -> None:
        """Make a differencing image and have it take all writes from now on.

        What was written before is flushed and stays in the image that was the top.

        Raises:
            MediumError: it cannot be made; nothing has changed.
        """
        with self.lock:
            top = self._images[-1]
            # From here on its modification UUID is fixed, and the new image remembers it.
            top.finish()
            create_difference_on(top, path, format_name=format_name, image_id=image_id)
            try:
                new = open_medium(path, format_name=format_name, parent=top)
            except MediumError:
                Path(path).unlink(missing_ok=True)
                raise
            self._images.append(self._use(new))
            self._formats.append(format_name)
            self._reopen_for_reading(len(self._images) - 2)

    def take_off(self, path: Path) -> bool:
        """Undo :meth:`put_on` at once, before anything was written; tells whether it was the top.

        Raises:
            MediumError: the image below cannot be written any more; nothing has changed.
        """
        with self.lock:
            if len(self._images) < 2 or self._images[-1].path != path:
                return False
            below = self._open_again(len(self._images) - 2, read_only=False)
            new = self._images.pop()
            self._formats.pop()
            new.close()
            self._replace(len(self._images) - 1, below, take_lock=True)
        path.unlink(missing_ok=True)
        return True

    # -- for merges (engine.storage.merge), with the lock held -----------------------------------

    def index_of(self, path: str | os.PathLike[str]) -> int:
        """Return the place of an image, 0 is the base.

        Raises:
            MediumParameterError: it is none of this chain.
        """
        wanted = os.path.realpath(path)
        for index, medium in enumerate(self._images):
            if os.path.realpath(medium.path) == wanted:
                return index
        raise MediumParameterError(f"The image '{path}' is not in use here.")

    def image(self, index: int) -> Medium:
        """Return an image."""
        return self._images[index]

    def is_top(self, index: int) -> bool:
        """Tell whether an image is the one that takes the writes."""
        return index == len(self._images) - 1

    def make_writable(self, index: int) -> Medium:
        """Open an image that was only read for writing; its first opening keeps the lock."""
        if self._images[index].read_only:
            again = self._open_again(index, read_only=False)
            again.keep_modification_uuid()
            self._guards[index] = self._images[index]
            self._put(index, again)
        return self._images[index]

    def make_read_only(self, index: int) -> None:
        """Undo :meth:`make_writable`."""
        guard = self._guards.pop(index, None)
        if guard is not None and not self._closed:
            self._reopen_for_reading(index)
            guard.close()

    def mirror_writes(self, index: int) -> None:
        """Write what the guest writes into the image at ``index`` as well."""
        self._mirror, self._mirror_error = self._images[index], None

    def check_mirror(self) -> None:
        """Find out whether :meth:`mirror_writes` has missed something.

        Raises:
            MediumError: it has, for this reason.
        """
        if self._mirror_error is not None:
            raise self._mirror_error

    def stop_mirroring(self) -> None:
        """End :meth:`mirror_writes`."""
        self._mirror, self._mirror_error = None, None

    def remove(self, index: int) -> Path:
        """Leave out an image whose neighbours do without it; the others stay open."""
        was_top = self.is_top(index)
        gone = self._images.pop(index)
        self._formats.pop(index)
        closing = [gone, *(g for i, g in self._guards.items() if i == index)]
        self._guards = {i - (i > index): g for i, g in self._guards.items() if i != index}
        if index < len(self._images):
            self._images[index].replace_parent(self._images[index - 1] if index else None)
        with contextlib.suppress(MediumError):
            # Nobody needs the image any more.
            close_images(closing)
        if was_top:
            guard = self._guards.pop(index - 1, None)
            if guard is not None:
                guard.close()
            self._images[-1].take_lock(LockMode.EXCLUSIVE)
        return gone.path

    # -- inside ----------------------------------------------------------------------------------

    def _use(self, medium: Medium) -> Medium:
        if not self._host_cache:
            medium.bypass_cache()
        return medium

    def _open_again(self, index: int, *, read_only: bool) -> Medium:
        return self._use(
            open_medium(
                self._images[index].path,
                read_only=read_only,
                format_name=self._formats[index],
                parent=self._images[index - 1] if index else None,
                lock=LockMode.NONE,
            )
        )

    def _reopen_for_reading(self, index: int) -> None:
        self._images[index].flush()
        try:
            again = self._open_again(index, read_only=True)
        except MediumError:
            # The image stays open for writing, and nobody writes.
            return
        self._replace(index, again, take_lock=False)

    def _replace(self, index: int, medium: Medium, *, take_lock: bool) -> None:
        """Use another opening of the same image; the lock goes over to it."""
        before = self._images[index]
        self._put(index, medium)
        before.close()
        medium.take_lock(LockMode.EXCLUSIVE if take_lock else LockMode.SHARED)

    def _put(self, index: int, medium: Medium) -> None:
        self._images[index] = medium
        if index + 1 < len(self._images):
            self._images[index + 1].replace_parent(medium)


@contextlib.contextmanager
def reading_chain(
    images: Sequence[ImageFile],
    device_type: DeviceType = DeviceType.HARD_DISK,
    lock: LockMode | None = None,
) -> Iterator[Medium]:
    """Open images for reading and give the last one.

    Raises:
        MediumError: as :func:`open_images`.
    """
    opened = open_images(images, device_type=device_type, lock=lock)
    try:
        yield opened[-1]
    finally:
        close_images(opened)
