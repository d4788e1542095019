"""USB devices of the host, from the guest's controllers down to where libusb would begin."""

from __future__ import annotations

import queue
import struct
import sys
import time

import msgspec
import pytest

from engine.devices.usb import ehci_registers as r
from engine.devices.usb import ohci_registers as ohci
from engine.hostio.hostusb import HostUsbError, load_libusb, open_host_device
from engine.vusb.descriptors import Speed
from engine.vusb.device import Handshake
from engine.vusb.hostdevice import HostDevice
from engine.vusb.keyboard import KeyboardState, UsbKeyboard
from engine.vusb.storage import UsbStorage
from tests.engine.devices.usb.ehcirig import BUFFERS, MILLISECOND, EhciRig
from tests.engine.devices.usb.ohcirig import (
    GET_DESCRIPTOR_DEVICE,
    OhciRig,
    set_address,
    set_configuration,
)
from tests.engine.hostio.fakeusb import FakeUsb1, Socket, USBErrorAccess, USBErrorBusy
from tests.engine.vusb.headset import MICROPHONE, SPEAKER, Headset
from tests.engine.vusb.test_storage import Host, Medium

LIMIT = 30  # seconds
FAILED = r.QTD_HALTED | r.QTD_BUFFER_ERROR | r.QTD_BABBLE | r.QTD_TRANSACTION_ERROR


class Emt:
    """The thread of the test as the EMT: runs what is posted when the guest's time goes on."""

    def __init__(self, rig):
        self._rig = rig
        self._posted = queue.SimpleQueue()
        self.post = self._posted.put
        rig_advance = rig.advance

        def advance(nanoseconds):
            self.run()
            rig_advance(nanoseconds)

        rig.advance = advance

    def run(self):
        while not self._posted.empty():
            self._posted.get()()

    def until(self, condition):
        end = time.monotonic() + LIMIT
        while not condition():
            assert time.monotonic() < end
            self._rig.advance(MILLISECOND)
            time.sleep(0.001)


@pytest.fixture
def usb1(monkeypatch):
    module = FakeUsb1()
    monkeypatch.setitem(sys.modules, "usb1", module)
    return module


@pytest.fixture
def plug(usb1):
    """Function that plugs a device of the host into a rig; all are given back at the end."""
    links = []

    def plug(rig, device, speed=FakeUsb1.SPEED_HIGH):
        emt = Emt(rig)
        socket = Socket(device, speed=speed)
        usb1.sockets.append(socket)
        link = open_host_device(1, 4, "Stick", emt.post)
        links.append(link)
        lost = []
        host = HostDevice(link, lost=lambda: lost.append(True))
        port = rig.hc.free_port(link.speed)
        rig.hc.plug(port, host)
        return emt, socket, host, port, lost

    yield plug
    for link in links:
        link.close()
    assert all(context.closed for context in usb1.contexts)


class EhciStick:
    """A mass storage device of the host at a port of EHCI."""

    def __init__(self, plug):
        self.rig = EhciRig("")
        self.medium = Medium()
        stick = UsbStorage(0, Host(self.medium), optical=False, speed=Speed.HIGH)
        self.emt, self.socket, self.host, self.port, self.lost = plug(self.rig, stick)
        rig = self.rig
        rig.op(r.CONFIGFLAG, 1)
        rig.put_port(r.PORT_PP | r.PORT_RESET, self.port)
        rig.put_port(r.PORT_PP, self.port)
        assert rig.port(self.port) & r.PORT_PED
        self.control(0, set_address(5))
        self.control(5, set_configuration())

    def run(self, qh, qtds):
        rig = self.rig
        rig.op(r.ASYNCLISTADDR, qh)
        rig.op(r.USBCMD, r.CMD_RUN | r.CMD_ASE)
        active = r.QTD_ACTIVE
        self.emt.until(
            lambda: rig.words(qh + r.QH_OVERLAY + 8, 1)[0] & r.QTD_HALTED
            or not any(rig.token(qtd) & active for qtd in qtds)
        )
        return [rig.token(qtd) & FAILED for qtd in qtds]

    def control(self, address, setup, length=0):
        rig = self.rig
        qh = rig.queue_head(0, address, 0, 64, own_toggle=True)
        rig.memory.write(BUFFERS, setup)
        status = rig.descriptor(r.PID_OUT if length else r.PID_IN)
        stages = [status]
        if length:
            stages.insert(0, rig.descriptor(
                r.PID_IN, BUFFERS + 0x100, length, following=status, alternate=status
            ))  # fmt: skip
        stages.insert(0, rig.descriptor(r.PID_SETUP, BUFFERS, 8, following=stages[0]))
        rig.append(qh, stages[0])
        return self.run(qh, stages), rig.memory.read(BUFFERS + 0x100, length)

    def bulk(self, pid, data=b"", length=0):
        """Move data; return the error bits, and what came in."""
        rig = self.rig
        qh = rig.queue_head(1, 5, 1 if pid == r.PID_IN else 2, 512)
        rig.memory.write(BUFFERS + 0x2000, data)
        qtd = rig.descriptor(pid, BUFFERS + 0x2000, length or len(data))
        rig.append(qh, qtd)
        (error,) = self.run(qh, [qtd])
        moved = length - (rig.token(qtd) >> 16 & 0x7FFF)
        return error, rig.memory.read(BUFFERS + 0x2000, moved) if length else b""

    def command(self, block, length=0, direction=0):
        head = struct.pack("<4sIIBBB16s", b"USBC", 7, length, direction, 0, 10, block)
        assert self.bulk(r.PID_OUT, head)[0] == 0


