"""A USB device: control pipe, standard requests, and what a class of devices adds.

A controller calls :meth:`UsbDevice.setup`, :meth:`UsbDevice.data_in` and :meth:`UsbDevice.data_out`
for the transactions of the bus (USB 2.0, 8.5). To spare work one call may stand for several
packets: the last one is short or fills what was asked for. Data toggles are the controllers' own
affair, because nothing is ever lost on this bus.

An isochronous endpoint is called once in each of its intervals, with what moves in it; it has no
handshake, so that any answer but data stands for a packet that did not come (5.6).
"""

from __future__ import annotations

import struct
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Final, Generic, NamedTuple, TypeVar

import msgspec

from engine.vusb import descriptors as d
from engine.vusb.descriptors import Speed

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.vusb.descriptors import Description, Endpoint


class Handshake(Enum):
    """How a device answers when it does not send data."""

    ACK = "ACK"
    NAK = "NAK"  # nothing to send, or no room: ask again later
    STALL = "STALL"  # the endpoint is halted, or the request is not known


# bmRequestType (USB 2.0, 9.3.1).
TYPE_MASK, STANDARD = 0x60, 0x00
RECIPIENT_MASK, TO_DEVICE, TO_INTERFACE, TO_ENDPOINT = 0x1F, 0, 1, 2
# bRequest (USB 2.0, table 9-4).
GET_STATUS, CLEAR_FEATURE, SET_FEATURE, SET_ADDRESS = 0, 1, 3, 5
GET_DESCRIPTOR, GET_CONFIGURATION, SET_CONFIGURATION = 6, 8, 9
GET_INTERFACE, SET_INTERFACE = 10, 11
# Feature selectors (USB 2.0, table 9-6).
ENDPOINT_HALT, DEVICE_REMOTE_WAKEUP = 0, 1

# Stages of a control transfer.
IDLE, DATA_IN, DATA_OUT, STATUS_IN, REFUSED = range(5)
SETUP_SIZE: Final = 8


class Setup(NamedTuple):
    """A request on the control pipe (USB 2.0, 9.3)."""

    request_type: int
    request: int
    value: int
    w_index: int
    length: int

    @classmethod
    def parse(cls, packet: bytes) -> Setup:
        """Return what a SETUP packet of ``SETUP_SIZE`` bytes asks for."""
        return cls(*struct.unpack("<BBHHH", packet))

    def encode(self) -> bytes:
        """Return the packet."""
        return struct.pack("<BBHHH", *self)

    @property
    def recipient(self) -> int:
        """What the request is for: device, interface or endpoint."""
        return self.request_type & RECIPIENT_MASK

    @property
    def code(self) -> tuple[int, int]:
        """Request type and request, by which requests are told apart."""
        return self.request_type, self.request


class DeviceState(msgspec.Struct, kw_only=True, tag_field="device"):
    """Saved state of every USB device.

    Attributes:
        address: 0 until the guest has given one; ``new_address`` counts after the status stage.
        configuration: 1 when configured.
        settings: the settings of interfaces that are not in their first, by interface.
        halted: endpoint addresses that are stalled.
        remote_wakeup: the guest allows it.
        stage, request, data: the control transfer in progress.
    """

    address: Annotated[int, msgspec.Meta(ge=0, le=127)] = 0
    new_address: Annotated[int, msgspec.Meta(ge=-1, le=127)] = -1
    configuration: Annotated[int, msgspec.Meta(ge=0, le=1)] = 0
    settings: dict[int, int] = msgspec.field(default_factory=dict)
    halted: list[int] = msgspec.field(default_factory=list)
    remote_wakeup: bool = False
    stage: int = IDLE
    request: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    data: bytes = b""


StateT = TypeVar("StateT", bound=DeviceState)


