"""Merging two neighbours of a chain into one image, while nobody or while a machine uses them.

*Forward*, the upper image takes over what it has read from the lower one; *backward*, the lower one
gets what the upper one holds. What the guest and images above read is the same at every moment,
also after a crash in the middle, and the merge can be done again from the start. But an image into
which a backward merge has begun to write is no longer what it was by itself.

Copying changes no header. :meth:`ChainMerge.commit` then leaves out the image that is not needed
any more; its file stays for the caller to delete.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from engine.storage.chain import DiskChain, ImageFile, reading_chain
from engine.storage.copying import CHUNK_SIZE, ReportProgress, no_progress
from engine.storage.errors import MediumParameterError
from engine.storage.hostfile import HostFile
from engine.storage.hostlock import LockMode
from engine.storage.medium import Allocation, DeviceType, Medium, detect_format

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

_PAUSE_SECONDS: Final = 0.0005
"""Between two pieces, so that a guest gets at its disk."""


class ChainMerge:
    """A merge of an image with the one above it.

    Args:
        chain: the chain, which may be in use.
        lower: the lower image.
        forward: into the upper image, else into the lower one.
    """

    def __init__(
        self, chain: DiskChain, lower: str | os.PathLike[str], *, forward: bool
    ) -> None:
        self._chain = chain
        self._forward = forward
        with chain.lock:
            self._lower = chain.index_of(lower)
            if chain.is_top(self._lower):
                raise MediumParameterError(f"Nothing builds on the image '{lower}'.")
            if not forward and chain.image(self._lower + 1).size > chain.image(self._lower).size:
                raise MediumParameterError(
                    f"'{lower}' is too small for what '{chain.image(self._lower + 1).path}' holds.",
                )

    @property
    def _target(self) -> int:
        return self._lower + 1 if self._forward else self._lower

    @property
    def _mirrors(self) -> bool:
        return not self._forward and self._chain.is_top(self._lower + 1)

    def copy(self, progress: ReportProgress = no_progress) -> None:
        """Copy what has to be copied, piece by piece.

        Args:
            progress: called with 0 to 100; an exception that it raises ends the work.

        Raises:
            MediumError: an image could not be read or written. What is read through the chain is
                the same as before.
        """
        chain = self._chain
        with chain.lock:
            chain.make_writable(self._target)
            if self._mirrors:
                chain.mirror_writes(self._lower)
        try:
            size = chain.image(self._lower + 1).size
            copy_piece = _copy_forward if self._forward else _copy_backward
            for offset in range(0, size, CHUNK_SIZE):
                progress(100 * offset // size)
                with chain.lock:
                    lower, upper = chain.image(self._lower), chain.image(self._lower + 1)
                    copied = copy_piece(
                        lower, upper, offset, min(CHUNK_SIZE, size - offset), base=not self._lower
                    )
                if copied:
                    time.sleep(_PAUSE_SECONDS)
                chain.check_mirror()
            with chain.lock:
                chain.image(self._target).flush()
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Give up after a :meth:`copy`, or before a :meth:`commit`."""
        with self._chain.lock:
            self._chain.stop_mirroring()
            self._chain.make_read_only(self._target)

    def commit(self) -> Path:
        """Leave out the image that is not needed any more, and return its path.

        Raises:
            MediumError: a header could not be written; nothing has changed.
        """
        chain = self._chain
        with chain.lock:
            chain.check_mirror()
            chain.stop_mirroring()
            chain.image(self._target).flush()
            gone = self._lower if self._forward else self._lower + 1
            above = gone + 1
            below = chain.image(gone - 1) if gone else None
            if not chain.is_top(gone):
                set_parent(chain.image(above).path, below, lock=LockMode.NONE)
            path = chain.remove(gone)
            target = self._lower
            if not chain.is_top(target):
                chain.make_read_only(target)
            return path


def _copy_forward(lower: Medium, upper: Medium, offset: int, length: int, *, base: bool) -> bool:
    """Have ``upper`` hold what it reads from ``lower`` in a range; tell whether it wrote."""
    wrote = False
    end = offset + length
    while offset < end:
        found, part = upper.allocation(offset, end - offset)
        if found is Allocation.PARENT:
            if offset >= lower.size:
                found = Allocation.ZERO
            else:
                found, part = lower.allocation(offset, min(part, lower.size - offset))
            if found is Allocation.STORED:
                upper.write(offset, lower.read(offset, part))
                wrote = True
            elif found is Allocation.ZERO and not base:
                upper.write(offset, bytes(part))
                wrote = True
        offset += part
    return wrote


def _copy_backward(lower: Medium, upper: Medium, offset: int, length: int, *, base: bool) -> bool:
    """Have ``lower`` hold what ``upper`` holds in a range; tell whether it wrote."""
    del base
    wrote = False
    end = offset + length
    while offset < end:
        found, part = upper.allocation(offset, end - offset)
        if found is not Allocation.PARENT:
            data = upper.read(offset, part) if found is Allocation.STORED else bytes(part)
            if data.count(0) != part or not _reads_zeros(lower, offset, part):
                lower.write(offset, data)
                wrote = True
        offset += part
    return wrote


def _reads_zeros(medium: Medium, offset: int, length: int) -> bool:
    return not medium.may_hold_data(offset, length)


def set_parent(
    path: str | os.PathLike[str], parent: Medium | None, *, lock: LockMode | None = None
) -> None:
    """Have an image build on another, or on nothing; see ``MediumMaintenance.set_parent``.

    Raises:
        MediumParameterError: the format has no parents.
        MediumError: the image cannot be used, or the host refused.
    """
    file = HostFile.open(path, writable=True, lock=lock)
    try:
        declared = detect_format(file, DeviceType.HARD_DISK)
        if declared.maintenance is None:
            raise MediumParameterError(
                f"The image '{file.path}' cannot get another parent: images of the format "
                f"{declared.name} have none.",
            )
        declared.maintenance.set_parent(file, parent)
    finally:
        file.close()


def merge_images(
    images: Sequence[ImageFile],
    *,
    forward: bool,
    progress: Callable[[int], None] = no_progress,
) -> None:
    """Copy between the last two of ``images``, which nobody uses; no header is changed.

    Raises:
        MediumError: as :class:`ChainMerge`.
    """
    if len(images) < 2:
        raise MediumParameterError("Two images are needed to merge them.")
    with DiskChain(images) as chain:
        with chain.lock:
            chain.image(len(images) - 1).keep_modification_uuid()
        merge = ChainMerge(chain, images[-2].path, forward=forward)
        merge.copy(progress)
        merge.abandon()
    progress(100)


def reparent(path: str | os.PathLike[str], parents: Sequence[ImageFile]) -> None:
    """Have an image build on the last of ``parents`` (the base first), or on nothing.

    Raises:
        MediumError: an image cannot be used.
    """
    if not parents:
        set_parent(path, None)
        return
    with reading_chain(parents) as parent:
        set_parent(path, parent)
