"""What the host controllers share: devices in configuration and saved state, input, drives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from engine.errors import ConfigurationError
from engine.pdm import MediaHost, PciDevice
from engine.pdm.device import DeviceConfig, DeviceState
from engine.pdm.interfaces import BootDevice, InputObserver
from engine.vusb.catalog import DISK, STORAGE_KINDS, AnyState, make_device, make_storage
from engine.vusb.descriptors import Speed
from engine.vusb.roothub import RootHub
from engine.vusb.storage import UsbStorage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.ata.drive import Activity
    from engine.vusb.device import UsbDevice


_DRIVES: Final = range(2, 10)
"""Ports at which machines have drives."""


class UsbConfig(DeviceConfig, frozen=True):
    """What is plugged in.

    Attributes:
        devices: kind of the device at each port, separated by commas; an empty one is a free port.
            The medium of a drive is attached to the connector with the number of its port.
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


class UsbController(MediaHost[ConfigT, StateT], PciDevice[ConfigT, StateT]):
    """Base of the host controllers.

    Attributes:
        SPEEDS: of the devices that its ports take as they are.
        hub: the root hub.
    """

    PORTS = 12
    SPEEDS: frozenset[Speed] = frozenset({Speed.LOW, Speed.FULL})
    DEVICE_SPEED = Speed.FULL
    STORAGE_SPEED = Speed.FULL

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
            wake=self.wake_port,
            configured=self._inputs_changed,
            now=self.context.now,
        )
        for port, kind in enumerate(kinds):
            if kind in STORAGE_KINDS:
                if kind != DISK or self.medium(port) is not None:
                    self.plug_drive(port, kind)
            elif kind:
                self.plug(port, make_device(kind, speed=self.DEVICE_SPEED))

    # -- what a controller overrides

    def port_plugged(self, port: int) -> None:
        """Something has been plugged in or out."""

    def device_ready(self) -> None:
        """A device has data for an endpoint that has answered NAK."""

    def wake_port(self, port: int) -> None:
        """A device that may wake the host has news: resume its port if it is suspended."""

    def plug(self, port: int, device: UsbDevice[Any]) -> None:
        """Plug a device into a port of ours that is free."""
        self.hub.attach(port, device)

    def unplug(self, port: int) -> UsbDevice[Any] | None:
        """Pull a device of ours out and return it."""
        return self.hub.detach(port)

    def own_devices(self) -> Iterator[tuple[int, UsbDevice[Any]]]:
        """Yield the ports at which something is plugged into this controller, with the devices."""
        return self.hub.ports()

    # -- for the host side

    def free_port(self, speed: Speed) -> int | None:
        """Return a port for a device that signals at a speed; None: there is none.

        Those at which the settings put neither input devices nor drives come first.
        """
        if speed not in self.SPEEDS:
            return None
        order = (*reversed(range(_DRIVES.stop, self.PORTS)), *range(2), *reversed(_DRIVES))
        ports = (port for port in order if port < self.PORTS)
        return next(
            (p for p in ports if self.hub.at(p) is None and self.device_at(p) is None), None
        )

    def usb_devices(self) -> Sequence[UsbDevice[Any]]:
        """Return the devices that are plugged into this controller."""
        return [device for _, device in self.own_devices()]

    def device_at(self, port: int) -> UsbDevice[Any] | None:
        """Return what is plugged into a port of this controller."""
        return dict(self.own_devices()).get(port)

    def _inputs_changed(self) -> None:
        observer = self.context.find(InputObserver)
        if observer is not None:
            observer.inputs_changed()

    def info(self) -> str:
        """Return the registers and the devices, for the debugger."""
        return msgspec.json.format(msgspec.json.encode(self.state_to_save())).decode()

    # -- drives for the firmware and the host side

    def _drives(self) -> Iterator[tuple[int, UsbStorage]]:
        for port, device in self.own_devices():
            if isinstance(device, UsbStorage):
                yield port, device

    def on_attach(self, lun: int) -> None:
        """A disc has been put in or taken out."""
        for port, device in self._drives():
            if port == lun:
                device.bridge.medium_changed()

    def plug_drive(self, lun: int, kind: str) -> None:
        """Plug a drive into a free port; a disk's medium has been attached before.

        Args:
            lun: the port.
            kind: ``disk`` or ``cdrom``.

        Raises:
            ConfigurationError: there is no such port, or it is not free.
        """
        if lun >= self.PORTS or self.device_at(lun) is not None:
            state = "is taken" if lun < self.PORTS else "does not exist"
            raise ConfigurationError(f"{self.instance_name}: port {lun} {state}.")
        self.plug(lun, make_storage(kind, lun, self, speed=self.STORAGE_SPEED))

    def unplug_drive(self, lun: int) -> None:
        """Pull the drive of a port out, whatever it is doing."""
        self.unplug(lun)

    def activity(self) -> dict[int, Activity]:
        """Return the bytes that each drive has moved, by port, for lamps and statistics."""
        return {port: device.activity for port, device in self._drives()}

    def tray_locked(self, lun: int) -> bool:
        """Tell whether the guest has locked the tray of a port's drive."""
        device = self.device_at(lun)
        return isinstance(device, UsbStorage) and device.bridge.unit.state.optical.locked

    def boot_devices(self) -> Sequence[BootDevice]:
        """Return the drives in the firmware's naming, which counts ports from 1."""
        return [
            BootDevice(
                "d" if device.bridge.unit.REMOVABLE else "c",
                f"/pci@i0cf8/usb@{self.slot:x}/storage@{port + 1:x}/channel@0/disk@0,0",
            )
            for port, device in self._drives()
        ]

    # -- saved state

    def state_to_save(self) -> StateT:
        """Return the registers with the states of the devices."""
        devices: list[AnyState | None] = [None] * self.PORTS
        for port, device in self.own_devices():
            devices[port] = device.state
        self.state.devices = devices
        return self.state

    def state_loaded(self, version: int) -> None:
        """Hand the devices their states; the configuration is the same as when they were saved."""
        del version
        for port, device in self.own_devices():
            saved = self.state.devices[port] if port < len(self.state.devices) else None
            if type(saved) is type(device.state):
                device.load(saved)

    def pull_out_absent(self) -> None:
        """After loading: a device that was there and is not is one that has been pulled out."""
        there = dict(self.own_devices())
        for port, saved in enumerate(self.state.devices[: self.PORTS]):
            if saved is not None and port not in there:
                self.port_lost(port)

    def port_lost(self, port: int) -> None:
        """What was at a port of ours is not there any more."""
        self.port_plugged(port)
