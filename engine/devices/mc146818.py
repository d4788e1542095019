"""MC146818 real-time clock with the CMOS memory of a PC (256 bytes, two banks).

References: Motorola MC146818A data sheet (ADI1022), sections "Update cycle", "Interrupts" and
"Registers"; 82371SB (PIIX3) data sheet, section 2.5.5; the layout of the CMOS bytes is the one
that SeaBIOS reads on QEMU's board.

The clock is the machine's wall clock plus an offset, which changes when the guest sets the time.
Deviations: no square-wave output; daylight saving (DSE) is a plain bit; other time bases than
32.768 kHz run as if they were that one; a date that does not exist (31 February) reads back as
the day that follows.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import msgspec

from engine.pdm import (
    Device,
    DeviceConfig,
    DeviceState,
    IsaIrq,
    MachineControl,
    Ports,
    ResetKind,
    info_item,
    register,
    timer,
)

SECONDS, SECONDS_ALARM, MINUTES, MINUTES_ALARM, HOURS, HOURS_ALARM = range(6)
DAY_OF_WEEK, DAY_OF_MONTH, MONTH, YEAR = range(6, 10)
REGISTER_A, REGISTER_B, REGISTER_C, REGISTER_D = range(10, 14)
CENTURY = 0x32  # as the ACPI FADT names it
TIME_REGISTERS = frozenset(
    {SECONDS, MINUTES, HOURS, DAY_OF_WEEK, DAY_OF_MONTH, MONTH, YEAR, CENTURY}
)
ALARM_REGISTERS = frozenset({SECONDS_ALARM, MINUTES_ALARM, HOURS_ALARM})
DONT_CARE = 0xC0

A_UIP = 0x80
A_DIVIDER = 0x70
A_DIVIDER_RESET = 0x60  # 11x holds the divider chain
A_RATE = 0x0F
B_SET, B_PIE, B_AIE, B_UIE, B_SQWE, B_BINARY, B_24H = 0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02
C_IRQF, C_PF, C_AF, C_UF = 0x80, 0x40, 0x20, 0x10
D_VRT = 0x80
PM = 0x80

INDEX_NMI_MASK = 0x80

SECOND = 1_000_000_000
DAY = 86_400
BASE_FREQUENCY = 32_768
# UIP goes up 244 us before the update, which takes 1984 us (data sheet, table "Update cycle").
UIP_TIME = 244_000 + 1_984_000
# After a divider reset the first update comes half a second later.
DIVIDER_START = SECOND // 2
# A wall clock may jump while the VM is paused, so a far alarm is looked at again after a while.
ALARM_LOOK = 60 * SECOND
UNIX_EPOCH = dt.date(1970, 1, 1).toordinal()

# CMOS bytes that SeaBIOS reads.
CMOS_FLOPPY_TYPES = 0x10
CMOS_EQUIPMENT = 0x14
CMOS_BASE_MEMORY = 0x15
CMOS_EXTENDED_MEMORY = 0x17
CMOS_EXTENDED_MEMORY_2 = 0x30
CMOS_MEMORY_ABOVE_16M = 0x34
CMOS_BOOT_ORDER_3 = 0x38
CMOS_BOOT_ORDER_12 = 0x3D
CMOS_MEMORY_ABOVE_4G = 0x5B
CMOS_OTHER_CPUS = 0x5F
CMOS_CHECKSUM = 0x2E
CHECKSUM_RANGE = range(0x10, 0x2E)

EQUIPMENT_FPU_AND_MOUSE = 0x06
EQUIPMENT_FLOPPY = 0x01
BOOT_CODES = {"a": 1, "c": 2, "d": 3, "n": 4}


class Mc146818State(DeviceState):
    """The CMOS memory and the clock.

    Attributes:
        cmos: both banks; the time registers count only while ``held``.
        offset, phase: seconds and ns to add to the machine's UTC to get the time that the clock
            shows.
        weekday_offset: days to add to the true day of the week (the chip counts it on its own).
        held: SET or a divider reset holds the time in ``cmos``.
        divider_reset: the divider chain is held, so that the phase of the second starts anew.
        looked_at: clock time (s) up to which the flags of register C are known.
        periodic_from: virtual time (ns) up to which PF is known.
        nmi_masked: bit 7 of port 70h.
    """

    cmos: bytearray = msgspec.field(default_factory=lambda: bytearray(256))
    index: int = 0
    index2: int = 0
    offset: int = 0
    phase: int = 0
    weekday_offset: int = 0
    held: bool = False
    divider_reset: bool = False
    looked_at: int = 0
    periodic_from: int = 0
    nmi_masked: bool = False


class Mc146818Config(DeviceConfig, frozen=True):
    """Clock and machine data.

    Attributes:
        rtc_use_utc: the clock shows UTC at power-on; otherwise UTC plus ``utc_offset``.
        utc_offset: seconds by which local time is ahead of UTC.
        base_memory: KiB below 640 KiB.
        memory_below_4g: bytes of RAM below 4 GiB; 0 means all RAM of the machine.
        memory_above_4g: bytes of RAM above 4 GiB.
        boot_order: up to three of c (hard disk), d (optical), a (floppy), n (network).
        check_floppy_signature: SeaBIOS wants the 55h AAh signature on floppies too.
        floppy0, floppy1: drive types (0 none, 1 360K, 2 1.2M, 3 720K, 4 1.44M, 5 2.88M).
        cpus: number of processors.
    """

    io_base: int = 0x70
    irq: int = 8
    rtc_use_utc: bool = True
    utc_offset: Annotated[int, msgspec.Meta(ge=-86_400, le=86_400)] = 0
    base_memory: Annotated[int, msgspec.Meta(ge=0, le=640)] = 640
    memory_below_4g: Annotated[int, msgspec.Meta(ge=0, le=1 << 32)] = 0
    memory_above_4g: Annotated[int, msgspec.Meta(ge=0, lt=1 << 40)] = 0
    boot_order: Annotated[str, msgspec.Meta(pattern="^[cdan]{0,3}$")] = "cda"
    check_floppy_signature: bool = False
    floppy0: Annotated[int, msgspec.Meta(ge=0, le=15)] = 0
    floppy1: Annotated[int, msgspec.Meta(ge=0, le=15)] = 0
    cpus: Annotated[int, msgspec.Meta(ge=1, le=256)] = 1


def _from_bcd(value: int) -> int:
    return (value >> 4) * 10 + (value & 0xF)


def _to_bcd(value: int) -> int:
    return value // 10 << 4 | value % 10


@register
class Mc146818(Device[Mc146818Config, Mc146818State]):
    """Real-time clock and CMOS memory."""

    NAME = "mc146818"
    DESCRIPTION = "MC146818 real-time clock"
    UNSAVED_CONFIG = frozenset({"boot_order", "check_floppy_signature", "utc_offset"})

    registers = Ports("io_base", 4)
    irq8 = IsaIrq("irq")

    def reset(self, kind: ResetKind) -> None:
        """Clear the interrupt enables (RESET pin); time and memory have a battery."""
        if kind is ResetKind.SOFT:
            return
        state = self.state
        if kind is ResetKind.POWER_ON:
            super().reset(kind)
            state = self.state
            self._fill_cmos(state.cmos)
            if not self.config.rtc_use_utc:
                state.offset = self.config.utc_offset
        state.index = state.index2 = 0
        state.nmi_masked = False
        state.cmos[REGISTER_B] &= ~(B_PIE | B_AIE | B_UIE | B_SQWE) & 0xFF
        state.cmos[REGISTER_C] = 0
        state.looked_at = self._clock() // SECOND
        state.periodic_from = self.now
        self._update_irq()

    def state_loaded(self, version: int) -> None:
        """Drive the line and arm the timer."""
        self._update_irq()

    def _fill_cmos(self, cmos: bytearray) -> None:
        config = self.config
        cmos[REGISTER_A] = 0x26  # 32.768 kHz, 1024 Hz
        cmos[REGISTER_B] = B_24H
        cmos[REGISTER_D] = D_VRT
        floppies = bool(config.floppy0) + bool(config.floppy1)
        cmos[CMOS_FLOPPY_TYPES] = config.floppy0 << 4 | config.floppy1
        cmos[CMOS_EQUIPMENT] = EQUIPMENT_FPU_AND_MOUSE
        if floppies:
            cmos[CMOS_EQUIPMENT] |= EQUIPMENT_FLOPPY | floppies - 1 << 6
        memory = config.memory_below_4g or self.require(MachineControl).ram_size
        extended = min(max(0, memory - (1 << 20)) >> 10, 0xFFFF)

        def put(index: int, value: int, length: int) -> None:
            cmos[index : index + length] = value.to_bytes(length, "little")

        put(CMOS_BASE_MEMORY, config.base_memory, 2)
        put(CMOS_EXTENDED_MEMORY, extended, 2)
        put(CMOS_EXTENDED_MEMORY_2, extended, 2)
        put(CMOS_MEMORY_ABOVE_16M, min(max(0, memory - (16 << 20)) >> 16, 0xFFFF), 2)
        put(CMOS_MEMORY_ABOVE_4G, config.memory_above_4g >> 16, 3)
        cmos[CMOS_OTHER_CPUS] = config.cpus - 1
        codes = [BOOT_CODES[letter] for letter in config.boot_order] + [0, 0, 0]
        cmos[CMOS_BOOT_ORDER_12] = codes[1] << 4 | codes[0]
        cmos[CMOS_BOOT_ORDER_3] = codes[2] << 4 | (not config.check_floppy_signature)
        total = sum(cmos[i] for i in CHECKSUM_RANGE)
        cmos[CMOS_CHECKSUM : CMOS_CHECKSUM + 2] = total.to_bytes(2, "big")

    # ------------------------------------------------------------------ ports

    @registers.reader
    def read_register(self, offset: int, size: int) -> int:
        """Read data of bank 1 (71h) or 2 (73h); the index ports are write-only."""
        state = self.state
        if offset == 1:
            return self._read_bank1(state.index)
        if offset == 3:
            return state.cmos[0x80 | state.index2]
        return 0xFF

    @registers.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Write an index, or data of bank 1 or 2."""
        state = self.state
        if offset == 0:
            state.index = value & 0x7F
            state.nmi_masked = bool(value & INDEX_NMI_MASK)
        elif offset == 1:
            self._write_bank1(state.index, value)
        elif offset == 2:
            state.index2 = value & 0x7F
        else:
            state.cmos[0x80 | state.index2] = value

    def _read_bank1(self, index: int) -> int:
        cmos = self.state.cmos
        if index in TIME_REGISTERS:
            if not self.state.held:
                self._store_time()
            return cmos[index]
        if index == REGISTER_A:
            updating = not self.state.held and self._clock() % SECOND >= SECOND - UIP_TIME
            return cmos[REGISTER_A] | (A_UIP if updating else 0)
        if index == REGISTER_C:
            self._look()
            value = cmos[REGISTER_C]
            cmos[REGISTER_C] = 0
            self._update_irq()
            return value
        return cmos[index]

    def _write_bank1(self, index: int, value: int) -> None:
        state = self.state
        if index in TIME_REGISTERS:
            if state.held:
                state.cmos[index] = value
            else:
                self._look()
                self._store_time()
                state.cmos[index] = value
                self._set_time()
                self._update_irq()
        elif index in ALARM_REGISTERS:
            self._look()
            state.cmos[index] = value
            self._update_irq()
        elif index in {REGISTER_A, REGISTER_B}:
            self._write_control(index, value)
        elif index not in {REGISTER_C, REGISTER_D}:
            state.cmos[index] = value

    def _write_control(self, index: int, value: int) -> None:
        state = self.state
        self._look()
        if not state.held:
            self._store_time()  # in the format that held until now
        if index == REGISTER_A:
            value &= ~A_UIP
            if (value ^ state.cmos[REGISTER_A]) & A_RATE:
                state.periodic_from = self.now
        elif value & B_SET:
            value &= ~B_UIE
        state.cmos[index] = value
        was_held = state.held
        reset = state.cmos[REGISTER_A] & A_DIVIDER_RESET == A_DIVIDER_RESET
        state.held = reset or bool(state.cmos[REGISTER_B] & B_SET)
        if was_held and not state.held:
            self._set_time()
        state.divider_reset = reset or (state.divider_reset and state.held)
        self._update_irq()

    # ------------------------------------------------------------------ the clock

    def _clock(self) -> int:
        """Return the time that the clock shows, in ns since 1970."""
        state = self.state
        return self.context.utc_now() + state.offset * SECOND + state.phase

    def _store_time(self) -> None:
        """Put the current time into the registers."""
        cmos = self.state.cmos
        days, second = divmod(self._clock() // SECOND, DAY)
        date = dt.date.fromordinal(min(max(UNIX_EPOCH + days, 1), dt.date.max.toordinal()))
        binary = cmos[REGISTER_B] & B_BINARY

        def encode(value: int) -> int:
            return value if binary else _to_bcd(value)

        hour = second // 3600
        if cmos[REGISTER_B] & B_24H:
            cmos[HOURS] = encode(hour)
        else:
            cmos[HOURS] = encode(hour % 12 or 12) | (PM if hour >= 12 else 0)
        cmos[SECONDS] = encode(second % 60)
        cmos[MINUTES] = encode(second // 60 % 60)
        weekday = (date.isoweekday() + self.state.weekday_offset) % 7
        cmos[DAY_OF_WEEK] = weekday + 1  # 1 is Sunday
        cmos[DAY_OF_MONTH] = encode(date.day)
        cmos[MONTH] = encode(date.month)
        cmos[YEAR] = encode(date.year % 100)
        cmos[CENTURY] = _to_bcd(date.year // 100)  # BCD in either format, as PC firmware wants

    def _decode(self, value: int) -> int:
        return value if self.state.cmos[REGISTER_B] & B_BINARY else _from_bcd(value)

    def _decode_hour(self, value: int) -> int:
        if self.state.cmos[REGISTER_B] & B_24H:
            return self._decode(value)
        hour = self._decode(value & ~PM) % 12
        return hour + 12 if value & PM else hour

    def _set_time(self) -> None:
        """Let the clock go on from what stands in the registers."""
        state, cmos = self.state, self.state.cmos
        year = _from_bcd(cmos[CENTURY]) * 100 + self._decode(cmos[YEAR])
        month = min(max(self._decode(cmos[MONTH]), 1), 12)
        date = dt.date(min(max(year, 1), 9998), month, 1)
        day = date.toordinal() + self._decode(cmos[DAY_OF_MONTH]) - 1
        second = (
            self._decode_hour(cmos[HOURS]) * 3600
            + self._decode(cmos[MINUTES]) * 60
            + self._decode(cmos[SECONDS])
        )
        utc = self.context.utc_now()
        if state.divider_reset:
            phase = SECOND - DIVIDER_START
            state.divider_reset = False
        else:
            phase = (utc + state.phase) % SECOND
        clock = ((day - UNIX_EPOCH) * DAY + second) * SECOND + phase
        state.offset, state.phase = divmod(clock - utc, SECOND)
        true_weekday = dt.date.fromordinal(max(day, 1)).isoweekday()
        state.weekday_offset = (cmos[DAY_OF_WEEK] - 1 - true_weekday) % 7
        state.looked_at = self._clock() // SECOND

    # ------------------------------------------------------------------ interrupts

    def _periodic_clocks(self) -> int:
        """Return the period of PF in clocks of 32.768 kHz, or 0 (data sheet, table 5)."""
        rate = self.state.cmos[REGISTER_A] & A_RATE
        if rate == 0:
            return 0
        return 1 << (rate + 6 if rate <= 2 else rate - 1)

    def _next_periodic(self, after: int) -> int | None:
        """Return the virtual time (ns) of the first periodic event after a time."""
        period = self._periodic_clocks()
        if not period or self.state.divider_reset:
            return None
        clocks = after * BASE_FREQUENCY // SECOND
        return -(-((clocks // period + 1) * period) * SECOND // BASE_FREQUENCY)

    def _next_alarm(self, after: int) -> int | None:
        """Return the clock time (s) of the first alarm after a clock time, or None."""
        cmos = self.state.cmos

        def wanted(index: int, count: int) -> range:
            raw = cmos[index]
            if raw & DONT_CARE == DONT_CARE:
                return range(count)
            value = self._decode_hour(raw) if index == HOURS_ALARM else self._decode(raw)
            return range(value, value + 1) if value < count else range(0)

        hours, minutes, seconds = (
            wanted(HOURS_ALARM, 24),
            wanted(MINUTES_ALARM, 60),
            wanted(SECONDS_ALARM, 60),
        )
        if not (hours and minutes and seconds):
            return None
        day, now = divmod(after, DAY)
        for hour in hours:
            if hour < now // 3600:
                continue
            for minute in minutes:
                if hour * 60 + minute < now // 60:
                    continue
                for second in seconds:
                    moment = hour * 3600 + minute * 60 + second
                    if moment > now:
                        return day * DAY + moment
        first = hours[0] * 3600 + minutes[0] * 60 + seconds[0]
        return (day + 1) * DAY + first

    def _look(self) -> None:
        """Set the flags of what has happened since the last look."""
        state = self.state
        flags = 0
        now = self.now
        periodic = self._next_periodic(state.periodic_from)
        if periodic is not None and periodic <= now:
            flags |= C_PF
        state.periodic_from = now
        if not state.held:
            clock = self._clock() // SECOND
            if clock > state.looked_at:
                flags |= C_UF
                alarm = self._next_alarm(state.looked_at)
                if alarm is not None and alarm <= clock:
                    flags |= C_AF
            state.looked_at = clock
        state.cmos[REGISTER_C] |= flags

    def _update_irq(self) -> None:
        """Drive IRQ8, and arm the timer for the next event that may raise it."""
        cmos = self.state.cmos
        if cmos[REGISTER_C] & cmos[REGISTER_B] & (C_PF | C_AF | C_UF):
            cmos[REGISTER_C] |= C_IRQF
            self.irq8.set(True)
            self.event.cancel()  # nothing more can be seen until register C is read
            return
        cmos[REGISTER_C] &= ~C_IRQF & 0xFF
        self.irq8.set(False)
        deadline = self._next_event(cmos[REGISTER_B])
        if deadline is None:
            self.event.cancel()
        else:
            self.event.arm(deadline)

    def _next_event(self, enables: int) -> int | None:
        """Return the virtual time (ns) at which an enabled interrupt is due next."""
        now = self.now
        moments: list[int] = []
        if enables & B_PIE and (periodic := self._next_periodic(now)) is not None:
            moments.append(periodic)
        if not self.state.held and enables & (B_UIE | B_AIE):
            clock = self._clock()
            if enables & B_UIE:
                moments.append(now + SECOND - clock % SECOND)
            if enables & B_AIE and (alarm := self._next_alarm(clock // SECOND)) is not None:
                moments.append(now + min(alarm * SECOND - clock, ALARM_LOOK))
        return min(moments, default=None)

    @timer
    def event(self) -> None:
        """An interrupt may be due."""
        self._look()
        self._update_irq()

    @info_item("rtc", "Time and status registers of the real-time clock.")
    def info(self) -> str:
        """Return the time and the registers, as ``info rtc`` shows them."""
        cmos = self.state.cmos
        if not self.state.held:
            self._store_time()
        return (
            f"Time: {cmos[HOURS]:02x}:{cmos[MINUTES]:02x}:{cmos[SECONDS]:02x}  Date: "
            f"{cmos[CENTURY]:02x}{cmos[YEAR]:02x}-{cmos[MONTH]:02x}-{cmos[DAY_OF_MONTH]:02x}\n"
            f"REG A={cmos[REGISTER_A]:02x} B={cmos[REGISTER_B]:02x} C={cmos[REGISTER_C]:02x} "
            f"D={cmos[REGISTER_D]:02x} NMI masked={self.state.nmi_masked}"
        )

    @info_item("cmos", "Contents of the CMOS memory.")
    def info_memory(self) -> str:
        """Return the 128 bytes, 16 a row."""
        cmos = bytes(self.state.cmos)
        return "\n".join(
            f"{offset:02x}: {cmos[offset : offset + 16].hex(' ')}"
            for offset in range(0, len(cmos), 16)
        )
