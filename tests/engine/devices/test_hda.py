"""Intel HD Audio: rings, verbs, streams in virtual time, saved states, hostile guests."""

from __future__ import annotations

import struct

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.hda import codec
from engine.devices.hda import registers as r
from engine.devices.hda import streams as s
from engine.devices.hda.controller import HdaState
from tests.engine.bench import Bench, tree
from tests.engine.devices.soundhost import RECORDED, SoundHost

BASE = 0xE000_0000
CORB, RIRB, LIST, POSITIONS, DATA = 0x10_0000, 0x10_1000, 0x10_2000, 0x10_3000, 0x20_0000
BUFFER = 4800  # bytes: 25 ms of 16-bit stereo at 48 kHz
PLAYER = r.STREAMS + r.INPUTS * r.STREAM_SIZE
RECORDER = r.STREAMS
TAG = 5


class Rig(Bench):
    def __init__(self):
        self.host = SoundHost()
        super().__init__(
            tree(hda={"pci": (5, 0)}), attachments={("hda/0", 0): self.host}, ram_size=8 << 20
        )
        self.card = self.device("hda")
        self.card.config_write(0x10, BASE, 4)
        self.card.config_write(0x04, 0x06, 2)
        self.write(r.GCTL, r.CRST, 4)

    def write(self, offset, value, size):
        self.card.write_register(offset, value, size)

    def read(self, offset, size):
        return self.card.read_register(offset, size)

    def command(self, node, verb, payload):
        short = verb < 0x10
        word = node << 20 | (verb << 16 | payload if short else verb << 8 | payload)
        self.write(r.ICOI, word, 4)
        self.write(r.ICIS, r.ICB | r.IRV, 2)
        assert self.read(r.ICIS, 2) & r.IRV
        return self.read(r.ICII, 4)

    def buffers(self, lengths, ioc=True):
        for n, length in enumerate(lengths):
            entry = struct.pack("<QII", DATA + BUFFER * n, length, ioc)
            self.memory.ram.view[LIST + 16 * n : LIST + 16 * n + 16] = entry

    def start(self, stream, lengths, fmt=0x0011):
        self.buffers(lengths)
        self.write(stream + s.BDPL, LIST, 4)
        self.write(stream + s.CBL, sum(lengths), 4)
        self.write(stream + s.LVI, len(lengths) - 1, 2)
        self.write(stream + s.FMT, fmt, 2)
        self.write(r.INTCTL, r.GIE | r.CIE | 0xFF, 4)
        self.write(stream + s.CTL, TAG << 20 | s.RUN | s.IOCE, 4)

    def unmute(self):
        self.command(codec.DAC, codec.SET_STREAM, TAG << 4)
        self.command(codec.DAC, codec.SET_AMPLIFIER, 0xB07F)
        self.command(codec.ADC, codec.SET_STREAM, TAG << 4)
        self.command(codec.ADC, codec.SET_AMPLIFIER, 0x7000)


@pytest.fixture
def rig():
    return Rig()


def test_reset_of_the_link_finds_the_codec(rig):
    assert rig.read(r.STATESTS, 2) == 1
    rig.write(r.STATESTS, 1, 2)
    assert rig.read(r.STATESTS, 2) == 0
    rig.write(r.CORBWP, 7, 2)
    rig.write(r.GCTL, 0, 4)
    rig.write(r.CORBWP, 9, 2)  # held in reset
    assert rig.read(r.CORBWP, 2) == 0
    rig.write(r.GCTL, r.CRST, 4)
    assert rig.read(r.STATESTS, 2) == 1
    assert rig.read(r.GCAP, 4) == 1 << 24 | r.GCAP_VALUE  # two registers at once
    rig.advance(1_000_000)
    assert rig.read(r.WALCLK, 4) == 24_000


