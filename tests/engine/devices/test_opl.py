"""FM synthesizer of the Sound Blaster 16: detection, timers, notes, drums, hostile guests."""

from __future__ import annotations

import wave

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.connector import AudioConnector
from engine.audio.wavfile import WavWriter
from engine.devices.sb16 import dsp, mixer, opl
from engine.devices.sb16.card import Sb16State
from engine.devices.sb16.oplsynth import Renderer
from engine.pdm import ResetKind
from tests.engine.bench import Bench, tree
from tests.engine.devices.soundhost import SoundHost

BASE, ADLIB = 0x220, 0x388
US, MS = 1_000, 1_000_000
FULL = 4084
A4 = (580, 4)  # frequency number and block: 580 * 49716 / 2 ** 16 = 440 Hz


class Rig(Bench):
    def __init__(self, host=None):
        self.host = host or SoundHost()
        super().__init__(
            tree(i8237a={}, sb16={}), attachments={("sb16/0", 0): self.host}, ram_size=1 << 20
        )
        self.card = self.device("sb16")

    def put(self, register, value, port=ADLIB):
        self.outb(port + 2 * (register >> 8), register & 0xFF)
        self.outb(port + 1, value)

    def operator(self, offset, *, multiple=0x21, level=0, attack=0xF0, sustain=0x0F, wave=0):
        """Set one up: by default a sine that is held at full volume and ends at once."""
        for base, value in (
            (0x20, multiple), (0x40, level), (0x60, attack), (0x80, sustain), (0xE0, wave),
        ):  # fmt: skip
            self.put(base + offset, value)

    def note(self, channel=0, pitch=A4, *, on=True):
        number, block = pitch
        self.put(0xA0 + channel, number & 0xFF)
        self.put(0xB0 + channel, (0x20 if on else 0) | block << 2 | number >> 8)

    def tone(self, *, connection=0, **carrier):
        """Play A4 on channel 0, whose modulator is silent."""
        self.operator(0, level=0x3F)
        self.operator(3, **carrier)
        self.put(0xC0, connection)
        self.note()

    @property
    def frames(self):
        return np.frombuffer(bytes(self.host.sounded), "<i2").reshape(-1, 2)

    def left(self):
        return self.frames[:, 0].astype(float)


@pytest.fixture
def rig():
    return Rig()


def loudest(samples):
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return np.argmax(spectrum) * opl.RATE / len(samples)


def rms(samples):
    return np.sqrt(np.mean(np.square(samples)))


@pytest.mark.parametrize("port", [ADLIB, BASE, BASE + 8])
def test_programs_find_it(rig, port):
    rig.put(4, 0x60, port)
    rig.put(4, 0x80, port)
    assert rig.inb(port) == 0  # bits 1 and 2 would be those of an OPL2
    rig.put(2, 0xFF, port)
    rig.put(4, 0x21, port)
    rig.advance(79 * US)
    assert rig.inb(port) == 0
    rig.advance(US)
    assert rig.inb(port) == 0xC0
    rig.put(4, 0x60, port)
    rig.put(4, 0x80, port)
    assert rig.inb(port) == 0
    assert not rig.host.sounded
    assert rig.time.next_deadline() is None


def test_timers_go_round_until_they_are_stopped(rig):
    rig.put(3, 0xFE)
    rig.put(4, 0x42)  # timer 2, the first masked
    rig.advance(639 * US)
    assert rig.inb(ADLIB) == 0
    rig.advance(US)
    assert rig.inb(ADLIB) == 0xA0
    rig.put(4, 0x80)
    rig.put(3, 0xFF)  # from the next round on
    rig.advance(640 * US)
    assert rig.inb(ADLIB) == 0xA0
    rig.put(4, 0x80)
    rig.advance(320 * US)
    assert rig.inb(ADLIB) == 0xA0
    rig.put(4, 0x22)
    assert rig.inb(ADLIB) == 0
    rig.advance(5 * MS)
    assert rig.inb(ADLIB) == 0
    rig.put(4, 0)
    rig.advance(5 * MS)
    assert rig.inb(ADLIB) == 0


