"""Placement, painting of frames, and the thread that fetches them."""

import gc
import sys

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QRegion
from PySide6.QtWidgets import QWidget

from app.console.screenpace import ACTIVE_SECONDS, IDLE_SECONDS, PROBE_SECONDS, Pace
from app.vmwindow.keyboard.handler import KeyboardHandler
from app.vmwindow.screen.frames import Frame, FramePump
from app.vmwindow.screen.placement import ScaleMode, device_factor, place
from app.vmwindow.screen.widget import ScreenWidget, wrap_pixels
from tests.app.vmwindow.fakes import FakeDisplay, pattern


@pytest.mark.parametrize(
    ("mode", "area", "ratio", "spot"),
    [
        (ScaleMode.ONE_TO_ONE, (1000, 600), 1.0, (180, 100, 640, 400)),
        (ScaleMode.ONE_TO_ONE, (320, 200), 1.0, (0, 0, 640, 400)),
        (ScaleMode.ONE_TO_ONE, (1280, 800), 2.0, (0, 0, 1280, 800)),
        (ScaleMode.ONE_TO_ONE, (1000, 600), 1.25, (180, 100, 640, 400)),
        (ScaleMode.INTEGER, (2000, 1300), 1.0, (40, 50, 1920, 1200)),
        (ScaleMode.INTEGER, (100, 100), 1.0, (0, 0, 640, 400)),
        (ScaleMode.SMOOTH, (1280, 900), 1.0, (0, 50, 1280, 800)),
        (ScaleMode.SMOOTH, (320, 300), 1.5, (0, 50, 320, 200)),
    ],
)
def test_placement(mode, area, ratio, spot):
    result = place(mode, (640, 400), area, ratio)
    assert (result.x, result.y, result.width, result.height) == spot


def test_rows_cover_what_the_filter_touches():
    sharp = place(ScaleMode.INTEGER, (640, 400), (1280, 800), 1.0)
    assert sharp.rows(10, 12) == (20, 24)
    smooth = place(ScaleMode.SMOOTH, (640, 400), (960, 600), 1.0)
    assert smooth.smooth
    assert smooth.rows(10, 12) == (13, 20)
    assert smooth.rows(0, 400) == (0, 600)


def test_device_factor():
    assert [device_factor(r) for r in (0.8, 1.0, 1.25, 1.5, 2.0, 3.0)] == [1, 1, 1, 2, 2, 3]


def test_pace_follows_the_screen():
    pace = Pace()
    assert pace.delay(100.0, 0.0, changed=True) == IDLE_SECONDS  # one change: a cursor blinks
    assert pace.delay(100.1, 0.0, changed=True) == ACTIVE_SECONDS
    assert pace.delay(100.4, 0.0, changed=False) == ACTIVE_SECONDS
    assert pace.delay(101.0, 0.0, changed=False) == PROBE_SECONDS
    assert pace.delay(110.0, 0.0, changed=False) == IDLE_SECONDS
    pace.expect_change(111.0)
    assert pace.delay(111.0, 0.0, changed=False) == ACTIVE_SECONDS


def test_pace_leaves_the_processor_to_the_guest():
    pace = Pace()
    pace.expect_change(0.0)
    assert pace.delay(0.0, 0.1, changed=True) == pytest.approx(0.3)


def test_image_shares_the_memory_of_the_array():
    pixels = pattern(64, 32)
    image = wrap_pixels(pixels)
    pixels[5, 7] = 0x123456
    assert image.pixel(7, 5) & 0xFFFFFF == 0x123456
    assert image.size().toTuple() == (64, 32)


class RecordingScreen(ScreenWidget):
    """Keeps the regions that were painted."""

    def __init__(self, keyboard):
        super().__init__(keyboard)
        self.regions = []

    def paintEvent(self, event):
        self.regions.append(QRegion(event.region()))
        super().paintEvent(event)


@pytest.fixture
def screen(qtbot):
    screen = RecordingScreen(KeyboardHandler())
    qtbot.addWidget(screen)
    screen.resize(640, 400)
    screen.show()
    qtbot.waitExposed(screen)
    return screen


def grabbed(screen):
    image = screen.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    width, height, ratio = image.width(), image.height(), image.bytesPerLine() // 4
    array = np.frombuffer(image.constBits(), np.uint32).reshape(height, ratio)
    return array[:, :width] & 0xFFFFFF


def show(screen, pixels, dirty=None, *, resized=False):
    screen.show_frame(Frame(pixels, resized, dirty or [(0, pixels.shape[0])], "test"))


@pytest.mark.parametrize("mode", [ScaleMode.ONE_TO_ONE, ScaleMode.INTEGER, ScaleMode.SMOOTH])
def test_picture_is_painted_exactly(screen, mode):
    screen.set_scale_mode(mode)
    pixels = pattern(640, 400)
    show(screen, pixels, resized=True)
    assert (grabbed(screen) == pixels).all()


def test_integer_scaling_repeats_pixels(screen):
    pixels = pattern(320, 200)
    screen.set_scale_mode(ScaleMode.INTEGER)
    show(screen, pixels, resized=True)
    assert (grabbed(screen) == pixels.repeat(2, 0).repeat(2, 1)).all()


