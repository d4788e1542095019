"""The kernel's interrupt controllers and timer, in the terms of our devices' State structs.

With these a guest's interrupts never leave the kernel. The devices of these names keep their
place on the board: they pass lines on, and hand their State structs over when the machine is
reset, saved or restored, so that a saved state moves between the kernel's chips and ours.

Reference: Linux, Documentation/virt/kvm/api.rst, 4.24 to 4.29, 4.52, 4.57, 4.72; structures from
arch/x86/include/uapi/asm/kvm.h. What the kernel does not tell is left at its default: ICW3, the
null count of the 8254, a control word without a count behind it.
"""

from __future__ import annotations

import ctypes as c
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from engine.em import x86
from engine.em.kvm import api, state

if TYPE_CHECKING:
    from engine.devices.apic import ApicState
    from engine.devices.i8254 import Counter, I8254State
    from engine.devices.i8259 import Chip, I8259State
    from engine.devices.ioapic import IoApicState

IOAPIC_LEVEL: Final = 1 << 15  # of a redirection entry
PIC_MASTER, PIC_SLAVE, IOAPIC = range(3)
ROUTE_IRQCHIP: Final = 1
ISA_INPUTS, IOAPIC_INPUTS = 16, 24
CASCADE, TIMER_GSI, TIMER_PIN = 2, 0, 2
PIT_CLOCKS, PIT_NANOSECONDS = 105, 88_000  # the 8254's clock: so many in so many ns
PIT_SPEAKER_DUMMY: Final = 1
PIT_HPET_LEGACY, PIT_SPEAKER_ON = 1, 2
PORT61_GATE, PORT61_SPEAKER = 1, 2
PIT_OFF: Final = 0xFF  # the kernel's mode of a counter that has not been programmed
NEVER: Final = -1
_ELCR_MASKS: Final = (0xF8, 0xDE)
_STRUCTS_OF_ROUTES: Final = ISA_INPUTS + IOAPIC_INPUTS

# Registers of the local APIC (SDM 3, table 11-1) and fields of our state with the same content.
_APIC_FIELDS: Final = (
    (0x20, "apic_id"), (0x80, "tpr"), (0xD0, "ldr"), (0xE0, "dfr"), (0xF0, "svr"), (0x280, "esr"),
    (0x300, "icr_low"), (0x310, "icr_high"), (0x380, "initial_count"), (0x3E0, "divide"),
)  # fmt: skip
_APIC_VECTORS: Final = ((0x100, "isr"), (0x180, "tmr"), (0x200, "irr"))
_APIC_LVT: Final = range(0x320, 0x380, 0x10)
APIC_VERSION, APIC_TIMER, APIC_LINT0, APIC_CURRENT_COUNT = 0x30, 0x320, 0x350, 0x390
APIC_PERIODIC, APIC_MASKED, APIC_EXTINT = 1 << 17, 1 << 16, 7 << 8
APIC_SIZE: Final = 0x400
APIC_BASE_DEFAULT, APIC_BASE_BSP = 0xFEE0_0800, 0x100


class PicState(c.Structure):
    """``struct kvm_pic_state``."""

    _fields_: ClassVar[list[Any]] = [
        (name, c.c_uint8) for name in (
            "last_irr", "irr", "imr", "isr", "priority_add", "irq_base", "read_reg_select", "poll",
            "special_mask", "init_state", "auto_eoi", "rotate_on_auto_eoi",
            "special_fully_nested_mode", "init4", "elcr", "elcr_mask",
        )
    ]  # fmt: skip


class IoApicRegisters(c.Structure):
    """``struct kvm_ioapic_state``."""

    _fields_: ClassVar[list[Any]] = [
        ("base_address", c.c_uint64), ("ioregsel", c.c_uint32), ("id", c.c_uint32),
        ("irr", c.c_uint32), ("pad", c.c_uint32), ("redirtbl", c.c_uint64 * IOAPIC_INPUTS),
    ]  # fmt: skip


