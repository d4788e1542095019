"""The TCP endpoint alone, with a clock that the test moves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.net.packets import ACK, FIN, PSH, RST, SYN, Segment
from engine.net.tcp import MSS, RECEIVE_BUFFER, TcpEndpoint, TcpState

OURS = 0xFFFFFF00  # so that numbers wrap soon
THEIRS = 0xFFFFFFF0
MASK = 0xFFFFFFFF


class Wire:
    """Plays the guest segment by segment."""

    def __init__(self, *, window=65535, isn=OURS):
        self.sent = []
        self.now = 100.0
        self.window = window
        self.endpoint = TcpEndpoint(self._emit, isn, self.now)
        self.seq = THEIRS
        self.endpoint.accept(Segment(1, 2, self.seq, 0, SYN, window, b"", 1460), self.now)
        self.seq = self.seq + 1 & MASK
        (flags, seq, ack, _, _, self.options), = self.take()
        assert (flags, seq, ack, self.options.mss) == (SYN | ACK, isn, self.seq, MSS)
        self.ack = isn + 1 & MASK
        self.give()
        assert self.endpoint.state is TcpState.ESTABLISHED

    def _emit(self, *segment):
        self.sent.append(segment)

    def take(self):
        sent, self.sent = self.sent, []
        return sent

    def give(self, flags=ACK, payload=b"", *, seq=None, ack=None):
        seq = self.seq if seq is None else seq
        ack = self.ack if ack is None else ack
        segment = Segment(1, 2, seq & MASK, ack & MASK, flags, self.window, payload)
        self.endpoint.on_segment(segment, self.now)

    def wait(self):
        """Let the time pass until the endpoint's deadline; return how long that was."""
        before = self.now
        assert self.endpoint.deadline is not None
        self.now = max(self.endpoint.deadline, self.now)
        self.endpoint.on_timer(self.now)
        return self.now - before


def payloads(segments):
    return [segment[4] for segment in segments if segment[4]]


def test_data_that_come_out_of_order_are_put_in_order():
    wire = Wire()
    wire.give(payload=b"ghi", seq=wire.seq + 6)
    wire.give(payload=b"def", seq=wire.seq + 3)
    assert [segment[2] for segment in wire.take()] == [wire.seq, wire.seq]  # asks at once
    wire.give(payload=b"abcd")
    assert wire.endpoint.received == b"abcdefghi"
    wire.endpoint.flush()
    assert wire.take()[-1][2] == wire.seq + 9 & MASK


def test_one_acknowledgement_for_a_batch():
    wire = Wire()
    for _ in range(5):
        wire.give(payload=b"x" * 100)
        wire.seq = wire.seq + 100 & MASK
    assert wire.take() == []
    wire.endpoint.flush()
    wire.endpoint.flush()
    (_, _, ack, window, _, _), = wire.take()
    assert (ack, window) == (wire.seq, RECEIVE_BUFFER - 500)


def test_what_does_not_fit_into_the_window_is_left_out():
    wire = Wire()
    for _ in range(50):
        wire.give(payload=b"x" * 1460)
        wire.seq = wire.seq + 1460 & MASK
    assert len(wire.endpoint.received) == RECEIVE_BUFFER
    wire.endpoint.flush()
    assert wire.take()[-1][3] == 0
    wire.endpoint.consume(RECEIVE_BUFFER)
    wire.endpoint.flush()
    assert wire.take()[-1][3] == RECEIVE_BUFFER


def test_the_oldest_segment_is_sent_again_after_a_time_that_doubles():
    wire = Wire()
    wire.endpoint.send(b"a" * 3000, wire.now)
    assert len(payloads(wire.take())) == 3
    waits = []
    for _ in range(3):
        waits.append(wire.wait())
        assert payloads(wire.take()) == [b"a" * MSS]
    assert waits[1] == pytest.approx(2 * waits[0])
    assert waits[2] == pytest.approx(4 * waits[0])
    # The acknowledgement brings the rest again, which may have been lost too.
    wire.give(ack=wire.ack + MSS)
    assert b"".join(payloads(wire.take())) == b"a" * (3000 - MSS)
    wire.give(ack=wire.ack + 3000)
    assert wire.endpoint.deadline is None


def test_three_duplicate_acknowledgements_send_again_at_once():
    wire = Wire()
    wire.endpoint.send(bytes(range(10)) * 1000, wire.now)
    first = payloads(wire.take())[0]
    wire.give()
    wire.give()
    assert wire.take() == []
    wire.give()
    assert payloads(wire.take()) == [first]
    # A second hole is filled when the first is.
    wire.give(ack=wire.ack + MSS)
    assert payloads(wire.take())[0] == (bytes(range(10)) * 1000)[MSS : 2 * MSS]


def test_a_guest_that_never_answers_is_given_up():
    wire = Wire()
    wire.endpoint.send(b"a", wire.now)
    total = 0.0
    while wire.endpoint.state is not TcpState.CLOSED:
        total += wire.wait()
    assert wire.take()[-1][0] & RST
    assert wire.endpoint.was_reset
    assert 60 < total < 900


