"""The PDM driver ``VD``: a virtual disk, optical disc or floppy image behind a connector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import ConfigurationError
from engine.pdm.driver import driver
from engine.storage.chain import DiskChain, ImageFile
from engine.storage.medium import DeviceType, open_medium

if TYPE_CHECKING:
    from engine.cfgm import Node
    from engine.storage.medium import Medium


@driver("VD")
def open_virtual_disk(node: Node) -> Medium | DiskChain:
    """Open the image that ``Config`` names: Path, Format, Type (hdd, dvd, floppy), ReadOnly.

    A differencing image has a child node ``Parent`` with Path, Format and, if it is one itself,
    again a ``Parent``. Without Format the contents of the file decide.

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
    read_only = config.boolean("ReadOnly", default=False)
    if device_type is not DeviceType.HARD_DISK:
        return open_medium(
            config.string("Path"),
            device_type=device_type,
            format_name=config.string("Format", "") or None,
            read_only=read_only,
        )
    return DiskChain(images_of(config), read_only=read_only)


def images_of(config: Node) -> list[ImageFile]:
    """Return the images that the configuration of a disk names, the base first."""
    images: list[ImageFile] = []
    node: Node | None = config
    while node is not None:
        images.append(ImageFile(node.string("Path"), node.string("Format", "") or None))
        node = node.find("Parent")
    return images[::-1]
