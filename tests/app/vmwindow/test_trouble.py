"""Machines that cannot go on, and machines with nothing to boot."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialogButtonBox

from app.api.structs import MachineState
from app.console.events import RuntimeErrorRaised
from app.vmwindow import guru
from app.vmwindow.bootfailure import PHRASES, BootFailureDialog
from app.vmwindow.guru import HANDLER_KEY, GuruMeditationDialog
from tests.app.vmwindow.fakes import DVD


def visible(window, kind):
    return [box for box in window.findChildren(kind) if box.isVisible()]


def press(dialog, text):
    buttons = dialog.findChild(QDialogButtonBox).buttons()
    next(b for b in buttons if b.text().replace("&", "") == text).click()


def fail(console):
    console.set_state(MachineState.STUCK)
    console.tell(RuntimeErrorRaised("GuruMeditation", "Bad opcode.", fatal=True))


def test_guru_meditation_shows_the_evidence(window, console, qtbot, monkeypatch):
    monkeypatch.setattr(guru, "registers_text", lambda _console: "rip      0x7c00")
    fail(console)
    qtbot.waitUntil(lambda: bool(visible(window, GuruMeditationDialog)))
    (dialog,) = visible(window, GuruMeditationDialog)
    assert "Bad opcode." in dialog.message.text()
    assert "/tmp/VBox.log" in dialog.evidence.text()
    assert "/tmp/VBox.png" in dialog.evidence.text()
    qtbot.waitUntil(lambda: dialog.registers.toPlainText() == "rip      0x7c00")
    press(dialog, "Copy Text")
    assert "0x7c00" in QGuiApplication.clipboard().text()
    press(dialog, "Power Off")
    qtbot.waitUntil(lambda: console.calls == ["power_off"])


def test_a_machine_may_be_left_stopped(window, console, qtbot, monkeypatch):
    monkeypatch.setattr(guru, "registers_text", lambda _console: "")
    fail(console)
    qtbot.waitUntil(lambda: bool(visible(window, GuruMeditationDialog)))
    press(visible(window, GuruMeditationDialog)[0], "Leave Stopped")
    qtbot.waitUntil(lambda: not visible(window, GuruMeditationDialog))
    assert console.calls == []


@pytest.mark.parametrize(("handler", "calls"), [("PowerOff", ["power_off"]), ("Ignore", [])])
def test_the_settings_may_answer(window, console, qtbot, handler, calls):
    window.preferences.put(HANDLER_KEY, handler)
    fail(console)
    qtbot.wait(150)
    assert not visible(window, GuruMeditationDialog)
    assert console.calls == calls


@pytest.fixture
def boot_failure(window, console, qtbot, monkeypatch):
    monkeypatch.setattr(console, "screen_text", lambda: f"SeaBIOS\n{PHRASES[0]}.\n", raising=False)
    window.boot_watch._look()
    qtbot.waitUntil(lambda: bool(visible(window, BootFailureDialog)))
    return visible(window, BootFailureDialog)[0]


def test_a_disc_is_inserted_and_booted(boot_failure, console, qtbot, tmp_path):
    image = tmp_path / "install.iso"
    boot_failure.path.setEditText(str(image))
    assert not boot_failure.retry_button.isEnabled()
    image.write_bytes(bytes(2048))
    boot_failure.path.setEditText("")
    boot_failure.path.setEditText(str(image))
    boot_failure.retry_button.click()
    qtbot.waitUntil(lambda: console.calls == [("change_medium", DVD, image, True), "reset"])


def test_boot_failures_can_be_silenced(boot_failure, window, console, qtbot):
    boot_failure.silence.setChecked(True)
    boot_failure.reject()
    assert window.preferences.is_restricted("BootFailure")
    qtbot.waitUntil(lambda: console.stored.get("GUI/RestrictedDialogs") == "BootFailure")
    window.boot_watch.begin()
    assert not window.boot_watch._timer.isActive()


def test_a_screen_with_other_words_is_no_failure(window, console, qtbot, monkeypatch):
    monkeypatch.setattr(console, "screen_text", lambda: "login:", raising=False)
    window.boot_watch._look()
    qtbot.wait(150)
    assert not visible(window, BootFailureDialog)


def test_without_an_optical_drive_the_dialog_says_so(qtbot, tmp_path):
    image = tmp_path / "install.iso"
    image.write_bytes(bytes(2048))
    dialog = BootFailureDialog("Test", [str(image)], "The machine has no optical drive.")
    qtbot.addWidget(dialog)
    assert not dialog.retry_button.isEnabled()
    assert not dialog.path.isEnabled()
