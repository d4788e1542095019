"""AHCI: commands from memory, queued and not, packets, errors, resets, saved states."""

from __future__ import annotations

import msgspec
import pytest

from engine.devices.ahci import registers as r
from engine.errors import ConfigurationError
from engine.pdm import ResetKind
from engine.storage.errors import MediumError, MediumFull
from tests.engine.bench import Bench, tree
from tests.engine.devices.ahcirig import DATA, FRAMES, LISTS, SECTORS, TABLES, Disk, Rig


@pytest.fixture
def rig():
    machine = Rig()
    machine.start()
    return machine


def test_identity_and_ports():
    rig = Rig()
    assert rig.get(r.PI) == 0b111
    assert rig.get(r.VS) == 0x10300
    assert rig.get(rig.port(0, r.SIG)) == r.SIGNATURE_DISK
    assert rig.get(rig.port(1, r.SIG)) == r.SIGNATURE_ATAPI
    assert rig.get(rig.port(2, r.SSTS)) == 0
    assert rig.get(rig.port(0, r.SSTS)) == r.SSTS_PRESENT
    assert rig.get(rig.port(7, r.SSTS)) == 0


def test_identify_announces_queues(rig):
    rig.issue(0xEC, size=512)
    words = rig.bytes_at(DATA, 512)
    assert words[2 * 75] == 31
    assert words[2 * 76] & 6
    assert words[2 * 76 + 1] & 1
    assert sum(words) & 0xFF == 0
    assert rig.get(rig.port(0, r.CI)) == 0
    assert rig.get(rig.port(0, r.PXIS)) & r.DHRS
    assert rig.bytes_at(FRAMES + r.RFIS_D2H, 3) == bytes((r.FIS_D2H, r.FIS_INTERRUPT, 0x50))
    assert rig.bytes_at(LISTS + 4, 4) == (512).to_bytes(4, "little")


def test_interrupts_go_when_they_are_acknowledged(rig):
    rig.issue(0xEC, size=512)
    assert rig.ahci.intx.level
    assert rig.get(r.IS) == 1
    rig.put(rig.port(0, r.PXIS), 0xFFFFFFFF)
    rig.put(r.IS, 1)
    assert not rig.ahci.intx.level


@pytest.mark.parametrize("pieces", [1, 4])
def test_writes_and_reads(rig, pieces):
    content = bytes(range(256)) * 16
    rig.memory.ram.view[DATA : DATA + 4096] = content
    rig.issue(0x35, lba=100, count=8, size=4096, write=True, pieces=pieces)
    assert rig.disk.data[51200:55296] == content
    rig.memory.ram.view[DATA : DATA + 4096] = bytes(4096)
    rig.issue(0x25, slot=3, lba=100, count=8, size=4096, pieces=pieces)
    assert rig.bytes_at(DATA, 4096) == content
    rig.issue(0xEA)
    assert rig.disk.flushes == 1


def test_queued_commands_end_by_device_bits(rig):
    rig.disk.data[512 : 512 + 4] = b"tail"
    for slot in (1, 5):
        rig.prepare(0x60, slot=slot, lba=1, feature=1, count=slot << 3, size=512)
    rig.put(rig.port(0, r.SACT), 1 << 1 | 1 << 5)
    rig.put(rig.port(0, r.CI), 1 << 1 | 1 << 5)
    assert rig.get(rig.port(0, r.SACT)) == 0
    assert rig.get(rig.port(0, r.CI)) == 0
    assert rig.get(rig.port(0, r.PXIS)) & r.SDBS
    assert rig.bytes_at(DATA, 4) == b"tail"


def test_a_failed_queued_command_is_in_the_log(rig):
    rig.put(rig.port(0, r.SACT), 1 << 4)
    rig.issue(0x60, slot=4, lba=SECTORS, feature=1, count=4 << 3, size=512)
    assert rig.get(rig.port(0, r.PXIS)) & r.TFES
    assert rig.get(rig.port(0, r.TFD)) & 1
    assert rig.get(rig.port(0, r.SACT)) == 1 << 4
    rig.start()
    rig.issue(0x2F, lba=0x10, count=1, size=512)
    page = rig.bytes_at(DATA, 512)
    assert page[0] == 4
    assert sum(page) & 0xFF == 0


