"""A WebM file that grows picture by picture: an adapter of PyAV, which is an optional extra.

Only the writer of a recording uses this, on its thread. PyAV is imported when a file is opened, so
that a VM process pays for it only when it records.
"""

from __future__ import annotations

import importlib.util
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from app.api.errors import ApiError, ErrorCode

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MISSING_SENTENCE: Final = (
    "Screens are recorded with PyAV, which is not installed. Install Vitrine's extra “recording”: "
    "pip install 'vitrine[recording]'."
)

_CODECS: Final = {"": "libvpx", "VP8": "libvpx", "VP9": "libvpx-vp9"}
"""FFmpeg's encoders by the names in settings files."""

_SOUND_CODECS: Final = {"": "libopus", "OPUS": "libopus", "VORBIS": "vorbis"}
_SOUND_OPTIONS: Final = {"strict": "experimental"}  # PyAV has FFmpeg's own encoder of Vorbis only
_SOUND_RATE: Final = 48_000
_SOUND_BITS: Final = 128_000  # per second

_TICKS: Final = 1000  # time stamps of WebM count milliseconds
_REALTIME: Final = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
_KEY_FRAME_SECONDS: Final = 5  # as far as a player may have to go back to seek


def has_pyav() -> bool:
    """Tell whether PyAV is installed, without loading it."""
    return importlib.util.find_spec("av") is not None


def require_pyav() -> None:
    """Check that recording is possible here.

    Raises:
        ApiError: ``VBOX_E_NOT_SUPPORTED``: PyAV is not installed, or not usable.
    """
    try:
        import av  # noqa: F401
    except ImportError as error:
        raise ApiError(ErrorCode.VBOX_E_NOT_SUPPORTED, MISSING_SENTENCE, "recording") from error


def encoder_name(codec: str) -> str:
    """Return FFmpeg's name of the encoder of the codec ``codec`` in the settings.

    Raises:
        ApiError: ``VBOX_E_NOT_SUPPORTED``: WebM files cannot have it, or nothing here writes it.
    """
    try:
        return _CODECS[codec.upper()]
    except KeyError:
        raise ApiError(
            ErrorCode.VBOX_E_NOT_SUPPORTED,
            f"Pictures cannot be recorded as '{codec}'; known are VP8 and VP9.",
            "recording",
        ) from None


def sound_encoder_name(codec: str) -> str:
    """Return FFmpeg's name of the encoder of the sound codec ``codec`` in the settings.

    Raises:
        ApiError: ``VBOX_E_NOT_SUPPORTED``: WebM files cannot have it, or nothing here writes it.
    """
    try:
        return _SOUND_CODECS[codec.upper()]
    except KeyError:
        raise ApiError(
            ErrorCode.VBOX_E_NOT_SUPPORTED,
            f"Sound cannot be recorded as '{codec}'; known are Vorbis and Opus.",
            "recording",
        ) from None


class WebmFile:
    """One file being written.

    Args:
        path: the file, which must not exist.
        size: width and height of the video, pixels.
        rate_kbps: bits per second of the video, in thousands.
        fps: pictures per second at most; tells the encoder how to spread the bits.
        codec: as in the settings: empty, ``VP8`` or ``VP9``.
        sound: FFmpeg's encoder of the sound; empty: the film has none.

    Raises:
        ApiError: PyAV or the encoder are missing, or the file cannot be created.
    """

    def __init__(
        self, path: Path, size: tuple[int, int], *, rate_kbps: int, fps: int, codec: str = "",
        sound: str = "",
    ) -> None:  # fmt: skip
        require_pyav()
        import av

        self.path = path
        # Colours are stored for two by two pixels.
        self._size = (size[0] & ~1, size[1] & ~1)
        try:
            self._file = path.open("xb")
        except OSError as error:
            raise _file_error(path, error) from error
        self._container: Any = av.open(self._file, "w", format="webm")
        stream: Any = self._container.add_stream(
            encoder_name(codec), rate=fps, options=dict(_REALTIME)
        )
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = rate_kbps * 1000
        stream.codec_context.gop_size = fps * _KEY_FRAME_SECONDS
        stream.codec_context.time_base = Fraction(1, _TICKS)
        self._stream = stream
        self._last_tick = -1
        self._sound: Any = None
        self._sound_frames = 0
        if sound:
            self._sound = self._container.add_stream(
                sound, rate=_SOUND_RATE, layout="stereo", options=dict(_SOUND_OPTIONS)
            )
            self._sound.bit_rate = _SOUND_BITS

    def write(self, pixels: NDArray[np.uint32], seconds: float) -> None:
        """Append a picture.

        Args:
            pixels: (height, width) array of 0x00RRGGBB of any size; it is fitted into the video.
            seconds: when it is shown, from the start; later than the picture before.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR``: the file cannot be written.
        """
        frame = self._fit(pixels)
        tick = max(round(seconds * _TICKS), self._last_tick + 1)
        self._last_tick = tick
        frame.pts = tick
        frame.time_base = Fraction(1, _TICKS)
        try:
            self._container.mux(self._stream.encode(frame))
        except OSError as error:
            raise _file_error(self.path, error) from error

    def write_sound(self, data: bytes) -> None:
        """Append sound: frames of 16-bit stereo at 48 kHz, which follow the ones before.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR``: the file cannot be written.
        """
        if not data:
            return
        import av

        samples = np.frombuffer(data, "<i2").reshape(1, -1)
        frame: Any = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        frame.sample_rate = _SOUND_RATE
        frame.pts = self._sound_frames
        frame.time_base = Fraction(1, _SOUND_RATE)
        self._sound_frames += samples.size // 2
        try:
            self._container.mux(self._sound.encode(frame))
        except OSError as error:
            raise _file_error(self.path, error) from error

    def _fit(self, pixels: NDArray[np.uint32]) -> Any:
        """Return the picture as large as it fits, with black around it."""
        import av

        width, height = self._size
        rows, columns = pixels.shape
        frame: Any = av.VideoFrame.from_ndarray(
            np.ascontiguousarray(pixels).view(np.uint8).reshape(rows, columns, 4), format="bgra"
        )
        if (columns, rows) != (width, height):
            scale = min(width / columns, height / rows)
            shown = (max(2, int(columns * scale) & ~1), max(2, int(rows * scale) & ~1))
            scaled = frame.reformat(*shown, format="bgra").to_ndarray()
            canvas = np.zeros((height, width, 4), np.uint8)
            left, top = (width - shown[0]) // 2, (height - shown[1]) // 2
            canvas[top : top + shown[1], left : left + shown[0]] = scaled
            frame = av.VideoFrame.from_ndarray(canvas, format="bgra")
        return frame.reformat(format="yuv420p")

    def close(self) -> None:
        """Write what the encoder still holds, and the index; the file is complete then.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR``: the file cannot be written.
        """
        container, self._container = self._container, None
        if container is None:
            return
        try:
            with self._file:
                if self._last_tick >= 0:
                    container.mux(self._stream.encode(None))
                if self._sound_frames:
                    container.mux(self._sound.encode(None))
                container.close()
        except OSError as error:
            raise _file_error(self.path, error) from error


def _file_error(path: Path, error: OSError) -> ApiError:
    return ApiError(
        ErrorCode.VBOX_E_FILE_ERROR,
        f"The recording '{path}' cannot be written: {error.strerror or error}.",
        "recording",
    )
