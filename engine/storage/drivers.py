"""The PDM driver ``VD``: a virtual disk, optical disc or floppy image behind a connector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.pdm.driver import driver
from engine.storage.medium import open_medium

if TYPE_CHECKING:
    from engine.cfgm import Node
    from engine.storage.medium import Medium


@driver("VD")
def open_virtual_disk(node: Node) -> Medium:
    """Open the image that ``Config`` names: Path, Type (hdd, dvd, floppy), ReadOnly.

    Raises:
        MediumError: it is missing, damaged, in use...
    """
    config = node.child("Config")
    return open_medium(
        config.string("Path"),
        device_type=config.string("Type", "hdd"),
        read_only=config.boolean("ReadOnly", default=False),
    )
