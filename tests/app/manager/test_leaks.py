"""Dialogs must go when they are closed: windows, objects, timers and connections to the link."""

import gc
import time
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import SIGNAL, QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication, QWidget

from app.api.structs import DeviceType
from app.common.help_window import HelpWindow
from app.manager.about import AboutDialog
from app.manager.dialogs.clone import CloneWizard
from app.manager.dialogs.import_machines import ImportMachinesDialog
from app.manager.dialogs.move import MoveDialog
from app.manager.dialogs.remove import RemoveDialog
from app.manager.logs.document import LogDocument
from app.manager.logs.view import LogView
from app.manager.media.create_dialogs import CopyDialog, CreateDiskDialog, CreateFloppyDialog
from app.manager.media.selector import choose_medium
from app.manager.preferences.dialog import PreferencesDialog
from app.manager.settings_dialog.dialog import SettingsDialog
from app.manager.settings_dialog.folders.folder_dialog import SharedFolderDialog
from app.manager.settings_dialog.network.forwarding_dialog import ForwardingDialog
from app.manager.settings_dialog.storage.new_disk_dialog import NewDiskDialog
from app.manager.settings_dialog.usb.filter_dialog import UsbFilterDialog
from app.manager.snapshots.take_dialog import TakeSnapshotDialog
from app.manager.snapshots.thumbnail import ScreenshotDialog
from app.manager.wizard.frame import Wizard
from app.manager.wizard.new_machine import NewMachineWizard
from app.settings.model import PortForwarding, SharedFolder, UsbDeviceFilter

SIGNALS = (
    "machine_changed(QString)",
    "connection_changed(bool,QString)",
    "os_types_loaded()",
    "properties_changed()",
    "media_changed()",
    "machines_loaded()",
)


