"""A VM without an engine and a session without a service."""

import threading
from concurrent.futures import Future
from types import SimpleNamespace

import numpy as np

from app.api.structs import SystemProperties, VmStartInfo
from app.settings.model import (
    MachineSettings,
    MediumAttachment,
    RemovableImage,
    StorageController,
)
from engine.errors import InvalidStateError
from engine.pdm.display import Update
from engine.ssm import Header, StateWriter
from engine.vmevents import PoweredOffByGuest, RuntimeErrorRaised, StateChanged, VmState

MACHINE_ID = "0c0ffee0-0000-4000-8000-000000000001"


def settings(**hardware):
    result = MachineSettings(uuid=MACHINE_ID, name="Test")
    for name, value in hardware.items():
        setattr(result.hardware, name, value)
    return result


def start_info(folder):
    return VmStartInfo(
        id=MACHINE_ID,
        name="Test",
        settings_path=str(folder / "Test.vbox"),
        machine_folder=str(folder),
        log_folder=str(folder / "Logs"),
        snapshot_folder=str(folder / "Snapshots"),
        properties=SystemProperties(default_machine_folder=str(folder)),
    )


class FakeSession:
    """Records what the VM process reports."""

    def __init__(self, folder, machine_settings):
        self.start_info = start_info(folder)
        self.settings = machine_settings
        self.reports = []
        self.detached = threading.Event()
        self.mounted = []
        self.progress = []
        self.on_progress = None
        self.saved_state = None
        self.refusal = None

    @property
    def client(self):
        machine = SimpleNamespace(
            get_settings=lambda: self.settings,
            save_settings=lambda new, _base=None: setattr(self, "settings", new),
            set_extra_data=self.set_extra_data,
            mount_medium=lambda *place: self.mounted.append(place),
        )
        return SimpleNamespace(machine=lambda _id: machine)

    def set_extra_data(self, key, value):
        self.settings.extra_data.pop(key, None)
        if value:
            self.settings.extra_data[key] = value

    def report_state(self, state, error=None):
        self.reports.append((str(state), error))

    def report_progress(self, percent, description):
        self.progress.append((percent, description))
        if self.on_progress:
            self.on_progress()

    def report_remote_display(self, *, server):
        self.reports.append(("remote display", server))

    def report_saved_state(self, path):
        if self.refusal is not None:
            raise self.refusal
        self.saved_state = path

    def report_runtime_error(self, error_id, message, *, fatal):
        self.reports.append((error_id, message, fatal))

    def detach(self):
        self.detached.set()


class FakeVm:
    """The life cycle of :class:`engine.vm.VM` without anything behind it."""

    last = None
    failure = None
    write_error = None

    def __init__(self, tree, *, attachments=None, listener=None):
        FakeVm.last = self
        self.tree = tree
        self.attachments = dict(attachments or {})
        self.listener = listener
        self.state = VmState.CREATED
        self.engine = SimpleNamespace(name="Unicorn")
        self.engine_reason = "Emulated."
        self.shortage = ""
        self.execution_cap = tree.integer("CpuExecutionCap")
        self.display = SimpleNamespace(open_surface=FakeSurface, screen_text=lambda: "C:\\>")
        self.locked = False
        trays = SimpleNamespace(tray_locked=lambda _lun: self.locked)
        self.devices = SimpleNamespace(devices={"piix4ide/0": trays})
        self.calls = []
        self.codes = bytearray()
        self.room = 1 << 20
        if FakeVm.failure is not None:
            raise FakeVm.failure

    def enter(self, state):
        self.state = state
        self.listener(StateChanged(state))

    def power_on(self, *, paused=False, saved=None, progress=None):
        self.saved = saved.header.machine if saved else None
        self.enter(VmState.SUSPENDED if paused else VmState.RUNNING)

    def inspect(self, function):
        return function()

    def set_execution_cap(self, percent):
        self.execution_cap = percent

    def pause(self):
        if self.state is not VmState.RUNNING:
            raise InvalidStateError("The machine Test is not running.")
        self.enter(VmState.SUSPENDED)

    def resume(self):
        self.enter(VmState.RUNNING)

    def reset(self):
        self.calls.append("reset")

    def power_off(self):
        self.enter(VmState.POWERED_OFF)

    def capture(self, *, product, details):
        assert self.state is VmState.SUSPENDED
        self.calls.append("capture")

        def write(path, progress):
            progress(50)
            if FakeVm.write_error is not None:
                raise FakeVm.write_error
            with StateWriter(path, Header(product=product, machine="Test")) as writer:
                progress(100)
                writer.commit()

        return SimpleNamespace(write=write)

    def press_power_button(self):
        self.calls.append("power button")
        return False

    def press_sleep_button(self):
        self.calls.append("sleep button")
        return False

    def post(self, function):
        future = Future()
        future.set_result(function())
        return future

    def attach(self, instance, lun, driver):
        self.calls.append((instance, lun, driver))
        before = self.attachments.pop((instance, lun), None)
        self.attachments[instance, lun] = driver
        return before

    def attached(self, instance, lun):
        return self.attachments.get((instance, lun))

    def set_cable(self, instance, *, connected):
        self.calls.append((instance, "cable", connected))

    def statistics(self):
        return {"/EM/Halts": (42, "times")}

    def put_scancodes(self, codes):
        self.codes += codes

    def type_scancodes(self, codes):
        fitted = codes[: self.room]
        self.codes += fitted
        self.room -= len(fitted)
        return len(fitted)

    def keyboard_leds(self):
        return 2

    def guest_powers_off(self):
        self.enter(VmState.SUSPENDED)
        self.listener(PoweredOffByGuest())

    def fail(self, error_id, message, *, fatal):
        self.enter(VmState.GURU_MEDITATION if fatal else VmState.SUSPENDED)
        self.listener(RuntimeErrorRaised(error_id, message, fatal))


class FakeSurface:
    def __init__(self):
        self.pixels = np.zeros((1, 1), np.uint32)

    def update(self):
        self.pixels = np.full((4, 6), 0x336699, np.uint32)
        return Update(resized=True, dirty=[(0, 4)])


def floppy_session(folder, code):
    """Return a session of a machine that boots machine code (up to 510 bytes) from a floppy."""
    image = (code.ljust(510, b"\0") + b"\x55\xaa").ljust(1_474_560, b"\0")
    (folder / "boot.img").write_bytes(image)
    drive = MediumAttachment(type="Floppy", medium="boot")
    machine = settings(
        memory_mb=16,
        boot_order=["Floppy"],
        storage_controllers=[
            StorageController(name="Floppy", type="I82078", attachments=[drive])
        ],
    )
    machine.hardware.firmware.boot_menu = "Disabled"
    machine.media.floppy_images.append(RemovableImage(uuid="boot", location="boot.img"))
    return FakeSession(folder, machine)
