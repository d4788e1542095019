"""The menus of the machine's parts, declared in the order of the Devices menu."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.common.translation import tr
from app.settings.enums import SharingMode
from app.vmwindow.devices.part_menu import PartMenu, PartSpec
from app.vmwindow.devices.serial import fill_serial_ports, no_serial_ports
from app.vmwindow.devices.usb import fill_usb, no_usb

if TYPE_CHECKING:
    from app.settings.hardware import HardwareSettings
    from app.settings.network import NetworkAdapter

_SHARING: Final = (
    (SharingMode.DISABLED, str(QT_TRANSLATE_NOOP("", "&Disabled"))),
    (SharingMode.HOST_TO_GUEST, str(QT_TRANSLATE_NOOP("", "&Host To Guest"))),
    (SharingMode.GUEST_TO_HOST, str(QT_TRANSLATE_NOOP("", "&Guest To Host"))),
    (SharingMode.BIDIRECTIONAL, str(QT_TRANSLATE_NOOP("", "&Bidirectional"))),
)


# ------------------------------------------------------------------ audio


def _no_audio(hardware: HardwareSettings) -> str:
    return "" if hardware.audio.enabled else tr("The machine has no audio adapter.")


def _fill_audio(menu: PartMenu) -> None:
    audio = menu.hardware.audio

    def set_output(enabled: bool) -> None:
        menu.change(lambda hardware: setattr(hardware.audio, "enabled_out", enabled))

    def set_input(enabled: bool) -> None:
        menu.change(lambda hardware: setattr(hardware.audio, "enabled_in", enabled))

    heard, hears = tr("The guest is heard."), tr("The guest can record.")
    menu.add_switch(tr("Audio &Output"), audio.enabled_out, set_output, heard)
    menu.add_switch(tr("Audio &Input"), audio.enabled_in, set_input, hears)


# ------------------------------------------------------------------ network


def _adapters(hardware: HardwareSettings) -> list[NetworkAdapter]:
    return [adapter for adapter in hardware.network_adapters if adapter.enabled]


def _no_network(hardware: HardwareSettings) -> str:
    return "" if _adapters(hardware) else tr("The machine has no network adapter.")


def _fill_network(menu: PartMenu) -> None:
    cable = tr("Without its cable the adapter has no link. The choice is kept in the settings.")
    for adapter in _adapters(menu.hardware):
        menu.add_switch(
            tr("&Connect Network Adapter {n}").format(n=adapter.slot + 1),
            adapter.cable_connected,
            partial(_plug_cable, menu, adapter.slot),
            cable,
        )


def _plug_cable(menu: PartMenu, slot: int, connected: bool) -> None:
    def change(hardware: HardwareSettings) -> None:
        for adapter in hardware.network_adapters:
            if adapter.slot == slot:
                adapter.cable_connected = connected

    menu.change(change)


# ------------------------------------------------------------------ shared folders


def _no_folders(hardware: HardwareSettings) -> str:
    if not hardware.shared_folders:
        return tr("The machine has no shared folder.")
    return ""


def _fill_folders(menu: PartMenu) -> None:
    later = tr("Guests reach shared folders as soon as they can have additions.")
    for folder in menu.hardware.shared_folders:
        menu.add_note(f"{folder.name}: {folder.host_path}", later)


# ------------------------------------------------------------------ clipboard, drag and drop


def _never_missing(_hardware: HardwareSettings) -> str:
    return ""


def _sharing_note() -> str:
    return tr("It takes effect as soon as guests can have additions; until then it is kept.")


def _fill_clipboard(menu: PartMenu) -> None:
    def set_mode(mode: str) -> None:
        menu.change(lambda hardware: setattr(hardware, "clipboard_mode", mode))

    def set_transfers(enabled: bool) -> None:
        menu.change(lambda hardware: setattr(hardware, "clipboard_file_transfers", enabled))

    choices = [(mode.value, tr(text)) for mode, text in _SHARING]
    hardware = menu.hardware
    menu.add_choices(menu.menu, choices, hardware.clipboard_mode, set_mode, _sharing_note())
    menu.menu.addSeparator()
    menu.add_switch(
        tr("Enable Clipboard &File Transfers"),
        hardware.clipboard_file_transfers, set_transfers, _sharing_note(),
    )  # fmt: skip


def _fill_drag_and_drop(menu: PartMenu) -> None:
    def set_mode(mode: str) -> None:
        menu.change(lambda hardware: setattr(hardware, "drag_and_drop_mode", mode))

    choices = [(mode.value, tr(text)) for mode, text in _SHARING]
    current = menu.hardware.drag_and_drop_mode
    menu.add_choices(menu.menu, choices, current, set_mode, _sharing_note())


PARTS: Final = (
    PartSpec(str(QT_TRANSLATE_NOOP("", "&Audio")), "audio", _no_audio, _fill_audio),
    PartSpec(
        str(QT_TRANSLATE_NOOP("", "&Network")), "network", _no_network, _fill_network,
        settings=str(QT_TRANSLATE_NOOP("", "&Network Settings…")), page="network",
    ),
    PartSpec(
        str(QT_TRANSLATE_NOOP("", "&Serial Ports")), "serial", no_serial_ports, fill_serial_ports
    ),
    PartSpec(
        str(QT_TRANSLATE_NOOP("", "&USB")), "usb", no_usb, fill_usb,
        settings=str(QT_TRANSLATE_NOOP("", "&USB Settings…")), page="usb",
    ),
    PartSpec(
        str(QT_TRANSLATE_NOOP("", "Shared Fo&lders")), "shared-folders",
        _no_folders, _fill_folders, separated=True,
        settings=str(QT_TRANSLATE_NOOP("", "&Shared Folders Settings…")),
        page="shared_folders", opens_anyway=True,
    ),
    PartSpec(
        str(QT_TRANSLATE_NOOP("", "Shared &Clipboard")), "clipboard",
        _never_missing, _fill_clipboard,
    ),
    PartSpec(
        str(QT_TRANSLATE_NOOP("", "&Drag and Drop")), "drag-and-drop",
        _never_missing, _fill_drag_and_drop,
    ),
)  # fmt: skip
