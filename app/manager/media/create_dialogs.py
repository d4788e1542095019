"""The dialogs that create hard disks and floppy disks, and the one that copies a medium."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QWidget

from app.api.structs import DeviceType, MediumFormatInfo, MediumInfo, MediumVariant
from app.common.translation import tr
from app.manager.media.image_dialog import ImageDialog, Task
from app.manager.media.words import file_name
from app.manager.widgets.byte_sizes import GB, format_size
from app.manager.widgets.size_editor import MAX_DISK_BYTES, SizeEditor

USUAL_DISK_BYTES: Final = 20 * GB

# Name on the label and bytes: heads * tracks * sectors * 512.
FLOPPY_SIZES: Final = (
    ("2.88M", 2 * 80 * 36 * 512),
    ("1.44M", 2 * 80 * 18 * 512),
    ("1.2M", 2 * 80 * 15 * 512),
    ("720K", 2 * 80 * 9 * 512),
    ("360K", 2 * 40 * 9 * 512),
)
_USUAL_FLOPPY: Final = 1


class CreateDiskDialog(ImageDialog):
    """Format, allocation, location and size of a new hard disk.

    Args:
        formats: formats of hard disks.
        folder: where the new file is suggested to be.
        stem: its suggested name.
        size: its suggested size in bytes.
        largest: the largest size that the service allows, in bytes.
    """

    def __init__(
        self,
        formats: Sequence[MediumFormatInfo],
        folder: str,
        parent: QWidget | None = None,
        *,
        stem: str = "",
        size: int = USUAL_DISK_BYTES,
        largest: int = MAX_DISK_BYTES,
        preferred_format: str = "VDI",
    ) -> None:
        task = Task(
            "virtualbox.create_medium",
            tr("Create Virtual Hard Disk"),
            tr("&Create"),
            tr("Creating “{name}”"),
            tr("“{name}” could not be created"),
        )
        super().__init__(task, formats, parent)
        self.size_editor = SizeEditor(self)
        self.size_editor.set_accessible_name(self.tr("Disk size"))
        self.size_editor.set_maximum(min(MAX_DISK_BYTES, largest))
        self.size_editor.value = size
        self.form.addRow(self.tr("&Size:"), self.size_editor)
        self.form.addRow("", self.preallocate)
        self.choose_format(preferred_format)
        self.suggest(folder, stem or self.tr("NewVirtualDisk"))

    def params(self) -> dict[str, Any]:
        """Return the parameters of ``virtualbox.create_medium``."""
        return {
            **super().params(),
            "size_bytes": self.size_editor.value,
            "device_type": DeviceType.HARD_DISK,
            "register": True,
        }


class CreateFloppyDialog(ImageDialog):
    """Location and size of a new floppy disk, and whether it gets a FAT12 file system."""

    def __init__(
        self,
        formats: Sequence[MediumFormatInfo],
        folder: str,
        parent: QWidget | None = None,
        *,
        stem: str = "",
    ) -> None:
        task = Task(
            "virtualbox.create_medium",
            tr("Create Floppy Disk"),
            tr("&Create"),
            tr("Creating “{name}”"),
            tr("“{name}” could not be created"),
        )
        super().__init__(task, formats, parent)
        self.preallocate.hide()
        self.form.setRowVisible(self.format, self.format.count() > 1)
        self.size_box = QComboBox(self)
        self.size_box.setAccessibleName(self.tr("Size"))
        for name, size in FLOPPY_SIZES:
            self.size_box.addItem(name, size)
        self.size_box.setCurrentIndex(_USUAL_FLOPPY)
        self.formatted = QCheckBox(self.tr("Format disk as F&AT12"), self)
        self.formatted.setToolTip(
            self.tr("Write an empty file system, so that guests can use the disk at once.")
        )
        self.formatted.setChecked(True)
        self.form.addRow(self.tr("&Size:"), self.size_box)
        self.form.addRow("", self.formatted)
        self.suggest(folder, stem or self.tr("NewFloppyDisk"))

    def params(self) -> dict[str, Any]:
        """Return the parameters of ``virtualbox.create_medium``."""
        return {
            **super().params(),
            "size_bytes": self.size_box.currentData(),
            "device_type": DeviceType.FLOPPY,
            "variant": MediumVariant.FIXED,
            "register": True,
            "formatted": self.formatted.isChecked(),
        }


class CopyDialog(ImageDialog):
    """Format, allocation and location of a copy of a medium."""

    def __init__(
        self,
        medium: MediumInfo,
        formats: Sequence[MediumFormatInfo],
        parent: QWidget | None = None,
    ) -> None:
        task = Task(
            "medium.clone_to",
            tr("Copy Virtual Disk"),
            tr("&Copy"),
            tr("Copying to “{name}”"),
            tr("The copy “{name}” could not be made"),
        )
        super().__init__(task, formats, parent)
        self._medium = medium
        is_disk = medium.device_type is DeviceType.HARD_DISK
        source = QLabel(file_name(medium), self)
        source.setToolTip(medium.path)
        self.form.insertRow(0, self.tr("Copy of:"), source)
        if medium.parent_id:
            note = QLabel(
                self.tr("The copy holds everything, also what is stored in the images below it."),
                self,
            )
            note.setWordWrap(True)
            self.form.insertRow(1, "", note)
        room = self.tr("Virtual size: {size}").format(size=format_size(medium.logical_size))
        source.setText(f"{file_name(medium)} ({room})")
        if is_disk:
            self.preallocate.setChecked(medium.variant is MediumVariant.FIXED)
            self.form.addRow("", self.preallocate)
        else:
            self.preallocate.hide()
            self.form.setRowVisible(self.format, self.format.count() > 1)
        self.choose_format(medium.format)
        path = Path(medium.path)
        self.suggest(str(path.parent), self.tr("{name}_copy").format(name=path.stem))

    def params(self) -> dict[str, Any]:
        """Return the parameters of ``medium.clone_to``."""
        return {**super().params(), "id": self._medium.id}