@pytest.mark.parametrize(
    ("pitch", "multiple"), [(A4, 1), (A4, 0), (A4, 3), ((1023, 5), 1), ((345, 2), 2)]
)
def test_pitch_of_a_note(rig, pitch, multiple):
    rig.operator(0, level=0x3F)
    rig.operator(3, multiple=0x20 | multiple)
    rig.note(pitch=pitch)
    rig.advance(1000 * MS)
    number, block = pitch
    expected = number * opl.RATE / 2 ** (20 - block) * (multiple or 0.5)
    assert abs(len(rig.frames) - opl.RATE) < 1100
    assert rig.host.rates == {opl.RATE}
    assert loudest(rig.left()) == pytest.approx(expected, abs=1)
    assert rig.left().max() == FULL
    assert rig.left().min() == -FULL


def test_levels(rig):
    rig.tone(level=8)  # 6 dB
    rig.advance(100 * MS)
    assert rig.left().max() == pytest.approx(FULL / 2, rel=0.01)
    rig.host.sounded.clear()
    rig.tone(level=0xC0)  # key scale level: 6 dB an octave
    rig.note(pitch=(1023, 4))
    rig.advance(100 * MS)
    steps = 4 * 64 - 32 * 4
    assert rig.left()[1000:].max() == pytest.approx(FULL * 10 ** (-steps * 0.1875 / 20), rel=0.02)


def test_envelope(rig):
    rig.tone(attack=0xF6, sustain=0x26)  # decay 6 to -6 dB, release 6
    rig.advance(1000 * MS)
    sound = rig.left()
    assert sound[:500].max() > 0.95 * FULL
    assert sound[-1000:].max() == pytest.approx(FULL * 10 ** (-6 / 20), rel=0.02)
    rig.host.sounded.clear()
    rig.note(on=False)
    rig.advance(100 * MS)
    # Rate 4 * 6 + 2 (block 4, no KSR): 6 steps in 4 << 9 of 32768ths of a frame.
    steps = 0.1 * opl.RATE * (6 << 6) / 32768
    expected = FULL * 10 ** ((-6 - steps * 0.1875) / 20)
    assert rig.left()[-200:].max() == pytest.approx(expected, rel=0.05)
    rig.advance(3000 * MS)
    assert rig.host.ended == 1
    assert rig.time.next_deadline() is None


def test_attack_rises_and_a_percussive_note_ends_by_itself(rig):
    rig.tone(attack=0x40, sustain=0x0F)
    rig.advance(500 * MS)
    loudness = [part.max() for part in np.array_split(rig.left(), 10)]
    assert loudness == sorted(loudness)
    assert loudness[0] < FULL / 50 < FULL == loudness[-1]
    other = Rig()
    other.tone(multiple=0x01, attack=0xFF)
    other.advance(200 * MS)
    assert other.host.ended == 1


def test_feedback_and_modulation_make_overtones(rig):
    def overtones(sound):
        spectrum = np.abs(np.fft.rfft(sound[-16384:] * np.hanning(16384)))
        return np.count_nonzero(spectrum > spectrum.max() / 30)

    pure, fed, modulated = Rig(), Rig(), Rig()
    pure.tone()
    fed.operator(3, level=0x3F)
    fed.operator(0)
    fed.put(0xC0, 0x0D)  # feedback 6, added
    fed.note()
    modulated.operator(0, level=0x08)
    modulated.operator(3)
    modulated.note()
    for each in (pure, fed, modulated):
        each.advance(500 * MS)
    assert overtones(fed.left()) > 3 * overtones(pure.left())
    assert overtones(modulated.left()) > 3 * overtones(pure.left())
    assert loudest(fed.left()) == pytest.approx(440, abs=3)


def test_blocks_make_no_seam():
    def sound(*counts):
        state = opl.OplState()
        for register, value in {
            0x20: 0xE1, 0x23: 0xE1, 0x60: 0x74, 0x63: 0x55, 0x80: 0x33, 0x83: 0x44, 0xA0: 0x44,
            0xC0: 0x0A, 0xB0: 0x32,
        }.items():  # fmt: skip
            state.select(0, register)
            state.write(value, 0)
        return np.concatenate([Renderer(state, count).render() for count in counts])

    whole = sound(9000)
    assert np.array_equal(whole, sound(128, 1000, 3, 7000, 869))
    assert rms(whole) > 500


