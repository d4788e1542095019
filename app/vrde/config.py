"""What the settings of a remote display mean for the RFB server."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode
from app.settings.enums import VrdeAuthType
from app.vrde.users import AUTH_SIMPLE, users_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.vrde.module import ServerOrder

DEFAULT_PORTS: Final = "3389"
"""VirtualBox's; also what the port 0 stands for."""
DEFAULT_ADDRESS: Final = "127.0.0.1"
MAX_PORTS: Final = 1000
_MAX_PORT: Final = 65535

_METHODS: Final = ("", "tls", "negotiate")


@dataclass(frozen=True)
class RfbConfig:
    """How the server behaves.

    Attributes:
        address: literal IPv4 or IPv6 address to listen on.
        ports: to be tried in this order.
        password: of VNC authentication; None: it is not offered.
        users: SHA-256 of passwords by user name, in hexadecimal; None: clients name no user.
        tls: VeNCrypt is offered.
        plain: what is not encrypted is offered.
        certificate: files with the server's certificate and its key; None: one is made.
        authority: file with the certificate of who issued it, which clients get too; None: there
            is none.
        handshake_seconds: time for what the client's program has to answer.
        shared: several clients at a time.
        takeover: a new client takes the place of the one before; else it is refused.
    """

    address: str
    ports: tuple[int, ...]
    password: str | None = None
    users: Mapping[str, str] | None = None
    tls: bool = False
    plain: bool = True
    certificate: tuple[Path, Path] | None = None
    authority: Path | None = None
    handshake_seconds: float = 5.0
    shared: bool = False
    takeover: bool = False


def _invalid(sentence: str) -> ApiError:
    return ApiError(ErrorCode.E_INVALIDARG, sentence, "vrde")


def parse_ports(text: str) -> tuple[int, ...]:
    """Return the ports of a list such as ``5000,5010-5012``; ``0`` and nothing are the default.

    Raises:
        ApiError: ``E_INVALIDARG``: it is no list of ports, or has more than ``MAX_PORTS``.
    """
    ports: list[int] = []
    for part in (text.strip() or DEFAULT_PORTS).split(","):
        first, dash, last = (word.strip() for word in part.partition("-"))
        words = (first, last) if dash else (first, first)
        if not all(word.isascii() and word.isdecimal() and len(word) <= 5 for word in words):
            raise _invalid(f"'{part}' in the ports '{text}' of the remote display is no port.")
        begin, end = map(int, words)
        if not begin <= end <= _MAX_PORT:
            raise _invalid(f"'{part}' is no range of TCP ports; they are 1 to {_MAX_PORT}.")
        ports += range(begin, end + 1)
        if len(ports) > MAX_PORTS:
            raise _invalid(f"The ports '{text}' of the remote display are more than {MAX_PORTS}.")
    default = int(DEFAULT_PORTS)
    return tuple(dict.fromkeys(port or default for port in ports))


def _parse_address(text: str) -> str:
    text = text.strip() or DEFAULT_ADDRESS
    if text == "localhost":
        return DEFAULT_ADDRESS
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise _invalid(
            f"'{text}' is no address that the remote display can listen on; give an IPv4 or IPv6 "
            "address of this host."
        ) from None


def plan_server(order: ServerOrder) -> RfbConfig:
    """Return what the settings ask for.

    Raises:
        ApiError: ``E_INVALIDARG``: a value makes no sense, or the server would let anybody in who
            reaches it; ``VBOX_E_NOT_SUPPORTED``: it asks for what RFB or this version has not.
    """
    settings, properties = order.settings, order.settings.properties
    method = properties.get("Security/Method", "").lower()
    if method not in _METHODS:
        raise ApiError(
            ErrorCode.VBOX_E_NOT_SUPPORTED,
            f"Security/Method '{method}' is not for this remote display: it is TLS or Negotiate.",
            "vrde",
        )
    config = RfbConfig(
        address=_parse_address(properties.get("TCP/Address", "")),
        ports=parse_ports(properties.get("TCP/Ports", "")),
        password=properties.get("VNCPassword") or None,
        users=_users(order),
        tls=bool(method) or "Security/ServerCertificate" in properties,
        plain=method != "tls",
        certificate=_certificate(order),
        authority=_authority(order),
        handshake_seconds=max(1.0, settings.auth_timeout_ms / 1000),
        shared=settings.allow_multi_connection,
        takeover=settings.reuse_single_connection,
    )
    _require_authentication(config)
    return config


def _users(order: ServerOrder) -> Mapping[str, str] | None:
    kind = order.settings.auth_type
    if kind == VrdeAuthType.NULL:
        return None
    if kind == VrdeAuthType.GUEST:
        raise ApiError(
            ErrorCode.VBOX_E_NOT_SUPPORTED,
            "The guest cannot check users of the remote display, as that needs Guest Additions; "
            "choose another authentication method.",
            "vrde",
        )
    library = order.settings.auth_library or AUTH_SIMPLE
    if library != AUTH_SIMPLE:
        raise ApiError(
            ErrorCode.VBOX_E_NOT_SUPPORTED,
            f"There is no authentication library '{library}'; the built-in one is '{AUTH_SIMPLE}'.",
            "vrde",
        )
    users = users_of(order.secrets)
    if not users:
        raise _invalid(
            "External authentication needs a user: set the extra data 'VBoxAuthSimple/users/NAME' "
            "of the machine to the SHA-256 of the password."
        )
    return users


def _certificate(order: ServerOrder) -> tuple[Path, Path] | None:
    properties = order.settings.properties
    certificate = properties.get("Security/ServerCertificate", "")
    key = properties.get("Security/ServerPrivateKey", "")
    if not certificate and not key:
        return None
    if not certificate:
        raise _invalid("Security/ServerPrivateKey needs Security/ServerCertificate as well.")
    return order.folder / certificate, order.folder / (key or certificate)


def _authority(order: ServerOrder) -> Path | None:
    properties = order.settings.properties
    authority = properties.get("Security/CACertificate", "")
    if authority and "Security/ServerCertificate" not in properties:
        raise _invalid("Security/CACertificate needs Security/ServerCertificate, which it issued.")
    return order.folder / authority if authority else None


def _require_authentication(config: RfbConfig) -> None:
    if config.users is None and config.password is None:
        if not ipaddress.ip_address(config.address).is_loopback:
            raise _invalid(
                f"The remote display does not listen on {config.address} without a password: "
                "anybody who reaches it could use the machine. Set one (modifyvm --vrde-property "
                f"VNCPassword=...) or use the address {DEFAULT_ADDRESS}."
            )
    elif config.users is not None and not config.tls:
        raise _invalid(
            "Names and passwords of external authentication travel encrypted only: set the "
            "property Security/Method to TLS."
        )
