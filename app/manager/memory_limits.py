"""How much memory a machine may have and should have on this host."""

from app.common.translation import tr
from app.manager import host
from app.manager.service_link import ServiceLink
from app.manager.widgets.memory_editor import MemoryEditor

_MIN_MB = 4


def set_memory_limits(editor: MemoryEditor, link: ServiceLink) -> None:
    """Limit EDITOR to what the service allows and the host has."""
    low, high = _MIN_MB, host.memory_mb()
    if link.properties is not None:
        low = link.properties.min_guest_ram_mb
        high = min(high, link.properties.max_guest_ram_mb)
    editor.set_range(low, high, good_until=high // 2, high_until=high * 3 // 4)


def memory_warning(megabytes: int) -> str:
    """Return a sentence when MEGABYTES leave little to the host, else an empty string."""
    available = host.memory_mb()
    if megabytes <= available * 3 // 4:
        return ""
    return tr(
        "This is more than three quarters of the {available} MB that this computer has; it may "
        "become slow."
    ).format(available=available)
