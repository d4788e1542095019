"""The execution engine on Linux's KVM.

The kernel executes guest code until the guest touches a port or a device's memory, or is kicked.
With the kernel's interrupt controllers (:mod:`engine.em.kvm.chips`) interrupts and HLT stay there
too, and there can be several CPUs; without, interrupts are injected one by one as our 8259A or
local APIC hands them out, as on the other engine.
"""

from __future__ import annotations

import contextlib
import ctypes as c
import functools
import logging
import os
import struct
from typing import TYPE_CHECKING, Final

from engine import gim
from engine.cpum import CpuProfile
from engine.em import x86
from engine.em.archstate import reset_state, set_register, visible_registers
from engine.em.backend import MOST_CPUS, ExitReason
from engine.em.kvm import api, hostcpu, refusals, state
from engine.em.kvm.chips import KernelChips
from engine.em.kvm.coalesced import FLUSH_PERIOD, CoalescedStores
from engine.em.kvm.exits import ExitHandler, failure
from engine.em.kvm.others import OtherCpus
from engine.em.kvm.slots import MemorySlots
from engine.em.kvm.vcpu import KICKED, Vcpu, install_kick_handler
from engine.errors import ConfigurationError, ExecutionEngineError, SavedStateError
from engine.pdm.memory import DeviceMemory
from engine.pgm import RegionKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.em.archstate import CpuState
    from engine.iom import PortSpace
    from engine.pdm.interfaces import ResetKind, TaskPriority
    from engine.pdm.writelog import WriteLog
    from engine.pgm import PhysicalMemory, Section
    from engine.stam import Statistics

log = logging.getLogger("engine.em")
guest_log = logging.getLogger("guest.cpu")

# Three pages that the kernel needs on Intel processors, and one for its identity map: below the
# firmware, where this board has nothing.
TSS_ADDRESS: Final = 0xFEFFD000
IDENTITY_MAP_ADDRESS: Final = 0xFEFFC000
PAGE_SIZE: Final = 4096
_EVENT = struct.Struct("<I")
SETTABLE_REGISTERS: Final = frozenset({
    "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "rip", "rflags",
    *(f"r{n}" for n in range(8, 16)),
})  # fmt: skip


