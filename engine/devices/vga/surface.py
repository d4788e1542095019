"""Pictures of the screen for those who show it: one :class:`VgaSurface` per consumer.

A surface takes a :class:`Frame` (a snapshot of the registers) for each update and hands it to the
picture that fits the mode. Pictures remember the video memory that they have drawn, and convert
only rows that differ from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine.devices.vga import registers as r
from engine.pdm import Update

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from engine.devices.vga.memory import VideoMemory
    from engine.devices.vga.vbe import VbeMode

    Pixels = NDArray[np.uint32]
    RowMask = NDArray[np.bool_]

INITIAL_WIDTH, INITIAL_HEIGHT = 720, 400


@dataclass(frozen=True, slots=True)
class Frame:
    """The registers that decide on the picture, as they stood at one moment.

    Attributes:
        visible: the picture is on (palette address source, screen off bit, resets).
        frame_number: frames since power-on, for what blinks.
        dac_8bit: DAC entries have 8 bits, otherwise 6.
        vbe: the DISPI mode, or None while the VGA registers rule.
    """

    visible: bool
    frame_number: int
    sequencer: bytes
    graphics: bytes
    crtc: bytes
    attribute: bytes
    pel_mask: int
    dac: bytes
    dac_8bit: bool
    vbe: VbeMode | None

    @property
    def is_text(self) -> bool:
        """Whether the VGA shows characters."""
        return self.vbe is None and not self.graphics[r.GR_MISC] & r.GR6_GRAPHICS


class Picture(Protocol):
    """Draws one mode into the pixels of one surface.

    Attributes:
        width, height: pixels that it draws.
        mode: description for people.
    """

    width: int
    height: int
    mode: str

    def draw(self, frame: Frame, pixels: Pixels) -> RowMask:
        """Draw what has changed since the last call (the first draws all); return which rows."""


class PictureClass(Protocol):
    """How a surface makes a picture."""

    @staticmethod
    def shape(frame: Frame) -> tuple[int, ...]:
        """Return what a picture is made for; a new one is made when it changes."""

    def __call__(self, video: VideoMemory, shape: tuple[int, ...]) -> Picture:
        """Make a picture for a shape."""


def runs(mask: RowMask) -> list[tuple[int, int]]:
    """Return the runs of true rows as (first, end) pairs.

    >>> runs(np.array([False, True, True, False, True]))
    [(1, 3), (4, 5)]
    """
    padded = np.zeros(len(mask) + 2, np.int8)
    padded[1:-1] = mask
    edges = np.flatnonzero(np.diff(padded)).tolist()
    return list(zip(edges[0::2], edges[1::2], strict=True))


class VgaSurface:
    """A picture of the guest's screen; see :class:`engine.pdm.display.Surface`.

    Args:
        snapshot: returns the registers as they stand.
        choose: returns the kind of picture for a frame.
    """

    def __init__(
        self,
        video: VideoMemory,
        snapshot: Callable[[], Frame],
        choose: Callable[[Frame], PictureClass],
    ) -> None:
        self.width, self.height = INITIAL_WIDTH, INITIAL_HEIGHT
        self.pixels: Pixels = np.zeros((self.height, self.width), np.uint32)
        self.mode = "blank"
        self._video = video
        self._snapshot = snapshot
        self._choose = choose
        self._picture: Picture | None = None
        self._made_for: tuple[PictureClass, Sequence[int]] | None = None

    def update(self) -> Update:
        """Bring ``pixels`` up to date and tell what has changed."""
        frame = self._snapshot()
        if not frame.visible:
            return self._blank()
        kind = self._choose(frame)
        shape = kind.shape(frame)
        if self._picture is None or self._made_for != (kind, shape):
            self._picture = kind(self._video, shape)
            self._made_for = (kind, shape)
        picture = self._picture
        resized = (picture.width, picture.height) != (self.width, self.height)
        if resized:
            self.width, self.height = picture.width, picture.height
            self.pixels = np.zeros((self.height, self.width), np.uint32)
        changed = picture.draw(frame, self.pixels)
        self.mode = picture.mode
        return Update(resized, [(0, self.height)] if resized else runs(changed))

    def _blank(self) -> Update:
        """Show black in the size of the last picture."""
        if self.mode == "blank":
            return Update()
        self.mode = "blank"
        self._picture = self._made_for = None
        self.pixels.fill(0)
        return Update(dirty=[(0, self.height)])
