"""The local APIC: priorities, timer, local interrupts and messages of one processor.

Reference: Intel SDM 3, chapter 11 (Advanced Programmable Interrupt Controller), in the form of the
Pentium 4 and later (version 14h, no x2APIC mode). Until it is programmed it works as a virtual
wire: what the 8259A asks for passes through LINT0, as firmware for this board expects.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from engine.pdm.device import Device, DeviceConfig, DeviceState, Mmio, register, timer
from engine.pdm.interfaces import (
    ApicBus,
    CpuInterrupt,
    EngineChips,
    ExtInt,
    InterruptAcknowledge,
    InterruptController,
    IoApicEoi,
    ResetKind,
    TaskPriority,
)

BASE: Final = 0xFEE00000
SIZE: Final = 0x1000
VERSION: Final = 0x0005_0014  # six local vectors, version 14h
TIMER_HZ: Final = 1_000_000_000
"""Frequency of the timer's input before the divider."""
NANOSECONDS: Final = 1_000_000_000

# Register offsets (SDM 3, table 11-1).
ID, VERSION_REGISTER, TPR, APR, PPR, EOI = 0x20, 0x30, 0x80, 0x90, 0xA0, 0xB0
LDR, DFR, SVR, ISR, TMR, IRR, ESR = 0xD0, 0xE0, 0xF0, 0x100, 0x180, 0x200, 0x280
ICR_LOW, ICR_HIGH = 0x300, 0x310
LVT_TIMER, LVT_THERMAL, LVT_PERFORMANCE = 0x320, 0x330, 0x340
LVT_LINT0, LVT_LINT1, LVT_ERROR = 0x350, 0x360, 0x370
INITIAL_COUNT, CURRENT_COUNT, DIVIDE = 0x380, 0x390, 0x3E0

SVR_ENABLE, SVR_DEFAULT = 0x100, 0xFF
LVT_MASKED, LVT_PERIODIC, LVT_REMOTE_IRR = 1 << 16, 1 << 17, 1 << 14
# Which bits of each local vector entry can be written (figure 11-8).
LVT_WRITABLE: Final = {
    LVT_TIMER: 0x0003_00FF,
    LVT_THERMAL: 0x0001_07FF,
    LVT_PERFORMANCE: 0x0001_07FF,
    LVT_LINT0: 0x0001_A7FF,
    LVT_LINT1: 0x0001_A7FF,
    LVT_ERROR: 0x0001_00FF,
}
FIXED, LOWEST_PRIORITY, SMI, NMI, INIT, STARTUP, EXTINT = 0, 1, 2, 4, 5, 6, 7
ICR_LEVEL_ASSERT, ICR_TRIGGER_LEVEL, ICR_LOGICAL = 1 << 14, 1 << 15, 1 << 11
SHORTHAND_SHIFT: Final = 18
TO_DESTINATION, TO_SELF, TO_ALL, TO_OTHERS = range(4)
BROADCAST: Final = 0xFF
ESR_SEND_ILLEGAL, ESR_RECEIVE_ILLEGAL, ESR_REGISTER = 1 << 5, 1 << 6, 1 << 7
FIRST_VECTOR: Final = 16  # lower ones are illegal
FLAT_MODEL: Final = 0xF
NOTHING: Final = -1
STANDING: Final = -1

Word = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
Vectors = Annotated[int, msgspec.Meta(ge=0)]


class ApicConfig(DeviceConfig, frozen=True):
    """Identity.

    Attributes:
        apic_id: identification of the processor, 0 to 254.
    """

    apic_id: Annotated[int, msgspec.Meta(ge=0, le=254)] = 0


class ApicState(DeviceState):
    """All registers.

    Attributes:
        isr, tmr, irr: 256 bits each, 32 bytes with vector 0 first.
        timer_start: virtual time in ns at which the timer began to count, or STANDING.
        pins: levels of LINT0 (bit 0) and LINT1 (bit 1).
    """

    apic_id: Word = 0
    tpr: Word = 0
    ldr: Word = 0
    dfr: Word = 0xFFFFFFFF
    svr: Word = SVR_DEFAULT
    esr: Word = 0
    pending_errors: Word = 0
    icr_low: Word = 0
    icr_high: Word = 0
    lvt: dict[int, Word] = msgspec.field(
        default_factory=lambda: dict.fromkeys(LVT_WRITABLE, LVT_MASKED)
    )
    initial_count: Word = 0
    divide: Word = 0
    timer_start: int = STANDING
    isr: bytes = bytes(32)
    tmr: bytes = bytes(32)
    irr: bytes = bytes(32)
    pins: Word = 0


