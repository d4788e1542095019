"""AC'97: codec registers, streams in virtual time, interrupts, saved states, hostile guests."""

from __future__ import annotations

import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.ac97 import codec
from engine.devices.ac97 import streams as s
from engine.devices.ac97.controller import CAS, GLOB_STA, PI, PO, Ac97State
from tests.engine.bench import Bench, tree
from tests.engine.devices.soundhost import RECORDED, SoundHost

MIXER, MASTER = 0xC000, 0xC400
LIST, DATA = 0x10_0000, 0x20_0000
BUFFER = 4800  # samples: 50 ms at 48 kHz


class Rig(Bench):
    def __init__(self):
        self.host = SoundHost()
        super().__init__(
            tree(ac97={"pci": (5, 0)}), attachments={("ac97/0", 0): self.host}, ram_size=8 << 20
        )
        self.card = self.device("ac97")
        self.card.config_write(0x10, MIXER, 4)
        self.card.config_write(0x14, MASTER, 4)
        self.card.config_write(0x04, 0x05, 2)

    def buffers(self, lengths, ioc=True):
        for n, length in enumerate(lengths):
            control = length | (s.IOC if ioc else 0)
            entry = struct.pack("<II", DATA + 2 * BUFFER * n, control)
            self.memory.ram.view[LIST + 8 * n : LIST + 8 * n + 8] = entry

    def start(self, stream, last):
        self.outl(MASTER + stream + s.BDBAR, LIST)
        self.outb(MASTER + stream + s.LVI, last)
        self.outb(MASTER + stream + s.CR, s.CR_RPBM | s.CR_IOCE | s.CR_LVBIE)


@pytest.fixture
def rig():
    return Rig()


def test_codec(rig):
    assert rig.inw(MIXER + codec.VENDOR_ID1) == 0x8384
    assert rig.inw(MIXER + codec.MASTER_VOLUME) == codec.MUTE
    rig.outw(MIXER + codec.MASTER_VOLUME, 0x2020)
    assert rig.inw(MIXER + codec.MASTER_VOLUME) == 0x1F1F
    rig.outw(MIXER + codec.FRONT_DAC_RATE, 22_050)
    assert rig.inw(MIXER + codec.FRONT_DAC_RATE) == 48_000
    rig.outw(MIXER + codec.EXTENDED_STATUS, codec.VRA)
    rig.outw(MIXER + codec.FRONT_DAC_RATE, 22_050)
    assert rig.inw(MIXER + codec.FRONT_DAC_RATE) == 22_050
    rig.outw(MIXER + codec.RESET, 0)
    assert rig.inw(MIXER + codec.FRONT_DAC_RATE) == 48_000
    assert [rig.inb(MASTER + CAS), rig.inb(MASTER + CAS)] == [0, 1]


def test_playing_takes_virtual_time(rig):
    sound = bytes(range(256)) * 75  # two buffers
    rig.memory.ram.view[DATA : DATA + len(sound)] = sound
    rig.outw(MIXER + codec.MASTER_VOLUME, 0)
    rig.outw(MIXER + codec.PCM_OUT_VOLUME, 0x0808)
    rig.buffers([BUFFER] * 3)
    rig.start(PO, 1)
    rig.advance(25_000_000)
    assert rig.inw(MASTER + PO + s.PICB) == BUFFER // 2
    assert not rig.card.intx.level
    rig.advance(26_000_000)
    assert rig.card.intx.level
    assert rig.inl(MASTER + GLOB_STA) & 0x40
    assert rig.inb(MASTER + PO + s.CIV) == 1
    rig.outw(MASTER + PO + s.SR, s.SR_BCIS)
    assert not rig.card.intx.level
    rig.advance(60_000_000)
    assert rig.inw(MASTER + PO + s.SR) == s.SR_DCH | s.SR_CELV | s.SR_LVBCI | s.SR_BCIS
    assert rig.time.next_deadline() is None
    assert bytes(rig.host.played) == sound
    assert set(rig.host.gains) == {(1.0, 1.0)}
    rig.outb(MASTER + PO + s.LVI, 2)  # one more buffer
    assert rig.inw(MASTER + PO + s.SR) & s.SR_DCH == 0


