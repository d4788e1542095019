"""Interrupts of low priority get their turn, however short the guest's windows are."""

from __future__ import annotations

import pytest

from engine.em.unicorn.windows import BRIEFLY, REMEMBERED, InterruptWindows
from tests.engine.tinypc import TinyPc, timer_and_clock

# Interrupts are let in for one instruction every few milliseconds, while those of the PIT (IRQ0)
# and of the clock (IRQ8) always wait. The handler of IRQ0 goes on for long behind its end of
# interrupt, as those of kernels do: the next interrupt begins to wait inside it.
BUSY = timer_and_clock(1193) + """
  mov ax, 0x260a                    ; 1024 Hz
  call clock
  mov ax, 0x420b                    ; periodic interrupt
  call clock
busy:
  cli
  mov ecx, 1000000
.away:
  dec ecx
  jnz .away
  inc dword [0x504]
  sti
  nop
  jmp busy
clock:                              ; AL: register, AH: value
  out 0x70, al
  mov al, ah
  out 0x71, al
  ret
tick:
  push ax
  inc dword [0x510]
  mov al, 0x20
  out 0x20, al
  mov ax, 2000
.work:
  dec ax
  jnz .work
  pop ax
  iret
slave:
  push ax
  inc dword [0x514]
  mov al, 0x0c
  out 0x70, al
  in al, 0x71
  mov al, 0x20
  out 0xa0, al
  out 0x20, al
  pop ax
  iret
"""
ENOUGH = 10


def test_the_next_interrupt_is_taken_where_a_handler_returns(tmp_path, monkeypatch):
    machine = TinyPc(tmp_path, BUSY)
    # As with a kernel, whose translations are not dropped again and again.
    monkeypatch.setattr(type(machine.vm.engine), "patience_scale", 1.0)
    try:
        machine.vm.power_on()
        machine.wait_for(lambda: machine.dword(0x514) > ENOUGH, timeout=60)
        assert machine.dword(0x510) < 3 * machine.dword(0x514)
    finally:
        machine.vm.power_off()


class Code:
    watch = None


@pytest.fixture
def looked():
    """Windows on a CPU that says whether it is open, with what has been dropped and stopped."""

    class Looked:
        def __init__(self):
            self.open = False
            self.dropped: list[object] = []
            self.stops = 0
            self.processor_time = 0
            self.code = Code()
            self.windows = InterruptWindows(
                self.code,
                drop=self.dropped.append,
                drop_all=lambda: self.dropped.append("all"),
                is_open=lambda: self.open,
                stop=self.stop,
                clock=lambda: self.processor_time,
            )

        def stop(self):
            self.stops += 1

    return Looked()


def test_only_an_open_window_stops(looked):
    looked.windows.delivering(0x1000)
    looked.windows.expect()
    assert looked.dropped == [0x1000]
    looked.code.watch()
    assert looked.stops == 0
    looked.open = True
    looked.code.watch()
    assert (looked.stops, looked.code.watch) == (1, None)


def test_windows_that_were_found_are_expected_again(looked):
    looked.open = True
    for place in range(REMEMBERED + 2):
        looked.windows.search()
        looked.code.watch()
        looked.windows.delivering(place)
    looked.windows.delivering(None)  # by chance, and where no memory is
    looked.dropped.clear()
    looked.windows.expect()
    looked.processor_time += BRIEFLY
    looked.windows.expect()
    assert sorted(looked.dropped) == [2, 3, 4, 5]
    looked.windows.forget()
    looked.dropped.clear()
    looked.windows.expect()
    assert looked.dropped == []


def test_a_wait_that_ends_by_itself_costs_one_place(looked):
    looked.open = True
    looked.windows.search()
    looked.code.watch()
    looked.windows.delivering(0x1000)
    looked.windows.delivering(0x2000)  # not found: the handler's way back only
    looked.windows.expect()
    looked.processor_time += BRIEFLY - 1
    looked.windows.expect()  # the host has run something else meanwhile
    assert looked.dropped == ["all", 0x2000]
    looked.processor_time += 1
    looked.windows.expect()
    assert sorted(looked.dropped[2:]) == [0x1000, 0x2000]


def test_each_interrupt_waits_for_itself(looked):
    looked.windows.delivering(0x1000)
    looked.windows.expect()
    looked.processor_time += BRIEFLY
    looked.windows.delivering(0x2000)
    looked.windows.expect()
    assert looked.dropped == [0x1000, 0x2000]
