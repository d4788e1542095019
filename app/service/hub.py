"""Fan-out of events to every client, without waiting for any of them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from app.api.events import Event
from app.api.messages import EventMessage, encode, pack

if TYPE_CHECKING:
    from app.api.transport import Channel


class EventHub:
    """Sends events to all subscribed channels.

    :meth:`fire` may be called from any thread and with any lock held: it only queues.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channels: tuple[Channel, ...] = ()

    def add(self, channel: Channel) -> None:
        """Send events to ``channel`` from now on."""
        with self._lock:
            self._channels = (*self._channels, channel)

    def remove(self, channel: Channel) -> None:
        """Send no more events to ``channel``."""
        with self._lock:
            self._channels = tuple(other for other in self._channels if other is not channel)

    def fire(self, event: Event) -> None:
        """Tell every client that ``event`` happened."""
        data = encode(EventMessage(name=type(event).__name__, data=pack(event)))
        for channel in self._channels:
            channel.send_encoded(data)
