"""A device of the host at a port of the guest.

The guest's requests go to the device itself, and so do its transfers, each when the guest first
asks; until the device has answered, the guest gets NAK. Three requests are the host's to carry out,
because its own driver has to know: SET_CONFIGURATION, SET_INTERFACE and the end of a halt. The
address is the guest's affair alone. Isochronous endpoints have streams (``hoststream``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from engine.vusb import descriptors as d
from engine.vusb.descriptors import Description, Speed
from engine.vusb.device import (
    CLEAR_FEATURE,
    DATA_IN,
    DATA_OUT,
    ENDPOINT_HALT,
    IDLE,
    REFUSED,
    SET_ADDRESS,
    SET_CONFIGURATION,
    SET_INTERFACE,
    SETUP_SIZE,
    STATUS_IN,
    TO_DEVICE,
    TO_ENDPOINT,
    TO_INTERFACE,
    DeviceState,
    Handshake,
    Setup,
    UsbDevice,
)
from engine.vusb.hostlink import Completion, Outcome
from engine.vusb.hoststream import TRANSFER_MS, InStream, OutStream

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from engine.vusb.hostlink import HostUsbLink, Pipe

WAITING: Final = 5
"""Stage of a control transfer that the device has not answered yet."""
MOST_RECEIVED: Final = 64 << 10
"""Bytes of one transfer from the device; the guest asks again for more."""


class HostState(DeviceState, kw_only=True, tag="host"):
    """State of a host's device. It is not in the machine any more when a state is loaded."""


@dataclass(slots=True)
class _Stream:
    """What is between the guest and an endpoint.

    Attributes:
        waiting: the device has been asked.
        sent: what the device has been given last.
        received: what it has sent, and the guest has not fetched.
        short: there was less than had been asked for, which ends the guest's transfer.
        answer: how the last transfer has ended, until the guest knows.
    """

    waiting: bool = False
    sent: bytes = b""
    received: bytearray = field(default_factory=bytearray)
    short: bool = False
    answer: Outcome | None = None


