"""The emulation thread (EMT): alternates between guest code, timers, interrupts and requests.

Everything that touches devices or the CPU happens on this thread. Other threads post requests;
they are served between two runs of the CPU, within a fraction of a millisecond.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any, TypeVar

from engine.cpum.features import features_of
from engine.em.backend import ExitReason
from engine.em.cap import ExecutionCap
from engine.em.ticker import Ticker
from engine.errors import InvalidStateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.em.archstate import CpuState
    from engine.em.backend import ExecutionEngine
    from engine.pdm.interfaces import InterruptAcknowledge
    from engine.stam import Statistics
    from engine.tm import TimeManager

log = logging.getLogger("engine.em")
ResultT = TypeVar("ResultT")

# While an interrupt waits for the guest to open its window, look again after this long (ns).
INTERRUPT_WINDOW = 300_000
# When it has waited this long (ns; doubled each time), the engine is asked not to miss the next
# window: that drops all translations.
PATIENCE = 100_000_000
# An idle guest without any timer is looked at this often (s), in case a wake-up was missed.
LONGEST_SLEEP = 1.0


class EmulationThread:
    """The run loop of one virtual CPU.

    Args:
        engine: executes guest code. time: the virtual clock. statistics: for counters.
        on_reset: called on the EMT with the reason for which the CPU wants to be reset.
        on_failure: called on the EMT with whatever went wrong in the engine or a device.

    Attributes:
        controller: asked for the vector when INTR is asserted.
        cap: share of a host processor that the guest may use.
        executing: the guest runs (is not paused); changed on the EMT only.
    """

    def __init__(
        self,
        engine: ExecutionEngine,
        time: TimeManager,
        statistics: Statistics,
        *,
        on_reset: Callable[[str], None],
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._engine = engine
        self._time = time
        self._on_reset = on_reset
        self._on_failure = on_failure
        self.controller: InterruptAcknowledge | None = None
        self.cap = ExecutionCap()
        self.executing = False
        self._intr = False
        self._nmi_pending = False
        self._halted = False
        self._patience = PATIENCE
        self._patience_ends = 0  # when to look for the window of a waiting interrupt; 0: none waits
        self._quit = False
        self._requests: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        # Things that devices ask for inside the guest's run, done before it goes on.
        self._deferred: list[Callable[[], None]] = []
        self._posting = threading.Lock()
        self._wake = threading.Event()
        self._ticker = Ticker(engine.kick, time.now)
        self._thread = threading.Thread(target=self._run, name="EMT", daemon=True)
        time.on_earlier_deadline = self._deadline_moved
        statistics.add_source(time.statistics)
        self._interrupts = statistics.counter("/EM/Interrupts")
        self._halts = statistics.counter("/EM/Halts")
        self._halted_ns = statistics.counter("/EM/HaltedTime", "ns")
        self._capped_ns = statistics.counter("/EM/CappedTime", "ns")

    # ------------------------------------------------------------------ other threads

    def start(self) -> None:
        """Start the thread; the guest does not run yet."""
        self._ticker.start()
        self._thread.start()

    def stop(self) -> None:
        """End the thread; requests that still wait are cancelled. Once more does nothing.

        Raises:
            InvalidStateError: called on the EMT, which cannot wait for its own end.
        """
        if self.is_current():
            raise InvalidStateError("The emulation thread cannot end itself.")
        with self._posting:
            self._quit = True
            self._interrupt_run()
        if self._thread.is_alive():
            self._thread.join()
        self._ticker.stop()
        while self._requests:
            self._requests.popleft()[1].cancel()

    def is_current(self) -> bool:
        """Tell whether the caller runs on the EMT."""
        return threading.current_thread() is self._thread

    def post(self, function: Callable[[], ResultT]) -> Future[ResultT]:
        """Run a function on the EMT soon.

        Returns:
            A future with the result or exception; it is cancelled when the EMT has ended.
        """
        future: Future[ResultT] = Future()
        with self._posting:  # nothing may be added, and no engine kicked, behind the end
            if self._quit:
                future.cancel()
                return future
            self._requests.append((function, future))
            self._interrupt_run()
        return future

    def tell(self, function: Callable[[], object]) -> None:
        """Run a function on the EMT soon; when it fails, the machine has failed."""

        def guarded() -> None:
            try:
                function()
            except Exception as error:  # as if the guest had caused it
                self._fail(error)

        self.post(guarded)

    def call(self, function: Callable[[], ResultT]) -> ResultT:
        """Run a function on the EMT and wait for its result; works on the EMT too.

        Raises:
            InvalidStateError: the EMT has ended.
        """
        if self.is_current():
            return function()
        try:
            return self.post(function).result()
        except CancelledError:
            raise InvalidStateError("The machine has been switched off.") from None

    def _interrupt_run(self) -> None:
        """Make the EMT look for requests: at once, and again in case the kick was too early."""
        self._wake.set()
        self._engine.kick()
        self._ticker.arm(0)

    # ------------------------------------------------------------------ devices (EMT)

    def intr_changed(self, asserted: bool) -> None:
        """The interrupt controller's INTR output has changed."""
        self._intr = asserted
        if asserted:
            self._engine.kick()

    def request_nmi(self) -> None:
        """Deliver a non-maskable interrupt as soon as NMIs are open. Any thread may ask."""

        def pend() -> None:
            self._nmi_pending = True

        self.post(pend)

    def defer(self, function: Callable[[], None]) -> None:
        """Do something when the guest's run has ended and before it goes on."""
        self._deferred.append(function)
        self._engine.kick()

    def cpu_was_reset(self) -> None:
        """Forget what belonged to the CPU's former life."""
        self._halted = False
        self._nmi_pending = False

    def cpu_state(self) -> CpuState:
        """Return the CPU's state for a saved state. EMT, while the guest is held."""
        state = self._engine.cpu_state()
        state.features = list(features_of(self._engine.cpuid.leaves))
        state.halted |= self._halted
        state.nmi_pending |= self._nmi_pending
        return state

    def load_cpu_state(self, state: CpuState) -> None:
        """Take the CPU's state from a saved state. EMT, while the guest is held."""
        self._engine.load_cpu_state(state)
        self._halted = state.halted and not self._engine.halts_inside
        self._nmi_pending = state.nmi_pending

    def _deadline_moved(self, deadline: int) -> None:
        self._ticker.arm(deadline)

    # ------------------------------------------------------------------ the loop

    def _run(self) -> None:
        while not self._quit:
            self._serve_requests()
            if not self.executing:
                self._ticker.disarm()
                self._wake.wait()
                self._wake.clear()
                continue
            try:
                self._step()
            except Exception as error:  # a program error must not kill unsaved work silently
                self._fail(error)

    def _fail(self, error: Exception) -> None:
        log.error("the emulation thread has failed", exc_info=error)
        self.executing = False
        self._on_failure(error)

    def _serve_requests(self) -> None:
        while self._requests:
            function, future = self._requests.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(function())
            except BaseException as error:  # handed to who waits for the result
                future.set_exception(error)

    def _step(self) -> None:
        """Fire timers, deliver what is pending, and let the guest run or sleep."""
        self._time.run_due()
        if self._deferred:
            waiting, self._deferred = self._deferred, []
            for function in waiting:
                function()
            return
        window_wait = False
        if self._nmi_pending and self._engine.can_take_nmi():
            self._nmi_pending = False
            self._deliver(self._engine.nmi())
        elif self._intr:
            window_wait = not self._take_interrupt()
            self._note_window(window_wait)
        deadline = self._time.next_deadline()
        if self._halted:
            self._ticker.disarm()
            self._halted_ns.value += self._sleep(deadline)
            return
        budget = self.cap.budget()
        if budget is not None:
            share_ends = self._time.now() + (budget or self.cap.rest())
            deadline = share_ends if deadline is None else min(deadline, share_ends)
            if not budget:
                self._ticker.disarm()
                self._capped_ns.value += self._sleep(deadline)
                return
        longest = self._engine.longest_run
        if longest is not None:
            run_ends = self._time.now() + longest
            deadline = run_ends if deadline is None else min(deadline, run_ends)
        if window_wait:
            window = self._time.now() + INTERRUPT_WINDOW
            deadline = window if deadline is None else min(deadline, window)
        self._ticker.arm(deadline)
        if self._requests:  # posted before: what arms the ticker from now on is repeated by it
            return
        reason = self._engine.run()
        self._ticker.disarm()
        if reason is ExitReason.HALTED:
            self._halted = True
            self._halts.value += 1
        elif reason in (ExitReason.TRIPLE_FAULT, ExitReason.RESET):
            self._on_reset(reason.value)

    def _take_interrupt(self) -> bool:
        """Deliver the pending interrupt; False while the guest has its window closed."""
        engine, controller = self._engine, self.controller
        if controller is None or not engine.can_take_interrupt():
            return False
        self._interrupts.value += 1
        self._deliver(engine.interrupt(controller.acknowledge()))
        return True

    def _note_window(self, closed: bool) -> None:
        """Help an interrupt in that waits too long; rarely: a guest may block them for seconds."""
        if not closed or self._halted:
            self._patience_ends = 0
            return
        self._engine.expect_window()
        now = self._time.now()
        if not self._patience_ends:
            # Dropping the few translations of firmware is cheap, those of a kernel are not.
            scale = getattr(self._engine, "patience_scale", 1.0)
            self._patience = int(PATIENCE * scale)
            self._patience_ends = now + self._patience
        elif now >= self._patience_ends:
            self._engine.find_window()
            self._patience *= 2
            self._patience_ends = now + self._patience

    def _deliver(self, delivered: bool) -> None:
        self._halted = False
        if not delivered:
            self._on_reset(ExitReason.TRIPLE_FAULT.value)

    def _sleep(self, deadline: int | None) -> int:
        """The CPU does not run: wait for a timer, a device or a request; return how long (ns)."""
        if self._requests or self._deferred:
            return 0
        now = self._time.now()
        slept = 0
        delay = LONGEST_SLEEP if deadline is None else (deadline - now) / 1e9
        if delay > 0:
            self._wake.wait(min(delay, LONGEST_SLEEP))
            slept = self._time.now() - now
        self._wake.clear()
        return slept