class _Chip(c.Union):
    _fields_: ClassVar[list[Any]] = [
        ("pic", PicState), ("ioapic", IoApicRegisters), ("dummy", c.c_uint8 * 512),
    ]  # fmt: skip


class IrqChip(c.Structure):
    """``struct kvm_irqchip``."""

    _fields_: ClassVar[list[Any]] = [
        ("chip_id", c.c_uint32), ("pad", c.c_uint32), ("chip", _Chip),
    ]  # fmt: skip


class PitChannel(c.Structure):
    """``struct kvm_pit_channel_state``."""

    _fields_: ClassVar[list[Any]] = [
        ("count", c.c_uint32), ("latched_count", c.c_uint16), ("count_latched", c.c_uint8),
        ("status_latched", c.c_uint8), ("status", c.c_uint8), ("read_state", c.c_uint8),
        ("write_state", c.c_uint8), ("write_latch", c.c_uint8), ("rw_mode", c.c_uint8),
        ("mode", c.c_uint8), ("bcd", c.c_uint8), ("gate", c.c_uint8),
        ("count_load_time", c.c_int64),
    ]  # fmt: skip


class PitState2(c.Structure):
    """``struct kvm_pit_state2``."""

    _fields_: ClassVar[list[Any]] = [
        ("channels", PitChannel * 3), ("flags", c.c_uint32), ("reserved", c.c_uint32 * 9),
    ]  # fmt: skip


class PitConfig(c.Structure):
    """``struct kvm_pit_config``."""

    _fields_: ClassVar[list[Any]] = [("flags", c.c_uint32), ("pad", c.c_uint32 * 15)]


class LapicState(c.Structure):
    """``struct kvm_lapic_state``: the registers as they lie in memory."""

    _fields_: ClassVar[list[Any]] = [("regs", c.c_uint8 * APIC_SIZE)]


class IrqLevel(c.Structure):
    """``struct kvm_irq_level``."""

    _fields_: ClassVar[list[Any]] = [("irq", c.c_uint32), ("level", c.c_uint32)]


class RoutingEntry(c.Structure):
    """``struct kvm_irq_routing_entry`` of an input of an interrupt controller."""

    _fields_: ClassVar[list[Any]] = [
        ("gsi", c.c_uint32), ("type", c.c_uint32), ("flags", c.c_uint32), ("pad", c.c_uint32),
        ("irqchip", c.c_uint32), ("pin", c.c_uint32), ("rest", c.c_uint32 * 6),
    ]  # fmt: skip


class Routing(c.Structure):
    """``struct kvm_irq_routing`` with room for the inputs of all controllers."""

    _fields_: ClassVar[list[Any]] = [
        ("nr", c.c_uint32), ("flags", c.c_uint32), ("entries", RoutingEntry * _STRUCTS_OF_ROUTES),
    ]  # fmt: skip


CREATE_IRQCHIP: Final = api.request(api.NONE, 0x60)
IRQ_LINE: Final = api.request(api.WRITE, 0x61, c.sizeof(IrqLevel))
GET_IRQCHIP: Final = api.request(api.READ | api.WRITE, 0x62, c.sizeof(IrqChip))
SET_IRQCHIP: Final = api.request(api.READ, 0x63, c.sizeof(IrqChip))
SET_GSI_ROUTING: Final = api.request(api.WRITE, 0x6A, 8)
CREATE_PIT2: Final = api.request(api.WRITE, 0x77, c.sizeof(PitConfig))
GET_LAPIC: Final = api.request(api.READ, 0x8E, c.sizeof(LapicState))
SET_LAPIC: Final = api.request(api.WRITE, 0x8F, c.sizeof(LapicState))
GET_PIT2: Final = api.request(api.READ, 0x9F, c.sizeof(PitState2))
SET_PIT2: Final = api.request(api.WRITE, 0xA0, c.sizeof(PitState2))


