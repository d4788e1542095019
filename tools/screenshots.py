"""Takes pictures of every window of the manager: ``docs/screenshots/manager``.

The main process arranges an installation and keeps it running; each look (theme, size, scale) is a
process of its own, because Qt reads its scale factor once.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QEventLoop, QSize, QTimer
from PySide6.QtGui import QImage, qRgb
from PySide6.QtWidgets import QApplication, QDialog, QTreeWidget, QWidget

from app.api import connect
from app.api.qtclient import QtClient
from app.api.structs import DeviceType, MachineInfo
from app.common.application import create_application
from app.common.preferences import ColorTheme, InterfacePreferences
from app.manager.dialogs.import_machines import ImportMachinesDialog
from app.manager.media.pane import MediaPane
from app.manager.media.selector import choose_medium
from app.manager.network.pane import NetworkPane
from app.manager.preferences.dialog import PreferencesDialog
from app.manager.service_link import ServiceLink
from app.manager.settings_dialog.dialog import SettingsDialog
from app.manager.settings_dialog.network.forwarding_dialog import ForwardingDialog
from app.manager.snapshots.pane import SnapshotsPane
from app.manager.window import ManagerWindow
from app.manager.wizard.frame import Wizard
from app.manager.wizard.new_machine import NewMachineWizard
from tools.screenshot_scene import IMAGES, arranged

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs" / "screenshots" / "manager"
_COLOURS: Final = 256
_SETTLE_MS: Final = 350
_ALIKE: Final = frozenset({"network", "serial", "parallel"})
_LONGEST_S: Final = 20.0
_CONNECT_MS: Final = 1500
# The charts of the activity are worth a look when they have some samples.
_MEASURE_MS: Final = 6000


@dataclass(frozen=True)
class Look:
    """How the windows are shown.

    Attributes:
        theme: colours.
        size: of the main window, in pixels independent of the scale.
        scale: factor.
        everything: all pictures, or only those that tell how it scales.
    """

    theme: ColorTheme
    size: QSize
    scale: int = 1
    everything: bool = True

    @property
    def preferences(self) -> InterfacePreferences:
        """The preferences that make windows look so."""
        return InterfacePreferences(
            language="C", theme=self.theme, scale_percent=100 * self.scale
        )


LOOKS: Final = {
    "light": Look(ColorTheme.LIGHT, QSize(1024, 768)),
    "dark": Look(ColorTheme.DARK, QSize(1920, 1080)),
    "200": Look(ColorTheme.LIGHT, QSize(1024, 768), scale=2, everything=False),
}


def reduced(image: QImage) -> QImage:
    """Return IMAGE with at most 256 colours: its most frequent ones, and the nearest of them."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
    pixels = rows[:, : image.width()] & 0xFFFFFF
    colours, places, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    table = colours[np.argsort(counts)[::-1][:_COLOURS]]
    channels = (colours[:, None] >> np.array([16, 8, 0], np.uint32) & 0xFF).astype(np.int32)
    kept = (table[:, None] >> np.array([16, 8, 0], np.uint32) & 0xFF).astype(np.int32)
    nearest = np.empty(len(colours), np.uint8)
    for number, colour in enumerate(channels):
        nearest[number] = np.argmin(((kept - colour) ** 2).sum(axis=1))
    indices = np.ascontiguousarray(nearest[places].reshape(pixels.shape))
    height, width = indices.shape
    result = QImage(indices.data, width, height, width, QImage.Format.Format_Indexed8)
    result.setColorTable([qRgb(*map(int, colour)) for colour in kept])
    return result.copy()


