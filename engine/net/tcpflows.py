"""TCP connections: an endpoint towards the guest, spliced to a socket of the host.

Back-pressure goes both ways by the buffers: while the host does not take what the guest has sent,
the guest's window shrinks to nothing; while the guest does not take, the socket is not read.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import secrets
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine.net.guest import HOST_UNREACHABLE, UNREACHABLE
from engine.net.hostsockets import open_socket
from engine.net.loop import READ, WRITE
from engine.net.packets import (
    ACK,
    FIN,
    IP_HEADER,
    MAX_PACKET,
    RST,
    SYN,
    TCP,
    TCP_HEADER,
    Ip,
    Segment,
    build_tcp,
    build_tcp_packet,
)
from engine.net.policy import LOOPBACK
from engine.net.tcp import LEAST_FLIGHT, MSS, TcpEndpoint, TcpState

if TYPE_CHECKING:
    from engine.net.config import Forward, NatConfig
    from engine.net.guest import GuestSide
    from engine.net.loop import Loop
    from engine.net.packets import SynOptions
    from engine.net.policy import Policy

log = logging.getLogger("engine.net")

_CHUNK: Final = 256 << 10
_PACKET: Final = (MAX_PACKET - IP_HEADER - TCP_HEADER) // MSS * MSS
_FLIGHT: Final = 512 << 10  # bytes on their way to the guest in packets, of all connections
_SWEEP: Final = 30.0
_ACCEPT_PAUSE: Final = 1.0  # when the host has no descriptors left
_LINGER_NONE: Final = struct.pack("ii", 1, 0)
_EPHEMERAL: Final = range(49152, 65536)

# Guest's address and port, then those that it sees at the other end.
Key = tuple[bytes, int, bytes, int]


@dataclass(frozen=True)
class Surroundings:
    """What all tables of flows work with."""

    config: NatConfig
    loop: Loop
    guest: GuestSide
    policy: Policy


class TcpFlow:
    """One connection.

    Args:
        table: that it is in.
        key: its addresses.
        end: socket of the host, connected or being connected.
        syn: the guest's packet and SYN, when the guest began.
    """

    def __init__(
        self, table: TcpTable, key: Key, end: socket.socket, syn: tuple[Ip, Segment] | None
    ) -> None:
        self._table = table
        self._loop = table.around.loop
        self._key = key
        self._end: socket.socket | None = end
        self._syn = syn  # until the host has connected
        self._host_finished = False
        self._guest_finished = False
        self._wakes_at: float | None = None
        now = self._loop.now()
        self.endpoint = TcpEndpoint(self._emit, secrets.randbits(32), now)
        self._limit()
        if syn is None:
            self.endpoint.connect(now)
        self._update()

    # ------------------------------------------------------------------ from the guest

    def on_segment(self, segment: Segment) -> None:
        """Take a segment; the rest is done in ``service``, after the batch."""
        if self._syn is not None:
            if segment.flags & RST:
                self._finish(reset=True)
            return
        self.endpoint.on_segment(segment, self._loop.now())

    def service(self) -> None:
        """Give the host what has come, acknowledge, and look what to wait for next."""
        self._limit()
        if self._end is not None and self.endpoint.received:
            self._write(self._end)
        if self._end is not None and self.endpoint.peer_finished and not self.endpoint.received:
            self._finish_sending(self._end)
        self.endpoint.flush()
        self._update()

    def _limit(self) -> None:
        """Say how much may go at once: an adapter that takes packets holds those it cannot store.

        Others drop frames when their ring is full, for which a window of 64 KiB is enough.
        """
        packets = self._table.around.guest.takes_packets()
        share = _FLIGHT // max(len(self._table), 1) if packets else 0
        self.endpoint.burst = _PACKET if packets else 0
        self.endpoint.flight = max(share, LEAST_FLIGHT)

    def _finish_sending(self, end: socket.socket) -> None:
        if not self._guest_finished:
            self._guest_finished = True
            with contextlib.suppress(OSError):  # reset meanwhile: reading tells
                end.shutdown(socket.SHUT_WR)

    # ------------------------------------------------------------------ from the host

    def _on_ready(self, events: int) -> None:
        end = self._end
        if end is None:
            return
        if self._syn is not None:
            self._on_connected(end, self._syn)
            return
        if events & READ:
            self._read(end)
        self.service()

    def _on_connected(self, end: socket.socket, syn: tuple[Ip, Segment]) -> None:
        code = end.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self._finish(reset=False)
            self._table.refuse(syn[0], syn[1], code)
            return
        self._syn = None
        self.endpoint.accept(syn[1], self._loop.now())
        self._update()

    def _read(self, end: socket.socket) -> None:
        room = min(self.endpoint.room(), _CHUNK)
        if room <= 0 or self._host_finished:
            return
        try:
            data = end.recv(room)
        except BlockingIOError:
            return
        except OSError:
            self._fail()
            return
        if data:
            self.endpoint.send(data, self._loop.now())
        else:
            self._host_finished = True
            self.endpoint.shutdown(self._loop.now())

    def _write(self, end: socket.socket) -> None:
        try:
            count = end.send(self.endpoint.received)
        except BlockingIOError:
            return
        except OSError:
            self._fail()
            return
        self.endpoint.consume(count)

    def _fail(self) -> None:
        """The host's side is broken: so is the guest's, and there is nobody left to write to."""
        self.endpoint.received.clear()
        self.endpoint.abort()

    # ------------------------------------------------------------------ upkeep

    def _emit(
        self, flags: int, seq: int, ack: int, window: int, payload: bytes, options: SynOptions
    ) -> None:
        guest_ip, guest_port, remote_ip, remote_port = self._key
        segment = Segment(remote_port, guest_port, seq, ack, flags, window, payload, *options)
        if len(payload) > MSS:
            whole = build_tcp_packet(remote_ip, guest_ip, segment)
            self._table.around.guest.send_packet(guest_ip, whole)
            return
        packet = build_tcp(remote_ip, guest_ip, segment)
        self._table.around.guest.send(TCP, remote_ip, guest_ip, packet)

    def _update(self) -> None:
        """Wait for what can go on: events of the socket, the endpoint's deadline."""
        state = self.endpoint.state
        if self._syn is None and state is TcpState.CLOSED and not self._undelivered():
            self._finish(reset=self.endpoint.was_reset or not self._guest_finished)
            return
        if state is TcpState.TIME_WAIT and not self.endpoint.received:
            self._let_go(reset=False)  # the endpoint stays to acknowledge the guest's FIN
        if self._end is not None:
            self._loop.watch(self._end, self._interest(), self._on_ready)
        self._schedule()

    def _undelivered(self) -> bool:
        """Tell whether an orderly end has left data that the host has not taken yet."""
        return bool(self.endpoint.received and self._end and not self.endpoint.was_reset)

    def _interest(self) -> int:
        if self._syn is not None:
            return WRITE
        events = WRITE if self.endpoint.received else 0
        connected = self.endpoint.state not in {TcpState.SYN_SENT, TcpState.SYN_RECEIVED}
        if connected and not self._host_finished and self.endpoint.room() > 0:
            events |= READ
        return events

    def _schedule(self) -> None:
        deadline = self.endpoint.deadline
        if deadline is not None and (self._wakes_at is None or deadline < self._wakes_at):
            self._wakes_at = deadline
            self._loop.at(deadline, lambda: self._on_moment(deadline))

    def _on_moment(self, moment: float) -> None:
        if self._wakes_at != moment:
            return  # an earlier one was set meanwhile
        self._wakes_at = None
        if self._table.has(self._key, self):
            self.endpoint.on_timer(self._loop.now())
            self.service()

    def keep_alive(self) -> None:
        """See whether the guest still knows the connection."""
        if self._syn is None:
            self.endpoint.keep_alive(self._loop.now())
            self._update()

    def close(self) -> None:
        """End both sides at once."""
        self.endpoint.abort()
        self._finish(reset=True)

    def _finish(self, *, reset: bool) -> None:
        self._let_go(reset=reset)
        self._table.remove(self._key, self)

    def _let_go(self, *, reset: bool) -> None:
        end, self._end = self._end, None
        if end is None:
            return
        if reset:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
        self._loop.close(end)