@dataclass(slots=True)
class HeldTimer:
    """Where the timer of a local APIC stood when time stopped.

    Attributes:
        count: its current count. deadline: of TSC-deadline mode, in units of the counter.
    """

    count: int
    deadline: int


class KernelChips:
    """The chips of one virtual machine; made before its first CPU. EMT only.

    Args:
        vm: file of the machine.

    Raises:
        OSError: the kernel has none.
    """

    def __init__(self, vm: int) -> None:
        self._vm = vm
        api.ioctl(vm, CREATE_IRQCHIP)
        api.ioctl(vm, CREATE_PIT2, c.byref(PitConfig(flags=PIT_SPEAKER_DUMMY)))
        self._route()
        self._cpus: list[int] = []
        self._held_pit: PitState2 | None = None
        self._held_timers: list[HeldTimer] = []

    def add_cpu(self, vcpu: int) -> None:
        """Look after the local APIC of a CPU too; the first is the one of the device."""
        self._cpus.append(vcpu)

    def _route(self) -> None:
        """Wire the interrupts as the board does: IRQ0 ends in input 2 of the I/O APIC."""
        routing = Routing()

        def route(gsi: int, chip: int, pin: int) -> None:
            entry = routing.entries[routing.nr]
            entry.gsi, entry.type, entry.irqchip, entry.pin = gsi, ROUTE_IRQCHIP, chip, pin
            routing.nr += 1

        for irq in range(ISA_INPUTS):
            if irq == CASCADE:
                continue
            route(irq, PIC_MASTER if irq < 8 else PIC_SLAVE, irq & 7)
            route(irq, IOAPIC, TIMER_PIN if irq == TIMER_GSI else irq)
        for pin in range(ISA_INPUTS, IOAPIC_INPUTS):
            route(pin, IOAPIC, pin)
        api.ioctl(self._vm, SET_GSI_ROUTING, c.byref(routing))

    def set_input(self, irq: int, level: bool) -> None:
        """Drive an interrupt line of the board."""
        api.ioctl(self._vm, IRQ_LINE, c.byref(IrqLevel(irq, int(level))))

    def connect_timer(self, connected: bool) -> None:
        """Let counter 0 of the 8254 raise interrupt 0, or leave that to another timer."""
        pit = state.get(self._vm, PitState2, GET_PIT2)
        for record in filter(None, (pit, self._held_pit)):
            kept = record.flags & ~PIT_HPET_LEGACY
            record.flags = kept if connected else kept | PIT_HPET_LEGACY
        api.ioctl(self._vm, SET_PIT2, c.byref(pit))

    # ------------------------------------------------------------------ time

    def hold(self) -> None:
        """Remember the timers: virtual time stands still."""
        self._held_pit = state.get(self._vm, PitState2, GET_PIT2)
        self._held_timers = [
            HeldTimer(_word(self._registers(number), APIC_CURRENT_COUNT), self.deadline(number))
            for number in range(len(self._cpus))
        ]

    def release(self) -> None:
        """Let the timers go on from where they stood; interrupts that came meanwhile stay."""
        if self._held_pit is None:
            return
        api.ioctl(self._vm, SET_PIT2, c.byref(self._held_pit))
        for number, timer in enumerate(self._held_timers):
            self._set_registers(number, self.read_apic(number))
            state.set_msr(self._cpus[number], x86.MSR_TSC_DEADLINE, timer.deadline)
        self._held_pit, self._held_timers = None, []

    def deadline(self, number: int) -> int:
        """Return the time-stamp at which a CPU's timer fires in TSC-deadline mode; 0: never."""
        if self._held_timers:
            return self._held_timers[number].deadline
        return state.get_msr(self._cpus[number], x86.MSR_TSC_DEADLINE) or 0

    def set_deadline(self, number: int, value: int) -> None:
        """Set what :meth:`deadline` returns, after the registers of the local APIC.

        The kernel forgets it unless the timer is in that mode already, and the timer fires at once
        when the time-stamp counter is beyond it: while time stands still it is kept for later.
        """
        if self._held_timers:
            self._held_timers[number].deadline = value
        else:
            state.set_msr(self._cpus[number], x86.MSR_TSC_DEADLINE, value)

    # ------------------------------------------------------------------ states

    def load(self, chip: str, record: Any, now: int) -> None:
        """Give a chip a state.

        Args:
            chip: name of the device.
            record: its State struct.
            now: virtual time in ns.
        """
        if chip == "i8259":
            self._load_pics(record)
        elif chip == "ioapic":
            self._load_ioapic(record)
        elif chip == "apic":
            lapic = apic_registers(record, now, self.read_apic(0))
            self.write_apic(0, lapic)
        else:
            pit = pit_state(record, now, state.get(self._vm, PitState2, GET_PIT2))
            api.ioctl(self._vm, SET_PIT2, c.byref(pit))
            if self._held_pit is not None:
                self._held_pit = pit

    def save(self, chip: str, record: Any, now: int) -> None:
        """Fill a State struct from a chip; the arguments are those of :meth:`load`."""
        if chip == "i8259":
            for number, target in enumerate((record.primary, record.secondary)):
                fill_pic(target, self._get(number).chip.pic)
        elif chip == "ioapic":
            fill_ioapic(record, self._get(IOAPIC).chip.ioapic)
        elif chip == "apic":
            fill_apic(record, self.read_apic(0), now)
        else:
            pit = self._held_pit or state.get(self._vm, PitState2, GET_PIT2)
            fill_pit(record, pit, now)

    def _get(self, number: int) -> IrqChip:
        record = IrqChip(chip_id=number)
        api.ioctl(self._vm, GET_IRQCHIP, c.byref(record))
        return record

    def _load_pics(self, record: I8259State) -> None:
        for number, source in enumerate((record.primary, record.secondary)):
            chip = IrqChip(chip_id=number)
            chip.chip.pic = pic_state(source, _ELCR_MASKS[number])
            api.ioctl(self._vm, SET_IRQCHIP, c.byref(chip))

    def _load_ioapic(self, record: IoApicState) -> None:
        chip = self._get(IOAPIC)
        registers = chip.chip.ioapic
        registers.ioregsel, registers.id = record.select, record.apic_id >> 24 & 0xF
        # Edges were delivered when their line rose; the kernel would deliver them once more.
        levels = sum(1 << pin for pin, entry in enumerate(record.entries) if entry & IOAPIC_LEVEL)
        registers.irr = record.pins & levels
        registers.redirtbl[:] = record.entries
        api.ioctl(self._vm, SET_IRQCHIP, c.byref(chip))

    # ------------------------------------------------------------------ local APICs

    def read_apic(self, number: int) -> bytes:
        """Return the registers of a CPU's local APIC as they lie in memory."""
        registers = self._registers(number)
        if self._held_timers:  # the kernel's timer goes on counting
            _put(registers, APIC_CURRENT_COUNT, self._held_timers[number].count)
        return bytes(registers)

    def write_apic(self, number: int, registers: bytes) -> None:
        """Set the registers of a CPU's local APIC."""
        self._set_registers(number, registers)
        if self._held_timers:
            self._held_timers[number].count = _word(registers, APIC_CURRENT_COUNT)

    def _registers(self, number: int) -> bytearray:
        return bytearray(state.get(self._cpus[number], LapicState, GET_LAPIC).regs)

    def _set_registers(self, number: int, registers: bytes) -> None:
        lapic = LapicState()
        c.memmove(lapic.regs, registers, APIC_SIZE)
        api.ioctl(self._cpus[number], SET_LAPIC, c.byref(lapic))

    def reset_apic(self, number: int) -> None:
        """Put a local APIC into its state after reset, the first with its virtual wire."""
        base = APIC_BASE_DEFAULT | (0 if number else APIC_BASE_BSP)
        state.set_msr(self._cpus[number], x86.MSR_APIC_BASE, base)
        registers = bytearray(APIC_SIZE)
        version = self.read_apic(number)[APIC_VERSION : APIC_VERSION + 4]
        registers[APIC_VERSION : APIC_VERSION + 4] = version
        for offset, value in ((0x20, number << 24), (0xE0, 0xFFFFFFFF), (0xF0, 0xFF)):
            _put(registers, offset, value)
        for offset in _APIC_LVT:
            wire = number == 0 and offset == APIC_LINT0
            _put(registers, offset, APIC_EXTINT if wire else APIC_MASKED)
        self.write_apic(number, bytes(registers))
        self.set_deadline(number, 0)


