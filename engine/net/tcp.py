"""A TCP endpoint towards the guest (RFC 9293), without sockets, threads or a clock of its own.

The link to the guest has one hop and loses frames only when the adapter has no buffer left, so
there is no selective acknowledgement. Windows are scaled (RFC 7323, 2) when the guest does that
too: not for the delay, but so that the guest finds several packets when it looks. Retransmission
follows RFC 6298 (Karn's rule included), three duplicate acknowledgements resend at once
(RFC 6582), and after a loss the amount in flight is halved (RFC 5681) so that a small receive ring
is not overrun again and again.

Sequence numbers are kept modulo 2^32; `_after` compares them.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from engine.net.packets import (
    ACK,
    FIN,
    IP_HEADER,
    MTU,
    NO_OPTIONS,
    PSH,
    RST,
    SYN,
    TCP_HEADER,
    Segment,
    SynOptions,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Emit = Callable[[int, int, int, int, bytes, SynOptions], None]

MSS: Final = MTU - IP_HEADER - TCP_HEADER
_DEFAULT_MSS: Final = 536
_LEAST_MSS: Final = 64
_MASK: Final = 0xFFFFFFFF
LEAST_FLIGHT: Final = 65535
"""Bytes that may be on their way to any guest."""
SEND_AHEAD: Final = 192 << 10
"""Bytes that may wait to be sent, besides those on their way."""
RECEIVE_BUFFER: Final = 65535
SCALED_BUFFER: Final = 256 << 10
"""Bytes that may wait for the owner when windows are scaled."""
_SHIFT: Final = 3
_RTO_FIRST: Final = 1.0
_RTO_MIN: Final = 0.2
_RTO_MAX: Final = 60.0
_TRIES: Final = 12
_SYN_TRIES: Final = 5
_TIME_WAIT: Final = 1.0  # one hop: nothing old can arrive later
_KEEPALIVE: Final = 120.0
_DEAD_AFTER: Final = 7200.0


class TcpState(enum.Enum):
    """The states of RFC 9293, 3.3.2, that an endpoint without LISTEN goes through."""

    __hash__ = object.__hash__  # each is one object; an Enum's own takes a call of Python

    SYN_SENT = "SYN-SENT"
    SYN_RECEIVED = "SYN-RECEIVED"
    ESTABLISHED = "ESTABLISHED"
    FIN_WAIT_1 = "FIN-WAIT-1"
    FIN_WAIT_2 = "FIN-WAIT-2"
    CLOSE_WAIT = "CLOSE-WAIT"
    CLOSING = "CLOSING"
    LAST_ACK = "LAST-ACK"
    TIME_WAIT = "TIME-WAIT"
    CLOSED = "CLOSED"


_SYNCHRONIZED: Final = frozenset(TcpState) - {
    TcpState.SYN_SENT, TcpState.SYN_RECEIVED, TcpState.CLOSED,
}
_RECEIVING: Final = frozenset(
    {TcpState.ESTABLISHED, TcpState.FIN_WAIT_1, TcpState.FIN_WAIT_2}
)
_AFTER_FIN_IN: Final = {
    TcpState.ESTABLISHED: TcpState.CLOSE_WAIT,
    TcpState.FIN_WAIT_1: TcpState.CLOSING,
    TcpState.FIN_WAIT_2: TcpState.TIME_WAIT,
}
_AFTER_FIN_ACKED: Final = {
    TcpState.FIN_WAIT_1: TcpState.FIN_WAIT_2,
    TcpState.CLOSING: TcpState.TIME_WAIT,
    TcpState.LAST_ACK: TcpState.CLOSED,
}


def _after(a: int, b: int) -> bool:
    """Tell whether sequence number a comes after b."""
    return 0 < (a - b & _MASK) < 1 << 31


class TcpEndpoint:
    """One connection.

    Args:
        emit: sends a segment: ``emit(flags, seq, ack, window, payload, options)``.
        isn: initial sequence number.
        now: seconds on a monotonic clock, as all times here.

    Attributes:
        state: where the connection is.
        received: bytes in order that the owner has not taken; ``consume`` takes some.
        deadline: when ``on_timer`` wants to be called, None: never.
        was_reset: the connection was reset by either side, or the guest did not answer.
        retransmissions: segments sent again.
        burst: bytes that a segment may have when there are so many, if more than the guest's MSS.
        flight: most bytes that may be on their way at once, however large the guest's window is.
    """

    def __init__(self, emit: Emit, isn: int, now: float) -> None:
        self._emit = emit
        self.state = TcpState.CLOSED
        self.received = bytearray()
        self.deadline: float | None = None
        self.was_reset = False
        self.retransmissions = 0
        self.burst = 0
        self.flight = LEAST_FLIGHT
        self._mss = _DEFAULT_MSS
        self._una = isn  # oldest sequence number that is not acknowledged
        self._next = isn  # next to be sent
        self._max = isn  # one after the last that was ever sent
        self._window = 0
        self._window_seq = self._window_ack = 0
        self._unsent = bytearray()  # begins at _una once the SYN is acknowledged
        self._fin_wanted = False
        self._loss_limit: int | None = None  # bytes on their way since something was lost
        self._expected = 0  # RCV.NXT
        self._send_shift = 0  # of the windows that the guest tells
        self._shift = 0  # of those that it is told
        self._buffer = RECEIVE_BUFFER
        self._fin_at: int | None = None
        self._pieces: dict[int, bytes] = {}
        self._told_window = RECEIVE_BUFFER
        self._ack_due = False
        self._duplicates = 0
        self._recover: int | None = None  # what was sent when a loss was noticed
        self._rto = _RTO_FIRST
        self._srtt = 0.0
        self._rttvar = 0.0
        self._timed: tuple[int, float] | None = None
        self._tries = 0
        self._heard = now

    # ------------------------------------------------------------------ for the owner

    def accept(self, syn: Segment, now: float) -> None:
        """Answer a SYN of the guest."""
        self._synchronize(syn)
        self.state = TcpState.SYN_RECEIVED
        self._send_syn(now)

    def connect(self, now: float) -> None:
        """Ask the guest for a connection."""
        self.state = TcpState.SYN_SENT
        self._send_syn(now)

    def room(self) -> int:
        """Return how many bytes ``send`` takes now."""
        return max(self.flight + SEND_AHEAD - len(self._unsent), 0)

    def send(self, data: bytes, now: float) -> None:
        """Send data to the guest; not more than ``room`` allows."""
        self._unsent += data
        self._output(now)

    def shutdown(self, now: float) -> None:
        """Say that no more data follow, after all that were given to ``send``."""
        self._fin_wanted = True
        self._output(now)

    def consume(self, count: int) -> None:
        """Take bytes from the front of ``received``, which opens the window again."""
        del self.received[:count]
        if self._receive_window() - self._told_window >= 2 * MSS:
            self._ack_due = True

    def abort(self) -> None:
        """Reset the connection."""
        if self.state not in {TcpState.SYN_SENT, TcpState.TIME_WAIT, TcpState.CLOSED}:
            self._emit(RST | ACK, self._next, self._expected, 0, b"", NO_OPTIONS)
        self._die()

    def flush(self) -> None:
        """Send the acknowledgement that is due; called after a batch of segments."""
        if self._ack_due and self.state in _SYNCHRONIZED:
            self._send_ack()

    @property
    def peer_finished(self) -> bool:
        """The guest has sent all it wanted to; what it has sent is in ``received``."""
        return not self.was_reset and self.state in {
            TcpState.CLOSE_WAIT, TcpState.CLOSING, TcpState.LAST_ACK, TcpState.TIME_WAIT,
            TcpState.CLOSED,
        }

    # ------------------------------------------------------------------ segments of the guest

    def on_segment(self, segment: Segment, now: float) -> None:
        """Take a segment (RFC 9293, 3.10.7)."""
        if self.state is TcpState.CLOSED:
            return
        if self.state is TcpState.SYN_SENT:
            self._on_syn_sent(segment, now)
            return
        if not self._acceptable(segment):
            if not segment.flags & RST:
                self._answer_unacceptable(segment, now)
            return
        if segment.flags & RST:
            # Only the exact number resets (RFC 5961): anything else is answered.
            if segment.seq == self._expected:
                self._die()
            else:
                self._send_ack()
            return
        if segment.flags & SYN:
            if self.state is TcpState.SYN_RECEIVED:
                self._retransmit(now)
            else:
                self._send_ack()
            return
        self._heard = now
        if not segment.flags & ACK or not self._on_ack(segment, now):
            return
        if self.state in _RECEIVING:
            self._on_data(segment)
        self._output(now)
        self._finish_if_done(now)

    def _answer_unacceptable(self, segment: Segment, now: float) -> None:
        """Acknowledge again: the guest has not got the last acknowledgement, or is lost."""
        self._heard = now
        self._on_ack(segment, now)
        self._output(now)
        self._finish_if_done(now)
        if self.state in _SYNCHRONIZED:
            self._send_ack()

    def _on_syn_sent(self, segment: Segment, now: float) -> None:
        if not segment.flags & ACK or segment.ack != self._max:
            return
        if segment.flags & RST:
            self._die()
        elif segment.flags & SYN:
            self._synchronize(segment)
            self._una = segment.ack
            self._window_seq, self._window_ack = segment.seq, segment.ack
            self._established(now)
            self._send_ack()
            self._output(now)

    def _acceptable(self, segment: Segment) -> bool:
        """Tell whether any of it lies in the window (RFC 9293, 3.4)."""
        length = len(segment.payload) + bool(segment.flags & FIN)
        offset = segment.seq - self._expected & _MASK
        window = self._receive_window()
        if offset < window or offset == 0:
            return True
        end = segment.seq + length - 1 - self._expected & _MASK
        return bool(length) and end < window

    def _on_ack(self, segment: Segment, now: float) -> bool:
        """Process acknowledgement and window; False: the segment is not to be looked at further."""
        ack = segment.ack
        if not segment.flags & ACK:
            return False
        if self.state is TcpState.SYN_RECEIVED:
            if ack != self._max:
                self._emit(RST, ack, 0, 0, b"", NO_OPTIONS)
                return False
            self._una = ack
            self._established(now)
        elif _after(ack, self._max):
            self._send_ack()
            return False
        elif _after(ack, self._una):
            self._acknowledged(ack, now)
        elif ack == self._una:
            self._maybe_duplicate(segment, now)
        self._update_window(segment)
        return True

    def _acknowledged(self, ack: int, now: float) -> None:
        count = ack - self._una & _MASK
        fin_acked = count > len(self._unsent)
        del self._unsent[:count]
        self._una = ack
        if _after(ack, self._next):
            self._next = ack
        self._duplicates = self._tries = 0
        self._rto = self._usual_rto()
        if self._loss_limit is not None:
            self._loss_limit += self._mss
            if self._loss_limit >= self.flight:
                self._loss_limit = None
        if self._timed and not _after(self._timed[0], ack):
            self._measure(now - self._timed[1])
            self._timed = None
        self.deadline = now + self._rto if self._una != self._max else None
        if fin_acked:
            self.state = _AFTER_FIN_ACKED.get(self.state, self.state)
            if self.state is TcpState.CLOSED:
                self._close()
                return
        if self._recover is not None:
            if _after(self._recover, ack):
                self._retransmit(now)  # more than one was lost
            else:
                self._recover = None

    def _maybe_duplicate(self, segment: Segment, now: float) -> None:
        """Count duplicate acknowledgements (RFC 5681, 2); the third resends what is missing."""
        if not segment.window:
            self._tries = 0  # it lives, but has no room
        same = segment.window << self._send_shift == self._window
        if segment.payload or not same or self._una == self._max:
            return
        self._duplicates += 1
        if self._duplicates == 3:
            flight = self._max - self._una & _MASK
            self._loss_limit = max(flight // 2, 2 * self._mss)
            self._recover = self._max
            self._retransmit(now)

    def _update_window(self, segment: Segment) -> None:
        if self.state is TcpState.CLOSED or _after(self._window_seq, segment.seq):
            return
        if segment.seq == self._window_seq and _after(self._window_ack, segment.ack):
            return
        if not self._window and segment.window:
            self._next = self._una  # what probed the closed window may have been thrown away
            self._timed = self.deadline = None
            self._rto = self._usual_rto()
        self._window = segment.window << self._send_shift
        self._window_seq, self._window_ack = segment.seq, segment.ack

    def _on_data(self, segment: Segment) -> None:
        if segment.flags & FIN:
            self._fin_at = segment.seq + len(segment.payload) & _MASK
        if segment.payload:
            self._take(segment.seq, segment.payload)
        if self._fin_at is not None and self._expected == self._fin_at:
            self._expected = self._expected + 1 & _MASK
            self._pieces.clear()
            self.state = _AFTER_FIN_IN[self.state]
            self._send_ack()

    def _take(self, seq: int, payload: bytes) -> None:
        window = self._receive_window()
        offset = seq - self._expected & _MASK
        if offset == 0 and not self._pieces:  # nearly always
            self.received += payload[:window]
            self._expected = self._expected + min(len(payload), window) & _MASK
            self._ack_due = True
            return
        if offset < window:
            if offset:
                self._keep(seq, payload[: window - offset])
                self._send_ack()
                return
            self._pieces[seq] = payload[:window]
        else:  # begins with what is known
            self._pieces[self._expected] = payload[-offset & _MASK :][:window]
        self._join()
        self._ack_due = True

    def _keep(self, seq: int, payload: bytes) -> None:
        """Keep a piece that came too early; all pieces together fit into a window."""
        held = sum(len(piece) for piece in self._pieces.values())
        fits = held + len(payload) <= self._buffer and len(self._pieces) < 256
        if fits and len(payload) > len(self._pieces.get(seq, b"")):
            self._pieces[seq] = payload

    def _join(self) -> None:
        """Move pieces that have become the next ones to ``received``."""
        while True:
            for seq in self._pieces:
                known = self._expected - seq & _MASK
                if known < 1 << 31:
                    break
            else:
                return
            fresh = self._pieces.pop(seq)[known:]
            self.received += fresh
            self._expected = self._expected + len(fresh) & _MASK

    # ------------------------------------------------------------------ to the guest

    def _send_syn(self, now: float) -> None:
        self._max = self._next = self._una + 1 & _MASK
        self._timed = (self._max, now)
        self._emit_syn()
        self.deadline = now + self._rto

    def _emit_syn(self) -> None:
        asks = self.state is TcpState.SYN_SENT
        # An answer scales when the question does, and the window of a SYN never is (RFC 7323, 2.2).
        options = SynOptions(MSS, _SHIFT if asks or self._shift else None)
        flags = SYN if asks else SYN | ACK
        self._emit(flags, self._una, self._expected, RECEIVE_BUFFER, b"", options)

    def _send_ack(self) -> None:
        self._emit(ACK, self._next, self._expected, self._advertise(), b"", NO_OPTIONS)

    def _receive_window(self) -> int:
        return max(self._buffer - len(self.received), 0)

    def _advertise(self) -> int:
        """Return the window field to tell.

        Scaled, it is up to 7 bytes less than there is room: what a guest sends into a window that
        looks so much smaller than before is taken (RFC 7323, 2.4).
        """
        self._ack_due = False
        told = self._receive_window() >> self._shift
        self._told_window = told << self._shift
        return told

    def _output(self, now: float) -> None:
        """Send what the windows allow."""
        if self.state not in _SYNCHRONIZED or self.state is TcpState.TIME_WAIT:
            return
        sent = False
        while True:
            offset = self._next - self._una & _MASK
            left = len(self._unsent) - offset
            limit = min(self._window, self.flight)
            if self._loss_limit is not None:
                limit = min(limit, self._loss_limit)
            size = min(left, max(self._mss, self.burst), limit - offset)
            if size <= 0:
                break
            if size < self._mss and size < left and offset:
                break  # silly window avoidance: wait for the acknowledgement
            self._send_data(offset, size, now)
            sent = True
        if not self._unsent_beyond() and self._fin_wanted:
            sent |= self._send_fin()
        if sent and self.deadline is None:
            self.deadline = now + self._rto
        if not self._window and self._unsent and self.deadline is None:
            self.deadline = now + self._rto  # probe the closed window

    def _unsent_beyond(self) -> bool:
        return (self._next - self._una & _MASK) < len(self._unsent)

    def _send_data(self, offset: int, size: int, now: float) -> None:
        payload = bytes(memoryview(self._unsent)[offset : offset + size])
        flags = ACK | PSH if offset + size == len(self._unsent) else ACK
        self._emit(flags, self._next, self._expected, self._advertise(), payload, NO_OPTIONS)
        self._next = self._next + size & _MASK
        if _after(self._next, self._max):
            self._max = self._next
            if self._timed is None:
                self._timed = (self._next, now)
        else:
            self.retransmissions += 1

    def _send_fin(self) -> bool:
        """Send FIN unless it is on its way."""
        end = self._una + len(self._unsent) & _MASK
        if self._next != end or self.state in {TcpState.FIN_WAIT_2, TcpState.TIME_WAIT}:
            return False
        self._emit(FIN | ACK, self._next, self._expected, self._advertise(), b"", NO_OPTIONS)
        self._next = end + 1 & _MASK
        if _after(self._next, self._max):
            self._max = self._next
        if self.state is TcpState.ESTABLISHED:
            self.state = TcpState.FIN_WAIT_1
        elif self.state is TcpState.CLOSE_WAIT:
            self.state = TcpState.LAST_ACK
        return True

    def _retransmit(self, now: float) -> None:
        """Send again what begins at the oldest unacknowledged number, one segment."""
        self._timed = None  # Karn: which of the two is acknowledged cannot be known
        self.retransmissions += 1
        if self.state in {TcpState.SYN_SENT, TcpState.SYN_RECEIVED}:
            self._emit_syn()
        elif self._unsent:
            size = min(len(self._unsent), self._mss, max(self._window, 1))
            payload = bytes(memoryview(self._unsent)[:size])
            self._emit(ACK, self._una, self._expected, self._advertise(), payload, NO_OPTIONS)
            end = self._una + size & _MASK
            if _after(end, self._max):
                self._max = self._next = end
        else:
            self._emit(FIN | ACK, self._una, self._expected, self._advertise(), b"", NO_OPTIONS)
        self.deadline = now + self._rto

    # ------------------------------------------------------------------ time

    def on_timer(self, now: float) -> None:
        """Do what is due at ``deadline``."""
        if self.deadline is None or now < self.deadline or self.state is TcpState.CLOSED:
            return
        if self.state is TcpState.TIME_WAIT:
            self._close()
        elif self._una != self._max or (self._unsent and not self._window):
            self._on_timeout(now)
        else:
            self.deadline = None

    def _on_timeout(self, now: float) -> None:
        self._tries += 1
        if self._tries > (_TRIES if self.state in _SYNCHRONIZED else _SYN_TRIES):
            self.abort()
            return
        self._rto = min(self._rto * 2, _RTO_MAX)
        self._duplicates = 0
        self._recover = None
        if self._una == self._max or not self._window:
            self._retransmit(now)  # probes a closed window
            return
        self._loss_limit = 2 * self._mss
        self._retransmit(now)
        if self.state in _SYNCHRONIZED:
            # All that follows is presumed lost too, and goes again as acknowledgements come in.
            resent = min(len(self._unsent), self._mss, max(self._window, 1))
            fin = not self._unsent
            self._next = self._una + (1 if fin else resent) & _MASK

    def keep_alive(self, now: float) -> float:
        """Ask a silent guest whether it still knows the connection; return when to come again.

        A guest that was reset answers with RST. One that does not answer for hours is given up.
        """
        silent = now - self._heard
        if silent >= _DEAD_AFTER:
            self.abort()
        elif silent >= _KEEPALIVE and self.state in _SYNCHRONIZED:
            window = self._advertise()
            self._emit(ACK, self._una - 1 & _MASK, self._expected, window, b"", NO_OPTIONS)
        return now + _KEEPALIVE

    def _measure(self, sample: float) -> None:
        """Compute the retransmission time-out (RFC 6298, 2)."""
        if self._srtt:
            self._rttvar = 0.75 * self._rttvar + 0.25 * abs(self._srtt - sample)
            self._srtt = 0.875 * self._srtt + 0.125 * sample
        else:
            self._srtt, self._rttvar = max(sample, 1e-6), sample / 2
        self._rto = self._usual_rto()

    def _usual_rto(self) -> float:
        if not self._srtt:
            return _RTO_FIRST
        return min(max(self._srtt + 4 * self._rttvar, _RTO_MIN), _RTO_MAX)

    # ------------------------------------------------------------------ begin and end

    def _synchronize(self, syn: Segment) -> None:
        self._expected = syn.seq + 1 & _MASK
        self._mss = min(max(syn.mss or _DEFAULT_MSS, _LEAST_MSS), MSS)
        if syn.shift is not None:
            self._send_shift, self._shift, self._buffer = syn.shift, _SHIFT, SCALED_BUFFER
        self._window = syn.window
        self._window_seq, self._window_ack = syn.seq, self._una

    def _established(self, now: float) -> None:
        self.state = TcpState.ESTABLISHED
        if self._timed:
            self._measure(now - self._timed[1])
            self._timed = None
        self.deadline = None
        self._tries = 0

    def _finish_if_done(self, now: float) -> None:
        if self.state is TcpState.TIME_WAIT:
            self.deadline = now + _TIME_WAIT

    def _die(self) -> None:
        self.was_reset = True
        self._close()

    def _close(self) -> None:
        self.state = TcpState.CLOSED
        self.deadline = None
        self._unsent.clear()
        self._pieces.clear()
