"""Cables to the host's own network: TAP interfaces of Linux, alone or in a bridge.

Reference: Linux, Documentation/networking/tuntap.rst. Whoever has ``CAP_NET_ADMIN`` makes such an
interface; without it one can be used that an administrator has made for the user.
"""

from __future__ import annotations

import os
import struct
import sys
from typing import Final

from engine.hostio.lines import DevicePeer
from engine.net import hostinterface
from engine.net.errors import NetworkDriverError
from engine.net.looplink import MessageLink

TUN_DEVICE: Final = os.environ.get("VITRINE_TUN", "/dev/net/tun")
"""The device behind all TAP interfaces; the variable is for hosts that have it elsewhere."""

_TUNSETIFF, _TUNSETPERSIST = 0x400454CA, 0x400454CB
_IFF_TAP, _IFF_NO_PI = 0x0002, 0x1000
_REQUEST: Final = struct.Struct("16sH22x")  # struct ifreq
_BRIDGED_NAME: Final = "vitrine%d"  # the kernel puts the first free number
_LONGEST_FRAME: Final = 65536


class Tap(MessageLink):
    """A TAP interface; a NetworkLink.

    Args:
        name: of the interface, which is made when it is not there and that is allowed; ``%d`` in
            it stands for the first free number.
        persistent: whether it stays when this is closed; None: as it was.
        mac: address of the host's adapter, if the interface is a new one; empty: a random one.

    Attributes:
        name: of the interface.

    Raises:
        NetworkDriverError: it cannot be had; tells what to do.
    """

    def __init__(
        self, name: str, *, persistent: bool | None = None, mac: bytes = b""
    ) -> None:
        problem = tap_problem(name)
        if problem:
            raise NetworkDriverError(problem)
        is_new = not hostinterface.exists(name)
        descriptor = os.open(TUN_DEVICE, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            self.name = _attach(descriptor, name, persistent)
            if mac and is_new:
                hostinterface.set_mac(self.name, mac)
        except OSError as error:
            os.close(descriptor)
            raise NetworkDriverError(
                f"The interface '{name}' cannot be used: {error.strerror}."
            ) from error
        super().__init__("tap", DevicePeer(descriptor), _LONGEST_FRAME)


def bridged(name: str) -> Tap:
    """Plug a cable into the network that an interface of the host belongs to.

    Args:
        name: a bridge, an interface in a bridge, or a TAP interface that is used itself.

    Raises:
        NetworkDriverError: it cannot be; tells what to do.
    """
    if not hostinterface.exists(name):
        raise NetworkDriverError(
            f"This host has no network interface '{name}'. Choose another one in the settings "
            "under Network."
        )
    if hostinterface.is_tap(name):
        return Tap(name)
    bridge = hostinterface.bridge_of(name)
    if not bridge:
        raise NetworkDriverError(
            f"The interface '{name}' is not part of a bridge. Have an administrator put it into "
            "one ('ip link add br0 type bridge', 'ip link set "
            f"{name} master br0'), or choose NAT in the settings under Network."
        )
    tap = Tap(_BRIDGED_NAME)
    try:
        hostinterface.add_to_bridge(bridge, tap.name)
        hostinterface.bring_up(tap.name)
    except OSError as error:
        tap.close()
        raise NetworkDriverError(
            f"Nothing can be plugged into the bridge '{bridge}': {error.strerror}."
        ) from error
    return tap


def tap_problem(name: str) -> str:
    """Return why a TAP interface of this name cannot be used, as a sentence; else nothing."""
    if sys.platform != "linux" or not os.path.exists(TUN_DEVICE):
        return (
            f"This host has no TAP interfaces ('{TUN_DEVICE}' is missing). Choose NAT or an "
            "internal network in the settings under Network."
        )
    if not name or len(name.encode()) > hostinterface.NAME_BYTES or "/" in name:
        return f"'{name}' cannot be the name of a network interface."
    present = hostinterface.exists(name)
    if present and not hostinterface.is_tap(name):
        return f"The interface '{name}' is there already, but is no TAP interface."
    device = os.access(TUN_DEVICE, os.R_OK | os.W_OK)
    own = present and hostinterface.owner(name) == os.getuid()
    if device and (own or hostinterface.may_administer()):
        return ""
    shown = name.replace("%d", "0")
    return (
        f"Only an administrator may make the interface '{shown}'. Have it made once: "
        f"'ip tuntap add dev {shown} mode tap user {os.getuid()}', 'ip link set {shown} up'."
    )


def _attach(descriptor: int, name: str, persistent: bool | None) -> str:
    """Make an open device the other end of an interface; return its name."""
    import fcntl

    request = _REQUEST.pack(name.encode(), _IFF_TAP | _IFF_NO_PI)
    answer: bytes = fcntl.ioctl(descriptor, _TUNSETIFF, request)
    if persistent is not None:
        fcntl.ioctl(descriptor, _TUNSETPERSIST, int(persistent))
    return answer[:16].rstrip(b"\0").decode()


def configure(tap: Tap, address: str, mask: str) -> str:
    """Switch an interface on with an address; return what is wrong, as a sentence, else nothing.

    Args:
        tap: the interface.
        address: IPv4 address of the host on it; empty: as it is.
        mask: of the network.
    """
    try:
        if address and hostinterface.ipv4(tap.name) != (address, mask):
            hostinterface.set_ipv4(tap.name, address, mask)
        hostinterface.bring_up(tap.name)
    except OSError as error:
        return (
            f"The interface '{tap.name}' cannot get the address {address}: {error.strerror}. "
            f"Have an administrator set it: 'ip address add {address}/{mask} dev {tap.name}', "
            f"'ip link set {tap.name} up'."
        )
    return ""