@pytest.fixture
def stick(plug):
    return EhciStick(plug)


def test_the_guest_reads_descriptors_and_data_of_the_device(stick):
    errors, data = stick.control(5, GET_DESCRIPTOR_DEVICE, 18)
    assert not any(errors)
    assert data == stick.socket.device.description.device()
    stick.command(struct.pack(">BBIBHB", 0x28, 0, 3, 0, 8, 0), 4096, 0x80)
    assert stick.bulk(r.PID_IN, length=4096) == (0, bytes(stick.medium.data[1536:5632]))
    status = struct.pack("<4sIIB", b"USBS", 7, 0, 0)
    # Shorter than what was asked for.
    assert stick.bulk(r.PID_IN, length=512) == (0, status)


def test_the_guest_writes_data_to_the_device(stick):
    data = bytes(range(256)) * 8
    stick.command(struct.pack(">BBIBHB", 0x2A, 0, 5, 0, 4, 0), 2048)
    assert stick.bulk(r.PID_OUT, data)[0] == 0
    assert stick.bulk(r.PID_IN, length=13)[1][12] == 0
    assert bytes(stick.medium.data[2560:4608]) == data


def test_a_refusal_of_the_device_is_one_to_the_guest(stick):
    errors, _ = stick.control(5, bytes([0x80, 6, 0, 0x77, 0, 0, 8, 0]), 8)
    assert errors[1] & r.QTD_HALTED
    # Not a command block: the device halts both endpoints until its reset.
    assert stick.bulk(r.PID_OUT, b"x" * 31)[0] & r.QTD_HALTED
    assert stick.bulk(r.PID_IN, length=13)[0] & r.QTD_HALTED
    stick.control(5, bytes([0x21, 0xFF, 0, 0, 0, 0, 0, 0]))
    for address in (0x81, 0x02):
        assert not any(stick.control(5, bytes([2, 1, 0, 0, address, 0, 0, 0]))[0])
    stick.command(bytes(6))
    assert stick.bulk(r.PID_IN, length=13)[1][:4] == b"USBS"


def test_a_device_that_is_pulled_out_is_told(stick):
    qh = stick.rig.queue_head(1, 5, 1, 512)
    stick.rig.append(qh, stick.rig.descriptor(r.PID_IN, BUFFERS, 13))
    stick.rig.op(r.ASYNCLISTADDR, qh)
    stick.rig.op(r.USBCMD, r.CMD_RUN | r.CMD_ASE)
    stick.rig.advance(MILLISECOND)
    stick.socket.pull()
    stick.emt.until(lambda: stick.lost)
    stick.host.release()
    stick.rig.hc.unplug(stick.port)
    status = stick.rig.port(stick.port)
    assert status & (r.PORT_CCS | r.PORT_CSC | r.PORT_PED) == r.PORT_CSC


def test_a_port_reset_resets_the_device(stick):
    before = stick.socket.resets
    stick.rig.put_port(r.PORT_PP | r.PORT_RESET, stick.port)
    stick.rig.put_port(r.PORT_PP, stick.port)
    assert not any(stick.control(0, GET_DESCRIPTOR_DEVICE, 18)[0])  # waits for the reset
    assert stick.socket.resets == before + 1


def test_a_device_of_the_host_is_gone_after_loading(stick):
    state = msgspec.msgpack.encode(stick.rig.hc.state_to_save())
    again = EhciRig("")
    again.hc.state = msgspec.msgpack.decode(state, type=type(again.hc.state))
    again.hc.state_loaded(1)
    status = again.port(stick.port)
    assert status & (r.PORT_CCS | r.PORT_CSC | r.PORT_PED) == r.PORT_CSC


