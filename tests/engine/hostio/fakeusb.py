"""What ``usb1`` is to us, with devices of ours in the place of real ones.

Transfers run when they are submitted, or when the device has something to say; their ends are told
where libusb tells them: on the thread that handles events.
"""

from __future__ import annotations

import queue
import struct
import threading

from engine.vusb.descriptors import DIRECTION_IN
from engine.vusb.device import Handshake


class USBError(Exception):
    pass


class USBErrorAccess(USBError):
    pass


class USBErrorBusy(USBError):
    pass


class USBErrorInterrupted(USBError):
    pass


class USBErrorNoDevice(USBError):
    pass


class USBErrorNotFound(USBError):
    pass


class USBErrorNotSupported(USBError):
    pass


class USBErrorPipe(USBError):
    pass


class FakeUsb1:
    """The module. ``sockets`` is what is plugged into the host."""

    SPEED_LOW, SPEED_FULL, SPEED_HIGH, SPEED_SUPER = 1, 2, 3, 4
    TRANSFER_COMPLETED, TRANSFER_ERROR, TRANSFER_CANCELLED = 0, 1, 3
    TRANSFER_STALL, TRANSFER_NO_DEVICE = 4, 5
    USBError, USBErrorAccess, USBErrorBusy = USBError, USBErrorAccess, USBErrorBusy
    USBErrorInterrupted, USBErrorNoDevice = USBErrorInterrupted, USBErrorNoDevice
    USBErrorNotFound, USBErrorNotSupported = USBErrorNotFound, USBErrorNotSupported
    USBErrorPipe = USBErrorPipe

    def __init__(self, *sockets):
        self.sockets = list(sockets)
        self.contexts = []
        self.missing = None

    def loadLibrary(self):
        if self.missing:
            raise self.missing

    def USBContext(self):
        self.contexts.append(FakeContext(self))
        return self.contexts[-1]


class FakeContext:
    def __init__(self, usb1):
        self._usb1 = usb1
        self._ends = queue.Queue()
        self.closed = False

    def open(self):
        pass

    def close(self):
        self.closed = True

    def getDeviceIterator(self, skip_on_error=False):
        for socket in self._usb1.sockets:
            socket.context = self
            yield socket

    def ended(self, function):
        self._ends.put(function)

    def handleEventsTimeout(self, seconds):
        try:
            self._ends.get(timeout=seconds)()
        except queue.Empty:
            pass

    def interruptEventHandler(self):
        self._ends.put(lambda: None)


class Part:
    """A configuration, an interface or a setting of one: getters, and what is in it."""

    def __init__(self, inner=(), **getters):
        self._inner = inner
        for name, value in getters.items():
            setattr(self, name, lambda value=value: value)

    def __iter__(self):
        return iter(self._inner)


class Socket:
    """A device in a socket of the host: descriptors, and the handle, too.

    Args:
        device: one of ours.
        address: on bus 1.
    """

    def __init__(self, device, address=4, speed=FakeUsb1.SPEED_HIGH):
        self.device = device
        self.address = address
        self.speed = speed
        self.open_error = None
        self.claimed = set()
        self.resets = 0
        self.context = None
        self._pending = []
        self._gone = False
        self._lock = threading.RLock()
        device.connect(self._retry, lambda: None, lambda: 0)
        self._request(struct.pack("<BBHHH", 0, 9, 1, 0, 0))

    # -- the device

    def getBusNumber(self):
        return 1

    def getDeviceAddress(self):
        return self.address

    def getDeviceSpeed(self):
        return self.speed

    def iterConfigurations(self):
        interfaces = [
            Part([Part(
                [Part(getAddress=e.address, getAttributes=e.kind, getMaxPacketSize=e.max_packet,
                      getInterval=e.interval)
                 for e in setting.endpoints],
                getNumber=number, getAlternateSetting=alternate,
            ) for alternate, setting in enumerate(each.settings)])
            for number, each in enumerate(self.device.description.interfaces)
        ]  # fmt: skip
        yield Part(interfaces, getConfigurationValue=1)

    def open(self):
        if self.open_error:
            raise self.open_error
        return self

    # -- the handle

    def close(self):
        assert not self._pending

    def setAutoDetachKernelDriver(self, enable):
        raise USBErrorNotSupported

    def getConfiguration(self):
        return self.device.state.configuration

    def claimInterface(self, number):
        self.claimed.add(number)

    def releaseInterface(self, number):
        self.claimed.remove(number)

    def setConfiguration(self, value):
        assert not self.claimed
        self._request(struct.pack("<BBHHH", 0, 9, max(0, value), 0, 0))

    def setInterfaceAltSetting(self, interface, setting):
        self._request(struct.pack("<BBHHH", 1, 11, setting, interface, 0))

    def clearHalt(self, address):
        self._request(struct.pack("<BBHHH", 2, 1, 0, address, 0))

    def resetDevice(self):
        with self._lock:
            if self._gone:
                raise USBErrorNotFound
            self.resets += 1
            self.device.bus_reset()
            self._request(struct.pack("<BBHHH", 0, 9, 1, 0, 0))

    def getTransfer(self, iso_packets=0):
        return FakeTransfer(self)

    def _request(self, packet):
        with self._lock:
            if self._gone:
                raise USBErrorNoDevice
            self.device.setup(packet)
            if self.device.data_in(0, 0) is Handshake.STALL:
                raise USBErrorPipe

    # -- transfers

    def pull(self):
        """Pull the device out."""
        with self._lock:
            self._gone = True
            for transfer in list(self._pending):
                self.end(transfer, FakeUsb1.TRANSFER_NO_DEVICE)

    def start(self, transfer):
        with self._lock:
            if self._gone:
                raise USBErrorNoDevice
            self._pending.append(transfer)
            self._retry()

    def end(self, transfer, status):
        with self._lock:
            if transfer not in self._pending:
                raise USBErrorNotFound
            self._pending.remove(transfer)
            transfer.status = status
            self.context.ended(lambda: transfer.callback(transfer))

    def _retry(self):
        with self._lock:
            for transfer in list(self._pending):
                status = transfer.run(self.device)
                if status is not None:
                    self.end(transfer, status)


