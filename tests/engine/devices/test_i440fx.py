"""440FX host bridge: configuration mechanism #1, PAM, SMRAM."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.devices.i440fx import PAM_SEGMENTS, I440fxState
from engine.pdm import ResetKind
from tests.engine.bench import Bench, tree
from tests.engine.devices.pciports import ConfigSpace


@pytest.fixture
def bench():
    return Bench(tree(i440fx={"pci": (0, 0)}, piix3={"pci": (1, 0)}))


@pytest.fixture
def bridge(bench):
    return ConfigSpace(bench, 0)


def test_identity(bridge):
    assert bridge.read(0x00) == 0x1237_8086
    assert bridge.read(0x08) >> 8 == 0x060000
    assert bridge.read(0x04, 2) == 0x0006


def test_address_register_keeps_only_its_bits(bench):
    bench.outl(0xCF8, 0xFFFFFFFF)
    assert bench.inl(0xCF8) == 0x80FFFFFC


def test_data_port_is_dead_without_enable(bench):
    bench.outl(0xCF8, 0)
    assert bench.inl(0xCFC) == 0xFFFFFFFF
    bench.outl(0xCFC, 0)


def test_absent_function_and_other_bus_read_ones(bench):
    assert ConfigSpace(bench, 31).read(0) == 0xFFFFFFFF
    bench.outl(0xCF8, 0x80010000)
    assert bench.inw(0xCFC) == 0xFFFF


def test_byte_and_word_access(bridge):
    assert bridge.read(0x00, 2) == 0x8086
    assert bridge.read(0x02, 2) == 0x1237
    assert bridge.read(0x01, 1) == 0x80
    bridge.write(0x5A, 0x31, 1)
    assert bridge.read(0x59, 2) == 0x3100


def test_byte_access_to_the_address_port_passes_to_the_isa_bridge(bench):
    bench.outl(0xCF8, 0x80001234)
    bench.outb(0xCF9, 0x02)
    assert bench.inb(0xCF9) == 0x02
    assert bench.inw(0xCF8) == 0x02FF
    assert bench.inb(0xCF8) == 0xFF
    assert bench.inl(0xCF8) == 0x80001234


def test_without_isa_bridge_cf9_is_nobody():
    bench = Bench(tree(i440fx={"pci": (0, 0)}))
    bench.outb(0xCF9, 0x06)
    assert bench.inb(0xCF9) == 0xFF
    assert bench.machine.resets == []


def test_all_segments_are_rom_after_power_on(bench):
    assert len(bench.machine.pam) == 13
    assert set(bench.machine.pam.values()) == {(False, False)}
    assert sum(size for _, size in bench.machine.pam) == 0x40000


def test_pam_decides_segment_by_segment(bench, bridge):
    bridge.write(0x59, 0x30, 1)
    assert bench.machine.pam[0xF0000, 0x10000] == (True, True)
    bridge.write(0x5A, 0x21, 1)
    assert bench.machine.pam[0xC0000, 0x4000] == (True, False)
    assert bench.machine.pam[0xC4000, 0x4000] == (False, True)
    bridge.write(0x5C, 0x33333333)
    assert bench.machine.pam[0xEC000, 0x4000] == (True, True)
    assert bench.machine.pam[0xC8000, 0x4000] == (False, False)


def test_segments_tile_the_upper_area():
    areas = sorted((base, base + size) for _, _, base, size in PAM_SEGMENTS)
    assert areas[0][0] == 0xC0000
    assert areas[-1][1] == 0x100000
    assert all(a[1] == b[0] for a, b in zip(areas, areas[1:], strict=False))


def test_smram_opens_and_locks(bench, bridge):
    assert bridge.read(0x72, 1) == 0x02
    bridge.write(0x72, 0x48, 1)
    assert bridge.read(0x72, 1) == 0x4A
    assert bench.machine.smram is True
    bridge.write(0x72, 0x58, 1)
    assert bridge.read(0x72, 1) == 0x1A
    assert bench.machine.smram is False
    bridge.write(0x72, 0x40, 1)
    assert bridge.read(0x72, 1) == 0x1A


def test_soft_reset_keeps_and_hard_reset_clears(bench, bridge):
    bridge.write(0x59, 0x30, 1)
    bench.set.reset(ResetKind.SOFT)
    assert bench.machine.pam[0xF0000, 0x10000] == (True, True)
    bench.set.reset(ResetKind.HARD)
    assert bench.machine.pam[0xF0000, 0x10000] == (False, False)
    assert bridge.read(0x59, 1) == 0


def test_saved_state_restores_the_memory_map(bench, bridge):
    bridge.write(0x59, 0x30, 1)
    bridge.write(0x72, 0x48, 1)
    saved = bench.device("i440fx")
    other = Bench(tree(i440fx={"pci": (0, 0)}))
    device = other.device("i440fx")
    device.state = msgspec.msgpack.decode(msgspec.msgpack.encode(saved.state), type=I440fxState)
    device.load_pci_state(saved.pci_state())
    assert other.machine.pam == bench.machine.pam
    assert other.machine.smram is True
    assert other.inl(0xCF8) == bench.inl(0xCF8)


@given(
    st.lists(
        st.tuples(
            st.integers(0xCF8, 0xCFF), st.sampled_from((1, 2, 4)), st.integers(0, 0xFFFFFFFF)
        ),
        max_size=40,
    )
)
def test_hostile_port_writes(accesses):
    bench = Bench(tree(i440fx={"pci": (0, 0)}, piix3={"pci": (1, 0)}))
    for port, size, value in accesses:
        bench.ports.write(port, value & ((1 << 8 * size) - 1), size)
        assert 0 <= bench.ports.read(port, size) < 1 << 8 * size
