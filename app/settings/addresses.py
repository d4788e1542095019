"""Addresses of network adapters."""

from __future__ import annotations

import secrets

VENDOR_PREFIX = "080027"
"""Vendor part of the addresses that VirtualBox hands out; guests and scripts know it."""


def new_mac_address() -> str:
    """Return a new address: twelve hexadecimal digits in upper case."""
    return VENDOR_PREFIX + secrets.token_hex(3).upper()