@pytest.fixture(
    params=[8, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def rounds(request):
    """How often something is opened and closed."""
    return request.param


def settle(qtbot):
    qtbot.wait(50)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


def census(link=None, *classes):
    """Count widgets by class, receivers of the link's signals, and objects of some classes.

    Tool tips come and go with the host's pointer.
    """
    widgets = (each for each in QApplication.allWidgets() if not each.inherits("QTipLabel"))
    found = Counter(each.metaObject().className() for each in widgets)
    if link is not None:
        found.update({name: link.receivers(SIGNAL(name)) for name in SIGNALS})
    if classes:
        found["objects"] = sum(
            # Not isinstance: that asks weak proxies, whose objects may be gone.
            issubclass(type(thing), classes) for thing in gc.get_objects()
        )
    return found


def assert_nothing_left(qtbot, rounds, open_and_close, count):
    """Open and close something often, and compare what ``count`` finds with the first time.

    What still ends on its own may take a moment; a leak stays, and grows with each round. What is
    less than before was left by somebody else.
    """
    open_and_close()
    settle(qtbot)
    before = count()
    for _round in range(rounds):
        open_and_close()
    deadline = time.monotonic() + 10
    while True:
        settle(qtbot)
        more = count() - before
        left = {name: number for name, number in more.items() if number >= rounds // 2}
        if not left or time.monotonic() > deadline:
            break
    assert not left


@pytest.mark.parametrize(
    "dialog_class",
    [
        NewMachineWizard, SettingsDialog, PreferencesDialog, CloneWizard, MoveDialog, RemoveDialog,
        ImportMachinesDialog,
    ],
)  # fmt: skip
def test_closed_dialogs_leave_nothing_behind(link, api, qtbot, wait_until, dialog_class, rounds):
    info = api.virtualbox.create_machine("Tester", "DOS")
    wait_until(lambda: link.model.rowCount() == 1)
    of_others = census(None, dialog_class)["objects"]

    def open_and_close():
        if dialog_class is SettingsDialog:
            dialog = SettingsDialog(link, info)
        elif dialog_class is PreferencesDialog:
            dialog = PreferencesDialog(link, link.properties)
        elif dialog_class is RemoveDialog:
            dialog = RemoveDialog(link, [info])
        elif dialog_class is MoveDialog:
            dialog = MoveDialog(info)
        elif dialog_class is CloneWizard:
            dialog = CloneWizard(link, info)
        else:
            dialog = dialog_class(link)
        dialog.open()
        if isinstance(dialog, Wizard):
            dialog.set_expert(True)
            dialog.set_expert(False)
        qtbot.wait(30)
        dialog.reject()

    assert_nothing_left(qtbot, rounds, open_and_close, lambda: census(link, dialog_class))
    assert census(None, dialog_class)["objects"] <= of_others


@pytest.mark.parametrize("kind", [*DeviceType])
def test_medium_selectors_leave_nothing_behind(link, qtbot, kind, rounds):
    def open_and_close():
        dialog = choose_medium(None, link, kind, print, left_empty=print)
        qtbot.wait(30)
        dialog.reject()

    assert_nothing_left(qtbot, rounds, open_and_close, lambda: census(link))


def test_dialogs_that_make_media_leave_nothing_behind(link, api, qtbot, tmp_path, rounds):
    formats = api.virtualbox.list_medium_formats()
    disks = [each for each in formats if DeviceType.HARD_DISK in each.device_types]
    floppies = [each for each in formats if DeviceType.FLOPPY in each.device_types]
    medium = api.virtualbox.create_medium(str(tmp_path / "a.vdi"), 1 << 20)

    def open_and_close():
        for dialog in (
            CreateDiskDialog(disks, str(tmp_path)),
            CreateFloppyDialog(floppies, str(tmp_path)),
            CopyDialog(medium, disks),
        ):
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()
            qtbot.wait(10)
            dialog.reject()

    assert_nothing_left(qtbot, rounds, open_and_close, census)


def test_dialogs_about_snapshots_leave_nothing_behind(link, api, qtbot, rounds):
    machine = api.virtualbox.create_machine("Tester", "DOS")
    settings = api.machine(machine.id).get_settings()

    def open_and_close():
        taking = TakeSnapshotDialog(machine, settings, None)
        taking.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for dialog in (taking, ScreenshotDialog("Screenshot", b"", None)):
            dialog.open()
            qtbot.wait(10)
            dialog.reject()

    assert_nothing_left(qtbot, rounds, open_and_close, census)


def test_small_dialogs_leave_nothing_behind(link, qtbot, tmp_path, rounds):
    parent = QWidget()
    qtbot.addWidget(parent)

    def open_and_close():
        for dialog in (
            ForwardingDialog([PortForwarding(name="a")], parent),
            SharedFolderDialog(SharedFolder(name="a", host_path=str(tmp_path)), [], parent),
            UsbFilterDialog(UsbDeviceFilter(), parent),
            NewDiskDialog(link, str(tmp_path / "b.vdi"), 1 << 20, parent),
            AboutDialog(parent),
            HelpWindow(parent),
        ):
            dialog.open()
            qtbot.wait(5)
            dialog.reject()

    assert_nothing_left(qtbot, rounds, open_and_close, lambda: census(link))


def test_logs_that_are_shown_no_more_leave_nothing_behind(window, api, qtbot, wait_until, rounds):
    """Each selection of a machine makes views, documents and scanners anew."""
    for name in ("One", "Two"):
        machine = api.virtualbox.create_machine(name, "DOS")
        folder = Path(machine.settings_path).parent / "Logs"
        folder.mkdir()
        (folder / "VBox.log").write_text(f"{name}\n")
    wait_until(lambda: window.view.model().rowCount() == 2)
    machines = api.virtualbox.list_machines()
    window.select_machine(machines[0].id)
    window.open_tool("Logs")
    pane = window.tools.pane("Logs")

    def look_at_both():
        for machine in machines:
            window.select_machine(machine.id)
            wait_until(lambda name=machine.name: pane.view is not None
                       and pane.view.document.lines == [name])  # fmt: skip

    def count():
        return census(None, LogDocument, LogView)

    assert_nothing_left(qtbot, rounds, look_at_both, count)
