"""Linux and its own drivers play, record and send MIDI through the Sound Blaster 16.

Debian's kernels for 32 bits alone have drivers for ISA cards.
"""

from __future__ import annotations

import pytest

from engine.pcboard import SoundCard
from tests.guests import sounds
from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(600)]

BOOT = 300  # seconds
SHIFT_DOWN, SHIFT_UP = b"\x2a", b"\xaa"
KERNEL = "linux initrd=initrd.gz console=ttyS0,115200n8 nomodeset"
PLACE = "isapnp=0 port=0x220 irq=5 dma8=1 dma16=5 fm_port=0x388 mpu_port=0x330"
FM_TONE = 440  # Hz, see fmnote.asm


def test_linux_plays_and_records_through_the_sound_blaster_16(machine, guests, tmp_path):
    output, voice = tmp_path / "sb16.wav", tmp_path / "voice.wav"
    sounds.write_microphone(voice)
    files = {"OutputFile": str(output), "InputFile": str(voice)}
    card = SoundCard("sb16", files, midi_file=str(tmp_path / "midi"))
    linux = machine(cdrom=guests("linux-i386.iso"), boot_order="d", sound=[card])
    linux.vm.put_scancodes(SHIFT_DOWN)  # ISOLINUX asks what to start, and the self-test is left out
    linux.wait_screen("boot:", BOOT)
    linux.vm.put_scancodes(SHIFT_UP)
    linux.type(KERNEL + "{ENTER}")
    linux.expect("SELFTEST-DONE", BOOT)
    linux.expect(PROMPT, 30)
    linux.run("stty -F /dev/ttyS0 cols 250")
    linux.run(f"modprobe snd-sb16 {PLACE} && modprobe snd-pcm-oss && modprobe snd-mixer-oss")
    linux.run("mdev -s")
    assert "Sound Blaster 16 at 0x220, irq 5, dma 1&5" in linux.run("cat /proc/asound/cards")
    sounds.put_program(linux, "volume", tmp_path)
    sounds.put_program(linux, "fmnote", tmp_path)
    sounds.put_tone(linux)

    sounds.play(linux)
    tone, seconds = sounds.tone_of(output)
    assert tone == pytest.approx(sounds.TONE, abs=2)
    assert seconds == pytest.approx(sounds.SECONDS, abs=0.1)
    played = sounds.frames_in(output)
    linux.run("/tmp/fmnote /dev/snd/hwC0D0", 120)
    tone, seconds = sounds.tone_of(output, played)
    assert tone == pytest.approx(FM_TONE, abs=2)
    assert seconds > 0.95  # Linux sleeps no less than a second
    assert sounds.recorded_tone(linux) == pytest.approx(sounds.VOICE, abs=5)
    linux.run("printf '\\220\\074\\100' >/dev/snd/midiC0D0")
    assert (tmp_path / "midi").read_bytes().startswith(b"\x90\x3c\x40")
    for trouble in ("Call Trace", "irq timeout", "DMA timeout"):
        assert trouble not in linux.run("dmesg")