class UsbDevice(Generic[StateT]):
    """Base of all devices.

    Attributes:
        description: descriptors.
        speed: how fast it signals.
        state: saved and restored whole; :meth:`load` replaces it.
        now: virtual time in ns.
    """

    def __init__(
        self, description: Description, state: StateT, *, speed: Speed = Speed.FULL
    ) -> None:
        self.description = description
        self.speed = speed
        self.state = state
        self._ready: Callable[[], None] = _nobody
        self._changed: Callable[[], None] = _nobody
        self.now: Callable[[], int] = _no_time

    def connect(
        self, ready: Callable[[], None], changed: Callable[[], None], now: Callable[[], int]
    ) -> None:
        """Tell whom to call when something about the device changes.

        Args:
            ready: an endpoint that has answered NAK has data.
            changed: the guest has begun or ceased to use the device.
            now: virtual time in ns.
        """
        self._ready = ready
        self._changed = changed
        self.now = now

    def signal_at(self, speed: Speed) -> bool:
        """Go to a port of another speed; tell whether the device can work there.

        A device for full speed works at a port for high speed, too, as long as somebody there talks
        to it at its own.
        """
        return self.speed is not Speed.HIGH or speed is Speed.HIGH

    def ready(self) -> None:
        """Tell the controller that an endpoint which has answered NAK has data now."""
        self._ready()

    # ------------------------------------------------------------------ what a class overrides

    def class_request(self, setup: Setup, data: bytes) -> bytes | None:
        """Answer a request of the class or vendor; None refuses it."""
        del setup, data
        return None

    def class_descriptor(self, setup: Setup) -> bytes | None:
        """Answer GET_DESCRIPTOR for what is not standard; None refuses it."""
        del setup
        return None

    def endpoint_in(self, number: int, room: int) -> bytes | Handshake:
        """Return data for the host; see :meth:`data_in`."""
        del number, room
        return Handshake.STALL

    def endpoint_out(self, number: int, data: bytes) -> Handshake:
        """Take data from the host."""
        del number, data
        return Handshake.STALL

    def was_reset(self) -> None:
        """The bus has been reset, or the configuration chosen anew."""

    def halt_cleared(self, address: int) -> None:
        """The host has cleared the halt of an endpoint."""

    def setting_chosen(self, interface: int, setting: int) -> None:
        """The host has chosen the setting of an interface, which begins anew."""

    # ------------------------------------------------------------------ life

    @property
    def address(self) -> int:
        """Address on the bus."""
        return self.state.address

    def configured(self) -> bool:
        """Tell whether the guest has chosen the configuration."""
        return self.state.configuration != 0

    def changed(self) -> None:
        """Tell the host side that the guest uses the device now, or ceases to."""
        self._changed()

    @property
    def needs_polling(self) -> bool:
        """Whether it may have data in a while without calling ``ready``."""
        return False

    def bus_reset(self) -> None:
        """Go to the default state (USB 2.0, 9.1.1.3)."""
        state = self.state
        state.address, state.new_address, state.stage = 0, -1, IDLE
        state.remote_wakeup = False
        self._configure(0)

    def load(self, state: StateT) -> None:
        """Go on from a saved state."""
        known = enumerate(self.description.interfaces)
        counts = {number: len(interface.settings) for number, interface in known}
        state.settings = {
            number: setting
            for number, setting in state.settings.items()
            if 0 <= setting < counts.get(number, 0)
        }
        self.state = state
        self.changed()

    def _configure(self, value: int) -> None:
        state = self.state
        before = self.configured()
        state.configuration = value
        state.settings.clear()
        state.halted.clear()
        self.was_reset()
        if before or value:
            self.changed()

    # ------------------------------------------------------------------ transactions

    def setup(self, packet: bytes) -> Handshake:
        """Take the SETUP packet of a control transfer; it ends whatever was in progress."""
        if len(packet) != SETUP_SIZE:
            return Handshake.STALL
        state = self.state
        request = Setup.parse(packet)
        state.request, state.data, state.new_address = request, b"", -1
        if request.length and not request.request_type & d.DIRECTION_IN:
            state.stage = DATA_OUT
        else:
            answer = self._request(request, b"")
            if answer is None:
                state.stage = REFUSED
            elif request.length:
                state.stage, state.data = DATA_IN, answer[: request.length]
            else:
                state.stage = STATUS_IN
        return Handshake.ACK

    def data_in(self, endpoint: int, room: int) -> bytes | Handshake:
        """Answer an IN token.

        Args:
            endpoint: number 0..15.
            room: bytes that the host has room for. A device that has more to say than fits into
                it sends no more than the rest of its packet, which a controller tells as babble.

        Returns:
            The bytes of one or several packets, of which only the last one may be short.
        """
        if endpoint:
            if not self._usable(endpoint | d.DIRECTION_IN):
                return Handshake.STALL
            return self.endpoint_in(endpoint, room)
        state = self.state
        if state.stage == DATA_IN:
            # When all has been sent there are empty packets: a short one must end the stage.
            data, state.data = state.data[:room], state.data[room:]
            return data
        if state.stage == STATUS_IN:
            state.stage = IDLE
            self._status_done()
            return b""
        return Handshake.STALL

    def data_out(self, endpoint: int, data: bytes) -> Handshake:
        """Take the data of an OUT token; all of it, or none when the answer is not ACK."""
        if endpoint:
            if not self._usable(endpoint):
                return Handshake.STALL
            return self.endpoint_out(endpoint, data)
        state = self.state
        if state.stage == DATA_IN:  # the status stage; the host may have enough before all is sent
            state.stage = IDLE
            return Handshake.ACK
        if state.stage != DATA_OUT:
            return Handshake.STALL
        request = Setup(*state.request)
        state.data += data
        if len(state.data) >= request.length:
            answer = self._request(request, state.data[: request.length])
            state.stage = REFUSED if answer is None else STATUS_IN
            state.data = b""
        return Handshake.ACK

    def halt(self, address: int) -> Handshake:
        """Stall an endpoint until the host clears that."""
        if address not in self.state.halted:
            self.state.halted.append(address)
        return Handshake.STALL

    def _usable(self, address: int) -> bool:
        state = self.state
        return (
            bool(state.configuration)
            and self._endpoint(address) is not None
            and address not in state.halted
        )

    def _endpoint(self, address: int) -> Endpoint | None:
        return self.description.endpoint(address, self.state.settings)

    def _status_done(self) -> None:
        state = self.state
        if state.new_address >= 0:
            state.address, state.new_address = state.new_address, -1

    # ------------------------------------------------------------------ requests

    def _request(self, setup: Setup, data: bytes) -> bytes | None:
        if setup.request_type & TYPE_MASK != STANDARD:
            return self.class_request(setup, data)
        handler = _STANDARD_REQUESTS.get(setup.request)
        return handler(self, setup) if handler else None

    def _get_status(self, setup: Setup) -> bytes | None:
        state = self.state
        if setup.recipient == TO_DEVICE:
            powered = bool(self.description.attributes & d.SELF_POWERED)
            return bytes([powered | state.remote_wakeup << 1, 0])
        if setup.recipient == TO_ENDPOINT:
            return bytes([setup.w_index & 0xFF in state.halted, 0])
        return bytes(2)

    def _clear_feature(self, setup: Setup) -> bytes | None:
        address = setup.w_index & 0xFF
        if setup.recipient == TO_ENDPOINT and setup.value == ENDPOINT_HALT:
            self._clear_halt(address)
            return b""
        return self._set_wakeup(setup, allowed=False)

    def _clear_halt(self, address: int) -> None:
        if address in self.state.halted:
            self.state.halted.remove(address)
        self.halt_cleared(address)

    def _set_feature(self, setup: Setup) -> bytes | None:
        address = setup.w_index & 0xFF
        if setup.recipient == TO_ENDPOINT and setup.value == ENDPOINT_HALT:
            if self._endpoint(address) is None:
                return None
            self.halt(address)
            return b""
        return self._set_wakeup(setup, allowed=True)

    def _set_wakeup(self, setup: Setup, *, allowed: bool) -> bytes | None:
        wakes = self.description.attributes & d.REMOTE_WAKEUP
        if setup.recipient != TO_DEVICE or setup.value != DEVICE_REMOTE_WAKEUP or not wakes:
            return None
        self.state.remote_wakeup = allowed
        return b""

    def _set_address(self, setup: Setup) -> bytes | None:
        if setup.value > 127:
            return None
        self.state.new_address = setup.value
        return b""

    def _get_descriptor(self, setup: Setup) -> bytes | None:
        kind, index = setup.value >> 8, setup.value & 0xFF
        if setup.recipient != TO_DEVICE:
            return self.class_descriptor(setup)
        if kind == d.DEVICE:
            return self.description.device()
        if kind == d.CONFIGURATION:
            return self.description.configuration() if index == 0 else None
        if kind == d.STRING:
            return self.description.string(index)
        # Nothing is told of the other speed (USB 2.0, 9.6.2): the port decides it, and comes first.
        return None

    def _get_configuration(self, _setup: Setup) -> bytes | None:
        return bytes([self.state.configuration])

    def _set_configuration(self, setup: Setup) -> bytes | None:
        if setup.value > 1:
            return None
        self._configure(setup.value)
        return b""

    def _get_interface(self, setup: Setup) -> bytes | None:
        if setup.w_index >= len(self.description.interfaces):
            return None
        return bytes([self.state.settings.get(setup.w_index, 0)])

    def _set_interface(self, setup: Setup) -> bytes | None:
        number, interfaces = setup.w_index, self.description.interfaces
        if number >= len(interfaces) or setup.value >= len(interfaces[number].settings):
            return None
        state = self.state
        before = interfaces[number].settings[state.settings.get(number, 0)]
        for endpoint in before.endpoints:  # they begin anew, whatever the setting (9.4.10)
            self._clear_halt(endpoint.address)
        state.settings[number] = setup.value
        self.setting_chosen(number, setup.value)
        return b""


def _nobody() -> None:
    """Stand in for a controller before the device is attached."""


def _no_time() -> int:
    return 0


_STANDARD_REQUESTS: Final = {
    GET_STATUS: UsbDevice._get_status,
    CLEAR_FEATURE: UsbDevice._clear_feature,
    SET_FEATURE: UsbDevice._set_feature,
    SET_ADDRESS: UsbDevice._set_address,
    GET_DESCRIPTOR: UsbDevice._get_descriptor,
    GET_CONFIGURATION: UsbDevice._get_configuration,
    SET_CONFIGURATION: UsbDevice._set_configuration,
    GET_INTERFACE: UsbDevice._get_interface,
    SET_INTERFACE: UsbDevice._set_interface,
}
