"""Recording of the guest's screen: what the settings ask for, and the thread that does it.

The thread looks at the screen as often as the settings say and encodes what has changed; while
nothing does, one picture a second keeps the time. Time stands still while the machine is paused, so
that the film shows what the guest lived through. The file is complete when recording has stopped; a
process that dies leaves one that players read up to its last second.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState
from app.console import events
from app.console.audio import audio_connector
from app.console.errors import api_error
from app.console.filmsound import FilmSound
from app.console.webm import WebmFile, encoder_name, require_pyav, sound_encoder_name
from app.settings.display import RecordingScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.console.console import Console
    from app.settings.display import RecordingSettings
    from engine.pdm.display import DisplayAdapter

_logger = logging.getLogger(__name__)

_KEEP_TIME_SECONDS: Final = 1.0
_SIZE_CHECK_SECONDS: Final = 1.0
_MEGABYTE: Final = 1 << 20
_JOIN_SECONDS: Final = 30.0
_SUFFIX: Final = ".webm"


@dataclass(frozen=True)
class RecordingPlan:
    """What to record, and how.

    Attributes:
        file: the file to write; does not exist yet.
        size: width and height of the video, pixels.
        rate_kbps: thousands of bits per second.
        fps: pictures per second, at least 1.
        max_seconds: length after which recording stops; 0: no limit.
        max_megabytes: size of the file at which recording stops; 0: no limit.
        codec: as in the settings.
        sound: FFmpeg's encoder of the sound; empty: pictures only.
    """

    file: Path
    size: tuple[int, int]
    rate_kbps: int
    fps: int
    max_seconds: int = 0
    max_megabytes: int = 0
    codec: str = ""
    sound: str = ""


def plan_recording(
    settings: RecordingSettings, machine: str, folder: Path, screen: int = 0
) -> RecordingPlan:
    """Return what the settings ask for.

    Args:
        settings: of the machine.
        machine: its name, for a file without one.
        folder: of the machine; relative paths start there.
        screen: number of the screen.

    Raises:
        ApiError: ``E_INVALIDARG``: what they ask for cannot be done; says why.
    """
    wanted = next((each for each in settings.screens if each.id == screen), None)
    wanted = wanted or RecordingScreen(id=screen)
    if not wanted.enabled:
        raise _invalid(f"The settings of '{machine}' say that screen {screen} is not recorded.")
    if "video" not in wanted.features:
        raise _invalid("Only pictures can be recorded, and the settings ask for sound alone.")
    if wanted.width < 2 or wanted.height < 2:
        raise _invalid(f"A video of {wanted.width}x{wanted.height} pixels cannot be recorded.")
    encoder_name(wanted.video_codec)
    sound = sound_encoder_name(wanted.audio_codec) if "audio" in wanted.features else ""
    file = Path(wanted.file or f"{machine}-screen{screen}{_SUFFIX}")
    if not file.suffix:
        file = file.with_suffix(_SUFFIX)
    return RecordingPlan(
        file=_free_name(folder / file),
        size=(wanted.width, wanted.height),
        rate_kbps=max(1, wanted.rate_kbps),
        fps=max(1, wanted.fps),
        max_seconds=wanted.max_time_s,
        max_megabytes=wanted.max_size_mb,
        codec=wanted.video_codec,
        sound=sound,
    )


def _free_name(path: Path) -> Path:
    """Return the path, numbered when it is taken: no recording replaces an earlier one."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free


def _invalid(sentence: str) -> ApiError:
    return ApiError(ErrorCode.E_INVALIDARG, sentence, "recording")


