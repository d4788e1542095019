"""The root hub of a controller: which device is at which port.

Port registers differ between controllers and stay there; what is plugged in, who answers an address
and whom a device tells that it has data is the same for all.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from engine.vusb.device import UsbDevice


class RootHub:
    """The ports of a controller, counted from 0.

    Args:
        ports: how many there are.
        plugged: called with the port at which something has been plugged in or out.
        ready: called when a device that had nothing to send has something.
        wake: called before that with the port of a device that may wake the host.
        configured: called when the guest has begun or ceased to use a device.
        now: virtual time in ns.
    """

    def __init__(
        self,
        ports: int,
        *,
        plugged: Callable[[int], None],
        ready: Callable[[], None],
        wake: Callable[[int], None],
        configured: Callable[[], None],
        now: Callable[[], int],
    ) -> None:
        self._devices: list[UsbDevice[Any] | None] = [None] * ports
        self._plugged = plugged
        self._ready = ready
        self._wake = wake
        self._configured = configured
        self._now = now

    def attach(self, port: int, device: UsbDevice[Any]) -> None:
        """Plug a device in; what was there goes first."""
        if self._devices[port] is not None:
            self.detach(port)
        self.seat(port, device)
        device.bus_reset()
        self._plugged(port)

    def seat(self, port: int, device: UsbDevice[Any] | None) -> None:
        """Have a device at a port, or none, as if it had always been so: nobody is told."""
        self._devices[port] = device
        if device is not None:
            device.connect(partial(self._has_news, port, device), self._configured, self._now)

    def _has_news(self, port: int, device: UsbDevice[Any]) -> None:
        if device.state.remote_wakeup:
            self._wake(port)
        self._ready()

    def detach(self, port: int) -> UsbDevice[Any] | None:
        """Pull a device out and return it."""
        device, self._devices[port] = self._devices[port], None
        if device is not None:
            device.bus_reset()  # it has lost its power
            self._plugged(port)
        return device

    def at(self, port: int) -> UsbDevice[Any] | None:
        """Return the device at a port."""
        return self._devices[port]

    def devices(self) -> Sequence[UsbDevice[Any]]:
        """Return what is plugged in, in the order of the ports."""
        return [device for device in self._devices if device is not None]

    def ports(self) -> Iterator[tuple[int, UsbDevice[Any]]]:
        """Yield each port that has a device, with the device."""
        for port, device in enumerate(self._devices):
            if device is not None:
                yield port, device
