"""Checks of our own, like KVM's unit tests: the same guests give the same results on both engines.

Exceptions, segmentation, paging and tasks are the guests of :mod:`tests.engine.em.trapguest`;
interrupts and timers are checked on a whole board. A kernel that interprets guest code does not
know every instruction: then the check skips and names it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.em.archstate import reset_state
from engine.em.backend import ExitReason
from engine.errors import ExecutionEngineError
from engine.iom import PortSpace, Range
from engine.pgm import PhysicalMemory
from engine.stam import Statistics
from tests.engine.em.test_trpm import GUESTS, image, output
from tests.engine.em.trapguest import EXIT_PORT, ORIGIN, TEXT_PORT
from tests.engine.kvm import missing, needs_kvm
from tests.engine.tinypc import PRIMARY_8259, TinyPc

MOST_RUNS = 20_000


# The kernel's 8254 counts on while its gate is low.
DEPARTURES_OF_THE_KERNEL = {"the gate holds counter 2"}


def interpreted() -> str:
    """Return why this host's KVM does not execute guests with the processor, or an empty text."""
    if missing():
        return missing()
    from engine.em.kvm.probe import unsuitable

    return unsuitable()


def run_on_kvm(code: bytes) -> str:
    """Run a guest of the trap tests on KVM and return what it prints; skips where KVM cannot."""
    from engine.em.kvm import KvmEngine

    text: list[str] = []
    ended: list[int] = []
    ports, memory = PortSpace(), PhysicalMemory(8 << 20)
    engine = KvmEngine()

    def end(_offset: int, value: int, _size: int) -> None:
        ended.append(value)
        engine.kick()

    ports.map(Range(
        "test", "text", TEXT_PORT, 1, (1,), None,
        lambda _offset, value, _size: text.append(chr(value)),
    ))  # fmt: skip
    ports.map(Range("test", "exit", EXIT_PORT, 1, (1,), None, end))
    memory.ram.view[ORIGIN : ORIGIN + len(code)] = code
    state = reset_state()
    state.rip = ORIGIN
    state.gpr[4] = 0x7000
    for segment in state.segments:
        segment.selector = segment.base = 0
    try:
        engine.attach(ports, memory, Statistics())
        engine.load_cpu_state(state)
        for _ in range(MOST_RUNS):
            try:
                reason = engine.run()
            except ExecutionEngineError as error:
                if "could not emulate" in str(error):
                    pytest.skip(str(error))
                raise
            if reason is ExitReason.TRIPLE_FAULT:
                return "".join(text) + "triple fault\n"
            if ended:
                return "".join(text)
    finally:
        engine.close()
    raise AssertionError(f"the guest did not end: {''.join(text)}")


@needs_kvm
@pytest.mark.skipif(bool(interpreted()), reason=interpreted())
@pytest.mark.parametrize("name", GUESTS)
def test_traps_segments_and_pages_are_the_same(name):
    assert run_on_kvm(image(name)).splitlines() == output(name).splitlines()


# ---------------------------------------------------------------------- interrupts, timers

CHECKS = [
    "a masked line does not interrupt", "the shadow of STI holds an interrupt off",
    "an interrupt comes behind the shadow", "POPF opens the window", "IRET opens the window",
    "HLT ends with an interrupt", "an interrupt clears IF", "a line waits for the end of interrupt",
    "counter 0 counts down", "counter 2 rises at its end", "the gate holds counter 2",
    "the RTC's periodic flag comes", "the time-stamp counter goes on",
]  # fmt: skip
PASSED = 1

