"""A small guest finds the FM synthesizer as programs for AdLib cards do: by delays of port reads."""

from __future__ import annotations

from engine.pcboard import SoundCard
from tests.engine.tinypc import TinyPc

FOUND = 0x500  # address of the status that the guest has read, and of a byte that says so
DONE = 0x55

DETECTION = f"""
  xor bx, bx
  mov ds, bx
  mov dx, 0x388
  mov si, writes
  mov cx, 4
next:
  cs lodsb
  out dx, al
  push cx
  mov cx, 6
address_delay:
  in al, dx
  loop address_delay
  inc dx
  cs lodsb
  out dx, al
  dec dx
  mov cx, 35
data_delay:
  in al, dx
  loop data_delay
  pop cx
  loop next
  mov cx, 200
timer_delay:
  in al, dx
  loop timer_delay
  mov [{FOUND}], al
  mov byte [{FOUND + 1}], {DONE}
idle:
  hlt
  jmp idle
writes: db 4, 0x60, 4, 0x80, 2, 0xff, 4, 0x21
"""


def test_a_guest_finds_the_synthesizer(tmp_path):
    pc = TinyPc(tmp_path, DETECTION, sound=[SoundCard("sb16", {})])
    pc.vm.power_on()
    try:
        pc.wait_for(lambda: pc.dword(FOUND) >> 8 & 0xFF == DONE, 60)
        assert pc.dword(FOUND) & 0xFF == 0xC0
    finally:
        pc.vm.power_off()
