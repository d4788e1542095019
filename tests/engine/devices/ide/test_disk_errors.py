"""ATA disks: errors of the guest and of the host, saved states, and hostile guests."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.ide.state import IdeState
from engine.pdm import ResetKind
from tests.engine.devices.ide.rig import BSY, BUFFER, DF, DRQ, ERR, MemoryMedium, Rig, pattern

MIB = 1 << 20


# ------------------------------------------------------------------ errors


@pytest.mark.parametrize("code", [0x20, 0x30, 0xC8, 0xCA, 0x40])
def test_out_of_range(rig, medium, code):
    rig.command(code, medium.size // 512, 1)
    assert rig.outcome() == (0x51, 0x10)


def test_unreadable_sector_is_named_and_those_before_arrive(rig, medium):
    medium.broken = {12}
    rig.command(0x20, 10, 4)
    for lba in (10, 11):
        status, _ = rig.outcome()
        assert status & DRQ
        assert rig.string_in(256) == medium.data[lba * 512 : (lba + 1) * 512]
    assert rig.outcome() == (0x51, 0x40)
    assert rig.get(3) == 12


@pytest.mark.parametrize("code", [0xC8, 0x40])
def test_unreadable_sector_by_dma_and_verify(rig, medium, code):
    medium.broken = {12}
    rig.table((BUFFER, 2048))
    rig.command(code, 10, 4)
    rig.start(to_memory=True)
    assert rig.outcome() == (0x51, 0x40)
    assert rig.get(3) == 12


def test_unwritable_sector(rig, medium):
    medium.broken = {7}
    assert rig.pio_write(0x30, 7, bytes(512)) == (0x50 | DF | ERR, 0x04)


def test_read_only_medium_refuses(medium):
    medium.read_only = True
    rig = Rig(medium)
    rig.command(0x30, 0, 1)
    rig.string_out(bytes(512))
    assert rig.outcome() == (0x51, 0x04)


def test_full_host_pauses_and_repeats_pio(rig, medium):
    medium.full = True
    rig.command(0x30, 3, 2)
    rig.string_out(b"\x01" * 512)
    ((error_id, message, retry),) = rig.bench.machine.errors
    assert error_id == "DrvVD_DISKFULL"
    assert "full" in message
    assert rig.alternate_status == BSY
    assert not rig.interrupt
    retry()
    assert len(rig.bench.machine.errors) == 2
    medium.full = False
    rig.bench.machine.errors[1][2]()
    assert rig.outcome()[0] & DRQ
    rig.string_out(b"\x02" * 512)
    assert rig.outcome() == (0x50, 0)
    assert medium.data[3 * 512 : 5 * 512] == b"\x01" * 512 + b"\x02" * 512


def test_full_host_pauses_and_repeats_dma(rig, medium):
    data = pattern(4096)
    rig.bench.memory.write(BUFFER, data)
    rig.table((BUFFER, 4096))
    medium.full = True
    rig.command(0xCA, 8, 8)
    rig.start(to_memory=False)
    ((_, _, retry),) = rig.bench.machine.errors
    assert rig.alternate_status == BSY
    assert not rig.interrupt
    medium.full = False
    retry()
    assert rig.outcome() == (0x50, 0)
    assert rig.stop() == 4
    assert medium.data[4096:8192] == data


def test_full_host_at_a_flush(rig, medium):
    medium.full = True
    rig.command(0xE7)
    ((_, _, retry),) = rig.bench.machine.errors
    medium.full = False
    retry()
    assert rig.outcome() == (0x50, 0)
    assert medium.flushes == 1


def test_reset_forgets_a_stalled_write(rig, medium):
    medium.full = True
    rig.command(0x30, 3, 1)
    rig.string_out(b"\x01" * 512)
    medium.full = False
    rig.bench.set.reset(ResetKind.HARD)
    rig.bench.machine.errors[0][2]()
    assert medium.data[3 * 512] == pattern(4 * MIB)[3 * 512]
    assert not rig.interrupt


def test_stalled_write_survives_a_saved_state(rig, medium):
    data = pattern(4096)
    rig.bench.memory.write(BUFFER, data)
    rig.table((BUFFER, 4096))
    medium.full = True
    rig.command(0xCA, 8, 8)
    rig.start(to_memory=False)
    other = restore(rig, medium)
    medium.full = False
    other.bench.advance(1000)
    assert other.outcome() == (0x50, 0)
    assert medium.data[4096:8192] == data


# ------------------------------------------------------------------ saved state and hostility


def restore(rig, *media):
    saved = rig.device
    other = Rig(*media)
    other.bench.memory.write(0, rig.bench.memory.read(0, 1 << 20))
    other.bench.clock = rig.bench.clock
    device = other.device
    device.state = msgspec.msgpack.decode(msgspec.msgpack.encode(saved.state), type=IdeState)
    device.load_pci_state(saved.pci_state())
    device.state_loaded(1)
    return other


def test_saved_state_in_the_middle_of_a_read(rig, medium):
    rig.command(0x20, 3, 3)
    rig.outcome()
    first = rig.string_in(100)
    other = restore(rig, medium)
    rest = other.string_in(256)
    assert first + rest == medium.data[3 * 512 : 4 * 512]
    other.outcome()
    assert other.string_in(256) == medium.data[4 * 512 : 5 * 512]


def test_saved_state_between_command_and_start(rig, medium):
    rig.table((BUFFER, 512))
    rig.command(0xC8, 9, 1)
    other = restore(rig, medium)
    other.start(to_memory=True)
    assert other.outcome() == (0x50, 0)
    assert other.memory(512) == medium.data[9 * 512 : 10 * 512]


PORTS = st.one_of(
    st.integers(0x1F0, 0x1F7), st.just(0x3F6), st.integers(0x170, 0x177), st.just(0x376),
    st.integers(0xC000, 0xC00F),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(PORTS, st.sampled_from((1, 2, 4)), st.integers(0, 0xFFFFFFFF), st.booleans()),
        max_size=60,
    )
)
def test_hostile_ports(accesses):
    disc = MemoryMedium(64 * 2048, read_only=True)
    rig = Rig(MemoryMedium(64 * 512), MemoryMedium(64 * 512), disc)
    rig.bench.memory.write(0, pattern(0x20000))
    for port, size, value, string in accesses:
        block = rig.bench.ports.ranges[port]
        if string and block.block_read and port & 7 == 0:
            rig.bench.ports.ranges[port].block_write(0, size, value.to_bytes(4, "little") * 40)
            rig.bench.ports.ranges[port].block_read(0, size, 40)
        rig.bench.ports.write(port, value & ((1 << 8 * size) - 1), size)
        assert 0 <= rig.bench.ports.read(port, size) < 1 << 8 * size