def test_nothing_runs_after_an_error_until_the_port_is_started_anew(rig):
    rig.issue(0x25, lba=SECTORS, count=1, size=512)
    rig.issue(0xEC, slot=1, size=512)
    assert rig.get(rig.port(0, r.CI)) == 0b11
    rig.put(rig.port(0, r.CMD), r.FRE)
    assert rig.get(rig.port(0, r.CI)) == 0
    rig.start()
    rig.issue(0xEC, size=512)
    assert rig.get(rig.port(0, r.CI)) == 0


def test_bad_sectors_are_errors(rig):
    rig.disk.failure = MediumError("bad")
    rig.issue(0x25, lba=7, count=1, size=512)
    assert rig.get(rig.port(0, r.TFD)) >> 8 & 0x40  # UNC


def test_packets(rig):
    rig.start(1)
    rig.disc.data[2048:2052] = b"disc"
    rig.issue(0xA0, number=1, feature=0, size=64, packet=bytes((3, 0, 0, 0, 18)) + bytes(7))
    for feature in (0, 1):  # by PIO and by DMA
        read = bytes((0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0))
        rig.put(rig.port(1, r.PXIS), 0xFFFFFFFF)
        rig.memory.ram.view[DATA : DATA + 4] = bytes(4)
        for _ in range(2):  # the first one may tell that the disc is new
            rig.start(1)
            rig.put(rig.port(1, r.CMD), r.FRE)
            rig.start(1)
            rig.issue(0xA0, number=1, feature=feature, size=2048, packet=read)
        assert rig.bytes_at(DATA, 4) == b"disc"


def test_a_full_host_holds_the_command(rig):
    rig.disk.failure = MediumFull("The disk of the host is full.")
    rig.memory.ram.view[DATA : DATA + 4] = b"keep"
    rig.issue(0x35, lba=2, count=1, size=512, write=True)
    ((error_id, _, retry),) = rig.machine.errors
    assert error_id == "DrvVD_DISKFULL"
    assert rig.get(rig.port(0, r.CI)) == 1
    state = msgspec.msgpack.encode(rig.ahci.state_to_save())
    other = Rig()
    other.memory.ram.view[:] = rig.memory.ram.view
    other.ahci.state = msgspec.msgpack.decode(state, type=type(rig.ahci.state))
    other.ahci.state_loaded(1)
    other.advance(1000)
    assert other.disk.data[1024:1028] == b"keep"
    assert other.get(other.port(0, r.CI)) == 0
    rig.disk.failure = None
    retry()
    assert rig.disk.data[1024:1028] == b"keep"
    assert rig.get(rig.port(0, r.CI)) == 0
    assert rig.get(rig.port(0, r.PXIS)) & r.DHRS


def test_comreset_and_controller_reset(rig):
    rig.put(rig.port(0, r.SCTL), 0x301)
    rig.put(rig.port(0, r.SCTL), 0x300)
    assert rig.get(rig.port(0, r.SERR)) & r.SERR_EXCHANGED
    assert rig.bytes_at(FRAMES + r.RFIS_D2H, 1) == bytes((r.FIS_D2H,))
    rig.put(r.GHC, r.GHC_HR)
    assert rig.get(r.GHC) == r.GHC_AE
    assert rig.get(rig.port(0, r.CMD)) == r.HPCP
    rig.ahci.reset(ResetKind.SOFT)


def test_boot_order_names_the_ports():
    assert [device.path for device in Rig().ahci.boot_devices()] == [
        "/pci@i0cf8/pci8086,2829@d/drive@0/disk@0",
        "/pci@i0cf8/pci8086,2829@d/drive@1/disk@0",
    ]


