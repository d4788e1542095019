"""Audio connector: between a sound card's streams and where the host has its sound go.

Everything happens on the emulation thread in virtual time and nothing waits: a card hands over
what it has played since it was last asked, and takes what it would have recorded. Without a
target sound is dropped, and without a source silence is recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from engine.audio.pcm import FRAME_BYTES, Resampler, from_bytes, to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.pdm.interfaces import StereoGain

    Listener = Callable[[bytes], None]

RATE: Final = 48_000
"""Frames per second of targets and sources."""


class SoundTarget(Protocol):
    """Where sound goes: a file, or loudspeakers. Frames are 16-bit stereo of ``RATE``."""

    def write(self, data: bytes) -> None:
        """Take frames; must not block."""

    def close(self) -> None:
        """Finish; nothing is written after that."""


class SoundSource(Protocol):
    """Where recorded sound comes from: a file, or a microphone."""

    rate: int

    def read(self, count: int) -> bytes:
        """Return ``count`` frames of 16-bit stereo; must not block."""

    def close(self) -> None:
        """Finish; nothing is read after that."""


class AudioConnector:
    """What a sound card is connected to.

    Args:
        targets: where sound goes; none: it is dropped.
        source: what is recorded, or None for silence.
        output_enabled: whether the guest is heard.
        input_enabled: whether the guest hears anything when it records.

    Attributes:
        output_enabled, input_enabled: may be changed at any time, on any thread.
        listener: gets the frames that are heard, in ``RATE``; on the emulation thread, must not
            block. Any thread may set it.
        trouble: a sentence when the host's sound cannot be used, else empty.
        frames_played, frames_recorded: what the card has moved since it was connected.
    """

    def __init__(
        self,
        targets: Iterable[SoundTarget] = (),
        source: SoundSource | None = None,
        *,
        output_enabled: bool = True,
        input_enabled: bool = True,
        trouble: str = "",
    ) -> None:
        self._targets = list(targets)
        self._source = source
        self._out = Resampler(RATE, RATE)
        self.output_enabled = output_enabled
        self.input_enabled = input_enabled
        self.listener: Listener | None = None
        self.trouble = trouble
        self.frames_played = 0
        self.frames_recorded = 0

    def play(self, data: bytes, rate: int, gain: StereoGain) -> None:
        """Take stereo frames of 16-bit samples that the card has played."""
        self.frames_played += len(data) // FRAME_BYTES
        listener = self.listener
        if not data or not (self._targets or listener):
            return
        if not self.output_enabled:
            gain = (0.0, 0.0)
        if self._out.source != rate:
            self._out = Resampler(rate, RATE)
        if gain == (1.0, 1.0) and rate == RATE:
            frames = data
        else:
            frames = to_bytes(self._out.convert(from_bytes(data) * gain))
        for target in self._targets:
            target.write(frames)
        if listener is not None:
            listener(frames)

    def record(self, count: int, rate: int, gain: StereoGain) -> bytes:
        """Return ``count`` stereo frames of 16-bit samples, at a rate in frames per second."""
        self.frames_recorded += count
        if self._source is None or not self.input_enabled or not count:
            return bytes(count * FRAME_BYTES)
        # Nearest frames: what a card asks for is short and has no memory between two calls.
        wanted = max(1, count * self._source.rate // rate)
        frames = from_bytes(self._source.read(wanted))
        chosen = [n * wanted // count for n in range(count)]
        return to_bytes(frames[chosen] * gain)

    def close(self) -> None:
        """Close files and devices; what is played later is dropped."""
        targets, self._targets = self._targets, []
        source, self._source = self._source, None
        for end in (*targets, *((source,) if source is not None else ())):
            end.close()
