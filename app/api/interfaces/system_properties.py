"""``ISystemProperties``: properties of the installation by the names of ``setproperty``."""

from __future__ import annotations

from typing import Protocol

from app.api.schema import interface


@interface("system_properties")
class PropertySetter(Protocol):
    """Methods that change properties; ``virtualbox.get_system_properties`` reads them."""

    def list_names(self) -> list[str]:
        """Names of the properties that ``set_property`` takes, such as ``machinefolder``."""

    def set_property(self, name: str, value: str) -> None:
        """Store a property.

        Args:
            name: One of ``list_names``.
            value: As the command line spells it: ``on`` and ``off`` for switches, ``default`` or
                an empty text for the value of a new installation, ``null`` for none.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``: no such property; ``E_INVALIDARG``: the value is
                not allowed.
        """