def test_waveforms():
    shares = {}
    for form in range(8):
        rig = Rig()
        rig.put(opl.NEW, 1)
        rig.tone(wave=form, connection=0x30)
        rig.advance(200 * MS)
        sound = rig.left()
        shares[form] = (np.mean(sound > 0), np.mean(sound < 0))
    expected = (
        (0.5, 0.5), (0.5, 0), (1, 0), (0.5, 0), (0.25, 0.25), (0.5, 0), (0.5, 0.5), (0.375, 0.375),
    )  # fmt: skip
    for form, both in enumerate(expected):
        assert shares[form] == pytest.approx(both, abs=0.02)


def test_panning_banks_and_volume(rig):
    rig.tone(connection=0)
    rig.advance(50 * MS)
    assert np.array_equal(rig.frames[:, 0], rig.frames[:, 1])
    rig.put(0x1C0, 0x20)  # without NEW that is C0h, and panning does not count
    rig.put(opl.NEW, 1)
    rig.host.sounded.clear()
    rig.advance(50 * MS)
    assert not rig.frames[200:, 0].any()
    assert rig.frames[200:, 1].any()
    rig.put(0xC0, 0x00)
    rig.put(0x1C0, 0x10)
    for register, value in ((0x123, 0x21), (0x163, 0xF0), (0x183, 0x0F), (0x1A0, 0x44)):
        rig.put(register, value)
    rig.put(0x1B0, 0x32)
    rig.host.sounded.clear()
    rig.host.sounded_gains.clear()
    rig.outb(BASE + 4, mixer.SYNTHESIZER_LEFT)
    rig.outb(BASE + 5, (31 - 10) << 3)
    rig.advance(50 * MS)
    assert rig.frames[:, 0].max() == FULL
    assert not rig.frames[200:, 1].any()
    assert any(gain == pytest.approx((0.1, 1.0)) for gain in rig.host.sounded_gains)


@pytest.mark.parametrize(("second", "operators"), [(0, 1), (1, 2)])
def test_four_operators(rig, second, operators):
    """Heard are the last one, or the second and the fourth."""
    rig.put(opl.NEW, 1)
    rig.put(opl.FOUR_OPERATORS, 1)
    for offset in (0, 8):
        rig.operator(offset, level=0x3F)
        rig.operator(offset + 3)
    rig.operator(3, level=0 if second else 0x3F)
    rig.put(0xC0, 0x30)
    rig.put(0xC3, 0x30 | second)
    rig.note(3)  # has lost its operators
    assert rig.time.next_deadline() is None
    rig.note(0)
    rig.advance(200 * MS)
    assert rig.left().max() == operators * FULL
    assert loudest(rig.left()) == pytest.approx(440, abs=6)


def test_drums(rig):
    for offset in (0x10, 0x11, 0x12, 0x13, 0x14, 0x15):
        rig.operator(offset, attack=0xF5, sustain=0x08)
    for channel in (6, 7, 8):
        rig.note(channel, (0x200, 2), on=False)
    assert not rig.card.state.opl.active
    loudness = {}
    for bit in (0x01, 0x02, 0x04, 0x08, 0x10):
        rig.host.sounded.clear()
        rig.put(opl.RHYTHM, 0x20 | bit)
        rig.advance(100 * MS)
        loudness[bit] = rms(rig.left())
        rig.put(opl.RHYTHM, 0x20)
        rig.advance(2000 * MS)
        assert not rig.card.state.opl.active
    assert min(loudness.values()) > 300


def test_tremolo_and_vibrato(rig):
    rig.put(opl.RHYTHM, 0xC0)
    rig.tone(multiple=0xA1)
    rig.advance(1000 * MS)
    parts = [part.max() for part in np.array_split(rig.left(), 400)]
    assert min(parts) == pytest.approx(FULL * 10 ** (-26 * 0.1875 / 20), rel=0.03)
    assert max(parts) == FULL
    rig.host.sounded.clear()
    rig.operator(3, multiple=0x61)
    rig.advance(1000 * MS)
    crossings = np.nonzero(np.diff(np.sign(rig.left()[200:])) > 0)[0]
    pitches = opl.RATE / (crossings[8:] - crossings[:-8]) * 8
    assert pitches.min() == pytest.approx(440 * 576 / 580, rel=0.002)  # 14 cents either way
    assert pitches.max() == pytest.approx(440 * 584 / 580, rel=0.002)


