"""A small guest plays through the Sound Blaster 16 by DMA and interrupts, across a saved state."""

from __future__ import annotations

import wave
from contextlib import contextmanager

import numpy as np

from engine.pcboard import SoundCard
from engine.ssm import StateReader
from tests.engine.tinypc import PRIMARY_8259, TinyPc

BLOCKS = 0x508  # address of the counter of interrupts
ENOUGH = 6  # blocks of 25 ms
TONE = 1000  # Hz

PLAYER = (
    """
  mov word [4 * 13], block_ended
  mov word [4 * 13 + 2], 0xf000
  mov ax, 0x2000      ; at 20000h: 1200 frames of a square wave, stereo
  mov es, ax
  xor di, di
  mov bx, 25
period:
  mov ax, 8000
  mov cx, 48
  rep stosw
  mov ax, -8000
  mov cx, 48
  rep stosw
  dec bx
  jnz period
"""
    + PRIMARY_8259
    + """
  mov al, 0xdf
  out 0x21, al
  mov dx, 0xd4        ; DMA channel 5: masked, address 0, page 2, 2400 words, for ever
  mov al, 5
  out dx, al
  mov dx, 0xd8
  out dx, al
  mov dx, 0xd6
  mov al, 0x59
  out dx, al
  mov dx, 0xc4
  xor al, al
  out dx, al
  out dx, al
  mov dx, 0xc6
  mov ax, 2399
  out dx, al
  mov al, ah
  out dx, al
  mov al, 2
  out 0x8b, al
  mov dx, 0xd4
  mov al, 1
  out dx, al
  mov si, commands
  mov cx, commands_end - commands
next:
  mov dx, 0x22c
  in al, dx
  test al, 0x80
  jnz next
  cs lodsb
  out dx, al
  loop next
  sti
idle:
  hlt
  jmp idle
block_ended:
  push ax
  push dx
  inc dword [0x508]
  mov dx, 0x22f
  in al, dx
  mov al, 0x20
  out 0x20, al
  pop dx
  pop ax
  iret
commands: db 0x41, 0xbb, 0x80, 0xb6, 0x30, 0xaf, 0x04  ; 48 kHz, stereo, signed, blocks of 1200
commands_end:
"""
)


@contextmanager
def playing(folder, wav, **power_on):
    card = SoundCard("sb16", {"OutputFile": str(wav)})
    pc = TinyPc(folder, PLAYER, sound=[card])
    pc.vm.power_on(**power_on)
    try:
        before = pc.dword(BLOCKS)
        pc.wait_for(lambda: pc.dword(BLOCKS) >= before + ENOUGH, 60)
        yield pc
    finally:
        pc.vm.power_off()


def assert_tone(path):
    with wave.open(str(path)) as file:
        assert file.getframerate() == 48_000
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert set(np.unique(frames)) == {-8000, 8000}
    assert len(frames) >= (ENOUGH - 1) * 600
    assert (frames[:, 0] == frames[:, 1]).all()
    edges = np.nonzero(np.diff(frames[:, 0]))[0]
    assert set(np.diff(edges)) == {48_000 // TONE // 2}  # no seam anywhere


def test_a_guest_is_heard_before_and_after_a_saved_state(tmp_path):
    before, after, state = (tmp_path / name for name in ("before.wav", "after.wav", "state"))
    with playing(tmp_path, before) as pc:
        pc.vm.pause()
        pc.vm.capture(product="a test").write(str(state))
    assert_tone(before)
    with StateReader(str(state)) as reader, playing(tmp_path, after, saved=reader):
        pass
    assert_tone(after)