def test_reports_of_a_keyboard_arrive(plug):
    rig = OhciRig("")
    keyboard = UsbKeyboard(KeyboardState())
    emt, socket, _host, port, _lost = plug(rig, keyboard, FakeUsb1.SPEED_FULL)
    rig.put_port(port, ohci.SET_PORT_RESET)
    ed = rig.endpoint(0, 0, 0, 8)
    rig.memory.write(BUFFERS, set_address(5) + set_configuration())
    rig.put(ohci.HC_CONTROL_HEAD_ED, ed)
    for address, setup in ((0, BUFFERS), (5, BUFFERS + 8)):
        rig.store(ed, address | 8 << 16)
        rig.queue(ed, ohci.PID_SETUP, setup, 8, toggle=2)
        td = rig.queue(ed, ohci.PID_IN, toggle=3)
        rig.put(ohci.HC_COMMAND_STATUS, ohci.COMMAND_CLF)
        emt.until(lambda td=td: rig.code(td) == 0)
    interrupt = rig.endpoint(1, 5, 1, 8)
    rig.poll(interrupt)
    td = rig.queue(interrupt, ohci.PID_IN, BUFFERS + 0x100, 8)
    rig.advance(50 * MILLISECOND)
    assert rig.code(td) != 0
    with socket._lock:
        keyboard.put_scancodes(b"\x1e")
    emt.until(lambda: rig.code(td) == 0)
    assert rig.memory.read(BUFFERS + 0x100, 8) == bytes([0, 0, 4, 0, 0, 0, 0, 0])


def test_the_host_gets_its_device_back(usb1):
    device = UsbStorage(0, Host(Medium()), optical=False, speed=Speed.HIGH)
    socket = Socket(device)
    usb1.sockets.append(socket)
    link = open_host_device(1, 4, "Stick", lambda function: None)
    assert socket.claimed == {0}
    link.receive(0x81, 512, lambda completion: None)
    link.close()
    link.close()
    assert not socket.claimed
    assert usb1.contexts[0].closed


@pytest.mark.parametrize(
    ("error", "speed", "sentence"),
    [
        (USBErrorAccess(), 3, "may not write to /dev/bus/usb/001/004"),
        (USBErrorBusy(), 3, "The USB device Stick is in use by another program"),
        (None, FakeUsb1.SPEED_SUPER, "Plug it into a port for USB 2.0"),
    ],
)
def test_why_a_device_cannot_be_had(usb1, error, speed, sentence):
    device = UsbStorage(0, Host(Medium()), optical=False, speed=Speed.HIGH)
    socket = Socket(device, speed=speed)
    socket.open_error = error
    usb1.sockets.append(socket)
    with pytest.raises(HostUsbError, match=sentence):
        open_host_device(1, 4, "Stick", lambda function: None)
    with pytest.raises(HostUsbError, match="not plugged in any more"):
        open_host_device(1, 5, "Stick", lambda function: None)
    assert all(context.closed for context in usb1.contexts)


def test_what_is_missing_is_named(usb1, monkeypatch):
    usb1.missing = OSError("libusb-1.0.so.0: cannot open shared object file")
    with pytest.raises(HostUsbError, match=r"library libusb-1\.0, which is not there: libusb"):
        load_libusb()
    monkeypatch.setitem(sys.modules, "usb1", None)
    with pytest.raises(HostUsbError, match="Python package libusb1, which is not installed"):
        load_libusb()


# ---------------------------------------------------------------------- isochronous endpoints


def _request(emt, host, request):
    """Carry out a request without data; it must succeed."""
    host.setup(request)
    emt.until(lambda: host.data_in(0, 0) == b"")


def test_a_headset_of_the_host_plays_and_records_in_its_setting(plug):
    headset = Headset(Speed.HIGH)
    emt, socket, host, _, _ = plug(EhciRig(""), headset)
    _request(emt, host, set_configuration())
    packet = bytes(range(192))
    assert host.data_out(SPEAKER, packet) is Handshake.STALL
    for interface in (SPEAKER, MICROPHONE):
        _request(emt, host, struct.pack("<BBHHH", 1, 11, 1, interface, 0))
    for _ in range(20):
        assert host.data_out(SPEAKER, packet) is Handshake.ACK
    emt.until(lambda: len(headset.packets) == 16)  # two transfers of 8 ms
    assert headset.heard == packet * 16
    for packet_or_none in [b""] * 12 + [b"last"] * 8:  # four of them were left
        host.data_out(SPEAKER, packet_or_none)
    emt.until(lambda: len(headset.packets) == 28)
    assert headset.heard == packet * 20 + b"last" * 8
    voice = []
    emt.until(lambda: voice.append(host.data_in(MICROPHONE, 96)) or voice[-1])
    reference = Headset()
    heard = [packet for packet in voice if packet]
    assert heard == [reference.endpoint_in(MICROPHONE, 96) for _ in heard] != []
    # The same configuration again: all settings are the first ones then.
    _request(emt, host, set_configuration())
    assert socket.device.state.settings.get(SPEAKER, 0) == 0
    assert host.data_out(SPEAKER, packet) is Handshake.STALL
