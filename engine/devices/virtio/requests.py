"""Virtio devices whose queue holds requests to media, each of which is under way by itself.

What orders requests that overlap is the queue of the medium. A saved state has the first
descriptors of what was under way, and it is begun anew: reading or writing the same blocks twice
changes nothing.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, TypeVar

from engine.devices.virtio.rings import RingError
from engine.devices.virtio.state import VirtioState
from engine.devices.virtio.transport import VirtioDevice
from engine.pdm import CommandHost
from engine.pdm.device import DeviceConfig

if TYPE_CHECKING:
    from engine.devices.virtio.rings import Chain
    from engine.pdm import Steps

ConfigT = TypeVar("ConfigT", bound=DeviceConfig)
StateT = TypeVar("StateT", bound=VirtioState)


class RequestDevice(CommandHost[ConfigT, StateT], VirtioDevice[ConfigT, StateT]):
    """Base of such devices.

    Attributes:
        REQUESTS: index of the queue.
    """

    REQUESTS: ClassVar[int] = 0

    def setup(self) -> None:
        """Nothing is under way."""
        self._working = False
        super().setup()

    @abstractmethod
    def begin(self, chain: Chain) -> None:
        """Begin a request, or give it back at once.

        Raises:
            RingError: it makes no sense.
        """

    def control(self, chain: Chain) -> None:
        """Take what the driver has put into another queue.

        Raises:
            RingError: there is no other, or it makes no sense.
        """
        raise RingError(f"descriptor {chain.head} in a queue without use")

    # -- life

    def state_loaded(self, version: int) -> None:
        """Go on where the saved device was; what was under way is begun anew when the VM runs."""
        super().state_loaded(version)
        if self.state.queues[self.REQUESTS].in_flight:
            self.resumption.arm(self.now)

    def begin_anew(self) -> None:
        """See :class:`CommandHost`."""
        waiting, queue = self.state.queues[self.REQUESTS].in_flight, self.queues[self.REQUESTS]
        heads = [head for head in waiting if head not in self.tasks]
        waiting[:] = [head for head in waiting if head in self.tasks]
        try:
            for head in heads:
                self.begin(queue.chain(head))
        except RingError as error:
            self.broken(f"a request that is begun anew: {error}")
        self.finish(self.REQUESTS)

    def stop(self) -> None:
        """Forget what is under way."""
        self.forget_tasks()
        for queue in self.state.queues:
            queue.in_flight.clear()

    # -- requests

    def process(self, index: int) -> None:
        """Take what the driver has made available."""
        queue = self.queues[index]
        self._working = True
        try:
            while self.running(index):
                chain = queue.pop()
                if chain is not None:
                    (self.begin if index == self.REQUESTS else self.control)(chain)
                elif not queue.rearm():
                    break
        finally:
            self._working = False
        self.finish(index)

    def start(self, chain: Chain, lun: int, steps: Steps) -> None:
        """Run a request to the medium at a connector; it ends with :meth:`complete`.

        Raises:
            RingError: the driver has not yet got back an earlier one with this descriptor.
        """
        if chain.head in self.tasks:
            raise RingError(f"descriptor {chain.head} again, which is in use")
        self.state.queues[self.REQUESTS].in_flight.append(chain.head)
        self.start_task(chain.head, lambda: lun, steps)

    def complete(self, chain: Chain, written: int) -> None:
        """End a request that has filled so many bytes, or give it up."""
        if chain.head in self.tasks:
            self.end_task(chain.head)
            self.state.queues[self.REQUESTS].in_flight.remove(chain.head)
        self.queues[self.REQUESTS].push(chain, written)
        if not self._working:
            self.finish(self.REQUESTS)
