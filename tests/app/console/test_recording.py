"""Recording of the screen: plans, films that players can read, limits, pauses."""

import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from app.api.errors import ApiError, ErrorCode
from app.console import events, webm
from app.console.console import Console
from app.console.recording import Recorder, RecordingPlan, plan_recording
from app.console.webm import WebmFile
from app.settings.display import RecordingScreen, RecordingSettings
from engine.pdm.display import Update
from tests.app.console.fakes import FakeSession, FakeVm, settings

SECONDS = 10


def wanted(**screen):
    return RecordingSettings(enabled=True, screens=[RecordingScreen(id=0, **screen)])


def wait_until(condition):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class ColourSurface:
    """A screen that changes its colour at each look."""

    def __init__(self, size=(320, 200)):
        self.pixels = np.zeros((size[1], size[0]), np.uint32)
        self.looks = 0

    def update(self):
        self.looks += 1
        self.pixels[:] = 0xFF0000 if self.looks % 2 else 0x0000FF
        return Update(resized=self.looks == 1, dirty=[(0, len(self.pixels))])


def plan(tmp_path, **changes):
    values = {"file": tmp_path / "film.webm", "size": (160, 120), "rate_kbps": 256, "fps": 25}
    return RecordingPlan(**{**values, **changes})


def frames_of(path):
    av = pytest.importorskip("av")
    with av.open(str(path)) as container:
        assert "webm" in container.format.name
        return [(float(frame.time), frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def test_the_defaults_are_those_of_virtualbox(tmp_path):
    result = plan_recording(RecordingSettings(), "Box", tmp_path)
    assert result == RecordingPlan(
        file=tmp_path / "Box-screen0.webm", size=(1024, 768), rate_kbps=512, fps=25
    )


def test_no_recording_replaces_an_earlier_one(tmp_path):
    (tmp_path / "Box-screen0.webm").touch()
    (tmp_path / "Box-screen0-2.webm").touch()
    assert plan_recording(wanted(), "Box", tmp_path).file.name == "Box-screen0-3.webm"


def test_a_relative_file_lies_in_the_machines_folder(tmp_path):
    assert plan_recording(wanted(file="films/a"), "Box", tmp_path).file == tmp_path / "films/a.webm"


@pytest.mark.parametrize(
    ("screen", "sentence"),
    [
        ({"enabled": False}, "screen 0 is not recorded"),
        ({"features": "audio"}, "sound alone"),
        ({"width": 0}, "0x768 pixels"),
        ({"video_codec": "AV1"}, "'AV1'; known are VP8 and VP9"),
    ],
)
def test_what_cannot_be_recorded_is_told(tmp_path, screen, sentence):
    with pytest.raises(ApiError, match=sentence):
        plan_recording(wanted(**screen), "Box", tmp_path)


def test_without_pyav_a_sentence_tells_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ApiError, match=r"vitrine\[recording\]") as caught:
        webm.require_pyav()
    assert caught.value.code is ErrorCode.VBOX_E_NOT_SUPPORTED


@pytest.mark.parametrize("codec", ["", "VP8", "VP9"])
def test_pictures_keep_colour_time_and_proportion(tmp_path, codec):
    pytest.importorskip("av")
    path = tmp_path / "film.webm"
    file = WebmFile(path, (161, 121), rate_kbps=2000, fps=25, codec=codec)
    square = np.full((60, 60), 0x00FF00, np.uint32)
    file.write(square, 0.0)
    file.write(square, 0.5)
    file.write(square, 0.5)  # two looks within a millisecond
    file.close()
    file.close()
    frames = frames_of(path)
    assert [when for when, _ in frames] == [0.0, 0.5, 0.501]
    picture = frames[0][1]
    assert picture.shape == (120, 160, 3)
    assert picture[60, 5].max() < 40  # black beside the square
    assert picture[60, 80, 1] > 200
    assert picture[60, 80, 0] < 60


def test_a_folder_that_does_not_exist_is_told(tmp_path):
    pytest.importorskip("av")
    with pytest.raises(ApiError, match="nowhere") as caught:
        WebmFile(tmp_path / "nowhere" / "a.webm", (64, 64), rate_kbps=100, fps=5)
    assert caught.value.code is ErrorCode.VBOX_E_FILE_ERROR


def test_a_film_holds_what_was_seen_and_stands_still_in_pauses(tmp_path):
    pytest.importorskip("av")
    surface = ColourSurface()
    ends = []
    recorder = Recorder(SimpleNamespace(open_surface=lambda: surface), plan(tmp_path), ends.append)
    wait_until(lambda: recorder.seconds > 0.3)
    recorder.set_running(False)
    time.sleep(0.1)
    looks, seconds = surface.looks, recorder.seconds
    time.sleep(0.3)
    assert surface.looks == looks
    assert recorder.seconds == seconds
    recorder.set_running(True)
    wait_until(lambda: surface.looks > looks)
    recorder.stop()
    frames = frames_of(tmp_path / "film.webm")
    assert len(frames) >= surface.looks
    assert frames[0][1][60, 80, 0] > 180  # red
    assert frames[1][1][60, 80, 2] > 180  # blue
    assert ends == []


def test_the_maximum_time_ends_it(tmp_path):
    pytest.importorskip("av")
    ends = []
    display = SimpleNamespace(open_surface=ColourSurface)
    Recorder(display, plan(tmp_path, max_seconds=1), ends.append)
    wait_until(lambda: ends)
    assert ends == ["The recording has reached its maximum time of 1 s."]
    assert 0.9 < frames_of(tmp_path / "film.webm")[-1][0] < 3


def test_the_maximum_size_ends_it(tmp_path):
    pytest.importorskip("av")

    random = np.random.default_rng(1)

    class Noise(ColourSurface):
        def update(self):
            self.pixels = random.integers(0, 1 << 24, (600, 800), np.uint32)
            return Update(resized=True)

    ends = []
    wish = plan(tmp_path, size=(800, 600), rate_kbps=50_000, max_megabytes=1)
    Recorder(SimpleNamespace(open_surface=Noise), wish, ends.append)
    wait_until(lambda: ends)
    assert "maximum size of 1 MB" in ends[0]


def test_a_screen_that_cannot_be_read_ends_it(tmp_path):
    pytest.importorskip("av")

    class Broken(ColourSurface):
        def update(self):
            raise OSError("the picture is gone")

    ends = []
    Recorder(SimpleNamespace(open_surface=Broken), plan(tmp_path), ends.append)
    wait_until(lambda: ends)
    assert ends == ["the picture is gone"]


@pytest.fixture
def session(tmp_path):
    return FakeSession(tmp_path, settings())


@pytest.fixture
def console(session, tmp_path, monkeypatch):
    monkeypatch.setattr("app.console.console.VmSession.attach", lambda *_a, **_k: session)
    monkeypatch.setattr("app.console.console.VM", FakeVm)
    (tmp_path / "Logs").mkdir()
    console = Console("Test", servants=lambda _: ())
    console.told = []
    console.add_listener(console.told.append)
    yield console
    console.recording.stop()


def films(console):
    return [event for event in console.told if isinstance(event, events.RecordingChanged)]


def changed(console, **recording):
    new = settings()
    new.recording = RecordingSettings(**recording)
    return new


def test_a_running_machine_is_recorded_when_its_settings_say_so(console, tmp_path):
    pytest.importorskip("av")
    console.start()
    console.apply_settings(changed(console, enabled=True))
    file = tmp_path / "Test-screen0.webm"
    assert console.recording.plan.file == file
    with pytest.raises(ApiError, match="stop it first"):
        console.apply_settings(changed(console, enabled=True, screens=wanted(fps=5).screens))
    console.apply_settings(changed(console, enabled=False))
    assert console.recording.plan is None
    assert films(console) == [
        events.RecordingChanged(str(file), active=True),
        events.RecordingChanged(str(file), active=False),
    ]
    assert frames_of(file)


def test_settings_that_cannot_be_obeyed_are_refused(console, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    console.start()
    with pytest.raises(ApiError, match="PyAV"):
        console.apply_settings(changed(console, enabled=True))
    assert not console.settings.recording.enabled


def test_a_machine_starts_without_its_recording(console, session, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    session.settings.recording.enabled = True
    console.start()
    assert [event.active for event in films(console)] == [False]
    assert "PyAV" in films(console)[0].reason


def test_the_film_is_complete_when_the_machine_is_off(console, tmp_path):
    pytest.importorskip("av")
    console.start()
    console.apply_settings(changed(console, enabled=True))
    wait_until(lambda: console.recording.seconds > 0.1)
    console.power_off()
    assert console.wait_for_end(SECONDS)
    assert frames_of(tmp_path / "Test-screen0.webm")


def test_a_recording_that_has_reached_its_limit_is_off_in_the_settings(console, session):
    pytest.importorskip("av")
    session.settings.recording = wanted(max_time_s=1, width=64, height=64)
    console.start()
    wait_until(lambda: not session.settings.recording.enabled)
    assert console.recording.plan is None
    assert films(console)[-1].reason == "The recording has reached its maximum time of 1 s."
