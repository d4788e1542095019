"""The kernel's interrupt controllers and timer: the same results as ours, states that move."""

from __future__ import annotations

import msgspec
import pytest

from engine.cpum import CpuProfile
from engine.devices.apic import LVT_TIMER, ApicState
from engine.devices.i8254 import Counter, I8254State
from engine.devices.i8259 import Chip
from engine.devices.ioapic import IoApicState
from engine.em import x86
from engine.em.kvm import KvmEngine, chips, state
from engine.pdm.interfaces import ResetKind
from engine.pdm.irq import IrqLine
from engine.ssm import StateReader
from tests.engine.kvm import needs_kvm
from tests.engine.tinypc import TinyPc, timer_and_clock

# Counts interrupts of the timer (IRQ0, vector 8) at 510h and of the clock's line at 514h; the main
# program counts at 504h and halts in between.
TICKS = timer_and_clock(2386) + """
idle:
  sti
  hlt
  inc dword [0x504]
  jmp idle
tick:
  inc dword [0x510]
  mov al, 0x20
  out 0x20, al
  iret
slave:
  inc dword [0x514]
  mov al, 0x20
  out 0xa0, al
  out 0x20, al
  iret
"""
KINDS = [
    ("Unicorn", True),
    pytest.param(("KVM", False), marks=needs_kvm),
    pytest.param(("KVM", True), marks=needs_kvm),
]


@pytest.fixture
def pc(tmp_path):
    made = []

    def make(kind, source=TICKS, **options):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        engine, kernel = kind
        made.append(TinyPc(folder, source, engine=engine, kernel_chips=kernel, **options))
        return made[-1]

    yield make
    for machine in made:
        machine.vm.power_off()


@pytest.mark.parametrize("kind", KINDS)
def test_timer_and_lines_interrupt_a_halted_guest(pc, kind):
    machine = pc(kind)
    vm = machine.vm
    assert (vm.engine.chips is not None) == (kind == ("KVM", True))
    vm.power_on()
    machine.wait_for(lambda: machine.dword(0x510) > 20)
    source = IrqLine("test", vm.devices.devices["i8259/0"].isa_input(8))
    vm.emt.call(lambda: source.set(True))
    machine.wait_for(lambda: machine.dword(0x514) == 1)
    vm.emt.call(source.pulse)
    machine.wait_for(lambda: machine.dword(0x514) == 2)
    assert machine.count > 0
    text = vm.info("pic")
    assert "imr=fa" in text
    assert "base=70" in text
    assert "count=0x952 (2386)" in vm.info("pit")


@pytest.mark.parametrize("after", KINDS)
@pytest.mark.parametrize("before", KINDS)
def test_a_saved_state_moves_between_the_chips(pc, tmp_path, before, after):
    first = pc(before)
    first.vm.power_on()
    first.wait_for(lambda: first.dword(0x510) > 5)
    first.vm.pause()
    path = str(tmp_path / "state")
    first.vm.capture(product="test").write(path)
    ticks = first.dword(0x510)
    pics = msgspec.structs.asdict(first.vm.devices.devices["i8259/0"].state)

    second = pc(after)
    with StateReader(path) as reader:
        second.vm.power_on(paused=True, saved=reader)
    assert second.dword(0x510) == ticks
    device = second.vm.devices.devices["i8259/0"]
    loaded = msgspec.structs.asdict(second.vm.emt.call(device.state_to_save))
    for name in ("imr", "vector_base", "elcr", "lowest", "special_mask"):
        for chip in ("primary", "secondary"):
            assert getattr(loaded[chip], name) == getattr(pics[chip], name)
    second.vm.resume()
    second.wait_for(lambda: second.dword(0x510) > ticks + 5)


@needs_kvm
def test_a_pause_holds_the_kernels_timer(pc):
    machine = pc(("KVM", True))
    vm = machine.vm
    vm.power_on()
    machine.wait_for(lambda: machine.dword(0x510) > 5)
    vm.pause()
    ticks = machine.dword(0x510)
    assert machine.dword(0x510) == ticks
    vm.resume()
    machine.wait_for(lambda: machine.dword(0x510) > ticks + 5)
    vm.reset()
    machine.wait_for(lambda: machine.starts == 2)


@pytest.fixture
def kernel():
    """An engine with the kernel's chips, whose guest does not run."""
    engine = KvmEngine(CpuProfile(apic=True), kernel_chips=True)
    registers = bytearray(engine.chips.read_apic(0))
    registers[0xF0:0xF2] = b"\xff\x01"  # switched on
    engine.chips.write_apic(0, bytes(registers))
    yield engine
    engine.close()


def requested(engine, vector):
    registers = engine.chips.read_apic(0)
    return registers[0x200 + (vector >> 5) * 16 + (vector >> 3 & 3)] >> (vector & 7) & 1


@needs_kvm
def test_an_interrupt_that_comes_while_time_stands_still_is_not_lost(kernel):
    entries = [1 << 16] * 24
    entries[4] = 0x41
    kernel.chips.load("ioapic", IoApicState(entries=entries), 0)
    kernel.clock_stopped()
    kernel.chips.set_input(4, True)
    assert requested(kernel, 0x41)
    kernel.clock_started()
    assert requested(kernel, 0x41)


