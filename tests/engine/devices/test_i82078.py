"""82078: commands as SeaBIOS, Linux, DOS and GRUB issue them, with the real DMA controller."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.i82078.state import geometry_of
from engine.pdm import MediumError, MediumFull, ResetKind
from tests.engine.devices.floppyrig import DIR, DOR, FIFO, KB, MSR, TDR, Disk, Rig

# ------------------------------------------------------------------ controller


def test_reset_raises_the_interrupt_and_reports_four_drives():
    rig = Rig(start=False)
    assert rig.inb(MSR) == 0
    rig.outb(DOR, 0x08)
    rig.outb(FIFO, 0x10)  # taken by nobody
    rig.outb(DOR, 0x0C)
    assert rig.irq
    assert rig.inb(MSR) == 0x80
    rig.drain_reset()
    assert not rig.irq
    assert rig.command(0x08) == [0x80]


def test_software_reset_by_dsr():
    rig = Rig()
    rig.outb(MSR, 0x80)
    assert rig.irq
    rig.drain_reset()


def test_interrupt_gate_of_dor():
    rig = Rig()
    rig.outb(DOR, 0x14)
    rig.command(0x07, 0)
    rig.advance(200_000)
    assert not rig.irq
    rig.outb(DOR, 0x1C)
    assert rig.irq


def test_version_part_id_and_unknown_commands():
    rig = Rig()
    assert rig.command(0x10) == [0x90]
    assert rig.command(0x18) == [0x01]
    for unknown in (0x00, 0x11, 0x1F, 0x2E, 0xFF, 0x83):
        assert rig.command(unknown) == [0x80]
    assert rig.inb(MSR) == 0x80


def test_configure_lock_dumpreg_perpendicular():
    rig = Rig()
    rig.command(0x13, 0, 0x57, 0x12)
    assert rig.command(0x94) == [0x10]
    rig.command(0x12, 0x84 | 0x03)
    assert rig.command(0x0E) == [0, 0, 0, 0, 0xDF, 0x02, 0, 0x80 | 0x07, 0x57, 0x12]
    rig.outb(DOR, 0)
    rig.outb(DOR, 0x1C)
    assert not rig.irq  # polling is off and the lock has kept that
    assert rig.command(0x0E)[7:] == [0x84, 0x57, 0x12]
    assert rig.command(0x14) == [0x00]
    rig.outb(DOR, 0)
    rig.outb(DOR, 0x1C)
    assert rig.irq
    rig.drain_reset()
    assert rig.command(0x0E)[8:] == [0x20, 0x00]


def test_drive_specification():
    rig = Rig()
    assert rig.command(0x8E, 0x05, 0xC0) == []
    assert rig.inb(MSR) == 0x80
    assert rig.command(0x8E, 0x25, 0x80) == [0x05, 0x05, 0, 0]


def test_registers_without_side_effects():
    rig = Rig()
    assert rig.inb(0x3F0) == rig.inb(0x3F1) == 0xFF
    rig.outb(TDR, 0xFF)
    assert rig.inb(TDR) == 3
    assert rig.inb(DOR) == 0x1C


# ------------------------------------------------------------------ seeks


def test_recalibrate_and_seek():
    rig = Rig(Disk())
    rig.command(0x0F, 0, 40)
    assert rig.inb(MSR) == 0x81
    rig.advance(200_000)
    assert rig.irq
    assert rig.inb(MSR) == 0x81
    assert rig.command(0x08) == [0x20, 40]
    assert rig.inb(MSR) == 0x80
    assert not rig.irq
    assert rig.command(0x04, 0) == [0x28]
    rig.command(0x07, 0)
    rig.advance(200_000)
    assert rig.command(0x08) == [0x20, 0]
    assert rig.command(0x04, 4) == [0x3C]


def test_relative_seek():
    rig = Rig(Disk())
    rig.seek(10)
    rig.command(0xCF, 0, 5)
    rig.advance(200_000)
    assert rig.command(0x08) == [0x20, 15]
    rig.command(0x8F, 0, 20)
    rig.advance(200_000)
    assert rig.command(0x08) == [0x20, 0]


def test_two_drives_seek_at_once():
    rig = Rig(Disk(), Disk())
    rig.command(0x0F, 0, 5)
    rig.command(0x0F, 1, 7)
    rig.advance(200_000)
    assert rig.inb(MSR) == 0x83
    assert rig.command(0x08) == [0x20, 5]
    rig.command(0x0F, 0, 6)
    rig.advance(200_000)
    assert rig.command(0x08) == [0x21, 7]
    assert rig.command(0x08) == [0x20, 6]
    assert rig.command(0x08) == [0x80]


def test_missing_drive_finds_no_track_0():
    rig = Rig()
    rig.command(0x07, 3)
    rig.advance(200_000)
    assert rig.command(0x08) == [0x73, 0]
    assert rig.command(0x04, 3) == [0x2B]


# ------------------------------------------------------------------ reading and writing


def test_read_one_sector():
    rig = Rig(Disk())
    assert rig.read(0, 0, 1) == [0, 0, 0, 0, 0, 2, 2]
    assert rig.sectors(1) == [0]
    assert not rig.irq
    assert rig.inb(MSR) == 0x80


def test_read_over_both_heads():
    rig = Rig(Disk())
    rig.seek(3)
    assert rig.read(3, 0, 17, 4) == [4, 0, 0, 3, 1, 3, 2]
    assert rig.sectors(4) == [3 * 36 + 16, 3 * 36 + 17, 3 * 36 + 18, 3 * 36 + 19]


def test_whole_cylinder_ends_with_the_next_id():
    rig = Rig(Disk())
    assert rig.read(0, 0, 1, 36) == [4, 0, 0, 1, 0, 1, 2]
    assert rig.sectors(36) == list(range(36))


def test_end_of_cylinder_without_terminal_count():
    rig = Rig(Disk())
    assert rig.read(0, 0, 1, 20, opcode=0x66) == [0x40, 0x80, 0, 1, 0, 1, 2]
    assert rig.sectors(18) == list(range(18))


def test_result_raises_the_interrupt_and_reading_it_clears():
    rig = Rig(Disk())
    rig.dma(0x46, 512)
    rig.command(0xE6, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF)
    assert rig.inb(MSR) == 0x10
    rig.advance(1_000_000)
    assert rig.irq
    assert rig.inb(MSR) == 0xD0
    assert rig.inb(FIFO) == 0
    assert not rig.irq


def test_transfer_waits_for_the_dma_channel():
    rig = Rig(Disk())
    rig.outb(0x0A, 6)
    rig.command(0xE6, 0, 0, 0, 5, 2, 18, 0x1B, 0xFF)
    assert rig.wait() == []
    rig.dma(0x46, 512)
    assert rig.result() == [0, 0, 0, 0, 0, 6, 2]
    assert rig.sectors(1) == [4]


def test_write_and_read_back():
    disk = Disk()
    rig = Rig(disk)
    rig.seek(79)
    assert rig.write(79, 1, 18, b"z" * 512) == [4, 0, 0, 80, 0, 1, 2]
    assert disk.data[-512:] == b"z" * 512
    assert disk.data[-1024:-1020] == (2878).to_bytes(4, "little")


def test_short_dma_write_is_filled_with_zeroes():
    disk = Disk()
    rig = Rig(disk)
    assert rig.write(0, 0, 2, b"abc")[:3] == [0, 0, 0]
    assert disk.data[512:1024] == b"abc" + bytes(509)


def test_write_deleted_and_read_deleted():
    disk = Disk()
    rig = Rig(disk)
    assert rig.write(0, 0, 1, b"d" * 512, opcode=0xC9)[:3] == [0, 0, 0]
    assert disk.data[:512] == b"d" * 512
    assert rig.read(0, 0, 1, 2, opcode=0xCC)[:3] == [0, 0, 0x40]
    assert rig.read(0, 0, 1, 2, opcode=0xEC)[:3] == [0x40, 0x04, 0]


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ((1, 0, 1), [0x40, 0x04, 0x10]),  # wrong cylinder
        ((0, 0, 19), [0x40, 0x04, 0x00]),
        ((0, 0, 0), [0x40, 0x04, 0x00]),
    ],
)
def test_sector_that_is_not_there(where, status):
    assert Rig(Disk()).read(*where)[:3] == status


def test_wrong_head_in_the_id_and_wrong_sector_size():
    rig = Rig(Disk())
    rig.dma(0x46, 512)
    rig.command(0xE6, 0x04, 0, 0, 1, 2, 18, 0x1B, 0xFF)
    assert rig.wait()[:3] == [0x44, 0x04, 0]
    assert rig.read(0, 0, 1, n=3)[:3] == [0x40, 0x04, 0]


def test_empty_drive_and_wrong_data_rate():
    assert Rig().read(0, 0, 1)[:3] == [0x40, 0x01, 0]
    assert Rig(Disk(), rate=2).read(0, 0, 1)[:3] == [0x40, 0x01, 0]
    assert Rig(Disk(720 * KB), rate=2).read(0, 0, 1, eot=9)[:3] == [0, 0, 0]
    assert Rig(Disk(360 * KB), rate=1).read(0, 0, 1, eot=9)[:3] == [0, 0, 0]
    assert Rig(Disk(2880 * KB), rate=3).read(0, 0, 35, eot=36)[:3] == [0, 0, 0]


def test_write_protection():
    disk = Disk(read_only=True)
    rig = Rig(disk)
    assert rig.write(0, 0, 1, b"x" * 512)[:3] == [0x40, 0x02, 0]
    assert rig.command(0x04, 0) == [0x78]
    assert rig.read(0, 0, 1)[:3] == [0, 0, 0]


def test_medium_error_shows_as_data_error():
    disk = Disk()
    rig = Rig(disk)
    disk.error = MediumError("The image is gone.")
    assert rig.read(0, 0, 1)[:3] == [0x40, 0x20, 0x20]
    assert rig.write(0, 0, 1, b"x" * 512)[:3] == [0x40, 0x20, 0x20]


def test_full_host_disk_pauses_and_retries():
    disk = Disk()
    rig = Rig(disk)
    disk.error = MediumFull("No room on the host.")
    assert rig.write(0, 0, 1, b"a" * 512 + b"b" * 512) == []
    (error_id, message, retry), = rig.machine.errors
    assert error_id == "DevFDC_DISKFULL"
    assert message == "No room on the host."
    assert not rig.irq
    retry()
    assert len(rig.machine.errors) == 2
    disk.error = None
    rig.machine.errors[1][2]()
    assert rig.result() == [0, 0, 0, 0, 0, 3, 2]
    assert disk.data[:1024] == b"a" * 512 + b"b" * 512


def test_full_host_disk_survives_a_saved_state():
    disk = Disk()
    rig = Rig(disk)
    disk.error = MediumFull("No room on the host.")
    rig.write(0, 0, 1, b"a" * 512)
    other_disk = Disk()
    other = Rig(other_disk)
    for name in ("i82078", "i8237a"):
        source, target = rig.device(name), other.device(name)
        target.state = msgspec.msgpack.decode(
            msgspec.msgpack.encode(source.state), type=type(target.state)
        )
        target.state_loaded(1)
    assert other.wait() == [0, 0, 0, 0, 0, 2, 2]
    assert other_disk.data[:512] == b"a" * 512


def test_read_id():
    rig = Rig(Disk())
    rig.seek(12)
    found = set()
    for _ in range(40):
        rig.command(0x4A, 0x04)
        st0, st1, st2, c, h, r, n = rig.wait()
        assert (st0, st1, st2, c, h, n) == (4, 0, 0, 12, 1, 2)
        found.add(r)
        rig.advance(11_100_000)
    assert found == set(range(1, 19))
    empty = Rig()
    empty.command(0x4A, 0)
    assert empty.wait()[:2] == [0x40, 0x01]


def test_verify():
    disk = Disk()
    rig = Rig(disk)
    assert rig.command(0xF6, 0x80, 0, 0, 1, 2, 18, 0x1B, 20) == []
    assert rig.wait() == [4, 0, 0, 0, 1, 3, 2]
    rig.command(0x76, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF)
    assert rig.wait()[:3] == [0, 0, 0]
    rig.command(0x76, 0x80, 0, 0, 1, 2, 18, 0x1B, 20)
    assert rig.wait()[:3] == [0x40, 0x80, 0]
    disk.error = MediumError("bad")
    rig.command(0x76, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF)
    assert rig.wait()[:3] == [0x40, 0x20, 0x20]


def test_read_track_ignores_the_sector_number():
    rig = Rig(Disk())
    assert rig.read(0, 0, 9, 3, opcode=0x42)[:3] == [0, 0, 0]
    assert rig.sectors(3) == [0, 1, 2]


def test_format_track():
    disk = Disk()
    rig = Rig(disk)
    rig.seek(2)
    ids = b"".join(bytes((2, 1, r, 2)) for r in range(1, 19))
    rig.memory.write(0x8000, ids)
    rig.dma(0x4A, len(ids))
    rig.command(0x4D, 0x04, 2, 18, 0x54, 0xF6)
    assert rig.wait()[:3] == [4, 0, 0]
    start = (2 * 2 + 1) * 18 * 512
    assert disk.data[start : start + 18 * 512] == b"\xf6" * 18 * 512
    assert disk.data[start - 512 : start - 508] == (start // 512 - 1).to_bytes(4, "little")


def test_implied_seek():
    rig = Rig(Disk())
    rig.command(0x13, 0, 0x40, 0)
    assert rig.read(30, 0, 1)[:3] == [0x20, 0, 0]
    assert rig.sectors(1) == [30 * 36]
    assert rig.command(0x0E)[0] == 30


def test_double_stepping_of_a_40_track_disk():
    rig = Rig(Disk(360 * KB), rate=1)
    rig.seek(20)
    assert rig.read(10, 0, 1, eot=9)[:3] == [0, 0, 0]
    assert rig.sectors(1) == [10 * 18]


@pytest.mark.parametrize(
    ("size", "layout"),
    [
        (160 * KB, (40, 1, 8)), (180 * KB, (40, 1, 9)), (320 * KB, (40, 2, 8)),
        (360 * KB, (40, 2, 9)), (720 * KB, (80, 2, 9)), (1200 * KB, (80, 2, 15)),
        (1440 * KB, (80, 2, 18)), (1680 * KB, (80, 2, 21)), (2880 * KB, (80, 2, 36)),
        (1000, (80, 2, 18)), (1_296_384, (80, 2, 18)), (2000 * KB, (80, 2, 36)),
    ],
)  # fmt: skip
def test_geometry_by_size(size, layout):
    assert geometry_of(size)[:3] == layout


def test_image_that_is_cut_short():
    disk = Disk(3 * 512)
    rig = Rig(disk)
    assert rig.read(0, 0, 2, 4)[:3] == [0, 0, 0]
    assert rig.sectors(4) == [1, 2, 0, 0]
    assert rig.write(0, 0, 4, b"x" * 512)[:3] == [0x40, 0x04, 0]


# ------------------------------------------------------------------ programmed I/O


def test_pio_read():
    rig = Rig(Disk(), pio=True)
    rig.command(0x66, 0, 0, 0, 17, 2, 18, 0x1B, 0xFF)
    rig.advance(1_000_000)
    got = b""
    while rig.inb(MSR) & 0x20:
        assert rig.inb(MSR) == 0xF0
        if len(got) % 512 == 0:
            assert rig.irq
        got += bytes([rig.inb(FIFO)])
    assert rig.irq
    assert rig.result()[:3] == [0x40, 0x80, 0]
    assert got[::512] == bytes((16, 17))


def test_pio_write_and_format():
    disk = Disk()
    rig = Rig(disk, pio=True)
    rig.command(0x45, 0, 0, 0, 18, 2, 18, 0x1B, 0xFF)
    rig.advance(1_000_000)
    assert rig.irq
    for n in range(512):
        assert rig.inb(MSR) == 0xB0
        rig.outb(FIFO, n & 0xFF)
    assert rig.result()[:3] == [0x40, 0x80, 0]
    assert disk.data[17 * 512 : 18 * 512] == bytes(range(256)) * 2
    rig.command(0x4D, 0, 2, 2, 0x54, 0xE5)
    rig.advance(1_000_000)
    for byte in (0, 0, 1, 2, 0, 0, 2, 2):
        rig.outb(FIFO, byte)
    assert rig.result()[:3] == [0, 0, 0]
    assert disk.data[:1024] == b"\xe5" * 1024


# ------------------------------------------------------------------ media change and life


def test_disk_change_line():
    rig = Rig(Disk())
    assert rig.inb(DIR) == 0x80
    rig.seek(1)
    assert rig.inb(DIR) == 0
    rig.set.attach("i82078/0", 0, None)
    assert rig.inb(DIR) == 0x80
    rig.seek(2)
    assert rig.inb(DIR) == 0x80
    rig.set.attach("i82078/0", 0, Disk(720 * KB))
    assert rig.inb(DIR) == 0x80
    rig.seek(1)
    assert rig.inb(DIR) == 0
    rig.outb(DOR, 0x1D)
    assert rig.inb(DIR) == 0x80


def test_disk_taken_out_during_a_transfer():
    rig = Rig(Disk())
    rig.outb(0x0A, 6)
    rig.command(0xE6, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF)
    rig.advance(1_000_000)
    rig.set.attach("i82078/0", 0, None)
    rig.dma(0x46, 1024)
    assert rig.result()[:3] == [0x40, 0x01, 0]


def test_hard_reset_and_init():
    rig = Rig(Disk())
    rig.seek(5)
    rig.set.reset(ResetKind.SOFT)
    assert rig.inb(DOR) == 0x1C
    rig.command(0x07, 0)
    rig.set.reset(ResetKind.HARD)
    rig.advance(1_000_000)
    assert rig.inb(DOR) == 0
    assert rig.inb(MSR) == 0
    assert not rig.irq
    assert rig.fdc.state.drives[0].track == 5


def test_reset_in_the_middle_of_a_command():
    rig = Rig(Disk())
    rig.outb(0x0A, 6)
    rig.command(0xE6, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF)
    rig.outb(DOR, 0x18)
    rig.outb(DOR, 0x1C)
    rig.drain_reset()
    assert rig.wait() == []
    assert rig.read(0, 0, 1)[:3] == [0, 0, 0]


def test_state_survives_a_round_trip_in_a_seek_and_in_a_command():
    rig = Rig(Disk())
    rig.command(0x0F, 0, 9)
    rig.outb(FIFO, 0x04)  # half a command
    other = Rig(Disk())
    other.fdc.state = msgspec.msgpack.decode(
        msgspec.msgpack.encode(rig.fdc.state), type=type(other.fdc.state)
    )
    other.fdc.state_loaded(1)
    other.outb(FIFO, 0x00)
    other.advance(200_000)
    assert other.result() == [0x38]  # the seek was still on its way
    assert other.command(0x08) == [0x20, 9]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([DOR, TDR, MSR, FIFO, FIFO, FIFO, FIFO, DIR, 0x0A, 0x0B, 0x05]),
            st.one_of(
                st.integers(0, 255),
                st.sampled_from([0x1C, 0xE6, 0xC5, 0x4D, 0x4A, 0x08, 0x0F, 0x07, 0x03, 0xF6, 2, 1, 0]),
            ),
            st.sampled_from(["w", "w", "w", "r", "wait"]),
        ),
        max_size=120,
    ),
    st.booleans(),
    st.sampled_from([160 * KB, 1440 * KB, 5000]),
)
def test_any_sequence_is_taken(steps, pio, size):
    rig = Rig(Disk(size), pio=pio)
    for port, value, what in steps:
        if what == "w":
            rig.outb(port, value)
        elif what == "r":
            assert 0 <= rig.inb(port) <= 255
        else:
            rig.advance(200_000)
    msgspec.msgpack.encode(rig.fdc.state)
    assert rig.fdc.info()
    rig.outb(DOR, 0)
    rig.outb(DOR, 0x1C)
    assert rig.inb(MSR) == 0x80
