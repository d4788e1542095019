"""The window on the real engine: what is typed appears on the guest's screen and in the picture."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from app.api.structs import MachineState
from app.console import console as module
from app.console.process import open_console
from app.vmwindow.window import VmWindow
from engine.errors import FirmwareMissingError
from engine.firmware import find_firmware
from tests.app.console.fakes import floppy_session

# Boot sector: shows > and then every character that is typed.
TYPEWRITER = bytes.fromhex(
    "fa"                # cli
    "31c0"              # xor ax, ax
    "8ed88ec08ed0"      # mov ds, ax / mov es, ax / mov ss, ax
    "bc007c"            # mov sp, 7C00h
    "fb"                # sti
    "b03e"              # mov al, '>'
    "b40ebb0700cd10"    # show: mov ah, 0Eh / mov bx, 7 / int 10h
    "b400cd16"          # mov ah, 0 / int 16h
    "ebf3"              # jmp show
)  # fmt: skip
TIMEOUT = 60_000  # ms; a busy host is slow


@pytest.fixture
def window(qtbot, tmp_path, monkeypatch):
    try:
        find_firmware()
    except FirmwareMissingError as error:
        pytest.skip(str(error))
    session = floppy_session(tmp_path, TYPEWRITER)
    monkeypatch.setattr(module.VmSession, "attach", lambda *_args, **_kwargs: session)
    console = open_console("Test")
    window = VmWindow(console)
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignal(window.bridge.state_changed, timeout=TIMEOUT):
        window.bridge.run(console.start, lambda _: window.machine_started())
    qtbot.waitUntil(lambda: window.pump is not None, timeout=TIMEOUT)
    yield window
    if console.state is not MachineState.POWERED_OFF:
        console.power_off()
    assert console.wait_for_end(10)
    window.stop()


def text(window):
    return (window.console.display.screen_text() or "").rstrip()


def lit_pixels(window):
    picture = window.screen_widget.picture().convertToFormat(QImage.Format.Format_Grayscale8)
    return sum(bytes(picture.constBits()).count(level) for level in range(100, 256))


@pytest.mark.slow
def test_typing_pausing_and_resetting(window, qtbot):
    screen = window.screen_widget
    qtbot.waitUntil(lambda: text(window).endswith(">"), timeout=TIMEOUT)
    qtbot.waitUntil(lambda: screen.guest_size.toTuple() == (720, 400), timeout=TIMEOUT)
    qtbot.waitUntil(lambda: lit_pixels(window) > 0, timeout=TIMEOUT)
    assert window.windowTitle() == "Test [Running] - Vitrine"

    QTest.keyClick(screen, Qt.Key.Key_V)
    QTest.keyClick(screen, Qt.Key.Key_5)
    qtbot.waitUntil(lambda: text(window).endswith(">v5"), timeout=TIMEOUT)

    window.action_set["Pause"].trigger()
    qtbot.waitUntil(lambda: window.windowTitle() == "Test [Paused] - Vitrine", timeout=TIMEOUT)
    QTest.keyClick(screen, Qt.Key.Key_X)
    window.action_set["Pause"].trigger()
    qtbot.waitUntil(lambda: window.windowTitle() == "Test [Running] - Vitrine", timeout=TIMEOUT)
    QTest.keyClick(screen, Qt.Key.Key_Y)
    qtbot.waitUntil(lambda: text(window).endswith(">v5y"), timeout=TIMEOUT)

    window.commands.reset()
    qtbot.waitUntil(lambda: text(window).endswith(">"), timeout=TIMEOUT)

    window.commands.power_off()
    qtbot.waitSignal(window.bridge.ended, timeout=TIMEOUT).wait()
    assert window.console.state is MachineState.POWERED_OFF
