"""The other end of a client's connection, played by the test."""

from __future__ import annotations

import multiprocessing.connection

from app.api import ApiError, Client
from app.api.client import PendingCall
from app.api.messages import Welcome
from app.api.transport import Channel


class PlayedService:
    """The other end of a client's connection."""

    def __init__(self) -> None:
        ours, theirs = multiprocessing.connection.Pipe(duplex=True)
        self.channel = Channel(ours, "played")
        self.raw = ours
        self.lost: list[ApiError] = []
        self.client = Client(
            Channel(theirs, "client"), Welcome(protocol=1, pid=1), "test", self.lost.append
        )

    def start(self, **callbacks: object) -> PendingCall:
        calls = {"on_result": lambda _r: None, "on_error": lambda _e: None} | callbacks
        return self.client.start_call("virtualbox.get_extra_data", {"key": "k"}, **calls)
