"""Saves the guest's picture to a file that the person chooses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSaveFile
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog, QWidget

from app.api.errors import ApiError, ErrorCode
from app.common.application import PRODUCT
from app.common.translation import tr

_FORMATS: Final = {
    "png": ("PNG", ("png",)),
    "jpeg": ("JPEG", ("jpg", "jpeg")),
    "bmp": ("BMP", ("bmp",)),
    "webp": ("WebP", ("webp",)),
    "tiff": ("TIFF", ("tif", "tiff")),
    "ppm": ("PPM", ("ppm",)),
}
"""Name and suffixes of formats by Qt's name, the preferred ones first."""

_QUALITY: Final = 92  # of the formats that lose something


def formats() -> dict[str, str]:
    """Return Qt's names of the formats that can be written here, by suffix without the dot."""
    known = {bytes(name.data()).decode() for name in QImageWriter.supportedImageFormats()}
    return {
        suffix: name
        for name, (_, suffixes) in _FORMATS.items()
        if name in known
        for suffix in suffixes
    }


def name_filters() -> list[str]:
    """Return the filters of a file dialog for these formats."""
    suffixes = formats()
    filters = []
    for name, (title, endings) in _FORMATS.items():
        if name in suffixes.values():
            filters.append(f"{title} ({' '.join('*.' + ending for ending in endings)})")
    return filters


def suggested_name(machine: str, now: dt.datetime) -> str:
    """Return a file name that tells machine and time."""
    safe = machine.replace("/", "_").replace("\0", "_")
    return f"{PRODUCT}_{safe}_{now:%d_%m_%Y_%H_%M_%S}.png"


def save(picture: QImage, path: Path) -> None:
    """Write a picture in the format that the suffix names; a file is replaced only by a whole one.

    Raises:
        ApiError: ``E_INVALIDARG``: no such format; ``VBOX_E_FILE_ERROR``: it cannot be written.
    """
    known = formats()
    image_format = known.get(path.suffix.lstrip(".").lower())
    if image_format is None:
        raise ApiError(
            ErrorCode.E_INVALIDARG,
            f"'{path.name}' names no format of pictures; these suffixes do: "
            f"{', '.join('.' + suffix for suffix in known)}.",
        )
    file = QSaveFile(str(path))
    if file.open(QSaveFile.OpenModeFlag.WriteOnly):
        writer = QImageWriter(file, image_format.encode())
        if image_format != "png":  # PNG takes it as compression
            writer.setQuality(_QUALITY)
        if not writer.write(picture):
            file.cancelWriting()
        if file.commit():
            return
    raise ApiError(
        ErrorCode.VBOX_E_FILE_ERROR,
        f"The screenshot could not be written to '{path}': {file.errorString()}.",
    )


def ask_and_save(
    parent: QWidget,
    picture: QImage,
    machine: str,
    folder: Path,
    run: Callable[[Callable[[], None]], None],
) -> QFileDialog:
    """Ask for a file and write the picture into it.

    Args:
        parent: the window.
        picture: a copy of what the guest shows.
        machine: name of the machine.
        folder: proposed folder.
        run: runs a function that blocks on a worker thread and reports its error.
    """
    dialog = QFileDialog(parent, tr("Save Screenshot"), str(folder))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(name_filters())
    dialog.setDefaultSuffix("png")
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(_first_suffix(chosen)))
    dialog.selectFile(suggested_name(machine, dt.datetime.now().astimezone()))
    dialog.fileSelected.connect(lambda path: run(lambda: save(picture, Path(path))))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def _first_suffix(name_filter: str) -> str:
    """Return the first suffix of a filter such as ``JPEG (*.jpg *.jpeg)``."""
    return name_filter.partition("(*.")[2].split()[0].rstrip(")")
