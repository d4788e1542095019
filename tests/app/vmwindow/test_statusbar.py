"""The status bar: order, details, menus, choice of indicators; recording and screenshots."""

import datetime as dt

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState
from app.console.events import RecordingChanged
from app.settings.display import RecordingScreen
from app.settings.network import NetworkAdapter
from app.settings.peripherals import SharedFolder, UsbController
from app.vmwindow import screenshot
from app.vmwindow.statusbar.indicator import WRITE, details_table
from app.vmwindow.statusbar.kinds import INDICATORS, IndicatorKind
from app.vmwindow.view.bars import StatusBarEditor
from app.vmwindow.view.recording_dialog import RecordingDialog
from tests.app.vmwindow.fakes import FakeMedium
from tests.app.vmwindow.test_window import find_box

K = IndicatorKind


def shown(window):
    return window.status.shown_kinds()


def details(window, kind):
    indicator = window.status.indicator(kind)
    indicator.refresh_details()
    return indicator.accessibleDescription()


def test_the_usual_order_is_virtualbox_s(window):
    assert [spec.kind for spec in INDICATORS] == list(IndicatorKind)
    assert shown(window) == [
        K.HARD_DISKS, K.OPTICAL_DISKS, K.FLOPPY_DISKS, K.DISPLAY, K.RECORDING, K.FEATURES, K.MOUSE, K.KEYBOARD,
    ]  # fmt: skip


def test_parts_that_the_machine_has_are_shown_and_explained(console, window):
    hardware = console.settings.hardware
    hardware.network_adapters = [
        NetworkAdapter(slot=0, enabled=True, attachment="Bridged", bridged_interface="eth7"),
        NetworkAdapter(slot=1, enabled=True, attachment="NAT", cable_connected=False),
        NetworkAdapter(slot=2, enabled=False),
    ]
    hardware.usb_controllers = [UsbController(name="OHCI", type="OHCI")]
    hardware.shared_folders = [SharedFolder(name="<docs>", host_path="/home/me/docs")]
    hardware.audio.enabled = True
    window._show_indicators()
    window.indicators.arrange()
    assert shown(window) == list(IndicatorKind)
    network = details(window, K.NETWORK)
    assert "Adapter 1: Bridged (eth7), cable connected" in network
    assert "Adapter 2: NAT, cable disconnected" in network
    assert "Adapter 3" not in network
    assert "<docs>: /home/me/docs (full access)" in details(window, K.SHARED_FOLDERS)
    assert "&lt;docs&gt;" in window.status.indicator(K.SHARED_FOLDERS).toolTip()
    assert "OHCI" in details(window, K.USB)
    assert "Controller: " in details(window, K.AUDIO)


def test_the_engine_and_its_reason_are_told(window, console):
    assert window.status.engine.text() == "Unicorn"
    assert window.status.indicator(K.FEATURES).icon_name == "engine-emulated"
    console.execution_engine = ("KVM", "The host's processor executes guests by itself.")
    window._show_indicators()
    assert window.status.indicator(K.FEATURES).icon_name == "engine-native"
    assert "executes guests by itself" in details(window, K.FEATURES)
    assert "executes guests by itself" in window.status.engine.toolTip()


def test_lock_lights_of_the_guest_are_told(window, console):
    assert "Lock lights: none" in details(window, K.KEYBOARD)
    console.keyboard_leds = 0b110
    assert "Lock lights: Caps Lock, Num Lock" in details(window, K.KEYBOARD)


def test_lamps_follow_the_drives_and_rest_in_a_pause(window, console, qtbot):
    from tests.app.vmwindow.fakes import DISK

    medium = FakeMedium("/disk.vdi")
    console.drives.replace(DISK, medium)
    lamp = window.status.indicator(K.HARD_DISKS)
    lamp.poll()
    medium.writes += 1
    qtbot.waitUntil(lambda: lamp.lamp == WRITE)
    medium.writes += 1
    console.set_state(MachineState.PAUSED)
    qtbot.waitUntil(lambda: lamp.lamp is None)


def test_hostile_details_are_plain_text():
    assert "<script>" not in details_table("<b>", [("<script>", "</table>")])


def test_a_right_click_opens_the_menu_of_the_part(window):
    for kind, first in ((K.OPTICAL_DISKS, "Choose a Disk File…"), (K.RECORDING, "Recording Settings…")):
        window.status.indicator(kind).menu_requested.emit(QPoint(10, 10))
        popup = QApplication.activePopupWidget()
        assert first in [a.text().replace("&", "") for a in popup.actions()]
        popup.close()
    window.status.settings_menu_requested.emit(QPoint(10, 10))
    popup = QApplication.activePopupWidget()
    assert popup.title().replace("&", "") == "Status Bar"
    popup.close()


