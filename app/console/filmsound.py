"""The sound of a film: what the guest plays, from the emulation thread to the recorder.

A sound card plays in virtual time and only while the guest has something to play; a film's sound
has no gaps. So the recorder fills with silence what has not come, and what comes too fast (the time
of a film is that of the recorder's clock) is dropped.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from engine.audio.connector import RATE
from engine.audio.pcm import FRAME_BYTES

if TYPE_CHECKING:
    from engine.audio.connector import AudioConnector

_LAG: Final = RATE // 5
"""Frames that the sound may be behind the pictures before silence takes its place."""
_LEAD: Final = RATE // 2
"""Frames that it may be ahead of them."""


class FilmSound:
    """Listens to a sound card from construction to :meth:`close`.

    Args:
        connector: what the card plays into.
    """

    def __init__(self, connector: AudioConnector) -> None:
        self._connector = connector
        self._lock = threading.Lock()
        self._data = bytearray()
        self._taken = 0
        connector.listener = self._put

    def _put(self, data: bytes) -> None:
        """Keep frames; on the emulation thread."""
        with self._lock:
            if len(self._data) < _LEAD * FRAME_BYTES:
                self._data += data

    def take(self, seconds: float) -> bytes:
        """Return the frames (16-bit stereo, 48 kHz) that follow the last ones.

        Args:
            seconds: length of the film so far.
        """
        with self._lock:
            data = bytes(self._data)
            self._data.clear()
        now = round(seconds * RATE)
        data = data[: max(0, now + _LEAD - self._taken) * FRAME_BYTES]
        self._taken += len(data) // FRAME_BYTES
        behind = now - self._taken
        if behind > _LAG:
            # Half of the lag is left for what is about to come.
            missing = behind - _LAG // 2
            data = bytes(missing * FRAME_BYTES) + data
            self._taken += missing
        return data

    def close(self) -> None:
        """Listen no more."""
        self._connector.listener = None
