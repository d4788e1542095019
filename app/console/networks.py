"""Network adapters: from the settings to the engine's, also while the machine runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from app.api.networkplace import HOST_ONLY, INTERNAL, NAT_NETWORK, network_socket
from app.settings import available
from app.settings.enums import Attachment, BootDevice
from app.settings.paths import config_folder
from engine.cfgm import Node
from engine.firmware import find_boot_rom, what_brings_boot_roms
from engine.net.capture import CapturedLink, CaptureFile
from engine.net.config import Forward
from engine.net.drivers import POLICIES
from engine.net.intnet import InternalNetwork
from engine.net.nat import Nat
from engine.net.tap import tap_problem
from engine.pcboard import NIC_SLOTS, Nic, nic_device
from engine.pdm.driver import make_driver
from engine.pdm.interfaces import NetworkAdapter as NetworkDevice
from engine.pdm.interfaces import NetworkLink

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from app.settings.model import HardwareSettings, NetworkAdapter, PortForwarding
    from engine.cfgm import Value
    from engine.vm import VM

    Driver = tuple[str, dict[str, Value]]

_VENDOR: Final = "080027"
_MAC_DIGITS: Final = 12
_PROTOCOLS: Final = ("udp", "tcp")
GENERIC_DRIVERS: Final = ("UDPTunnel", "QEMUStream")
"""What an adapter can name as its generic driver; ``engine.net`` has their properties."""


def nics(hardware: HardwareSettings, machine_uuid: str) -> list[Nic]:
    """Return the adapters that the board gets.

    Args:
        hardware: settings of the machine's hardware.
        machine_uuid: makes an address for an adapter whose settings have none.
    """
    made = []
    for adapter in hardware.network_adapters:
        if not adapter.enabled or _absence(adapter):
            continue
        driver, settings = driver_of(adapter)
        mac = adapter.mac_address
        if len(mac) != _MAC_DIGITS:
            mac = f"{_VENDOR}{(int(machine_uuid[-6:], 16) + adapter.slot) & 0xFFFFFF:06x}"
        made.append(
            Nic(
                slot=adapter.slot,
                model=adapter.type,
                mac=mac,
                cable=adapter.cable_connected,
                boot_priority=adapter.boot_priority,
                driver=driver,
                settings=settings,
            )
        )
    return made


def network_omissions(adapters: Sequence[NetworkAdapter]) -> Iterator[str]:
    """Yield a sentence for each adapter that the guest misses or that leads nowhere."""
    for adapter in adapters:
        if not adapter.enabled:
            continue
        absence = _absence(adapter)
        if absence:
            yield f"Network adapter {adapter.slot + 1} is left out: {absence}."
        elif adapter.attachment not in available.ATTACHMENTS:
            yield (
                f"Network adapter {adapter.slot + 1} has no link: this version of Vitrine cannot "
                f"attach it to '{adapter.attachment}'. Choose NAT in the settings under Network."
            )
        elif (
            adapter.attachment == Attachment.GENERIC
            and adapter.generic_driver not in GENERIC_DRIVERS
        ):
            yield (
                f"Network adapter {adapter.slot + 1} has no link: there is no generic driver "
                f"'{adapter.generic_driver}'. Choose one of {', '.join(GENERIC_DRIVERS)} in the "
                "settings under Network."
            )
        elif adapter.attachment == Attachment.HOST_ONLY and (
            problem := tap_problem(adapter.host_only_interface)
        ):
            yield f"Network adapter {adapter.slot + 1} does not reach the host: {problem}"
        elif problem := _trace_problem(adapter):
            yield f"Network adapter {adapter.slot + 1} is not traced: {problem}."


def boot_omissions(hardware: HardwareSettings) -> Iterator[str]:
    """Yield why a machine that shall boot from the network cannot."""
    if BootDevice.NETWORK not in hardware.boot_order:
        return
    there = [each for each in hardware.network_adapters if each.enabled and not _absence(each)]
    if not there:
        yield "The machine cannot boot from the network: it has no network adapter."
    for adapter in there:
        if find_boot_rom(nic_device(adapter.type)) is None:
            yield (
                f"The machine cannot boot through network adapter {adapter.slot + 1}: this system "
                f"has no iPXE for it. Please install {what_brings_boot_roms()}."
            )


def _absence(adapter: NetworkAdapter) -> str:
    if adapter.type not in available.NETWORK_ADAPTERS:
        return (
            f"this version of Vitrine has no adapter of the type {adapter.type}. Choose an Intel "
            "PRO/1000 in the settings under Network"
        )
    if adapter.slot >= len(NIC_SLOTS):
        return f"the machine has places for {len(NIC_SLOTS)} adapters"
    return ""


def driver_of(adapter: NetworkAdapter) -> Driver:
    """Name and settings of the driver behind an adapter; an empty name: nothing is connected."""
    name, settings = _attachment_of(adapter)
    if name and not _trace_problem(adapter):
        settings["Capture"] = adapter.trace_file if adapter.trace else ""
    return name, settings


def _attachment_of(adapter: NetworkAdapter) -> Driver:
    match adapter.attachment:
        case Attachment.NAT:
            return "NAT", _nat_settings(adapter)
        case Attachment.INTERNAL:
            return "IntNet", _member_settings(adapter, INTERNAL, adapter.internal_network)
        case Attachment.NAT_NETWORK:
            return "IntNet", _member_settings(adapter, NAT_NETWORK, adapter.nat_network)
        case Attachment.HOST_ONLY:
            return "IntNet", _member_settings(adapter, HOST_ONLY, adapter.host_only_interface)
        case Attachment.BRIDGED:
            return "Bridged", {"Interface": adapter.bridged_interface}
        case Attachment.GENERIC if adapter.generic_driver in GENERIC_DRIVERS:
            return adapter.generic_driver, dict(adapter.generic_properties)
    return "", {}


def _trace_problem(adapter: NetworkAdapter) -> str:
    if adapter.trace and not os.path.isabs(adapter.trace_file):
        return f"'{adapter.trace_file}' is not the whole path of a file"
    return ""


def _nat_settings(adapter: NetworkAdapter) -> dict[str, Value]:
    nat = adapter.nat
    return {
        "Adapter": adapter.slot,
        "Network": nat.network,
        "BindIP": nat.host_ip,
        "LocalhostReachable": nat.localhost_reachable,
        "Forwards": "\n".join(_rule(each) for each in nat.forwardings),
        "PassDomain": nat.dns_pass_domain,
        "NextServer": nat.tftp_next_server,
        "BootFile": nat.tftp_boot_file,
        "TFTPPrefix": nat.tftp_prefix,
        "SocketReceiveBuffer": nat.socket_receive_kb,
        "SocketSendBuffer": nat.socket_send_kb,
    }


def _member_settings(adapter: NetworkAdapter, kind: str, network: str) -> dict[str, Value]:
    mac = adapter.mac_address
    return {
        "Socket": network_socket(config_folder(), kind, network),
        # The switch learns the address of one that has none in its settings.
        "MAC": mac if len(mac) == _MAC_DIGITS else "",
        "IfPolicyPromisc": adapter.promiscuous_mode,
    }


def _rule(forwarding: PortForwarding) -> str:
    return ",".join(
        (
            forwarding.name,
            _PROTOCOLS[forwarding.protocol],
            forwarding.host_ip,
            str(forwarding.host_port),
            forwarding.guest_ip,
            str(forwarding.guest_port),
        )
    )


def change_adapters(vm: VM, old: Sequence[NetworkAdapter], new: Sequence[NetworkAdapter]) -> None:
    """Follow changed cables and attachments.

    Args:
        vm: the running machine; adapters that it does not have are left out.
        old: settings of the adapters as they are.
        new: settings as they shall be.

    Raises:
        EngineError: what an adapter shall be attached to cannot be opened.
    """
    wanted = {adapter.slot: adapter for adapter in new}
    for before in old:
        after = wanted.get(before.slot)
        if after is None or not before.enabled or _absence(before):
            continue
        instance = f"{nic_device(before.type)}/{before.slot}"
        _follow_attachment(vm, instance, driver_of(before), driver_of(after))
        if before.cable_connected != after.cable_connected:
            vm.set_cable(instance, connected=after.cable_connected)


def network_activity(vm: VM) -> tuple[int, int]:
    """Return the frames that all adapters have received and transmitted. Any thread may ask."""
    adapters = (each for each in vm.devices.devices.values() if isinstance(each, NetworkDevice))
    moved = [adapter.traffic() for adapter in adapters]
    received = sum(traffic.frames_received for traffic in moved)
    return received, sum(traffic.frames_transmitted for traffic in moved)


def _follow_attachment(vm: VM, instance: str, old: Driver, new: Driver) -> None:
    if old == new:
        return
    outer = vm.attached(instance, 0)
    link = outer.inner if isinstance(outer, CapturedLink) else outer
    match _changed(old, new):
        case ["Forwards"] if isinstance(link, Nat):
            # Forwards alone come and go without a break in what the guest does.
            _follow_forwards(link, _rules(old), _rules(new))
            return
        case ["IfPolicyPromisc"] if isinstance(link, InternalNetwork):
            link.set_policy(POLICIES[str(new[1]["IfPolicyPromisc"])])
            return
        case ["Capture"] if isinstance(link, NetworkLink):
            _recapture(vm, instance, link, str(new[1].get("Capture", "")))
            return
    # The old one goes first, as both may want the same port of the host.
    _close(vm.attach(instance, 0, None))
    name, settings = new
    if name:
        node = Node(f"/Devices/{instance}/LUN#0")
        node.set({"Driver": name})
        node.child("Config").set(settings)
        vm.attach(instance, 0, make_driver(node))


def _changed(old: Driver, new: Driver) -> list[str]:
    """Names of the settings that differ; of different drivers that of the driver."""
    if old[0] != new[0]:
        return ["Driver"]
    return [key for key in old[1] | new[1] if old[1].get(key) != new[1].get(key)]


def _follow_forwards(nat: Nat, old: set[str], new: set[str]) -> None:
    for rule in old - new:
        nat.remove_forward(Forward.parse(rule).name)
    for rule in new - old:
        nat.add_forward(Forward.parse(rule))


def _rules(driver: Driver) -> set[str]:
    """Forwarding rules in the settings of a driver."""
    return set(str(driver[1].get("Forwards", "")).splitlines())


def _recapture(vm: VM, instance: str, link: NetworkLink, path: str) -> None:
    """Start or end the capture of a link; its connections go on."""
    capture = CaptureFile(path) if path else None
    before = vm.attach(instance, 0, None)
    if isinstance(before, CapturedLink):
        before.end_capture()
    vm.attach(instance, 0, CapturedLink(link, capture) if capture else link)


def _close(driver: Any) -> None:
    close = getattr(driver, "close", None)
    if close is not None:
        close()
