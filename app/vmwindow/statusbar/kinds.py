"""The indicators: declared once, in VirtualBox's order, with what they tell about a machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.console.audio import audio_connector
from app.settings import available
from app.settings.enums import Attachment, DeviceType

if TYPE_CHECKING:
    from app.console.console import Console
    from app.settings.network import NetworkAdapter

_CONTEXT: Final = ""  # that of the other free functions "tr"
_NOT_EMULATED: Final = str(QT_TRANSLATE_NOOP("", "not emulated by this version"))
_KEYBOARD_LEDS: Final = ((4, "Caps Lock"), (2, "Num Lock"), (1, "Scroll Lock"))

Row = tuple[str, str]


class IndicatorKind(StrEnum):
    """Indicators by the names in settings files, in the usual order."""

    HARD_DISKS = "HardDisks"
    OPTICAL_DISKS = "OpticalDisks"
    FLOPPY_DISKS = "FloppyDisks"
    AUDIO = "Audio"
    NETWORK = "Network"
    USB = "USB"
    SHARED_FOLDERS = "SharedFolders"
    DISPLAY = "Display"
    RECORDING = "Recording"
    FEATURES = "Features"
    MOUSE = "Mouse"
    KEYBOARD = "Keyboard"


@dataclass(frozen=True)
class IndicatorSpec:
    """Declaration of an indicator.

    Attributes:
        kind: which one.
        icon: drawing.
        title: for people; translated when it is shown.
        menus: titles of the menus one of which a right click opens, the best one first.
        rows: details about a machine that has started.
        present: whether the machine has such a part at all.
    """

    kind: IndicatorKind
    icon: str
    title: str
    menus: tuple[str, ...]
    rows: Callable[[Console], Iterator[Row]]
    present: Callable[[Console], bool]


def tr(text: str) -> str:
    """Return a text of this module in the language of the user interface."""
    return QCoreApplication.translate(_CONTEXT, text)


def _always(_console: Console) -> bool:
    return True


# ------------------------------------------------------------------ drives


def _has_drive(kind: DeviceType) -> Callable[[Console], bool]:
    return lambda console: any(slot.type is kind for slot in console.drives)


def _drive_rows(kind: DeviceType) -> Callable[[Console], Iterator[Row]]:
    def rows(console: Console) -> Iterator[Row]:
        for slot in console.drives:
            if slot.type is kind:
                medium = console.drives.medium(slot)
                yield slot.label, str(medium.path) if medium is not None else tr("empty")

    return rows


# ------------------------------------------------------------------ audio, network, USB, folders


def _has_audio(console: Console) -> bool:
    return bool(console.settings.hardware.audio.enabled)


def _audio_rows(console: Console) -> Iterator[Row]:
    audio = console.settings.hardware.audio
    on, off = tr("enabled"), tr("disabled")
    missing = audio.controller not in available.AUDIO_CONTROLLERS
    yield (
        tr("Controller"),
        f"{audio.controller} ({tr(_NOT_EMULATED)})" if missing else audio.controller,
    )
    connector = audio_connector(console.vm)
    if connector is not None and connector.trouble:
        yield tr("Host"), connector.trouble
    yield tr("Output"), on if audio.enabled_out else off
    yield tr("Input"), on if audio.enabled_in else off


def _adapters(console: Console) -> list[NetworkAdapter]:
    adapters = console.settings.hardware.network_adapters
    return [adapter for adapter in adapters if adapter.enabled]


def _network_rows(console: Console) -> Iterator[Row]:
    for adapter in _adapters(console):
        names = {
            Attachment.NULL: tr("not attached"),
            Attachment.BRIDGED: adapter.bridged_interface,
            Attachment.INTERNAL: adapter.internal_network,
            Attachment.HOST_ONLY: adapter.host_only_interface,
            Attachment.NAT_NETWORK: adapter.nat_network,
        }
        attachment = Attachment(adapter.attachment)
        name = names.get(attachment, "")
        where = f"{attachment} ({name})" if name and attachment is not Attachment.NULL else name
        cable = tr("cable connected") if adapter.cable_connected else tr("cable disconnected")
        value = f"{where or attachment}, {cable}"
        if adapter.type not in available.NETWORK_ADAPTERS:
            value = f"{value}, {tr(_NOT_EMULATED)}"
        yield tr("Adapter {n}").format(n=adapter.slot + 1), value


def _usb_rows(console: Console) -> Iterator[Row]:
    for controller in console.settings.hardware.usb_controllers:
        missing = controller.type not in available.USB_CONTROLLERS
        yield controller.name, (
            f"{controller.type} ({tr(_NOT_EMULATED)})" if missing else controller.type
        )


def _folder_rows(console: Console) -> Iterator[Row]:
    for folder in console.settings.hardware.shared_folders:
        access = tr("full access") if folder.writable else tr("read only")
        yield folder.name, f"{folder.host_path} ({access})"
    yield tr("Guests reach them as soon as they can have additions."), ""


# ------------------------------------------------------------------ display, recording, engine


def _display_rows(console: Console) -> Iterator[Row]:
    display = console.settings.hardware.display
    yield tr("Graphics controller"), str(display.controller)
    yield tr("Video memory"), tr("{n} MB").format(n=display.vram_mb)
    yield tr("Screens"), str(display.monitor_count)
    yield tr("Remote display"), remote_display_text(console)


def remote_display_text(console: Console) -> str:
    """Return where the remote display is, and who is there."""
    info = console.remote_display.info
    if info is None:
        return tr("off")
    text = tr("port {port} at {address}").format(port=info.port, address=info.address)
    if info.clients:
        text = tr("{place}, used by {clients}").format(place=text, clients=", ".join(info.clients))
    return text


def _recording_rows(console: Console) -> Iterator[Row]:
    plan = console.recording.plan
    if plan is None:
        yield tr("Nothing is recorded."), ""
        return
    minutes, seconds = divmod(int(console.recording.seconds), 60)
    yield tr("File"), str(plan.file)
    yield tr("Length"), f"{minutes}:{seconds:02}"
    yield tr("Video"), tr("{width}x{height}, {fps} pictures/s, {rate} kbit/s").format(
        width=plan.size[0], height=plan.size[1], fps=plan.fps, rate=plan.rate_kbps
    )


def _features_rows(console: Console) -> Iterator[Row]:
    name, reason = console.execution_engine
    hardware = console.settings.hardware
    yield tr("Execution engine"), name
    yield reason, ""
    yield tr("Processors"), str(hardware.cpu.count)
    yield tr("Memory"), tr("{n} MB").format(n=hardware.memory_mb)


# ------------------------------------------------------------------ input


def _mouse_rows(console: Console) -> Iterator[Row]:
    yield tr("Pointing device"), str(console.settings.hardware.pointing_device)


def _keyboard_rows(console: Console) -> Iterator[Row]:
    leds = console.keyboard_leds
    yield tr("Keyboard"), str(console.settings.hardware.keyboard)
    lit = [tr(name) for bit, name in _KEYBOARD_LEDS if leds & bit]
    yield tr("Lock lights"), ", ".join(lit) or tr("none")


INDICATORS: Final = (
    IndicatorSpec(
        IndicatorKind.HARD_DISKS, "hard-disk",
        str(QT_TRANSLATE_NOOP("", "Hard disks")),
        ("Hard Disks",),
        _drive_rows(DeviceType.HARD_DISK), _has_drive(DeviceType.HARD_DISK),
    ),
    IndicatorSpec(
        IndicatorKind.OPTICAL_DISKS, "optical",
        str(QT_TRANSLATE_NOOP("", "Optical drives")),
        ("Optical Drives",), _drive_rows(DeviceType.DVD), _has_drive(DeviceType.DVD),
    ),
    IndicatorSpec(
        IndicatorKind.FLOPPY_DISKS, "floppy",
        str(QT_TRANSLATE_NOOP("", "Floppy drives")),
        ("Floppy Drives",), _drive_rows(DeviceType.FLOPPY), _has_drive(DeviceType.FLOPPY),
    ),
    IndicatorSpec(
        IndicatorKind.AUDIO, "audio",
        str(QT_TRANSLATE_NOOP("", "Audio")),
        ("Audio",),
        _audio_rows, _has_audio,
    ),
    IndicatorSpec(
        IndicatorKind.NETWORK, "network",
        str(QT_TRANSLATE_NOOP("", "Network")),
        ("Network",),
        _network_rows, lambda console: bool(_adapters(console)),
    ),
    IndicatorSpec(
        IndicatorKind.USB, "usb",
        str(QT_TRANSLATE_NOOP("", "USB")),
        ("USB",),
        _usb_rows, lambda console: bool(console.settings.hardware.usb_controllers),
    ),
    IndicatorSpec(
        IndicatorKind.SHARED_FOLDERS, "shared-folder",
        str(QT_TRANSLATE_NOOP("", "Shared folders")),
        ("Shared Folders",), _folder_rows,
        lambda console: bool(console.settings.hardware.shared_folders),
    ),
    IndicatorSpec(
        IndicatorKind.DISPLAY, "display",
        str(QT_TRANSLATE_NOOP("", "Display")),
        ("Virtual Screen 1",),
        _display_rows, _always,
    ),
    IndicatorSpec(
        IndicatorKind.RECORDING, "recording",
        str(QT_TRANSLATE_NOOP("", "Recording")),
        ("Recording",),
        _recording_rows, _always,
    ),
    IndicatorSpec(
        IndicatorKind.FEATURES, "engine-emulated",
        str(QT_TRANSLATE_NOOP("", "Processor")),
        (),
        _features_rows, _always,
    ),
    IndicatorSpec(
        IndicatorKind.MOUSE, "mouse",
        str(QT_TRANSLATE_NOOP("", "Mouse")),
        ("Mouse", "Mouse Integration"),
        _mouse_rows, _always,
    ),
    IndicatorSpec(
        IndicatorKind.KEYBOARD, "keyboard",
        str(QT_TRANSLATE_NOOP("", "Keyboard")),
        ("Keyboard",),
        _keyboard_rows, _always,
    ),
)  # fmt: skip