def test_silence_costs_nothing(rig):
    for register in range(0x20, 0xF6):
        rig.put(register, 0)
    assert rig.time.next_deadline() is None
    rig.tone()
    rig.advance(30 * MS)
    rig.note(on=False)
    rig.advance(60 * MS)
    assert rig.host.ended == 1
    assert rig.time.next_deadline() is None


def test_a_saved_state_goes_on_sounding(rig):
    rig.tone(connection=0x0E)
    rig.operator(0, level=0x10, multiple=0xE1)
    rig.advance(100 * MS)
    saved = msgspec.msgpack.encode(rig.card.state_to_save())
    other = Rig()
    other.clock = rig.clock
    other.card.state = msgspec.msgpack.decode(saved, type=Sb16State)
    other.card.state_loaded(1)
    rig.host.sounded.clear()
    for each in (rig, other):
        each.advance(100 * MS)
    assert len(rig.host.sounded) > 4000 * 4
    assert rig.host.sounded == other.host.sounded
    other.card.reset(ResetKind.HARD)
    assert other.host.ended == 1
    assert other.time.next_deadline() is None


def test_samples_of_the_dsp_and_notes_are_one_sound(tmp_path):
    """A square wave by DMA goes on without a gap while a note begins and ends."""
    path = tmp_path / "sound.wav"
    host = AudioConnector([WavWriter(str(path))])
    rig = Rig(host)
    rig.memory.ram.view[0x2_0000:0x2_0100] = bytes([0xC0] * 128 + [0x40] * 128)
    for port, value in ((12, 0), (11, 0x59), (2, 0), (2, 0), (3, 255), (3, 0), (0x83, 2), (10, 1)):
        rig.outb(port, value)
    for value in (dsp.OUTPUT_RATE, 22_050 >> 8, 22_050 & 0xFF, 0xC6, 0, 255, 0):
        rig.outb(BASE + 0xC, value)
    rig.advance(105 * MS)
    rig.tone(level=0x10)
    rig.advance(100 * MS)
    rig.note(on=False)
    rig.advance(100 * MS)
    host.close()
    assert not rig.card.state.opl.active
    with wave.open(str(path)) as file:
        left = np.frombuffer(file.readframes(20_000), "<i2")[::2].astype(int)
    assert len(left) == pytest.approx(48_000 * 0.305, abs=1100)
    edges = np.nonzero(np.abs(np.diff(left)) > 9000)[0]
    halves = np.diff(edges[np.diff(edges, prepend=-2) > 1])
    assert len(halves) > 45
    assert set(halves) <= {277, 278, 279, 280}
    assert len(np.unique(left)) > 1000


def test_a_reset_of_the_dsp_leaves_the_note(rig):
    rig.tone()
    rig.outb(BASE + 6, 1)
    rig.outb(BASE + 6, 0)
    rig.advance(50 * MS)
    assert rig.left().max() == FULL


ACCESS = st.tuples(
    st.booleans(), st.integers(0, 3), st.integers(0, 255), st.sampled_from([0, US, MS, 30 * MS])
)


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=512, max_size=512), st.lists(ACCESS, max_size=15))
def test_hostile_guests_break_nothing(registers, accesses):
    rig = Rig()
    rig.put(opl.NEW, 1)
    for register, value in enumerate(registers):
        rig.put(register, value)
    for write, offset, value, pause in accesses:
        if write:
            rig.outb(ADLIB + offset, value)
        else:
            assert 0 <= rig.inb(BASE + offset) < 256
        rig.advance(pause)
    encoded = msgspec.msgpack.encode(rig.card.state_to_save())
    assert msgspec.msgpack.decode(encoded, type=Sb16State) == rig.card.state