def test_hostile_tables_do_no_harm(rig):
    """All-ones and endless regions: the guest harms itself only."""
    for address in (TABLES, LISTS):
        rig.memory.ram.view[address : address + 4096] = b"\xff" * 4096
    rig.put(rig.port(0, r.CI), 0xFFFFFFFF)
    rig.put(rig.port(0, r.CMD), 0)
    rig.start()
    rig.issue(0xEC, size=512)
    assert rig.get(rig.port(0, r.CI)) == 0


def plug_disk(rig, lun=2):
    disk = Disk(SECTORS * 512)
    rig.set.attach("ahci/0", lun, disk)
    rig.ahci.plug_drive(lun, "disk")
    return disk


def test_a_disk_is_plugged_in_while_the_machine_runs(rig):
    rig.start(2)
    assert not rig.ahci.intx.level
    disk = plug_disk(rig)
    assert rig.ahci.intx.level
    assert rig.get(r.IS) == 1 << 2
    assert rig.get(rig.port(2, r.SSTS)) == r.SSTS_PRESENT
    assert rig.get(rig.port(2, r.SIG)) == r.SIGNATURE_DISK
    assert rig.get(rig.port(2, r.PXIS)) & (r.PCS | r.PRCS) == r.PCS | r.PRCS
    assert rig.bytes_at(FRAMES + 2 * 0x1000 + r.RFIS_D2H, 1) == bytes((r.FIS_D2H,))
    rig.put(rig.port(2, r.SERR), r.SERR_EXCHANGED | r.SERR_PHY_CHANGED)
    rig.put(r.IS, 1 << 2)
    assert not rig.get(rig.port(2, r.PXIS)) & (r.PCS | r.PRCS)
    assert not rig.ahci.intx.level
    rig.memory.ram.view[DATA : DATA + 4] = b"news"
    rig.issue(0x35, number=2, lba=1, count=1, size=512, write=True)
    assert disk.data[512:516] == b"news"


def test_a_disk_is_taken_away_while_a_command_waits_for_the_host(rig):
    rig.start(2)
    disk = plug_disk(rig)
    rig.put(rig.port(2, r.SERR), 0xFFFFFFFF)
    disk.failure = MediumFull("The disk of the host is full.")
    rig.issue(0x35, number=2, lba=1, count=1, size=512, write=True)
    ((_, _, retry),) = rig.machine.errors
    rig.ahci.unplug_drive(2)
    rig.set.attach("ahci/0", 2, None)
    assert rig.get(rig.port(2, r.SSTS)) == 0
    assert rig.get(rig.port(2, r.SIG)) == r.NO_SIGNATURE
    assert rig.get(rig.port(2, r.CI)) == 0
    assert rig.get(rig.port(2, r.PXIS)) & r.PRCS
    retry()
    rig.ahci.unplug_drive(2)
    rig.issue(0xEC, number=2, size=512)
    state = msgspec.msgpack.encode(rig.ahci.state_to_save())
    rig.ahci.state = msgspec.msgpack.decode(state, type=type(rig.ahci.state))
    rig.ahci.state_loaded(1)
    plug_disk(rig)
    assert rig.get(rig.port(2, r.SSTS)) == r.SSTS_PRESENT


def test_a_drive_needs_an_empty_port(rig):
    with pytest.raises(ConfigurationError, match="port 0 has a drive already"):
        rig.ahci.plug_drive(0, "disk")
    with pytest.raises(ConfigurationError, match="port 3 does not exist"):
        rig.ahci.plug_drive(3, "cdrom")


def test_guests_are_told_which_ports_are_hot_pluggable():
    rig = Bench(tree(ahci={"pci": (13, 0), "ports": 2, "units": ",cdrom", "fixed": 0b10}))
    commands = [
        rig.device("ahci").read_register(r.PORTS + number * r.PORT_STRIDE + r.CMD, 4)
        for number in range(2)
    ]
    assert [bool(command & r.HPCP) for command in commands] == [True, False]
