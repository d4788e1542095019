"""Linux and its own drivers play a tone through AC'97 and HD Audio, and record it, in one machine."""

from __future__ import annotations

import pytest

from engine.pcboard import SoundCard
from tests.guest_images import SUITE_LINUX
from tests.guests import sounds
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


def test_linux_plays_and_records_through_every_card(machine, guests, tmp_path):
    sounds.write_microphone(tmp_path / "voice.wav")
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
    sounds.put_program(linux, "volume", tmp_path)
    sounds.put_tone(linux)
    for number, model in enumerate(CARDS):
        sounds.play(linux, number)
        tone, seconds = sounds.tone_of(tmp_path / model)
        assert tone == pytest.approx(sounds.TONE, abs=2), model
        assert seconds == pytest.approx(sounds.SECONDS, abs=0.1), model
    for number, model in enumerate(CARDS):
        assert sounds.recorded_tone(linux, number) == pytest.approx(sounds.VOICE, abs=5), model
    assert "Call Trace" not in linux.run("dmesg")
