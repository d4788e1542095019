"""Audio connector: between a sound card's streams and where the host has its sound go.

Everything happens on the emulation thread in virtual time and nothing waits: a card hands over
what it has played since it was last asked, and takes what it would have recorded. Without a
target sound is dropped, and without a source silence is recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from engine.audio.pcm import FRAME_BYTES, Resampler, from_bytes, mixed, to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.pdm.interfaces import StereoGain

    Listener = Callable[[bytes], None]

RATE: Final = 48_000
"""Frames per second of targets and sources."""
_TOLERANCE: Final = RATE // 250
"""Frames by which two sources of a card may be apart: each rounds to frames of its own, and one may
begin within a block of the other."""


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
        self._beside = Resampler(RATE, RATE)
        self._accompanied = False
        # What one source has played and the other has not come to.
        self._played, self._sounded = bytearray(), bytearray()
        self.output_enabled = output_enabled
        self.input_enabled = input_enabled
        self.listener: Listener | None = None
        self.trouble = trouble
        self.frames_played = 0
        self.frames_recorded = 0

    def play(self, data: bytes, rate: int, gain: StereoGain) -> None:
        """Take stereo frames of 16-bit samples that the card has played."""
        self.frames_played += len(data) // FRAME_BYTES
        if not data or not self._heard:
            return
        if self._out.source != rate:
            self._out = Resampler(rate, RATE)
        frames = self._converted(self._out, data, gain)
        if self._accompanied:
            self._played += frames
        else:
            self._emit(frames)

    def accompany(self, data: bytes, rate: int, gain: StereoGain, *, last: bool = False) -> None:
        """Take what a second source sounds beside what is played, until the ``last`` of it."""
        self.frames_played += len(data) // FRAME_BYTES
        self._accompanied = not last
        if not self._heard:
            self._played.clear()
            self._sounded.clear()
            return
        if self._beside.source != rate:
            self._beside = Resampler(rate, RATE)
        self._sounded += self._converted(self._beside, data, gain)
        ready = len(self._sounded)
        missing = ready - len(self._played)
        # Few are on their way, many will not come: nothing is played.
        if not last and 0 < missing <= _TOLERANCE * FRAME_BYTES:
            ready = len(self._played)
        both = mixed(bytes(self._sounded[:ready]), bytes(self._played[:ready]))
        del self._sounded[:ready], self._played[:ready]
        if last:
            both += self._played
            self._played.clear()
        if both:
            self._emit(both)

    @property
    def _heard(self) -> bool:
        return bool(self._targets or self.listener)

    def _converted(self, resampler: Resampler, data: bytes, gain: StereoGain) -> bytes:
        if not self.output_enabled:
            gain = (0.0, 0.0)
        if gain == (1.0, 1.0) and resampler.source == RATE:
            return data
        return to_bytes(resampler.convert(from_bytes(data) * gain))

    def _emit(self, frames: bytes) -> None:
        listener = self.listener
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
