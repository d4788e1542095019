"""8254 programmable interval timer and the system control port 61h of the PIIX3.

References: Intel 8254 data sheet (order 231164), sections "Mode definitions" and "Read-back
command"; 82371SB (PIIX3) data sheet, section 2.5.4 (NMI status and control, port 61h).

Nothing ticks: every count is computed from virtual time when it is read, in whole clocks of the
chip. Deviations: IRQ0 stays high between rising edges of OUT0 (a low half of mode 3 would drop a
request that a lagging guest has not yet taken); periods that nobody could see are left out, in
phase; OUT0 gives at most one edge in 20 us.
"""

from __future__ import annotations

import msgspec

from engine.pdm import (
    Device,
    DeviceConfig,
    DeviceState,
    EngineChips,
    IsaIrq,
    LegacyTimer,
    Ports,
    ResetKind,
    info_item,
    register,
    timer,
)

# The clock is 14.31818 MHz / 12 = 105/88 MHz; so many clocks in so many ns.
CLOCKS = 105
NANOSECONDS = 88_000
MIN_EDGE_CLOCKS = 24

CONTROL_PORT = 3
READ_BACK = 3
READ_BACK_NO_COUNT = 0x20
READ_BACK_NO_STATUS = 0x10
ACCESS_LATCH, ACCESS_LOW, ACCESS_HIGH, ACCESS_BOTH = range(4)

PORT61_GATE2 = 0x01
PORT61_WRITABLE = 0x0F
PORT61_REFRESH = 0x10
PORT61_OUT2 = 0x20
REFRESH_PERIOD = 15_085  # ns per toggle: counter 1 of the original PC, 18 clocks

NEVER = -1