def test_commands_go_through_the_rings(rig):
    commands = [codec.AFG << 20 | 0xF0004, 0xF0000, 1 << 28 | 0xF0000]
    for n, command in enumerate(commands, start=1):
        rig.memory.ram.view[CORB + 4 * n : CORB + 4 * n + 4] = struct.pack("<I", command)
    rig.write(r.CORBLBASE, CORB, 4)
    rig.write(r.RIRBLBASE, RIRB, 4)
    rig.write(r.CORBRP, r.POINTER_RESET, 2)
    assert rig.read(r.CORBRP, 2) == r.POINTER_RESET
    rig.write(r.CORBRP, 0, 2)
    rig.write(r.RIRBWP, r.POINTER_RESET, 2)
    rig.write(r.RINTCNT, 1, 2)
    rig.write(r.INTCTL, r.GIE | r.CIE, 4)
    rig.write(r.RIRBCTL, r.RINTCTL | r.RIRBDMAEN, 1)
    rig.write(r.CORBCTL, r.CORBRUN, 1)
    rig.write(r.CORBWP, 3, 2)
    assert rig.read(r.CORBRP, 2) == 3
    assert rig.read(r.RIRBWP, 2) == 2  # there is no second codec
    answers = struct.unpack("<4I", rig.memory.ram.view[RIRB + 8 : RIRB + 24])
    assert answers == (codec.DAC << 16 | 0x1A, 0, codec.VENDOR_ID, 0)
    assert rig.card.intx.level
    assert rig.read(r.INTSTS, 4) == r.GIE | r.CIE
    rig.write(r.RIRBSTS, r.RINTFL, 1)
    assert not rig.card.intx.level


def test_verbs(rig):
    assert rig.command(codec.ROOT, codec.GET_PARAMETER, codec.P_VENDOR) == codec.VENDOR_ID
    assert rig.command(codec.PORT_A, codec.GET_CONNECTION_LIST, 0) == codec.DAC
    assert rig.command(codec.ADC_MUX, codec.GET_CONNECTION_LIST, 0) == 0x0B0E
    assert rig.command(codec.PORT_A, codec.GET_PIN_SENSE, 0) == 1 << 31
    rig.command(codec.PORT_A, codec.SET_DEFAULT + 3, 0x40)
    assert rig.command(codec.PORT_A, codec.GET_DEFAULT, 0) == 0x4001_4010
    rig.command(codec.DAC, codec.SET_AMPLIFIER, 0xA000 | 0x55)
    assert rig.command(codec.DAC, codec.GET_AMPLIFIER, 0xA000) == 0x55
    assert rig.command(codec.DAC, codec.GET_AMPLIFIER, 0x8000) == 0xFF
    rig.command(codec.AFG, codec.SET_POWER, 3)
    assert rig.command(codec.AFG, codec.GET_POWER, 0) == 0x33
    rig.command(codec.AFG, codec.FUNCTION_RESET, 0)
    assert rig.command(codec.AFG, codec.GET_POWER, 0) == 0
    assert rig.command(0x7F, codec.GET_PARAMETER, 0) == 0