def test_indicators_are_chosen_and_ordered(window, console, qtbot):
    window.action_set["StatusBarSettings"].trigger()
    editor = window.findChild(StatusBarEditor)
    assert editor.names() == [str(kind) for kind in IndicatorKind]
    editor.list.setCurrentRow(editor.names().index("Keyboard"))
    for _ in range(20):
        editor.move_selected(-1)
    editor.list.item(editor.names().index("Display")).setCheckState(Qt.CheckState.Unchecked)
    editor.accept()
    assert shown(window)[:2] == [K.KEYBOARD, K.HARD_DISKS]
    assert K.DISPLAY not in shown(window)
    qtbot.waitUntil(lambda: console.stored.get("GUI/RestrictedStatusBarIndicators") == "Display")
    assert console.stored["GUI/StatusBar/IndicatorOrder"].startswith("Keyboard,HardDisks,")
    window.action_set["StatusBarSettings"].trigger()
    editor = window.findChildren(StatusBarEditor)[-1]
    assert editor.hidden_names() == ["Display"]
    editor._fill((), ())
    editor.accept()
    assert K.DISPLAY in shown(window)
    qtbot.waitUntil(lambda: console.stored["GUI/StatusBar/IndicatorOrder"] == "")


# ------------------------------------------------------------------ recording


def test_recording_is_switched_and_seen(window, console, qtbot):
    window.action_set.set_reason("Recording", "")
    window.action_set["Recording"].trigger()
    qtbot.waitUntil(lambda: console.recording.asked == [True])
    console.tell(RecordingChanged("/m/a.webm", active=True))
    indicator = window.status.indicator(K.RECORDING)
    qtbot.waitUntil(lambda: indicator.icon_name == "recording-on")
    assert indicator.lamp == WRITE
    assert window.action_set["Recording"].isChecked()
    console.tell(RecordingChanged("/m/a.webm", active=False, reason="It is full."))
    qtbot.waitUntil(lambda: indicator.icon_name == "recording")
    assert window.hint.text() == "It is full. The recording is in “/m/a.webm”."
    assert not window.action_set["Recording"].isChecked()


def test_recording_that_cannot_begin_is_told(window, console, qtbot):
    def refuse(*, enabled):
        raise ApiError(ErrorCode.VBOX_E_FILE_ERROR, "The disk is full.")

    console.recording.request = refuse
    window.action_set.set_reason("Recording", "")
    window.action_set["Recording"].trigger()
    qtbot.waitUntil(lambda: find_box(window) is not None)
    assert "The disk is full." in find_box(window).text()
    assert not window.action_set["Recording"].isChecked()


def test_without_pyav_the_menu_says_how_to_get_it(window, monkeypatch):
    monkeypatch.setattr("app.vmwindow.view.recording.has_pyav", lambda: False)
    window.recording.machine_started()
    assert not window.action_set["Recording"].isEnabled()
    assert "vitrine[recording]" in window.action_set["Recording"].toolTip()


def test_recording_settings_are_stored(window, console, qtbot, monkeypatch):
    monkeypatch.setattr("app.vmwindow.view.recording.has_pyav", lambda: True)
    window.action_set["RecordingSettings"].trigger()
    dialog = window.findChild(RecordingDialog)
    dialog.file.setText(" /films/a.webm ")
    dialog.fps.setValue(10)
    dialog.max_time.setValue(60)
    dialog.accept()
    wanted = RecordingScreen(id=0, file="/films/a.webm", fps=10, max_time_s=60)
    qtbot.waitUntil(lambda: console.recording.asked == [wanted])


# ------------------------------------------------------------------ screenshots


@pytest.mark.parametrize(
    ("suffix", "magic"), [("png", b"\x89PNG"), ("JPG", b"\xff\xd8"), ("bmp", b"BM"), ("webp", b"RIFF")]
)
def test_the_suffix_chooses_the_format(qapp, tmp_path, suffix, magic):
    picture = QImage(64, 32, QImage.Format.Format_RGB32)
    picture.fill(0x336699)
    path = tmp_path / f"shot.{suffix}"
    path.write_text("before")
    screenshot.save(picture, path)
    assert path.read_bytes().startswith(magic)
    assert QImage(str(path)).size() == picture.size()


def test_unknown_suffixes_are_refused_with_the_known_ones(qapp, tmp_path):
    with pytest.raises(ApiError, match=r"'shot\.xyz' names no format.*\.png, \.jpg"):
        screenshot.save(QImage(4, 4, QImage.Format.Format_RGB32), tmp_path / "shot.xyz")
    assert not list(tmp_path.iterdir())


def test_a_picture_that_fails_leaves_the_file(qapp, tmp_path):
    path = tmp_path / "shot.png"
    path.write_text("before")
    with pytest.raises(ApiError, match="could not be written"):
        screenshot.save(QImage(), path)
    assert path.read_text() == "before"


def test_suggested_names_are_file_names():
    name = screenshot.suggested_name("a/b", dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC))
    assert name == "Vitrine_a_b_02_01_2026_03_04_05.png"
    assert screenshot.name_filters()[0] == "PNG (*.png)"
