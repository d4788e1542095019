"""What commands print: blocks of ``Name: value`` lines and the values in them."""

from __future__ import annotations

from typing import Final

from app.version import version

PRODUCT: Final = "Vitrine"
COMPATIBLE_RELEASE: Final = "7.1.12"
"""Release of VirtualBox whose command line this one speaks; scripts choose their words by it."""


def compatible_version() -> str:
    """What ``--version`` prints, in the shape of VirtualBox as distributions build it.

    Vagrant, Packer and others cut at the underscore and at the ``r`` of the revision.
    """
    return f"{COMPATIBLE_RELEASE}_Vitrine{version()}r0"


def banner() -> str:
    """Product and copyright line, printed before usage and help."""
    return (
        f"{PRODUCT} Command Line Management Interface Version {version()}\n"
        "Copyright (C) 2026 the Vitrine authors\n"
    )


def on_off(value: bool) -> str:
    """A switch as ``--machinereadable`` spells it."""
    return "on" if value else "off"


def enabled(value: bool) -> str:
    """A switch as people read it."""
    return "enabled" if value else "disabled"
