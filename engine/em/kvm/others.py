"""The virtual CPUs besides the first: one host thread each.

They execute guest code on their own, but devices belong to the EMT: an access that the kernel
leaves to us is posted there, and the thread waits for it. While the machine is held, the threads
are parked outside the guest with no access under way.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from engine.em.cap import ExecutionCap
from engine.em.kvm import api
from engine.em.kvm.vcpu import KICKED, Vcpu

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("engine.em")

REPEAT_KICK: Final = 0.002
"""Seconds after which a thread that has not parked yet is kicked again."""
CAP_PERIOD: Final = 0.01
"""Seconds between two looks at whether a CPU has used up its share."""


class _Runner:
    """The thread of one virtual CPU."""

    def __init__(self, vcpu: Vcpu, owner: OtherCpus) -> None:
        self.vcpu = vcpu
        self.served = threading.Event()
        self.parked = threading.Event()
        self.parked.set()
        self.cap = ExecutionCap()
        self.failed = False
        self._owner = owner
        name = f"EMT-{vcpu.number}"
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)

    def _run(self) -> None:
        owner = self._owner
        while owner.wait_for_gate(self):
            try:
                reason = self.vcpu.enter()
            except Exception as error:  # told on the EMT, where it holds the machine
                self.failed = True
                owner.fail(error)
                self.parked.set()
                return
            if reason == KICKED:
                if self.cap.budget() == 0:
                    owner.rest(self.cap.rest())
                continue
            if reason != api.EXIT_INTR:
                self.served.clear()
                owner.ask(self, reason)
                self.served.wait()


class OtherCpus:
    """All of them.

    Args:
        vcpus: without the first one.
        serve: performs the access of an exit; called on the EMT.
        post: has a function called on the EMT.
    """

    def __init__(
        self,
        vcpus: list[Vcpu],
        serve: Callable[[Vcpu, int], None],
        post: Callable[[Callable[[], object]], object],
    ) -> None:
        self._serve = serve
        self._post = post
        self._open = False
        self._quit = False
        self._gate = threading.Condition()
        self._waiting: deque[tuple[_Runner, int]] = deque()
        self._runners = [_Runner(vcpu, self) for vcpu in vcpus]
        self._started = False
        self._resting = threading.Event()
        self._governor: threading.Thread | None = None

    # ------------------------------------------------------------------ EMT

    def go(self) -> None:
        """Let them execute; nothing happens when they do already."""
        if self._open:
            return
        with self._gate:
            self._open = True
            for runner in self._runners:
                runner.parked.clear()
            self._gate.notify_all()
        if not self._started:
            self._started = True
            for runner in self._runners:
                runner.thread.start()

    def park(self) -> None:
        """Have them all outside the guest, with their accesses performed."""
        if not self._open:
            return
        self._open = False
        for runner in self._runners:
            runner.vcpu.kick()
        for runner in self._runners:
            while not runner.parked.wait(REPEAT_KICK):
                self.serve()
                runner.vcpu.kick()
            if runner.failed:
                continue
            # Completes an access that was performed but not finished by the instruction.
            runner.vcpu.kick()
            if runner.vcpu.enter() != KICKED:
                log.warning("CPU %d has left the guest while it was parked", runner.vcpu.number)

    def serve(self) -> None:
        """Perform the accesses that threads wait for."""
        while self._waiting:
            runner, reason = self._waiting.popleft()
            try:
                self._serve(runner.vcpu, reason)
            finally:
                runner.served.set()

    def change_cap(self, percent: int) -> None:
        """Limit the share of a host processor that each of them may use."""
        for runner in self._runners:
            runner.cap.change(percent)
        if percent < 100 and self._governor is None:
            self._governor = threading.Thread(target=self._govern, name="EMT cap", daemon=True)
            self._governor.start()

    def close(self) -> None:
        """End the threads. Nobody serves them any more: what they ask for is dropped."""
        with self._gate:
            self._quit = True
            self._gate.notify_all()
        self._resting.set()
        for runner in self._runners:
            while self._started and runner.thread.is_alive():
                runner.vcpu.kick()
                runner.served.set()
                runner.thread.join(REPEAT_KICK)
        if self._governor is not None:
            self._governor.join()

    # ------------------------------------------------------------------ their threads

    def wait_for_gate(self, runner: _Runner) -> bool:
        """Wait until the guest may execute; False: the thread shall end."""
        if self._open and not self._quit:
            return True
        with self._gate:
            while not self._open and not self._quit:
                runner.parked.set()
                self._gate.wait()
            return not self._quit

    def ask(self, runner: _Runner, reason: int) -> None:
        """Have an access performed on the EMT."""
        self._waiting.append((runner, reason))
        self._post(self.serve)

    def fail(self, error: Exception) -> None:
        """Tell the EMT that a CPU cannot go on."""

        def raise_there() -> None:
            raise error

        self._post(raise_there)

    def rest(self, ns: int) -> None:
        """Let a CPU that has used its share wait for the next slice, or for the end."""
        self._resting.wait(ns / 1e9)

    def _govern(self) -> None:
        while not self._resting.wait(CAP_PERIOD):
            for runner in self._runners:
                if runner.cap.percent < 100:
                    runner.vcpu.kick()
