"""The Devices menu: drives, and switches that go into the settings of the running machine."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from app.api.errors import ApiError, ErrorCode
from app.api.hoststructs import HostUsbDevice
from app.api.structs import DeviceType, HostDrive, MediumInfo
from app.console.plugging import plug_hard_disk
from app.settings.enums import PortMode
from app.settings.network import NetworkAdapter
from app.settings.peripherals import SerialPort, SharedFolder, UsbController
from app.settings.storage import HardDisk, MediumAttachment, StorageController
from app.vmwindow.devices.serial import PlaceDialog
from tests.app.vmwindow.fakes import DISK, DVD, FLOPPY, FakeMedium

KEY = "GUI/RecentListCD"


def part(window, title):
    """Fill a menu as if it opened; its actions by their texts without mnemonics."""
    devices = window.devices
    devices._refresh()
    menu = next(p for p in devices.parts if p.menu.menuAction().data() == title)
    menu.refill()
    return menu, texts(menu.menu)


def texts(menu):
    return {a.text().replace("&", ""): a for a in menu.actions() if not a.isSeparator()}


def drive(window, slot):
    menu = window.devices.drives[slot.type]
    menu.fill()
    return texts(menu._menu)


@pytest.fixture
def hardware(console):
    return console.settings.hardware


def test_parts_the_machine_lacks_say_so(window, hardware):
    hardware.audio.enabled = False
    hardware.usb_controllers = []
    for title, part_name, settings in (
        ("Audio", "audio adapter", []),
        ("Network", "network adapter", ["Network Settings…"]),
        ("USB", "USB controller", ["USB Settings…"]),
        ("Serial Ports", "serial port", []),
        ("Shared Folders", "shared folder", ["Shared Folders Settings…"]),
    ):
        menu, actions = part(window, title)
        # Folders can be added while the machine runs.
        assert menu.menu.menuAction().isEnabled() == (title == "Shared Folders")
        reason = f"The machine has no {part_name}."
        assert menu.menu.menuAction().toolTip() == reason
        assert list(actions) == [*settings, reason]
    hardware.usb_controllers = [UsbController(name="OHCI", type="OHCI")]
    assert list(part(window, "USB")[1]) == ["USB Settings…", "No USB devices connected"]


def test_usb_devices_of_the_host_come_and_go(window, console, hardware, qtbot):
    hardware.usb_controllers = [UsbController(name="xHCI", type="XHCI")]
    console.service.usb_devices = [
        HostUsbDevice(
            id="1", vendor_id=0x0951, product_id=0x1666, revision=0x0110, port=2, usb_version=2,
            speed="High", manufacturer="Kingston", product="Salt & Pepper", state="Available",
        )
    ]  # fmt: skip
    title = "Kingston Salt  Pepper [0110]"
    qtbot.waitUntil(lambda: title in part(window, "USB")[1])
    action = part(window, "USB")[1][title]
    assert action.text() == "Kingston Salt && Pepper [0110]"
    assert action.toolTip().splitlines() == [
        "Vendor ID: 0951", "Product ID: 1666", "Revision: 0110", "State: Available"
    ]
    assert not action.isChecked()
    action.trigger()
    qtbot.waitUntil(lambda: part(window, "USB")[1][title].isChecked())
    part(window, "USB")[1][title].trigger()
    qtbot.waitUntil(lambda: not part(window, "USB")[1][title].isChecked())
    assert not console.host_usb.devices


def test_audio_is_switched_in_the_settings(window, console, hardware, qtbot):
    hardware.audio.enabled = True
    menu, actions = part(window, "Audio")
    assert menu.menu.menuAction().isEnabled()
    assert not actions["Audio Output"].isChecked()
    assert actions["Audio Output"].toolTip().endswith(".")
    actions["Audio Output"].trigger()
    qtbot.waitUntil(lambda: console.settings.hardware.audio.enabled_out)
    part(window, "Audio")[1]["Audio Input"].trigger()
    qtbot.waitUntil(lambda: console.settings.hardware.audio.enabled_in)
    assert console.settings.hardware.audio.enabled_out


def test_a_cable_is_pulled_and_plugged(window, console, hardware, qtbot):
    hardware.network_adapters = [
        NetworkAdapter(slot=0, enabled=False), NetworkAdapter(slot=1, enabled=True)
    ]
    _menu, actions = part(window, "Network")
    assert list(actions) == ["Network Settings…", "Connect Network Adapter 2"]
    assert actions["Connect Network Adapter 2"].isChecked()
    actions["Connect Network Adapter 2"].trigger()
    adapters = lambda: console.settings.hardware.network_adapters  # noqa: E731
    qtbot.waitUntil(lambda: not adapters()[1].cable_connected)
    assert adapters()[0].cable_connected
    assert not part(window, "Network")[1]["Connect Network Adapter 2"].isChecked()


def ports(window):
    return texts(part(window, "Serial Ports")[0].menu.actions()[0].menu())


def open_dialog(window, mode):
    ports(window)[mode].trigger()
    dialog = next(d for d in window.findChildren(PlaceDialog) if d.isVisible())
    return dialog, dialog._buttons.button(dialog._buttons.StandardButton.Ok)


def test_a_serial_port_gets_another_host_side(window, console, hardware, qtbot):
    hardware.serial_ports = [SerialPort(slot=0, enabled=True)]
    assert ports(window)["Disconnected"].isChecked()
    dialog, ok = open_dialog(window, "TCP…")
    assert not ok.isEnabled()
    assert dialog.server.isVisible()
    dialog.place.setText(" 2023 ")
    dialog.server.setChecked(True)
    ok.click()
    port = lambda: console.settings.hardware.serial_ports[0]  # noqa: E731
    qtbot.waitUntil(lambda: port().mode == PortMode.TCP)
    assert (port().path, port().server) == ("2023", True)
    assert ports(window)["TCP…"].isChecked()
    assert "2023" in part(window, "Serial Ports")[0].menu.actions()[0].text()
    ports(window)["Disconnected"].trigger()
    qtbot.waitUntil(lambda: port().mode == PortMode.DISCONNECTED)


def test_a_raw_file_has_one_side_only(window, hardware):
    hardware.serial_ports = [SerialPort(slot=0, enabled=True, mode="TCP", path="2023")]
    dialog, _ok = open_dialog(window, "Raw File…")
    assert not dialog.server.isVisible()
    assert dialog.place.text() == ""
    dialog.reject()
    dialog, _ok = open_dialog(window, "TCP…")
    assert dialog.place.text() == "2023"


def test_what_cannot_be_stored_is_told(window, console, hardware, qtbot):
    hardware.serial_ports = [SerialPort(slot=0, enabled=True, mode="TCP", path="2023")]
    console.service.refusal = ApiError(ErrorCode.VBOX_E_HOST_ERROR, "The port is in use.")
    ports(window)["Disconnected"].trigger()
    box = lambda: next((b for b in window.findChildren(QMessageBox) if b.isVisible()), None)  # noqa: E731
    qtbot.waitUntil(lambda: box() is not None)
    assert box().text() == "The port is in use."
    assert ports(window)["TCP…"].isChecked()


def test_directions_of_the_clipboard(window, console, qtbot):
    _menu, actions = part(window, "Shared Clipboard")
    assert actions["Disabled"].isChecked()
    actions["Host To Guest"].trigger()
    qtbot.waitUntil(lambda: console.settings.hardware.clipboard_mode == "HostToGuest")
    part(window, "Shared Clipboard")[1]["Enable Clipboard File Transfers"].trigger()
    qtbot.waitUntil(lambda: console.settings.hardware.clipboard_file_transfers)
    part(window, "Drag and Drop")[1]["Bidirectional"].trigger()
    qtbot.waitUntil(lambda: console.settings.hardware.drag_and_drop_mode == "Bidirectional")


def test_folders_and_hard_disks_are_listed(window, console, hardware):
    hardware.shared_folders = [SharedFolder(name="music", host_path="/home/me/music")]
    assert list(part(window, "Shared Folders")[1])[1:] == ["music: /home/me/music"]
    console.drives.replace(DISK, FakeMedium("/machines/a.vdi"))
    _menu, actions = part(window, "Hard Disks")
    assert list(actions) == [
        "Hard Disk Settings…", "IDE Primary Device 0: a.vdi", "Plug In a Hard Disk…"
    ]
    assert "/machines/a.vdi" in actions["IDE Primary Device 0: a.vdi"].toolTip()
    assert "no SATA, USB or virtio-blk controller" in actions["Plug In a Hard Disk…"].toolTip()


def test_hard_disks_are_plugged_in_and_out(window, console, hardware, qtbot, tmp_path):
    hardware.storage_controllers.append(StorageController(name="SATA", type="AHCI", port_count=2))
    image = str(tmp_path / "b.vdi")
    console.service.media = [
        MediumInfo(id="b", path=image, format="VDI", device_type=DeviceType.HARD_DISK)
    ]
    part(window, "Hard Disks")[1]["Plug In a Hard Disk…"].trigger()
    dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
    dialog.fileSelected.emit(image)
    dialog.reject()
    drives = lambda: console.settings.hardware.controller("SATA").attachments  # noqa: E731
    qtbot.waitUntil(lambda: len(drives()) == 1)
    assert (drives()[0].port, drives()[0].medium, drives()[0].hotpluggable) == (0, "b", True)
    assert console.settings.media.find("b").location.endswith("b.vdi")
    slot = replace(DISK, controller="SATA", port=0, device=0, label="SATA Port 0")
    console.drives.add(slot)
    console.drives.replace(slot, FakeMedium(image))
    inner = part(window, "Hard Disks")[1]["SATA Port 0: b.vdi"].menu()
    texts(inner)["Unplug"].trigger()
    box = next(b for b in window.findChildren(QMessageBox) if b.isVisible())
    next(b for b in box.buttons() if "Unplug" in b.text()).click()
    qtbot.waitUntil(lambda: not drives())
    # The image is in use: nothing is plugged in twice.
    console.settings.hardware.controller("SATA").attachments.append(
        MediumAttachment(port=1, medium="b", hotpluggable=True)
    )
    console.settings.media.hard_disks.append(HardDisk(uuid="b", location="b.vdi"))
    with pytest.raises(ApiError, match=r"b\.vdi is attached already, to SATA 1:0"):
        plug_hard_disk(console, Path(image))


def test_the_settings_are_opened_once(window, monkeypatch, qtbot):
    started = []

    def start(command, **_options):
        started.append(command[2:])
        return SimpleNamespace(poll=lambda: None)

    monkeypatch.setattr("app.vmwindow.settings.subprocess.Popen", start)
    part(window, "Hard Disks")[1]["Hard Disk Settings…"].trigger()
    qtbot.waitUntil(lambda: window.settings.process is not None)
    window.action_set["SettingsDialog"].trigger()
    assert "open already" in window.hint.text()
    assert started == [["app", "--settings", "1", "--page", "storage"]]
    window.settings.process.poll = lambda: 0
    window.action_set["SettingsDialog"].trigger()
    qtbot.waitUntil(lambda: len(started) == 2)
    assert started[1] == ["app", "--settings", "1"]


def test_drives_offer_what_the_service_knows(window, console, qtbot):
    service = console.service
    service.extra_data[KEY] = "/isos/new.iso;/isos/old.iso"
    service.media = [
        MediumInfo(id="1", path="/isos/known.iso", format="RAW", device_type=DeviceType.DVD),
        MediumInfo(id="2", path="/isos/old.iso", format="RAW", device_type=DeviceType.DVD),
        MediumInfo(
            id="3", path="/gone.iso", format="RAW", device_type=DeviceType.DVD, access_error="Gone."
        ),
    ]
    service.host_drives = [HostDrive(id="4", path="/dev/sr0", model="R&D", size=0, sector_size=2048)]
    window.devices._refresh()
    qtbot.waitUntil(lambda: len(window.offers.recent(DVD.type)) == 2)
    actions = drive(window, DVD)
    assert list(actions) == [
        "Host Drive /dev/sr0 RD", "new.iso", "old.iso", "Choose a Disk File…",
        "Choose a Known Image", "Remove Disk from Virtual Drive",
    ]
    host = actions["Host Drive /dev/sr0 RD"]
    assert not host.isEnabled()
    assert host.toolTip().endswith(".")
    assert list(texts(actions["Choose a Known Image"].menu())) == ["known.iso"]
    texts(actions["Choose a Known Image"].menu())["known.iso"].trigger()
    qtbot.waitUntil(lambda: console.drives.medium(DVD) is not None)
    assert console.drives.medium(DVD).path == Path("/isos/known.iso")
    wanted = "/isos/known.iso;/isos/new.iso;/isos/old.iso"
    qtbot.waitUntil(lambda: service.extra_data[KEY] == wanted)
    assert not drive(window, FLOPPY)["Choose a Known Image"].isEnabled()


def test_recent_images_are_bounded(window, qtbot, console):
    for number in range(15):
        window.offers.remember(DVD.type, Path(f"/{number}.iso"))
    window.offers.remember(DVD.type, Path("/8.iso"))
    recent = window.offers.recent(DVD.type)
    assert len(recent) == 10
    assert recent[:2] == ["/8.iso", "/14.iso"]