# ---------------------------------------------------------------------- 8259A


def pic_state(chip: Chip, elcr_mask: int) -> PicState:
    """Return the kernel's state of an 8259A."""
    return PicState(
        last_irr=chip.pins, irr=chip.irr, imr=chip.imr, isr=chip.isr,
        priority_add=chip.lowest + 1 & 7, irq_base=chip.vector_base,
        read_reg_select=int(chip.read_isr), poll=int(chip.poll),
        special_mask=int(chip.special_mask), init_state=max(0, chip.init_step - 1),
        auto_eoi=chip.icw4 >> 1 & 1, rotate_on_auto_eoi=int(chip.rotate_aeoi),
        special_fully_nested_mode=chip.icw4 >> 4 & 1, init4=chip.icw1 & 1,
        elcr=chip.elcr, elcr_mask=elcr_mask,
    )  # fmt: skip


def fill_pic(chip: Chip, found: PicState) -> None:
    """Fill our state of an 8259A."""
    chip.pins, chip.irr, chip.imr, chip.isr = found.last_irr, found.irr, found.imr, found.isr
    chip.lowest, chip.vector_base = found.priority_add - 1 & 7, found.irq_base
    chip.read_isr, chip.poll = bool(found.read_reg_select), bool(found.poll)
    chip.special_mask, chip.rotate_aeoi = bool(found.special_mask), bool(found.rotate_on_auto_eoi)
    chip.init_step = found.init_state + 1 if found.init_state else 0
    chip.icw1 = 0x10 | found.init4
    chip.icw4 = found.auto_eoi << 1 | (found.special_fully_nested_mode and 0x10) | 1
    chip.elcr = found.elcr


