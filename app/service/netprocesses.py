"""The processes of networks: what NAT networks and DHCP servers do, as the settings tell.

A network of machines is a process with the network's switch (``python -m engine.net.hub``), which
the first machine starts. NAT and DHCP run in it; their settings are in a file beside its socket,
which this module writes. So they also run when the service has left meanwhile. A network that was
started by a client keeps its process as long as the service lives, also without machines.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.networkplace import HOST_ONLY, INTERNAL, NAT_NETWORK, network_socket
from app.api.starter import PROGRAM_ROOT
from app.service.dhcpoptions import encoded_options
from app.service.host.networks import (
    NETWORK_PREFIX,
    host_only_interfaces,
    may_make_interfaces,
)

if TYPE_CHECKING:
    from app.api.hoststructs import HostNetworkInterface
    from app.service.registry import Registry
    from app.settings.installation import DhcpServer, NatNetwork
    from app.settings.netservices import DhcpConfig, DhcpGroup, DhcpIndividual

_logger = logging.getLogger(__name__)

_HOST_ONLY_NETWORK: Final = "HostOnlyNetworking-"
"""How VirtualBox begins the names of networks that macOS has instead of host-only interfaces."""

_START: Final = b"VS"
_STOP: Final = b"VE"
"""Records of the process's protocol; see ``engine/net/membership.py``."""

_PATIENCE_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.05
_LEASE_SECONDS: Final = 600  # VirtualBox's
_EVERYBODY: Final = {"what": 0, "value": "*", "pattern": True}


class NetworkProcesses:
    """Keeps the settings of the networks' processes, and starts and stops their services.

    Args:
        home: Configuration directory.
        registry: Has the settings of the installation and the machines.
    """

    def __init__(self, home: Path, registry: Registry) -> None:
        self._home = str(home)
        self._registry = registry
        self._lock = threading.Lock()
        self._written: dict[str, bytes] = {}
        self._held: dict[str, socket.socket] = {}

    def follow(self, services: dict[str, bytes] | None = None) -> None:
        """Write what the settings tell, and have the processes that run act on it.

        A network whose settings cannot be written is logged and goes on as it was.

        Args:
            services: settings by the sockets of networks, instead of what the settings tell.
        """
        with self._lock:
            try:
                wanted = self._wanted() | (services or {})
            except ApiError as error:
                _logger.error("%s", error)
                return
            for path in self._written.keys() - wanted.keys():
                wanted[path] = b"{}"
            for path, data in wanted.items():
                if self._written.get(path) == data:
                    continue
                try:
                    _replace(Path(f"{path}.json"), data)
                except OSError as error:
                    _logger.error("'%s.json' cannot be written: %s", path, error)
                    continue
                self._written[path] = data
                self._apply(path)

    def start(self, kind: str, name: str, services: dict[str, Any] | None = None) -> None:
        """Start the services of a network.

        Args:
            kind: What sort of network it is.
            name: Name of the network.
            services: Instead of what the settings tell.

        Raises:
            ApiError: ``VBOX_E_HOST_ERROR``: its process does not start, or cannot do all that it
                shall (tells what); it does the rest then.
        """
        path = network_socket(self._home, kind, name)
        self.follow({path: msgspec.json.encode(services)} if services else None)
        with self._lock:
            end = self._held.pop(path, None) or self._reach(path, name)
            problem = _ask(end, _START)
            if problem is None:
                end.close()
                raise _failed(f"The process of the network '{name}' has ended.")
            self._held[path] = end
        if problem:
            raise _failed(problem)

    def stop(self, kind: str, name: str) -> None:
        """Stop the services of a network; machines go on to reach each other."""
        with self._lock:
            path = network_socket(self._home, kind, name)
            end = self._held.pop(path, None) or _connect(path)
            if end is not None:
                _ask(end, _STOP)
                end.close()

    def show_interface(self, name: str) -> None:
        """Have the host show a host-only interface as the settings tell, if it lets us.

        Else an administrator makes it; machines say so when they cannot reach the host.
        """
        self._change_interface(name)

    def remove_interface(self, name: str) -> None:
        """Remove a host-only interface, which the settings know no more, from the host."""
        self._change_interface(name, {"tap": {"name": name, "persistent": False}})
        self.follow()

    def _change_interface(self, name: str, services: dict[str, Any] | None = None) -> None:
        if not may_make_interfaces():
            self.follow()
            return
        try:
            self.start(HOST_ONLY, name, services)
            if services:
                self.stop(HOST_ONLY, name)
        except ApiError as error:
            _logger.warning("%s", error)

    def close(self) -> None:
        """Let the processes go that run for nothing but this service."""
        with self._lock:
            while self._held:
                self._held.popitem()[1].close()

    def _apply(self, path: str) -> None:
        held = self._held.get(path)
        end = held or _connect(path)
        if end is None:
            return
        problem = _ask(end, _START)
        if problem:
            _logger.warning("%s", problem)
        if held is None:
            end.close()
        elif problem is None:
            self._held.pop(path).close()

    def _reach(self, path: str, name: str) -> socket.socket:
        end = _connect(path)
        if end is not None:
            return end
        if sys.platform == "win32":
            raise _failed("Networks of machines need Unix sockets, which this host does not have.")
        deadline = time.monotonic() + _PATIENCE_SECONDS
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "engine.net.hub", path],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=PROGRAM_ROOT,
                start_new_session=True,
            )
        except OSError as error:
            raise _failed(
                f"The process of the network '{name}' cannot be started: {error.strerror}."
            ) from error
        threading.Thread(target=process.wait, name="network", daemon=True).start()
        while time.monotonic() < deadline:
            end = _connect(path)
            if end is not None:
                return end
            time.sleep(_POLL_SECONDS)
        raise _failed(f"The process of the network '{name}' does not answer.")

    def _wanted(self) -> dict[str, bytes]:
        """Settings by the sockets of their networks."""
        settings = self._registry.settings
        networks: dict[tuple[str, str], dict[str, Any]] = {
            (NAT_NETWORK, each.name): {"nat": _nat(each)}
            for each in settings.nat_networks
            if each.enabled
        }
        for interface in host_only_interfaces(settings.extra_data):
            networks[HOST_ONLY, interface.name] = {"tap": _tap(interface)}
        for server in settings.dhcp_servers:
            place = dhcp_network(server.network_name)
            if not server.enabled or place is None:
                continue
            try:
                services = {"dhcp": self._dhcp(server)}
            except ApiError as error:
                _logger.warning("DHCP server of '%s': %s", server.network_name, error)
                continue
            networks.setdefault(place, {}).update(services)
        return {
            network_socket(self._home, kind, name): msgspec.json.encode(services)
            for (kind, name), services in networks.items()
        }

    def _dhcp(self, server: DhcpServer) -> dict[str, Any]:
        config = server.global_config
        known = [(each, self._digits_of(each)) for each in server.individuals]
        clients = [(each, mac) for each, mac in known if mac]
        return {
            "address": server.address,
            "mask": server.network_mask,
            "lower": server.lower_address,
            "upper": server.upper_address,
            "lease_seconds": config.default_lease_time_s or _LEASE_SECONDS,
            "fixed": {mac: each.fixed_address for each, mac in clients if each.fixed_address},
            "options": encoded_options(config),
            "rules": [
                *(_of_client(each, mac) for each, mac in clients),
                *(_of_group(each) for each in server.groups),
                {"conditions": [_EVERYBODY], "suppressed": _suppressed(config)},
            ],
        }

    def _digits_of(self, client: DhcpIndividual) -> str:
        """Digits of a client's MAC address; none when its machine is not there."""
        mac = client.mac_address or self._mac_of(client.machine, client.slot)
        return mac.replace(":", "").replace("-", "").lower()

    def _mac_of(self, machine: str, slot: int) -> str:
        with contextlib.suppress(ApiError):
            hardware = self._registry.find(machine).settings.hardware
            for adapter in hardware.network_adapters:
                if adapter.slot == slot:
                    return adapter.mac_address
        return ""


