"""The high precision event timer: a counter that never stops, and three comparators.

Reference: IA-PC HPET Specification 1.0a. In legacy replacement mode comparators 0 and 1 take the
places of the 8254 (interrupt 0) and of the real-time clock (interrupt 8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from engine.pdm.device import Device, DeviceState, EmptyConfig, IsaIrq, Mmio, register, timer
from engine.pdm.interfaces import InterruptController, LegacyTimer, ResetKind

if TYPE_CHECKING:
    from engine.pdm.irq import IrqLine

BASE: Final = 0xFED00000
SIZE: Final = 0x1000
TICK_NS: Final = 10  # 100 MHz
FEMTOSECONDS: Final = TICK_NS * 1_000_000
COMPARATORS: Final = 3
VENDOR: Final = 0x8086
# 64-bit counter, legacy replacement, three timers, revision 1 (2.3.4).
CAPABILITIES: Final = (
    FEMTOSECONDS << 32 | VENDOR << 16 | 1 << 15 | 1 << 13 | (COMPARATORS - 1) << 8 | 1
)
NEVER_NS: Final = 1 << 60  # 36 years
MASK64: Final = (1 << 64) - 1

# Offsets (2.3.1).
CAPABILITIES_REGISTER, CONFIGURATION, STATUS, COUNTER = 0x000, 0x010, 0x020, 0x0F0
FIRST_TIMER, TIMER_STRIDE = 0x100, 0x20
TIMER_CONFIGURATION, TIMER_COMPARATOR, TIMER_FSB = 0x00, 0x08, 0x10

ENABLE, LEGACY_REPLACEMENT = 1, 2

# Timer configuration (2.3.8).
LEVEL, INTERRUPT_ENABLE, PERIODIC, PERIODIC_CAPABLE = 1 << 1, 1 << 2, 1 << 3, 1 << 4
SIZE_64, SET_VALUE, MODE_32 = 1 << 5, 1 << 6, 1 << 8
ROUTE_SHIFT, ROUTE_MASK = 9, 0x1F
TIMER_WRITABLE: Final = LEVEL | INTERRUPT_ENABLE | PERIODIC | SET_VALUE | MODE_32 | 0x1F << 9
# Inputs of the I/O APIC that a comparator may be routed to: those of the ISA interrupts whose
# lines this device has.
ROUTES: Final = 1 << 2 | 1 << 8 | 1 << 11

Quad = Annotated[int, msgspec.Meta(ge=0)]


class Comparator(msgspec.Struct, kw_only=True):
    """One comparator.

    Attributes:
        configuration: the register. value: the comparator. period: what is added to it.
    """

    configuration: Quad = PERIODIC_CAPABLE | SIZE_64 | ROUTES << 32
    value: Quad = MASK64
    period: Quad = 0


class HpetState(DeviceState):
    """All registers.

    Attributes:
        counter: value of the main counter while it stands.
        started: virtual time in ns at which it was 0, while it runs.
    """

    configuration: Quad = 0
    status: Quad = 0
    counter: Quad = 0
    started: int = 0
    timers: list[Comparator] = msgspec.field(
        default_factory=lambda: [Comparator() for _ in range(COMPARATORS)]
    )


@register
class Hpet(Device[EmptyConfig, HpetState]):
    """High precision event timer."""

    NAME = "hpet"
    DESCRIPTION = "High precision event timer"
    REQUIRES = (InterruptController, LegacyTimer)

    registers = Mmio(BASE, SIZE, sizes=(4, 8))
    irq0 = IsaIrq(0)
    irq8 = IsaIrq(8)
    irq11 = IsaIrq(11)

    @timer
    def fire0(self) -> None:
        """Comparator 0 may have been reached."""
        self._fire(0)

    @timer
    def fire1(self) -> None:
        """Comparator 1 may have been reached."""
        self._fire(1)

    @timer
    def fire2(self) -> None:
        """Comparator 2 may have been reached."""
        self._fire(2)

    def setup(self) -> None:
        """Collect timers and lines."""
        self._held: list[IrqLine] = []
        self._fires = (self.fire0, self.fire1, self.fire2)
        self._routes = {2: self.irq0, 8: self.irq8, 11: self.irq11}

    def reset(self, kind: ResetKind) -> None:
        """Stop; INIT does not reach the chip."""
        if kind is ResetKind.SOFT:
            return
        super().reset(kind)
        for fire in self._fires:
            fire.cancel()
        self._held = []
        for line in self._routes.values():
            line.set(False)
        self._apply_legacy()

    def state_loaded(self, version: int) -> None:
        """Tell the 8254 whether it drives its line; the timers go on by themselves."""
        self._held = self._asserted()
        self._apply_legacy()

    # ------------------------------------------------------------------ counter and comparators

    @property
    def _running(self) -> bool:
        return bool(self.state.configuration & ENABLE)

    def _count(self) -> int:
        state = self.state
        if not self._running:
            return state.counter
        return (self.now - state.started) // TICK_NS & MASK64

    def _arm(self, number: int) -> None:
        """Set the timer of a comparator to when the counter gets to its value."""
        comparator, fire = self.state.timers[number], self._fires[number]
        if not self._running:
            fire.cancel()
            return
        mask = 0xFFFFFFFF if comparator.configuration & MODE_32 else MASK64
        ticks = (comparator.value - self._count()) & mask
        # A value that has just been passed comes round only after the whole range, as it does in
        # the chip; for 64 bits that is never.
        if ticks * TICK_NS > NEVER_NS:
            fire.cancel()
        else:
            fire.arm(self.now + max(1, ticks * TICK_NS))

    def _fire(self, number: int) -> None:
        comparator = self.state.timers[number]
        configuration = comparator.configuration
        if configuration & PERIODIC and comparator.period:
            mask = 0xFFFFFFFF if configuration & MODE_32 else MASK64
            behind = (self._count() - comparator.value) & mask
            # What a guest that was held up has missed is left out.
            steps = 1 + behind // comparator.period if behind < mask >> 1 else 1
            comparator.value = (comparator.value + steps * comparator.period) & mask
            self._arm(number)
        elif configuration & MODE_32:
            self._fires[number].arm(self.now + (1 << 32) * TICK_NS)
        self._interrupt(number)

    def _interrupt(self, number: int) -> None:
        """Tell of a match; the status of a level is there without its interrupt too (2.3.8)."""
        configuration = self.state.timers[number].configuration
        if configuration & LEVEL:
            self.state.status |= 1 << number
            self._update_lines()
        elif configuration & INTERRUPT_ENABLE:
            line = self._line(number)
            if line is not None:
                line.pulse()

    def _line(self, number: int) -> IrqLine | None:
        """Return what a comparator drives; None where its route leads nowhere."""
        if self.state.configuration & LEGACY_REPLACEMENT and number < 2:
            return (self.irq0, self.irq8)[number]
        return self._routes.get(self.state.timers[number].configuration >> ROUTE_SHIFT & ROUTE_MASK)

    def _asserted(self) -> list[IrqLine]:
        """Return the lines that level-triggered comparators hold (2.3.5, 2.3.6)."""
        state = self.state
        lines = (
            self._line(number)
            for number, comparator in enumerate(state.timers)
            if self._running
            and state.status >> number & 1
            and comparator.configuration & INTERRUPT_ENABLE
        )
        return [line for line in lines if line is not None]

    def _update_lines(self) -> None:
        """Raise what comparators hold and release what they held; edges stay as they are."""
        before, self._held = self._held, self._asserted()
        for line in before:
            line.set(line in self._held)
        for line in self._held:
            line.set(True)

    def _apply_legacy(self) -> None:
        """In legacy replacement mode the 8254 does not drive interrupt 0 (2.3.5)."""
        legacy = bool(self.state.configuration & LEGACY_REPLACEMENT)
        self.require(LegacyTimer).disconnect_interrupt(legacy)

    # ------------------------------------------------------------------ registers

    @registers.reader
    def read_register(self, offset: int, size: int) -> int:
        """Answer reads of 4 or 8 bytes."""
        value = self._read_quad(offset & ~7)
        if size == 4:
            return value >> 8 * (offset & 4) & 0xFFFFFFFF
        return value

    def _read_quad(self, offset: int) -> int:
        state = self.state
        if offset == COUNTER:
            return self._count()
        if offset == CAPABILITIES_REGISTER:
            return CAPABILITIES
        if offset == CONFIGURATION:
            return state.configuration
        if offset == STATUS:
            return state.status
        number, place = divmod(offset - FIRST_TIMER, TIMER_STRIDE)
        if not 0 <= number < COMPARATORS:
            return 0
        comparator = state.timers[number]
        if place == TIMER_CONFIGURATION:
            return comparator.configuration
        return comparator.value if place == TIMER_COMPARATOR else 0

    @registers.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Take writes of 4 or 8 bytes; a half leaves the other half as it is."""
        shift = 8 * (offset & 4)
        mask = MASK64 if size == 8 else 0xFFFFFFFF << shift
        self._write_quad(offset & ~7, value << shift & mask, mask)

    def _write_quad(self, offset: int, written: int, mask: int) -> None:
        state = self.state
        value = self._read_quad(offset) & ~mask | written
        if offset == CONFIGURATION:
            self._configure(value & (ENABLE | LEGACY_REPLACEMENT))
        elif offset == STATUS:
            self._acknowledge(written)
        elif offset == COUNTER:
            if self._running:
                state.started = self.now - value * TICK_NS
                for number in range(COMPARATORS):
                    self._arm(number)
            else:
                state.counter = value
        else:
            number, place = divmod(offset - FIRST_TIMER, TIMER_STRIDE)
            if 0 <= number < COMPARATORS and place == TIMER_CONFIGURATION:
                self._configure_timer(number, value)
            elif 0 <= number < COMPARATORS and place == TIMER_COMPARATOR:
                self._set_comparator(number, written, mask)

    def _configure(self, value: int) -> None:
        state = self.state
        was_running = self._running
        if (state.configuration ^ value) & LEGACY_REPLACEMENT:
            for line in (self.irq0, self.irq8):  # an edge stays high; it is another's line now
                line.set(False)
        if was_running and not value & ENABLE:
            state.counter = self._count()
        state.configuration = value
        if not was_running and value & ENABLE:
            state.started = self.now - state.counter * TICK_NS
        for number in range(COMPARATORS):
            self._arm(number)
        self._update_lines()
        self._apply_legacy()

    def _configure_timer(self, number: int, value: int) -> None:
        comparator = self.state.timers[number]
        before = comparator.configuration
        comparator.configuration = before & ~TIMER_WRITABLE | value & TIMER_WRITABLE
        if comparator.configuration & MODE_32:
            comparator.value &= 0xFFFFFFFF
            comparator.period &= 0xFFFFFFFF
        if before & LEVEL and not value & LEVEL:
            self.state.status &= ~(1 << number)
        self._update_lines()
        self._arm(number)

    def _set_comparator(self, number: int, written: int, mask: int) -> None:
        comparator = self.state.timers[number]
        if comparator.configuration & MODE_32:
            mask &= 0xFFFFFFFF
            if not mask:
                return
        if comparator.configuration & PERIODIC:
            # What was written last is the period; with SET_VALUE it is where to begin, too
            # (2.3.9.2.2).
            comparator.period = comparator.period & ~mask | written & mask
        if not comparator.configuration & PERIODIC or comparator.configuration & SET_VALUE:
            comparator.value = comparator.value & ~mask | written & mask
            comparator.configuration &= ~SET_VALUE
        self._arm(number)

    def _acknowledge(self, bits: int) -> None:
        """Clear the status of level-triggered comparators and release their lines."""
        state = self.state
        state.status &= ~bits
        self._update_lines()
