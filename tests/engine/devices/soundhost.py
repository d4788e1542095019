"""Stands in for the host side of a sound card."""

from __future__ import annotations

RECORDED = b"\x11\x22\x33\x44"
"""The frame that is recorded for ever."""


class SoundHost:
    """Keeps what a card plays.

    Attributes:
        played: frames. rates, gains: with which they came.
        sounded, sounded_gains: the same of the card's second source. ended: how often it has.
    """

    def __init__(self):
        self.played = bytearray()
        self.rates, self.gains = set(), set()
        self.sounded, self.sounded_gains, self.ended = bytearray(), set(), 0

    def play(self, data, rate, gain):
        self.played += data
        self.rates.add(rate)
        self.gains.add(gain)

    def accompany(self, data, rate, gain, *, last=False):
        self.sounded += data
        if data:
            self.rates.add(rate)
            self.sounded_gains.add(gain)
        self.ended += last

    def record(self, count, rate, gain):
        return RECORDED * count
