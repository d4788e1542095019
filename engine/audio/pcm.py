"""Arithmetic on samples: 16 bit, little endian, stereo, interleaved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FRAME_BYTES: Final = 4
"""Bytes of a frame: a sample for the left and one for the right."""
_LARGEST: Final = 32767
_SMALLEST: Final = -32768


class Resampler:
    """Linear interpolation from one rate to another, without a seam between two blocks.

    Args:
        source, target: frames per second.
    """

    def __init__(self, source: int, target: int) -> None:
        self.source = source
        self.target = target
        self._last: NDArray[np.float64] = np.zeros((1, 2))
        # Place of the next frame to be made, in frames of the source after `_last`, times
        # `target`, so that it stays a whole number.
        self._place = target

    def convert(self, frames: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the frames (n, 2) of a block at the other rate."""
        if self.source == self.target or not len(frames):
            return frames
        known = np.concatenate((self._last, frames))
        end = (len(known) - 1) * self.target
        places = np.arange(self._place, end + 1, self.source)
        self._place += len(places) * self.source - end
        self._last = known[-1:]
        at = places / self.target
        grid = np.arange(len(known))
        return np.stack([np.interp(at, grid, known[:, side]) for side in (0, 1)], axis=1)


def from_bytes(data: bytes) -> NDArray[np.float64]:
    """Return the frames (n, 2) that bytes hold."""
    return np.frombuffer(data, "<i2").reshape(-1, 2).astype(np.float64)


def to_bytes(frames: NDArray[np.float64]) -> bytes:
    """Return frames as bytes; what is too loud is clipped."""
    return np.clip(np.rint(frames), _SMALLEST, _LARGEST).astype("<i2").tobytes()


def mixed(longer: bytes, shorter: bytes) -> bytes:
    """Return the sum of two sounds that begin together; the second may end first."""
    if not shorter:
        return longer
    frames = from_bytes(longer)
    frames[: len(shorter) // FRAME_BYTES] += from_bytes(shorter)
    return to_bytes(frames)