class FakeTransfer:
    def __init__(self, socket):
        self._socket = socket
        self.status = None
        self._moved = b""
        self._sizes = None
        self._packets = []

    def setControl(self, kind, request, value, index, payload, callback, data, timeout):
        length = payload if isinstance(payload, int) else len(payload)
        self._packet = struct.pack("<BBHHH", kind, request, value, index, length)
        self._fill(kind & DIRECTION_IN, payload, callback, data)

    def setBulk(self, address, payload, callback, data):
        self._packet = None
        self._fill(address, payload, callback, data)

    setInterrupt = setBulk

    def setIsochronous(self, address, payload, callback, data, iso_transfer_length_list):
        if min(iso_transfer_length_list) <= 0:
            raise ValueError("Negative/null length transfers are not possible.")
        self._packet, self._sizes = None, iso_transfer_length_list
        if isinstance(payload, int):
            assert payload == sum(self._sizes)
        self._fill(address, payload, callback, data)

    def iterISO(self):
        yield from self._packets

    def _fill(self, address, payload, callback, data):
        self._address, self._payload, self.callback, self._data = address, payload, callback, data

    def submit(self):
        self._socket.start(self)

    def cancel(self):
        self._socket.end(self, FakeUsb1.TRANSFER_CANCELLED)

    def getStatus(self):
        return self.status

    def getBuffer(self):
        return self._moved

    def getActualLength(self):
        return len(self._moved)

    def getUserData(self):
        return self._data

    def run(self, device):
        """Do what can be done; return the status at the end, None before it."""
        if self._sizes is not None:
            return self._stream(device)
        if self._packet is not None:
            device.setup(self._packet)
        if self._address & DIRECTION_IN:
            status = self._receive(device, self._address & 0xF)
        elif self._payload or self._packet is None:
            status = self._status(device.data_out(self._address, bytes(self._payload)))
        else:
            status = FakeUsb1.TRANSFER_COMPLETED
        if self._packet is not None and status == FakeUsb1.TRANSFER_COMPLETED:
            incoming = self._address and self._payload
            status = self._status(device.data_out(0, b"") if incoming else device.data_in(0, 0))
        return status

    def _stream(self, device):
        """Move a packet of each interval, at once."""
        number, at = self._address & 0xF, 0
        for size in self._sizes:
            if self._address & DIRECTION_IN:
                data = device.data_in(number, size)
            else:
                data = b""
                device.data_out(number, bytes(self._payload[at : at + size]))
                at += size
            good = isinstance(data, bytes)
            status = FakeUsb1.TRANSFER_COMPLETED if good else FakeUsb1.TRANSFER_ERROR
            self._packets.append((status, data if good else b""))
        return FakeUsb1.TRANSFER_COMPLETED

    def _receive(self, device, number):
        while len(self._moved) < self._payload:
            data = device.data_in(number, self._payload - len(self._moved))
            if not isinstance(data, bytes):
                return self._status(data)
            self._moved += data
            if not data or len(data) % 64:
                break
        return FakeUsb1.TRANSFER_COMPLETED

    @staticmethod
    def _status(answer):
        if answer is Handshake.NAK:
            return None
        stalled = answer is Handshake.STALL
        return FakeUsb1.TRANSFER_STALL if stalled else FakeUsb1.TRANSFER_COMPLETED
