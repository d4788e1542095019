"""Firmware configuration device: ports, DMA, directory and contents."""

from __future__ import annotations

import struct
import uuid

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.devices.fwcfg import FwCfgState
from engine.errors import ConfigurationError
from engine.pdm import AcpiHardware, BootDevice, PciBus, ResetKind
from tests.engine.bench import Bench, tree

RAM = 16 << 20
IDENTITY = "12345678-9abc-def0-1122-334455667788"


class Hardware:
    def fixed_hardware(self):
        return 0x600, 9

    def apm_command(self, value):
        pass


def make(**config):
    bench = Bench(tree(fwcfg={"ram_below_4g": RAM, "uuid": IDENTITY, **config}))
    bench.set.interfaces[AcpiHardware] = Hardware()
    bench.set.reset(ResetKind.HARD)
    return bench


@pytest.fixture
def bench():
    return make()


def item(bench, selector, size):
    bench.outw(0x510, selector)
    return bytes(bench.inb(0x511) for _ in range(size))


def directory(bench):
    count = struct.unpack(">I", item(bench, 0x19, 4))[0]
    found = {}
    for _ in range(count):
        entry = bytes(bench.inb(0x511) for _ in range(64))
        size, selector, _, name = struct.unpack(">IHH56s", entry)
        found[name.rstrip(b"\0").decode()] = (selector, size)
    return found


def file(bench, name):
    selector, size = directory(bench)[name]
    return item(bench, selector, size)


def dma(bench, control, length=0, address=0x8000, block=0x7000):
    bench.memory.write(block, struct.pack(">IIQ", control, length, address))
    bench.outl(0x514, 0)
    bench.outl(0x518, struct.unpack("<I", struct.pack(">I", block))[0])
    return struct.unpack(">I", bench.memory.read(block, 4))[0]


def test_signature_and_id(bench):
    assert item(bench, 0, 6) == b"QEMU\0\0"
    assert item(bench, 1, 4) == b"\x03\0\0\0"


def test_plain_items(bench):
    assert item(bench, 2, 16) == uuid.UUID(IDENTITY).bytes
    assert struct.unpack("<Q", item(bench, 3, 8))[0] == RAM
    assert struct.unpack("<H", item(bench, 5, 2))[0] == 1
    assert item(bench, 0x1234, 4) == bytes(4)


def test_possible_processors_keep_the_firmware_from_announcing_an_apic(bench):
    assert struct.unpack("<H", item(bench, 0x0F, 2))[0] > 255


def test_directory_is_sorted_and_true(bench):
    found = directory(bench)
    assert list(found) == sorted(found)
    assert set(found) >= {
        "bootorder", "etc/e820", "etc/acpi/rsdp", "etc/acpi/tables", "etc/table-loader",
        "etc/smbios/smbios-anchor", "etc/smbios/smbios-tables",
    }
    for selector, size in found.values():
        data = item(bench, selector, size + 4)
        assert data[size:] == bytes(4)


def test_tables_know_where_the_firmware_has_put_power_management(bench):
    assert struct.pack("<I", 0x608) in file(bench, "etc/acpi/tables")


def test_without_power_management_there_is_only_the_routing_table():
    bench = Bench(tree(fwcfg={"ram_below_4g": RAM}))
    found = directory(bench)
    assert "etc/acpi/rsdp" not in found
    assert file(bench, "etc/pir-table")[:4] == b"$PIR"


def test_e820():
    bench = make(ram_below_4g=3 << 30, ram_above_4g=1 << 30)
    data = file(bench, "etc/e820")
    assert [struct.unpack_from("<QQI", data, n) for n in (0, 20)] == [
        (0, 3 << 30, 1),
        (4 << 30, 1 << 30, 1),
    ]


class Controller:
    def __init__(self, *devices):
        self.devices = devices

    def boot_devices(self):
        return self.devices


def test_boot_order_follows_the_letters():
    bench = make(boot_order="dac", floppy=True)
    bus = bench.set.find(PciBus)
    bus.devices[1, 1] = Controller(BootDevice("c", "/disk"), BootDevice("d", "/cd"))
    assert file(bench, "bootorder") == b"/cd\n/pci@i0cf8/isa@1/fdc@03f0/floppy@0\n/disk\0"


def test_strict_boot_order_ends_with_a_halt():
    bench = make(boot_order="a", floppy=True, boot_strict=True)
    assert file(bench, "bootorder").endswith(b"\nHALT\0")


def test_string_input(bench):
    bench.outw(0x510, 0)
    block = bench.ports.ranges[0x511].block_read
    assert block(1, 1, 3) == b"QEM"
    assert block(1, 1, 3) == b"U\0\0"
    assert block(0, 1, 3) is None


def test_dma_signature(bench):
    assert bench.inl(0x514).to_bytes(4, "little") == b"QEMU"
    assert bench.inl(0x518).to_bytes(4, "little") == b" CFG"


def test_dma_select_read_skip(bench):
    assert dma(bench, 8 | 2 | 0 << 16, 6) == 0
    assert bench.memory.read(0x8000, 6) == b"QEMU\0\0"
    assert dma(bench, 8 | 4, 2) == 0
    assert dma(bench, 2, 2) == 0
    assert bench.memory.read(0x8000, 2) == b"MU"


def test_dma_write_is_refused(bench):
    assert dma(bench, 8 | 16 | 3 << 16, 8) == 1


def test_dma_of_an_absurd_length_ends(bench):
    assert dma(bench, 8 | 2, 0xFFFFFFFF, address=1 << 40) == 0


def test_saved_state(bench):
    bench.outw(0x510, 0)
    bench.inb(0x511)
    state = bench.device("fwcfg").state
    other = make()
    device = other.device("fwcfg")
    device.state = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=FwCfgState)
    device.state_loaded(1)
    assert other.inb(0x511) == ord("E")


@pytest.mark.parametrize(
    ("config", "match"),
    [
        ({"uuid": "zz"}, "not a UUID"),
        ({"boot_order": "x"}, "boot order"),
        ({"com_ports": "3f8"}, "3f8"),
        ({"com_ports": "3f8/99"}, "3f8/99"),
    ],
)
def test_bad_configuration(config, match):
    with pytest.raises(ConfigurationError, match=match):
        make(**config)


@given(
    st.lists(
        st.tuples(
            st.integers(0x510, 0x51B), st.sampled_from((1, 2, 4)), st.integers(0, 0xFFFFFFFF)
        ),
        max_size=30,
    )
)
def test_hostile_port_writes(accesses):
    bench = make()
    for port, size, value in accesses:
        bench.ports.write(port, value & ((1 << 8 * size) - 1), size)
        assert 0 <= bench.ports.read(port, size) < 1 << 8 * size


def test_the_firmware_writes_an_mp_table_only_with_an_io_apic():
    max_cpus, irq0_override = 0x0F, 0x8002
    without = make(cpu_count=2)
    assert item(without, max_cpus, 2) == (256).to_bytes(2, "little")  # too many for one
    assert item(without, irq0_override, 1) == b"\0"
    with_it = make(cpu_count=2, apic=True, ioapic=True)
    assert item(with_it, max_cpus, 2) == (2).to_bytes(2, "little")
    assert item(with_it, irq0_override, 1) == b"\1"
