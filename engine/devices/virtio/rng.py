"""virtio-rng: the entropy device; transitional.

Reference: virtio 1.2, 5.4. The bytes are those of the host's generator for keys, which gives them
without waiting for anything.
"""

from __future__ import annotations

import os
from typing import ClassVar, Final

from engine.devices.virtio import registers as r
from engine.devices.virtio.legacy import TransitionalDevice
from engine.devices.virtio.state import VirtioState
from engine.pdm import register, timer
from engine.pdm.device import EmptyConfig

REQUESTS: Final = 0
MOST_BYTES: Final = 4096
"""Bytes of one answer; a driver that wants more asks again."""
BURST_REQUESTS: Final = 64
"""Requests of one call before the processor runs on."""


class VirtioRngState(VirtioState):
    """The device remembers nothing: no saved state has bytes that a guest will get."""


@register
class VirtioRng(TransitionalDevice[EmptyConfig, VirtioRngState]):
    """A source of entropy."""

    NAME = "virtio-rng"
    DESCRIPTION = "Virtio entropy device"
    DEVICE = r.TRANSITIONAL_ENTROPY
    SUBSYSTEM = (r.VENDOR, r.ENTROPY)
    CLASS = 0x00FF00
    QUEUE_SIZES: ClassVar[tuple[int, ...]] = (64,)

    def stop(self) -> None:
        """Nothing waits."""
        self.continuation.cancel()

    def state_loaded(self, version: int) -> None:
        """Go on with what the driver has asked for."""
        super().state_loaded(version)
        self.continuation.arm(self.now)

    @timer
    def continuation(self) -> None:
        """Go on with requests that were too many for one burst."""
        self.run(REQUESTS)

    def process(self, index: int) -> None:
        """Fill what the driver has made available."""
        queue = self.queues[index]
        for _ in range(BURST_REQUESTS):
            chain = queue.pop()
            if chain is None:
                if not queue.rearm():
                    break
                continue
            wanted = min(chain.writable.size, MOST_BYTES)
            queue.push(chain, chain.writable.scatter(memoryview(os.urandom(wanted))))
        else:
            self.continuation.arm(self.now)
        self.finish(index)