# ---------------------------------------------------------------------- I/O APIC, local APIC


def fill_ioapic(record: IoApicState, found: IoApicRegisters) -> None:
    """Fill our state of the I/O APIC."""
    record.select, record.apic_id = found.ioregsel, found.id << 24
    record.entries = list(found.redirtbl)
    record.pins = found.irr


def _put(registers: bytearray, offset: int, value: int) -> None:
    registers[offset : offset + 4] = value.to_bytes(4, "little")


def _word(registers: bytes | bytearray, offset: int) -> int:
    return int.from_bytes(registers[offset : offset + 4], "little")


def _divisor(divide: int) -> int:
    """Return what the divide configuration means (SDM 3, figure 11-10)."""
    shift = (divide & 3 | divide >> 1 & 4) + 1
    return 1 if shift == 8 else 1 << shift


def apic_registers(record: ApicState, now: int, before: bytes) -> bytes:
    """Return the registers of a local APIC; ``before`` are those that are there."""
    registers = bytearray(before)
    for offset, name in _APIC_FIELDS:
        _put(registers, offset, getattr(record, name))
    for offset, value in record.lvt.items():
        _put(registers, offset, value)
    for offset, name in _APIC_VECTORS:
        vectors = getattr(record, name)
        for n in range(8):
            place = offset + 16 * n
            registers[place : place + 4] = vectors[4 * n : 4 * n + 4]
    current = 0
    if record.timer_start != NEVER and record.initial_count:
        passed = max(0, now - record.timer_start) // _divisor(record.divide)
        if record.lvt.get(APIC_TIMER, 0) & APIC_PERIODIC:
            current = record.initial_count - passed % record.initial_count
        else:
            current = max(0, record.initial_count - passed)
    _put(registers, APIC_CURRENT_COUNT, current)
    return bytes(registers)


