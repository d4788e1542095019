"""Network interfaces of the host, and the host-only interfaces of the installation.

The former are read from the kernel (sysfs, ``SIOCGIF*`` on Linux); the latter are settings: extra
data under ``HostOnly/vboxnetN/``, with VirtualBox's keys. What is in the host of a host-only
interface is made by the process of its network (:mod:`app.service.netprocesses`).
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import struct
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.api.errors import ApiError, ErrorCode
from app.api.hoststructs import HostInterfaceType, HostNetworkInterface

NETWORK_PREFIX: Final = "HostInterfaceNetworking-"
"""Before the name of an interface: the network of the machines that are on it."""

_SYSFS: Final = Path("/sys/class/net")
_ROUTES: Final = Path("/proc/net/route")
_IPV6: Final = Path("/proc/net/if_inet6")
_STATUS: Final = Path("/proc/self/status")
_CAP_NET_ADMIN: Final = 12
_TUN_DEVICE: Final = Path(os.environ.get("VITRINE_TUN", "/dev/net/tun"))

_SIOCGIFADDR: Final = 0x8915
_SIOCGIFNETMASK: Final = 0x891B
_IFF_UP: Final = 1
_IFF_LOOPBACK: Final = 8

_MEDIUM_TYPES: Final = {1: "Ethernet", 256: "SLIP", 512: "PPP"}
"""``ARPHRD_*`` of Linux (``if_arp.h``)."""

_EXTRA_DATA: Final = re.compile(r"HostOnly/(?P<name>[^/]+)/(?P<key>[^/]+)")
_HOST_ONLY_NAME: Final = re.compile(r"vboxnet(\d+)")
_FIRST_NETWORK: Final = int(ipaddress.IPv4Address("192.168.56.1"))
_NETWORKS: Final = 200
"""Host-only networks from 192.168.56.0/24 to 192.168.255.0/24."""

_DEFAULT_IPV6_PREFIX: Final = 64


# -- interfaces of the host ------------------------------------------------------------------------


def bridgeable_interfaces(extra_data: dict[str, str]) -> list[HostNetworkInterface]:
    """Interfaces of the host except the loopback and host-only ones, the default route's first."""
    try:
        names = sorted(entry.name for entry in _SYSFS.iterdir())
    except OSError:
        names = sorted(name for _index, name in socket.if_nameindex()) if _has_names() else []
    default = _default_route()
    names.sort(key=lambda name: name != default)
    own = {interface.name for interface in host_only_interfaces(extra_data)}
    return [
        _interface(name)
        for name in names
        if name not in own and not _flags(name) & _IFF_LOOPBACK
    ]


def may_make_interfaces() -> bool:
    """Tell whether processes of this user may make TAP interfaces."""
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        return False
    effective = next((row.split()[1] for row in lines if row.startswith("CapEff:")), "0")
    return bool(int(effective, 16) >> _CAP_NET_ADMIN & 1) and os.access(_TUN_DEVICE, os.W_OK)


def _has_names() -> bool:
    return hasattr(socket, "if_nameindex")


def _interface(name: str) -> HostNetworkInterface:
    mac = _sysfs(name, "address") or "00:00:00:00:00:00"
    ipv6, prefix = _ipv6_address(name)
    return HostNetworkInterface(
        name=name,
        id=interface_id(name, mac),
        type=HostInterfaceType.BRIDGED,
        ip_address=_ipv4(name, _SIOCGIFADDR),
        network_mask=_ipv4(name, _SIOCGIFNETMASK),
        ipv6_address=ipv6,
        ipv6_prefix_length=prefix,
        hardware_address=mac,
        medium_type=_MEDIUM_TYPES.get(int(_sysfs(name, "type") or 0), "Unknown"),
        wireless=(_SYSFS / name / "wireless").exists(),
        up=bool(_flags(name) & _IFF_UP),
        network_name=NETWORK_PREFIX + name,
    )


