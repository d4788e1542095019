"""Virtio devices that VirtualBox does not have, and therefore has no settings for.

Their switches are extra data of the machine, which VirtualBox keeps and does not look at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.settings.installation import ExtraDataSetting

if TYPE_CHECKING:
    from app.settings.model import MachineSettings

ENTROPY_DEVICE: Final = ExtraDataSetting(
    key="Vitrine/VirtioRng", label="Entropy Device",
    help="The guest takes random numbers from the host, through a virtio device.",
)
BALLOON_DEVICE: Final = ExtraDataSetting(
    key="Vitrine/VirtioBalloon", label="Balloon Device",
    help="The guest can give memory back to the host while it runs, through a virtio device; "
    "without this switch the device is there when the size of the memory balloon is above 0.",
)
ON: Final = "true"
_ON_WORDS: Final = frozenset({ON, "yes", "on", "1"})


def largest_balloon(memory_mb: int) -> int:
    """Return the largest balloon of a guest (MB): nine tenths of its memory, as in VirtualBox."""
    return 9 * memory_mb // 10


def has_entropy_device(settings: MachineSettings) -> bool:
    """Tell whether the guest finds a virtio entropy device."""
    return ENTROPY_DEVICE.get(settings.extra_data).lower() in _ON_WORDS


def has_balloon(settings: MachineSettings) -> bool:
    """Tell whether the guest finds a virtio balloon."""
    wanted = BALLOON_DEVICE.get(settings.extra_data).lower() in _ON_WORDS
    return wanted or settings.hardware.memory_balloon_mb > 0
