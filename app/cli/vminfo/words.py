"""Words of the settings as scripts and as people read them."""

from __future__ import annotations

from typing import Final

Words = tuple[str, str]
"""What scripts and what people get."""

BOOT_DEVICES: Final[dict[str, Words]] = {
    "None": ("none", "Not Assigned"),
    "Floppy": ("floppy", "Floppy"),
    "DVD": ("dvd", "DVD"),
    "HardDisk": ("disk", "HardDisk"),
    "Network": ("net", "Network"),
}
BOOT_MENUS: Final[dict[str, Words]] = {
    "Disabled": ("disabled", "disabled"),
    "MenuOnly": ("menuonly", "menu only"),
    "MessageAndMenu": ("messageandmenu", "message and menu"),
}
POINTING_DEVICES: Final[dict[str, Words]] = {
    "None": ("none", "None"),
    "PS2Mouse": ("ps2mouse", "PS/2 Mouse"),
    "USBMouse": ("usbmouse", "USB Mouse"),
    "USBTablet": ("usbtablet", "USB Tablet"),
    "ComboMouse": ("combomouse", "USB Tablet and PS/2 Mouse"),
    "USBMultiTouch": ("usbmultitouch", "USB Multi-Touch"),
    "USBMTScreenPlusPad": ("usbmtscreenpluspad", "USB Multi-Touch Screen and Touch Pad"),
}
KEYBOARDS: Final[dict[str, Words]] = {
    "None": ("none", "None"),
    "PS2Keyboard": ("ps2kbd", "PS/2 Keyboard"),
    "USBKeyboard": ("usbkbd", "USB Keyboard"),
    "ComboKeyboard": ("combokbd", "USB and PS/2 Keyboard"),
}
STORAGE_CONTROLLERS: Final = {"AHCI": "IntelAhci"}
"""Controller models whose name in the settings differs from what the command line calls them."""

ATTACHMENTS: Final = {
    "Null": "null",
    "NAT": "nat",
    "Bridged": "bridged",
    "Internal": "intnet",
    "HostOnly": "hostonly",
    "HostOnlyNetwork": "hostonlynetwork",
    "Generic": "generic",
    "NATNetwork": "natnetwork",
    "Cloud": "cloud",
}
PROMISCUOUS_MODES: Final = {
    "Deny": "deny",
    "AllowNetwork": "allow-vms",
    "AllowAll": "allow-all",
}
AUDIO_DRIVERS: Final[dict[str, Words]] = {
    "Default": ("default", "Default"),
    "Null": ("null", "Null"),
    "OSS": ("oss", "OSS"),
    "ALSA": ("alsa", "ALSA"),
    "Pulse": ("pulse", "PulseAudio"),
    "WAS": ("was", "Windows Audio Session"),
    "DirectSound": ("dsound", "DirectSound"),
    "CoreAudio": ("coreaudio", "CoreAudio"),
}
AUDIO_CODECS: Final = {"AC97": "AD1980", "HDA": "STAC9221", "SB16": "SB16"}
"""Codec of an audio controller for which the settings name none."""

SHARING_MODES: Final[dict[str, Words]] = {
    "Disabled": ("disabled", "disabled"),
    "HostToGuest": ("hosttoguest", "HostToGuest"),
    "GuestToHost": ("guesttohost", "GuestToHost"),
    "Bidirectional": ("bidirectional", "Bidirectional"),
}


def words(table: dict[str, Words], word: str) -> Words:
    """Both spellings of a word; one of a newer format stands for itself."""
    return table.get(word, (word.lower(), word))