class Recorder:
    """Records one screen into one file, from construction to :meth:`stop`.

    Args:
        display: the graphics adapter.
        plan: what to record.
        ended: called on the recorder's thread when it has ended by itself, with a sentence why.
        sound: what the guest plays, when the film has sound.

    Raises:
        ApiError: the file cannot be written, or PyAV is missing.
    """

    def __init__(
        self, display: DisplayAdapter, plan: RecordingPlan, ended: Callable[[str], None],
        sound: FilmSound | None = None,
    ) -> None:  # fmt: skip
        self.plan = plan
        self._ended = ended
        self._stopping = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._surface = display.open_surface()
        self._file = WebmFile(
            plan.file, plan.size, rate_kbps=plan.rate_kbps, fps=plan.fps, codec=plan.codec,
            sound=plan.sound if sound is not None else "",
        )  # fmt: skip
        self._sound = sound
        self._elapsed = 0.0
        self._last_picture = -_KEEP_TIME_SECONDS
        self._last_size_check = 0.0
        # No daemon: a process that ends waits for the end of the file.
        self._thread = threading.Thread(target=self._run, name="recorder")
        self._thread.start()

    @property
    def seconds(self) -> float:
        """Length of the film so far."""
        return self._elapsed

    def set_running(self, running: bool) -> None:
        """Go on, or hold the film while the machine is paused."""
        if running:
            self._running.set()
        else:
            self._running.clear()

    def stop(self) -> None:
        """End the film and wait until the file is complete."""
        self._stopping.set()
        self._running.set()
        if self._thread is not threading.current_thread():
            self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        reason = ""
        try:
            reason = self._record()
            # The last picture lasts until the end, and a film has at least one.
            self._surface.update()
            self._file.write(self._surface.pixels, self._elapsed)
            self._listen()
        except Exception as error:
            reason = api_error(error).message
            _logger.exception("Recording: it ends early")
        if self._sound is not None:
            self._sound.close()
        try:
            self._file.close()
        except ApiError as error:
            reason = reason or error.message
        if not self._stopping.is_set():
            self._ended(reason)

    def _record(self) -> str:
        """Record until told to stop, or until a limit is reached; returns a sentence about it."""
        period = 1 / self.plan.fps
        before = time.monotonic()
        while not self._stopping.wait(max(0.0, before + period - time.monotonic())):
            if not self._running.is_set():
                self._running.wait()
                before = time.monotonic()
                continue
            now = time.monotonic()
            self._elapsed += now - before
            before = now
            self._look()
            self._listen()
            if (reason := self._limit_reached()) is not None:
                return reason
        return ""

    def _look(self) -> None:
        update = self._surface.update()
        due = self._elapsed - self._last_picture >= _KEEP_TIME_SECONDS
        if update.resized or update.dirty or due:
            self._file.write(self._surface.pixels, self._elapsed)
            self._last_picture = self._elapsed

    def _listen(self) -> None:
        if self._sound is not None:
            self._file.write_sound(self._sound.take(self._elapsed))

    def _limit_reached(self) -> str | None:
        plan = self.plan
        if plan.max_seconds and self._elapsed >= plan.max_seconds:
            return f"The recording has reached its maximum time of {plan.max_seconds} s."
        if plan.max_megabytes and self._elapsed - self._last_size_check >= _SIZE_CHECK_SECONDS:
            self._last_size_check = self._elapsed
            if plan.file.stat().st_size >= plan.max_megabytes * _MEGABYTE:
                return f"The recording has reached its maximum size of {plan.max_megabytes} MB."
        return None