def test_a_closed_window_is_probed_and_opens():
    wire = Wire(window=0)
    wire.endpoint.send(b"hello", wire.now)
    assert wire.take() == []
    for _ in range(20):  # more often than it would resend to a guest that is silent
        wire.wait()
        assert payloads(wire.take()) == [b"h"]
        wire.give()
    assert wire.endpoint.state is TcpState.ESTABLISHED
    wire.window = 100
    wire.give()
    assert payloads(wire.take()) == [b"hello"]
    wire.give(ack=wire.ack + 5)
    assert wire.endpoint.deadline is None


def test_no_more_than_the_window():
    wire = Wire(window=2000)
    wire.endpoint.send(b"a" * 9000, wire.now)
    assert [len(piece) for piece in payloads(wire.take())] == [MSS]  # no silly segment after it
    wire.window = 6000
    wire.give(ack=wire.ack + MSS)
    assert [len(piece) for piece in payloads(wire.take())] == [MSS] * 4


def close_by_us(wire):
    wire.endpoint.shutdown(wire.now)
    assert wire.take()[-1][0] & FIN
    wire.ack = wire.ack + 1 & MASK
    wire.give()


def close_by_guest(wire):
    wire.give(FIN | ACK)
    wire.seq = wire.seq + 1 & MASK
    assert wire.take()[-1][2] == wire.seq


def test_closed_by_us_first():
    wire = Wire()
    close_by_us(wire)
    assert wire.endpoint.state is TcpState.FIN_WAIT_2
    close_by_guest(wire)
    assert wire.endpoint.state is TcpState.TIME_WAIT
    wire.give(FIN | ACK, seq=wire.seq - 1)  # the guest has not got the acknowledgement
    assert wire.take()[-1][2] == wire.seq
    wire.wait()
    assert wire.endpoint.state is TcpState.CLOSED
    assert not wire.endpoint.was_reset


def test_closed_by_the_guest_first():
    wire = Wire()
    close_by_guest(wire)
    assert wire.endpoint.state is TcpState.CLOSE_WAIT
    assert wire.endpoint.peer_finished
    close_by_us(wire)
    assert wire.endpoint.state is TcpState.CLOSED
    assert not wire.endpoint.was_reset


def test_closed_by_both_at_once():
    wire = Wire()
    wire.endpoint.shutdown(wire.now)
    wire.take()
    close_by_guest(wire)
    assert wire.endpoint.state is TcpState.CLOSING
    wire.give(ack=wire.ack + 1)
    assert wire.endpoint.state is TcpState.TIME_WAIT


def test_a_lost_end_is_sent_again_after_all_data():
    wire = Wire()
    wire.endpoint.send(b"abc", wire.now)
    wire.endpoint.shutdown(wire.now)
    wire.take()
    wire.wait()
    assert payloads(wire.take()) == [b"abc"]
    wire.give(ack=wire.ack + 3)
    assert wire.take()[-1][0] & FIN
    wire.give(ack=wire.ack + 4)
    assert wire.endpoint.state is TcpState.FIN_WAIT_2


def test_only_the_exact_number_resets():
    wire = Wire()
    wire.give(RST, seq=wire.seq + 10)
    assert wire.endpoint.state is TcpState.ESTABLISHED
    assert wire.take()[-1][0] == ACK
    wire.give(RST)
    assert wire.endpoint.state is TcpState.CLOSED


def test_a_silent_guest_is_asked():
    wire = Wire()
    wire.endpoint.keep_alive(wire.now + 10)
    assert wire.take() == []
    wire.endpoint.keep_alive(wire.now + 130)
    (_, seq, _, _, payload, _), = wire.take()
    assert (seq, payload) == (wire.ack - 1 & MASK, b"")
    wire.endpoint.keep_alive(wire.now + 8000)
    assert wire.endpoint.was_reset


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 31), st.integers(-70000, 70000), st.integers(-9, 3000),
            st.binary(max_size=20), st.sampled_from([0, 1, 100, 65535]),
            st.sampled_from(["", "send", "consume", "shutdown", "wait"]),
        ),
        max_size=30,
    )
)
def test_any_segments(steps):
    """Whatever comes, buffers stay bounded and nothing is raised."""
    wire = Wire()
    endpoint = wire.endpoint
    for flags, offset, acked, payload, wire.window, action in steps:
        wire.give(flags, payload, seq=wire.seq + offset, ack=wire.ack + acked)
        if action == "send":
            endpoint.send(b"z" * min(500, endpoint.room()), wire.now)
        elif action == "consume":
            endpoint.consume(10)
        elif action == "shutdown":
            endpoint.shutdown(wire.now)
        elif action == "wait" and endpoint.deadline is not None:
            wire.wait()
        endpoint.flush()
        assert len(endpoint.received) <= RECEIVE_BUFFER
        assert endpoint.room() >= 0
        if endpoint.deadline is not None:
            assert endpoint.state is not TcpState.CLOSED
    assert len(wire.sent) < 2000


@settings(max_examples=150, deadline=None)
@given(st.integers(0, MASK), st.lists(st.integers(0, 12), max_size=60), st.randoms())
def test_pieces_in_any_order_make_the_whole(isn, extra, chance):
    data = bytes(chance.randrange(256) for _ in range(600))
    wire = Wire(isn=isn)
    starts = list(range(0, 600, 50)) + [number * 50 for number in extra if number < 12]
    chance.shuffle(starts)
    for start in starts:
        size = chance.choice([50, 77, 120])
        wire.give(ACK | PSH, data[start : start + size], seq=wire.seq + start)
    assert wire.endpoint.received == data
