"""Sound Blaster 16: DSP commands, transfers by DMA in virtual time, mixer, hostile guests."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.sb16 import dsp, mixer
from engine.devices.sb16.card import Sb16State
from engine.hostio.characters import CharacterBuffer
from tests.engine.bench import Bench, tree
from tests.engine.devices.soundhost import RECORDED, SoundHost

BASE, MPU = 0x220, 0x330
DATA = 0x2_0000
MS = 1_000_000


class Rig(Bench):
    def __init__(self, midi=None):
        self.host = SoundHost()
        attachments = {("sb16/0", 0): self.host}
        if midi is not None:
            attachments["sb16/0", 1] = midi
        super().__init__(tree(i8237a={}, sb16={}), attachments=attachments, ram_size=1 << 20)
        self.card = self.device("sb16")

    def command(self, *values):
        for value in values:
            assert not self.inb(BASE + 0xC) & 0x80
            self.outb(BASE + 0xC, value)

    def answer(self):
        assert self.inb(BASE + 0xE) & 0x80
        return self.inb(BASE + 0xA)

    def mix(self, index, value=None):
        self.outb(BASE + 4, index)
        if value is not None:
            self.outb(BASE + 5, value)
        return self.inb(BASE + 5)

    def channel(self, channel, count, *, writes=False, auto=False):
        """Program a DMA channel for ``count`` bytes at DATA."""
        first, step = (0, 1) if channel < 4 else (0xC0, 2)
        index, units = channel & 3, count >> (channel >> 2)
        self.outb(first + 10 * step, 4 | index)
        self.outb(first + 12 * step, 0)
        self.outb(first + 11 * step, 0x40 | (4 if writes else 8) | (0x10 if auto else 0) | index)
        address = (DATA & 0xFFFF) >> (channel >> 2)
        for value in (address & 0xFF, address >> 8):
            self.outb(first + 2 * index * step, value)
        for value in (units - 1 & 0xFF, units - 1 >> 8):
            self.outb(first + (2 * index + 1) * step, value)
        self.outb({1: 0x83, 5: 0x8B}[channel], DATA >> 16)
        self.outb(first + 10 * step, index)

    def remaining(self, channel):
        first, step = (0, 1) if channel < 4 else (0xC0, 2)
        self.outb(first + 12 * step, 0)
        port = first + (2 * (channel & 3) + 1) * step
        return self.inb(port) | self.inb(port) << 8

    @property
    def irq(self):
        return self.card.irq5.level


@pytest.fixture
def rig():
    return Rig()


def test_reset_and_identification(rig):
    rig.outb(BASE + 6, 1)
    rig.outb(BASE + 6, 0)
    assert rig.answer() == dsp.READY
    rig.command(dsp.GET_VERSION)
    assert (rig.answer(), rig.answer()) == (4, 5)
    rig.command(dsp.IDENTIFY, 0x5A)
    assert rig.answer() == 0xA5
    rig.command(dsp.WRITE_TEST, 0x77)
    rig.command(dsp.READ_TEST)
    assert rig.answer() == 0x77
    rig.command(dsp.GET_COPYRIGHT)
    assert rig.answer() == ord("C")
    rig.command(0x02)
    assert rig.card.guest_errors == 1
    rig.command(dsp.RAISE_8)
    assert rig.irq
    assert rig.mix(mixer.INTERRUPT_STATUS) == 0x21
    rig.inb(BASE + 0xE)
    assert not rig.irq


def test_16_bit_stereo_goes_round(rig):
    sound = np.arange(2000, dtype="<i2").tobytes()  # 1000 frames
    rig.memory.ram.view[DATA : DATA + 4000] = sound
    rig.channel(5, 4000, auto=True)
    rig.command(dsp.OUTPUT_RATE, 44_100 >> 8, 44_100 & 0xFF)
    rig.command(0xB6, 0x30, 999 & 0xFF, 999 >> 8)  # blocks of half the buffer
    rig.advance(10 * MS)
    assert rig.remaining(5) == 2000 - 2 * 441 - 1
    assert not rig.irq
    rig.advance(2 * MS)
    assert rig.irq
    assert rig.mix(mixer.INTERRUPT_STATUS) & 2
    rig.inb(BASE + 0xF)
    assert not rig.irq
    rig.advance(28 * MS)
    assert rig.remaining(5) == 2000 - 2 * (1764 - 1000) - 1
    assert bytes(rig.host.played) == (sound * 2)[: 44_100 * 40 // 1000 * 4]
    assert rig.host.rates == {44_100}
    assert rig.host.gains == {(1.0, 1.0)}
    rig.command(dsp.EXIT_AUTO_16)
    rig.advance(100 * MS)
    assert rig.time.next_deadline() is None
    assert len(rig.host.played) == 8000


def test_8_bit_mono_as_on_the_first_cards(rig):
    rig.memory.ram.view[DATA : DATA + 220] = bytes(range(20, 240))
    rig.channel(1, 220)
    rig.command(dsp.TIME_CONSTANT, 256 - 1_000_000 // 22_000)
    rig.command(0x14, 219, 0)
    rig.advance(11 * MS)
    assert rig.irq
    left = np.frombuffer(rig.host.played, "<i2")[::2]
    assert left.tolist() == [(value - 128) << 8 for value in range(20, 240)]
    assert rig.host.rates == {1_000_000 // 45}
    assert rig.time.next_deadline() is None


def test_pause_and_a_masked_channel_hold_the_sound(rig):
    rig.channel(1, 4000)
    rig.command(dsp.OUTPUT_RATE, 10_000 >> 8, 10_000 & 0xFF)
    rig.command(0xC0, 0, 0xFF, 0x0F)
    rig.advance(20 * MS)
    rig.command(dsp.PAUSE_8)
    rig.advance(500 * MS)
    assert rig.remaining(1) == 4000 - 200 - 1
    rig.command(dsp.CONTINUE_8)
    rig.outb(10, 5)
    rig.advance(500 * MS)
    rig.outb(10, 1)
    rig.advance(20 * MS)
    assert rig.remaining(1) == 4000 - 400 - 1


def test_recording(rig):
    rig.channel(5, 400, writes=True)
    rig.command(dsp.INPUT_RATE, 8_000 >> 8, 8_000 & 0xFF)
    rig.command(0xB8, 0x30, 199, 0)
    rig.advance(13 * MS)
    assert rig.irq
    assert bytes(rig.memory.ram.view[DATA : DATA + 400]) == RECORDED * 100


def test_silence_and_adpcm_take_their_time(rig):
    rig.channel(1, 1000)
    rig.command(dsp.OUTPUT_RATE, 10_000 >> 8, 10_000 & 0xFF)
    for command, samples in ((dsp.SILENCE, 100), (0x75, 200)):
        rig.command(command, 99, 0)
        rig.advance((samples // 10 - 1) * MS)
        assert not rig.irq
        rig.advance(MS)
        assert rig.irq
        rig.inb(BASE + 0xE)
    assert not rig.host.played
    assert rig.remaining(1) == 1000 - 100 - 1


def test_samples_of_the_direct_mode_last_until_the_next(rig):
    rig.command(dsp.DIRECT_OUT, 0xFF)
    rig.advance(10 * MS)
    rig.command(dsp.DIRECT_OUT, 0x80)
    assert np.frombuffer(rig.host.played, "<i2")[-882:].tolist() == [0x7F00] * 882


def test_the_mixer(rig):
    assert rig.mix(mixer.MASTER_VOLUME) == 0xFF
    rig.mix(mixer.MASTER_VOLUME, 0x84)
    assert (rig.mix(mixer.MASTER_LEFT), rig.mix(mixer.MASTER_RIGHT)) == (0x88, 0x48)
    left, right = mixer.output_gain(rig.card.state.mixer)
    assert left == pytest.approx(10 ** (-28 / 20))
    assert right == pytest.approx(10 ** (-44 / 20))
    rig.mix(mixer.VOICE_LEFT, 0)
    assert mixer.output_gain(rig.card.state.mixer)[0] == 0.0
    rig.mix(mixer.RESET, 0)
    assert mixer.output_gain(rig.card.state.mixer) == (1.0, 1.0)
    assert rig.mix(mixer.INTERRUPT_SETUP) & 0x0F == 2
    assert rig.mix(mixer.DMA_SETUP) == 0x22
    rig.mix(mixer.INTERRUPT_SETUP, 8)
    rig.command(dsp.RAISE_16)
    assert rig.card.irq10.level
    assert not rig.irq


def test_a_saved_state_goes_on_playing(rig):
    rig.channel(1, 2000)
    rig.command(dsp.OUTPUT_RATE, 10_000 >> 8, 10_000 & 0xFF)
    rig.command(0xC0, 0, 0xF3, 1)
    rig.advance(20 * MS)
    other = Rig()
    other.clock = rig.clock
    for name in ("i8237a", "sb16"):
        device = rig.device(name)
        saved = msgspec.msgpack.encode(device.state_to_save())
        twin = other.device(name)
        twin.state = msgspec.msgpack.decode(saved, type=type(device.state))
        twin.state_loaded(1)
    other.advance(30 * MS)
    assert other.irq
    assert len(rig.host.played) + len(other.host.played) == 500 * 4


@pytest.fixture
def mpu():
    """A card, and what its MIDI port has sent."""
    sent = CharacterBuffer(1 << 20)
    rig = Rig(midi=sent)
    assert rig.inb(MPU + 1) == 0xBF  # nothing to be read, room for a byte
    return rig, sent


def acknowledged(rig, command):
    rig.outb(MPU + 1, command)
    return rig.inb(MPU + 1) & 0x80 == 0 and rig.inb(MPU) == 0xFE and rig.inb(MPU + 1) & 0x80 != 0


def test_the_mpu_401_sends_in_uart_mode(mpu):
    rig, sent = mpu
    rig.outb(MPU, 0x11)
    assert acknowledged(rig, 0xFF)
    assert acknowledged(rig, 0x3F)
    for value in (0x90, 60, 100):
        rig.outb(MPU, value)
    assert not acknowledged(rig, 0xFF)  # which UART mode ends without an answer
    rig.outb(MPU, 0x22)
    assert sent.data == b"\x90\x3c\x64"
    assert acknowledged(rig, 0xFF)


def test_the_mpu_401_has_no_intelligent_mode(mpu):
    rig, _ = mpu
    assert not acknowledged(rig, 0xAC)
    assert rig.card.guest_errors == 1
    assert acknowledged(rig, 0x3F)
    assert not acknowledged(rig, 0xAC)
    assert rig.card.guest_errors == 1


def test_the_dsp_sends_midi_and_its_reset_leaves_the_mpu_401(mpu):
    rig, sent = mpu
    assert acknowledged(rig, 0x3F)
    rig.command(dsp.MIDI_OUT, 0xF8)
    for value in (1, 0):
        rig.outb(BASE + 6, value)
    rig.outb(MPU, 0xFA)
    assert sent.data == b"\xf8\xfa"


def test_midi_without_an_instrument_goes_nowhere(rig):
    assert acknowledged(rig, 0x3F)
    rig.outb(MPU, 0x90)
    assert rig.card.guest_errors == 0


ACCESS = st.tuples(st.booleans(), st.one_of(st.integers(4, 15), st.integers(MPU - BASE, MPU + 1 - BASE)), st.integers(0, 255), st.integers(0, 10**7))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0x10, 0xFF), max_size=30), st.lists(ACCESS, max_size=60))
def test_hostile_guests_break_nothing(commands, accesses):
    rig = Rig()
    rig.channel(1, 333, auto=True)
    rig.channel(5, 334, auto=True)
    for command in commands:
        rig.outb(BASE + 0xC, command)
        rig.advance(MS)
    for write, offset, value, pause in accesses:
        if write:
            rig.outb(BASE + offset, value)
        else:
            assert 0 <= rig.inb(BASE + offset) < 256
        rig.advance(pause)
    encoded = msgspec.msgpack.encode(rig.card.state_to_save())
    msgspec.msgpack.decode(encoded, type=Sb16State)