def test_playing_takes_virtual_time_and_goes_round(rig):
    sound = np.arange(BUFFER, dtype="<i2").tobytes()
    rig.memory.ram.view[DATA : DATA + len(sound)] = sound
    rig.unmute()
    rig.start(PLAYER, [BUFFER, BUFFER])
    rig.advance(10_000_000)
    assert rig.read(PLAYER + s.LPIB, 4) == 480 * 4
    assert rig.read(PLAYER + s.STS, 1) == s.FIFORDY
    assert not rig.card.intx.level
    rig.advance(15_000_000)
    assert rig.card.intx.level
    assert rig.read(r.INTSTS, 4) == r.GIE | 1 << r.INPUTS
    rig.write(PLAYER + s.STS, s.BCIS, 1)
    assert not rig.card.intx.level
    rig.advance(35_000_000)
    assert rig.read(PLAYER + s.LPIB, 4) == BUFFER * 12 // 5 % (2 * BUFFER)
    assert bytes(rig.host.played) == (sound + sound)[: BUFFER * 12 // 5]
    assert rig.host.gains == {(1.0, 1.0)}
    rig.write(PLAYER + s.CTL, 0, 1)
    rig.advance(50_000_000)
    assert rig.read(PLAYER + s.LPIB, 4) == BUFFER * 12 // 5 % (2 * BUFFER)
    assert rig.time.next_deadline() is None


def test_24_bits_in_32_at_44100(rig):
    frames = np.array([[0x12345600, -0x12345600]] * 1000, "<i4")
    rig.memory.ram.view[DATA : DATA + 8000] = frames.tobytes()
    rig.unmute()
    rig.start(PLAYER, [8000], fmt=0x4031)
    rig.advance(20_000_000)
    assert rig.host.rates == {44_100}
    played = np.frombuffer(rig.host.played, "<i2")
    assert played.tolist() == [0x1234, -0x1235] * 882


def test_nobody_hears_a_stream_that_no_converter_plays(rig):
    rig.start(PLAYER, [BUFFER])
    rig.advance(30_000_000)
    assert not rig.host.played
    assert rig.read(PLAYER + s.LPIB, 4) == 1440 * 4 % BUFFER


def test_recording_and_the_position_buffer(rig):
    rig.unmute()
    rig.write(r.DPLBASE, POSITIONS | r.DPLBASE_ENABLE, 4)
    rig.start(RECORDER, [BUFFER])
    rig.advance(12_000_000)
    assert bytes(rig.memory.ram.view[DATA : DATA + 8]) == RECORDED * 2
    (position,) = struct.unpack("<I", rig.memory.ram.view[POSITIONS : POSITIONS + 4])
    assert position == 12 * 48 * 4


def test_a_late_host_leaves_the_position_where_it_belongs(rig):
    rig.unmute()
    rig.start(PLAYER, [BUFFER, BUFFER])
    rig.clock += 3600 * 10**9 + 10_000_000
    rig.time.run_due()
    assert rig.read(PLAYER + s.LPIB, 4) == (3600 * 48_000 + 480) * 4 % (2 * BUFFER)
    assert not rig.host.played


def test_a_list_of_nothing_is_a_descriptor_error(rig):
    rig.start(PLAYER, [0, 0])
    rig.advance(10_000_000)
    assert rig.read(PLAYER + s.STS, 1) & s.DESE
    assert rig.time.next_deadline() is None


def test_a_saved_state_goes_on_playing(rig):
    rig.unmute()
    rig.start(PLAYER, [BUFFER])
    rig.advance(10_000_000)
    rig.read(PLAYER + s.LPIB, 4)
    saved = msgspec.msgpack.encode(rig.card.state_to_save())
    other = Rig()
    other.clock = rig.clock
    other.buffers([BUFFER])
    other.card.state = msgspec.msgpack.decode(saved, type=HdaState)
    other.card.state_loaded(1)
    other.advance(15_000_000)
    assert other.card.intx.level
    assert len(rig.host.played) + len(other.host.played) == BUFFER


OFFSETS = st.one_of(st.integers(0, 0x7F), st.integers(0x80, 0x9F), st.integers(0x100, 0x17F))
ACCESS = st.tuples(st.booleans(), OFFSETS, st.integers(0, 2**32 - 1),
                   st.sampled_from((1, 2, 4)), st.integers(0, 10**7))  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=256, max_size=256), st.lists(ACCESS, max_size=40))
def test_hostile_guests_break_nothing(memory, accesses):
    rig = Rig()
    rig.memory.ram.view[LIST : LIST + 256] = memory
    rig.unmute()
    rig.start(PLAYER, [300, 7, 0])
    rig.write(r.CORBLBASE, LIST, 4)
    rig.write(r.RIRBCTL, r.RIRBDMAEN, 1)
    rig.write(r.CORBCTL, r.CORBRUN, 1)
    for write, offset, value, size, pause in accesses:
        offset -= offset % size
        if write:
            rig.write(offset, value & (1 << 8 * size) - 1, size)
        else:
            assert 0 <= rig.read(offset, size) < 1 << 8 * size
        rig.advance(pause)
    encoded = msgspec.msgpack.encode(rig.card.state_to_save())
    msgspec.msgpack.decode(encoded, type=HdaState)