def fill_apic(record: ApicState, registers: bytes, now: int) -> None:
    """Fill our state of a local APIC, whose timer counts nanoseconds as the kernel's does."""
    for offset, name in _APIC_FIELDS:
        setattr(record, name, _word(registers, offset))
    record.lvt = {offset: _word(registers, offset) for offset in _APIC_LVT}
    for offset, name in _APIC_VECTORS:
        places = range(offset, offset + 0x80, 16)
        setattr(record, name, b"".join(registers[place : place + 4] for place in places))
    current = _word(registers, APIC_CURRENT_COUNT)
    counted = (record.initial_count - current) * _divisor(record.divide)
    record.timer_start = now - counted if current else NEVER


# ---------------------------------------------------------------------- 8254


def pit_state(record: I8254State, now: int, before: PitState2) -> PitState2:
    """Return the kernel's state of the 8254; ``before`` is the one that is there."""
    host = time.monotonic_ns()
    speaker = PIT_SPEAKER_ON if record.port61 & PORT61_SPEAKER else 0
    before.flags = before.flags & ~PIT_SPEAKER_ON | speaker
    for channel, counter in zip(before.channels, record.counters, strict=True):
        begun = counter.start * PIT_NANOSECONDS // PIT_CLOCKS
        latched = counter.latched != NEVER
        channel.count = counter.count
        channel.latched_count = counter.latched & 0xFFFF if latched else 0
        channel.count_latched = counter.access if latched else 0
        channel.status_latched = int(counter.status != NEVER)
        channel.status = max(counter.status, 0)
        both = 4 if counter.read_high else 3
        channel.read_state = counter.access if counter.access != 3 else both
        channel.write_state = 3 if counter.access == 3 else counter.access
        if counter.low_byte != NEVER:
            channel.write_state, channel.write_latch = 4, counter.low_byte
        channel.rw_mode, channel.bcd = counter.access, int(counter.bcd)
        channel.mode = counter.mode if counter.armed else PIT_OFF
        channel.gate = int(counter.gate)
        channel.count_load_time = host - (now - begun)
    return before


def fill_pit(record: I8254State, found: PitState2, now: int) -> None:
    """Fill our state of the 8254."""
    host = time.monotonic_ns()
    for counter, channel in zip(record.counters, found.channels, strict=True):
        _fill_counter(counter, channel, now, host)
    record.port61 = PORT61_GATE if found.channels[2].gate else 0
    if found.flags & PIT_SPEAKER_ON:  # kernels before 6.0 do not tell
        record.port61 |= PORT61_SPEAKER


def _fill_counter(counter: Counter, channel: PitChannel, now: int, host: int) -> None:
    begun = max(0, now - (host - channel.count_load_time))
    counter.armed = channel.mode != PIT_OFF
    counter.mode = channel.mode if counter.armed else 3
    counter.bcd, counter.gate = bool(channel.bcd), bool(channel.gate)
    counter.access = channel.rw_mode & 3 or 3
    counter.count = counter.reload = channel.count or 0x10000
    counter.start = begun * PIT_CLOCKS // PIT_NANOSECONDS
    counter.switch_at = NEVER
    counter.paused_at = NEVER if counter.gate else counter.start
    counter.triggered = counter.armed
    counter.null = not counter.armed
    counter.latched = channel.latched_count if channel.count_latched else NEVER
    counter.status = channel.status if channel.status_latched else NEVER
    counter.low_byte = channel.write_latch if channel.write_state == 4 else NEVER
    counter.read_high = channel.read_state == 4
