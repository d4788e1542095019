"""The sound of a film: gaps, what comes too fast, and a file that has it."""

from types import SimpleNamespace

import numpy as np
import pytest

from app.api.errors import ApiError
from app.console.filmsound import FilmSound
from app.console.recording import Recorder, plan_recording
from app.console.webm import WebmFile
from app.settings.display import RecordingScreen, RecordingSettings
from engine.audio.connector import RATE, AudioConnector
from engine.pdm.display import Update

TONE = (np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE) * 10_000).astype("<i2")
SECOND = np.stack([TONE, TONE], axis=1).tobytes()


def test_silence_fills_what_the_guest_does_not_play():
    connector = AudioConnector()
    sound = FilmSound(connector)
    assert sound.take(0.1) == b""
    assert sound.take(1.0) == bytes(4 * (RATE - RATE // 10))
    connector.play(SECOND[: RATE * 4 // 10], RATE, (1.0, 1.0))
    assert sound.take(1.05) == SECOND[: RATE * 4 // 10]
    sound.close()
    connector.play(SECOND, RATE, (1.0, 1.0))
    assert sound.take(1.1) == b""


def test_sound_is_never_far_ahead_of_the_pictures():
    connector = AudioConnector()
    sound = FilmSound(connector)
    for _ in range(10):
        connector.play(SECOND, RATE, (1.0, 1.0))
    assert len(sound.take(0.25)) == RATE * 3 // 4 * 4


@pytest.mark.parametrize(("codec", "name"), [("", "opus"), ("Vorbis", "vorbis")])
def test_a_film_has_sound_of_the_guests_pitch(tmp_path, codec, name):
    av = pytest.importorskip("av")
    wanted = RecordingSettings(
        screens=[RecordingScreen(id=0, features="video,audio", audio_codec=codec)]
    )
    plan = plan_recording(wanted, "Box", tmp_path)
    film = WebmFile(plan.file, (64, 48), rate_kbps=100, fps=25, sound=plan.sound)
    picture = np.zeros((48, 64), np.uint32)
    for part in range(10):
        film.write(picture, part / 10)
        film.write_sound(SECOND[part * RATE * 4 // 10 : (part + 1) * RATE * 4 // 10])
    film.close()
    with av.open(str(plan.file)) as container:
        assert container.streams.audio[0].codec_context.name == name
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    heard = np.concatenate(frames, axis=1)[0]
    assert len(heard) / RATE == pytest.approx(1.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert np.argmax(spectrum) * RATE / len(heard) == pytest.approx(1000, abs=3)


def test_a_sound_codec_that_webm_has_not_is_told(tmp_path):
    screen = RecordingScreen(id=0, features="video,audio", audio_codec="MP3")
    with pytest.raises(ApiError, match="known are Vorbis and Opus"):
        plan_recording(RecordingSettings(screens=[screen]), "Box", tmp_path)


def test_a_recorder_listens_until_it_ends(tmp_path):
    av = pytest.importorskip("av")
    connector = AudioConnector()
    surface = SimpleNamespace(
        pixels=np.zeros((48, 64), np.uint32), update=lambda: Update(resized=False, dirty=[])
    )
    settings = RecordingSettings(screens=[RecordingScreen(id=0, features="video,audio")])
    plan = plan_recording(settings, "Box", tmp_path)
    display = SimpleNamespace(open_surface=lambda: surface)
    recorder = Recorder(display, plan, lambda _reason: None, FilmSound(connector))
    connector.play(SECOND[: RATE * 4 // 10], RATE, (1.0, 1.0))
    recorder.stop()
    assert connector.listener is None
    with av.open(str(plan.file)) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert samples >= RATE // 10
