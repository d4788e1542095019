"""Streams between a guest and a device of the host: packets ahead, drops, gaps."""

from __future__ import annotations

from engine.vusb.hostlink import Completion, Outcome
from engine.vusb.hoststream import AHEAD, MOST_AHEAD, InStream, OutStream

COUNT = 4


class Ends:
    """Transfers under way: what they carry, and what is to be told at their ends."""

    def __init__(self):
        self.carried, self.takes = [], []

    def start(self, carried, take):
        self.carried.append(carried)
        self.takes.append(take)

    def end(self, *packets, outcome=Outcome.DONE):
        self.takes.pop(0)(Completion(outcome, packets=packets))


def test_playing_begins_with_some_transfers_ahead_and_goes_on_by_single_ones():
    ends = Ends()
    stream = OutStream(COUNT, ends.start)
    packets = [bytes([n]) for n in range(3 * COUNT)]
    for packet in packets[: AHEAD * COUNT - 1]:
        stream.put(packet)
    assert ends.carried == []
    for packet in packets[AHEAD * COUNT - 1 :]:
        stream.put(packet)
    assert ends.carried == [packets[n : n + COUNT] for n in range(0, 3 * COUNT, COUNT)]


def test_packets_are_dropped_while_the_device_is_behind_and_gathered_anew_after_a_gap():
    ends = Ends()
    stream = OutStream(1, ends.start)
    for n in range(MOST_AHEAD + 3):
        stream.put(bytes([n]))
    assert (len(ends.carried), stream.dropped) == (MOST_AHEAD, 3)
    while ends.takes:
        ends.end()
    stream.put(b"a")
    assert len(ends.carried) == MOST_AHEAD
    stream.put(b"b")
    assert ends.carried[MOST_AHEAD:] == [[b"a"], [b"b"]]


def test_recording_keeps_transfers_under_way_and_has_gaps_when_they_are_late():
    ends = Ends()
    stream = InStream(COUNT, ends.start)
    assert stream.get() == b""
    assert ends.carried == [COUNT] * AHEAD
    ends.end(b"a", b"", b"c", b"d")
    assert len(ends.takes) == AHEAD
    assert [stream.get() for _ in range(5)] == [b"a", b"", b"c", b"d", b""]
    ends.end(b"e")
    assert stream.get() == b""  # it begins anew with a whole transfer
    ends.end(b"f", b"g", b"h")
    assert [stream.get() for _ in range(4)] == [b"e", b"f", b"g", b"h"]


def test_recording_ends_when_nobody_fetches_or_the_device_fails():
    ends = Ends()
    stream = InStream(COUNT, ends.start)
    stream.get()
    for _ in range(99):
        if ends.takes:
            ends.end(*[b"x"] * COUNT)
    assert not ends.takes
    assert len(ends.carried) == MOST_AHEAD + 1 + AHEAD - 1
    ends = Ends()
    stream = InStream(COUNT, ends.start)
    stream.get()
    ends.end(outcome=Outcome.FAILED)
    assert len(ends.takes) == AHEAD - 1
    stream.get()
    assert len(ends.takes) == AHEAD
