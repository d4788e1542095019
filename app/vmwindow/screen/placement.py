"""Where the guest's picture lies in the window, in device pixels.

A guest pixel that covers a whole number of device pixels stays sharp; so two of the three modes
count in device pixels, whatever fraction the desktop scales by.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class ScaleMode(StrEnum):
    """How the picture fills the window; values are stored in the settings."""

    ONE_TO_ONE = "OneToOne"  # a guest pixel is a pixel of the desktop; scroll bars if need be
    INTEGER = "Integer"  # the largest whole number of device pixels that fits
    SMOOTH = "Smooth"  # as large as fits, filtered


@dataclass(frozen=True)
class Placement:
    """A rectangle of device pixels that shows a guest picture.

    Attributes:
        x, y: left upper corner within the widget.
        width, height: size; 0 when there is no picture.
        guest_width, guest_height: size of the picture in guest pixels.
        smooth: filter when painting.
    """

    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0
    guest_width: int = 0
    guest_height: int = 0
    smooth: bool = False

    def rows(self, first: int, end: int) -> tuple[int, int]:
        """Return the device rows (first, end) that guest rows first..end-1 show on.

        A filter mixes neighbouring rows, whose device rows are then included.
        """
        margin = 1 if self.smooth else 0
        scale = self.height / self.guest_height
        top = self.y + math.floor((first - margin) * scale)
        bottom = self.y + math.ceil((end + margin) * scale)
        return max(top, self.y), min(bottom, self.y + self.height)


def device_factor(device_pixel_ratio: float) -> int:
    """Return how many device pixels a guest pixel covers at 1:1 (at least one)."""
    return max(1, math.floor(device_pixel_ratio + 0.5))


def enlarged(
    guest: tuple[int, int], device_pixel_ratio: float, factor: float
) -> tuple[int, int]:
    """Return how many device pixels a picture covers in the mode 1:1, enlarged by a factor."""
    scale = device_factor(device_pixel_ratio) * factor
    return max(1, round(guest[0] * scale)), max(1, round(guest[1] * scale))


def place(
    mode: ScaleMode,
    guest: tuple[int, int],
    area: tuple[int, int],
    device_pixel_ratio: float,
    factor: float = 1.0,
) -> Placement:
    """Place a picture of ``guest`` pixels centred in an ``area`` of device pixels.

    Args:
        mode: how to scale.
        guest: width and height of the picture, both at least 1.
        area: width and height of the widget in device pixels.
        device_pixel_ratio: device pixels in a pixel of the desktop.
        factor: how much larger than 1:1 the picture is shown in that mode.
    """
    width, height = guest
    if mode is ScaleMode.SMOOTH:
        scale = min(area[0] / width, area[1] / height)
        shown = (max(1, round(width * scale)), max(1, round(height * scale)))
    elif mode is ScaleMode.INTEGER:
        steps = max(1, min(area[0] // width, area[1] // height))
        shown = (width * steps, height * steps)
    else:
        shown = enlarged(guest, device_pixel_ratio, factor)
    return Placement(
        x=max(0, (area[0] - shown[0]) // 2),
        y=max(0, (area[1] - shown[1]) // 2),
        width=shown[0],
        height=shown[1],
        guest_width=width,
        guest_height=height,
        smooth=mode is not ScaleMode.INTEGER and not _is_whole(shown, guest),
    )


def _is_whole(shown: tuple[int, int], guest: tuple[int, int]) -> bool:
    """Whether each guest pixel covers the same whole number of device pixels."""
    columns, column_rest = divmod(shown[0], guest[0])
    rows, row_rest = divmod(shown[1], guest[1])
    return columns == rows and column_rest == row_rest == 0
