"""USB devices of the host: what filters want, and what is attached and taken back."""

from __future__ import annotations

import sys
from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from app.api.errors import ApiError, ErrorCode
from app.api.hoststructs import HostUsbDevice
from app.console import hostusb
from app.console.hostusb import HostUsbDevices, title_of, usb_offers
from app.console.usbfilters import matches, wanted
from app.settings.installation import HostUsbDeviceFilter
from app.settings.model import UsbDeviceFilter
from engine.vusb.descriptors import Speed
from engine.vusb.storage import UsbStorage
from tests.app.console.fakes import settings
from tests.engine.hostio.fakeusb import FakeUsb1, Socket
from tests.engine.vusb.test_storage import Host, Medium


def host_device(**changes):
    facts = {
        "id": "11111111-2222-4333-8444-555555555555", "vendor_id": 0x0951, "product_id": 0x1666,
        "revision": 0x0110, "port": 2, "usb_version": 2, "speed": "High",
        "manufacturer": "Kingston", "product": "DataTraveler", "serial_number": "A1",
        "address": "/dev/bus/usb/001/004", "port_path": "1-3",
    }  # fmt: skip
    return HostUsbDevice(**{**facts, **changes})


# ---------------------------------------------------------------------- filters


@pytest.mark.parametrize(
    ("fields", "matching"),
    [
        ({}, True),
        ({"active": False}, False),
        ({"vendor_id": "0951", "product_id": "1666", "revision": "0110"}, True),
        ({"vendor_id": "0x951"}, True),
        ({"vendor_id": "0952"}, False),
        ({"vendor_id": "0900|0940-0960"}, True),
        ({"vendor_id": "Kingston"}, False),
        ({"manufacturer": "King*", "product": "Data?raveler"}, True),
        ({"product": "datatraveler"}, False),
        ({"serial_number": "A1"}, True),
        ({"serial_number": "[A]1"}, False),
        ({"port": "2"}, True),
        ({"port": "1-3"}, True),
        ({"port": "3"}, False),
        ({"remote": "yes"}, False),
        ({"remote": "no"}, True),
    ],
)
def test_a_filter_matches_by_all_its_fields(fields, matching):
    assert matches(UsbDeviceFilter(**fields), host_device()) is matching


def test_the_first_filter_of_the_installation_may_leave_a_device_to_the_host():
    mine = [UsbDeviceFilter(vendor_id="0951")]
    ignore = HostUsbDeviceFilter(vendor_id="0951", action="Ignore")
    hold = HostUsbDeviceFilter(product="Data*", action="Hold")
    assert wanted(host_device(), mine)
    assert wanted(host_device(), mine, [hold, ignore])
    assert not wanted(host_device(), mine, [ignore, hold])
    assert not wanted(host_device(), [], [hold])


# ---------------------------------------------------------------------- attaching


class Ports:
    """A USB controller with one port, for one speed."""

    def __init__(self, speed=Speed.HIGH):
        self.speed = speed
        self.device = None

    def free_port(self, speed):
        return 7 if speed is self.speed and self.device is None else None

    def plug(self, port, device):
        assert port == 7
        self.device = device

    def unplug(self, port):
        assert port == 7
        self.device = None


class Machine:
    """A console whose EMT is the test's thread, and a host with a stick."""

    machine = "Test"

    def __init__(self, *controllers):
        self.settings = settings()
        self.devices = [host_device()]
        self.global_filters = []
        self.failure = None
        self.vm = SimpleNamespace(
            devices=SimpleNamespace(devices=dict(enumerate(controllers))),
            post=self._post, emt=SimpleNamespace(tell=lambda function: function()),
        )  # fmt: skip
        host = SimpleNamespace(
            list_usb_devices=self._list, list_usb_device_filters=lambda: self.global_filters
        )
        self.session = SimpleNamespace(client=SimpleNamespace(host=host))
        self.host_usb = HostUsbDevices(self)

    def _list(self):
        if self.failure:
            raise self.failure
        return self.devices

    @staticmethod
    def _post(function):
        future = Future()
        try:
            future.set_result(function())
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.fixture
def socket():
    return Socket(UsbStorage(0, Host(Medium()), optical=False, speed=Speed.HIGH))


