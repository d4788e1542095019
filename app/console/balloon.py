"""The memory balloon while the machine runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.api.errors import ApiError, ErrorCode
from engine.pdm import MemoryBalloon

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.settings.model import MachineSettings
    from engine.vm import VM


def balloon_change(
    vm: VM, before: MachineSettings, after: MachineSettings
) -> Callable[[], None]:
    """Return what makes the guest follow the size of the memory balloon.

    Raises:
        ApiError: the machine was started without the device.
    """
    size = after.hardware.memory_balloon_mb
    if size == before.hardware.memory_balloon_mb:
        return lambda: None
    balloon = vm.devices.find(MemoryBalloon)
    if balloon is None:
        raise ApiError(
            ErrorCode.VBOX_E_NOT_SUPPORTED,
            f"The machine '{after.name}' was started without a memory balloon. Switch it off, and "
            "on again after 'modifyvm --virtio-balloon=on' or with a balloon size above 0.",
            "console",
        )
    return lambda: vm.inspect(lambda: balloon.set_size(size))
