"""The image files that were used last, by kind of drive, as VirtualBox remembers them."""

from collections.abc import Mapping
from typing import Final

from app.manager.layout_memory import LayoutMemory
from app.settings.enums import DeviceType

_KEYS: Final[Mapping[DeviceType, str]] = {
    DeviceType.HARD_DISK: "GUI/RecentListHD",
    DeviceType.DVD: "GUI/RecentListCD",
    DeviceType.FLOPPY: "GUI/RecentListFD",
}
_SEPARATOR: Final = ";"
_MOST: Final = 10


def fetch(memory: LayoutMemory) -> None:
    """Fetch the lists, so that menus have them when they open."""
    for key in _KEYS.values():
        memory.recall(key, lambda _value: None)


def recent_files(memory: LayoutMemory, kind: DeviceType) -> list[str]:
    """Return paths of images, the newest first."""
    return [path for path in memory.value(_KEYS[kind]).split(_SEPARATOR) if path]


def remember(memory: LayoutMemory, kind: DeviceType, path: str) -> None:
    """Put PATH at the front of its list."""
    if _SEPARATOR in path:
        return
    others = [other for other in recent_files(memory, kind) if other != path]
    memory.store(_KEYS[kind], _SEPARATOR.join([path, *others][:_MOST]))