class TcpTable:
    """All connections of a NAT."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self._flows: dict[Key, TcpFlow] = {}
        self._touched: dict[TcpFlow, None] = {}
        around.loop.at(around.loop.now() + _SWEEP, self._sweep)

    def __len__(self) -> int:
        return len(self._flows)

    def has(self, key: Key, flow: TcpFlow) -> bool:
        """Tell whether a flow is still in the table."""
        return self._flows.get(key) is flow

    def remove(self, key: Key, flow: TcpFlow) -> None:
        """Forget a flow."""
        if self.has(key, flow):
            del self._flows[key]

    def on_segment(self, packet: Ip, segment: Segment) -> None:
        """Take a segment of the guest."""
        key = (
            packet.source, segment.source_port, packet.destination, segment.destination_port,
        )
        flow = self._flows.get(key)
        begins = segment.flags & (SYN | ACK | RST) == SYN
        if flow is not None and begins and flow.endpoint.state is TcpState.TIME_WAIT:
            flow.close()
            flow = None
        if flow is not None:
            flow.on_segment(segment)
            self._touched[flow] = None
        elif begins:
            self._open(key, packet, segment)
        elif not segment.flags & RST:
            self._reset(packet, segment)

    def flush(self) -> None:
        """Do what a batch of segments has left to be done."""
        touched, self._touched = self._touched, {}
        for flow in touched:
            flow.service()

    def _open(self, key: Key, packet: Ip, segment: Segment) -> None:
        around = self.around
        target = around.policy.host_address(packet.destination, segment.destination_port)
        if target is None:
            around.guest.traffic.refused += 1
            self._reset(packet, segment)
            return
        if len(self._flows) >= around.config.max_connections:
            around.guest.traffic.limited += 1
            self._reset(packet, segment)
            return
        try:
            end = open_socket(around.config, socket.SOCK_STREAM, bind=target[0] != LOOPBACK)
        except OSError as error:
            around.guest.traffic.limited += 1
            log.warning("No socket for a connection of the guest: %s", error)
            self._reset(packet, segment)
            return
        code = end.connect_ex(target)
        if code not in {0, errno.EINPROGRESS, errno.EWOULDBLOCK}:
            end.close()
            self.refuse(packet, segment, code)
            return
        self._flows[key] = TcpFlow(self, key, end, (packet, segment))

    def refuse(self, packet: Ip, segment: Segment, code: int) -> None:
        """Tell the guest why its connection failed: an errno of the host."""
        if code in {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ETIMEDOUT, errno.ENETDOWN}:
            self.around.guest.send_error(packet, UNREACHABLE, HOST_UNREACHABLE)
        else:
            self._reset(packet, segment)

    def _reset(self, packet: Ip, segment: Segment) -> None:
        """Answer a segment that belongs to no connection (RFC 9293, 3.10.7.1)."""
        length = len(segment.payload) + bool(segment.flags & SYN) + bool(segment.flags & FIN)
        if segment.flags & ACK:
            seq, ack, flags = segment.ack, 0, RST
        else:
            seq, ack, flags = 0, segment.seq + length & 0xFFFFFFFF, RST | ACK
        answer = Segment(
            segment.destination_port, segment.source_port, seq, ack, flags, 0, b"",
        )
        self.around.guest.send(
            TCP, packet.destination, packet.source,
            build_tcp(packet.destination, packet.source, answer),
        )

    # ------------------------------------------------------------------ forwarded ports

    def accept(self, listener: socket.socket, forward: Forward, guest_ip: bytes) -> float:
        """Take a connection at a forwarded port; return for how long to take no other, seconds."""
        try:
            end, (host, port) = listener.accept()
        except BlockingIOError:
            return 0.0
        except OSError as error:
            log.warning("A connection to rule '%s' is lost: %s", forward.name, error)
            return _ACCEPT_PAUSE
        end.setblocking(False)
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = self._free_key(guest_ip, forward.guest_port, self.around.policy.visible(host), port)
        if key is None or len(self._flows) >= self.around.config.max_connections:
            self.around.guest.traffic.limited += 1
            end.close()
            return 0.0
        self._flows[key] = TcpFlow(self, key, end, None)
        return 0.0

    def _free_key(self, guest_ip: bytes, guest_port: int, ip: bytes, port: int) -> Key | None:
        """Return the key for a visitor; two of the host's addresses may look the same inside."""
        for candidate in (port, *_EPHEMERAL):
            key = (guest_ip, guest_port, ip, candidate)
            if key not in self._flows:
                return key
        return None

    def _sweep(self) -> None:
        for flow in list(self._flows.values()):
            flow.keep_alive()
        self.around.loop.at(self.around.loop.now() + _SWEEP, self._sweep)

    def close(self) -> None:
        """End all connections."""
        for flow in list(self._flows.values()):
            flow.close()
