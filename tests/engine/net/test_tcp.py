"""The TCP endpoint alone, with a clock that the test moves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.net.packets import (
    ACK,
    FIN,
    PSH,
    RST,
    SYN,
    TCP,
    Segment,
    SynOptions,
    build_ip,
    build_tcp,
    parse_ip,
    parse_tcp,
)
from engine.net.tcp import MSS, RECEIVE_BUFFER, SCALED_BUFFER, TcpEndpoint, TcpState

OURS = 0xFFFFFF00  # so that numbers wrap soon
THEIRS = 0xFFFFFFF0
MASK = 0xFFFFFFFF
A, B = bytes((10, 0, 2, 2)), bytes((10, 0, 2, 15))


class Wire:
    """Plays the guest segment by segment."""

    def __init__(self, *, window=65535, isn=OURS, shift=None):
        self.sent = []
        self.now = 100.0
        self.window = window
        self.endpoint = TcpEndpoint(self._emit, isn, self.now)
        self.seq = THEIRS
        syn = Segment(1, 2, self.seq, 0, SYN, window, b"", 1460, shift)
        self.endpoint.accept(syn, self.now)
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


def test_windows_are_scaled_when_the_guest_asks_for_it():
    wire = Wire(window=60000, shift=7)
    assert wire.options == SynOptions(MSS, 3)
    wire.window = 2000
    wire.endpoint.flight = 300_000
    wire.endpoint.burst = 40 * MSS
    wire.give()
    wire.endpoint.send(bytes(400_000), wire.now)
    assert sum(map(len, payloads(wire.take()))) == 2000 << 7
    wire.window = 2800  # more than may be on the way
    wire.give()
    assert sum(map(len, payloads(wire.take()))) == 300_000 - (2000 << 7)
    assert wire.endpoint.room() > 0
    for _ in range(10):
        wire.give(payload=bytes(MSS))
        wire.seq = wire.seq + MSS & MASK
    wire.endpoint.flush()
    (_, _, ack, window, _, options), = wire.take()
    assert (ack, options) == (wire.seq, SynOptions())
    assert window == SCALED_BUFFER - 10 * MSS >> 3


def test_windows_are_not_scaled_otherwise():
    wire = Wire()
    assert wire.options == SynOptions(MSS, None)
    wire.endpoint.flight = 300_000
    wire.endpoint.send(bytes(100_000), wire.now)
    assert sum(map(len, payloads(wire.take()))) <= 65535


@pytest.mark.parametrize(("shift", "room"), [(None, 900), (2, 900 << 2)])
def test_a_guest_that_is_called_is_asked_to_scale(shift, room):
    sent = []
    endpoint = TcpEndpoint(lambda *segment: sent.append(segment), 5000, 0.0)
    endpoint.connect(0.0)
    assert sent[0][5] == SynOptions(MSS, 3)
    # The window of a SYN is never scaled (RFC 7323, 2.2).
    endpoint.on_segment(Segment(1, 2, 70, 5001, SYN | ACK, 100, b"", 64, shift), 0.1)
    sent.clear()
    endpoint.send(bytes(9000), 0.1)
    assert sum(map(len, payloads(sent))) <= 100
    endpoint.on_segment(Segment(1, 2, 71, 5001, ACK, 900, b""), 0.2)
    assert room - 64 < sum(map(len, payloads(sent))) <= room


def test_a_scaled_window_that_shrinks_and_closes():
    wire = Wire(shift=4)
    wire.endpoint.flight = 200_000
    wire.window = 10_000
    wire.give()
    wire.endpoint.send(bytes(200_000), wire.now)
    sent = sum(map(len, payloads(wire.take())))
    assert 160_000 - MSS < sent <= 160_000
    wire.window = 1000  # takes back what it has told: nothing more is sent
    wire.give(ack=wire.ack + 20_000)
    assert payloads(wire.take()) == []
    wire.window = 0
    wire.ack = wire.ack + sent & MASK
    wire.give()
    assert payloads(wire.take()) == []
    wire.wait()
    assert payloads(wire.take()) == [b"\0"]
    wire.window = 3000
    wire.give()
    assert sum(map(len, payloads(wire.take()))) == 200_000 - sent


def test_a_scaled_window_that_the_guest_fills():
    """Rounded down it is up to seven bytes smaller than before; what fits into both is taken."""
    wire = Wire(shift=0)
    for size in (3, MSS, 5, SCALED_BUFFER - MSS - 8):
        wire.give(payload=bytes(size))
        wire.seq = wire.seq + size & MASK
        wire.endpoint.flush()
        assert wire.take()[-1][3] == SCALED_BUFFER - len(wire.endpoint.received) >> 3
    assert len(wire.endpoint.received) == SCALED_BUFFER
    wire.endpoint.consume(SCALED_BUFFER)
    wire.endpoint.flush()
    assert wire.take()[-1][3] == SCALED_BUFFER >> 3


def test_after_a_loss_the_flight_grows_again():
    wire = Wire(shift=7)
    wire.endpoint.flight = 400_000
    wire.window = 4000
    wire.give()
    wire.endpoint.send(bytes(400_000), wire.now)
    wire.take()
    for _ in range(3):
        wire.give()
    wire.take()
    wire.ack = wire.ack + 400_000 & MASK
    wire.give()
    wire.endpoint.send(bytes(400_000), wire.now)
    flight = sum(map(len, payloads(wire.take())))
    assert 200_000 - MSS < flight <= 200_000 + MSS
    for _ in range(400):
        wire.ack = wire.ack + 500 & MASK
        wire.give()
        wire.endpoint.send(bytes(500), wire.now)
    assert sum(map(len, payloads(wire.take()))) > 400 * 500


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("020405b4 01030307", SynOptions(1460, 7)),
        ("03032000 020405b4", SynOptions(0, 14)),  # too much is 14; behind the end is nothing
        ("020405b4 01010303", SynOptions(1460, None)),
        ("020405b4 03000000", SynOptions(1460, None)),
        ("01010204", SynOptions()),
        ("01010101", SynOptions()),
    ],
)
def test_options_of_a_syn(options, said):
    tail = bytes.fromhex(options)
    header = build_tcp(A, B, Segment(1, 2, 3, 4, SYN, 5, b""))
    data = header[:12] + bytes((20 + len(tail) << 2,)) + header[13:] + tail
    found = parse_tcp(parse_ip(build_ip(TCP, A, B, data)[0]), complete=False)
    assert SynOptions(found.mss, found.shift) == said


def test_options_go_with_a_syn():
    segment = Segment(1, 2, 3, 4, SYN, 5, b"", 1460, 3)
    assert parse_tcp(parse_ip(build_ip(TCP, A, B, build_tcp(A, B, segment))[0])) == segment


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
    ),
    st.sampled_from([None, 0, 7, 14]),
)
def test_any_segments(steps, shift):
    """Whatever comes, buffers stay bounded and nothing is raised."""
    wire = Wire(shift=shift)
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
        limit = RECEIVE_BUFFER if shift is None else SCALED_BUFFER
        assert len(endpoint.received) <= limit
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
