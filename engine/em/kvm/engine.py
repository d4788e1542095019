"""The execution engine on Linux's KVM, with our own interrupt controllers and timers.

The kernel executes guest code until the guest touches a port or a device's memory, halts, or is
kicked. Interrupts are injected one by one as our 8259A hands them out, so that a machine behaves
as it does on the other engine.
"""

from __future__ import annotations

import ctypes as c
import errno
import logging
import mmap
import os
import signal
import struct
import threading
from typing import TYPE_CHECKING, Final

from engine import gim
from engine.cpum import CpuProfile
from engine.em import x86
from engine.em.archstate import reset_state, set_register, visible_registers
from engine.em.backend import ExitReason
from engine.em.kvm import api, hostcpu, state
from engine.em.kvm.slots import MemorySlots
from engine.errors import ExecutionEngineError
from engine.iom import read_range, write_range
from engine.pgm import RegionKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.em.archstate import CpuState
    from engine.iom import PortSpace, Range
    from engine.pdm.interfaces import ResetKind
    from engine.pgm import PhysicalMemory, Section
    from engine.stam import Counter, Statistics

log = logging.getLogger("engine.em")
guest_log = logging.getLogger("guest.cpu")

# Three pages that the kernel needs on Intel processors, and one for its identity map: below the
# firmware, where this board has nothing.
TSS_ADDRESS: Final = 0xFEFFD000
IDENTITY_MAP_ADDRESS: Final = 0xFEFFC000
# The kernel has to be left by a signal; this one belongs to nobody.
KICK_SIGNAL: Final = signal.SIGRTMIN + 6
PAGE_SIZE: Final = 4096
_IO = struct.Struct("<BBHIQ")  # direction, size, port, count, offset of the data
_MMIO = struct.Struct("<Q8sIB")  # address, data, length, is it a write
_INTERNAL = struct.Struct("<II")
_EVENT = struct.Struct("<I")
_EXIT_REASON = struct.Struct("<I")
_SHADOW_STI, _SHADOW_MOV_SS = 1, 2
SETTABLE_REGISTERS: Final = frozenset({
    "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "rip", "rflags",
    *(f"r{n}" for n in range(8, 16)),
})  # fmt: skip


def _install_kick_handler() -> None:
    """Let the signal do nothing but end system calls, in whatever thread.

    Python would run a handler of its own in the main thread only, and would have to be there to
    install it. ``abs`` of the C library is a function that takes an int and does no harm.
    """
    libc = c.CDLL(None)
    libc.signal.argtypes = (c.c_int, c.c_void_p)
    libc.signal.restype = c.c_void_p
    libc.signal(KICK_SIGNAL, c.cast(libc.abs, c.c_void_p))