def interface_id(name: str, mac: str) -> str:
    """UUID of an interface: up to eight bytes of its name, then its MAC address.

    It is the UUID that VirtualBox shows on Linux, so that what refers to it goes on to fit.
    """
    fields = name.encode()[:8].ljust(8, b"\0") + b"\x80\0" + bytes.fromhex(mac.replace(":", ""))[:6]
    plain = uuid.UUID(bytes_le=fields.ljust(16, b"\0"))
    version = plain.time_hi_version & 0x0FFF | 0x4000
    return str(uuid.UUID(fields=(*plain.fields[:2], version, *plain.fields[3:])))


def _sysfs(name: str, attribute: str) -> str:
    try:
        return (_SYSFS / name / attribute).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _flags(name: str) -> int:
    return int(_sysfs(name, "flags") or "0", 16)


def _ipv4(name: str, request: int) -> str:
    if sys.platform != "linux":
        return ""
    import fcntl

    query = struct.pack("256s", name.encode()[:15])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            answer = fcntl.ioctl(probe.fileno(), request, query)
        except OSError:
            # The interface has no IPv4 address.
            return ""
    return socket.inet_ntoa(answer[20:24])


def _ipv6_address(name: str) -> tuple[str, int]:
    """IPv6 address and prefix length, a global address before a link-local one."""
    found = sorted(_ipv6_addresses(name), key=lambda item: item[0].is_link_local)
    return (str(found[0][0]), found[0][1]) if found else ("", 0)


def _ipv6_addresses(name: str) -> Iterator[tuple[ipaddress.IPv6Address, int]]:
    try:
        lines = _IPV6.read_text(encoding="ascii").splitlines()
    except OSError:
        return
    for line in lines:
        address, _index, prefix, _scope, _state, device = line.split()
        if device == name:
            yield ipaddress.IPv6Address(bytes.fromhex(address)), int(prefix, 16)


def _default_route() -> str:
    try:
        lines = _ROUTES.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return ""
    for line in lines:
        name, destination, *_rest = line.split()
        if destination == "00000000":
            return name
    return ""


# -- host-only interfaces ------------------------------------------------------------------------


def host_only_interfaces(extra_data: dict[str, str]) -> list[HostNetworkInterface]:
    """Host-only interfaces that the extra data of the installation hold, in order of numbers."""
    stored: dict[str, dict[str, str]] = {}
    for key, value in extra_data.items():
        match = _EXTRA_DATA.fullmatch(key)
        if match is not None:
            stored.setdefault(match["name"], {})[match["key"]] = value
    return [_host_only(name, stored[name]) for name in sorted(stored, key=_number_of)]


def new_host_only_interface(extra_data: dict[str, str]) -> str:
    """Add an interface with the first free number to the extra data; returns its name.

    Raises:
        ApiError: ``VBOX_E_MAXIMUM_REACHED``.
    """
    taken = {interface.name for interface in host_only_interfaces(extra_data)}
    name = next((f"vboxnet{n}" for n in range(_NETWORKS) if f"vboxnet{n}" not in taken), None)
    if name is None:
        raise ApiError(
            ErrorCode.VBOX_E_MAXIMUM_REACHED,
            f"There are {_NETWORKS} host-only interfaces already.",
            "host",
        )
    number = _number_of(name)[0]
    _put(extra_data, name, "Name", name)
    _put(extra_data, name, "IPAddress", str(ipaddress.IPv4Address(_FIRST_NETWORK + number * 256)))
    _put(extra_data, name, "IPNetMask", "255.255.255.0")
    return name


