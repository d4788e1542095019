"""Virtio devices whose queue holds requests to media, each of which is under way by itself.

What orders requests that overlap is the queue of the medium. A saved state has the first
descriptors of what was under way, and it is begun anew: reading or writing the same blocks twice
changes nothing.
"""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from engine.devices.virtio.rings import RingError
from engine.devices.virtio.state import VirtioState
from engine.devices.virtio.transport import VirtioDevice
from engine.pdm import BlockTask, MediaHost, timer
from engine.pdm.device import DeviceConfig

if TYPE_CHECKING:
    from engine.devices.virtio.rings import Chain
    from engine.pdm import MediumError, Steps

ConfigT = TypeVar("ConfigT", bound=DeviceConfig)
StateT = TypeVar("StateT", bound=VirtioState)


class RequestDevice(MediaHost[ConfigT, StateT], VirtioDevice[ConfigT, StateT]):
    """Base of such devices.

    Attributes:
        REQUESTS: index of the queue.
    """

    REQUESTS: ClassVar[int] = 0

    def setup(self) -> None:
        """Nothing is under way."""
        self._tasks: dict[int, BlockTask] = {}
        self._working = False
        super().setup()

    @abstractmethod
    def begin(self, chain: Chain) -> None:
        """Begin a request, or give it back at once.

        Raises:
            RingError: it makes no sense.
        """

    # -- life

    def state_loaded(self, version: int) -> None:
        """Go on where the saved device was; what was under way is begun anew when the VM runs."""
        super().state_loaded(version)
        if self.state.queues[self.REQUESTS].in_flight:
            self.resumption.arm(self.now)

    @timer
    def resumption(self) -> None:
        """Begin anew what was under way when the state was saved, or the machine paused."""
        waiting, queue = self.state.queues[self.REQUESTS].in_flight, self.queues[self.REQUESTS]
        heads = [head for head in waiting if head not in self._tasks]
        waiting[:] = [head for head in waiting if head in self._tasks]
        try:
            for head in heads:
                self.begin(queue.chain(head))
        except RingError as error:
            self.broken(f"a request that is begun anew: {error}")
        self.finish(self.REQUESTS)

    def stop(self) -> None:
        """Forget what is under way."""
        tasks, self._tasks = self._tasks, {}
        for task in tasks.values():
            task.cancel()
        for queue in self.state.queues:
            queue.in_flight.clear()
        self.resumption.cancel()

    # -- requests

    def process(self, index: int) -> None:
        """Begin what the driver has made available."""
        queue = self.queues[index]
        self._working = True
        try:
            while self.running(index):
                chain = queue.pop()
                if chain is not None:
                    self.begin(chain)
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
        if chain.head in self._tasks:
            raise RingError(f"descriptor {chain.head} again, which is in use")
        task = BlockTask(lambda: self.block_queue(lun), partial(self._stall, chain.head))
        self._tasks[chain.head] = task
        self.state.queues[self.REQUESTS].in_flight.append(chain.head)
        task.start(steps)

    def complete(self, chain: Chain, written: int) -> None:
        """End a request that has filled so many bytes."""
        if self._tasks.pop(chain.head, None) is not None:
            self.state.queues[self.REQUESTS].in_flight.remove(chain.head)
        self.queues[self.REQUESTS].push(chain, written)
        if not self._working:
            self.finish(self.REQUESTS)

    def _stall(self, head: int, error: MediumError) -> None:
        """Pause the VM because the host cannot do its part; begin anew when it goes on."""
        waiting = self._tasks[head]

        def retry() -> None:
            if self._tasks.get(head) is waiting:  # no reset has come between
                del self._tasks[head]
                self.resumption.arm(self.now)

        self.suspend_on_error(error, retry)
