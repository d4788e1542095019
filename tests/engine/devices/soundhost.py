"""Stands in for the host side of a sound card."""

from __future__ import annotations

RECORDED = b"\x11\x22\x33\x44"
"""The frame that is recorded for ever."""


class SoundHost:
    """Keeps what a card plays.

    Attributes:
        played: frames. rates, gains: with which they came.
    """

    def __init__(self):
        self.played = bytearray()
        self.rates, self.gains = set(), set()

    def play(self, data, rate, gain):
        self.played += data
        self.rates.add(rate)
        self.gains.add(gain)

    def record(self, count, rate, gain):
        return RECORDED * count