# Each check sets AX to what it has found and BX to what it should be; `verdict` compares.
GUEST = """
%macro VERDICT 0
  call verdict
%endmacro
%macro WINDOW 0                     ; an interrupt has time to come; ends when it has
  mov ecx, 3000000
%%wait:
  cmp word [0x5f2], 0
  loope %%wait, ecx
%endmacro
%macro BLIND 0                      ; none may come
  mov cx, 5000
%%wait:
  nop
  loop %%wait
%endmacro
%macro FRESH 0                      ; one edge of the timer is pending, IF is clear
  cli
  call arm
%endmacro
  jmp begin
verdict:
  cmp ax, bx
  mov al, 1
  je .same
  mov al, 2
.same:
  mov si, [0x5f0]
  mov [0x600 + si], al
  inc word [0x5f0]
  ret
arm:                                ; counter 0 in mode 0: an edge after 100 clocks, then none
  mov word [0x5f2], 0
  mov al, 0x30
  out 0x43, al
  mov al, 100
  out 0x40, al
  mov al, 0
  out 0x40, al
.wait:
  mov al, 0x0a
  out 0x20, al
  in al, 0x20
  test al, 1
  jz .wait
  ret
tick:
  inc word [0x5f2]
  pushf
  pop word [0x5f4]
  cmp word [0x5f6], 0
  jne .no_end
  push ax
  mov al, 0x20
  out 0x20, al
  pop ax
.no_end:
  iret
begin:
  mov word [0x20], tick
  mov [0x22], cs
  mov word [0x5f0], 0
  mov word [0x5f6], 0
""" + PRIMARY_8259 + """
  mov al, 0xff                      ; a masked line
  out 0x21, al
  FRESH
  sti
  BLIND
  cli
  mov al, 0xfe
  out 0x21, al
  mov ax, [0x5f2]
  mov bx, 0
  VERDICT

  FRESH                             ; the shadow of STI
  sti
  cli
  mov ax, [0x5f2]
  mov bx, 0
  VERDICT
  sti
  WINDOW
  cli
  mov ax, [0x5f2]
  mov bx, 1
  VERDICT

  FRESH                             ; POPF
  push word 0x202
  popf
  WINDOW
  cli
  mov ax, [0x5f2]
  mov bx, 1
  VERDICT

  FRESH                             ; IRET
  push word 0x202
  push cs
  push word back
  iret
back:
  WINDOW
  cli
  mov ax, [0x5f2]
  mov bx, 1
  VERDICT

  FRESH                             ; HLT
  sti
  hlt
  cli
  mov ax, [0x5f2]
  mov bx, 1
  VERDICT

  mov ax, [0x5f4]                   ; IF in the handler
  and ax, 0x200
  mov bx, 0
  VERDICT

  mov word [0x5f6], 1               ; no end of interrupt: the next one waits
  FRESH
  sti
  WINDOW
  cli
  call arm
  sti
  BLIND
  cli
  mov al, 0x20
  out 0x20, al
  mov ax, [0x5f2]
  mov word [0x5f6], 0
  mov bx, 0
  VERDICT
  sti
  WINDOW
  cli

  mov al, 0x34                      ; counter 0 counts down
  out 0x43, al
  mov al, 0xff
  out 0x40, al
  out 0x40, al
  call count0
  mov dx, ax
.lower:
  call count0
  cmp ax, dx
  je .lower
  mov bx, 1
  mov cx, 0
  cmp ax, dx
  adc cx, 0
  mov ax, cx
  VERDICT

  in al, 0x61                       ; counter 2, one-shot
  and al, 0xfc
  or al, 1
  out 0x61, al
  mov al, 0xb0
  out 0x43, al
  mov al, 200
  out 0x42, al
  mov al, 0
  out 0x42, al
.rise:
  in al, 0x61
  test al, 0x20
  jz .rise
  mov ax, 1
  mov bx, 1
  VERDICT

  in al, 0x61                       ; its gate
  and al, 0xfc
  out 0x61, al
  mov al, 0xb0
  out 0x43, al
  mov al, 200
  out 0x42, al
  mov al, 0
  out 0x42, al
  mov cx, 300
.stays:
  in al, 0x61
  loop .stays
  and ax, 0x20
  mov bx, 0
  VERDICT

  mov al, 0x0b                      ; the RTC: flag at 1024 Hz, no interrupt
  out 0x70, al
  mov al, 0x02
  out 0x71, al
  mov al, 0x0a
  out 0x70, al
  mov al, 0x26
  out 0x71, al
.flag:
  mov al, 0x0c
  out 0x70, al
  in al, 0x71
  test al, 0x40
  jz .flag
  mov ax, 1
  mov bx, 1
  VERDICT

  rdtsc
  mov esi, eax
  mov edi, edx
  rdtsc
  sub eax, esi
  sbb edx, edi
  mov ax, 0
  adc ax, 0
  mov bx, 0
  VERDICT
done:
  inc dword [0x504]
  hlt
  jmp done
count0:                             ; AX: counter 0, latched
  mov al, 0
  out 0x43, al
  in al, 0x40
  mov ah, al
  in al, 0x40
  xchg al, ah
  ret
"""


APIC_CHECKS = [
    "an interrupt to itself", "the higher vector first", "TPR holds its class off",
    "a lower TPR lets it through", "a class in service waits", "it is in service",
    "the end of interrupt lets it through", "the timer ends at 0", "the periodic timer stops",
    "HLT ends with the timer", "the 8254 through the I/O APIC", "a masked input",
    "the HPET stands", "the HPET counts up",
]  # fmt: skip
APIC_GUEST = (Path(__file__).parent / "checks" / "apic.asm").read_text()


def failed_checks(folder, guest, checks, **board):
    """Run a guest of checks on a whole board; return the names of those that failed."""
    machine = TinyPc(folder, guest, **board)
    vm = machine.vm
    try:
        vm.power_on()
        machine.wait_for(lambda: machine.count > 0 or machine.errors(), timeout=60)
        for error in machine.errors():
            if "could not emulate" in error.message:
                pytest.skip(error.message)
        assert not machine.errors()
        verdicts = vm.memory.ram.view[0x600 : 0x600 + len(checks)]
        return {name for name, v in zip(checks, verdicts, strict=True) if v != PASSED}
    finally:
        vm.power_off()


@pytest.mark.parametrize(("engine", "kernel_chips"), [
    ("Unicorn", False),
    pytest.param("KVM", False, marks=needs_kvm),
    pytest.param("KVM", True, marks=needs_kvm),
])  # fmt: skip
def test_interrupts_and_timers(tmp_path, engine, kernel_chips):
    failed = failed_checks(tmp_path, GUEST, CHECKS, engine=engine, kernel_chips=kernel_chips)
    assert failed == (DEPARTURES_OF_THE_KERNEL if kernel_chips else set())


executes_guests = [needs_kvm, pytest.mark.skipif(bool(interpreted()), reason=interpreted())]


@pytest.mark.parametrize(("engine", "kernel_chips"), [
    ("Unicorn", False),
    pytest.param("KVM", False, marks=executes_guests),
    pytest.param("KVM", True, marks=executes_guests),
])  # fmt: skip
def test_interrupts_and_timers_of_the_apics(tmp_path, engine, kernel_chips):
    failed = failed_checks(
        tmp_path, APIC_GUEST, APIC_CHECKS,
        engine=engine, kernel_chips=kernel_chips, apic=True, ioapic=True, hpet=True,
    )  # fmt: skip
    assert failed == set()
