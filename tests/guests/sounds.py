"""Tones that Linux plays and records through OSS, and what comes out of a machine's sound card."""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import numpy as np

from tests.guests.machine import GuestMachine

RATE, TONE = 8000, 1000  # Hz: /dev/dsp plays 8-bit mono unless told otherwise
PERIOD = b"\x80\xda\xff\xda\x80\x26\x01\x26"  # of the tone
REPEATS = 2048
SECONDS = len(PERIOD) * REPEATS / RATE
VOICE = 440  # Hz, on the microphone


def put(linux: GuestMachine, path: str, data: bytes) -> None:
    """Write a file in the guest."""
    octal = "".join(f"\\{byte:03o}" for byte in data)
    linux.run(f"rm -f {path}")
    for start in range(0, len(octal), 160):
        linux.run(f"printf '{octal[start : start + 160]}' >>{path}")


def put_program(linux: GuestMachine, name: str, folder: Path) -> None:
    """Put the program ``<name>.asm`` beside this file to ``/tmp/<name>`` in the guest."""
    program = folder / name
    source = Path(__file__).with_name(f"{name}.asm")
    subprocess.run(["nasm", "-f", "bin", "-o", program, source], check=True)
    put(linux, f"/tmp/{name}", program.read_bytes())
    linux.run(f"chmod +x /tmp/{name}")


def put_tone(linux: GuestMachine) -> None:
    """Make the file with the tone, for :func:`play`."""
    put(linux, "/tmp/tone", PERIOD)
    for _ in range(REPEATS.bit_length() - 1):
        linux.run("cat /tmp/tone /tmp/tone >/tmp/twice; mv /tmp/twice /tmp/tone")


def play(linux: GuestMachine, number: int = 0) -> None:
    """Play the tone on a card by its number in Linux; needs the program ``volume``."""
    device = number or ""
    linux.run(f"/tmp/volume /dev/mixer{device}")
    linux.run(f"cat /tmp/tone >/dev/dsp{device}", 120)


def recorded_tone(linux: GuestMachine, number: int = 0) -> float:
    """Record a second; return its loudest frequency (Hz), by its zero crossings."""
    device = number or ""
    linux.run(f"dd if=/dev/dsp{device} of=/tmp/voice bs={RATE} count=1 2>/dev/null", 120)
    dump = linux.run("od -An -v -tu1 -w64 /tmp/voice | tail -n 100", 120)
    samples = np.array([int(word) for word in dump.split() if word.isdigit()]) - 128
    loud = samples[np.abs(samples) > 8]
    assert len(loud) > len(samples) // 2, "silence was recorded"
    crossings = np.count_nonzero(np.diff(np.signbit(samples)))
    return float(crossings / 2 * RATE / len(samples))


def write_microphone(path: Path) -> None:
    """Write a WAV file with a second of a tone."""
    tone = np.sin(2 * np.pi * VOICE * np.arange(48_000) / 48_000) * 20_000
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(tone.astype("<i2").tobytes())


def frames_in(path: Path) -> int:
    """Return how many frames a WAV file has now."""
    with wave.open(str(path)) as file:
        return file.getnframes()


def tone_of(path: Path, start: int = 0) -> tuple[float, float]:
    """Return the loudest frequency in a WAV file (Hz), and how long there is sound (s).

    Args:
        path: the file.
        start: the first frame that counts.
    """
    with wave.open(str(path)) as file:
        rate = file.getframerate()
        file.setpos(start)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")[::2].astype(float)
    (loud,) = np.nonzero(np.abs(samples) > 1000)
    assert len(loud), f"{path}: silence"
    heard = samples[loud[0] : loud[-1] + 1]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    return float(np.argmax(spectrum) * rate / len(heard)), len(heard) / rate
