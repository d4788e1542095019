"""The host side of serial ports: from the settings to the engine's drivers, also while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.settings.enums import PortMode
from engine.cfgm import Node
from engine.pdm.driver import make_driver

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.settings.model import SerialPort
    from engine.cfgm import Value
    from engine.vm import VM


def driver_of(port: SerialPort) -> tuple[str, dict[str, Value]]:
    """Name and settings of the driver behind a port; an empty name: nothing is connected."""
    if port.mode == PortMode.RAW_FILE:
        return "File", {"Path": port.path}
    if port.mode == PortMode.HOST_PIPE:
        return "NamedPipe", {"Location": port.path, "IsServer": port.server}
    if port.mode == PortMode.TCP:
        return "TCP", {"Location": port.path, "IsServer": port.server}
    if port.mode == PortMode.HOST_DEVICE:
        return "Host Serial", {"DevicePath": port.path}
    return "", {}


def change_serial_ports(vm: VM, old: Sequence[SerialPort], new: Sequence[SerialPort]) -> None:
    """Connect those ports anew whose host side differs.

    Args:
        vm: The running machine; ports that it does not have are left out.
        old: Settings of the ports as they are.
        new: Settings as they shall be.

    Raises:
        EngineError: a pipe, file or device cannot be opened; all ports are as they were.
    """
    opened: list[tuple[str, Any]] = []
    try:
        for instance, port in _changed(old, new):
            opened.append((instance, _open(instance, port)))
        for instance, driver in opened:
            _close(vm.attach(instance, 0, driver))
    except BaseException:
        for _instance, driver in opened:
            _close(driver)
        raise


def _changed(
    old: Sequence[SerialPort], new: Sequence[SerialPort]
) -> Iterator[tuple[str, SerialPort]]:
    wanted = {port.slot: port for port in new}
    present = [port for port in old if port.enabled]
    for number, port in enumerate(present):
        after = wanted.get(port.slot)
        if after is not None and driver_of(after) != driver_of(port):
            yield f"serial/{number}", after


def _open(instance: str, port: SerialPort) -> object | None:
    name, settings = driver_of(port)
    if not name:
        return None
    node = Node(f"/Devices/{instance}/LUN#0")
    node.set({"Driver": name})
    node.child("Config").set(settings)
    return make_driver(node)


def _close(driver: object | None) -> None:
    close = getattr(driver, "close", None)
    if close is not None:
        close()
