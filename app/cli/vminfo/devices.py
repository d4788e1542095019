"""Input devices, ports, audio, remote display, USB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli.output import enabled, on_off
from app.cli.vminfo.words import (
    AUDIO_CODECS,
    AUDIO_DRIVERS,
    KEYBOARDS,
    POINTING_DEVICES,
    SHARING_MODES,
    words,
)
from app.settings.model import ParallelPort, SerialPort

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.api.hoststructs import HostUsbDevice
    from app.cli.vminfo import Subject
    from app.cli.vminfo.writer import InfoWriter
    from app.settings.model import (
        AudioSettings,
        HardwareSettings,
        RemoteDisplaySettings,
        UsbDeviceFilter,
    )

_SERIAL_PORTS: Final = 4
_PARALLEL_PORTS: Final = 2
_USB_CONTROLLERS: Final = (
    ("usb", "OHCI USB", "OHCI"), ("ehci", "EHCI USB", "EHCI"), ("xhci", "xHCI USB", "XHCI")
)  # fmt: skip


def print_devices(out: InfoWriter, subject: Subject) -> None:
    """Everything from the mouse to the drag and drop."""
    hardware = subject.settings.hardware
    pointing = words(POINTING_DEVICES, hardware.pointing_device)
    out.text("hidpointing", "Pointing Device", *pointing)
    out.text("hidkeyboard", "Keyboard Device", *words(KEYBOARDS, hardware.keyboard))
    _print_serial_ports(out, hardware.serial_ports)
    _print_parallel_ports(out, hardware.parallel_ports)
    _print_audio(out, hardware.audio)
    out.text("clipboard", "Clipboard Mode", *words(SHARING_MODES, hardware.clipboard_mode))
    out.switch(
        "clipboard_file_transfers", "Clipboard file transfers", hardware.clipboard_file_transfers
    )
    dragging = words(SHARING_MODES, hardware.drag_and_drop_mode)
    out.text("draganddrop", "Drag and drop Mode", *dragging)


def _print_serial_ports(out: InfoWriter, ports: list[SerialPort]) -> None:
    known = {port.slot: port for port in ports}
    for slot in range(_SERIAL_PORTS):
        port = known.get(slot)
        number = slot + 1
        if port is None or not port.enabled:
            out.script(f"uart{number}", "off")
            out.caption(f"UART {number}", "disabled")
            continue
        script, human = _serial_mode(port)
        out.script(f"uart{number}", f"0x{port.io_base:04x},{port.irq}")
        out.script(f"uartmode{number}", script)
        out.script(f"uarttype{number}", port.uart_type)
        out.caption(
            f"UART {number}",
            f"I/O base: 0x{port.io_base:04x}, IRQ: {port.irq}, {human}, {port.uart_type}",
        )


def _serial_mode(port: SerialPort) -> tuple[str, str]:
    """What a serial port is connected to, for scripts and for people."""
    role = "server" if port.server else "client"
    match port.mode:
        case "HostPipe":
            return f"{role},{port.path}", f"attached to pipe ({role}) '{port.path}'"
        case "HostDevice":
            return port.path, f"attached to device '{port.path}'"
        case "RawFile":
            return f"file,{port.path}", f"attached to raw file '{port.path}'"
        case "TCP":
            return f"tcp{role},{port.path}", f"attached to tcp ({role}) '{port.path}'"
        case _:
            return "disconnected", "disconnected"


def _print_parallel_ports(out: InfoWriter, ports: list[ParallelPort]) -> None:
    known = {port.slot: port for port in ports}
    for slot in range(_PARALLEL_PORTS):
        port = known.get(slot)
        number = slot + 1
        if port is None or not port.enabled:
            out.script(f"lpt{number}", "off")
            out.caption(f"LPT {number}", "disabled")
            continue
        out.script(f"lpt{number}", f"0x{port.io_base:04x},{port.irq}")
        out.script(f"lptmode{number}", port.path)
        out.caption(
            f"LPT {number}",
            f"I/O base: 0x{port.io_base:04x}, IRQ: {port.irq}, attached to device '{port.path}'",
        )


def _print_audio(out: InfoWriter, audio: AudioSettings) -> None:
    script, human = words(AUDIO_DRIVERS, audio.driver)
    codec = audio.codec or AUDIO_CODECS.get(audio.controller, "Unknown")
    out.script("audio", script if audio.enabled else "none")
    out.caption(
        "Audio",
        f"enabled (Driver: {human}, Controller: {audio.controller}, Codec: {codec})"
        if audio.enabled
        else "disabled",
    )
    out.switch("audio_out", "Audio playback", audio.enabled_out)
    out.switch("audio_in", "Audio capture", audio.enabled_in)


def print_remote_display(out: InfoWriter, subject: Subject) -> None:
    """The remote display server."""
    vrde = subject.settings.hardware.remote_display
    if not vrde.enabled:
        out.switch("vrde", "VRDE", value=False)
        return
    properties = vrde.properties
    ports = properties.get("TCP/Ports", "3389")
    address = properties.get("TCP/Address", "")
    out.script("vrde", "on")
    port = subject.vrde.port if subject.vrde is not None else -1
    out.script("vrdeport", port)
    out.script("vrdeports", ports)
    out.script("vrdeaddress", address)
    out.script("vrdeauthtype", vrde.auth_type.lower())
    out.script("vrdemulticon", on_off(vrde.allow_multi_connection))
    out.script("vrdereusecon", on_off(vrde.reuse_single_connection))
    out.caption(
        "VRDE",
        f"enabled (Address {address or '127.0.0.1'}, Ports {ports}, "
        f"MultiConn: {on_off(vrde.allow_multi_connection)}, "
        f"ReuseSingleConn: {on_off(vrde.reuse_single_connection)}, "
        f"Authentication type: {vrde.auth_type.lower()})",
    )
    if port > 0:
        out.caption("VRDE port", str(port))
    _print_video_channel(out, vrde)
    for key, value in sorted(properties.items()):
        out.script(f"vrdeproperty[{key}]", value)
        out.human(f'VRDE property: {key:10} = "{value}"')


def _print_video_channel(out: InfoWriter, vrde: RemoteDisplaySettings) -> None:
    active = vrde.properties.get("VideoChannel/Enabled", "").lower() in ("true", "1")
    quality = vrde.properties.get("VideoChannel/Quality", "75")
    out.script("vrdevideochannel", on_off(active))
    if active:
        out.script("vrdevideochannelquality", quality)
    out.caption("Video redirection", f"enabled (Quality {quality})" if active else "disabled")


def print_usb(out: InfoWriter, subject: Subject) -> None:
    """USB controllers and filters."""
    hardware = subject.settings.hardware
    present = {controller.type for controller in hardware.usb_controllers}
    for key, caption, kind in _USB_CONTROLLERS:
        out.switch(key, caption, kind in present)
    _print_usb_filters(out, hardware)
    if subject.info.state.is_online:
        out.caption("Available remote USB devices", "<none>")
        _print_usb_devices(out, subject.usb)
    _print_host_pci_devices(out, hardware)
    _print_bandwidth_groups(out, hardware)


def _print_usb_devices(out: InfoWriter, devices: tuple[HostUsbDevice, ...]) -> None:
    if not devices:
        out.caption("Currently attached USB devices", "<none>")
        return
    out.human("Currently attached USB devices:")
    out.human()
    for number, device in enumerate(devices, start=1):
        for key, caption, text, human in _usb_device_fields(device):
            out.text(f"USBAttached{key}{number}", caption, text, human)
        out.human()


def _usb_device_fields(device: HostUsbDevice) -> Iterator[tuple[str, str, str, str]]:
    """Yield key, caption, and what scripts and people read."""
    vendor, product = f"{device.vendor_id:04x}", f"{device.product_id:04x}"
    release = f"{device.revision:04x}"
    yield "UUID", "UUID", device.id, device.id
    yield "VendorId", "VendorId", f"0x{vendor}", f"0x{vendor} ({vendor.upper()})"
    yield "ProductId", "ProductId", f"0x{product}", f"0x{product} ({product.upper()})"
    yield "RevisionId", "Revision", f"0x{release}", f"{release[:2]}.{release[2:]} ({release})"
    texts = (
        ("Manufacturer", device.manufacturer), ("Product", device.product),
        ("SerialNumber", device.serial_number), ("Address", device.address),
    )  # fmt: skip
    for caption, text in texts:
        if text:
            yield caption, caption, text, text


def _print_host_pci_devices(out: InfoWriter, hardware: HardwareSettings) -> None:
    if not hardware.pci_devices:
        return
    out.human("Attached physical PCI devices:")
    out.human()
    for device in hardware.pci_devices:
        host, guest = _pci_address(device.host), _pci_address(device.guest)
        out.script("AttachedHostPCI", f"{host},{guest}")
        out.human(f"   Host device {device.name} at {host} attached as {guest}")
    out.human()


def _pci_address(number: int) -> str:
    """Bus, device and function as people write them: ``01:02.3``."""
    return f"{number >> 8:02x}:{number >> 3 & 0x1F:02x}.{number & 7:x}"


def _print_usb_filters(out: InfoWriter, hardware: HardwareSettings) -> None:
    if not hardware.usb_filters:
        out.caption("USB Device Filters", "<none>")
        return
    out.human("USB Device Filters:")
    out.human()
    for index, usb_filter in enumerate(hardware.usb_filters):
        out.caption("Index", str(index))
        out.switch(
            f"USBFilterActive{index + 1}", "Active", usb_filter.active, ("yes", "no")
        )
        for key, caption, value in _filter_fields(usb_filter):
            out.text(f"USBFilter{key}{index + 1}", caption, value)
        out.human()


def _filter_fields(usb_filter: UsbDeviceFilter) -> tuple[tuple[str, str, str], ...]:
    return (
        ("Name", "Name", usb_filter.name),
        ("VendorId", "VendorId", usb_filter.vendor_id),
        ("ProductId", "ProductId", usb_filter.product_id),
        ("Revision", "Revision", usb_filter.revision),
        ("Manufacturer", "Manufacturer", usb_filter.manufacturer),
        ("Product", "Product", usb_filter.product),
        ("Remote", "Remote", usb_filter.remote),
        ("SerialNumber", "Serial Number", usb_filter.serial_number),
    )


def _print_bandwidth_groups(out: InfoWriter, hardware: HardwareSettings) -> None:
    if not hardware.bandwidth_groups:
        out.caption("Bandwidth groups", "<none>")
        return
    out.human("Bandwidth groups:")
    out.human()
    for index, group in enumerate(hardware.bandwidth_groups):
        limit = group.max_bytes_per_sec
        out.script(f"BandwidthGroup{index}", f"{group.name},{group.type},{limit}")
        amount = f"{limit} bytes/sec" if limit else "none (disabled)"
        out.human(f"#{index}: '{group.name}', Type: {group.type}, Limit: {amount}")
    out.human()


def print_running_display(out: InfoWriter, subject: Subject) -> None:
    """What only a running VM has: session and resolution."""
    if not subject.info.state.is_online:
        return
    out.text("SessionName", "Session name", subject.info.session_name)
    screen = subject.screen
    if screen is None:
        return
    origin = f"{screen.x_origin},{screen.y_origin}"
    bits = screen.bits_per_pixel
    if out.machine_readable:
        mode = f"{screen.width},{screen.height},{bits}"
        print(f'VideoMode="{mode}"@{origin} {int(screen.enabled)}')
    else:
        mode = f"{screen.width}x{screen.height}x{bits} at {origin}"
        out.caption("Video mode", f"{mode} {enabled(screen.enabled)}")