class Photographer:
    """Shows the windows of the manager one after the other and keeps a picture of each."""

    def __init__(self, name: str, look: Look) -> None:
        self._suffix, self._look = name, look
        self._client = QtClient()
        self.link = ServiceLink(self._client)
        self.window = ManagerWindow(self.link)
        self.window.resize(look.size)
        self.window.show()
        self._client.start()
        wait(_CONNECT_MS)
        self.window.resize(look.size)

    def close(self) -> None:
        """End the connection."""
        self.window.close()
        self._client.close()

    def machine(self, name: str) -> MachineInfo:
        """Return the machine NAME of the scene."""
        return next(each for each in self.link.model.machines() if each.name == name)

    def keep(self, name: str, widget: QWidget, after_ms: int = _SETTLE_MS) -> None:
        """Store a picture of WIDGET under NAME when it has come to rest."""
        wait(after_ms)
        path = FOLDER / f"{name}-{self._suffix}.png"
        # Quality 0 is the best compression of PNG, which loses nothing.
        if not reduced(widget.grab().toImage()).save(str(path), quality=0):
            raise OSError(f"{path} cannot be written.")

    def keep_and_close(self, name: str, dialog: QDialog) -> None:
        """Store a picture of an open DIALOG, which is cancelled then."""
        self.keep(name, dialog)
        dialog.reject()
        wait(50)

    # -- the main window -----------------------------------------------------------------------

    def main_window(self) -> None:
        """The panes of the main window."""
        window = self.window
        running = self.machine("FreeDOS")
        window.select_machine(running.id)
        self.keep("details-running", window, 1500)
        for name, machine, tool in (
            ("details", "Debian 12", "Details"),
            ("snapshots", "Debian 12", "Snapshots"),
            ("logs", "Debian 12", "Logs"),
            ("activity-off", "Debian 12", "VMActivity"),
        ):
            window.select_machine(self.machine(machine).id)
            window.open_tool(tool)
            self.keep(name, window)
        window.select_machine(running.id)
        self.keep("activity", window, _MEASURE_MS)
        window.open_tool("Details")
        window.select_machine(self.machine("Old laptop").id)
        self.keep("inaccessible", window)
        window.view.select_keys(["g=/Linux"])
        self.keep("group", window)
        for name in ("Welcome", "VMActivityOverview"):
            window.open_tool(name)
            self.keep(name.lower(), window, 2500 if name.endswith("Overview") else _SETTLE_MS)

    def snapshot_panel(self) -> None:
        """What is known about one snapshot, and the dialog that takes one."""
        self.window.select_machine(self.machine("Debian 12").id)
        self.window.open_tool("Snapshots")
        pane = self.window.tools.pane("Snapshots")
        assert isinstance(pane, SnapshotsPane)
        wait(_SETTLE_MS)
        choose_first(pane.tree)
        pane.perform("snapshot-properties")
        self.keep("snapshot-properties", self.window)
        pane.perform("snapshot-properties")
        pane.perform("snapshot-take")
        self.keep_and_close("snapshot-take", open_dialog())

    def media(self) -> None:
        """The tabs of the media manager, with properties, and its dialogs."""
        self.window.open_tool("Media")
        pane = self.window.tools.pane("Media")
        assert isinstance(pane, MediaPane)
        wait_until(lambda: pane.tree.topLevelItemCount() > 0)
        for number, name in reversed(list(enumerate(("disks", "optical", "floppies")))):
            pane.tabs.setCurrentIndex(number)
            wait_until(lambda: pane.tree.topLevelItemCount() > 0)
            choose_first(pane.tree)
            self.keep(f"media-{name}", self.window)
        pane.perform("medium-properties")
        pane.perform("medium-search")
        self.keep("media-search", self.window)
        pane.perform("medium-search")
        pane.perform("medium-properties")
        pane.perform("medium-create")
        wait(_SETTLE_MS)
        self.keep_and_close("media-create", open_dialog())
        wait(_SETTLE_MS)
        selector = choose_medium(self.window, self.link, DeviceType.DVD, print, left_empty=print)
        self.keep_and_close("media-choose", selector)

    def networks(self) -> None:
        """The tabs of the network manager, with properties."""
        self.window.open_tool("Network")
        pane = self.window.tools.pane("Network")
        assert isinstance(pane, NetworkPane)
        wait_until(lambda: pane.lists[0].topLevelItemCount() > 0)
        choose_first(pane.lists[0])
        self.keep("network-host-only", self.window)
        pane.tabs.setCurrentIndex(1)
        wait(_SETTLE_MS)
        pane.select_network("Laboratory")
        self.keep("network-nat", self.window)

    def notifications(self) -> None:
        """The notification centre with a message of each kind."""
        center = self.window.notifications
        center.show_error(
            "“Windows 98” could not be started",
            "The hard disk /tmp/vitrine/Machines/Windows/Windows 98/Windows 98.vdi was not found.",
        )
        center.show_warning("Trouble in “FreeDOS”", "The host has little memory left.")
        self.window.select_machine(self.machine("Debian 12").id)
        self.window.open_tool("Details")
        self.window.panel.set_open(opened=True)
        self.keep("notifications", self.window)
        self.window.panel.set_open(opened=False)

    # -- dialogs -------------------------------------------------------------------------------

    def settings(self) -> None:
        """Every page and tab of the settings in Expert, and General in Basic."""
        dialog = SettingsDialog(self.link, self.machine("Debian 12"), self.window)
        dialog.open()
        wait(2 * _SETTLE_MS)
        dialog.level.show_level(expert=False)
        dialog.level.switched.emit(False)
        self.keep("settings-general-basic", dialog)
        dialog.level.show_level(expert=True)
        dialog.level.switched.emit(True)
        for row in range(dialog.page_list.count()):
            dialog.page_list.setCurrentRow(row)
            tabs = dialog.pages[dialog.current_page].tabs
            # Adapters and ports have a tab each, which look all the same.
            alike = dialog.current_page in _ALIKE
            for number in range(1 if tabs is None or alike else tabs.count()):
                if tabs is not None:
                    if not tabs.isTabVisible(number):
                        continue
                    tabs.setCurrentIndex(number)
                title = dialog.current_page.replace("_", "-")
                part = f"-{number + 1}" if number else ""
                self.keep(f"settings-{title}{part}", dialog, 200)
        dialog.search.setText("clipboard")
        self.keep("settings-search", dialog)
        dialog.reject()
        adapter = dialog.draft.settings.hardware.network_adapters[0]
        forwarding = ForwardingDialog(adapter.nat.forwardings, self.window)
        forwarding.open()
        self.keep_and_close("settings-forwarding", forwarding)

    def preferences(self) -> None:
        """Every page of the preferences."""
        assert self.link.properties is not None
        dialog = PreferencesDialog(
            self.link, self.link.properties, self.window, self.window.memory
        )
        dialog.open()
        dialog.level.show_level(expert=True)
        dialog.level.switched.emit(True)
        for name in dialog.pages:
            dialog.show_page(name)
            self.keep(f"preferences-{name}", dialog, 200)
        dialog.reject()

    def new_machine(self) -> None:
        """The steps of the wizard and its form for experts."""
        wizard = NewMachineWizard(self.link, self.window)
        wizard.open()
        self.keep("new-empty", wizard)
        wizard.name_page.name.setText("Ubuntu 22.04")
        wizard.name_page.iso.path = str(IMAGES / "fedora-40-server.iso")
        self.keep("new-name", wizard)
        for name in ("hardware", "disk", "summary"):
            wizard.next_button.click()
            self.keep(f"new-{name}", wizard)
        wizard.set_expert(True)
        self.keep_and_close("new-expert", wizard)

    def registry(self) -> None:
        """Clone, move, remove, import, about."""
        registry = self.window.commands.registry
        machine = self.machine("Debian 12")
        wizard: Wizard = registry.clone([machine])
        self.keep("clone-name", wizard)
        wizard.next_button.click()
        self.keep_and_close("clone-type", wizard)
        self.keep_and_close("move", registry.move([machine]))
        self.keep_and_close("remove", registry.remove([machine]))
        self.keep_and_close(
            "remove-many", registry.remove([machine, self.machine("Old laptop")])
        )
        importing: ImportMachinesDialog = registry.import_machines()
        self.keep_and_close("import", importing)
        self.window.actions_["about"].trigger()
        self.keep_and_close("about", open_dialog())

    def all_series(self) -> Iterator[Callable[[], None]]:
        """What is to be photographed in this look, in order."""
        if self._look.everything:
            yield self.main_window
            yield self.snapshot_panel
            yield self.media
            yield self.networks
            yield self.notifications
            yield self.settings
            yield self.preferences
            yield self.new_machine
            yield self.registry
        else:
            yield self.few

    def few(self) -> None:
        """What tells whether drawings and texts keep their sizes."""
        self.window.select_machine(self.machine("Debian 12").id)
        self.window.open_tool("Details")
        self.keep("details", self.window)
        self.window.open_tool("Snapshots")
        self.keep("snapshots", self.window)
        dialog = SettingsDialog(self.link, self.machine("Debian 12"), self.window)
        dialog.open()
        wait(_SETTLE_MS)
        dialog.show_page("storage")
        self.keep_and_close("settings-storage", dialog)
        self.keep_and_close("new-name", self.window.open_wizard())


