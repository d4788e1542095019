"""Guest properties: short texts that a machine's guest and host tell each other (``IMachine``)."""

from __future__ import annotations

from typing import Protocol

from app.api.schema import interface
from app.settings.model import GuestProperty


@interface("guest_property", bound="id")
class GuestProperties(Protocol):
    """Methods of a machine's property store; every change is told as ``GuestPropertyChanged``.

    Flags are words separated by commas: ``TRANSIENT`` (gone when the machine stops),
    ``TRANSRESET`` (also at its reset), ``RDONLYGUEST``, ``RDONLYHOST`` or ``READONLY`` for both.
    """

    def get(self, name: str) -> GuestProperty | None:
        """The property with this name, or None."""

    def set(self, name: str, value: str, flags: str | None = None) -> None:
        """Store a property with the time of now; ``flags`` None leaves the flags as they are.

        Raises:
            ApiError: ``E_INVALIDARG``: name (1 to 63 bytes), value (up to 1023 bytes) or a flag
                is not allowed; ``E_ACCESSDENIED``: the host may not change the property.
        """

    def delete(self, name: str) -> None:
        """Remove a property, if there is one.

        Raises:
            ApiError: ``E_ACCESSDENIED``: the host may not change it.
        """

    def enumerate(self, patterns: str = "") -> list[GuestProperty]:
        """Properties whose names match one of the patterns, in the order of their names.

        Args:
            patterns: With ``*`` and ``?``, separated by ``|`` or commas; empty: all.
        """