class ScreenRecording:
    """Makes the recorder of a console follow its settings and its state.

    Threading: all methods may be called from any thread but the emulation thread, which only tells
    changes of the state.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._recorder: Recorder | None = None
        console.add_listener(self._on_event)

    @property
    def plan(self) -> RecordingPlan | None:
        """What is being recorded; None while nothing is."""
        recorder = self._recorder
        return recorder.plan if recorder is not None else None

    @property
    def seconds(self) -> float:
        """Length of the film so far; 0 while nothing is recorded."""
        recorder = self._recorder
        return recorder.seconds if recorder is not None else 0.0

    def apply(self, before: RecordingSettings, after: RecordingSettings) -> None:
        """Start or stop as changed settings say.

        Raises:
            ApiError: it cannot start, or the film that is being recorded would have to change.
        """
        if self._recorder is not None and after.enabled and before.screens != after.screens:
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
                "The settings of a recording cannot change while it is made; stop it first.",
                "recording",
            )
        if after.enabled and not before.enabled:
            self.start(after)
        elif before.enabled and not after.enabled:
            self.stop()

    def start(self, settings: RecordingSettings) -> None:
        """Begin a film, unless one is being made.

        Raises:
            ApiError: ``VBOX_E_NOT_SUPPORTED``: PyAV is missing; ``E_INVALIDARG``: see
                :func:`plan_recording`; ``VBOX_E_FILE_ERROR``: the file cannot be created.
        """
        console = self._console
        with self._lock:
            if self._recorder is not None:
                return
            require_pyav()
            plan = plan_recording(
                settings, console.machine, Path(console.start_info.machine_folder)
            )
            connector = audio_connector(console.vm) if plan.sound else None
            sound = FilmSound(connector) if connector is not None else None
            try:
                recorder = Recorder(console.display, plan, self._ended_by_itself, sound)
            except BaseException:
                if sound is not None:
                    sound.close()
                raise
            # First, so that a change of the state from here on reaches it.
            self._recorder = recorder
            recorder.set_running(console.state is MachineState.RUNNING)
        _logger.info("Recording: '%s' (%dx%d, %d kbps, %d fps)",
                     plan.file, *plan.size, plan.rate_kbps, plan.fps)  # fmt: skip
        console.tell(events.RecordingChanged(str(plan.file), active=True))

    def stop(self) -> None:
        """End the film, if one is being made, and wait until its file is complete."""
        self._forget("")

    def start_with_machine(self) -> None:
        """Begin the film that the settings ask for; a machine starts without one, too."""
        settings = self._console.settings.recording
        if not settings.enabled:
            return
        try:
            self.start(settings)
        except ApiError as error:
            _logger.warning("Recording: %s", error.message)
            self._console.tell(events.RecordingChanged("", active=False, reason=error.message))

    def _ended_by_itself(self, reason: str) -> None:
        self._forget(reason)
        # Not on this thread: the service asks the console to obey, which may wait for this thread.
        threading.Thread(target=self._switch_off_in_settings, name="recorder-off").start()

    def request(self, *, enabled: bool) -> None:
        """Switch recording on or off in the settings, which the console then obeys.

        Raises:
            ApiError: as :meth:`start`, or the settings cannot be written.
        """
        self._store(enabled=enabled)
        if enabled:
            # The settings may have said so before: it could not begin then, or has ended.
            self.start(self._console.settings.recording)

    def configure(self, screen: RecordingScreen) -> None:
        """Store how a screen is recorded from the next recording on.

        Raises:
            ApiError: a recording is being made, or the settings cannot be written.
        """
        known = self._console.settings.recording.screens
        screens = [each for each in known if each.id != screen.id]
        self._store(screens=sorted([*screens, screen], key=lambda each: each.id))

    def _store(self, **changes: object) -> None:
        console = self._console
        machine = console.session.client.machine(console.start_info.id)
        base = machine.get_settings()
        recording = msgspec.structs.replace(base.recording, **changes)
        machine.save_settings(msgspec.structs.replace(base, recording=recording), base)

    def _switch_off_in_settings(self) -> None:
        """The settings shall say what is: so recording can be switched on again."""
        try:
            self._store(enabled=False)
        except ApiError as error:
            _logger.warning("Recording: the settings still say that it is on: %s", error.message)

    def _forget(self, reason: str) -> None:
        with self._lock:
            recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        recorder.stop()
        file = recorder.plan.file
        _logger.info("Recording: '%s' is complete. %s", file, reason)
        self._console.tell(events.RecordingChanged(str(file), active=False, reason=reason))

    def _on_event(self, event: events.ConsoleEvent) -> None:
        if not isinstance(event, events.StateChanged):
            return
        recorder = self._recorder
        if recorder is not None:
            recorder.set_running(event.state is MachineState.RUNNING)
