"""Images without any structure: the sectors of the drive, one after the other.

Hard disks of any size, floppy disks up to the largest that PC drives know, optical discs of
2048-byte sectors (ECMA-119 section 6.2). A file whose last sector is incomplete is read as if
zeros followed. Every file could be such an image, so it is what remains when no other format has
recognised a file.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Final

from engine.storage.errors import MediumFormatError, MediumIOError, MediumParameterError
from engine.storage.hostfile import HostFile
from engine.storage.medium import SECTOR_SIZE, DeviceType, Medium, medium_format
from engine.storage.vectors import total

OPTICAL_SECTOR_SIZE: Final = 2048
SMALLEST_OPTICAL_SIZE: Final = 17 * OPTICAL_SECTOR_SIZE
"""System area of 16 sectors and the first volume descriptor (ECMA-119 sections 6.2.1 and 6.7.1)."""

LARGEST_FLOPPY_SIZE: Final = 2880 * 1024


VARIANTS: Final = ("Standard", "Fixed")
RESERVE_STEP: Final = 16 << 20
"""How much of a fixed image is allocated between two reports of progress."""


def create_raw(
    file: HostFile,
    size: int,
    variant: str,
    progress: Callable[[int], None],
) -> None:
    """Lay out an image full of zeros; see :class:`engine.storage.medium.MediumCreator`.

    ``Standard`` leaves it to the host when the file takes room, ``Fixed`` takes all of it now.
    """
    if size <= 0 or size % SECTOR_SIZE:
        raise MediumParameterError(
            f"An image cannot have {size} bytes: a multiple of {SECTOR_SIZE} is needed.",
        )
    if variant == "Fixed":
        for offset in range(0, size, RESERVE_STEP):
            file.reserve(offset, min(RESERVE_STEP, size - offset))
            progress(100 * offset // size)
    else:
        file.truncate(size)
    progress(100)


class RawMedium(Medium):
    """A file that is the drive, sector by sector."""

    def __init__(self, file: HostFile, device_type: DeviceType, parent: Medium | None) -> None:
        super().__init__(file, device_type, parent)
        if parent is not None:
            raise MediumFormatError(
                f"The raw image '{file.path}' cannot be a difference to '{parent.path}'.",
            )
        self._check_size(file.size)
        self.variant = "Fixed"
        self.uuid = uuid.uuid5(uuid.NAMESPACE_URL, file.path.as_uri())
        self.size = -(-file.size // self.sector_size) * self.sector_size

    def _check_size(self, size: int) -> None:
        if size == 0:
            raise MediumFormatError(f"The image '{self.path}' is empty (0 bytes).")

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the file, and zeros for the rest of an incomplete last sector."""
        self._check_range(offset, length)
        return self._file.read(offset, length).ljust(length, b"\0")

    def read_into(self, offset: int, views: list[memoryview]) -> None:
        """As :meth:`read`, into parts of memory."""
        self._check_range(offset, total(views))
        self._file.read_into(offset, views)

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Write bytes; the file never becomes longer than it was when it was opened."""
        length = len(data)
        self._check_writable(offset, length)
        if offset + length > self._file.size:
            raise MediumIOError(
                f"{length} bytes at offset {offset} reach past the end of the image "
                f"'{self.path}', a file of {self._file.size} bytes.",
            )
        self._file.write(offset, data)

    def may_hold_data(self, offset: int, length: int) -> bool:
        """As the host knows about holes in the file."""
        return self._file.has_data(offset, length)

    def discard(self, offset: int, length: int) -> None:
        """Give the room back to the host where it can take it."""
        self._check_writable(offset, length)
        self._file.punch_hole(offset, min(length, self._file.size - offset))


@medium_format(
    "RAW",
    extensions=(".img", ".raw", ".dd"),
    device_types=(DeviceType.HARD_DISK,),
    create=create_raw,
    variants=VARIANTS,
)
class RawDisk(RawMedium):
    """A raw hard disk image."""


@medium_format(
    "RAW",
    extensions=(".img", ".ima", ".dsk", ".flp", ".vfd"),
    device_types=(DeviceType.FLOPPY,),
    create=create_raw,
    variants=VARIANTS,
)
class FloppyImage(RawMedium):
    """A raw floppy disk image, whole or without the empty sectors at its end.

    Tools that make boot disks write no more sectors than they use. The drive finds the layout by
    the size, gives zeros for the sectors that are missing, and refuses to write them.
    """

    def _check_size(self, size: int) -> None:
        super()._check_size(size)
        if size > LARGEST_FLOPPY_SIZE:
            raise MediumFormatError(
                f"The file '{self.path}' has {size} bytes, which is too long for a floppy disk: "
                f"the largest has {LARGEST_FLOPPY_SIZE} bytes (2.88M).",
            )
        if size % SECTOR_SIZE:
            raise MediumFormatError(
                f"The file '{self.path}' has {size} bytes, which is no whole number of sectors "
                f"({SECTOR_SIZE} bytes each) as on a floppy disk.",
            )


@medium_format(
    "RAW",
    extensions=(".iso", ".cdr"),
    device_types=(DeviceType.DVD,),
    create=create_raw,
    variants=VARIANTS,
)
class OpticalImage(RawMedium):
    """A raw image of a CD or DVD; read only, as the discs are."""

    sector_size = OPTICAL_SECTOR_SIZE

    def __init__(self, file: HostFile, device_type: DeviceType, parent: Medium | None) -> None:
        super().__init__(file, device_type, parent)
        self.read_only = True

    def _check_size(self, size: int) -> None:
        super()._check_size(size)
        if size < SMALLEST_OPTICAL_SIZE:
            raise MediumFormatError(
                f"The file '{self.path}' is too short for an optical disc: it has {size} bytes, "
                f"and even an empty disc has {SMALLEST_OPTICAL_SIZE}.",
            )
