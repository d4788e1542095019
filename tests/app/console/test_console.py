"""The life of a VM process's console, with the engine and the service played by fakes."""

import copy
import logging
import struct
import time
from types import SimpleNamespace

import pytest

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState
from app.console import console as module
from app.console import events
from app.console import input as input_module
from app.console.debugger import DebuggerServant
from app.console.process import open_console
from app.console.servant import ConsoleServant
from app.settings.enums import DeviceType
from app.settings.model import (
    HardDisk,
    MediumAttachment,
    RemovableImage,
    SerialPort,
    StorageController,
)
from engine.errors import FirmwareMissingError
from engine.pdm import MemoryBalloon
from engine.storage.errors import MediumIOError
from engine.vmevents import MediumEjected
from tests.app.console.fakes import FakeSession, FakeVm, settings

ISO_UUID = "0c0ffee0-0000-4000-8000-00000000000d"


@pytest.fixture
def iso(tmp_path):
    path = tmp_path / "disc.iso"
    path.write_bytes(bytes(2048 * 20))
    return path


@pytest.fixture
def session(tmp_path, iso, monkeypatch):
    drive = MediumAttachment(type="DVD", port=1, device=0, medium=ISO_UUID)
    machine = settings(
        storage_controllers=[StorageController(name="IDE", type="PIIX4", attachments=[drive])]
    )
    machine.media.dvd_images.append(RemovableImage(uuid=ISO_UUID, location=str(iso)))
    session = FakeSession(tmp_path, machine)
    monkeypatch.setattr(module.VmSession, "attach", lambda *_args, **_kwargs: session)
    monkeypatch.setattr(module, "VM", FakeVm)
    FakeVm.failure = None
    return session


@pytest.fixture
def console(session):
    console = open_console("Test")
    console.told = []
    console.add_listener(console.told.append)
    yield console
    if console.state in {MachineState.RUNNING, MachineState.PAUSED, MachineState.STUCK}:
        console.power_off()
        assert console.wait_for_end(5)


def states(console):
    return [e.state for e in console.told if isinstance(e, events.StateChanged)]


def log_of(session):
    path = f"{session.start_info.log_folder}/VBox.log"
    with open(path, encoding="utf-8") as file:
        return file.read()


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_whole_life(console, session):
    console.start()
    console.pause()
    console.resume()
    console.power_off()
    assert console.wait_for_end(5)
    assert states(console) == ["Running", "Paused", "Running", "Stopping", "PoweredOff"]
    assert console.told[-1] == events.Ended()
    assert [state for state, _ in session.reports] == states(console)
    assert session.detached.is_set()
    log = log_of(session)
    assert "release log" in log.splitlines()[0]
    assert "[/Devices/vga/0/Config/]" in log
    assert "Console: Machine state changed to 'Running'" in log
    assert "/EM/Halts" in log
    assert "42 times" in log


def test_media_are_attached_and_closed(console, session, iso):
    console.start()
    medium = FakeVm.last.attachments["piix4ide/0", 2]
    assert str(medium.path) == str(iso)
    assert medium.read(0, 4) == bytes(4)
    assert console.drives.activity(DeviceType.DVD) == (1, 0)
    console.power_off()
    assert console.wait_for_end(5)
    assert console.drives.activity(DeviceType.DVD) == (0, 0)


def test_start_paused(console):
    console.start(paused=True)
    assert console.state is MachineState.PAUSED


def test_guest_switches_itself_off(console, session):
    console.start()
    FakeVm.last.guest_powers_off()
    assert console.wait_for_end(5)
    assert states(console) == ["Running", "Stopping", "PoweredOff"]


def test_full_disk_pauses(console, session):
    console.start()
    FakeVm.last.fail("DrvVD_DISKFULL", "The disk of the host is full.", fatal=False)
    assert console.state is MachineState.PAUSED
    error = events.RuntimeErrorRaised("DrvVD_DISKFULL", "The disk of the host is full.", False)
    assert error in console.told
    console.resume()
    console.power_off()
    console.wait_for_end(5)
    assert ("DrvVD_DISKFULL", "The disk of the host is full.", False) in session.reports


