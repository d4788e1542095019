"""Virtual Hard Disks (Virtual PC, Hyper-V, Azure): fixed, dynamic and differencing.

A dynamic image that was left behind without its footer is opened by the copy at the start.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Final

from engine.storage.blockstore import BlockStore
from engine.storage.errors import MediumFormatError
from engine.storage.flatstore import FlatStore
from engine.storage.formats.vhd_header import (
    DIFFERENCING,
    DYNAMIC,
    FIXED,
    FOOTER_COOKIE,
    FOOTER_SIZE,
    HEADER_SIZE,
    VhdFooter,
    VhdHeader,
    is_vhd,
)
from engine.storage.formats.vhd_maintenance import (
    VhdMaintenance,
    lay_out_sparse,
    names_of_parent,
    read_footer,
)
from engine.storage.formats.vhd_store import VhdDifference, VhdStore
from engine.storage.hostfile import HostFile
from engine.storage.mapped import StoredMedium
from engine.storage.medium import SECTOR_SIZE, DeviceType, Medium, medium_format

VARIANTS: Final = {DYNAMIC: "Standard", FIXED: "Fixed", DIFFERENCING: "Diff"}
RESERVE_STEP: Final = 16 << 20
"""How much of a fixed image is allocated between two reports of progress."""


def create_vhd(
    file: HostFile, size: int, variant: str, progress: Callable[[int], None]
) -> None:
    """Lay out a new image in an empty file; see :class:`engine.storage.medium.MediumCreator`."""
    if variant == "Fixed":
        footer = VhdFooter.new(size, FIXED, None)
        for offset in range(0, size, RESERVE_STEP):
            file.reserve(offset, min(RESERVE_STEP, size - offset))
            progress(100 * offset // size)
        file.write(size, footer.pack())
    else:
        lay_out_sparse(file, VhdFooter.new(size, DYNAMIC, None), None)
    progress(100)


def create_vhd_difference(file: HostFile, parent: Medium, image_id: uuid.UUID | None) -> None:
    """Lay out an image that reads as its parent; see ``engine.storage.medium``."""
    lay_out_sparse(file, VhdFooter.new(parent.size, DIFFERENCING, image_id), parent)


@medium_format(
    "VHD",
    extensions=(".vhd",),
    device_types=(DeviceType.HARD_DISK,),
    recognise=is_vhd,
    create=create_vhd,
    variants=("Standard", "Fixed"),
    create_difference=create_vhd_difference,
    maintenance=VhdMaintenance(),
    aliases=("VPC",),
)
class VhdMedium(StoredMedium):
    """An open VHD image."""

    stores_uuid = True

    def __init__(self, file: HostFile, device_type: DeviceType, parent: Medium | None) -> None:
        super().__init__(file, device_type, parent)
        footer = read_footer(file)
        self._footer = footer
        self.variant = VARIANTS[footer.disk_type]
        self.uuid = footer.image_uuid
        self.size = footer.disk_size // SECTOR_SIZE * SECTOR_SIZE
        if not self.uuid.int:
            raise MediumFormatError(f"The VHD image '{file.path}' is damaged: its UUID is null.")
        if not self.size:
            raise MediumFormatError(
                f"The VHD image '{file.path}' has a disk of {footer.disk_size} bytes.",
            )
        try:
            self._store = self._open_store()
        except BaseException:
            self._abandon()
            raise

    def _open_store(self) -> BlockStore:
        footer, file = self._footer, self._file
        if footer.disk_type == FIXED:
            self._refuse_parent()
            if self.size > file.size - FOOTER_SIZE:
                raise MediumFormatError(
                    f"The VHD image '{file.path}' has a disk of {self.size} bytes in a file of "
                    f"{file.size}.",
                )
            return FlatStore(file, self.size)
        header = VhdHeader.parse(
            file.read(footer.header_offset, HEADER_SIZE), footer.disk_size, file.path
        )
        if footer.disk_type == DIFFERENCING:
            names = names_of_parent(file, header)
            parent = self._use_parent(names)
            self._check_identity(parent, header.parent_uuid, None)
            self.parent_uuid = parent.uuid
            store: VhdStore = VhdDifference(file, header, self.size, self._below())
        else:
            self._refuse_parent()
            store = VhdStore(file, header, self.size, None)
        if file.writable:
            store.begin_writing(file.read(0, FOOTER_SIZE))
        return store

    def check(self) -> list[str]:
        """Return what opening for writing would put right."""
        found = super().check()
        end = self._file.read(max(0, self._file.size - FOOTER_SIZE), FOOTER_SIZE)
        if not end.startswith(FOOTER_COOKIE):
            found.append("The footer at the end of the file is missing; the copy is used.")
        return found
