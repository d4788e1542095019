"""WAV files that a sound card plays into and records from."""

from __future__ import annotations

import logging
import struct
import wave
from pathlib import Path
from typing import Final

import numpy as np

from engine.audio.errors import AudioDriverError

log = logging.getLogger("engine.audio")

_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
_PCM: Final = 1
_LARGEST_FILE: Final = 0xFFFF_FFFF
_SAMPLE_BYTES: Final = 2


class WavWriter:
    """Writes 16-bit stereo; the file can be played at any moment, even after a crash.

    Args:
        path: the file; what is in it goes.
        rate: frames per second.

    Raises:
        AudioDriverError: it cannot be written.
    """

    def __init__(self, path: str, rate: int = 48_000) -> None:
        self.rate = rate
        self._path = path
        self._size = 0
        self._failed = False
        try:
            if Path(path).exists() and not Path(path).is_file():
                raise AudioDriverError(f"'{path}' is not a file that sound can be written to.")
            # Without a buffer, as its owner may end at any moment.
            self._file = Path(path).open("wb", buffering=0)  # noqa: SIM115 - closed by close()
            self._file.write(self._header())
        except OSError as error:
            raise AudioDriverError(
                f"The file '{path}' for the sound cannot be written: {error.strerror}."
            ) from error

    def _header(self) -> bytes:
        frame = 2 * _SAMPLE_BYTES
        size = self._size
        return _HEADER.pack(
            *(b"RIFF", _HEADER.size - 8 + size, b"WAVE", b"fmt ", 16, _PCM, 2),
            *(self.rate, self.rate * frame, frame, 8 * _SAMPLE_BYTES, b"data", size),
        )

    def write(self, data: bytes) -> None:
        """Append frames. A failure is told once, and the rest of the sound is dropped."""
        if self._failed:
            return
        if self._size + len(data) + _HEADER.size > _LARGEST_FILE:
            self._fail("it has reached the 4 GB that a WAV file can have")
            return
        try:
            self._file.write(data)
            self._size += len(data)
            self._file.seek(0)
            self._file.write(self._header())
            self._file.seek(0, 2)
        except OSError as error:
            self._fail(error.strerror or str(error))

    def _fail(self, why: str) -> None:
        self._failed = True
        log.error("Sound of the guest is not written to the file '%s' any more: %s.",
                  self._path, why)  # fmt: skip

    def close(self) -> None:
        """Close the file; what comes later is dropped."""
        self._failed = True
        self._file.close()


class WavReader:
    """A WAV file as a microphone: played again and again.

    Args:
        path: a file of 16-bit samples, mono or stereo.

    Attributes:
        rate: frames per second.

    Raises:
        AudioDriverError: it cannot be read, or has another format.
    """

    def __init__(self, path: str) -> None:
        try:
            with wave.open(path, "rb") as file:
                self.rate = file.getframerate()
                channels, width = file.getnchannels(), file.getsampwidth()
                data = file.readframes(file.getnframes())
        except (OSError, EOFError, wave.Error) as error:
            raise AudioDriverError(f"The WAV file '{path}' cannot be read: {error}.") from error
        if width != _SAMPLE_BYTES or channels not in (1, 2) or self.rate < 1 or not data:
            raise AudioDriverError(
                f"The WAV file '{path}' must have 16-bit samples, mono or stereo; it has "
                f"{len(data)} bytes of {8 * width}-bit samples and {channels} channels."
            )
        whole = data[: len(data) // (width * channels) * width * channels]
        samples = np.frombuffer(whole, "<i2").reshape(-1, channels)
        self._frames = np.repeat(samples, 2, axis=1) if channels == 1 else samples
        self._place = 0

    def read(self, count: int) -> bytes:
        """Return the next ``count`` frames as stereo."""
        indices = (self._place + np.arange(count)) % len(self._frames)
        self._place = (self._place + count) % len(self._frames)
        return self._frames[indices].tobytes()

    def close(self) -> None:
        """Nothing is open: the file was read whole."""
