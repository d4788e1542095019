"""Loudspeakers and microphone of the host, by miniaudio, which is an optional extra.

miniaudio asks for sound, and hands over what it has recorded, on a thread of its own that must not
wait for the interpreter long: a store of a few hundredths of a second lies between it and the
emulation thread. What comes too fast is dropped, what comes too late is silence: the guest's time
never waits for the host's sound.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, Final

from engine.audio.connector import RATE
from engine.audio.errors import AudioDriverError
from engine.audio.pcm import FRAME_BYTES

if TYPE_CHECKING:
    from collections.abc import Generator

log = logging.getLogger("engine.audio")

MISSING_SENTENCE: Final = (
    "The host's sound is used by miniaudio, which is not installed. Install Vitrine's extra "
    "“audio”: pip install 'vitrine[audio]'."
)
BACKENDS: Final = {
    "Default": (),
    "ALSA": ("ALSA",),
    "Pulse": ("PULSEAUDIO",),
    "OSS": ("OSS",),
    "WAS": ("WASAPI",),
    "DirectSound": ("DSOUND",),
    "CoreAudio": ("COREAUDIO",),
}
"""miniaudio's back ends by driver; none: the best at hand."""
_SILENT_BACKENDS: Final = frozenset({"NULL", "CUSTOM"})

_PERIOD_MS: Final = 40
_PREFILL: Final = RATE * FRAME_BYTES * 60 // 1000
"""Bytes that are waited for before playing starts, again after a gap: one gap instead of many."""
_MOST: Final = RATE * FRAME_BYTES * 250 // 1000
"""Bytes that are kept; more would be heard too late."""


class Store:
    """Frames on their way between two threads."""

    def __init__(self, prefill: int = 0, most: int = _MOST) -> None:
        self._prefill = prefill
        self._most = most
        self._data = bytearray()
        self._lock = threading.Lock()
        self._flowing = not prefill

    def put(self, data: bytes) -> None:
        """Add frames; when there are too many, the oldest go."""
        with self._lock:
            self._data += data
            if len(self._data) > self._most:
                del self._data[: len(self._data) - self._most]

    def take(self, size: int) -> bytes:
        """Return ``size`` bytes, with silence in the place of what is not there."""
        with self._lock:
            if not self._flowing and len(self._data) < self._prefill:
                return bytes(size)
            data = bytes(self._data[:size])
            del self._data[:size]
            self._flowing = len(data) == size or not self._prefill
        return data + bytes(size - len(data))


def _library() -> Any:
    try:
        import miniaudio
    except (ImportError, OSError) as error:
        raise AudioDriverError(MISSING_SENTENCE) from error
    return miniaudio


def _open(kind: str, driver: str, **options: Any) -> Any:
    """Open a device of the host.

    Raises:
        AudioDriverError: miniaudio is missing, does not know the driver, or finds no device.
    """
    library = _library()
    names = BACKENDS.get(driver)
    if names is None:
        raise AudioDriverError(f"There is no audio driver '{driver}'.")
    every = [each for each in library.Backend if each.name not in _SILENT_BACKENDS]
    chosen = [each for each in every if each.name in names] if names else every
    try:
        return getattr(library, kind)(
            sample_rate=RATE, buffersize_msec=_PERIOD_MS, backends=chosen, app_name="Vitrine",
            **options,
        )  # fmt: skip
    except library.MiniaudioError as error:
        what = "loudspeaker" if kind == "PlaybackDevice" else "microphone"
        raise AudioDriverError(
            f"The host's audio driver '{driver}' offers no {what} ({error.args[0]})."
        ) from error


class HostSpeaker:
    """Plays on the host.

    Args:
        driver: a key of ``BACKENDS``.

    Raises:
        AudioDriverError: this host cannot.
    """

    def __init__(self, driver: str) -> None:
        self._store = Store(_PREFILL)
        self._device = _open("PlaybackDevice", driver, nchannels=2)
        player = self._frames()
        next(player)
        self._device.start(player)

    def _frames(self) -> Generator[bytes, int, None]:
        wanted = yield b""
        while True:
            wanted = yield self._store.take(wanted * FRAME_BYTES)

    def write(self, data: bytes) -> None:
        """Take frames."""
        self._store.put(data)

    def close(self) -> None:
        """Fall silent."""
        self._device.close()


class HostMicrophone:
    """Records on the host; opened by a thread when the guest records for the first time.

    Args:
        driver: a key of ``BACKENDS``.

    Attributes:
        rate: frames per second.
        trouble: a sentence when it cannot be opened: then it is silent.
    """

    def __init__(self, driver: str) -> None:
        self.rate = RATE
        self.trouble = ""
        self._driver = driver
        self._store = Store()
        self._device: Any = None
        self._opener: threading.Thread | None = None

    def _start(self) -> None:
        try:
            self._device = _open("CaptureDevice", self._driver, nchannels=2)
        except AudioDriverError as error:
            self.trouble = str(error)
            log.warning("The guest records silence: %s", error)
            return
        keeper = self._keep()
        next(keeper)
        self._device.start(keeper)

    def _keep(self) -> Generator[None, bytes, None]:
        while True:
            self._store.put((yield))

    def read(self, count: int) -> bytes:
        """Return the next frames; silence while there are none."""
        if self._opener is None:
            # A sound server may take its time, for which the guest shall not stand still.
            self._opener = threading.Thread(target=self._start, name="microphone", daemon=True)
            self._opener.start()
        return self._store.take(count * FRAME_BYTES)

    def close(self) -> None:
        """Stop listening."""
        if self._opener is not None:
            self._opener.join()
        if self._device is not None:
            self._device.close()