@needs_kvm
def test_the_timer_of_the_local_apic_stands_while_time_does(kernel):
    registers = bytearray(kernel.chips.read_apic(0))
    registers[0x320:0x324] = (0x2_0041).to_bytes(4, "little")  # periodic
    registers[0x3E0] = 0b1011  # undivided: nanoseconds
    for offset in (0x380, 0x390):
        registers[offset : offset + 4] = (4_000_000_000).to_bytes(4, "little")
    kernel.chips.write_apic(0, bytes(registers))
    kernel.clock_stopped()
    count = kernel.chips.read_apic(0)[0x390:0x394]
    record = ApicState()
    kernel.chips.save("apic", record, 0)
    for _ in range(100):
        assert kernel.chips.read_apic(0)[0x390:0x394] == count
    kernel.chips.load("apic", record, 0)
    kernel.clock_started()
    now = int.from_bytes(kernel.chips.read_apic(0)[0x390:0x394], "little")
    assert 0 < now <= int.from_bytes(count, "little")


@needs_kvm
def test_a_deadline_goes_with_the_cpu_and_waits_until_time_goes_on(kernel):
    registers = bytearray(kernel.chips.read_apic(0))
    registers[0x320:0x324] = (0x4_0041).to_bytes(4, "little")
    kernel.chips.write_apic(0, bytes(registers))
    far = 1 << 60
    kernel.chips.set_deadline(0, far)
    kernel.clock_stopped()
    saved = kernel.cpu_state()
    assert saved.msrs[x86.MSR_TSC_DEADLINE] == far
    kernel.reset(ResetKind.HARD)
    assert x86.MSR_TSC_DEADLINE not in kernel.cpu_state().msrs
    kernel.chips.write_apic(0, bytes(registers))
    kernel.load_cpu_state(saved)
    kernel.clock_started()
    assert kernel.chips.deadline(0) == far
    assert kernel.cpu_state().msrs[x86.MSR_TSC_DEADLINE] == far


@needs_kvm
def test_the_8254_stays_disconnected_when_that_happened_while_time_stood_still(kernel):
    kernel.clock_stopped()
    kernel.chips.load("i8254", I8254State(), 0)
    kernel.chips.connect_timer(connected=False)
    kernel.clock_started()
    pit = state.get(kernel._vm, chips.PitState2, chips.GET_PIT2)
    assert pit.flags & chips.PIT_HPET_LEGACY
    kernel.chips.connect_timer(connected=True)
    assert not state.get(kernel._vm, chips.PitState2, chips.GET_PIT2).flags & chips.PIT_HPET_LEGACY


# ---------------------------------------------------------------------- translations


def test_an_8259a_survives_the_translation():
    chip = Chip(
        pins=0x81, irr=0x41, imr=0x3C, isr=0x02, elcr=0x20, vector_base=0x70, lowest=3, icw1=0x11,
        icw4=0x13, init_step=3, read_isr=True, poll=True, special_mask=True, rotate_aeoi=True,
    )  # fmt: skip
    kernel = chips.pic_state(chip, 0xDE)
    assert (kernel.priority_add, kernel.init_state, kernel.elcr_mask) == (4, 2, 0xDE)
    found = Chip()
    chips.fill_pic(found, kernel)
    assert found == chip


def test_an_io_apic_survives_the_translation():
    entries = [1 << 16] * 24
    entries[4] = 0x0100_0000_0000_A931  # level, low
    registers = chips.IoApicRegisters(ioregsel=0x10, id=2, irr=0x31)
    registers.redirtbl[:] = entries
    found = IoApicState()
    chips.fill_ioapic(found, registers)
    assert (found.select, found.apic_id, found.pins) == (0x10, 2 << 24, 0x31)
    assert found.entries == entries


def test_a_local_apic_survives_the_translation_with_its_timer_under_way():
    irr = bytes(4) + b"\x02" + bytes(27)
    state = ApicState(
        apic_id=3 << 24, tpr=0x20, svr=0x1FF, initial_count=1000, divide=0b1011, timer_start=5000,
        irr=irr, icr_low=0xC4500,
    )  # fmt: skip
    state.lvt[LVT_TIMER] = 0x20030
    registers = chips.apic_registers(state, 5000 + 2300, bytes(0x400))
    assert int.from_bytes(registers[0x390:0x394], "little") == 700
    assert registers[0x210:0x214] == b"\x02\0\0\0"
    found = ApicState()
    chips.fill_apic(found, registers, 7300)
    assert found.timer_start == 7300 - 300
    state.timer_start = found.timer_start
    assert found == state


@pytest.mark.parametrize("port61", [1, 3])
def test_an_8254_survives_the_translation(port61):
    state = I8254State(counters=[
        Counter(mode=2, armed=True, reload=2386, count=2386, start=1000, null=False,
                triggered=True),
        Counter(mode=3, armed=False, triggered=False),
        Counter(mode=3, armed=True, reload=0x10000, count=0x10000, start=2000, gate=True,
                access=3, low_byte=0x12, latched=0x55, null=False, triggered=True),
    ], port61=port61)  # fmt: skip
    now = 10_000_000
    kernel = chips.pit_state(state, now, chips.PitState2())
    assert [channel.mode for channel in kernel.channels] == [2, 0xFF, 3]
    found = I8254State()
    chips.fill_pit(found, kernel, now)
    for before, after in zip(state.counters, found.counters, strict=True):
        assert abs(before.start - after.start) < 2000 or not before.armed  # the host's clock went on
        assert msgspec.structs.replace(after, start=before.start) == before
    assert found.port61 == port61