def test_picture_is_centred_on_black(screen):
    pixels = np.full((200, 320), 0xFFFFFF, np.uint32)
    show(screen, pixels, resized=True)
    picture = grabbed(screen)
    assert (picture[100:300, 160:480] == 0xFFFFFF).all()
    assert picture.sum() == 0xFFFFFF * 200 * 320


@pytest.mark.parametrize("mode", list(ScaleMode))
def test_mode_changes_keep_the_picture_right(screen, mode):
    screen.set_scale_mode(mode)
    for size in ((640, 400), (320, 200), (720, 400), (640, 480), (2, 2)):
        pixels = np.full(size[::-1], 0x336699, np.uint32)
        show(screen, pixels, resized=True)
        if mode is ScaleMode.ONE_TO_ONE:
            assert screen.minimumSize().toTuple() == size
        picture = grabbed(screen)
        height, width = picture.shape
        assert picture[height // 2, width // 2] == 0x336699


def test_only_dirty_rows_are_repainted(screen, qtbot):
    pixels = pattern(640, 400)
    show(screen, pixels, resized=True)
    qtbot.wait(50)
    screen.regions.clear()
    with qtbot.waitSignal(screen.painted):
        show(screen, pixels, [(16, 32), (300, 301)])
    assert screen.regions == [QRegion(0, 16, 640, 16) + QRegion(0, 300, 640, 1)]


def test_nothing_is_painted_when_nothing_changed(screen, qtbot):
    pixels = pattern(640, 400)
    show(screen, pixels, resized=True)
    qtbot.wait(50)
    assert screen.regions
    screen.regions.clear()
    screen.show_frame(Frame(pixels, resized=False, dirty=[], mode="test"))
    qtbot.wait(50)
    assert screen.regions == []


def test_paused_picture_is_dimmed(screen):
    show(screen, np.full((400, 640), 0xFFFFFF, np.uint32), resized=True)
    screen.set_dimmed(True)
    picture = grabbed(screen)
    assert picture[0, 0] != 0xFFFFFF
    assert len(np.unique(picture)) > 2  # the sign of the pause


def test_ten_thousand_paints_lose_no_reference_to_none(screen):
    """PySide6 6.12.0 drops a reference to None with each call of a void method."""
    pixels = pattern(64, 40)
    show(screen, pixels, resized=True)
    target = QImage(64, 40, QImage.Format.Format_RGB32)
    screen.resize(64, 40)
    gc.collect()
    before = sys.getrefcount(None)
    for _ in range(10_000):
        screen.render(target, renderFlags=QWidget.RenderFlag.DrawWindowBackground)
    gc.collect()
    assert abs(sys.getrefcount(None) - before) < 1000


def test_pump_hands_over_and_waits_for_painting(qtbot):
    display = FakeDisplay()
    pump = FramePump(display)
    frames = []
    pump.frame.connect(frames.append)
    pump.start()
    try:
        qtbot.waitUntil(lambda: len(frames) == 1)
        assert frames[0].resized
        pump.acknowledge()
        changed = display.picture.copy()
        changed[10] = 0
        display.show(changed)
        pump.expect_change()
        qtbot.waitUntil(lambda: len(frames) == 2)
        assert frames[1].dirty == [(10, 11)]
        assert frames[1].pixels is frames[0].pixels
    finally:
        pump.stop()


def test_pump_rests_when_told(qtbot):
    display = FakeDisplay()
    pump = FramePump(display)
    frames = []
    pump.frame.connect(lambda frame: (frames.append(frame), pump.acknowledge()))
    pump.start()
    try:
        qtbot.waitUntil(lambda: len(frames) == 1)
        display.show(pattern(640, 200))
        pump.set_active(False)
        qtbot.waitUntil(lambda: len(frames) == 2)  # what was there when it was told
        qtbot.wait(150)
        display.show(pattern(320, 200))
        qtbot.wait(150)
        assert len(frames) == 2
        pump.set_active(True)
        qtbot.waitUntil(lambda: len(frames) == 3)
    finally:
        pump.stop()


def test_a_surface_that_fails_does_not_end_the_pictures(qtbot, caplog):
    display = FakeDisplay()
    surface = display.open_surface()
    failures = [ValueError("bad register")]
    original = surface.update

    def update():
        if failures:
            raise failures.pop()
        return original()

    surface.update = update
    display.open_surface = lambda: surface
    pump = FramePump(display)
    frames = []
    pump.frame.connect(lambda frame: (frames.append(frame), pump.acknowledge()))
    pump.start()
    try:
        qtbot.waitUntil(lambda: len(frames) == 1)
        assert "bad register" in caplog.text
    finally:
        pump.stop()


def test_hidden_widgets_acknowledge_at_once(qtbot):
    screen = ScreenWidget(KeyboardHandler())
    qtbot.addWidget(screen)
    with qtbot.waitSignal(screen.painted):
        show(screen, pattern(64, 32), resized=True)


def test_natural_size_is_that_of_the_guest(screen):
    show(screen, pattern(800, 600), resized=True)
    assert screen.natural_size().toTuple() == (800, 600)
    assert screen.sizeHint().toTuple() == (800, 600)
    assert QRect(screen.rect()).width() >= 800