class KvmEngine:
    """The virtual CPUs on KVM; what is not said of others concerns the first one.

    Args:
        profile: what CPUID answers.
        provider: the paravirtualization interface; the kernel has the registers behind it.
        cpus: how many there are; more than one need the kernel's chips.
        kernel_chips: use the kernel's interrupt controllers and timer.
        large_pages: have the guest's memory in large pages, as far as the host's kernel can.

    Attributes:
        chips: the kernel's interrupt controllers and timer, or None.

    Raises:
        ConfigurationError: KVM cannot have so many CPUs.
        ExecutionEngineError: KVM cannot be used here; says why and what to do.
    """

    name = "KVM"
    task_priority: TaskPriority | None = None
    settable_registers = SETTABLE_REGISTERS

    def __init__(
        self,
        profile: CpuProfile | None = None,
        provider: gim.Provider = gim.Provider.NONE,
        *,
        cpus: int = 1,
        kernel_chips: bool = False,
        large_pages: bool = False,
    ) -> None:
        _check_count(cpus, kernel_chips=kernel_chips)
        self._profile = profile or CpuProfile()
        self._provider = provider
        self._large_pages = large_pages
        self._vcpus: list[Vcpu] = []
        self._others: OtherCpus | None = None
        self._coalesced: CoalescedStores | None = None
        self._logs: dict[int, WriteLog] = {}
        self.chips: KernelChips | None = None
        self._kvm = api.open_kvm()
        self._files = [self._kvm]
        try:
            self._create(cpus, kernel_chips=kernel_chips)
        except OSError as error:
            self.close()
            raise ExecutionEngineError(refusals.cannot_create(error)) from error
        except BaseException:
            self.close()
            raise
        install_kick_handler()
        self._tsc_stopped_at: int | None = None
        self._clock_stopped_at: int | None = None
        self._wanted: ExitReason | None = None
        self._a20 = True

    def _create(self, cpus: int, *, kernel_chips: bool) -> None:
        self._vm = api.create_vm(self._kvm)
        self._files.append(self._vm)
        for request, value in (
            (api.SET_IDENTITY_MAP_ADDR, c.byref(c.c_uint64(IDENTITY_MAP_ADDRESS))),
            (api.SET_TSS_ADDR, c.c_void_p(TSS_ADDRESS)),
        ):
            try:
                api.ioctl(self._vm, request, value)
            except OSError as error:  # only some Intel processors need them
                log.debug("KVM request %#x: %s", request, error.strerror)
        if kernel_chips:
            self.chips = KernelChips(self._vm)
        most = api.ioctl(self._kvm, api.CHECK_EXTENSION, api.CAP_MAX_VCPUS)
        if cpus > most:
            raise ConfigurationError(f"KVM on this host allows {most} CPUs, not {cpus}.")
        for number in range(cpus):
            vcpu = Vcpu(self._kvm, self._vm, number)
            self._vcpus.append(vcpu)
            if self.chips is not None:
                self.chips.add_cpu(vcpu.file)
        self._first = self._vcpus[0]
        self._vcpu = self._first.file
        self._run = self._first.run
        self._set_cpuid()

    def _set_cpuid(self) -> None:
        in_kernel = self.chips is not None
        offered = hostcpu.supported(self._kvm)
        self.abilities = hostcpu.abilities(
            self._kvm,
            offered,
            tsc_khz=state.tsc_khz(self._vcpu),
            in_kernel_apic=in_kernel,
        )
        base = hostcpu.guest_base(
            offered,
            cpus=len(self._vcpus),
            in_kernel_apic=in_kernel and self._profile.apic,
            x2apic=self._profile.x2apic,
        )
        self.cpuid = self._profile.table(base, gim.leaves(self._provider, self.abilities))
        for vcpu in self._vcpus:
            table = api.Cpuid()
            for number, sub_leaf, leaf in self.cpuid:
                entry = table.entries[table.nent]
                entry.function, entry.index = number, sub_leaf
                entry.flags = api.CPUID_SIGNIFICANT_INDEX if self.cpuid.is_indexed(number) else 0
                entry.eax, entry.ebx, entry.ecx, entry.edx = leaf
                if number == 1:  # the initial number of the local APIC
                    entry.ebx |= vcpu.number << 24
                table.nent += 1
            api.ioctl(vcpu.file, api.SET_CPUID2, c.byref(table))
            hostcpu.set_up_machine_check(vcpu.file)

    def attach(
        self,
        ports: PortSpace,
        memory: PhysicalMemory,
        statistics: Statistics,
        post: Callable[[Callable[[], object]], object] | None = None,
    ) -> None:
        """Connect to the machine."""
        self._memory = memory
        memory.ram.advise_large_pages(self._large_pages)
        self._slots = MemorySlots(self._vm)
        self._exits: dict[int, int] = {}
        self._handler = ExitHandler(ports, memory, statistics)
        page = api.ioctl(self._kvm, api.CHECK_EXTENSION, api.CAP_COALESCED_MMIO)
        if page:
            self._coalesced = CoalescedStores(self._vm, page, self._run, self._handler.store)
        if len(self._vcpus) > 1 and post is not None:
            self._others = OtherCpus(self._vcpus[1:], self._serve_other, post)
        statistics.add_source(self._statistics)
        memory.attach_engine(self)

    def _statistics(self) -> Iterator[tuple[str, int, str]]:
        for reason, count in sorted(self._exits.items()):
            yield f"/HM/Exits/{reason}", count, "times"

    # ------------------------------------------------------------------ memory

    def map_section(self, section: Section) -> None:
        """Show a section to the guest; accesses to the others come back as MMIO exits."""
        if section.region.kind in (RegionKind.RAM, RegionKind.ROM):
            self._show(section)
        elif self._coalesced is not None and _coalesces(section):
            self._coalesced.add(section.base, section.end - section.base)

    def unmap_section(self, section: Section) -> None:
        """Take a section away."""
        if section.region.kind in (RegionKind.RAM, RegionKind.ROM):
            self._hide(section)
        elif self._coalesced is not None:
            self._coalesced.remove(section.base, section.end - section.base)

    def _show(self, section: Section) -> None:
        base, size, address = section.base, section.end - section.base, section.host_address
        written = _log_of(section)
        if written is not None:
            try:
                self._slots.add(base, size, address, logged=True)
            except ExecutionEngineError as error:
                log.info("HM: no log of written pages: %s", error)
                written.fail()
            else:
                written.follow(base, section.offset, functools.partial(self._slots.written, base))
                self._logs[base] = written
                return
        self._slots.add(base, size, address, read_only=section.region.kind is RegionKind.ROM)

    def _hide(self, section: Section) -> None:
        written = self._logs.pop(section.base, None)
        if written is not None:
            written.leave(section.base)
        self._slots.remove(section.base)
        if written is not None:  # what the kernel's log still had is gone with the slot
            written.mark(section.offset, section.end - section.base)

    def invalidate_code(self, base: int, size: int) -> None:
        """Nothing: the processor sees its memory."""

    # ------------------------------------------------------------------ running

    @property
    def cpu_count(self) -> int:
        """Virtual CPUs that there are."""
        return len(self._vcpus)

    @property
    def longest_run(self) -> int | None:
        """How long a run may last at most, in ns: stores may wait to be performed."""
        active = self._coalesced is not None and self._coalesced.active
        return FLUSH_PERIOD if active else None

    @property
    def halts_inside(self) -> bool:
        """Whether a halted CPU waits inside :meth:`run`: the kernel knows what wakes it."""
        return self.chips is not None

    def run(self) -> ExitReason:
        """Execute until kicked, halted or shut down; lets the other CPUs execute too."""
        first = self._first
        if self._others is not None:
            self._others.go()
        while True:
            reason = first.enter() if self.chips is not None else self._enter_with_cr8()
            if self._coalesced is not None:
                self._coalesced.flush()
            if self._wanted is not None:
                wanted, self._wanted = self._wanted, None
                return wanted
            if reason == KICKED:
                return ExitReason.STOPPED
            found = self._serve(first, reason)
            if found is not None:
                return found

    def _enter_with_cr8(self) -> int:
        """Enter the guest; without the kernel's local APIC, CR8 lies in the shared page.

        A guest that lowers CR8 leaves to us at once: an interrupt may have waited for that.
        """
        apic, run = self.task_priority, self._run
        if apic is None:
            return self._first.enter()
        shown = apic.task_priority() >> 4
        run[api.RUN_CR8] = shown
        reason = self._first.enter()
        if run[api.RUN_CR8] != shown:
            apic.set_task_priority((run[api.RUN_CR8] & 0xF) << 4)
        return reason

    def kick(self) -> None:
        """Make the run end soon."""
        if self._vcpus:
            self._first.kick()

    def _serve(self, vcpu: Vcpu, reason: int) -> ExitReason | None:
        """Handle an exit; return how the run ends by it, or None when it goes on."""
        self._exits[reason] = self._exits.get(reason, 0) + 1
        if reason == api.EXIT_IO:
            self._handler.port_access(vcpu.run)
        elif reason == api.EXIT_MMIO:
            self._handler.memory_access(vcpu.run)
        elif reason == api.EXIT_HLT:
            return ExitReason.HALTED
        elif reason == api.EXIT_WINDOW_OPEN:
            # The interrupt may be gone by now; the guest would not get beyond an open window.
            vcpu.run[api.RUN_REQUEST_WINDOW] = 0
            return ExitReason.STOPPED
        elif reason == api.EXIT_SHUTDOWN:
            return ExitReason.TRIPLE_FAULT
        elif reason == api.EXIT_SYSTEM_EVENT:
            return ExitReason.RESET if self._is_reset_event(vcpu) else None
        elif reason not in (api.EXIT_INTR, api.EXIT_SET_TPR):
            raise self._failure(vcpu, reason)
        return None

    def _serve_other(self, vcpu: Vcpu, reason: int) -> None:
        """Handle an exit of another CPU; what ends a run ends that of the first."""
        if self._coalesced is not None:
            self._coalesced.flush()
        wanted = self._serve(vcpu, reason)
        if wanted is not None:
            self._wanted = wanted
            self._first.kick()

    def _is_reset_event(self, vcpu: Vcpu) -> bool:
        """Look at what a register of the paravirtualization interface has asked for."""
        event = _EVENT.unpack_from(vcpu.run, api.RUN_UNION)[0]
        if event == api.SYSTEM_EVENT_CRASH:
            words = [state.get_msr(vcpu.file, number) or 0 for number in state.CRASH_MSRS]
            guest_log.warning("The guest reports a crash: %s", " ".join(f"{w:#x}" for w in words))
        return bool(event == api.SYSTEM_EVENT_RESET)

    def _failure(self, vcpu: Vcpu, reason: int) -> ExecutionEngineError:
        registers = visible_registers(state.capture(vcpu.file))
        code = self._read_linear(vcpu.file, registers["cs_base"] + registers["rip"], 15)
        return failure(vcpu, reason, registers, code or b"")

    def change_cap(self, percent: int) -> None:
        """Limit the other CPUs to a share of a host processor each."""
        if self._others is not None:
            self._others.change_cap(percent)

    # ------------------------------------------------------------------ interrupts

    def can_take_interrupt(self) -> bool:
        """Tell whether an interrupt can be injected; if not, the run ends when it can."""
        run = self._run
        ready = bool(run[api.RUN_READY_FOR_INTERRUPT] and run[api.RUN_IF_FLAG])
        run[api.RUN_REQUEST_WINDOW] = 0 if ready else 1
        return ready

    def expect_window(self) -> None:
        """Nothing: the processor tells when its window opens."""

    def find_window(self) -> None:
        """Nothing: the processor tells when its window opens."""

    def can_take_nmi(self) -> bool:
        """Tell whether NMIs are not blocked."""
        return not state.get(self._vcpu, api.VcpuEvents, api.GET_VCPU_EVENTS).nmi_masked

    def interrupt(self, vector: int) -> bool:
        """Inject an interrupt; the processor delivers it at the next run."""
        api.ioctl(self._vcpu, api.INTERRUPT, c.byref(c.c_uint32(vector)))
        self._run[api.RUN_READY_FOR_INTERRUPT] = 0  # until the processor has taken it
        return True

    def nmi(self) -> bool:
        """Inject a non-maskable interrupt."""
        api.ioctl(self._vcpu, api.NMI)
        return True

    # ------------------------------------------------------------------ life

    def reset(self, kind: ResetKind) -> None:
        """Go to the state after reset; the other CPUs wait for a start-up message."""
        self._park()
        self._wanted = None
        for vcpu in self._vcpus:
            if self.chips is not None:
                self.chips.reset_apic(vcpu.number)
                waiting = api.MP_UNINITIALIZED if vcpu.number else api.MP_RUNNABLE
                vcpu.set_mp_state(waiting)
            state.apply(vcpu.file, reset_state())
        self._page_follows(reset_state())

    def _park(self) -> None:
        if self._others is not None:
            self._others.park()

    def set_a20(self, enabled: bool) -> None:
        """The processor has no A20 gate: addresses never wrap at 1 MiB under KVM."""
        if enabled != self._a20:
            self._a20 = enabled
            if not enabled:
                guest_log.info("The guest closes the A20 gate, which KVM does not have")

    def clock_stopped(self) -> None:
        """Hold the other CPUs, and remember what goes on by itself: counters, clock, timers."""
        self._park()
        if self._tsc_stopped_at is None:
            self._tsc_stopped_at = state.get_msr(self._vcpu, state.MSR_TSC)
            self._clock_stopped_at = state.get(self._vm, api.ClockData, api.GET_CLOCK).clock
            if self.chips is not None:
                self.chips.hold()

    def clock_started(self) -> None:
        """Let counters, clock and timers go on from where they stood."""
        if self._tsc_stopped_at is not None:
            for vcpu in self._vcpus:
                state.set_msr(vcpu.file, state.MSR_TSC, self._tsc_stopped_at)
            self._tsc_stopped_at = None
        if self._clock_stopped_at is not None:
            clock = api.ClockData(clock=self._clock_stopped_at)
            api.ioctl(self._vm, api.SET_CLOCK, c.byref(clock))
            self._clock_stopped_at = None
        if self.chips is not None:
            self.chips.release()
        for vcpu in self._vcpus:
            # Has the clock's record say that the guest was held, for its watchdogs.
            with contextlib.suppress(OSError):  # the guest does not use that clock
                api.ioctl(vcpu.file, api.KVMCLOCK_CTRL)

    def cpu_state(self) -> CpuState:
        """Return the architectural state."""
        return self._capture(self._first)

    def other_cpu_states(self) -> list[CpuState]:
        """Return the states of the other CPUs, which must be held."""
        return [self._capture(vcpu) for vcpu in self._vcpus[1:]]

    def _capture(self, vcpu: Vcpu) -> CpuState:
        found = state.capture(vcpu.file)
        if self._tsc_stopped_at is not None:
            found.tsc = self._tsc_stopped_at
        if self._clock_stopped_at is not None:
            found.paravirt_clock = self._clock_stopped_at
        if self.chips is not None:
            waiting = vcpu.mp_state()
            found.halted = waiting == api.MP_HALTED
            found.waits_for_sipi = waiting in (api.MP_UNINITIALIZED, api.MP_INIT_RECEIVED)
            if vcpu.number:
                found.apic = self.chips.read_apic(vcpu.number)
            deadline = self.chips.deadline(vcpu.number)
            if deadline:
                found.msrs[x86.MSR_TSC_DEADLINE] = deadline
        return found

    def load_cpu_state(self, saved: CpuState) -> None:
        """Take an architectural state."""
        self._load(self._first, saved)
        if self._tsc_stopped_at is not None:
            self._tsc_stopped_at = saved.tsc
        if self._clock_stopped_at is not None and saved.paravirt_clock:
            self._clock_stopped_at = saved.paravirt_clock
        self._page_follows(saved)

    def load_other_cpu_states(self, saved: list[CpuState]) -> None:
        """Take the states of the other CPUs, which must be held.

        Raises:
            SavedStateError: they are not as many as this machine has.
        """
        if len(saved) + 1 != self.cpu_count:
            raise SavedStateError(
                f"The machine was saved with {len(saved) + 1} processors; it has {self.cpu_count}. "
                "Change the settings back, or discard the saved state."
            )
        for vcpu, record in zip(self._vcpus[1:], saved, strict=True):
            self._load(vcpu, record)

    def _load(self, vcpu: Vcpu, saved: CpuState) -> None:
        if not state.match_tsc_rate(vcpu.file, saved.tsc_khz):
            log.warning(
                "HM: the time-stamp counter of CPU %d goes at %d kHz, and cannot go at the %d kHz "
                "of the saved state: the guest's clock may be wrong",
                vcpu.number, state.tsc_khz(vcpu.file), saved.tsc_khz,
            )  # fmt: skip
        try:
            state.apply(vcpu.file, saved)
        except OSError as error:
            raise SavedStateError(
                f"KVM does not take the saved state of processor {vcpu.number} "
                f"({error.strerror}). Resume it with the execution engine that it was saved with, "
                "or discard it."
            ) from error
        if self.chips is None:
            return
        if saved.apic and vcpu.number:
            self.chips.write_apic(vcpu.number, saved.apic)
        self.chips.set_deadline(vcpu.number, saved.msrs.get(x86.MSR_TSC_DEADLINE, 0))
        if saved.nmi_pending and vcpu.number:  # that of the first is the EMT's
            api.ioctl(vcpu.file, api.NMI)
        if saved.waits_for_sipi and vcpu.number:
            # Not UNINITIALIZED: the guest may have sent INIT already, and that state wants another.
            vcpu.set_mp_state(api.MP_INIT_RECEIVED)
        else:
            vcpu.set_mp_state(api.MP_HALTED if saved.halted else api.MP_RUNNABLE)

    def _page_follows(self, saved: CpuState) -> None:
        """Put what the kernel shares with us into accord with a state."""
        # The kernel says so only after a run, and a halted CPU does not run before an interrupt.
        open_ = bool(saved.rflags & x86.EFLAGS_IF) and not saved.interrupt_shadow
        self._run[api.RUN_READY_FOR_INTERRUPT] = self._run[api.RUN_IF_FLAG] = int(open_)
        # What stands there at the next entry is what the guest gets.
        self._run[api.RUN_CR8] = saved.cr8 & 0xF

    def registers(self) -> dict[str, int]:
        """Return the registers by name."""
        return visible_registers(self.cpu_state())

    def set_register(self, name: str, value: int) -> None:
        """Change one of :attr:`settable_registers`."""
        changed = self.cpu_state()
        set_register(changed, name, value)
        self.load_cpu_state(changed)

    def read_linear(self, address: int, size: int) -> bytes | None:
        """Return memory at a linear address, or None where nothing is mapped."""
        return self._read_linear(self._vcpu, address, size)

    def _read_linear(self, vcpu: int, address: int, size: int) -> bytes | None:
        parts: list[bytes] = []
        while size > 0:
            length = min(size, PAGE_SIZE - address % PAGE_SIZE)
            translation = api.Translation(linear_address=address)
            api.ioctl(vcpu, api.TRANSLATE, c.byref(translation))
            if not translation.valid:
                return None
            parts.append(self._memory.read(translation.physical_address, length))
            address += length
            size -= length
        return b"".join(parts)

    def close(self) -> None:
        """Give everything back to the kernel."""
        if self._others is not None:
            self._others.close()
            self._others = None
        if self._coalesced is not None:
            self._coalesced.close()
            self._coalesced = None
        while self._logs:
            window, written = self._logs.popitem()
            written.leave(window)
        vcpus, self._vcpus = self._vcpus, []
        for vcpu in vcpus:
            vcpu.close()
        while self._files:
            os.close(self._files.pop())


def _log_of(section: Section) -> WriteLog | None:
    """Return the log of the RAM that a section shows, where somebody reads one."""
    memory = section.region.memory
    return memory.log if isinstance(memory, DeviceMemory) else None


def _coalesces(section: Section) -> bool:
    block = section.region.block
    return block is not None and block.coalesce


def _check_count(cpus: int, *, kernel_chips: bool) -> None:
    if not 1 <= cpus <= MOST_CPUS:
        raise ConfigurationError(f"A machine has 1 to {MOST_CPUS} CPUs, not {cpus}.")
    if cpus > 1 and not kernel_chips:
        raise ConfigurationError(
            "Several CPUs need the kernel's interrupt controllers, which are switched off."
        )
