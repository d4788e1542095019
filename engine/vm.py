"""The virtual machine: owns the components and its life cycle.

Threads: a VM is controlled from any thread but its EMT; :meth:`VM.pause` and its like block until
done. Events are told to the listener on the EMT.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Self, TypeVar

from engine.dbgf.info import show_info
from engine.dbgf.statistics import matches
from engine.em.cap import UNLIMITED
from engine.em.choice import engine_of
from engine.em.emt import EmulationThread
from engine.errors import InvalidStateError
from engine.firmware import find_firmware
from engine.gim.providers import describe, provider_of
from engine.inputs import InputRouter
from engine.iom import PortSpace
from engine.pcboard import fit_processors
from engine.pdm.builder import DeviceSet
from engine.pdm.display import DisplayAdapter
from engine.pdm.interfaces import (
    A20Gate,
    Buttons,
    CpuInterrupt,
    EngineChips,
    InputObserver,
    InterruptAcknowledge,
    InterruptController,
    MachineControl,
    NetworkAdapter,
    ResetKind,
    ShadowControl,
    TaskPriority,
    TrayObserver,
)
from engine.pgm import PhysicalMemory
from engine.shadow import ShadowRam
from engine.ssm.machine import capture, restore
from engine.stam import Statistics
from engine.storage.aio import MediumQueue
from engine.tm import TimeManager
from engine.vmevents import (
    Event,
    GuestReset,
    MediumEjected,
    PointingChanged,
    PoweredOffByGuest,
    RuntimeErrorRaised,
    StateChanged,
    VmState,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from engine.cfgm import Node
    from engine.ssm import StateReader
    from engine.ssm.machine import CapturedMachine

log = logging.getLogger("engine.vm")
ResultT = TypeVar("ResultT")


class VM:
    """A virtual machine.

    Args:
        tree: the configuration (see ``engine.pcboard``).
        attachments: host-side objects that take the place of drivers in the tree.
        listener: is told every event, on the EMT (that the machine is off: by who has switched
            it off); must not block, nor control the machine except through :meth:`post`.

    Raises:
        EngineError: the configuration cannot be built (no such image, no firmware...). Everything
            opened so far is closed again.
    """

    def __init__(
        self,
        tree: Node,
        *,
        attachments: dict[tuple[str, int], object] | None = None,
        listener: Callable[[Event], None] | None = None,
    ) -> None:
        self._listener = listener
        self.configuration = tree
        self.name = tree.string("Name", "unnamed")
        self.state = VmState.CREATED
        self.statistics_tree = Statistics()
        self.time = TimeManager()
        self.ports = PortSpace()
        self.ram_size = tree.integer("RamSize")
        self.memory = PhysicalMemory(self.ram_size)
        images = find_firmware(tree.child("Firmware").string("Bios", "") or None)
        self._shadow = ShadowRam(self.memory, images.bios)
        self.paravirt_provider = provider_of(tree)
        self.engine, self.engine_reason = engine_of(tree, self.paravirt_provider)
        self.shortage = fit_processors(tree, self.engine.cpu_count)
        if self.shortage:
            log.warning("EM: %s", self.shortage)
        self.emt = EmulationThread(
            self.engine,
            self.time,
            self.statistics_tree,
            on_reset=lambda reason: self._reset(ResetKind.HARD, reason),
            on_failure=self._failed,
        )
        self._a20_sources: dict[str, bool] = {}
        self._retries: list[Callable[[], None]] = []
        self._power = threading.Lock()  # held while the machine is switched off
        try:
            self.engine.attach(self.ports, self.memory, self.statistics_tree, self.emt.tell)
            self.set_execution_cap(tree.integer("CpuExecutionCap", UNLIMITED))
            self.devices = self._build_devices(attachments)
        except BaseException:
            self.engine.close()
            raise
        log.info("%s", describe(self.paravirt_provider, self.engine.abilities))
        self.statistics_tree.add_source(self.devices.statistics)
        self.emt.controller = self.devices.find(InterruptAcknowledge) or self.devices.find(
            InterruptController
        )
        self.engine.task_priority = self.devices.find(TaskPriority)
        self._inputs = InputRouter(self.devices)
        self.display = self.devices.find(DisplayAdapter)

    def _build_devices(self, attachments: dict[tuple[str, int], object] | None) -> DeviceSet:
        interfaces: dict[type, object] = {
            MachineControl: self,
            TrayObserver: self,
            InputObserver: self,
            A20Gate: self,
            ShadowControl: self._shadow,
            CpuInterrupt: self.emt,
        }
        if self.engine.chips is not None:
            interfaces[EngineChips] = self.engine.chips
        return DeviceSet(
            self.configuration.child("Devices"),
            ports=self.ports,
            memory=self.memory,
            time=self.time,
            interfaces=interfaces,
            attachments=attachments,
            post=self.emt.tell,
            make_queue=MediumQueue,
        )

    # ------------------------------------------------------------------ life cycle

    def power_on(
        self,
        *,
        paused: bool = False,
        saved: StateReader | None = None,
        progress: Callable[[int], None] = lambda _percent: None,
    ) -> None:
        """Switch the machine on.

        Args:
            paused: hold it before the first instruction.
            saved: go on from this state instead of starting anew.
            progress: told how many per cent of it are loaded, on the EMT.

        Raises:
            InvalidStateError: it is on already, or has been switched off.
            SavedStateError: the state is damaged or does not fit; only ``power_off`` is left.
        """
        self._demand(VmState.CREATED)
        self.emt.start()

        def start() -> None:
            self._do_reset(ResetKind.POWER_ON)
            if saved is not None:
                self.engine.clock_stopped()  # loading takes longer than the guest's clocks bear
                restore(self, saved, progress)
            if paused:
                self._set_state(VmState.SUSPENDED)
            else:
                self._go()

        self.emt.call(start)

    def pause(self) -> None:
        """Hold the guest and its time.

        Raises:
            InvalidStateError: the guest does not run.
        """
        self._command(self._hold, VmState.RUNNING)

    def resume(self) -> None:
        """Let the guest go on; operations that the host had failed are tried again.

        Raises:
            InvalidStateError: the guest is not held.
        """

        def go_on() -> None:
            retries, self._retries = self._retries, []
            self._go()
            for retry in retries:
                retry()

        self._command(go_on, VmState.SUSPENDED)

    def capture(
        self,
        *,
        product: str,
        details: Mapping[str, str] | None = None,
        also: Callable[[], None] = lambda: None,
    ) -> CapturedMachine:
        """Take the state of the machine at this moment; it is held meanwhile and then goes on.

        Args:
            product: program and version, for the header.
            details: free texts for the header.
            also: called in the same moment, after the capture, on the EMT; what it raises is
                raised here, and the machine goes on all the same.

        Raises:
            InvalidStateError: the machine is not on.
            OSError: a medium could not be flushed.
        """

        def held() -> CapturedMachine:
            running = self.state is VmState.RUNNING
            if running:
                self._hold_quietly()
            try:
                captured = capture(self, product=product, details=details or {})
                also()
                return captured
            finally:
                if running:
                    self._go_on_quietly()

        return self._command(held, VmState.RUNNING, VmState.SUSPENDED)

    def reset(self) -> None:
        """Press the reset button.

        Raises:
            InvalidStateError: the machine is not on.
        """
        self._command(
            lambda: self._reset(ResetKind.HARD, "reset button"), VmState.RUNNING, VmState.SUSPENDED
        )

    def power_off(self) -> None:
        """Pull the plug: media are flushed and closed. Nothing happens when it is off.

        Raises:
            InvalidStateError: called on the EMT, by a listener for example.
            OSError: a medium could not be closed properly; the machine is off all the same.
        """
        if self.emt.is_current():
            raise InvalidStateError(
                f"The machine {self.name} cannot be switched off by its own emulation thread."
            )
        with self._power:
            if self.state is VmState.POWERED_OFF:
                return
            self.emt.stop()
            self.time.pause()
            try:
                self.devices.close()
            finally:
                self.engine.close()
                self._set_state(VmState.POWERED_OFF)

    def press_power_button(self) -> bool:
        """Press the power button; return whether the guest listens to it (ACPI enabled)."""
        buttons = self.devices.find(Buttons)
        return self._command(
            lambda: buttons is not None and buttons.press_power_button(), VmState.RUNNING
        )

    def press_sleep_button(self) -> bool:
        """Press the sleep button; return whether the guest listens to it (ACPI enabled)."""
        buttons = self.devices.find(Buttons)
        return self._command(
            lambda: buttons is not None and buttons.press_sleep_button(), VmState.RUNNING
        )

    def send_nmi(self) -> None:
        """Raise a non-maskable interrupt."""
        self._demand(VmState.RUNNING)
        self.emt.request_nmi()

    def _command(self, function: Callable[[], ResultT], *states: VmState) -> ResultT:
        """Run a function on the EMT, provided that the machine is in one of the states there."""
        self._demand(*states)  # without these the thread may not be there

        def checked() -> ResultT:
            self._demand(*states)
            return function()

        return self.emt.call(checked)

    def _demand(self, *states: VmState) -> None:
        if self.state not in states:
            wanted = " or ".join(state.value for state in states)
            raise InvalidStateError(
                f"The machine {self.name} is {self.state.value}; this needs it to be {wanted}."
            )

    # ------------------------------------------------------------------ from any thread

    def post(self, function: Callable[[], ResultT]) -> Future[ResultT]:
        """Run a function on the EMT; the future has its result."""
        return self.emt.post(function)

    def put_scancodes(self, codes: bytes) -> None:
        """Type: scan codes of set 1, make and break. Does not block."""
        self.emt.tell(lambda: self._inputs.put_scancodes(codes))

    def type_scancodes(self, codes: bytes) -> int:
        """Type as much as the keyboard has room for; return how many bytes that was.

        Whole keys only, so that none stays down for want of its second half.

        Raises:
            InvalidStateError: the machine is off.
        """
        return self.inspect(lambda: self._inputs.type_scancodes(codes))

    def put_mouse(self, dx: int, dy: int, dz: int = 0, dw: int = 0, buttons: int = 0) -> None:
        """Move the mouse, its wheels and buttons. Does not block."""
        self.emt.tell(lambda: self._inputs.put_motion(dx, dy, dz, dw, buttons))

    def put_mouse_absolute(
        self, x: int, y: int, dz: int = 0, dw: int = 0, buttons: int = 0
    ) -> None:
        """Put the pointer to a position, 0 to ``ABSOLUTE_RANGE`` each way. Does not block.

        Without effect while the guest does not take positions (:attr:`takes_absolute`).
        """
        self.emt.tell(lambda: self._inputs.put_position(x, y, dz, dw, buttons))

    @property
    def takes_absolute(self) -> bool:
        """Whether the guest listens to a tablet."""
        return self._inputs.absolute

    def keyboard_leds(self) -> int:
        """Return the lock LEDs: bit 0 scroll, 1 num, 2 caps."""
        return self._inputs.leds()

    def attach(self, instance_name: str, lun: int, driver: object | None) -> object | None:
        """Exchange what is plugged into a device; return what was there (the caller closes it).

        Raises:
            ConfigurationError: there is no such device.
        """
        if self.state in (VmState.CREATED, VmState.POWERED_OFF):
            return self.devices.attach(instance_name, lun, driver)
        return self.emt.call(lambda: self.devices.attach(instance_name, lun, driver))

    def attached(self, instance_name: str, lun: int) -> object | None:
        """Return what is plugged into a device."""
        return self.devices.attachments.get((instance_name, lun))

    def set_cable(self, instance_name: str, *, connected: bool) -> None:
        """Plug the cable of a network adapter in or out; without effect when there is none."""
        adapter: object = self.devices.devices.get(instance_name)
        if isinstance(adapter, NetworkAdapter):
            set_cable = adapter.set_cable
            self.emt.call(lambda: set_cable(connected))

    def set_execution_cap(self, percent: int) -> None:
        """Limit the guest's share of a host processor, 1 to 100 per cent (ConfigurationError)."""
        self.emt.cap.change(percent)
        self.engine.change_cap(percent)

    def statistics(self) -> dict[str, tuple[int, str]]:
        """Return value and unit of every counter by path."""
        return self.statistics_tree.snapshot()

    def select_statistics(self, pattern: str) -> dict[str, tuple[int, str]]:
        """Return those counters whose paths fit a pattern; see ``engine.dbgf.statistics``."""
        return {path: row for path, row in self.statistics().items() if matches(path, pattern)}

    def reset_statistics(self, pattern: str) -> int:
        """Set counters back to 0 where the pattern fits; return how many could be."""
        return self.statistics_tree.reset(self.select_statistics(pattern))

    def inspect(self, function: Callable[[], ResultT]) -> ResultT:
        """Run a function that looks at (or changes) CPU, devices or memory while nothing moves.

        Raises:
            InvalidStateError: the machine is off.
        """
        if self.state is VmState.CREATED:
            return function()
        if self.state is VmState.POWERED_OFF:
            raise InvalidStateError(f"The machine {self.name} is powered off.")
        return self.emt.call(function)

    def info(self, name: str, arguments: str = "") -> str:
        """Return what the debugger shows for an item; see :mod:`engine.dbgf.info`.

        Raises:
            DebuggerError: there is no such item.
        """
        return show_info(self, name, arguments)

    # ------------------------------------------------------------------ for devices (EMT)

    def request_reset(self, kind: ResetKind, reason: str) -> None:
        """Reset before the next instruction.

        INIT by the keyboard controller or port 92h resets the whole machine too, as firmware for
        this board expects.
        """
        del kind
        self.emt.defer(lambda: self._reset(ResetKind.HARD, reason))

    def request_power_off(self, reason: str) -> None:
        """The guest switches the machine off."""

        def off() -> None:
            log.info("The guest has switched the machine off (%s)", reason)
            self._hold()
            self._tell(PoweredOffByGuest())

        self.emt.defer(off)

    def suspend_on_error(self, error_id: str, message: str, retry: Callable[[], None]) -> None:
        """Pause because the host failed; ``retry`` runs at resume."""
        self._retries.append(retry)

        def suspend() -> None:
            if retry not in self._retries:
                return  # a reset or a resume has come first
            if self.state is VmState.RUNNING:
                self._hold()
            log.warning("%s: %s", error_id, message)
            self._tell(RuntimeErrorRaised(error_id, message, fatal=False))

        self.emt.defer(suspend)

    def set_a20(self, source: str, enabled: bool) -> None:
        """Set one source of the A20 gate."""
        self._a20_sources[source] = enabled
        self.engine.set_a20(self.a20_enabled())

    @property
    def a20_sources(self) -> dict[str, bool]:
        """State of each source of the A20 gate that has spoken."""
        return dict(self._a20_sources)

    def a20_enabled(self) -> bool:
        """Return the state of the A20 line; it is high until a source has spoken."""
        return any(self._a20_sources.values()) or not self._a20_sources

    def tray_moved(self, device: str, lun: int, *, open_: bool) -> None:
        """Tell the owner that the guest has ejected a disc."""
        if open_ and self.devices.attachments.get((device, lun)) is not None:
            self._tell(MediumEjected(device, lun))

    def inputs_changed(self) -> None:
        """Choose anew who gets input: the guest has begun or ceased to use a device."""
        if self._inputs.refresh():
            self._tell(PointingChanged(self._inputs.absolute))

    # ------------------------------------------------------------------ EMT

    def _go(self) -> None:
        self._go_on_quietly()
        self._set_state(VmState.RUNNING)

    def _hold(self) -> None:
        self._hold_quietly()
        self._set_state(VmState.SUSPENDED)

    def _go_on_quietly(self) -> None:
        self.time.resume()
        self.engine.clock_started()
        self.emt.executing = True

    def _hold_quietly(self) -> None:
        self.emt.executing = False
        self.time.pause()
        self.engine.clock_stopped()
        # No saved state has a request to a medium under way, and no chain gets another top then.
        self.devices.drain()

    def _reset(self, kind: ResetKind, reason: str) -> None:
        log.info("Reset: %s", reason)
        self._do_reset(kind)
        self._tell(GuestReset(reason))

    def _do_reset(self, kind: ResetKind) -> None:
        self._a20_sources.clear()
        self._retries.clear()
        self._shadow.reset()
        self.engine.reset(kind)
        self.engine.set_a20(enabled=True)
        self.devices.reset(kind)
        self.emt.cpu_was_reset()

    def _failed(self, error: BaseException) -> None:
        """A program error: hold everything for inspection (Guru Meditation)."""
        self.time.pause()
        for name, value in self.engine.registers().items():
            log.error("%10s = %#x", name, value)
        self._set_state(VmState.GURU_MEDITATION)
        self._tell(RuntimeErrorRaised("GuruMeditation", str(error), fatal=True))
        self.engine.clock_stopped()  # other CPUs stand still too

    def _set_state(self, state: VmState) -> None:
        if state is not self.state:
            log.info(
                "Changing the VM state from '%s' to '%s'",
                self.state.name, state.name,
            )  # fmt: skip
            self.state = state
            self._tell(StateChanged(state))

    def _tell(self, event: Event) -> None:
        if self._listener is None:
            return
        try:
            self._listener(event)
        except Exception:  # the listener's failure is not the machine's
            log.exception("the listener has failed at %s", event)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.power_off()
