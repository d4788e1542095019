"""Queues whose requests end when the test says so."""

from __future__ import annotations


class SlowQueues:
    """Makes the queues of a bench; requests of all media wait in ``requests``."""

    def __init__(self):
        self.requests = []

    def __call__(self, medium, post):
        return SlowQueue(self.requests, medium)

    def __len__(self):
        return sum(not waiting.request.cancelled for waiting in self.requests)

    def finish(self, index=0):
        """End a request; those that were cancelled are left out."""
        waiting = [w for w in self.requests if not w.request.cancelled]
        chosen = waiting[index]
        self.requests.remove(chosen)
        chosen.end()

    def finish_all(self):
        """End all requests, and those that follow from them; return how many there were."""
        count = 0
        while len(self):
            self.finish()
            count += 1
        return count


class Waiting:
    def __init__(self, request, medium, done):
        self.request = request
        self._medium = medium
        self._done = done

    def end(self):
        self.request.carry_out(self._medium)
        self._done(self.request)


class SlowQueue:
    """One medium's share of SlowQueues."""

    def __init__(self, requests, medium):
        self._requests = requests
        self._medium = medium
        self._own = []

    def submit(self, request, done):
        waiting = Waiting(request, self._medium, done)
        self._requests.append(waiting)
        self._own.append(waiting)
        return False

    def drain(self):
        count = 0
        while mine := [w for w in self._own if w in self._requests]:
            self._requests.remove(mine[0])
            count += 1
            if not mine[0].request.cancelled:
                mine[0].end()
        return bool(count)

    def close(self):
        pass
