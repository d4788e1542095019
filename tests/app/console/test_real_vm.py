"""The console on the real engine: a boot sector that writes, and a host disk that fills up."""

import resource
import time

import pytest

from app.api.structs import MachineState
from app.console import console as module
from app.console import events
from app.console.process import open_console
from app.settings.model import HardDisk, MediumAttachment, StorageController
from engine.errors import FirmwareMissingError
from engine.firmware import find_firmware
from engine.storage.create import create_medium
from engine.storage.medium import open_medium
from tests.app.console.fakes import floppy_session

MIB = 1 << 20
DISK_BYTES = 8 * MIB

# Boot sector: shows S, writes 8 MiB to the first hard disk with INT 13h/43h in steps of 64
# sectors, shows D (or E after an error), halts.
WRITER = bytes.fromhex(
    "fa"            # cli
    "31c0"          # xor ax, ax
    "8ed88ec08ed0"  # mov ds, ax / mov es, ax / mov ss, ax
    "bc007c"        # mov sp, 7C00h
    "fb"            # sti
    "b053e82700"    # mov al, 'S' / call show
    "be447c"        # next: mov si, packet
    "b280"          # mov dl, 80h
    "b80043cd13"    # mov ax, 4300h / int 13h
    "b0457213"      # mov al, 'E' / jc stop
    "6683064c7c40"  # add dword [packet + 8], 64
    "66813e4c7c00400000"  # cmp dword [packet + 8], 16384
    "72e1"          # jb next
    "b044"          # mov al, 'D'
    "e80300"        # stop: call show
    "f4ebfd"        # idle: hlt / jmp idle
    "b40ebb0700cd10c3"    # show: mov ah, 0Eh / mov bx, 7 / int 10h / ret
    "909090"
    "10004000007c00000000000000000000"  # packet: 64 sectors from 0000:7C00 to LBA 0
)  # fmt: skip


@pytest.fixture(autouse=True)
def firmware():
    try:
        find_firmware()
    except FirmwareMissingError as error:
        pytest.skip(str(error))


@pytest.fixture
def session(tmp_path, monkeypatch):
    create_medium(tmp_path / "Test.vdi", format_name="VDI", variant="Standard", size=DISK_BYTES)
    session = floppy_session(tmp_path, WRITER)
    session.settings.media.hard_disks.append(HardDisk(uuid="disk", location="Test.vdi"))
    disk = MediumAttachment(type="HardDisk", medium="disk")
    ide = StorageController(name="IDE", type="PIIX4", attachments=[disk])
    session.settings.hardware.storage_controllers.append(ide)
    monkeypatch.setattr(module.VmSession, "attach", lambda *_args, **_kwargs: session)
    return session


@pytest.fixture
def console(session):
    console = open_console("Test")
    console.told = []
    console.add_listener(console.told.append)
    yield console
    if console.state.is_online and console.state is not MachineState.STARTING:
        console.power_off()
        assert console.wait_for_end(10)


@pytest.fixture
def full_disk():
    """The host takes no file longer than 3 MiB; returns what frees the disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3 * MIB, before[1]))

    def free():
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    yield free
    free()


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def screen_ends_with(console, text):
    return (console.display.screen_text() or "").rstrip().endswith(text)


@pytest.mark.slow
def test_full_host_disk_pauses_the_guest_and_loses_nothing(console, session, full_disk, tmp_path):
    console.start()
    wait_until(lambda: console.state is MachineState.PAUSED)
    error = next(e for e in console.told if isinstance(e, events.RuntimeErrorRaised))
    assert not error.fatal
    assert "Test.vdi" in error.message
    assert screen_ends_with(console, "S")

    console.resume()
    wait_until(lambda: console.state is MachineState.PAUSED)  # still full

    full_disk()
    console.resume()
    wait_until(lambda: screen_ends_with(console, "SD"))
    assert console.state is MachineState.RUNNING

    console.power_off()
    assert console.wait_for_end(10)
    with open_medium(tmp_path / "Test.vdi", read_only=True) as disk:
        assert disk.check() == []
    assert (tmp_path / "Test.vdi").stat().st_size > DISK_BYTES
    assert session.detached.is_set()


@pytest.mark.slow
def test_pause_reset_and_exchange_of_a_floppy(console, tmp_path):
    other = tmp_path / "other.img"
    other.write_bytes(b"\0" * 1_474_560)
    console.start()
    wait_until(lambda: screen_ends_with(console, "SD"))
    console.pause()
    console.resume()
    console.mount_medium("Floppy", 0, 0, str(other), force=False)
    console.reset()
    wait_until(lambda: "SD" not in (console.display.screen_text() or ""))
    assert console.state is MachineState.RUNNING
    assert console.screenshot().startswith(b"\x89PNG")