class KvmEngine:
    """One virtual CPU on KVM.

    Args:
        profile: what CPUID answers.
        provider: the paravirtualization interface; the kernel has the registers behind it.

    Raises:
        ExecutionEngineError: KVM cannot be used here; says why and what to do.
    """

    name = "KVM"
    settable_registers = SETTABLE_REGISTERS

    def __init__(
        self, profile: CpuProfile | None = None, provider: gim.Provider = gim.Provider.NONE
    ) -> None:
        self._profile = profile or CpuProfile()
        self._provider = provider
        self._kvm = api.open_kvm()
        self._files = [self._kvm]
        self._run_map: mmap.mmap | None = None
        try:
            self._create()
        except OSError as error:
            self.close()
            raise ExecutionEngineError(f"KVM cannot make a CPU: {error.strerror}.") from error
        except BaseException:
            self.close()
            raise
        _install_kick_handler()
        self._thread = 0
        self._running = False
        self._kicking = threading.Lock()
        self._tsc_stopped_at: int | None = None
        self._clock_stopped_at: int | None = None
        self._a20 = True

    def _create(self) -> None:
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
        self._vcpu = api.ioctl(self._vm, api.CREATE_VCPU, 0)
        self._files.append(self._vcpu)
        size = api.ioctl(self._kvm, api.GET_VCPU_MMAP_SIZE)
        self._run_map = mmap.mmap(self._vcpu, size)
        self._run = memoryview(self._run_map)
        self._set_cpuid()

    def _set_cpuid(self) -> None:
        offered = hostcpu.supported(self._kvm)
        self.abilities = hostcpu.abilities(
            self._kvm,
            offered,
            tsc_khz=api.ioctl(self._vcpu, api.GET_TSC_KHZ),
            in_kernel_apic=False,
        )
        self.cpuid = self._profile.table(
            hostcpu.guest_base(offered, cpus=1, in_kernel_apic=False, x2apic=False),
            gim.leaves(self._provider, self.abilities),
        )
        table = api.Cpuid()
        for number, sub_leaf, leaf in self.cpuid:
            entry = table.entries[table.nent]
            entry.function, entry.index = number, sub_leaf
            entry.flags = api.CPUID_SIGNIFICANT_INDEX if self.cpuid.is_indexed(number) else 0
            entry.eax, entry.ebx, entry.ecx, entry.edx = leaf
            table.nent += 1
        api.ioctl(self._vcpu, api.SET_CPUID2, c.byref(table))

    def attach(self, ports: PortSpace, memory: PhysicalMemory, statistics: Statistics) -> None:
        """Connect to the machine."""
        self._ports = ports
        self._memory = memory
        self._slots = MemorySlots(self._vm)
        self._exits: dict[int, int] = {}
        self._port_reads: Counter = statistics.counter("/IOM/Port/Reads")
        self._port_writes: Counter = statistics.counter("/IOM/Port/Writes")
        self._mmio: Counter = statistics.counter("/IOM/Mmio/Accesses")
        statistics.add_source(self._statistics)
        memory.attach_engine(self)

    def _statistics(self) -> Iterator[tuple[str, int, str]]:
        for reason, count in sorted(self._exits.items()):
            yield f"/HM/Exits/{reason}", count, "times"

    # ------------------------------------------------------------------ memory

    def map_section(self, section: Section) -> None:
        """Show a section to the guest; accesses to the others come back as MMIO exits."""
        if section.region.kind in (RegionKind.RAM, RegionKind.ROM):
            self._slots.add(
                section.base,
                section.end - section.base,
                section.host_address,
                read_only=section.region.kind is RegionKind.ROM,
            )

    def unmap_section(self, section: Section) -> None:
        """Take a section away."""
        if section.region.kind in (RegionKind.RAM, RegionKind.ROM):
            self._slots.remove(section.base)

    def invalidate_code(self, base: int, size: int) -> None:
        """Nothing: the processor sees its memory."""

    # ------------------------------------------------------------------ running

    def run(self) -> ExitReason:
        """Execute until kicked, halted or shut down."""
        run, exits = self._run, self._exits
        with self._kicking:
            self._thread = threading.get_ident()
            self._running = True
        try:
            while True:
                if api._ioctl(self._vcpu, api.RUN, None) < 0:
                    number = c.get_errno()
                    if number not in (errno.EINTR, errno.EAGAIN):
                        raise ExecutionEngineError(
                            f"KVM cannot run the CPU: {os.strerror(number)}."
                        )
                    run[api.RUN_IMMEDIATE_EXIT] = 0
                    return ExitReason.STOPPED
                reason = _EXIT_REASON.unpack_from(run, api.RUN_EXIT_REASON)[0]
                exits[reason] = exits.get(reason, 0) + 1
                if reason == api.EXIT_IO:
                    self._port_access()
                elif reason == api.EXIT_MMIO:
                    self._memory_access()
                elif reason == api.EXIT_HLT:
                    return ExitReason.HALTED
                elif reason == api.EXIT_WINDOW_OPEN:
                    return ExitReason.STOPPED
                elif reason == api.EXIT_SHUTDOWN:
                    return ExitReason.TRIPLE_FAULT
                elif reason == api.EXIT_SYSTEM_EVENT:
                    if self._is_reset_event():
                        return ExitReason.RESET
                elif reason != api.EXIT_INTR:
                    raise self._failure(reason)
        finally:
            with self._kicking:
                self._running = False

    def kick(self) -> None:
        """Make the run end soon."""
        if self._run_map is None:
            return
        self._run[api.RUN_IMMEDIATE_EXIT] = 1
        if threading.get_ident() == self._thread:
            return  # the kernel looks at it before it enters the guest
        with self._kicking:  # a thread that has ended must not get a signal
            if self._running:
                signal.pthread_kill(self._thread, KICK_SIGNAL)

    def _port_access(self) -> None:
        run = self._run
        out, size, port, count, offset = _IO.unpack_from(run, api.RUN_UNION)
        block = self._ports.ranges[port]
        length = size * count
        if out:
            self._port_writes.value += count
            data = bytes(run[offset : offset + length])
            done = self._block_out(block, port, size, data) if count > 1 and block else 0
            for place in range(done * size, length, size):
                self._ports.write(port, int.from_bytes(data[place : place + size], "little"), size)
            return
        self._port_reads.value += count
        done = 0
        if count > 1 and block is not None and block.block_read is not None:
            data = block.block_read(port - block.base, size, count) or b""
            run[offset : offset + len(data)] = data
            done = len(data)
        for place in range(offset + done, offset + length, size):
            value = self._ports.read(port, size) & (1 << 8 * size) - 1
            run[place : place + size] = value.to_bytes(size, "little")

    @staticmethod
    def _block_out(block: Range, port: int, size: int, data: bytes) -> int:
        return block.block_write(port - block.base, size, data) if block.block_write else 0

    def _memory_access(self) -> None:
        address, data, length, write = _MMIO.unpack_from(self._run, api.RUN_UNION)
        self._mmio.value += 1
        region = self._memory.section_at(address).region
        block = region.block
        if write:
            if block is not None:
                value = int.from_bytes(data[:length], "little")
                write_range(block, address - block.base, value, length)
            return
        if block is not None:
            value = read_range(block, address - block.base, length)
        elif region.memory is not None:  # the map has changed since the access began
            value = int.from_bytes(self._memory.read(address, length), "little")
        else:
            value = (1 << 8 * length) - 1
        start = api.RUN_UNION + 8
        self._run[start : start + length] = value.to_bytes(length, "little")

    def _is_reset_event(self) -> bool:
        """Look at what a register of the paravirtualization interface has asked for."""
        event = _EVENT.unpack_from(self._run, api.RUN_UNION)[0]
        if event == api.SYSTEM_EVENT_CRASH:
            words = [state.get_msr(self._vcpu, number) or 0 for number in state.CRASH_MSRS]
            guest_log.warning("The guest reports a crash: %s", " ".join(f"{w:#x}" for w in words))
        return bool(event == api.SYSTEM_EVENT_RESET)

    def _failure(self, reason: int) -> ExecutionEngineError:
        """Describe an exit that nobody can handle."""
        registers = self.registers()
        place = f"{registers['cs']:04x}:{registers['rip']:x}"
        if reason == api.EXIT_INTERNAL_ERROR:
            code, _ = _INTERNAL.unpack_from(self._run, api.RUN_UNION)
            if code == api.INTERNAL_ERROR_EMULATION:
                address = registers["cs_base"] + registers["rip"]
                code_bytes = self.read_linear(address, 15) or b""
                return ExecutionEngineError(
                    f"KVM could not emulate the instruction {code_bytes.hex(' ')} at {place}. "
                    "Hosts without full virtualization of real mode cannot run this guest with "
                    "KVM; choose the execution engine Unicorn for this machine."
                )
            return ExecutionEngineError(f"KVM failed at {place} by its internal error {code}.")
        if reason == api.EXIT_FAIL_ENTRY:
            hardware = struct.unpack_from("<Q", self._run, api.RUN_UNION)[0]
            return ExecutionEngineError(
                f"The processor refused to enter the guest at {place} (reason {hardware:#x})."
            )
        return ExecutionEngineError(f"KVM left the guest at {place} for the reason {reason}.")

    # ------------------------------------------------------------------ interrupts

    def can_take_interrupt(self) -> bool:
        """Tell whether an interrupt can be injected; if not, the run ends when it can."""
        run = self._run
        ready = bool(run[api.RUN_READY_FOR_INTERRUPT] and run[api.RUN_IF_FLAG])
        run[api.RUN_REQUEST_WINDOW] = 0 if ready else 1
        return ready

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
        """Go to the state after reset."""
        self.load_cpu_state(reset_state())

    def set_a20(self, enabled: bool) -> None:
        """The processor has no A20 gate: addresses never wrap at 1 MiB under KVM."""
        if enabled != self._a20:
            self._a20 = enabled
            if not enabled:
                guest_log.info("The guest closes the A20 gate, which KVM does not have")

    def clock_stopped(self) -> None:
        """Remember the time-stamp counter and the paravirtual clock."""
        if self._tsc_stopped_at is None:
            self._tsc_stopped_at = state.get_msr(self._vcpu, state.MSR_TSC)
            self._clock_stopped_at = state.get(self._vm, api.ClockData, api.GET_CLOCK).clock

    def clock_started(self) -> None:
        """Let the time-stamp counter and the paravirtual clock go on from where they stood."""
        if self._tsc_stopped_at is not None:
            state.set_msr(self._vcpu, state.MSR_TSC, self._tsc_stopped_at)
            self._tsc_stopped_at = None
        if self._clock_stopped_at is not None:
            clock = api.ClockData(clock=self._clock_stopped_at)
            api.ioctl(self._vm, api.SET_CLOCK, c.byref(clock))
            self._clock_stopped_at = None

    def cpu_state(self) -> CpuState:
        """Return the architectural state."""
        found = state.capture(self._vcpu)
        if self._tsc_stopped_at is not None:
            found.tsc = self._tsc_stopped_at
        if self._clock_stopped_at is not None:
            found.paravirt_clock = self._clock_stopped_at
        return found

    def load_cpu_state(self, saved: CpuState) -> None:
        """Take an architectural state."""
        state.apply(self._vcpu, saved)
        if self._tsc_stopped_at is not None:
            self._tsc_stopped_at = saved.tsc
        if self._clock_stopped_at is not None and saved.paravirt_clock:
            self._clock_stopped_at = saved.paravirt_clock
        # The kernel says so only after a run, and a halted CPU does not run before an interrupt.
        open_ = bool(saved.rflags & x86.EFLAGS_IF) and not saved.interrupt_shadow
        self._run[api.RUN_READY_FOR_INTERRUPT] = self._run[api.RUN_IF_FLAG] = int(open_)

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
        parts: list[bytes] = []
        while size > 0:
            length = min(size, PAGE_SIZE - address % PAGE_SIZE)
            translation = api.Translation(linear_address=address)
            api.ioctl(self._vcpu, api.TRANSLATE, c.byref(translation))
            if not translation.valid:
                return None
            parts.append(self._memory.read(translation.physical_address, length))
            address += length
            size -= length
        return b"".join(parts)

    def close(self) -> None:
        """Give everything back to the kernel."""
        if self._run_map is not None:
            self._run.release()
            self._run_map.close()
            self._run_map = None
        while self._files:
            os.close(self._files.pop())
