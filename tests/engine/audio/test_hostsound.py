"""Loudspeaker and microphone of the host, with a stand-in for miniaudio; hosts without sound."""

from __future__ import annotations

import sys
import time
from enum import Enum
from types import SimpleNamespace

import pytest

from engine.audio.connector import AudioConnector
from engine.audio.errors import AudioDriverError
from engine.audio.hostsound import HostMicrophone, HostSpeaker, Store
from engine.cfgm import Node
from engine.pdm.driver import make_driver


class Backend(Enum):
    ALSA = 1
    PULSEAUDIO = 2
    NULL = 3


class Device:
    opened = None

    def __init__(self, **options):
        Device.opened = self
        self.options = options
        self.closed = False
        self.generator = None

    def start(self, generator):
        self.generator = generator

    def close(self):
        self.closed = True


class MiniaudioError(Exception):
    pass


def no_device(**_options):
    raise MiniaudioError("no such device")


@pytest.fixture
def library(monkeypatch):
    module = SimpleNamespace(
        Backend=Backend, MiniaudioError=MiniaudioError, PlaybackDevice=Device, CaptureDevice=Device
    )
    monkeypatch.setitem(sys.modules, "miniaudio", module)
    return module


def wait_until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def connector(**config):
    node = Node("/Devices/ac97/0/LUN#0")
    node.set({"Driver": "AUDIO"})
    node.child("Config").set(config)
    made = make_driver(node)
    assert isinstance(made, AudioConnector)
    return made


def test_a_store_fills_gaps_with_silence_and_drops_what_is_late():
    store = Store(prefill=8, most=16)
    store.put(b"abcd")
    assert store.take(4) == bytes(4)  # waits for more
    store.put(b"efgh")
    assert store.take(4) == b"abcd"
    assert store.take(8) == b"efgh" + bytes(4)
    store.put(b"ijkl")
    assert store.take(4) == bytes(4)  # waits again after a gap
    store.put(b"mnop" * 4)
    assert store.take(16) == b"mnop" * 4


def test_what_the_guest_plays_reaches_the_loudspeaker(library):
    made = connector(HostDriver="Pulse")
    device = Device.opened
    assert device.options["backends"] == [Backend.PULSEAUDIO]
    sound = bytes(range(1, 5)) * 4800
    made.play(sound, 48_000, (1.0, 1.0))
    assert device.generator.send(4800) == sound
    assert not any(device.generator.send(480))
    made.close()
    assert device.closed
    assert not made.trouble


def test_the_best_driver_is_never_a_silent_one(library):
    HostSpeaker("Default").close()
    assert Device.opened.options["backends"] == [Backend.ALSA, Backend.PULSEAUDIO]


def test_the_microphone_is_opened_when_the_guest_records(library):
    Device.opened = None
    microphone = HostMicrophone("ALSA")
    assert Device.opened is None
    assert microphone.read(2) == bytes(8)
    wait_until(lambda: Device.opened is not None and Device.opened.generator is not None)
    Device.opened.generator.send(b"12345678")
    assert microphone.read(2) == b"12345678"
    microphone.close()
    assert Device.opened.closed


def test_a_host_without_sound_is_told_and_the_machine_goes_on(library, monkeypatch, tmp_path):
    library.PlaybackDevice = library.CaptureDevice = no_device
    made = connector(HostDriver="ALSA", OutputFile=str(tmp_path / "sound.wav"))
    assert "'ALSA' offers no loudspeaker (no such device)" in made.trouble
    made.play(bytes(400), 48_000, (1.0, 1.0))
    assert made.record(3, 48_000, (1.0, 1.0)) == bytes(12)
    made.close()
    assert (tmp_path / "sound.wav").stat().st_size == 44 + 400
    microphone = HostMicrophone("ALSA")
    assert microphone.read(2) == bytes(8)
    microphone.close()
    assert "no microphone" in microphone.trouble
    monkeypatch.setitem(sys.modules, "miniaudio", None)
    assert "pip install 'vitrine[audio]'" in connector(HostDriver="Default").trouble


def test_an_unknown_driver_is_told(library):
    with pytest.raises(AudioDriverError, match="no audio driver 'Tape'"):
        HostSpeaker("Tape")
