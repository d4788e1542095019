"""Media for tests of virtio devices."""

from __future__ import annotations


class Image:
    """A medium in memory; ``error`` is raised by writes."""

    read_only = False

    def __init__(self, size, error=None):
        self.data = bytearray(size)
        self.size = size
        self.error = error
        self.flushes = 0

    def read(self, offset, length):
        return bytes(self.data[offset : offset + length])

    def write(self, offset, data):
        if self.error:
            raise self.error
        self.data[offset : offset + len(data)] = data

    def flush(self):
        self.flushes += 1


class LateQueue:
    """Carries requests out when the test says so."""

    def __init__(self, medium, post):
        self.medium = medium
        self.waiting = []
        LateQueue.last = self

    def submit(self, request, done):
        self.waiting.append((request, done))
        return False

    def go(self):
        waiting, self.waiting = self.waiting, []
        for request, done in waiting:
            if not request.cancelled:
                request.carry_out(self.medium)
                done(request)

    def drain(self):
        return False

    def close(self):
        pass