class HostDevice(UsbDevice[HostState]):
    """Passes on what the guest does.

    Args:
        link: to the device.
        lost: called when the device has been pulled out of the host.
    """

    def __init__(self, link: HostUsbLink, *, lost: Callable[[], None]) -> None:
        # The guest reads the device's own descriptors; this one is for people.
        description = Description(
            usb_version=0, product_id=0, product=link.name, interfaces=(), manufacturer=""
        )
        super().__init__(description, HostState(), speed=link.speed)
        self._link = link
        self._lost = lost
        self._streams: dict[int, _Stream] = {}
        self._playing: dict[int, OutStream] = {}
        self._recording: dict[int, InStream] = {}
        self._era = 0  # answers to what was asked before a reset come from another one
        self._resetting = False
        self._released = False

    # -- life

    def release(self) -> None:
        """Ask the device for nothing any more."""
        self._released = True
        self._forget()
        self._link.cancel()

    def bus_reset(self) -> None:
        """Reset the device, too; it answers NAK meanwhile."""
        super().bus_reset()
        self._forget()
        if not self._released:
            self._link.cancel()
            self._resetting = True
            self._ask(self._link.reset, self._reset_done)

    def _forget(self) -> None:
        self._era += 1
        self._forget_streams()
        self._resetting = False
        self.state.stage = IDLE

    def _forget_streams(self, still_there: Container[int] = ()) -> None:
        for streams in (self._streams, self._playing, self._recording):
            for address in [each for each in streams if each not in still_there]:
                del streams[address]

    def _reset_done(self, _completion: Completion) -> None:
        self._resetting = False

    def _ask(
        self,
        ask: Callable[[Callable[[Completion], None]], None],
        take: Callable[[Completion], None],
    ) -> None:
        """Have the device asked, and take its answer unless nobody waits for it any more."""
        era = self._era

        def done(completion: Completion) -> None:
            if era != self._era:
                return
            if completion.outcome is Outcome.GONE and not self._released:
                self._lost()
                return
            take(completion)
            self.ready()

        ask(done)

    # -- the control pipe

    def setup(self, packet: bytes) -> Handshake:
        """Take the SETUP packet of a control transfer; it ends whatever was in progress."""
        if len(packet) != SETUP_SIZE:
            return Handshake.STALL
        request = Setup.parse(packet)
        state = self.state
        state.request, state.data, state.new_address = request, b"", -1
        if request.length and not request.request_type & d.DIRECTION_IN:
            state.stage = DATA_OUT
        else:
            self._carry_out(request, b"")
        return Handshake.ACK

    def _carry_out(self, request: Setup, data: bytes) -> None:
        state, link = self.state, self._link
        state.stage = WAITING
        if request.code == (TO_DEVICE, SET_ADDRESS):
            state.stage, state.new_address = STATUS_IN, request.value & 0x7F
        elif request.code == (TO_DEVICE, SET_CONFIGURATION):
            self._forget_streams()
            self._pass_on(request, lambda done: link.configure(request.value, done))
        elif request.code == (TO_INTERFACE, SET_INTERFACE):
            self._pass_on(
                request, lambda done: link.select(request.w_index, request.value, done)
            )
        elif request.code == (TO_ENDPOINT, CLEAR_FEATURE) and request.value == ENDPOINT_HALT:
            self._streams.pop(request.w_index & 0xFF, None)
            self._pass_on(
                request, lambda done: link.clear_halt(request.w_index & 0xFF, done)
            )
        else:
            self._pass_on(request, lambda done: link.control(request.encode(), data, done))

    def _pass_on(
        self, request: Setup, ask: Callable[[Callable[[Completion], None]], None]
    ) -> None:
        state = self.state

        def take(completion: Completion) -> None:
            if state.request is not request or state.stage != WAITING:
                return  # the guest has begun another one
            if completion.outcome is not Outcome.DONE:
                state.stage = REFUSED
                return
            if request.code == (TO_DEVICE, SET_CONFIGURATION):
                state.configuration = int(request.value != 0)
                self.changed()
            self._forget_streams(self._link.pipes())
            incoming = request.length and request.request_type & d.DIRECTION_IN
            state.stage = DATA_IN if incoming else STATUS_IN
            state.data = completion.data

        self._ask(ask, take)

    # -- transactions

    def data_in(self, endpoint: int, room: int) -> bytes | Handshake:
        """Answer an IN token; see :meth:`UsbDevice.data_in`."""
        if self._resetting:
            return Handshake.NAK
        if endpoint:
            return self._receive(endpoint | d.DIRECTION_IN, room)
        return Handshake.NAK if self.state.stage == WAITING else super().data_in(0, room)

    def data_out(self, endpoint: int, data: bytes) -> Handshake:
        """Take the data of an OUT token; see :meth:`UsbDevice.data_out`."""
        state = self.state
        if self._resetting or (not endpoint and state.stage == WAITING):
            return Handshake.NAK
        if endpoint:
            return self._send(endpoint, data)
        if state.stage != DATA_OUT:
            return super().data_out(0, data)
        request = Setup(*state.request)
        state.request = request
        state.data += data
        if len(state.data) >= request.length:
            self._carry_out(request, state.data[: request.length])
        return Handshake.ACK

    def _pipe(self, address: int) -> Pipe | None:
        """Return an endpoint that moves data now."""
        return self._link.pipes().get(address) if self.state.configuration else None

    def _receive(self, address: int, room: int) -> bytes | Handshake:
        pipe = self._pipe(address)
        if pipe is None:
            return Handshake.STALL
        if pipe.kind == d.ISOCHRONOUS:
            return self._record(address, pipe)
        stream = self._streams.setdefault(address, _Stream())
        if stream.received or stream.short:
            data = bytes(stream.received[:room])
            del stream.received[: len(data)]
            # What fills the room ends the guest's transfer as well as what is short.
            full = len(data) % pipe.max_packet == 0 and len(data) < room
            stream.short = stream.short and (bool(stream.received) or (full and bool(data)))
            return data
        if stream.answer is not None:
            stream.answer = None
            return Handshake.STALL
        if not stream.waiting:
            stream.waiting = True
            size = min(room, MOST_RECEIVED)

            def take(completion: Completion) -> None:
                stream.waiting = False
                if completion.outcome is Outcome.DONE:
                    stream.received += completion.data
                    stream.short = len(completion.data) < size
                else:
                    stream.answer = completion.outcome

            self._ask(lambda done: self._link.receive(address, size, done), take)
        return Handshake.NAK

    def _send(self, address: int, data: bytes) -> Handshake:
        pipe = self._pipe(address)
        if pipe is None:
            return Handshake.STALL
        if pipe.kind == d.ISOCHRONOUS:
            return self._play(address, pipe, data)
        stream = self._streams.setdefault(address, _Stream())
        if stream.waiting:
            return Handshake.NAK
        answer, stream.answer = stream.answer, None
        if answer is not None and stream.sent == data:
            return Handshake.ACK if answer is Outcome.DONE else Handshake.STALL
        # Nothing was sent, or what was sent the guest has given up.
        stream.waiting, stream.sent = True, data

        def take(completion: Completion) -> None:
            stream.waiting = False
            stream.answer = completion.outcome

        self._ask(lambda done: self._link.send(address, data, done), take)
        return Handshake.NAK

    # -- isochronous endpoints

    def _count(self, pipe: Pipe) -> int:
        """Return how many intervals there are in a transfer."""
        units = TRANSFER_MS * (8 if self.speed is Speed.HIGH else 1)  # of bInterval
        return max(1, units >> min(max(pipe.interval, 1), 16) - 1)

    def _play(self, address: int, pipe: Pipe, packet: bytes) -> Handshake:
        stream = self._playing.get(address)
        if stream is None:
            stream = self._playing[address] = OutStream(
                self._count(pipe),
                lambda packets, take: self._ask(
                    lambda done: self._link.stream_out(address, packets, done), take
                ),
            )
        stream.put(packet[: pipe.max_packet * pipe.burst])
        return Handshake.ACK

    def _record(self, address: int, pipe: Pipe) -> bytes:
        stream = self._recording.get(address)
        if stream is None:
            size = pipe.max_packet * pipe.burst
            stream = self._recording[address] = InStream(
                self._count(pipe),
                lambda count, take: self._ask(
                    lambda done: self._link.stream_in(address, count, size, done), take
                ),
            )
        return stream.get()
