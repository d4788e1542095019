"""USB devices of the host through libusb (https://libusb.info), by the Python package libusb1.

Both are optional: without them :func:`open_host_device` says what is missing. A thread of each
device takes the ends of transfers from libusb, another one carries out what blocks; the VM hears of
both on the EMT only.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import queue
import threading
from typing import TYPE_CHECKING, Any, Final

from engine.errors import EngineError
from engine.hostio.usbdescriptors import Descriptors
from engine.vusb.descriptors import DIRECTION_IN, INTERRUPT, Speed
from engine.vusb.device import Setup
from engine.vusb.hostlink import Completion, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.vusb.hostlink import Pipe

    Done = Callable[[Completion], None]
    Post = Callable[[Callable[[], object]], object]

log = logging.getLogger("engine.hostio")

CONTROL_MS: Final = 5000
"""Time that a device has for a request, as USB 2.0, 9.2.6.1, allows."""
EVENT_SECONDS: Final = 1.0
CLOSE_SECONDS: Final = 5.0


class HostUsbError(EngineError):
    """A USB device of the host cannot be used."""

    code = "VERR_VUSB_DEVICE_NOT_ATTACHED"
    component = "VUSB"


def load_libusb() -> Any:
    """Return the module ``usb1``.

    Raises:
        HostUsbError: it, or the library itself, is not installed.
    """
    try:
        usb1 = importlib.import_module("usb1")
    except ImportError as error:
        raise HostUsbError(
            "USB devices of the host need the Python package libusb1, which is not installed "
            "(pip install libusb1)."
        ) from error
    try:
        usb1.loadLibrary()
    except OSError as error:
        raise HostUsbError(
            f"USB devices of the host need the library libusb-1.0, which is not there: {error}."
        ) from error
    return usb1


def open_host_device(bus: int, address: int, name: str, post: Post) -> HostUsb:
    """Open a device for a guest; the host's drivers let go of it.

    Args:
        bus: number of its bus, as libusb counts.
        address: on that bus.
        name: for people.
        post: runs a function on the EMT.

    Raises:
        HostUsbError: there is no libusb, no such device, no permission, or it is in use.
    """
    usb1 = load_libusb()
    context = usb1.USBContext()
    try:
        context.open()
        link = HostUsb(usb1, context, _find(context, bus, address, name), name, post)
    except usb1.USBErrorAccess as error:
        context.close()
        raise HostUsbError(
            f"The USB device {name} cannot be opened: this account may not write to "
            f"/dev/bus/usb/{bus:03}/{address:03}. A rule of udev can allow that."
        ) from error
    except usb1.USBErrorBusy as error:
        context.close()
        raise HostUsbError(f"The USB device {name} is in use by another program.") from error
    except usb1.USBError as error:
        context.close()
        raise HostUsbError(f"The USB device {name} cannot be opened: {error}.") from error
    except BaseException:
        context.close()
        raise
    link.start()
    return link


def _find(context: Any, bus: int, address: int, name: str) -> Any:
    for device in context.getDeviceIterator(skip_on_error=True):
        if (device.getBusNumber(), device.getDeviceAddress()) == (bus, address):
            return device
    raise HostUsbError(f"The USB device {name} is not plugged in any more.")


class HostUsb:
    """An open device; see :class:`engine.vusb.hostlink.HostUsbLink`.

    Args:
        usb1: the module.
        context, device: its objects.
        name: for people.
        post: runs a function on the EMT.

    Raises:
        usb1.USBError: it cannot be opened, or its interfaces not be claimed.
        HostUsbError: it is too fast for the guest's controllers.
    """

    def __init__(self, usb1: Any, context: Any, device: Any, name: str, post: Post) -> None:
        speeds = {
            usb1.SPEED_LOW: Speed.LOW, usb1.SPEED_FULL: Speed.FULL, usb1.SPEED_HIGH: Speed.HIGH,
        }  # fmt: skip
        speed = speeds.get(device.getDeviceSpeed())
        if speed is None:
            raise HostUsbError(
                f"The USB device {name} signals at SuperSpeed, which guests do not get. Plug it "
                "into a port for USB 2.0."
            )
        self.name = name
        self.speed: Speed = speed
        self._usb1 = usb1
        self._context = context
        self._post = post
        self._descriptors = Descriptors(device)
        self._pipes: Mapping[int, Pipe] = {}
        self._claimed: list[int] = []
        self._under_way: set[Any] = set()
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._closing = False
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._handle = device.open()
        with contextlib.suppress(usb1.USBErrorNotSupported):
            self._handle.setAutoDetachKernelDriver(True)
        try:
            configuration = self._handle.getConfiguration()
            self._claim(configuration)
        except BaseException:
            self._let_go()
            self._handle.close()
            raise
        self._descriptors.configure(configuration)
        self._pipes = self._descriptors.pipes()
        name = f"usb {name}"
        self._worker = threading.Thread(target=self._do_work, name=name, daemon=True)
        self._events = threading.Thread(target=self._take_events, name=name, daemon=True)

    def start(self) -> None:
        """Begin to take requests."""
        self._worker.start()
        self._events.start()

    def close(self) -> None:
        """Give the device back to the host. Waits for that; not on the EMT."""
        if self._closing:
            return
        self._closing = True
        self._work.put(None)
        self._worker.join(CLOSE_SECONDS)
        self.cancel()
        with self._idle:
            self._idle.wait_for(lambda: not self._under_way, CLOSE_SECONDS)
        self._context.interruptEventHandler()
        self._events.join(CLOSE_SECONDS)
        self._let_go()
        self._handle.close()
        self._context.close()

    # -- what the guest asks for

    def pipes(self) -> Mapping[int, Pipe]:
        """Return the endpoints of the settings that are chosen, by address."""
        return self._pipes

    def control(self, setup: bytes, data: bytes, done: Done) -> None:
        """Carry out a control transfer."""
        request = Setup.parse(setup)
        payload = request.length if request.request_type & DIRECTION_IN else data

        def prepare(transfer: Any) -> None:
            transfer.setControl(
                request.request_type, request.request, request.value, request.w_index,
                payload, self._ended, done, CONTROL_MS,
            )  # fmt: skip

        self._submit(prepare, done)

    def send(self, address: int, data: bytes, done: Done) -> None:
        """Send to an endpoint."""
        self._transfer(address, data, done)

    def receive(self, address: int, size: int, done: Done) -> None:
        """Receive from an endpoint."""
        self._transfer(address, size, done)

    def stream_out(self, address: int, packets: Sequence[bytes], done: Done) -> None:
        """Send packets to an isochronous endpoint, without empty ones, which libusb1 refuses."""
        sizes = [len(packet) for packet in packets if packet]
        if sizes:
            self._stream(address, b"".join(packets), sizes, done)
        else:
            self._tell(done, Completion(Outcome.DONE))

    def stream_in(self, address: int, count: int, size: int, done: Done) -> None:
        """Receive packets from an isochronous endpoint."""
        self._stream(address, count * size, [size] * count, done)

    def _stream(self, address: int, payload: bytes | int, sizes: list[int], done: Done) -> None:
        def prepare(transfer: Any) -> None:
            transfer.setIsochronous(
                address, payload, self._packets_ended, done, iso_transfer_length_list=sizes
            )

        self._submit(prepare, done, packets=len(sizes))

    def _transfer(self, address: int, payload: bytes | int, done: Done) -> None:
        def prepare(transfer: Any) -> None:
            interrupt = self._pipes[address].kind == INTERRUPT
            fill = transfer.setInterrupt if interrupt else transfer.setBulk
            fill(address, payload, self._ended, done)

        self._submit(prepare, done)

    def configure(self, value: int, done: Done) -> None:
        """Choose a configuration; the host's drivers are kept away from its interfaces."""

        def work() -> None:
            if value == self._handle.getConfiguration():
                for interface, setting in self._descriptors.chosen().items():
                    if setting:
                        self._handle.setInterfaceAltSetting(interface, 0)
            else:
                self._let_go()
                self._handle.setConfiguration(value or -1)
                self._claim(value)
            self._descriptors.configure(value)
            self._pipes = self._descriptors.pipes()

        self._block(work, done)

    def select(self, interface: int, setting: int, done: Done) -> None:
        """Choose the setting of an interface."""

        def work() -> None:
            self._handle.setInterfaceAltSetting(interface, setting)
            self._descriptors.select(interface, setting)
            self._pipes = self._descriptors.pipes()

        self._block(work, done)

    def clear_halt(self, address: int, done: Done) -> None:
        """Have a stalled endpoint go on."""
        self._block(lambda: self._handle.clearHalt(address), done)

    def reset(self, done: Done) -> None:
        """Reset the device's port."""
        # The host restores configuration and settings after it.
        self._block(self._handle.resetDevice, done, lost=self._usb1.USBErrorNotFound)

    def cancel(self) -> None:
        """Give up all transfers that are under way."""
        with self._lock:
            transfers = list(self._under_way)
        for transfer in transfers:
            with contextlib.suppress(self._usb1.USBError):  # it has just ended
                transfer.cancel()

    # -- threads

    def _block(
        self, work: Callable[[], object], done: Done, lost: type[Exception] | None = None
    ) -> None:
        """Have something done that waits for the device; ``lost`` tells that it is gone, too."""

        def task() -> None:
            try:
                work()
            except self._usb1.USBError as error:
                gone = lost is not None and isinstance(error, lost)
                self._tell(done, Completion(Outcome.GONE if gone else self._outcome_of(error)))
            else:
                self._tell(done, Completion(Outcome.DONE))

        self._work.put(task)

    def _submit(self, prepare: Callable[[Any], None], done: Done, *, packets: int = 0) -> None:
        """Start a transfer after what has been asked for before; ``packets``: isochronous ones."""

        def task() -> None:
            transfer = self._handle.getTransfer(packets)
            prepare(transfer)
            with self._lock:
                self._under_way.add(transfer)
            try:
                transfer.submit()
            except self._usb1.USBError as error:
                self._forget(transfer)
                self._tell(done, Completion(self._outcome_of(error)))

        self._work.put(task)

    def _do_work(self) -> None:
        while (task := self._work.get()) is not None:
            if not self._closing:
                task()

    def _take_events(self) -> None:
        while not self._closing or self._under_way:
            try:
                self._context.handleEventsTimeout(EVENT_SECONDS)
            except self._usb1.USBErrorInterrupted:
                continue
            except self._usb1.USBError as error:
                log.error("USB: the device %s does not answer any more: %s", self.name, error)
                return

    def _ended(self, transfer: Any) -> None:
        """Take the end of a transfer; on the thread of the events."""
        data = bytes(transfer.getBuffer()[: transfer.getActualLength()])
        self._tell_end(transfer, Completion(self._outcome_at(transfer), data))

    def _packets_ended(self, transfer: Any) -> None:
        """Take the end of an isochronous transfer; on the thread of the events."""
        completed = self._usb1.TRANSFER_COMPLETED
        packets = tuple(
            bytes(data) if status == completed else b"" for status, data in transfer.iterISO()
        )
        self._tell_end(transfer, Completion(self._outcome_at(transfer), packets=packets))

    def _outcome_at(self, transfer: Any) -> Outcome:
        usb1 = self._usb1
        return {
            usb1.TRANSFER_COMPLETED: Outcome.DONE,
            usb1.TRANSFER_STALL: Outcome.STALLED,
            usb1.TRANSFER_NO_DEVICE: Outcome.GONE,
        }.get(transfer.getStatus(), Outcome.FAILED)

    def _tell_end(self, transfer: Any, completion: Completion) -> None:
        done = transfer.getUserData()
        self._forget(transfer)
        self._tell(done, completion)

    def _forget(self, transfer: Any) -> None:
        with self._idle:
            self._under_way.discard(transfer)
            self._idle.notify_all()

    def _tell(self, done: Done, completion: Completion) -> None:
        if not self._closing:
            self._post(lambda: done(completion))

    def _outcome_of(self, error: Exception) -> Outcome:
        usb1 = self._usb1
        if isinstance(error, usb1.USBErrorPipe):
            return Outcome.STALLED
        return Outcome.GONE if isinstance(error, usb1.USBErrorNoDevice) else Outcome.FAILED

    # -- interfaces

    def _claim(self, configuration: int) -> None:
        for number in self._descriptors.interfaces(configuration):
            self._handle.claimInterface(number)
            self._claimed.append(number)

    def _let_go(self) -> None:
        while self._claimed:
            with contextlib.suppress(self._usb1.USBError):  # the device is gone
                self._handle.releaseInterface(self._claimed.pop())
