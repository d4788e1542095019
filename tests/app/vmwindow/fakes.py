"""A console without an engine: a test pattern on the screen, and a record of what was asked."""

import threading
from types import SimpleNamespace

import numpy as np

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState
from app.console import events
from app.console.media import Drives, DriveSlot
from app.settings.enums import DeviceType
from app.settings.model import MachineSettings
from engine.pdm.display import Update

DVD = DriveSlot("IDE", 1, 0, DeviceType.DVD, "piix4ide/0", 2, "IDE Secondary Device 0")
DISK = DriveSlot("IDE", 0, 0, DeviceType.HARD_DISK, "piix4ide/0", 0, "IDE Primary Device 0")
FLOPPY = DriveSlot("Floppy", 0, 0, DeviceType.FLOPPY, "i82078/0", 0, "Floppy Device 0")


def pattern(width, height):
    rows, columns = np.mgrid[0:height, 0:width].astype(np.uint32)
    return (rows * 255 // height << 16) | (columns * 255 // width << 8) | (rows ^ columns) & 0xFF


class FakeSurface:
    def __init__(self, display):
        self.display = display
        self.generation = -1
        self.width, self.height, self.mode = 1, 1, "blank"
        self.pixels = np.zeros((1, 1), np.uint32)

    def update(self):
        display = self.display
        if self.generation == display.generation:
            return Update()
        resized = self.pixels.shape != display.picture.shape
        if resized:
            self.pixels = display.picture.copy()
            self.height, self.width = self.pixels.shape
            dirty = [(0, self.height)]
        else:
            changed = np.flatnonzero((self.pixels != display.picture).any(axis=1))
            np.copyto(self.pixels, display.picture)
            dirty = [(int(row), int(row) + 1) for row in changed]
        self.generation = display.generation
        return Update(resized, dirty)


class FakeDisplay:
    """A graphics adapter whose picture the test sets."""

    def __init__(self):
        self.picture = pattern(640, 400)
        self.generation = 0

    def show(self, picture):
        self.picture = picture
        self.generation += 1

    def open_surface(self):
        return FakeSurface(self)

    def screen_text(self):
        return None


class FakeMedium:
    def __init__(self, path):
        self.path = path
        self.reads = self.writes = 0

    def close(self):
        self.closed = True


class FakeRecording:
    """Stands in for :class:`app.console.recording.ScreenRecording`."""

    def __init__(self):
        self.plan = None
        self.seconds = 0.0
        self.asked = []

    def request(self, *, enabled):
        self.asked.append(enabled)

    def configure(self, screen):
        self.asked.append(screen)


class FakeRemoteDisplay:
    """Stands in for :class:`app.console.remotedisplay.RemoteDisplay`."""

    def __init__(self):
        self.info = None
        self.missing = ""
        self.asked = []

    def request(self, *, enabled):
        self.asked.append(enabled)


class FakeHostUsb:
    """Stands in for :class:`app.console.hostusb.HostUsbDevices`."""

    def __init__(self):
        self.devices = []

    def attached(self):
        return list(self.devices)

    def attach(self, name):
        self.devices.append(SimpleNamespace(id=name))

    def detach(self, name):
        self.devices = [each for each in self.devices if each.id != name]


class FakeService:
    """Stands in for :class:`app.api.client.Client` and its facades."""

    def __init__(self, console):
        self._console = console
        self.virtualbox = self.host = self
        self.usb_devices = []
        self.media = []
        self.host_drives = []
        self.extra_data = {}
        self.refusal = None

    def machine(self, _machine_id):
        return self

    def snapshots(self, _machine_id):
        """Snapshots: the one that the settings name, or none."""
        found = SimpleNamespace(name="Fresh", uuid=self._console.settings.current_snapshot)
        return SimpleNamespace(find=lambda _snapshot: found)

    def get_settings(self):
        return self._console.settings

    def save_settings(self, settings, base):
        assert base is self._console.settings
        assert settings is not base
        if self.refusal is not None:
            raise self.refusal
        self._console.settings = settings

    def list_media(self, device_type):
        return [medium for medium in self.media if medium.device_type is device_type]

    def open_medium(self, path, _device_type):
        return next(medium for medium in self.media if medium.path == path)

    def list_usb_devices(self):
        return self.usb_devices

    def list_host_drives(self, device_type):
        return self.host_drives

    def get_extra_data(self, key):
        return self.extra_data.get(key, "")

    def set_extra_data(self, key, value):
        self.extra_data[key] = value


class FakeConsole:
    """Stands in for :class:`app.console.console.Console`."""

    def __init__(self, name="Test machine"):
        self.machine = name
        self.state = MachineState.STARTING
        self.display = FakeDisplay()
        self.drives = Drives((DISK, DVD, FLOPPY))
        self.settings = MachineSettings(uuid="0c0ffee0-0000-4000-8000-000000000001", name=name)
        self.recording = FakeRecording()
        self.remote_display = FakeRemoteDisplay()
        self.host_usb = FakeHostUsb()
        self.keyboard_leds = 0
        self.vm = SimpleNamespace(
            display=self.display, info=self.info, devices=SimpleNamespace(devices={})
        )
        self.start_info = SimpleNamespace(log_folder="/tmp", machine_folder="/tmp", id="1")
        self.execution_engine = ("Unicorn", "Emulated.")
        self.paravirt_provider = "KVM"
        self.service = FakeService(self)
        self.session = SimpleNamespace(client=self.service)
        self.listeners = []
        self.calls = []
        self.codes = bytearray()
        self.mouse = []
        self.positions = []
        self.takes_absolute = False
        self.power_button_heard = True
        self.stored = {}
        self.error = None
        self.saving = threading.Event()
        self.room = 1000
        self.reading = None
        self.cancelled = False

    def add_listener(self, listener):
        self.listeners.append(listener)

    def tell(self, event):
        for listener in self.listeners:
            listener(event)

    def set_state(self, state):
        self.state = state
        self.tell(events.StateChanged(state))

    def info(self, name, arguments):
        """Stands in for :meth:`engine.vm.VM.info`."""
        if name == "help":
            return "cpum   Registers.\nhelp   Lists all items.\nstats  Counters."
        if name != "stats":
            raise ApiError(ErrorCode.VBOX_E_VM_ERROR, "There is no such item.")
        return f"/PGM/Faults {arguments or 'all'}"

    def start(self, *, paused=False):
        self.set_state(MachineState.PAUSED if paused else MachineState.RUNNING)

    def pause(self):
        self._record("pause")
        self.set_state(MachineState.PAUSED)

    def resume(self):
        self._record("resume")
        self.set_state(MachineState.RUNNING)

    def reset(self):
        self._record("reset")

    def power_off(self):
        self._record("power_off")
        self.set_state(MachineState.POWERED_OFF)
        self.tell(events.Ended())

    def save_state(self):
        self._record("save_state")
        self.set_state(MachineState.SAVING)
        self.tell(events.Progressed(40))
        self.saving.wait(5)
        if self.cancelled:
            self.set_state(MachineState.RUNNING)
            raise ApiError(ErrorCode.E_ABORT, "Saving the state was cancelled.", "console")
        self.set_state(MachineState.SAVED)
        self.tell(events.Ended())

    def cancel_save_state(self):
        self._record("cancel_save_state")
        self.cancelled = True
        self.saving.set()

    def power_button(self):
        self._record("power_button")
        return self.power_button_heard

    def change_medium(self, slot, path, *, force):
        self._record(("change_medium", slot, path, force))
        self.drives.replace(slot, None if path is None else FakeMedium(path))
        self.tell(events.MediumChanged(*slot.place))

    def wait_for_end(self, timeout=None):
        return False

    def store_extra_data(self, key, value):
        self.stored[key] = value

    def put_scancodes(self, codes):
        self.codes += codes

    def screen_text(self):
        return ""

    def type_scancodes(self, codes):
        if self.reading is not None:
            self.reading.wait(5)
        taken = codes[: self.room]
        self.codes += taken
        return len(taken)

    def put_mouse_absolute(self, *event):
        self.positions.append(event)

    def put_mouse(self, *event):
        self.mouse.append(event)

    def _record(self, call):
        self.calls.append(call)
        if self.error is not None:
            error, self.error = self.error, None
            raise error
