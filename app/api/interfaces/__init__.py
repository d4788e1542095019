"""Interfaces of the Main API, one file each; :mod:`app.api.schema` tells how to declare them.

Each is imported when it is first used. A new one gets a file that bears its name on the wire, and a
line in each of the three lists here (for type checkers, for readers, and where it is).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.api.interfaces.cloud_network import CloudNetworks
    from app.api.interfaces.console import Console
    from app.api.interfaces.debugger import Debugger
    from app.api.interfaces.dhcp_server import DhcpServers
    from app.api.interfaces.guest_property import GuestProperties
    from app.api.interfaces.host import Host
    from app.api.interfaces.host_only_network import HostOnlyNetworks
    from app.api.interfaces.internal_network import InternalNetworks
    from app.api.interfaces.machine import Machine
    from app.api.interfaces.medium import Medium
    from app.api.interfaces.nat_network import NatNetworks
    from app.api.interfaces.performance import PerformanceCollector
    from app.api.interfaces.progress import Progress
    from app.api.interfaces.saved_state import SavedState
    from app.api.interfaces.session import Session
    from app.api.interfaces.shared_folder import TransientSharedFolders
    from app.api.interfaces.snapshot import Snapshots
    from app.api.interfaces.system_properties import PropertySetter
    from app.api.interfaces.virtualbox import VirtualBox

__all__ = [
    "CloudNetworks",
    "Console",
    "Debugger",
    "DhcpServers",
    "GuestProperties",
    "Host",
    "HostOnlyNetworks",
    "InternalNetworks",
    "Machine",
    "Medium",
    "NatNetworks",
    "PerformanceCollector",
    "Progress",
    "PropertySetter",
    "SavedState",
    "Session",
    "Snapshots",
    "TransientSharedFolders",
    "VirtualBox",
]


_MODULES = {
    "CloudNetworks": "cloud_network",
    "Console": "console",
    "Debugger": "debugger",
    "DhcpServers": "dhcp_server",
    "GuestProperties": "guest_property",
    "Host": "host",
    "HostOnlyNetworks": "host_only_network",
    "InternalNetworks": "internal_network",
    "Machine": "machine",
    "Medium": "medium",
    "NatNetworks": "nat_network",
    "PerformanceCollector": "performance",
    "Progress": "progress",
    "PropertySetter": "system_properties",
    "SavedState": "saved_state",
    "Session": "session",
    "Snapshots": "snapshot",
    "TransientSharedFolders": "shared_folder",
    "VirtualBox": "virtualbox",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
