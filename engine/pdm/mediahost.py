"""What every controller with drives does for them on the host side."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, cast

from engine.pdm.block import BlockTask
from engine.pdm.device import ConfigT, Device, StateT, timer
from engine.pdm.interfaces import BlockMedium, MachineControl, TrayObserver

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.pdm.block import Steps
    from engine.storage.errors import MediumError


class MediaHost(Device[ConfigT, StateT]):
    """Base of controllers whose connectors lead to media; mixed into the base of their bus."""

    def medium(self, lun: int) -> BlockMedium | None:
        """Return what is attached to a connector."""
        return cast("BlockMedium | None", self.connected(lun))

    def suspend_on_error(self, error: MediumError, retry: Callable[[], None]) -> None:
        """Pause the VM because the host cannot do its part; ``retry`` runs when it goes on."""
        control = self.require(MachineControl)
        control.suspend_on_error(f"DrvVD_{error.suspends}", str(error), retry)

    def tray_moved(self, lun: int, *, open_: bool) -> None:
        """Tell the host side that the guest has moved a tray."""
        observer = self.context.find(TrayObserver)
        if observer:
            observer.tray_moved(self.instance_name, lun, open_=open_)


class CommandHost(MediaHost[ConfigT, StateT]):
    """Base of controllers that have several commands under way, each with a number.

    Attributes:
        tasks: of the commands that are under way, or wait for the host to be helped.
    """

    tasks: dict[int, BlockTask]

    def setup(self) -> None:
        """Nothing is under way."""
        self.tasks = {}
        super().setup()

    @abstractmethod
    def begin_anew(self) -> None:
        """Begin the commands of the state that are not among :attr:`tasks`."""

    @timer
    def resumption(self) -> None:
        """Begin anew what was under way when the state was saved, or the host had no room."""
        self.begin_anew()

    def start_task(self, number: int, lun: Callable[[], int], steps: Steps) -> None:
        """Run a command, whose last step takes it out of :attr:`tasks`.

        Args:
            number: of the command.
            lun: tells to which connector a request goes.
            steps: what it does.
        """
        task = BlockTask(lambda: self.block_queue(lun()), partial(self._stall, number))
        self.tasks[number] = task
        task.start(steps)

    def end_task(self, number: int) -> None:
        """Take a command out that has ended, or give it up; it may be none of :attr:`tasks`."""
        task = self.tasks.pop(number, None)
        if task is not None:
            task.cancel()

    def forget_tasks(self) -> None:
        """Give up what is under way; it ends without a report."""
        tasks, self.tasks = self.tasks, {}
        for task in tasks.values():
            task.cancel()
        self.resumption.cancel()

    def _stall(self, number: int, error: MediumError) -> None:
        """Pause the VM because the host cannot do its part; begin anew when it goes on."""
        waiting = self.tasks[number]

        def retry() -> None:
            if self.tasks.get(number) is waiting:  # no reset has come between
                del self.tasks[number]
                self.resumption.arm(self.now)

        self.suspend_on_error(error, retry)
