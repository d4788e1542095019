"""What the host controllers share: their devices in configuration, saved state and input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from engine.errors import ConfigurationError
from engine.pdm import PciDevice
from engine.pdm.device import DeviceConfig, DeviceState
from engine.pdm.interfaces import InputObserver
from engine.vusb.catalog import AnyState, make_device
from engine.vusb.descriptors import Speed
from engine.vusb.roothub import RootHub

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.vusb.device import UsbDevice


class UsbConfig(DeviceConfig, frozen=True):
    """What is plugged in.

    Attributes:
        devices: kind of the device at each port, separated by commas; an empty one is a free port.
    """

    devices: str = ""


class UsbState(DeviceState, kw_only=True):
    """Saved part of every host controller.

    Attributes:
        devices: the device at each port.
    """

    devices: list[AnyState | None] = msgspec.field(default_factory=list)


ConfigT = TypeVar("ConfigT", bound=UsbConfig)
StateT = TypeVar("StateT", bound=UsbState)


class UsbController(PciDevice[ConfigT, StateT]):
    """Base of the host controllers.

    Attributes:
        hub: the root hub.
    """

    PORTS = 12
    DEVICE_SPEED = Speed.FULL

    def setup(self) -> None:
        """Make the devices that the configuration names."""
        kinds = self.config.devices.split(",") if self.config.devices else []
        if len(kinds) > self.PORTS:
            raise ConfigurationError(
                f"{self.instance_name}: {len(kinds)} devices for {self.PORTS} ports."
            )
        self.hub = RootHub(
            self.PORTS,
            plugged=self.port_plugged,
            ready=self.device_ready,
            configured=self._inputs_changed,
            now=self.context.now,
        )
        for port, kind in enumerate(kinds):
            if kind:
                self.hub.attach(port, make_device(kind, speed=self.DEVICE_SPEED))

    # -- what a controller overrides

    def port_plugged(self, port: int) -> None:
        """Something has been plugged in or out."""

    def device_ready(self) -> None:
        """A device has data for an endpoint that has answered NAK."""

    # -- for the host side

    def usb_devices(self) -> Sequence[UsbDevice[Any]]:
        """Return the devices at the ports."""
        return self.hub.devices()

    def _inputs_changed(self) -> None:
        observer = self.context.find(InputObserver)
        if observer is not None:
            observer.inputs_changed()

    def info(self) -> str:
        """Return the registers and the devices, for the debugger."""
        return msgspec.json.format(msgspec.json.encode(self.state_to_save())).decode()

    # -- saved state

    def state_to_save(self) -> StateT:
        """Return the registers with the states of the devices."""
        devices: list[AnyState | None] = [None] * self.PORTS
        for port, device in self.hub.ports():
            devices[port] = device.state
        self.state.devices = devices
        return self.state

    def state_loaded(self, version: int) -> None:
        """Hand the devices their states; the configuration is the same as when they were saved."""
        del version
        for port, device in self.hub.ports():
            saved = self.state.devices[port] if port < len(self.state.devices) else None
            if type(saved) is type(device.state):
                device.load(saved)
