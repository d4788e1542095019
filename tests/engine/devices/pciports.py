"""Configuration space through ports CF8h-CFFh, as a guest reaches it."""

from __future__ import annotations


class ConfigSpace:
    """One function of bus 0."""

    def __init__(self, bench, slot, function=0):
        self.bench = bench
        self.address = 0x80000000 | slot << 11 | function << 8

    def read(self, offset, size=4):
        self.bench.outl(0xCF8, self.address | offset & 0xFC)
        return self.bench.ports.read(0xCFC + (offset & 3), size)

    def write(self, offset, value, size=4):
        self.bench.outl(0xCF8, self.address | offset & 0xFC)
        self.bench.ports.write(0xCFC + (offset & 3), value, size)
