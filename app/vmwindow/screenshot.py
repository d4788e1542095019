"""Saves the guest's picture to a file that the person chooses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from app.api.errors import ApiError, ErrorCode
from app.common.application import PRODUCT

_FILTERS: Final = ("PNG (*.png)", "JPEG (*.jpg *.jpeg)", "BMP (*.bmp)")


def suggested_name(machine: str, now: dt.datetime) -> str:
    """Return a file name that tells machine and time."""
    return f"{PRODUCT}_{machine}_{now:%d_%m_%Y_%H_%M_%S}.png"


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
    dialog = QFileDialog(parent, "Save Screenshot", str(folder))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(_FILTERS)
    dialog.setDefaultSuffix("png")
    dialog.selectFile(suggested_name(machine, dt.datetime.now().astimezone()))

    def save(path: str) -> None:
        def write() -> None:
            if not picture.save(path):
                raise ApiError(
                    ErrorCode.VBOX_E_FILE_ERROR,
                    f"The screenshot could not be written to '{path}'.",
                )

        run(write)

    dialog.fileSelected.connect(save)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
