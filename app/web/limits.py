"""How often one peer may ask: token buckets for requests, growing delays for wrong passwords.

Both remember a bounded number of peers; those that were quiet longest are forgotten first. Peers
are IP addresses; IPv6 addresses count by their network of 64 bits, of which one host has all.
"""

from __future__ import annotations

import collections
import ipaddress
import time
from collections.abc import Callable
from typing import Final

Clock = Callable[[], float]

MAX_PEERS: Final = 10_000
FREE_ATTEMPTS: Final = 5
"""Wrong passwords of a peer that cost no delay."""
MAX_DELAY: Final = 900.0
"""Seconds that a peer has to wait at most after wrong passwords."""
_FORGET_AFTER: Final = 3600.0


def peer_key(host: str) -> str:
    """What counts as one peer."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class RequestLimit:
    """A token bucket for each peer.

    Args:
        rate: Requests a second that each peer may make in the long run; 0: no limit.
        burst: Requests that it may make at once.
        clock: Seconds.
    """

    def __init__(self, rate: float, burst: int, clock: Clock = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: collections.OrderedDict[str, tuple[float, float]] = collections.OrderedDict()

    def take(self, host: str) -> float:
        """Count a request. Returns 0 when it may be answered, else the seconds to wait."""
        if self._rate <= 0:
            return 0.0
        now = self._clock()
        key = peer_key(host)
        tokens, last = self._buckets.pop(key, (float(self._burst), now))
        tokens = min(float(self._burst), tokens + (now - last) * self._rate)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > MAX_PEERS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / self._rate


class LogonLimit:
    """Delays after wrong passwords: doubled with each one after the first :data:`FREE_ATTEMPTS`."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._failures: collections.OrderedDict[str, tuple[int, float]] = collections.OrderedDict()

    def wait_seconds(self, host: str) -> float:
        """Seconds until the peer may try again; 0: now."""
        count, last = self._failures.get(peer_key(host), (0, 0.0))
        if count < FREE_ATTEMPTS:
            return 0.0
        delay = min(MAX_DELAY, 2.0 ** min(count - FREE_ATTEMPTS, 30))
        return max(0.0, last + delay - self._clock())

    def begin(self, host: str) -> None:
        """Count an attempt; it stays counted unless :meth:`succeeded` follows.

        It counts before the password is checked, so that attempts at one time count too.
        """
        now = self._clock()
        key = peer_key(host)
        count, last = self._failures.pop(key, (0, now))
        if now - last > _FORGET_AFTER:
            count = 0
        self._failures[key] = (count + 1, now)
        if len(self._failures) > MAX_PEERS:
            self._failures.popitem(last=False)

    def succeeded(self, host: str) -> None:
        """Forget the peer's wrong passwords."""
        self._failures.pop(peer_key(host), None)