def test_guru_meditation_keeps_the_evidence(console, session, tmp_path):
    console.start()
    FakeVm.last.fail("GuruMeditation", "Unexpected exit 17.", fatal=True)
    assert console.state is MachineState.STUCK
    with pytest.raises(ApiError, match="its state is Stuck"):
        console.resume()
    console.power_off()
    console.wait_for_end(5)
    assert (tmp_path / "Logs" / "VBox.png").read_bytes().startswith(b"\x89PNG")
    assert "Unexpected exit 17." in log_of(session)


@pytest.mark.parametrize(
    "failure",
    [FirmwareMissingError("No PC BIOS was found."), OSError(28, "No space left on device")],
)
def test_failed_start_is_told_everywhere(console, session, failure):
    FakeVm.failure = failure
    with pytest.raises(ApiError) as caught:
        console.start()
    assert caught.value.message in str(failure)
    assert session.reports == [("PoweredOff", caught.value.message)]
    assert session.detached.is_set()
    assert console.told[-1] == events.Ended()
    assert caught.value.message in log_of(session)


def test_missing_image_is_named(console, session, iso):
    iso.unlink()
    with pytest.raises(ApiError) as caught:
        console.start()
    assert caught.value.code is ErrorCode.VBOX_E_FILE_ERROR
    assert str(iso) in caught.value.message


def test_damaged_disk_is_named(console, session, tmp_path):
    disk = tmp_path / "bad.vdi"
    disk.write_bytes(b"not a disk at all" * 100)
    session.settings.media.hard_disks.append(HardDisk(uuid="u", location="bad.vdi"))
    session.settings.hardware.storage_controllers[0].attachments.append(
        MediumAttachment(type="HardDisk", port=0, device=0, medium="u")
    )
    with pytest.raises(ApiError, match=r"bad\.vdi"):
        console.start()
    assert "bad.vdi" in session.reports[-1][1]


def test_mistakes_of_the_program_are_logged_with_their_trace(console, session):
    FakeVm.failure = ZeroDivisionError("division by zero")
    with pytest.raises(ApiError, match="made a mistake"):
        console.start()
    assert "Traceback" in log_of(session)


