"""virtio-balloon: the guest gives memory back to the host; transitional.

Reference: virtio 1.2, 5.5. What is inflated reads as zeros from then on. A guest that runs out of
memory may take it back unasked (DEFLATE_ON_OOM), and keeps a tenth of it in any case. Not there:
hints and reports of free pages, page poison.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

import msgspec
import numpy as np

from engine.devices.virtio import registers as r
from engine.devices.virtio.legacy import TransitionalDevice
from engine.devices.virtio.rings import RingError
from engine.devices.virtio.state import VirtioState, Word
from engine.pdm import MachineControl, MemoryBalloon, register, timer
from engine.pdm.device import DeviceConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.devices.virtio.rings import Chain

INFLATE, DEFLATE, STATISTICS = 0, 1, 2
F_STATS_VQ, F_DEFLATE_ON_OOM = 1 << 1, 1 << 2
PAGE: Final = 4096
"""Unit of the balloon, whatever pages the guest has."""
PAGES_PER_MIB: Final = (1 << 20) // PAGE
MOST_NUMBERS: Final = 0x4000
"""Page numbers in one request; Linux sends 256."""
BURST_REQUESTS: Final = 16
"""Requests of one call before the processor runs on."""

_STATISTIC = struct.Struct("<HQ")
_MOST_STATISTICS: Final = 64
_TAGS: Final = {4: "Free", 5: "Total", 6: "Available", 7: "Cache"}
"""Statistics in bytes by their tags (5.5.6.4)."""
FRESH: Final = 1_000_000_000
"""ns for which the guest is not asked again."""


class VirtioBalloonConfig(DeviceConfig, frozen=True):
    """What the guest shall give back from the beginning.

    Attributes:
        size_mib: MiB.
    """

    size_mib: Annotated[int, msgspec.Meta(ge=0)] = 0


class VirtioBalloonState(VirtioState):
    """The balloon.

    Attributes:
        actual: pages in it, as the driver says. told: what the driver has last said of the guest's
            memory, in bytes by name. asked: virtual time (ns) at which it was last asked.
    """

    actual: Word = 0
    told: dict[str, Annotated[int, msgspec.Meta(ge=0)]] = {}
    asked: int = 0


@register
class VirtioBalloon(TransitionalDevice[VirtioBalloonConfig, VirtioBalloonState]):
    """A balloon."""

    NAME = "virtio-balloon"
    DESCRIPTION = "Virtio memory balloon"
    PROVIDES = (MemoryBalloon,)
    REQUIRES = (MachineControl,)
    UNSAVED_CONFIG = frozenset({"size_mib"})
    DEVICE = r.TRANSITIONAL_BALLOON
    SUBSYSTEM = (r.VENDOR, r.BALLOON)
    CLASS = 0x00FF00
    FEATURES = F_STATS_VQ | F_DEFLATE_ON_OOM
    QUEUE_SIZES: ClassVar[tuple[int, ...]] = (128, 128, 128)

    def setup(self) -> None:
        """Take the size from the settings."""
        super().setup()
        self._ram_size = self.require(MachineControl).ram_size
        self._pages = self._limited(self.config.size_mib)

    def _limited(self, mebibytes: int) -> int:
        return min(mebibytes * PAGES_PER_MIB, 9 * (self._ram_size // PAGE) // 10)

    # -- life

    def stop(self) -> None:
        """Nobody can be asked any more."""
        self.continuation.cancel()
        for queue in self.state.queues:
            queue.in_flight.clear()

    def state_loaded(self, version: int) -> None:
        """Go on where the saved balloon was; the settings may have another size now."""
        super().state_loaded(version)
        self.continuation.arm(self.now)
        self.config_changed()

    # -- for the host

    def set_size(self, mebibytes: int) -> None:
        """See :class:`MemoryBalloon`."""
        pages = self._limited(mebibytes)
        if pages != self._pages:
            self._pages = pages
            self.config_changed()

    def memory_statistics(self) -> Mapping[str, int]:
        """See :class:`MemoryBalloon`."""
        self.post(self._ask)
        state = self.state
        return {**state.told, "Balloon": min(state.actual * PAGE, self._ram_size)}

    def _ask(self) -> None:
        """Give the driver its buffer for statistics back, which has it fill one anew (5.5.6.3)."""
        state, waiting = self.state, self.state.queues[STATISTICS].in_flight
        if not waiting or not self.running(STATISTICS) or self.now - state.asked < FRESH:
            return
        state.asked = self.now
        queue = self.queues[STATISTICS]
        try:
            for head in waiting:
                queue.push(queue.chain(head), 0)
        except RingError as error:
            self.broken(f"the buffer for statistics: {error}")
            return
        waiting.clear()
        self.finish(STATISTICS)

    # -- configuration

    def device_config(self) -> bytes:
        """See 5.5.4."""
        return struct.pack("<II", self._pages, self.state.actual)

    def device_config_written(self, offset: int, value: int) -> None:
        """The driver tells how many pages are in the balloon."""
        if 4 <= offset < 8:
            actual = bytearray(self.state.actual.to_bytes(4, "little"))
            actual[offset - 4] = value
            self.state.actual = int.from_bytes(actual, "little")

    # -- queues

    @timer
    def continuation(self) -> None:
        """Go on with queues that were too long for one burst."""
        for index in range(len(self.queues)):
            self.run(index)

    def process(self, index: int) -> None:
        """See :meth:`VirtioDevice.process`."""
        queue = self.queues[index]
        for _ in range(BURST_REQUESTS):
            chain = queue.pop()
            if chain is None:
                if not queue.rearm():
                    break
                continue
            if index == STATISTICS:
                self._learn(chain)
                continue
            if index == INFLATE:
                self._inflate(chain)
            # What is deflated is the guest's again without anything being done.
            queue.push(chain, 0)
        else:
            self.continuation.arm(self.now)
        self.finish(index)

    def _inflate(self, chain: Chain) -> None:
        data = chain.readable.gather(4 * MOST_NUMBERS)
        if chain.readable.size > len(data) or len(data) % 4:
            self.guest_error(f"a request of {chain.readable.size} bytes to inflate the balloon")
        numbers = np.unique(np.frombuffer(data, "<u4", len(data) // 4))
        for run in np.split(numbers, np.flatnonzero(np.diff(numbers) != 1) + 1):
            if len(run) and not self.give_back(int(run[0]) * PAGE, len(run) * PAGE):
                self.guest_error(f"pages {run[0]:#x} to {run[-1]:#x} in the balloon are not RAM")

    def _learn(self, chain: Chain) -> None:
        """Take the guest's statistics, and keep their buffer until they are wanted again."""
        data = chain.readable.gather(_STATISTIC.size * _MOST_STATISTICS)
        whole = len(data) // _STATISTIC.size * _STATISTIC.size
        self.state.told = {
            _TAGS[tag]: min(value, self._ram_size)
            for tag, value in _STATISTIC.iter_unpack(data[:whole])
            if tag in _TAGS
        }
        self.state.queues[STATISTICS].in_flight.append(chain.head)
