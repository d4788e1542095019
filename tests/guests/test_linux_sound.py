"""Linux and its own drivers play a tone through AC'97 and HD Audio, and record it, in one machine."""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from engine.pcboard import SoundCard
from tests.guest_images import SUITE_LINUX
from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(600)]

BOOT = 240  # seconds
MODULES = (
    *("soundcore", "snd", "snd-timer", "snd-pcm", "snd-mixer-oss", "snd-pcm-oss"),
    *("ac97_bus", "snd-ac97-codec", "snd-intel8x0"),
    *("snd-hwdep", "snd-hda-core", "snd-hda-codec", "ledtrig-audio", "snd-hda-codec-generic"),
    *("snd-hda-codec-idt", "snd-intel-sdw-acpi", "snd-intel-dspcfg", "snd-hda-intel"),
)
CARDS = {"ac97": None, "hda": 21}
"""PCI slot of each card; None: the usual one."""
RATE, TONE = 8000, 1000  # Hz: /dev/dsp plays 8-bit mono unless told otherwise
PERIOD = b"\x80\xda\xff\xda\x80\x26\x01\x26"  # of the tone
REPEATS = 2048
VOICE = 440  # Hz, on the microphone


def _put(linux, path, data):
    octal = "".join(f"\\{byte:03o}" for byte in data)
    linux.run(f"rm -f {path}")
    for start in range(0, len(octal), 160):
        linux.run(f"printf '{octal[start : start + 160]}' >>{path}")


def _tone_of(path):
    """Return the loudest frequency in a WAV file (Hz), and how long there is sound (s)."""
    with wave.open(str(path)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")[::2].astype(float)
    (loud,) = np.nonzero(np.abs(samples) > 1000)
    assert len(loud), f"{path}: silence"
    heard = samples[loud[0] : loud[-1] + 1]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    return float(np.argmax(spectrum) * rate / len(heard)), len(heard) / rate


def _write_microphone(path):
    """Write a WAV file with a second of a tone."""
    tone = np.sin(2 * np.pi * VOICE * np.arange(48_000) / 48_000) * 20_000
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(tone.astype("<i2").tobytes())


def _play(linux, number):
    """Play the tone on a card by its number in Linux."""
    device = number or ""
    linux.run(f"/tmp/volume /dev/mixer{device}")
    linux.run(f"cat /tmp/tone >/dev/dsp{device}", 120)


def _recorded_tone(linux, number):
    """Record a second; return its loudest frequency (Hz), by its zero crossings."""
    device = number or ""
    linux.run(f"dd if=/dev/dsp{device} of=/tmp/voice bs={RATE} count=1 2>/dev/null", 120)
    dump = linux.run("od -An -v -tu1 -w64 /tmp/voice | tail -n 100", 120)
    samples = np.array([int(word) for word in dump.split() if word.isdigit()]) - 128
    loud = samples[np.abs(samples) > 8]
    assert len(loud) > len(samples) // 2, "silence was recorded"
    crossings = np.count_nonzero(np.diff(np.signbit(samples)))
    return crossings / 2 * RATE / len(samples)


def test_linux_plays_and_records_through_every_card(machine, guests, tmp_path):
    program = tmp_path / "volume"
    source = Path(__file__).with_name("volume.asm")
    subprocess.run(["nasm", "-f", "bin", "-o", program, source], check=True)
    _write_microphone(tmp_path / "voice.wav")
    cards = [
        SoundCard(
            model,
            {"OutputFile": str(tmp_path / model), "InputFile": str(tmp_path / "voice.wav")},
            slot,
        )
        for model, slot in CARDS.items()
    ]
    linux = machine(cdrom=guests(SUITE_LINUX), boot_order="d", sound=cards)
    linux.expect("GUEST-READY", BOOT)
    linux.expect(PROMPT, 30)
    for module in MODULES:
        linux.run(f"insmod /extra/{module}.ko")
    linux.until(lambda: linux.run("ls /proc/asound").count("card1"), "the second card", 60)
    linux.run("mdev -s")
    _put(linux, "/tmp/volume", program.read_bytes())
    linux.run("chmod +x /tmp/volume")
    _put(linux, "/tmp/tone", PERIOD)
    for _ in range(REPEATS.bit_length() - 1):
        linux.run("cat /tmp/tone /tmp/tone >/tmp/twice; mv /tmp/twice /tmp/tone")
    for number, model in enumerate(CARDS):
        _play(linux, number)
        tone, seconds = _tone_of(tmp_path / model)
        assert tone == pytest.approx(TONE, abs=2), model
        assert seconds == pytest.approx(len(PERIOD) * REPEATS / RATE, abs=0.1), model
    for number, model in enumerate(CARDS):
        assert _recorded_tone(linux, number) == pytest.approx(VOICE, abs=5), model
    assert "Call Trace" not in linux.run("dmesg")
