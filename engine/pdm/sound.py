"""What sound cards have in common: the time that samples take, and their form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SECOND: Final = 1_000_000_000
LONGEST_LOOK: Final = 20_000_000
"""ns of virtual time after which a card hands over what has been played, at the latest."""


class SampleClock(msgspec.Struct, kw_only=True):
    """Tells how many frames of a stream are due: a pure function of virtual time.

    Attributes:
        origin: virtual time (ns) at which the stream was started.
        taken: frames since then that the card has moved.
    """

    origin: int = 0
    taken: int = 0

    def start(self, now: int) -> None:
        """Count from ``now`` on: the stream starts, or its rate has changed."""
        self.origin, self.taken = now, 0

    def take(self, now: int, rate: int, burst: int = 1) -> int:
        """Return the frames that have become due; they count as moved.

        Args:
            now: virtual time, ns.
            rate: frames per second.
            burst: frames that the card moves at once.
        """
        total = (now - self.origin) * rate // SECOND // burst * burst
        due = max(0, total - self.taken)
        self.taken += due
        return due

    def when(self, frames: int, rate: int, burst: int = 1) -> int:
        """Return the virtual time (ns) at which ``frames`` more will be due."""
        total = -(-(self.taken + frames) // burst) * burst
        # Rounded up: a look that is too early would find the last frame not due.
        return self.origin - -total * SECOND // rate


def clipped(frames: NDArray[np.int64]) -> bytes:
    """Return frames (n, 2) as 16-bit stereo."""
    return np.clip(frames, -0x8000, 0x7FFF).astype("<i2").tobytes()


def stereo(data: bytes, sample_bytes: int, channels: int, *, signed: bool = True) -> bytes:
    """Return frames as 16-bit stereo: the first two channels, or the one twice.

    Args:
        data: whole frames, little endian.
        sample_bytes: 1, 2 or 4; of 4 the upper ones count.
        channels: samples of a frame.
        signed: False for samples around the middle of their range.
    """
    samples: NDArray[np.int16]
    if sample_bytes == 1:
        unsigned = np.frombuffer(data, "u1") ^ (0x80 if signed else 0)
        samples = ((unsigned.astype(np.int32) - 0x80) << 8).astype("<i2")
    elif sample_bytes == 2:
        samples = np.frombuffer(data, "<i2") ^ np.int16(0 if signed else -0x8000)
    else:
        samples = np.frombuffer(data, "<i2")[1::2]
    frames = samples.reshape(-1, channels)
    return frames[:, [0, 1 if channels > 1 else 0]].tobytes()


def from_stereo(data: bytes, sample_bytes: int, channels: int, *, signed: bool = True) -> bytes:
    """Return 16-bit stereo in the form that a card records; the reverse of :func:`stereo`.

    One channel gets the left side; channels beyond two are silent.
    """
    frames = np.frombuffer(data, "<i2").reshape(-1, 2)
    wide = np.zeros((len(frames), channels), np.int16)
    wide[:, : min(channels, 2)] = frames[:, : min(channels, 2)]
    if sample_bytes == 1:
        narrow = (wide >> 8).astype(np.int8).view(np.uint8)
        return (narrow ^ np.uint8(0 if signed else 0x80)).tobytes()
    if sample_bytes == 2:
        return (wide ^ np.int16(0 if signed else -0x8000)).astype("<i2").tobytes()
    return (wide.astype("<i4") << 16).tobytes()