class Counter(msgspec.Struct, kw_only=True):
    """One counter. Times are clocks of the chip since virtual time 0.

    Attributes:
        access: ACCESS_LOW, ACCESS_HIGH or ACCESS_BOTH.
        armed: a whole count has been written since the control word.
        reload: the count register CR, 1..65536.
        count: the count of the cycle that runs now (CR as it was when loaded).
        start: clock at which ``count`` stood in the counting element.
        switch_at: in modes 2 and 3, clock at which ``reload`` takes over, or NEVER.
        switch_start: value of ``start`` from then on.
        paused_at: clock at which the gate stopped counting, or NEVER.
        triggered: in modes 1 and 5, the gate has risen since the control word.
        null: in modes 1 and 5, CR has not been loaded yet.
        latched, status: what a latch command has caught, or NEVER.
        low_byte: the first byte of a two-byte count, or NEVER.
        read_high: the second byte of a two-byte read comes next.
    """

    mode: int = 3
    bcd: bool = False
    access: int = ACCESS_BOTH
    armed: bool = False
    reload: int = 0x10000
    count: int = 0x10000
    start: int = 0
    switch_at: int = NEVER
    switch_start: int = 0
    gate: bool = True
    paused_at: int = NEVER
    triggered: bool = False
    null: bool = True
    latched: int = NEVER
    status: int = NEVER
    low_byte: int = NEVER
    read_high: bool = False

    def set_mode(self, control: int) -> None:
        """Take a control word (data sheet, "Control word format")."""
        mode = control >> 1 & 7
        self.mode = mode & 3 if mode > 5 else mode
        self.bcd = bool(control & 1)
        self.access = control >> 4 & 3
        self.armed = self.triggered = self.read_high = False
        self.null = True
        self.switch_at = self.paused_at = self.latched = self.status = self.low_byte = NEVER

    def roll(self, tick: int) -> None:
        """Let a count that was written during a period take over when that period has ended."""
        if 0 <= self.switch_at <= tick:
            self.count = self.reload
            self.start = self.switch_start
            self.switch_at = NEVER

    def elapsed(self, tick: int) -> int:
        """Return the clocks counted in this cycle; negative before the count is loaded."""
        return (tick if self.paused_at == NEVER else self.paused_at) - self.start

    def write(self, value: int, tick: int) -> None:
        """Take one byte of a count."""
        if self.access == ACCESS_LOW:
            self._load(value, tick)
        elif self.access == ACCESS_HIGH:
            self._load(value << 8, tick)
        elif self.low_byte == NEVER:
            self.low_byte = value
            if self.mode == 0:
                self.armed = False  # the first byte stops counting and drives OUT low
        else:
            value = value << 8 | self.low_byte
            self.low_byte = NEVER
            self._load(value, tick)

    def _load(self, value: int, tick: int) -> None:
        if self.bcd:
            value = sum((value >> 4 * n & 0xF) * 10**n for n in range(4)) or 10_000
        self.reload = value or 0x10000
        running = self.armed
        self.armed = True
        if self.mode in {1, 5}:
            self.null = True
            return
        if running and self.mode in {2, 3} and self.gate and tick >= self.start:
            self._switch_later(tick)
            return
        self.count = self.reload
        self.start = tick + 1  # the clock after the write loads the counting element
        self.switch_at = NEVER
        self.paused_at = NEVER if self.gate else self.start

    def _switch_later(self, tick: int) -> None:
        """Mode 2 changes at the end of its period, mode 3 at the end of its half-cycle."""
        period = self.count
        begin = tick - (tick - self.start) % period
        half = (period + 1) // 2
        if self.mode == 3 and tick < begin + half:
            self.switch_at = begin + half
            self.switch_start = self.switch_at - (self.reload + 1) // 2
        else:
            self.switch_at = self.switch_start = begin + period

    def set_gate(self, level: bool, tick: int) -> None:
        """Drive the gate input."""
        if level == self.gate:
            return
        self.gate = level
        if self.mode in {1, 5}:
            if level and self.armed:
                self.count = self.reload
                self.start = tick + 1
                self.triggered = True
                self.null = False
        elif not level:
            self.paused_at = max(tick, self.start)
        elif self.mode in {0, 4}:
            if self.paused_at != NEVER:
                self.start += tick - self.paused_at
        else:
            self.count = self.reload
            self.start = tick + 1
            self.switch_at = NEVER
        if level:
            self.paused_at = NEVER

    def out(self, tick: int) -> bool:
        """Return the level of OUT (data sheet, "Mode definitions")."""
        if not self.armed:
            return self.mode != 0
        elapsed = self.elapsed(tick)
        match self.mode:
            case 0:
                return elapsed >= self.count
            case 1:
                return not (self.triggered and 0 <= elapsed < self.count)
            case 2:
                return not self.gate or elapsed < 0 or elapsed % self.count != self.count - 1
            case 3:
                return (
                    not self.gate or elapsed < 0 or elapsed % self.count < (self.count + 1) // 2
                )
            case _:
                return elapsed != self.count or (self.mode == 5 and not self.triggered)

    def value(self, tick: int) -> int:
        """Return what the counting element holds, as the guest reads it (binary or BCD)."""
        elapsed = max(0, self.elapsed(tick))
        if self.mode == 2:
            value = self.count - elapsed % self.count
        elif self.mode == 3:  # counts by two, once for each half-cycle
            position = elapsed % self.count
            half = (self.count + 1) // 2
            if position >= half:
                position -= half
            value = (self.count & ~1) - 2 * position
        else:
            value = self.count - elapsed
        if not self.bcd:
            return value & 0xFFFF
        value %= 10_000
        return sum(value // 10**n % 10 << 4 * n for n in range(4))

    def status_byte(self, tick: int) -> int:
        """Return OUT, null count and the control word."""
        null = self.null
        if self.mode not in {1, 5}:
            null = not self.armed or tick < self.start or self.switch_at != NEVER
        return (
            self.out(tick) << 7 | null << 6 | self.access << 4 | self.mode << 1 | int(self.bcd)
        )

    def read(self, tick: int) -> int:
        """Return the next byte of status, latched count or live count."""
        if self.status != NEVER:
            value, self.status = self.status, NEVER
            return value
        value = self.latched if self.latched != NEVER else self.value(tick)
        if self.access == ACCESS_BOTH:
            self.read_high = not self.read_high
            if self.read_high:
                return value & 0xFF
        self.latched = NEVER
        return value >> 8 if self.access != ACCESS_LOW else value & 0xFF

    def next_edge(self, tick: int) -> int | None:
        """Return the clock after ``tick`` at which OUT rises next, or None."""
        if not self.armed or self.paused_at != NEVER:
            return None
        if self.mode in {2, 3}:
            edge = tick + self.count - (tick - self.start) % self.count
            if self.switch_at == NEVER or edge <= self.switch_at:
                return max(edge, self.start + self.count)
            begin = max(tick, self.switch_at)
            return begin + self.reload - (begin - self.switch_start) % self.reload
        if self.mode in {1, 5} and not self.triggered:
            return None
        edge = self.start + self.count + (self.mode in {4, 5})
        return edge if edge > tick else None


class I8254State(DeviceState):
    """The three counters and the writable bits of port 61h."""

    counters: list[Counter] = msgspec.field(
        default_factory=lambda: [Counter(), Counter(), Counter(gate=False)]
    )
    port61: int = 0


class I8254Config(DeviceConfig, frozen=True):
    """Addresses and the interrupt of counter 0."""

    io_base: int = 0x40
    control_port: int = 0x61
    irq: int = 0


@register
class I8254(Device[I8254Config, I8254State]):
    """System timer (counter 0), refresh timer (1) and speaker tone (2)."""

    NAME = "i8254"
    DESCRIPTION = "8254 interval timer"
    PROVIDES = (LegacyTimer,)

    registers = Ports("io_base", 4)
    system_control = Ports("control_port", 1)
    irq0 = IsaIrq("irq")

    @property
    def tick(self) -> int:
        """Virtual time in clocks of the chip."""
        return self.context.now() * CLOCKS // NANOSECONDS

    def reset(self, kind: ResetKind) -> None:
        """Stop all counters. The chip has no reset pin, but the PIIX3 around it has."""
        if kind is ResetKind.SOFT:
            return
        super().reset(kind)
        self.out0.cancel()
        self.irq0.set(False)
        if self._chips is not None:
            self._chips.load(self.NAME, self.state, self.now)

    def state_to_save(self) -> I8254State:
        """Fetch the state, if the engine has the chip."""
        if self._chips is not None:
            self._chips.save(self.NAME, self.state, self.now)
        return self.state

    def state_loaded(self, version: int) -> None:
        """Arm the timer of counter 0, or hand the state over to the engine's chip."""
        if self._chips is not None:
            self.irq0.set(False)  # the engine's chip drives the line beside us
            self._chips.load(self.NAME, self.state, self.now)
        else:
            self._schedule(self.tick)

    def setup(self) -> None:
        """Interrupt 0 is ours until another timer takes it over."""
        self._disconnected = False
        self._chips = self.context.find(EngineChips)

    def disconnect_interrupt(self, disconnected: bool) -> None:
        """Leave interrupt 0 to another timer, or take it back."""
        self._disconnected = disconnected
        if disconnected:
            self.irq0.set(False)
        if self._chips is not None:
            self._chips.connect_timer(not disconnected)

    @timer
    def out0(self) -> None:
        """OUT0 has risen."""
        if self._chips is not None:
            return  # of a saved state; the engine's chip has a timer of its own
        tick = self.tick
        self.state.counters[0].roll(tick)
        if not self._disconnected:
            self.irq0.pulse()
        self._schedule(tick)

    def _schedule(self, tick: int) -> None:
        # With the clock at which the counter was touched: looked up anew, it may have passed the
        # edge of a short one-shot by now, which would then never come.
        counter = self.state.counters[0]
        edge = counter.next_edge(tick)
        if edge is not None and edge < tick + MIN_EDGE_CLOCKS and counter.mode in {2, 3}:
            edge = counter.next_edge(tick + MIN_EDGE_CLOCKS)
        if edge is None:
            self.out0.cancel()
        else:
            self.out0.arm(-(-edge * NANOSECONDS // CLOCKS))

    # ------------------------------------------------------------------ registers

    @registers.reader
    def read_register(self, offset: int, size: int) -> int:
        """Read a counter; the control register cannot be read."""
        if offset == CONTROL_PORT:
            return 0xFF
        counter = self.state.counters[offset]
        tick = self.tick
        counter.roll(tick)
        return counter.read(tick)

    @registers.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Write a count or a control word."""
        if offset == CONTROL_PORT:
            self._control(value)
            return
        counter = self.state.counters[offset]
        tick = self.tick
        counter.roll(tick)
        counter.write(value, tick)
        if offset == 0:
            if counter.mode == 0:
                self.irq0.set(False)
            self._schedule(tick)

    def _control(self, value: int) -> None:
        index = value >> 6
        if index == READ_BACK:
            self._read_back(value)
            return
        counter = self.state.counters[index]
        if value >> 4 & 3 == ACCESS_LATCH:
            self._latch_count(counter, self.tick)
            return
        counter.set_mode(value)
        if index == 0:
            self.out0.cancel()
            self.irq0.set(counter.mode != 0 and not self._disconnected)

    def _read_back(self, value: int) -> None:
        tick = self.tick
        for index, counter in enumerate(self.state.counters):
            if not value & 2 << index:
                continue
            if not value & READ_BACK_NO_COUNT:
                self._latch_count(counter, tick)
            if not value & READ_BACK_NO_STATUS and counter.status == NEVER:
                counter.roll(tick)
                counter.status = counter.status_byte(tick)

    @staticmethod
    def _latch_count(counter: Counter, tick: int) -> None:
        if counter.latched == NEVER:
            counter.roll(tick)
            counter.latched = counter.value(tick)

    @system_control.reader
    def read_system_control(self, offset: int, size: int) -> int:
        """Read gate and speaker bits, the refresh toggle and OUT2."""
        now = self.context.now()
        tick = now * CLOCKS // NANOSECONDS
        counter = self.state.counters[2]
        counter.roll(tick)
        value = self.state.port61
        if now // REFRESH_PERIOD & 1:
            value |= PORT61_REFRESH
        return value | PORT61_OUT2 if counter.out(tick) else value

    @system_control.writer
    def write_system_control(self, offset: int, value: int, size: int) -> None:
        """Write gate 2, speaker data and the NMI enables."""
        self.state.port61 = value & PORT61_WRITABLE
        counter = self.state.counters[2]
        tick = self.tick
        counter.roll(tick)
        counter.set_gate(bool(value & PORT61_GATE2), tick)

    @info_item("pit", "Counters of the interval timer.")
    def info(self) -> str:
        """Return mode, count and frequency of each counter, as ``info pit`` shows them."""
        self.state_to_save()
        tick = self.tick
        return "\n".join(
            f"ch{n}: mode={c.mode} bcd={c.bcd:d} count={c.reload:#x} ({c.reload}) - "
            f"{1e9 * CLOCKS / NANOSECONDS / c.reload:.2f} Hz value={c.value(tick):#x} "
            f"out={c.out(tick):d} gate={c.gate:d} armed={c.armed:d}"
            for n, c in enumerate(self.state.counters)
        )
