"""USB devices of the host that the guest has: attached on request and by filters, and taken back.

What blocks runs on worker threads and on the thread of the watch, never on the EMT.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, runtime_checkable

from app.api.errors import ApiError, ErrorCode
from app.console.errors import api_error, invalid_state
from app.console.media import EMT_SECONDS
from app.console.usbfilters import wanted
from engine.errors import InvalidStateError
from engine.hostio.hostusb import HostUsb, HostUsbError, open_host_device
from engine.vusb.hostdevice import HostDevice

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.api.hoststructs import HostUsbDevice
    from app.console.console import Console
    from engine.vm import VM
    from engine.vusb.descriptors import Speed
    from engine.vusb.device import UsbDevice

_logger = logging.getLogger(__name__)

WATCH_SECONDS: Final = 2.0
"""Time between two looks at what is plugged into the host."""


@runtime_checkable
class UsbPorts(Protocol):
    """A USB controller, as who plugs devices into it sees it; EMT only."""

    def free_port(self, speed: Speed) -> int | None:
        """Return a port for a device that signals at a speed; None: there is none."""

    def plug(self, port: int, device: UsbDevice[Any]) -> None:
        """Plug a device in."""

    def unplug(self, port: int) -> UsbDevice[Any] | None:
        """Pull it out."""


class _Attached(NamedTuple):
    """A device that the guest has, and where."""

    info: HostUsbDevice
    link: HostUsb
    device: HostDevice
    ports: UsbPorts
    port: int

    def pull_out(self) -> None:
        """Have the guest see it go. EMT."""
        self.device.release()
        self.ports.unplug(self.port)


class HostUsbDevices:
    """The devices of the host that a machine has.

    Args:
        console: the machine's console.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._attached: dict[str, _Attached] = {}
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._watch: threading.Thread | None = None

    def attached(self) -> list[HostUsbDevice]:
        """Return the devices that the guest has."""
        with self._lock:
            return [each.info for each in self._attached.values()]

    def attach(self, name: str) -> None:
        """Hand a device to the guest.

        Args:
            name: UUID or address, as ``list usbhost`` tells them.

        Raises:
            ApiError: there is no such device, no room for it, or it cannot be opened.
        """
        info = self._find(name)
        with self._lock:
            if info.id in self._attached:
                raise ApiError(
                    ErrorCode.VBOX_E_OBJECT_IN_USE,
                    f"The USB device {title_of(info)} is already attached to the machine "
                    f"'{self._console.machine}'.",
                    "console",
                )
            self._attached[info.id] = self._plug(self._console.vm, info)
        _logger.info("Console: USB device %s (%s): attached", title_of(info), info.address)
        self._watch_host()

    def detach(self, name: str) -> None:
        """Take a device back from the guest.

        Raises:
            ApiError: the guest has no such device.
        """
        with self._lock:
            found = next(
                (each for each in self._attached.values() if name in _names(each.info)), None
            )
            if found is None:
                raise ApiError(
                    ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
                    f"The machine '{self._console.machine}' has no USB device '{name}' of the "
                    "host.",
                    "console",
                )
            del self._attached[found.info.id]
        self._console.vm.post(found.pull_out).result(EMT_SECONDS)
        found.link.close()
        _logger.info("Console: USB device %s: detached", title_of(found.info))

    def start_with_machine(self) -> None:
        """Attach what the filters of the settings want, now and whenever it is plugged in."""
        if any(each.active for each in self._console.settings.hardware.usb_filters):
            self._watch_host()

    def stop(self) -> None:
        """Give everything back to the host; the VM is off."""
        self._stop.set()
        with self._lock:
            links = [each.link for each in self._attached.values()]
            self._attached.clear()
        for link in links:
            link.close()

    # -- plugging

    def _find(self, name: str) -> HostUsbDevice:
        for device in self._console.session.client.host.list_usb_devices():
            if name in _names(device):
                return device
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
            f"Could not find a USB device '{name}' on the host.",
            "console",
        )

    def _plug(self, vm: VM, info: HostUsbDevice) -> _Attached:
        controllers = [each for each in vm.devices.devices.values() if isinstance(each, UsbPorts)]
        if not controllers:
            raise invalid_state(f"The machine '{self._console.machine}' has no USB controller.")
        node = PurePosixPath(info.address)
        try:
            link = open_host_device(
                int(node.parent.name), int(node.name), title_of(info), _poster(vm)
            )
        except HostUsbError as error:
            raise ApiError(ErrorCode.VBOX_E_HOST_ERROR, str(error), "console") from error
        device = HostDevice(link, lost=lambda: self._lost(info.id))

        def plug() -> _Attached | None:
            for ports in controllers:
                port = ports.free_port(link.speed)
                if port is not None:
                    ports.plug(port, device)
                    return _Attached(info, link, device, ports, port)
            return None

        try:
            plugged = vm.post(plug).result(EMT_SECONDS)
        except Exception as error:
            link.close()
            raise api_error(error) from error
        if plugged is None:
            link.close()
            raise invalid_state(
                f"The machine '{self._console.machine}' has no USB controller with a free port for "
                f"{title_of(info)}, which signals at {info.speed.lower()} speed."
            )
        return plugged

    def _lost(self, id_: str) -> None:
        """A device does not answer any more, because it has been pulled out. EMT."""
        threading.Thread(target=self._take_away, args=(id_,), daemon=True).start()

    def _take_away(self, id_: str) -> None:
        with contextlib.suppress(ApiError, InvalidStateError):  # somebody was faster
            self.detach(id_)

    # -- the watch

    def _watch_host(self) -> None:
        with self._lock:
            if self._watch is None:
                self._watch = threading.Thread(
                    target=self._look_again_and_again, name="usb-watch", daemon=True
                )
                self._watch.start()

    def _look_again_and_again(self) -> None:
        seen: set[str] = set()
        while not self._stop.is_set():
            seen = self.look(seen)
            self._stop.wait(WATCH_SECONDS)

    def look(self, seen: set[str]) -> set[str]:
        """Take over what has been plugged in or out of the host.

        Args:
            seen: ids of the devices that were there the last time: what the guest does not have of
                them, somebody has taken back.

        Returns:
            The ids of those that are there.
        """
        try:
            host = self._console.session.client.host
            devices = {device.id: device for device in host.list_usb_devices()}
            for_all = host.list_usb_device_filters()
        except ApiError as error:
            _logger.debug("Console: the host's USB devices are not known: %s", error.message)
            return seen
        for gone in [device.id for device in self.attached() if device.id not in devices]:
            self._take_away(gone)
        filters = self._console.settings.hardware.usb_filters
        here = {device.id for device in self.attached()}
        for id_ in devices.keys() - seen - here:
            if wanted(devices[id_], filters, for_all):
                self._attach_by_filter(devices[id_])
        return set(devices)

    def _attach_by_filter(self, device: HostUsbDevice) -> None:
        try:
            self.attach(device.id)
        except ApiError as error:
            _logger.warning("Console: a filter wants a USB device: %s", error.message)


class UsbOffers(NamedTuple):
    """The devices of the host, and the ids of those that the guest has."""

    devices: tuple[HostUsbDevice, ...] = ()
    attached: frozenset[str] = frozenset()


def usb_offers(console: Console) -> UsbOffers:
    """Ask what can be handed to the guest; blocks.

    Raises:
        ApiError: the service cannot be reached.
    """
    devices = console.session.client.host.list_usb_devices()
    return UsbOffers(
        tuple(devices), frozenset(device.id for device in console.host_usb.attached())
    )


def title_of(device: HostUsbDevice) -> str:
    """Return what people call a device: maker, product and release."""
    named = f"{device.manufacturer} {device.product}".strip()
    name = named or f"{device.vendor_id:04X}:{device.product_id:04X}"
    return f"{name} [{device.revision:04X}]"


def _names(device: HostUsbDevice) -> set[str]:
    return {device.id, f"{{{device.id}}}", device.address}


def _poster(vm: VM) -> Callable[[Callable[[], object]], object]:
    """Return what runs a function on the EMT, and does nothing when that has ended."""

    def post(function: Callable[[], object]) -> None:
        with contextlib.suppress(InvalidStateError):
            vm.emt.tell(function)

    return post