def test_machine_that_is_held_by_another(console, session, monkeypatch):
    error = ApiError(ErrorCode.VBOX_E_INVALID_OBJECT_STATE, "It is locked by process 7.")

    def refuse(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(module.VmSession, "attach", refuse)
    with pytest.raises(ApiError, match="process 7"):
        console.start()
    assert console.told == [events.Ended()]


@pytest.mark.parametrize("command", ["pause", "resume", "reset", "power_off", "power_button"])
def test_commands_before_the_start_are_refused(console, command):
    with pytest.raises(ApiError) as caught:
        getattr(console, command)()
    assert caught.value.code is ErrorCode.VBOX_E_INVALID_VM_STATE


def test_exchange_of_a_disc(console, tmp_path, iso):
    console.start()
    other = tmp_path / "other.iso"
    other.write_bytes(bytes(2048 * 20))
    before = console.drives.medium(console.drives.slots[0])
    console.mount_medium("IDE", 1, 0, str(other), force=False)
    instance, lun, medium = FakeVm.last.calls[-1]
    assert (instance, lun, str(medium.path)) == ("piix4ide/0", 2, str(other))
    with pytest.raises(MediumIOError, match="could not be read"):
        before.read(0, 1)
    console.mount_medium("IDE", 1, 0, None, force=False)
    assert FakeVm.last.calls[-1] == ("piix4ide/0", 2, None)
    assert console.told[-1] == events.MediumChanged("IDE", 1, 0)


def test_an_image_that_cannot_be_used_leaves_the_old_one(console, tmp_path, iso):
    console.start()
    with pytest.raises(ApiError, match="nothing.iso"):
        console.mount_medium("IDE", 1, 0, str(tmp_path / "nothing.iso"), force=False)
    assert str(console.drives.medium(console.drives.slots[0]).path) == str(iso)
    with pytest.raises(ApiError, match="no drive at port 0"):
        console.mount_medium("IDE", 0, 0, None, force=False)


def test_a_locked_drive_needs_force(console, session, iso):
    console.start()
    FakeVm.last.locked = True
    with pytest.raises(ApiError) as caught:
        console.mount_medium("IDE", 1, 0, None, force=False)
    assert caught.value.code is ErrorCode.VBOX_E_OBJECT_IN_USE
    assert console.drives.medium(console.drives.slots[0]) is not None
    console.mount_medium("IDE", 1, 0, None, force=True)
    assert console.drives.medium(console.drives.slots[0]) is None


def test_a_disc_that_the_guest_ejects_is_taken_out_of_the_settings(console, session, iso):
    console.start()
    slot = console.drives.find("IDE", 1, 0)
    FakeVm.last.listener(MediumEjected("piix4ide/0", 2))
    wait_for(lambda: session.mounted)
    assert session.mounted == [("IDE", 1, 0, None, True)]
    # The service then tells the VM process.
    console.mount_medium("IDE", 1, 0, None, force=True)
    assert console.drives.medium(slot) is None
    FakeVm.last.listener(MediumEjected("piix4ide/0", 2))
    FakeVm.last.listener(MediumEjected("i82078/0", 1))
    console.power_off()
    assert console.wait_for_end(5)
    assert len(session.mounted) == 1


def test_a_live_disc_is_back_after_the_next_start(console, session):
    session.settings.hardware.storage_controllers[0].attachments[0].temp_eject = True
    console.start()
    FakeVm.last.listener(MediumEjected("piix4ide/0", 2))
    wait_for(lambda: console.drives.medium(console.drives.find("IDE", 1, 0)) is None)
    assert session.mounted == []
    assert events.MediumChanged("IDE", 1, 0) in console.told


def test_images_are_named_in_the_log_and_opened_as_recorded(console, session, tmp_path, iso):
    # A guest has written the mark of another format into its raw disk.
    (tmp_path / "disk.img").write_bytes(b"QFI\xfb".ljust(1 << 20, b"\0"))
    disk = HardDisk(uuid="raw-disk", location="disk.img", format="RAW")
    session.settings.media.hard_disks.append(disk)
    attachments = session.settings.hardware.storage_controllers[0].attachments
    attachments.append(MediumAttachment(type="HardDisk", medium="raw-disk"))
    console.start()
    assert console.drives.medium(console.drives.find("IDE", 0, 0)).size == 1 << 20
    log = log_of(session)
    assert "[/Devices/piix4ide/0/LUN#2/Config/]" in log
    assert str(iso) in log
    assert str(tmp_path / "disk.img") in log


def test_extra_data_go_to_the_settings(console, session):
    console.start()
    console.store_extra_data("GUI/ScaleMode", "Smooth")
    assert session.settings.extra_data == {"GUI/ScaleMode": "Smooth"}
    console.store_extra_data("GUI/ScaleMode", "")
    assert session.settings.extra_data == {}


def test_servant_obeys_the_api(console, session):
    servant = ConsoleServant(console)
    console.start()
    assert servant.put_scancodes([0x1E, 0x9E]) == 2
    servant.insert_cad()
    assert FakeVm.last.codes == b"\x1e\x9e\x1d\x38\xe0\x53\xe0\xd3\xb8\x9d"
    servant.pause()
    servant.resume()
    servant.reset()
    with pytest.raises(ApiError, match="not switched ACPI on"):
        servant.power_button()
    assert FakeVm.last.calls == ["reset", "power button"]
    png = servant.screenshot()
    assert struct.unpack(">II", png[16:24]) == (6, 4)
    assert servant.screen_text() == "C:\\>"
    servant.show_window()
    assert console.told[-1] == events.ShowWindowRequested()
    with pytest.raises(ApiError, match="0 to 255"):
        servant.put_scancodes([256])
    with pytest.raises(ApiError, match="no screen 1"):
        servant.screenshot(1)
    servant.power_off()


def test_typing_stops_when_the_guest_does_not_read(console, session, monkeypatch):
    monkeypatch.setattr(input_module, "_TYPING_SECONDS", 0.05)
    console.start()
    FakeVm.last.room = 3
    assert ConsoleServant(console).put_scancodes([0x1E, 0x9E] * 4) == 3


def test_the_sleep_button_needs_a_guest_that_listens(console, session):
    console.start()
    with pytest.raises(ApiError, match="does not notice the sleep button") as refused:
        ConsoleServant(console).sleep_button()
    assert FakeVm.last.calls == ["sleep button"]
    assert refused.value.code is ErrorCode.VBOX_E_PDM_ERROR


def with_serial_ports(session, *ports):
    changed = copy.deepcopy(session.settings)
    changed.hardware.serial_ports = [
        SerialPort(slot=slot, enabled=True, mode=mode, path=path) for slot, mode, path in ports
    ]
    return changed


def test_a_serial_port_gets_another_host_side_while_it_runs(console, session, tmp_path):
    first, second = str(tmp_path / "one"), str(tmp_path / "two")
    session.settings = with_serial_ports(session, (0, "Disconnected", ""), (2, "RawFile", first))
    console.start()
    ConsoleServant(console).apply_settings(
        with_serial_ports(session, (0, "Disconnected", ""), (2, "RawFile", second))
    )
    (instance, lun, driver), = FakeVm.last.calls
    assert (instance, lun) == ("serial/1", 0)
    driver.write(b"hello")
    driver.close()
    assert (tmp_path / "two").read_bytes() == b"hello"
    ConsoleServant(console).apply_settings(session.settings)
    assert [call[0] for call in FakeVm.last.calls] == ["serial/1"] * 2


def test_the_execution_cap_changes_at_run_time(console, session):
    session.settings.hardware.cpu.execution_cap = 80
    console.start()
    assert FakeVm.last.execution_cap == 80
    changed = copy.deepcopy(session.settings)
    changed.hardware.cpu.execution_cap = 30
    ConsoleServant(console).apply_settings(changed)
    assert FakeVm.last.execution_cap == 30


def with_balloon(session, mebibytes):
    changed = copy.deepcopy(session.settings)
    changed.hardware.memory_balloon_mb = mebibytes
    return changed


def test_the_memory_balloon_changes_at_run_time(console, session):
    session.settings = with_balloon(session, 64)
    console.start()
    sizes = []
    FakeVm.last.devices.find = {MemoryBalloon: SimpleNamespace(set_size=sizes.append)}.get
    ConsoleServant(console).apply_settings(with_balloon(session, 64))
    assert sizes == []
    ConsoleServant(console).apply_settings(with_balloon(session, 0))
    assert sizes == [0]


def test_a_machine_without_a_balloon_says_what_to_do(console, session):
    console.start()
    FakeVm.last.devices.find = {}.get
    before = console.settings
    with pytest.raises(ApiError, match="without a memory balloon.*--virtio-balloon=on") as refused:
        ConsoleServant(console).apply_settings(with_balloon(session, 64))
    assert refused.value.code is ErrorCode.VBOX_E_NOT_SUPPORTED
    assert console.settings is before


def test_a_port_that_cannot_be_opened_changes_none(console, session, tmp_path):
    session.settings = with_serial_ports(session, (0, "Disconnected", ""), (1, "Disconnected", ""))
    console.start()
    before = console.settings
    with pytest.raises(ApiError, match="No such file") as failed:
        console.apply_settings(
            with_serial_ports(
                session, (0, "RawFile", str(tmp_path / "a")), (1, "HostPipe", "/nowhere/at/all")
            )
        )
    assert failed.value.code is ErrorCode.VBOX_E_VM_ERROR
    assert FakeVm.last.calls == []
    assert console.settings is before


def test_log_groups_flags_and_destinations(console, session):
    console.start()
    debugger = DebuggerServant(console)
    settings = debugger.get_log_settings()
    assert settings["flags"] == "enabled"
    assert settings["destinations"].startswith("file=")
    debugger.modify_log_groups("+dev_vga.e.l2 -guest")
    groups = debugger.get_log_settings()["groups"].split()
    assert "engine_dev_vga.e.l2" in groups
    assert "-guest" in groups
    assert logging.getLogger("engine.dev.vga").level == logging.DEBUG
    for wrong in ("+", "+?x", "a b?"):
        with pytest.raises(ApiError, match="not the setting of a log group"):
            debugger.modify_log_groups(wrong)
    debugger.modify_log_groups("+all")
    debugger.modify_log_flags("disabled")
    logging.getLogger("engine").info("unheard")
    debugger.modify_log_flags("enabled")
    for change in (debugger.modify_log_flags, debugger.modify_log_destinations):
        with pytest.raises(ApiError, match="'paper'"):
            change("paper")
    assert "unheard" not in log_of(session)


def test_labels(console):
    console.start()
    assert console.execution_engine[0] == "Unicorn"
    assert console.keyboard_leds == 2
    assert console.drives.slots[0].label == "IDE Secondary Device 0"