def dhcp_network(name: str) -> tuple[str, str] | None:
    """Kind and name of the network that a DHCP server names; None: there can be no such network."""
    if name.startswith(_HOST_ONLY_NETWORK):
        return None
    if name.startswith(NETWORK_PREFIX):
        return HOST_ONLY, name.removeprefix(NETWORK_PREFIX)
    return INTERNAL, name


def _of_client(client: DhcpIndividual, mac: str) -> dict[str, Any]:
    return {"conditions": [{"what": 0, "value": mac}], **_difference(client)}


def _of_group(group: DhcpGroup) -> dict[str, Any]:
    conditions = [
        {
            # An even type is exact, the odd one after it has wildcards.
            "what": each.type // 2,
            "value": each.value,
            "pattern": bool(each.type % 2),
            "inclusive": each.inclusive,
        }
        for each in group.conditions
    ]
    return {"conditions": conditions, **_difference(group)}


def _difference(config: DhcpConfig) -> dict[str, Any]:
    return {
        "options": encoded_options(config),
        "suppressed": _suppressed(config),
        "lease_seconds": config.default_lease_time_s,
    }


def _suppressed(config: DhcpConfig) -> list[int]:
    return [int(word) for word in config.suppressed_options.split() if word.isdecimal()]


def _tap(interface: HostNetworkInterface) -> dict[str, Any]:
    return {
        "name": interface.name,
        "address": interface.ip_address,
        "mask": interface.network_mask,
        "mac": interface.hardware_address.replace(":", ""),
    }


def _nat(network: NatNetwork) -> dict[str, Any]:
    return {
        "network": network.network,
        "dhcp": network.need_dhcp,
        "forwards": [
            ",".join(
                (
                    rule.name,
                    "tcp" if rule.protocol else "udp",
                    rule.host_ip,
                    str(rule.host_port),
                    rule.guest_ip,
                    str(rule.guest_port),
                )
            )
            for rule in network.forwardings
        ],
        "loopbacks": {each.offset: each.address for each in network.loopbacks},
    }


def _replace(path: Path, data: bytes) -> None:
    fd, name = tempfile.mkstemp(prefix=".net-", dir=path.parent)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise


def _connect(path: str) -> socket.socket | None:
    if not hasattr(socket, "AF_UNIX"):
        return None
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    end.settimeout(_PATIENCE_SECONDS)
    try:
        end.connect(path)
    except OSError:
        end.close()
        return None
    return end


def _ask(end: socket.socket, record: bytes) -> str | None:
    """Answer to a record; None when there is none."""
    try:
        end.sendall(len(record).to_bytes(4, "big") + record)
        with end.makefile("rb") as answers:
            head = answers.read(4)
            data = answers.read(int.from_bytes(head, "big"))
    except OSError:
        return None
    return data.decode(errors="replace") if len(head) == 4 else None


def _failed(sentence: str) -> ApiError:
    return ApiError(ErrorCode.VBOX_E_HOST_ERROR, sentence, "network")
