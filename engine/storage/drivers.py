"""The PDM driver ``VD``: a virtual disk, optical disc or floppy image behind a connector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import ConfigurationError
from engine.pdm.driver import driver
from engine.storage.medium import DeviceType, open_medium

if TYPE_CHECKING:
    from engine.cfgm import Node
    from engine.storage.medium import Medium


@driver("VD")
def open_virtual_disk(node: Node) -> Medium:
    """Open the image that ``Config`` names: Path, Type (hdd, dvd, floppy), ReadOnly.

    Raises:
        ConfigurationError: there is no such type.
        MediumError: it is missing, damaged, in use...
    """
    config = node.child("Config")
    kind = config.string("Type", "hdd")
    try:
        device_type = DeviceType(kind)
    except ValueError as error:
        raise ConfigurationError(f"{config.path}/Type: {kind!r} is no kind of drive.") from error
    return open_medium(
        config.string("Path"),
        device_type=device_type,
        read_only=config.boolean("ReadOnly", default=False),
    )