def test_pause_goes_on_where_it_was(rig):
    rig.buffers([BUFFER])
    rig.start(PO, 0)
    rig.advance(10_000_000)
    rig.outb(MASTER + PO + s.CR, 0)
    left = rig.inw(MASTER + PO + s.PICB)
    rig.advance(10_000_000)
    assert rig.inw(MASTER + PO + s.PICB) == left == BUFFER - 960
    rig.outb(MASTER + PO + s.CR, s.CR_RPBM)
    rig.advance(10_000_000)
    assert rig.inw(MASTER + PO + s.PICB) == left - 960


def test_a_late_host_loses_neither_sound_nor_time(rig):
    rig.buffers([0xFFFE] * 32)
    rig.start(PO, 31)
    rig.clock += 10 * 10**9
    rig.time.run_due()
    assert len(rig.host.played) == 10 * 48_000 * 4
    rig.clock += 60 * 10**9
    rig.time.run_due()
    assert len(rig.host.played) == 32 * 0xFFFE * 2  # the list has ended
    assert rig.inw(MASTER + PO + s.SR) & s.SR_DCH


def test_the_position_stands_still_between_two_reads_of_a_slow_guest(rig):
    """Linux measures the clock with interrupts off and wants the same position twice."""
    rig.buffers([BUFFER])
    rig.start(PO, 0)
    rig.advance(20_000_000)
    positions = [(rig.advance(50_000), rig.inw(MASTER + PO + s.PICB))[1] for _ in range(100)]
    same = sum(a == b for a, b in zip(positions, positions[1:], strict=False))
    assert same > 80
    assert positions[-1] == BUFFER - 2 * 48 * 25 // s.BURST * s.BURST


def test_recording(rig):
    rig.buffers([BUFFER])
    rig.start(PI, 0)
    rig.advance(60_000_000)
    assert bytes(rig.memory.ram.view[DATA : DATA + 8]) == RECORDED * 2
    assert rig.inl(MASTER + GLOB_STA) & 0x20


def test_a_saved_state_goes_on_playing(rig):
    rig.buffers([BUFFER])
    rig.start(PO, 0)
    rig.advance(10_000_000)
    rig.inw(MASTER + PO + s.PICB)
    saved = msgspec.msgpack.encode(rig.card.state_to_save())
    other = Rig()
    other.clock = rig.clock
    other.card.registers[:] = rig.card.registers
    other.card.remap()
    other.buffers([BUFFER])
    other.card.state = msgspec.msgpack.decode(saved, type=Ac97State)
    other.card.state_loaded(1)
    other.advance(41_000_000)
    assert other.card.intx.level
    assert len(rig.host.played) + len(other.host.played) == 2 * BUFFER


ACCESS = st.tuples(st.booleans(), st.integers(0, 0x3F), st.integers(0, 2**32 - 1),
                   st.sampled_from((1, 2, 4)), st.integers(0, 10**8))  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=256, max_size=256), st.lists(ACCESS, max_size=40))
def test_hostile_guests_break_nothing(descriptors, accesses):
    rig = Rig()
    rig.memory.ram.view[LIST : LIST + 256] = descriptors
    rig.outl(MASTER + PO, LIST)
    for write, offset, value, size, pause in accesses:
        if write:
            rig.ports.write(MASTER + offset, value & (1 << 8 * size) - 1, size)
            rig.ports.write(MIXER + 2 * offset, value & 0xFFFF, 2)
        else:
            value = rig.ports.read(MASTER + offset, size)
            assert 0 <= value < 1 << 8 * size
        rig.advance(pause)
    encoded = msgspec.msgpack.encode(rig.card.state_to_save())
    msgspec.msgpack.decode(encoded, type=Ac97State)
