"""A transfer between a DMA channel and the converters of the Sound Blaster 16.

A transfer moves nothing by itself: :meth:`Transfer.due` tells how many bytes virtual time has made
due. It counts blocks; at the end of each there is an interrupt.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from engine.pdm.sound import LONGEST_LOOK, SampleClock

SHORTEST_LOOK: Final = 500_000
"""ns between two looks, however short the blocks are."""


class Transfer(msgspec.Struct, kw_only=True):
    """Saved with the card; there is one for samples of 8 bits and one for those of 16.

    Attributes:
        active: it has been started and has not ended. paused: the guest holds it.
        stalled: the DMA channel moves nothing.
        input: it records. auto: another block follows. silent: nothing is moved (command 80h), or
            nothing that can be heard (ADPCM).
        without_dma: it takes its time and moves nothing.
        rate: frames per second. block, left: samples of a block, and of the current one.
    """

    active: bool = False
    paused: bool = False
    stalled: bool = False
    input: bool = False
    auto: bool = False
    signed: bool = False
    stereo: bool = False
    silent: bool = False
    without_dma: bool = False
    sample_bytes: Annotated[int, msgspec.Meta(ge=1, le=2)] = 1
    rate: Annotated[int, msgspec.Meta(ge=1)] = 22_050
    block: Annotated[int, msgspec.Meta(ge=1)] = 1
    left: Annotated[int, msgspec.Meta(ge=0)] = 0
    clock: SampleClock = msgspec.field(default_factory=SampleClock)

    @property
    def running(self) -> bool:
        """Whether samples are due as time goes by."""
        return self.active and not self.paused and not self.stalled

    @property
    def channels(self) -> int:
        """Samples of a frame."""
        return 2 if self.stereo else 1

    @property
    def frame_bytes(self) -> int:
        """Bytes of a frame."""
        return self.channels * self.sample_bytes

    def start(self, now: int) -> None:
        """Begin with a block."""
        self.active, self.paused, self.stalled = True, False, False
        self.left = self.block
        self.clock.start(now)

    def go_on(self, now: int) -> None:
        """Go on after a pause, or after the DMA channel has moved nothing."""
        self.paused = self.stalled = False
        self.clock.start(now)

    def due(self, now: int) -> int:
        """Return the bytes that have become due; of a host that was away those of a second."""
        if not self.running:
            return 0
        return min(self.clock.take(now, self.rate), self.rate) * self.frame_bytes

    def moved(self, count: int) -> bool:
        """Note bytes of the current block as moved; tell whether it has ended."""
        self.left -= min(self.left, count // self.sample_bytes)
        if self.left:
            return False
        self.left = self.block
        self.active = self.auto
        return True

    def next_look(self, now: int) -> int | None:
        """Return the virtual time (ns) at which the transfer needs a look; None while it stands."""
        if not self.running:
            return None
        frames = -(-self.left // self.channels)
        look = min(self.clock.when(frames, self.rate), now + LONGEST_LOOK)
        return max(look, now + SHORTEST_LOOK)