@pytest.fixture
def make(monkeypatch, socket):
    """Function that makes a machine with controllers; no thread watches its host."""
    monkeypatch.setitem(sys.modules, "usb1", FakeUsb1(socket))
    monkeypatch.setattr(HostUsbDevices, "_watch_host", lambda self: None)
    made = []

    def make(*controllers):
        made.append(Machine(*controllers))
        return made[-1]

    yield make
    for machine in made:
        machine.host_usb.stop()
    assert not socket.claimed


@pytest.mark.parametrize("name", ["id", "address"])
def test_a_device_is_attached_and_taken_back(make, socket, name):
    ports = Ports()
    machine = make(object(), Ports(Speed.FULL), ports)
    name = getattr(host_device(), name)
    machine.host_usb.attach(name)
    assert machine.host_usb.attached() == [host_device()]
    assert ports.device.description.product == title_of(host_device())
    assert usb_offers(machine) == (tuple(machine.devices), {host_device().id})
    with pytest.raises(ApiError, match="is already attached to the machine 'Test'"):
        machine.host_usb.attach(name)
    machine.host_usb.detach(name)
    assert machine.host_usb.attached() == []
    assert ports.device is None
    assert not socket.claimed
    with pytest.raises(ApiError, match="has no USB device") as refused:
        machine.host_usb.detach(name)
    assert refused.value.code is ErrorCode.VBOX_E_OBJECT_NOT_FOUND


@pytest.mark.parametrize(
    ("controllers", "name", "sentence"),
    [
        ([], "", "The machine 'Test' has no USB controller"),
        ([Ports(Speed.FULL)], "", r"no USB controller with a free port .* at high speed"),
        ([Ports()], "nothing", "Could not find a USB device 'nothing' on the host"),
    ],
)
def test_why_a_device_is_not_attached(make, socket, controllers, name, sentence):
    machine = make(*controllers)
    with pytest.raises(ApiError, match=sentence):
        machine.host_usb.attach(name or host_device().id)
    assert not machine.host_usb.attached()
    assert not socket.claimed


def test_what_the_host_lacks_is_told(make, monkeypatch):
    machine = make(Ports())
    monkeypatch.setitem(sys.modules, "usb1", None)
    with pytest.raises(ApiError, match="libusb1, which is not installed") as refused:
        machine.host_usb.attach(host_device().id)
    assert refused.value.code is ErrorCode.VBOX_E_HOST_ERROR


def test_filters_take_what_is_plugged_in_once(make):
    machine = make(Ports())
    machine.settings.hardware.usb_filters = [UsbDeviceFilter(vendor_id="0951")]
    machine.devices = []
    usb = machine.host_usb
    seen = usb.look(set())
    machine.devices = [host_device(), host_device(id="2", vendor_id=0x1234)]
    seen = usb.look(seen)
    assert [device.id for device in usb.attached()] == [host_device().id]
    usb.detach(host_device().id)
    seen = usb.look(seen)
    assert not usb.attached()  # a person has taken it back
    machine.devices = []
    seen = usb.look(seen)
    machine.devices = [host_device()]
    seen = usb.look(seen)
    assert usb.attached()
    machine.failure = ApiError(ErrorCode.VBOX_E_TIMEOUT, "There is no service.", "test")
    assert usb.look(seen) == seen
    assert usb.attached()


def test_what_is_pulled_out_of_the_host_is_pulled_out_of_the_guest(make):
    ports = Ports()
    machine = make(ports)
    machine.host_usb.attach(host_device().id)
    machine.devices = []
    machine.host_usb.look(set())
    assert ports.device is None
    assert not machine.host_usb.attached()


def test_a_filter_whose_device_cannot_be_had_is_told_in_the_log(make, caplog):
    machine = make()
    machine.settings.hardware.usb_filters = [UsbDeviceFilter()]
    machine.host_usb.look(set())
    assert "a filter wants a USB device: The machine 'Test' has no USB controller" in caplog.text


def test_the_host_is_watched_only_when_there_is_something_to_watch_for(monkeypatch):
    monkeypatch.setattr(hostusb, "WATCH_SECONDS", 0.01)
    machine = Machine()
    machine.host_usb.start_with_machine()
    assert machine.host_usb._watch is None
    machine.settings.hardware.usb_filters = [UsbDeviceFilter(active=False)]
    machine.host_usb.start_with_machine()
    assert machine.host_usb._watch is None
    machine.settings.hardware.usb_filters = [UsbDeviceFilter(vendor_id="dead")]
    machine.host_usb.start_with_machine()
    machine.host_usb.stop()
    machine.host_usb._watch.join(30)
    assert not machine.host_usb._watch.is_alive()
