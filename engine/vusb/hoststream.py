"""Isochronous streams between a guest and a device of the host.

The guest moves a packet in each interval, and so does the device, but each by its own clock, and
what is between them comes late at times. Therefore packets are gathered into transfers of
``TRANSFER_MS``, and some of these are kept ahead: what the guest plays is heard about 20 ms later,
and what it records is as old. When the clocks have drifted apart, packets are dropped, or there is
a gap.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from engine.vusb.hostlink import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.vusb.hostlink import Completion

    Take = Callable[[Completion], None]

TRANSFER_MS: Final = 8
"""Time of a transfer."""
AHEAD: Final = 2
"""Transfers that are gathered before playing begins, and kept under way while recording."""
MOST_AHEAD: Final = 6
"""Transfers that may be between guest and device; of more packets are dropped."""


class OutStream:
    """From the guest to a device.

    Args:
        count: packets of a transfer.
        send: has the device be sent packets; ``take`` is called at the end.

    Attributes:
        dropped: packets for which there was no room.
    """

    def __init__(self, count: int, send: Callable[[Sequence[bytes], Take], None]) -> None:
        self._count = count
        self._send = send
        self._waiting: list[bytes] = []
        self._under_way = 0
        self.dropped = 0

    def put(self, packet: bytes) -> None:
        """Take the guest's packet of an interval."""
        waiting, count = self._waiting, self._count
        waiting.append(packet)
        if len(waiting) < (count if self._under_way else AHEAD * count):
            return
        self._waiting = []
        if self._under_way >= MOST_AHEAD:
            self.dropped += len(waiting)
            return
        for start in range(0, len(waiting), count):
            self._under_way += 1
            self._send(waiting[start : start + count], self._ended)

    def _ended(self, _completion: Completion) -> None:
        self._under_way -= 1


class InStream:
    """From a device to the guest.

    Args:
        count: packets of a transfer.
        receive: has the device asked for that many packets; ``take`` is called at the end.
    """

    def __init__(self, count: int, receive: Callable[[int, Take], None]) -> None:
        self._count = count
        self._receive = receive
        self._packets: deque[bytes] = deque()
        self._under_way = 0
        self._flowing = False

    def get(self) -> bytes:
        """Return the packet of an interval for the guest; an empty one when there is none."""
        self._ask()
        if not self._flowing or not self._packets:
            self._flowing = False
            return b""
        return self._packets.popleft()

    def _ask(self) -> None:
        while self._under_way < AHEAD and len(self._packets) <= MOST_AHEAD * self._count:
            self._under_way += 1
            self._receive(self._count, self._ended)

    def _ended(self, completion: Completion) -> None:
        self._under_way -= 1
        self._packets += completion.packets
        self._flowing = self._flowing or len(self._packets) >= self._count
        # When the guest has ceased to ask, or the device to answer, it ends here.
        if completion.outcome is Outcome.DONE and completion.packets:
            self._ask()