def wait(milliseconds: int) -> None:
    """Let the windows work."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], bool]) -> None:
    """Let the windows work until CONDITION holds."""
    end = time.monotonic() + _LONGEST_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("The window has not come so far.")
        wait(50)


def choose_first(tree: QTreeWidget) -> None:
    """Select the first row of TREE."""
    item = tree.topLevelItem(0)
    if item is None:
        raise LookupError(f"{tree.accessibleName()} is empty.")
    tree.setCurrentItem(item)


def open_dialog() -> QDialog:
    """Return the dialog that is open."""
    wait(_SETTLE_MS)
    widget = QApplication.activeModalWidget()
    if isinstance(widget, QDialog):
        return widget
    raise LookupError("No dialog has opened.")


def _photograph(name: str) -> None:
    look = LOOKS[name]
    with connect(client_name="screenshots") as client:
        for key, value in look.preferences.to_extra_data().items():
            client.virtualbox.set_extra_data(key, value)
    create_application(sys.argv[:1], look.preferences)
    photographer = Photographer(name, look)
    for series in photographer.all_series():
        series()
    photographer.close()


def main() -> int:
    """Take the pictures of all looks, or of the one that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--look", choices=LOOKS, help="in an installation that is arranged already")
    wanted = parser.parse_args().look
    if wanted:
        _photograph(wanted)
        return 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.png"):
        path.unlink()
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    # Dates as Americans write them; texts of the program are English whatever the locale.
    environment |= {"LC_ALL": "", "LANG": "en_US.UTF-8", "LC_CTYPE": "C.UTF-8"}
    with arranged():
        environment |= {key: os.environ[key] for key in ("VITRINE_USER_HOME", "VBOX_USER_HOME")}
        for name in LOOKS:
            command = [sys.executable, "-m", "tools.screenshots", "--look", name]
            subprocess.run(command, env=environment, check=True)
    size = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures, {size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
