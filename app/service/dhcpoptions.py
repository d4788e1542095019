"""DHCP options as the settings spell them, in the bytes that clients get (RFC 2132)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from app.service.netservices import invalid

if TYPE_CHECKING:
    from app.settings.netservices import DhcpConfig, DhcpOption

_ADDRESSES: Final = frozenset(
    {1, *range(3, 12), 16, 21, 28, 32, 33, 41, 42, 44, 45, 48, 49, 65, *range(68, 77)}
)
"""Options that hold IPv4 addresses; some of them pairs."""

_BYTES: Final = {
    **dict.fromkeys((2, 24, 35, 38), 4),
    **dict.fromkeys((13, 22, 26), 2),
    **dict.fromkeys((19, 20, 23, 27, 29, 30, 31, 34, 36, 37, 39, 46), 1),
}
"""Width of options that hold a number."""

_HEXADECIMAL: Final = 1


def encoded_options(config: DhcpConfig) -> dict[int, str]:
    """Options that clients get, as hexadecimal digits by their codes.

    Raises:
        ApiError: ``E_INVALIDARG``: a value does not suit its option (names it).
    """
    suppressed = config.suppressed_options.split()
    return {
        option.code: _encoded(option).hex()
        for option in config.options
        if str(option.code) not in suppressed
    }


def _encoded(option: DhcpOption) -> bytes:
    text = option.value.strip()
    try:
        if option.encoding == _HEXADECIMAL:
            return bytes.fromhex(text.replace(":", ""))
        if option.code in _ADDRESSES:
            words = text.replace(",", " ").split()
            return b"".join(ipaddress.IPv4Address(word).packed for word in words)
        if option.code in _BYTES:
            return int(text, 0).to_bytes(_BYTES[option.code], "big")
        return text.encode()
    except (ValueError, OverflowError) as error:
        raise invalid(f"'{text}' is no value for the DHCP option {option.code}.") from error
