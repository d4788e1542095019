"""Options of ``modifyvm`` for serial and parallel ports, USB and audio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli.commands.modifyvm_draft import Draft, bad_argument, invalid, modifies, number, switch
from app.cli.errors import UsageError
from app.settings import cliwords
from app.settings.enums import AudioController, AudioDriver, PortMode
from app.settings.peripherals import UsbController
from app.settings.values import BadValueError

if TYPE_CHECKING:
    from app.cli.options import Given

_OFF: Final = frozenset({"off"})
_MODES: Final = {
    "server": (PortMode.HOST_PIPE, True),
    "client": (PortMode.HOST_PIPE, False),
    "tcpserver": (PortMode.TCP, True),
    "tcpclient": (PortMode.TCP, False),
    "file": (PortMode.RAW_FILE, False),
}
"""Mode of a serial port and whether it is the server, by the first word of ``--uart-mode``."""

_CODECS: Final = {"AC97": ("", "STAC9700", "AD1980"), "HDA": ("", "STAC9221"), "SB16": ("", "SB16")}


@modifies("uart", indexed=4, value="off | I/O base", extra=("IRQ",), ends_extra=_OFF)
def _uart(draft: Draft, given: Given) -> None:
    port = draft.serial_port(given.index)
    if not given.extra:
        port.enabled = False
        return
    port.io_base, port.irq = _resources(given)
    port.enabled = True


@modifies(
    "uart-mode", indexed=4, begins_extra=frozenset(_MODES), extra=("path",),
    value="disconnected | server | client | tcpserver | tcpclient | file | device",
)  # fmt: skip
def _uart_mode(draft: Draft, given: Given) -> None:
    port = draft.serial_port(given.index)
    word = given.value.lower()
    if word in _MODES:
        mode, port.server = _MODES[word]
        port.mode, port.path = mode.value, given.extra[0]
    elif word == "disconnected":
        port.mode, port.path, port.server = PortMode.DISCONNECTED.value, "", False
    else:
        port.mode, port.path, port.server = PortMode.HOST_DEVICE.value, given.value, False


@modifies("lpt", indexed=2, value="off | I/O base", extra=("IRQ",), ends_extra=_OFF)
def _lpt(draft: Draft, given: Given) -> None:
    port = draft.parallel_port(given.index)
    if not given.extra:
        port.enabled = False
        return
    port.io_base, port.irq = _resources(given)
    port.enabled = True


def _resources(given: Given) -> tuple[int, int]:
    base, irq = number(given), number(given, given.extra[0])
    if not 0 <= base <= 0xFFFF:
        raise invalid(f"Invalid port I/O base: {base} (must be in range [0, 0xffff])")
    if not 0 <= irq <= 255:
        raise invalid(f"Invalid IRQ: {irq} (must be in range [0, 255])")
    return base, irq


# -- USB -------------------------------------------------------------------------------------------


@modifies("usb-ohci", value="on | off", old=("usbohci", "usb"), help="USB 1.1 controller (OHCI).")
def _ohci(draft: Draft, given: Given) -> None:
    _set_usb(draft, "OHCI", on=switch(given))


@modifies("usb-ehci", value="on | off", old=("usbehci",), help="USB 2.0 controller (EHCI).")
def _ehci(draft: Draft, given: Given) -> None:
    _set_usb(draft, "EHCI", on=switch(given))


@modifies("usb-xhci", value="on | off", old=("usbxhci",), help="USB 3.0 controller (xHCI).")
def _xhci(draft: Draft, given: Given) -> None:
    _set_usb(draft, "XHCI", on=switch(given))


def _set_usb(draft: Draft, kind: str, *, on: bool) -> None:
    controllers = draft.hardware.usb_controllers
    if not on:
        controllers[:] = [each for each in controllers if each.type != kind]
    elif not any(each.type == kind for each in controllers):
        controllers.append(UsbController(name=kind, type=kind))


@modifies(
    "usb-rename", value="name", extra=("new name",), old=("usbrename",),
    help="Rename a USB controller.",
)  # fmt: skip
def _usb_rename(draft: Draft, given: Given) -> None:
    new = given.extra[0]
    names = {each.name: each for each in draft.hardware.usb_controllers}
    if given.value not in names:
        raise invalid(f"Could not find a USB controller named '{given.value}'")
    if new in names:
        raise invalid(f"USB controller named '{new}' already exists")
    if not new:
        raise UsageError("The new name of the USB controller is empty")
    names[given.value].name = new


# -- audio -----------------------------------------------------------------------------------------


@modifies("audio-driver", value="none | " + " | ".join(cliwords.words(AudioDriver)))
def _audio_driver(draft: Draft, given: Given) -> None:
    audio = draft.hardware.audio
    old_spelling = given.spelling == "--audio"
    if given.value.lower() == "none":
        audio.enabled = False
        return
    try:
        audio.driver = cliwords.from_word(AudioDriver, given.value)
    except BadValueError as error:
        raise bad_argument(given, str(error)) from error
    audio.use_default_driver = audio.driver == AudioDriver.DEFAULT
    if old_spelling:
        # Before 7.0 the driver was also what switched audio on.
        audio.enabled = True


@modifies("audio-controller", value=" | ".join(cliwords.words(AudioController)))
def _audio_controller(draft: Draft, given: Given) -> None:
    audio = draft.hardware.audio
    try:
        audio.controller = cliwords.from_word(AudioController, given.value)
    except BadValueError as error:
        raise bad_argument(given, str(error)) from error
    if audio.codec not in _CODECS.get(audio.controller, ("",)):
        audio.codec = ""