@register
class LocalApic(Device[ApicConfig, ApicState]):
    """The local APIC of the only processor."""

    NAME = "apic"
    DESCRIPTION = "Local APIC"
    # Soft: it is only built before what looks for it.
    REQUIRES = (CpuInterrupt,)
    PROVIDES = (ExtInt, ApicBus, InterruptAcknowledge, TaskPriority)

    registers = Mmio(BASE, SIZE, sizes=(4,))

    @timer
    def count_down(self) -> None:
        """The timer has reached 0."""
        if self._chips is not None:
            return  # of a saved state; the engine's chip has a timer of its own
        state = self.state
        entry = state.lvt[LVT_TIMER]
        if entry & LVT_PERIODIC:
            period = self._ticks_to_ns(state.initial_count)
            # A guest that was held up for long gets one interrupt, not a storm of old ones.
            missed = max(0, self.now - state.timer_start - period) // period
            state.timer_start += period * (1 + missed)
            self.count_down.arm(state.timer_start + period)
        else:
            state.timer_start = STANDING
        self._local(LVT_TIMER)

    def setup(self) -> None:
        """Find the processor's pin."""
        self._intr_changed = self.require(CpuInterrupt).intr_changed
        self._chips = self.context.find(EngineChips)
        self._intr = False
        self._load_vectors()

    def reset(self, kind: ResetKind) -> None:
        """Go to the state after reset; INIT does the same here."""
        pins = self.state.pins
        super().reset(kind)
        self.count_down.cancel()
        state = self.state
        state.pins = pins
        state.apic_id = self.config.apic_id << 24
        # Firmware would set the virtual wire up; it does so only when it knows of several CPUs.
        state.lvt[LVT_LINT0] = EXTINT << 8
        state.lvt[LVT_LINT1] = NMI << 8
        if self._chips is not None:
            self._chips.load(self.NAME, state, self.now)
            return
        self._load_vectors()
        self._update()

    def state_to_save(self) -> ApicState:
        """Put the vectors into the State struct, or fetch it from the engine's chip."""
        if self._chips is not None:
            self._chips.save(self.NAME, self.state, self.now)
            return self.state
        return msgspec.structs.replace(
            self.state,
            isr=self._isr.to_bytes(32, "little"),
            tmr=self._tmr.to_bytes(32, "little"),
            irr=self._irr.to_bytes(32, "little"),
        )

    def state_loaded(self, version: int) -> None:
        """Take the vectors out of the State struct, or hand it over to the engine's chip."""
        if self._chips is not None:
            self._chips.load(self.NAME, self.state, self.now)
            return
        self._load_vectors()
        self._update()
        if self.state.timer_start != STANDING:  # saved where the engine had the timer
            self.count_down.arm(
                self.state.timer_start + self._ticks_to_ns(self.state.initial_count)
            )

    def _load_vectors(self) -> None:
        # Whole numbers of 256 bits: finding the highest vector is one call.
        state = self.state
        self._isr = int.from_bytes(state.isr, "little")
        self._tmr = int.from_bytes(state.tmr, "little")
        self._irr = int.from_bytes(state.irr, "little")

    # ------------------------------------------------------------------ interrupts come

    def extint_changed(self, asserted: bool) -> None:
        """The 8259A's INTR output, which is wired to LINT0."""
        self._pin(0, asserted)

    def _pin(self, number: int, level: bool) -> None:
        state = self.state
        bit = 1 << number
        before = state.pins & bit
        state.pins = state.pins & ~bit | (bit if level else 0)
        if level and not before:
            entry = state.lvt[LVT_LINT0 + 0x10 * number]
            if entry >> 8 & 7 != EXTINT:
                self._local(LVT_LINT0 + 0x10 * number)
        self._update()

    def deliver(
        self, mode: int, vector: int, destination: int, *, logical: bool, level: bool
    ) -> bool:
        """Take an interrupt message from the bus; tell whether this processor has accepted it."""
        return self._is_destination(destination, logical=logical) and self._accept(
            mode, vector, level=level
        )

    def _is_destination(self, destination: int, *, logical: bool) -> bool:
        state = self.state
        if destination == BROADCAST:
            return True  # in every mode and model (11.6.2)
        if not logical:
            return destination == state.apic_id >> 24
        mine = state.ldr >> 24
        if state.dfr >> 28 == FLAT_MODEL:
            return bool(mine & destination)
        return mine >> 4 == destination >> 4 and bool(mine & destination & 0xF)

    def _accept(self, mode: int, vector: int, *, level: bool) -> bool:
        if mode in (FIXED, LOWEST_PRIORITY):
            if vector < FIRST_VECTOR:
                self._error(ESR_RECEIVE_ILLEGAL)
                return False
            if not self.state.svr & SVR_ENABLE:
                return False
            bit = 1 << vector
            self._irr |= bit
            self._tmr = self._tmr | bit if level else self._tmr & ~bit
            self._update()
        elif mode == NMI:
            self.require(CpuInterrupt).request_nmi()
        else:
            # One processor is not started by another, there is no SMM behind SMI, and the 8259A
            # is wired to LINT0, not to the bus.
            self.log.debug("a message of mode %d has no effect", mode)
            return False
        return True

    def _local(self, entry_offset: int) -> None:
        """An interrupt of the local vector table."""
        entry = self.state.lvt[entry_offset]
        if entry & LVT_MASKED:
            return
        mode = entry >> 8 & 7 if entry_offset != LVT_TIMER else FIXED
        self._accept(mode, entry & 0xFF, level=False)

    def _error(self, bit: int) -> None:
        state = self.state
        state.pending_errors |= bit
        entry = state.lvt[LVT_ERROR]
        if not entry & LVT_MASKED and entry & 0xFF >= FIRST_VECTOR:
            self._accept(FIXED, entry & 0xFF, level=False)

    # ------------------------------------------------------------------ interrupts go

    def _priority(self) -> int:
        """Processor priority: the class of what is in service, or TPR (11.8.3.1)."""
        tpr = self.state.tpr & 0xFF
        in_service = self._isr.bit_length() - 1
        return tpr if in_service < 0 or tpr >> 4 >= in_service >> 4 else in_service & 0xF0

    def _pending(self) -> int:
        vector = self._irr.bit_length() - 1
        if vector < 0 or vector >> 4 <= self._priority() >> 4:
            return NOTHING
        return vector

    def _wire(self) -> bool:
        """The 8259A asks for an interrupt and LINT0 lets it through."""
        state = self.state
        entry = state.lvt[LVT_LINT0]
        return bool(
            state.pins & 1 and not entry & LVT_MASKED and entry >> 8 & 7 == EXTINT
        )

    def _update(self) -> None:
        intr = self._pending() != NOTHING or self._wire()
        if intr != self._intr:
            self._intr = intr
            self._intr_changed(intr)

    def acknowledge(self) -> int:
        """Return the vector of the interrupt that the processor takes now."""
        vector = self._pending()
        if vector == NOTHING:
            if self._wire():
                vector = self.require(InterruptController).acknowledge()
                self._update()
                return vector
            return self.state.svr & 0xFF  # spurious
        bit = 1 << vector
        self._irr &= ~bit
        self._isr |= bit
        self._update()
        return vector

    def _end_of_interrupt(self) -> None:
        vector = self._isr.bit_length() - 1
        if vector < 0:
            return
        bit = 1 << vector
        self._isr &= ~bit
        if self._tmr & bit:
            bridge = self.context.find(IoApicEoi)
            if bridge is not None:
                bridge.end_of_interrupt(vector)
        self._update()

    # ------------------------------------------------------------------ timer

    def _divisor(self) -> int:
        """Divide configuration: bits 3, 1 and 0 (figure 11-10)."""
        value = self.state.divide
        shift = (value & 3 | value >> 1 & 4) + 1
        return 1 if shift == 8 else 1 << shift

    def _ticks_to_ns(self, ticks: int) -> int:
        return max(1, ticks * self._divisor() * NANOSECONDS // TIMER_HZ)

    def _current_count(self) -> int:
        state = self.state
        if state.timer_start == STANDING or not state.initial_count:
            return 0
        elapsed = (self.now - state.timer_start) * TIMER_HZ // NANOSECONDS // self._divisor()
        if state.lvt[LVT_TIMER] & LVT_PERIODIC:
            return state.initial_count - elapsed % state.initial_count
        return max(0, state.initial_count - elapsed)

    def _start_timer(self) -> None:
        state = self.state
        if not state.initial_count:
            state.timer_start = STANDING
            self.count_down.cancel()
            return
        state.timer_start = self.now
        self.count_down.arm(state.timer_start + self._ticks_to_ns(state.initial_count))

    def _change_divisor(self, divide: int) -> None:
        """Let a timer that runs go on from where it is at another rate."""
        state = self.state
        counted = state.initial_count - self._current_count()
        state.divide = divide
        if state.timer_start != STANDING:
            state.timer_start = self.now - self._ticks_to_ns(counted)
            self.count_down.arm(state.timer_start + self._ticks_to_ns(state.initial_count))

    # ------------------------------------------------------------------ registers

    @registers.reader
    def read_register(self, offset: int, size: int) -> int:
        """Return a register; they lie 16 bytes apart."""
        state = self.state
        register_offset = offset & ~0xF
        if offset & 0xC or size != 4:
            return 0
        if register_offset in state.lvt:
            return state.lvt[register_offset]
        for base, vectors in ((ISR, self._isr), (TMR, self._tmr), (IRR, self._irr)):
            if base <= register_offset < base + 0x80:
                return vectors >> 32 * (register_offset - base >> 4) & 0xFFFFFFFF
        if register_offset == CURRENT_COUNT:
            return self._current_count()
        if register_offset == PPR:
            return self._priority()
        simple = {
            ID: state.apic_id, VERSION_REGISTER: VERSION, TPR: state.tpr, LDR: state.ldr,
            DFR: state.dfr, SVR: state.svr, ESR: state.esr, ICR_LOW: state.icr_low,
            ICR_HIGH: state.icr_high, INITIAL_COUNT: state.initial_count, DIVIDE: state.divide,
            APR: 0, EOI: 0,
        }  # fmt: skip
        if register_offset not in simple:
            self._error(ESR_REGISTER)
            self.guest_error(f"read of the reserved register {register_offset:#x}")
        return simple.get(register_offset, 0)

    @registers.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Take a register."""
        state = self.state
        if offset & 0xF or size != 4:
            self.guest_error(f"write of {size} bytes at {offset:#x}")
            return
        if offset == EOI:
            self._end_of_interrupt()
        elif offset == TPR:
            self.set_task_priority(value & 0xFF)
        elif offset in LVT_WRITABLE:
            self._write_lvt(offset, value)
        elif offset == INITIAL_COUNT:
            state.initial_count = value
            self._start_timer()
        elif offset == DIVIDE:
            self._change_divisor(value & 0xB)
        elif offset == ICR_LOW:
            state.icr_low = value & 0x000C_CFFF
            self._send(value)
        elif offset == ICR_HIGH:
            state.icr_high = value & 0xFF00_0000
        elif offset == SVR:
            self._write_svr(value)
        elif offset == ID:
            state.apic_id = value & 0xFF00_0000
        elif offset == LDR:
            state.ldr = value & 0xFF00_0000
        elif offset == DFR:
            state.dfr = value | 0x0FFF_FFFF
        elif offset == ESR:
            state.esr, state.pending_errors = state.pending_errors, 0
        else:
            self._error(ESR_REGISTER)
            self.guest_error(f"write to the register {offset:#x}")

    def set_task_priority(self, priority: int) -> None:
        """Set TPR; CR8 is its upper half (11.8.6)."""
        self.state.tpr = priority
        self._update()

    def task_priority(self) -> int:
        """Return TPR."""
        return self.state.tpr

    def holds_interrupt(self) -> bool:
        """Tell whether an interrupt waits for a lower TPR only; the engine's chip needs no help."""
        requested, in_service = self._irr.bit_length() - 1, self._isr.bit_length() - 1
        return max(in_service, FIRST_VECTOR - 1) >> 4 < requested >> 4 <= self.state.tpr >> 4

    def _write_lvt(self, offset: int, value: int) -> None:
        state = self.state
        if not state.svr & SVR_ENABLE:
            value |= LVT_MASKED  # figure 11-8: a disabled APIC keeps them masked
        periodic_before = state.lvt[offset] & LVT_PERIODIC
        state.lvt[offset] = value & LVT_WRITABLE[offset]
        running = state.timer_start != STANDING
        if offset == LVT_TIMER and periodic_before != value & LVT_PERIODIC and running:
            self._start_timer()
        self._update()

    def _write_svr(self, value: int) -> None:
        state = self.state
        state.svr = value & 0x1FF
        if not value & SVR_ENABLE:
            for offset in state.lvt:
                state.lvt[offset] |= LVT_MASKED
        self._update()

    def _send(self, command: int) -> None:
        """Send an interrupt message (11.6); on one processor only those to itself arrive."""
        mode, vector = command >> 8 & 7, command & 0xFF
        if mode in (FIXED, LOWEST_PRIORITY) and vector < FIRST_VECTOR:
            self._error(ESR_SEND_ILLEGAL)
            return
        shorthand = command >> SHORTHAND_SHIFT & 3
        level = bool(command & ICR_TRIGGER_LEVEL)
        if mode == INIT and level and not command & ICR_LEVEL_ASSERT:
            return  # INIT level de-assert is for processors that no longer exist
        if shorthand in (TO_SELF, TO_ALL):
            self._accept(mode, vector, level=level)
        elif shorthand == TO_DESTINATION:
            self.deliver(
                mode, vector, self.state.icr_high >> 24,
                logical=bool(command & ICR_LOGICAL), level=level,
            )  # fmt: skip
