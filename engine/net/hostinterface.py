"""Network interfaces of the host, as Linux shows and changes them: sysfs and netdevice(7).

What changes something needs the capability ``CAP_NET_ADMIN`` in the network namespace.
"""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path
from typing import Final

_SYSFS: Final = Path("/sys/class/net")
_STATUS: Final = Path("/proc/self/status")
_CAP_NET_ADMIN: Final = 12

# linux/sockios.h
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _SIOCGIFADDR, _SIOCSIFADDR = 0x8913, 0x8914, 0x8915, 0x8916
_SIOCGIFNETMASK, _SIOCSIFNETMASK, _SIOCSIFHWADDR, _SIOCBRADDIF = 0x891B, 0x891C, 0x8924, 0x89A2
_REQUEST: Final = struct.Struct("16s24s")  # struct ifreq
_ARPHRD_ETHER: Final = 1
_IFF_UP: Final = 1
_IFF_TAP: Final = 2

NAME_BYTES: Final = 15
"""Longest name of an interface."""


def may_administer() -> bool:
    """Tell whether this process may make and change interfaces."""
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        return False
    effective = next((row.split()[1] for row in lines if row.startswith("CapEff:")), "0")
    return bool(int(effective, 16) >> _CAP_NET_ADMIN & 1)


def exists(name: str) -> bool:
    """Tell whether there is such an interface."""
    return bool(name) and "/" not in name and (_SYSFS / name).exists()


def is_tap(name: str) -> bool:
    """Tell whether an interface is a TAP interface."""
    return exists(name) and bool(int(_attribute(name, "tun_flags") or "0", 16) & _IFF_TAP)


def owner(name: str) -> int:
    """Return the user who may use a TAP interface, -1 for nobody in particular."""
    return int(_attribute(name, "owner") or -1)


def mac(name: str) -> bytes:
    """Return the address of an interface's adapter."""
    return bytes.fromhex(_attribute(name, "address").replace(":", ""))


def bridge_of(name: str) -> str:
    """Return the bridge that an interface is or belongs to; empty: there is none."""
    if (_SYSFS / name / "bridge").exists():
        return name
    try:
        return os.path.basename((_SYSFS / name / "brport" / "bridge").readlink())
    except OSError:
        return ""


def ipv4(name: str) -> tuple[str, str]:
    """Return the IPv4 address and mask; empty texts: it has none."""
    try:
        address, mask = (_request(each, name) for each in (_SIOCGIFADDR, _SIOCGIFNETMASK))
    except OSError:
        return "", ""
    return socket.inet_ntoa(address[4:8]), socket.inet_ntoa(mask[4:8])


def set_ipv4(name: str, address: str, mask: str) -> None:
    """Give an interface an address.

    Raises:
        OSError: it cannot be given.
    """
    for request, value in ((_SIOCSIFADDR, address), (_SIOCSIFNETMASK, mask)):
        _request(request, name, struct.pack("=HH4s", socket.AF_INET, 0, socket.inet_aton(value)))


def set_mac(name: str, address: bytes) -> None:
    """Give an interface's adapter an address.

    Raises:
        OSError: it cannot be given.
    """
    _request(_SIOCSIFHWADDR, name, struct.pack("=H6s", _ARPHRD_ETHER, address))


def bring_up(name: str) -> None:
    """Switch an interface on unless it is.

    Raises:
        OSError: it cannot be.
    """
    (flags,) = struct.unpack_from("=H", _request(_SIOCGIFFLAGS, name))
    if not flags & _IFF_UP:
        _request(_SIOCSIFFLAGS, name, struct.pack("=H", flags | _IFF_UP))


def add_to_bridge(bridge: str, name: str) -> None:
    """Make an interface a port of a bridge.

    Raises:
        OSError: it cannot be.
    """
    _request(_SIOCBRADDIF, bridge, struct.pack("=i", socket.if_nametoindex(name)))


def _attribute(name: str, attribute: str) -> str:
    try:
        return (_SYSFS / name / attribute).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _request(number: int, name: str, data: bytes = b"") -> bytes:
    """Make a request about an interface; return what the kernel has put behind the name."""
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        answer: bytes = fcntl.ioctl(end.fileno(), number, _REQUEST.pack(name.encode(), data))
    return answer[16:]
