"""Snapshots of a machine that runs: the service, a VM process and a guest that checks its disk."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.api import ApiError, Client, ErrorCode, MachineState
from app.api.events import MachineStateChanged
from app.service.server import Service
from app.service.snapshots.journal import SnapshotJournal
from app.settings.defaults import default_settings
from app.settings.model import MediumAttachment, RemovableImage, StorageController
from engine.errors import FirmwareMissingError
from engine.firmware import find_firmware
from engine.ssm.file import MAGIC
from tests.app.service.disks import Guest, add_disk
from tests.app.service.support import failing, kill, wait_until

# Shows S. For ever: counts, fills a sector with the count, writes it to sector (count mod 8192) of
# the first hard disk, reads the sector before it and compares. Shows E and halts when they differ.
CHECKER = bytes.fromhex(
    "fa31c08ed88ec08ed0bc007cfbfc"  # cli / segments to 0 / mov sp, 7C00h / sti / cld
    "b053e86400"                    # mov al, 'S' / call show
    "66ff06807c66a1807c"            # next: inc dword [count] / mov eax, [count]
    "bf0080b98000f366ab"            # mov di, 8000h / mov cx, 128 / rep stosd
    "6625ff1f000066a38c7c"          # and eax, 1FFFh / mov [packet + 8], eax
    "c706887c0080be847cb280"        # mov word [packet + 4], 8000h / mov si, packet / mov dl, 80h
    "b80043cd13722e"                # mov ax, 4300h / int 13h / jc bad
    "66a18c7c6683e80172c8"          # mov eax, [packet + 8] / sub eax, 1 / jb next
    "66a38c7cc706887c0082"          # mov [packet + 8], eax / mov word [packet + 4], 8200h
    "be847cb280b442cd13720f"        # mov si, packet / mov dl, 80h / mov ah, 42h / int 13h / jc bad
    "66a1807c664874ab"              # mov eax, [count] / dec eax / jz next
    "663b06008274a4"                # cmp eax, [8200h] / je next
    "b045e80300f4ebfd"              # bad: mov al, 'E' / call show / stop: hlt / jmp stop
    "b40ebb0700cd10c390"            # show: mov ah, 0Eh / mov bx, 7 / int 10h / ret / nop
    "00000000"                      # count
    "10000100008000000000000000000000"  # packet: a sector from 0000:8000
)  # fmt: skip


@pytest.fixture
def running(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: Service
) -> Iterator[Guest]:
    """A machine in which the checker has begun."""
    try:
        find_firmware()
    except FirmwareMissingError as error:
        pytest.skip(str(error))
    settings = default_settings("box")
    settings.hardware.memory_mb = 16
    settings.hardware.boot_order = ["Floppy"]
    settings.hardware.firmware.boot_menu = "Disabled"
    settings.hardware.network_adapters = []
    settings.hardware.storage_controllers = [
        StorageController(name="IDE", type="PIIX4"),
        StorageController(name="Floppy", type="I82078", port_count=1),
    ]
    machine = client.virtualbox.create_machine("box", "Other", str(tmp_path / "vms"), settings)
    add_disk(client, machine.id)
    image = (CHECKER.ljust(510, b"\0") + b"\x55\xaa").ljust(1_474_560, b"\0")
    (tmp_path / "boot.img").write_bytes(image)
    settings = client.machine(machine.id).get_settings()
    boot = RemovableImage(uuid=str(uuid.uuid4()), location=str(tmp_path / "boot.img"))
    settings.media.floppy_images.append(boot)
    settings.hardware.storage_controllers[1].attachments.append(
        MediumAttachment(type="Floppy", medium=boot.uuid)
    )
    client.machine(machine.id).save_settings(settings)
    monkeypatch.setattr(
        service.sessions, "_config", service.config.__class__(attach_seconds=40.0)
    )
    client.machine(machine.id).launch("headless")
    guest = Guest(client, machine.id)
    wait_until(lambda: screen(guest).startswith("S"), 20)
    yield guest
    state = client.virtualbox.find_machine(machine.id).state
    if state.is_online:
        kill(client.virtualbox.find_machine(machine.id).session_pid)


def screen(guest: Guest) -> str:
    """What the guest has shown: S, and E when its disk was wrong."""
    lines = guest.client.console(guest.id).screen_text().split("\n")
    return "".join(line.strip() for line in lines if line.strip() in ("S", "SE"))


def state_of(guest: Guest) -> MachineState:
    return guest.client.virtualbox.find_machine(guest.id).state


def go_on(guest: Guest) -> None:
    """The guest works for a while and finds its disk right."""
    time.sleep(0.4)
    assert screen(guest) == "S"


def power_off(guest: Guest) -> None:
    guest.client.console(guest.id).power_off()
    wait_until(lambda: state_of(guest) is MachineState.POWERED_OFF, 10)
    wait_until(lambda: not guest.client.virtualbox.find_machine(guest.id).session_pid, 10)


def test_taken_deleted_and_restored_while_it_runs(client: Client, running: Guest) -> None:
    snapshots = client.snapshots(running.id)
    states = client.events(MachineStateChanged)
    one = snapshots.take("one")
    assert state_of(running) is MachineState.RUNNING
    assert (running.folder / one.state_file).is_file()
    assert [states.get(5).state for _ in range(2)] == ["OnlineSnapshotting", "Running"]
    go_on(running)
    snapshots.take("two")
    go_on(running)
    assert len(running.images()) == 3
    snapshots.delete("one")
    assert not (running.folder / one.state_file).exists()
    assert len(running.images()) == 2
    go_on(running)
    power_off(running)
    with running.chain() as chain:
        assert len(chain.paths) == 2
    snapshots.restore("two")
    assert state_of(running) is MachineState.SAVED
    client.machine(running.id).launch("headless")
    wait_until(lambda: state_of(running) is MachineState.RUNNING, 20)
    go_on(running)
    snapshots.delete("two")
    go_on(running)
    assert len(running.images()) == 1
    power_off(running)
    assert running.settings.snapshots == []


def test_of_a_paused_machine(client: Client, running: Guest) -> None:
    client.console(running.id).pause()
    wait_until(lambda: state_of(running) is MachineState.PAUSED, 5)
    snapshots = client.snapshots(running.id)
    snapshots.take("one")
    assert state_of(running) is MachineState.PAUSED
    client.console(running.id).resume()
    go_on(running)
    client.console(running.id).pause()
    snapshots.delete("one")
    client.console(running.id).resume()
    go_on(running)
    assert len(running.images()) == 1


def test_a_branch_beside_the_running_one(client: Client, running: Guest) -> None:
    snapshots = client.snapshots(running.id)
    snapshots.take("root")
    snapshots.take("middle")
    go_on(running)
    snapshots.take("left")
    power_off(running)
    left = running.read_snapshot("left")
    snapshots.restore("middle")
    client.machine(running.id).launch("headless")
    wait_until(lambda: state_of(running) is MachineState.RUNNING, 20)
    go_on(running)
    snapshots.delete("middle")
    go_on(running)
    power_off(running)
    assert running.read_snapshot("left") == left


def test_what_a_running_machine_refuses(client: Client, running: Guest) -> None:
    client.snapshots(running.id).take("one")
    with failing(ErrorCode.VBOX_E_INVALID_VM_STATE, "Cannot restore a snapshot"):
        client.snapshots(running.id).restore("one")
    with failing(ErrorCode.E_ACCESSDENIED, "for the service only"):
        client.console(running.id).commit_merge()
    settings = client.machine(running.id).get_settings()
    settings.hardware.storage_controllers[0].attachments[0].medium = (
        settings.media.hard_disks[0].uuid
    )
    with failing(ErrorCode.VBOX_E_INVALID_VM_STATE, "powered off to change"):
        client.machine(running.id).save_settings(settings)


def test_a_state_that_cannot_be_written_leaves_the_machine_as_it_was(
    client: Client, running: Guest
) -> None:
    folder = running.folder / "Snapshots"
    folder.mkdir()
    stop = threading.Event()

    def remove_states() -> None:
        while not stop.is_set():
            for path in folder.rglob("*"):
                with contextlib.suppress(OSError):
                    if path.read_bytes().startswith(MAGIC):
                        path.unlink()

    remover = threading.Thread(target=remove_states)
    remover.start()
    try:
        with pytest.raises(ApiError):
            client.snapshots(running.id).take("one")
    finally:
        stop.set()
        remover.join()
    assert state_of(running) is MachineState.RUNNING
    assert running.settings.snapshots == []
    assert len(running.images()) == 1
    go_on(running)
    power_off(running)
    with running.chain() as chain:
        assert len(chain.paths) == 1


@pytest.mark.parametrize("action", ["take", "delete"])
@pytest.mark.parametrize("moment", [0.05, 0.3])
def test_a_vm_process_that_is_killed_meanwhile(
    client: Client, running: Guest, service: Service, action: str, moment: float
) -> None:
    """kill -9: what the guest has written is there, and the tree is as before or after."""
    snapshots = client.snapshots(running.id)
    if action == "delete":
        snapshots.take("one")
    pid = client.virtualbox.find_machine(running.id).session_pid
    timer = threading.Timer(moment, os.kill, (pid, signal.SIGKILL))
    timer.start()
    try:
        (snapshots.take if action == "take" else snapshots.delete)("one")
    except ApiError:
        pass
    timer.join()
    wait_until(lambda: state_of(running) is MachineState.ABORTED, 10)
    snapshots.take("after")
    assert not SnapshotJournal(service.place.home).machines()
    names = {each.name for each in running.settings.snapshots}
    assert names in ({"after"}, {"one", "after"})
    assert len(running.images()) == len(names) + 1
    check_disk(running.read())
    for name in names:
        check_disk(running.read_snapshot(name))


def check_disk(contents: bytes) -> None:
    """Each sector has the count after that of the sector before it, apart from one seam."""
    counts = [
        int.from_bytes(contents[offset : offset + 4], "little")
        for offset in range(0, len(contents), 512)
    ]
    written = [count for count in counts if count]
    seams = sum(b != a + 1 for a, b in zip(written, written[1:], strict=False))
    assert written
    assert seams <= 1