def configure_host_only_interface(
    extra_data: dict[str, str],
    name: str,
    *,
    dhcp: bool,
    ip_address: str,
    network_mask: str,
    ipv6_address: str,
    ipv6_prefix_length: int,
) -> None:
    """Change the addresses in the extra data; see ``host.configure_host_only_interface``."""
    require_host_only(extra_data, name)
    if dhcp:
        _put(extra_data, name, "IPAddress", "DHCP")
        _put(extra_data, name, "IPNetMask", "")
    elif ip_address:
        address = parse_ipv4(ip_address)
        mask = parse_mask(network_mask) if network_mask else _mask_of_class(address)
        _put(extra_data, name, "IPAddress", str(address))
        _put(extra_data, name, "IPNetMask", mask)
    elif not ipv6_address:
        raise _invalid("An IPv4 address, an IPv6 address or DHCP is needed.")
    if ipv6_address:
        try:
            address6 = ipaddress.IPv6Address(ipv6_address)
        except ValueError as error:
            raise _invalid(f"'{ipv6_address}' is not an IPv6 address.") from error
        if not 0 <= ipv6_prefix_length <= 128:
            raise _invalid(f"The IPv6 prefix length must be 0 to 128, not {ipv6_prefix_length}.")
        prefix = ipv6_prefix_length or _DEFAULT_IPV6_PREFIX
        _put(extra_data, name, "IPV6Address", str(address6))
        _put(extra_data, name, "IPV6NetMask", str(prefix))


def remove_host_only_interface(extra_data: dict[str, str], name: str) -> None:
    """Remove an interface from the extra data.

    Raises:
        ApiError: ``VBOX_E_OBJECT_NOT_FOUND``.
    """
    require_host_only(extra_data, name)
    for key in [key for key in extra_data if key.startswith(f"HostOnly/{name}/")]:
        del extra_data[key]


def require_host_only(extra_data: dict[str, str], name: str) -> HostNetworkInterface:
    """The host-only interface with this name.

    Raises:
        ApiError: ``VBOX_E_OBJECT_NOT_FOUND``.
    """
    for interface in host_only_interfaces(extra_data):
        if interface.name == name:
            return interface
    raise ApiError(
        ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
        f"The host network interface named '{name}' could not be found",
        "host",
    )


def parse_ipv4(text: str) -> ipaddress.IPv4Address:
    """An IPv4 address.

    Raises:
        ApiError: ``E_INVALIDARG``: it is none.
    """
    try:
        return ipaddress.IPv4Address(text)
    except ValueError as error:
        raise _invalid(f"'{text}' is not an IPv4 address.") from error


def parse_mask(text: str) -> str:
    """A network mask such as 255.255.255.0.

    Raises:
        ApiError: ``E_INVALIDARG``: it is none.
    """
    mask = parse_ipv4(text)
    inverse = ~int(mask) & 0xFFFFFFFF
    if inverse & (inverse + 1):
        raise _invalid(f"'{text}' is not a network mask.")
    return str(mask)


def _host_only(name: str, values: dict[str, str]) -> HostNetworkInterface:
    number = _number_of(name)[0]
    mac = f"0a:00:27:00:{number >> 8 & 0xFF:02x}:{number & 0xFF:02x}"
    address = values.get("IPAddress", "")
    dhcp = address == "DHCP"
    prefix = values.get("IPV6NetMask", "")
    return HostNetworkInterface(
        name=name,
        id=interface_id(name, mac),
        type=HostInterfaceType.HOST_ONLY,
        dhcp=dhcp,
        ip_address="" if dhcp else address,
        network_mask=values.get("IPNetMask", ""),
        ipv6_address=values.get("IPV6Address", ""),
        ipv6_prefix_length=int(prefix) if prefix.isdecimal() else 0,
        hardware_address=mac,
        up=bool(_flags(name) & _IFF_UP),
        network_name=NETWORK_PREFIX + name,
    )


def _number_of(name: str) -> tuple[int, str]:
    match = _HOST_ONLY_NAME.fullmatch(name)
    return (int(match[1]) if match else 0, name)


def _put(extra_data: dict[str, str], name: str, key: str, value: str) -> None:
    full = f"HostOnly/{name}/{key}"
    if value:
        extra_data[full] = value
    else:
        extra_data.pop(full, None)


def _mask_of_class(address: ipaddress.IPv4Address) -> str:
    first = int(address) >> 24
    return "255.0.0.0" if first < 128 else "255.255.0.0" if first < 192 else "255.255.255.0"


def _invalid(sentence: str) -> ApiError:
    return ApiError(ErrorCode.E_INVALIDARG, sentence, "host")
